#include "advise/options.h"

static const struct option_spec table[] = {
    [ADVISE_CASH] = {"cash", "EURO",
                     "present cash; optional in month 1, where it defaults to the "
                     "scenario's initial_cash",
                     NULL, 0, 0},
    [ADVISE_PORTFOLIO] = {"portfolio", "EURO", "present value of the portfolio", "0", 0,
                          0},
    [ADVISE_MONTH] = {"month", "M",
                      "month to decide, counted from the start of the scenario; prices "
                      "have risen since then",
                      "1", 1, OPTION_NUMBER_MAX},
    [ADVISE_UNEMPLOYED] = {"unemployed", NULL,
                           "the household is unemployed (model lifecycle)", NULL, 0, 0},
    [ADVISE_WHAT_IF] = {"what-if", "CHANGE",
                        "compare with a household that differs in KEY=VALUE; KEY is a "
                        "key of the scenario, or cash, portfolio or month. Separate "
                        "several changes by commas. May be given up to 6 times",
                        NULL, 0, 0},
    [ADVISE_FUTURES] = {"futures", "N", "futures to simulate", "1000", 100, 1000000},
    [ADVISE_SEED] = {"seed", "S", "seed of the futures' noise", "20240229", 0,
                     OPTION_NUMBER_MAX},
    [ADVISE_THREADS] = {"threads", "N",
                        "threads to use; the result does not depend on it",
                        "one per processor", 1, 256},
    [ADVISE_JSON] = {"json", NULL, "print one JSON object instead of the text", NULL, 0,
                     0},
    OPTION_HELP_AND_VERSION,
};

const struct command advise_command = {
    "hrl-advise",
    "Advises what to spend, keep and invest this month, simulates what may follow, and "
    "compares with the best simple rule. SCENARIO is the household, a name or a file. "
    "MODEL is the trained pair that answers, as for hrl-eval (default: the generalist, "
    "which needs no training).",
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
    "The futures are simulated from the scenario's numbers; nothing is guaranteed.\n"
    "Exit code: 0 success, 1 failure, 2 wrong usage or invalid scenario.\n"
    "More: man hrl-advise\n",
};
