#include "advise/options.h"

static const struct option_spec table[] = {
    [ADVISE_CASH] = {"cash", "EURO",
                     "what there is in cash now; in month 1 it need not be given, the "
                     "scenario's initial_cash is taken",
                     NULL, 0, 0},
    [ADVISE_PORTFOLIO] = {"portfolio", "EURO", "what is invested now", "0", 0, 0},
    [ADVISE_MONTH] =
        {"month", "M",
         "the month to decide, counted from the start of the scenario, whose "
         "prices have risen since",
         "1", 1, OPTION_NUMBER_MAX},
    [ADVISE_UNEMPLOYED] = {"unemployed", NULL,
                           "there is no job at the moment (model lifecycle)", NULL, 0, 0},
    [ADVISE_WHAT_IF] =
        {"what-if", "CHANGE",
         "compare with a household that differs in this, KEY=VALUE: a key of the "
         "scenario, or cash, portfolio, month; several at once are "
         "separated by commas. May be given up to 6 times",
         NULL, 0, 0},
    [ADVISE_FUTURES] = {"futures", "N", "futures to simulate", "1000", 100, 1000000},
    [ADVISE_SEED] = {"seed", "S", "chooses the noise of the futures", "20240229", 0,
                     OPTION_NUMBER_MAX},
    [ADVISE_THREADS] = {"threads", "N",
                        "threads to work with; the result is the same for any number",
                        "one for each processor", 1, 256},
    [ADVISE_JSON] = {"json", NULL, "print one JSON object instead of the text", NULL, 0,
                     0},
    OPTION_HELP_AND_VERSION,
};

const struct command advise_command = {
    "hrl-advise",
    "Tells what to spend, keep and invest this month, what may follow, and how much "
    "better that is than a simple rule. SCENARIO is the household, a name or a file. "
    "MODEL is who answers, as for hrl-eval; without it the generalist, which needs no "
    "training.",
    "[MODEL] SCENARIO",
    2,
    table,
    sizeof table / sizeof table[0],
    "Examples:\n"
    "  hrl-advise bologna_coppia\n"
    "  hrl-advise ./mine.yaml --month 13 --cash 4000 --portfolio 2500\n"
    "  hrl-advise emergency_fund --what-if income=1500 \\\n"
    "    --what-if job_loss_probability=0.02\n"
    "  hrl-advise models/bologna_coppia bologna_coppia --json\n"
    "\n"
    "The futures are simulated from the scenario's numbers; they are no promise.\n"
    "Exit code: 0 done, 1 failed, 2 wrong usage or a bad scenario.\n"
    "More: man hrl-advise\n",
};
