#include "sweep/options.h"

static const struct option_spec table[] = {
    [SWEEP_OUTPUT] = {"output", "DIR", "output folder", "sweep", 0, 0},
    [SWEEP_THREADS] = {"threads", "N",
                       "runs at the same time; the result does not depend on it",
                       "one per processor; 1 if a launcher started several processes", 1,
                       256},
    [SWEEP_FORMAT] = {"format", "FORMAT",
                      "format of the result: table, csv or json (one object per line)",
                      "table", 0, 0},
    [SWEEP_NO_RECORD] =
        {"no-record", NULL,
         "do not record the runs in runs.db, which many machines would have to wait for",
         NULL, 0, 0},
    [SWEEP_QUIET] = {"quiet", NULL, "print only the result and errors", NULL, 0, 0},
    OPTION_HELP_AND_VERSION,
};

const struct command sweep_command = {
    "hrl-sweep",
    "Trains every combination of scenario, setting and seed in a plan, and prints "
    "median, quartiles and worst result. PLAN is a YAML file.",
    "PLAN",
    1,
    table,
    sizeof table / sizeof table[0],
    "Examples:\n"
    "  hrl-sweep plan.yaml --output rates\n"
    "  mpirun -n 64 hrl-sweep plan.yaml --output rates --format csv\n"
    "\n"
    "Completed runs are not repeated: after Ctrl-C or a crash, repeat the command.\n"
    "Exit code: 0 success, 1 failure, also of a run, 2 wrong usage or invalid plan,\n"
    "130 stopped by Ctrl-C.\n"
    "More: man hrl-sweep\n",
};
