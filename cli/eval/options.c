#include "eval/options.h"

static const struct option_spec table[] = {
    [EVAL_EPISODES] = {"episodes", "N", "episodes that each policy plays", "4000", 1,
                       1000000},
    [EVAL_SEED] = {"seed", "S", "chooses the noise of the episodes", "20240229", 0,
                   OPTION_NUMBER_MAX},
    [EVAL_THREADS] = {"threads", "N",
                      "threads to work with; the result is the same for any number",
                      "one for each processor", 1, 256},
    [EVAL_HOUSEHOLDS] = {"households", "N",
                         "households to draw where SCENARIO is a family", "100", 1,
                         100000},
    [EVAL_JSON] = {"json", NULL, "print one JSON object instead of the table", NULL, 0,
                   0},
    [EVAL_CSV] = {"csv", NULL, "print comma-separated values instead of the table", NULL,
                  0, 0},
    [EVAL_TRAJECTORY] = {"trajectory", "FILE",
                         "write every month of every episode of the policy as "
                         "comma-separated values; '-' prints them instead of the table",
                         NULL, 0, 0},
    [EVAL_PERCENTILES] = {"percentiles", "FILE",
                          "write 5, 25, 50, 75 and 95 per cent of every month's cash, "
                          "portfolio, wealth, consumption and share invested as "
                          "comma-separated values, for the policy, the best rule and the "
                          "optimum; '-' prints them instead of the table",
                          NULL, 0, 0},
    [EVAL_REPORT] =
        {"report", "FILE",
         "write a report with charts to read or print, as FILE ends in: .html, "
         ".pdf, or .svg for the charts alone",
         NULL, 0, 0},
    [EVAL_INSPECT] = {"inspect", NULL,
                      "play nothing; print what the model's files hold, as JSON", NULL, 0,
                      0},
    OPTION_HELP_AND_VERSION,
};

const struct command eval_command = {
    "hrl-eval",
    "Tells how good a trained pair of agents is, beside simple rules and the optimum. "
    "MODEL is 'generalist', which ships and knows many households, a name in ./models, a "
    "prefix DIR/NAME of NAME_high_agent.pt and "
    "NAME_low_agent.pt, or a checkpoint folder. SCENARIO is the household to play; "
    "without it, the one that the model was trained on.",
    "MODEL [SCENARIO]",
    2,
    table,
    sizeof table / sizeof table[0],
    "Examples:\n"
    "  hrl-eval bologna_coppia\n"
    "  hrl-eval generalist ./mine.yaml\n"
    "  hrl-eval models/bologna_coppia torino_single --episodes 10000 --json\n"
    "  hrl-eval bologna_coppia --episodes 1 --trajectory -\n"
    "  hrl-eval bologna_coppia --report bologna.html\n"
    "\n"
    "Exit code: 0 done, 1 failed, 2 wrong usage or a bad scenario.\n"
    "More: man hrl-eval\n",
};
