#include "eval/options.h"

static const struct option_spec table[] = {
    [EVAL_EPISODES] = {"episodes", "N", "episodes that each policy plays", "4000", 1,
                       1000000},
    [EVAL_SEED] = {"seed", "S", "seed of the episodes' noise", "20240229", 0,
                   OPTION_NUMBER_MAX},
    [EVAL_THREADS] = {"threads", "N", "threads to use; the result does not depend on it",
                      "one per processor", 1, 256},
    [EVAL_HOUSEHOLDS] = {"households", "N", "households to draw if SCENARIO is a family",
                         "100", 1, 100000},
    [EVAL_JSON] = {"json", NULL, "print one JSON object instead of the table", NULL, 0,
                   0},
    [EVAL_CSV] = {"csv", NULL, "print comma-separated values instead of the table", NULL,
                  0, 0},
    [EVAL_TRAJECTORY] =
        {"trajectory", "FILE",
         "write every month of every episode as CSV; '-' prints it instead of the table",
         NULL, 0, 0},
    [EVAL_PERCENTILES] =
        {"percentiles", "FILE",
         "write the 5th, 25th, 50th, 75th and 95th percentile of each month's cash, "
         "portfolio, wealth, consumption and share invested as CSV, for the agents, the "
         "best rule and the optimum; '-' prints it instead of the table",
         NULL, 0, 0},
    [EVAL_REPORT] = {"report", "FILE",
                     "write a report with charts; the ending chooses the format: .html, "
                     ".pdf, or .svg for the charts alone",
                     NULL, 0, 0},
    [EVAL_INSPECT] = {"inspect", NULL,
                      "do not play; print the contents of the model's files as JSON",
                      NULL, 0, 0},
    OPTION_HELP_AND_VERSION,
};

const struct command eval_command = {
    "hrl-eval",
    "Evaluates a trained pair of agents and compares it with simple rules and the "
    "optimum. MODEL is a name in ./models, a prefix DIR/NAME of NAME_high_agent.pt and "
    "NAME_low_agent.pt, a checkpoint folder, or 'generalist', the pretrained pair for "
    "many households. SCENARIO is the household to play (default: the one that the model "
    "was trained on).",
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
    "Exit code: 0 success, 1 failure, 2 wrong usage or invalid scenario.\n"
    "More: man hrl-eval\n",
};
