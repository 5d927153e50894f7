#include "sweep/options.h"

static const struct option_spec table[] = {
    [SWEEP_OUTPUT] = {"output", "DIR", "folder for the files", "sweep", 0, 0},
    [SWEEP_THREADS] = {"threads", "N",
                       "runs at a time; the result is the same for any number",
                       "one for each processor; one where a launcher started several "
                       "processes",
                       1, 256},
    [SWEEP_FORMAT] = {"format", "FORMAT",
                      "of the result: table, csv or json (an object a "
                      "line)",
                      "table", 0, 0},
    [SWEEP_NO_RECORD] = {"no-record", NULL,
                         "leave the runs out of the record of runs, which many machines "
                         "at once would wait for",
                         NULL, 0, 0},
    [SWEEP_QUIET] = {"quiet", NULL, "print nothing but the result and errors", NULL, 0,
                     0},
    OPTION_HELP_AND_VERSION,
};

const struct command sweep_command = {
    "hrl-sweep",
    "Trains what a plan asks for, scenarios x settings x seeds, each a run of its own, "
    "and "
    "tells median, quartiles and worst. PLAN is a YAML file.",
    "PLAN",
    1,
    table,
    sizeof table / sizeof table[0],
    "Examples:\n"
    "  hrl-sweep plan.yaml --output rates\n"
    "  mpirun -n 64 hrl-sweep plan.yaml --output rates --format csv\n"
    "\n"
    "What is done is not done again: the same command goes on after Ctrl-C or a crash.\n"
    "Exit code: 0 done, 1 failed, or some runs did, 2 wrong usage or a bad plan,\n"
    "130 stopped by Ctrl-C.\n"
    "More: man hrl-sweep\n",
};
