#include "runs/options.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/console.h"
#include "common/run_filter.h"

static const struct option_spec table[] = {
    [RUNS_OUTPUT] = {"output", "DIR", "output folder with the run database", "models", 0,
                     0},
    [RUNS_SCENARIO] = {"scenario", "NAME", "only runs of this scenario", NULL, 0, 0},
    [RUNS_STATE] = {"state", "STATE",
                    "only runs in this state: queued, running, paused, stopped, "
                    "completed, failed, interrupted; separate several by commas",
                    NULL, 0, 0},
    [RUNS_SINCE] = {"since", "DATE", "only runs started at or after this date or time",
                    NULL, 0, 0},
    [RUNS_UNTIL] = {"until", "DATE",
                    "only runs started before the end of this date or time", NULL, 0, 0},
    [RUNS_LIMIT] = {"limit", "N", "only the newest N runs", "all", 1, 1000000000},
    [RUNS_POINTS] = {"points", "N", "maximum points of a learning curve", "all", 1,
                     1000000},
    [RUNS_EPISODES] = {"episodes", "N",
                       "compare: episodes that each model plays (4000); queue add: "
                       "episodes to train (the scenario's training.num_episodes)",
                       NULL, 1, 1000000000},
    [RUNS_SEED] = {"seed", "S",
                   "compare: seed of the episodes' noise (20240229); queue add: seed of "
                   "the run (0)",
                   NULL, 0, OPTION_NUMBER_MAX},
    [RUNS_THREADS] = {"threads", "N", "threads to use; the result does not depend on it",
                      "one per processor", 1, 256},
    [RUNS_PRIORITY] =
        {"priority", "P",
         "queue add: runs with the highest priority start first, -1000000 to 1000000",
         "0", 0, 0},
    [RUNS_SAVE_INTERVAL] =
        {"save-interval", "N",
         "queue add: episodes between checkpoints, each with an evaluation", "100", 1,
         1000000000},
    [RUNS_EVAL_EPISODES] = {"eval-episodes", "N", "queue add: episodes per evaluation",
                            "10", 1, 100000},
    [RUNS_KEEP] = {"keep", "K",
                   "queue add: checkpoints to keep besides the best; 0 keeps all", "0", 0,
                   1000000000},
    [RUNS_PATIENCE] = {"patience", "N", "queue add: end early, as in hrl-train", NULL, 1,
                       1000},
    [RUNS_MIN_IMPROVEMENT] = {"min-improvement", "X",
                              "queue add: improvement that --patience requires",
                              "0.1; on a household of the model lifecycle 0.001", 0, 0},
    [RUNS_MIN_EPISODES] = {"min-episodes", "N",
                           "queue add: episodes before the run may end early", "0", 0,
                           1000000000},
    [RUNS_TARGET] =
        {"target", "X",
         "queue add: end early when the strategic return of an evaluation reaches X",
         NULL, 0, 0},
    [RUNS_CONCURRENCY] = {"concurrency", "N", "queue work: runs at the same time", "1", 1,
                          64},
    [RUNS_WATCH] = {"watch", NULL,
                    "queue work: when the queue is empty, wait for more runs", NULL, 0,
                    0},
    [RUNS_JSON] = {"json", NULL, "print JSON; export: one object per line", NULL, 0, 0},
    OPTION_HELP_AND_VERSION,
};

const struct command runs_command = {
    "hrl-runs",
    "Shows recorded training runs and works on the queue of runs. COMMAND is list; show "
    "ID; compare ID ID...; delete ID...; export (runs as CSV) or export ID... (their "
    "learning curves); queue add SCENARIO..., queue list, queue work, queue pause ID..., "
    "queue resume ID..., queue stop ID... or queue cancel ID...",
    "COMMAND [ARGUMENT]...",
    ARGUMENTS_MAX,
    table,
    sizeof table / sizeof table[0],
    "Examples:\n"
    "  hrl-runs list --scenario bologna_coppia --state completed\n"
    "  hrl-runs show 3\n"
    "  hrl-runs compare 3 4\n"
    "  hrl-runs export 3 4 > curves.csv\n"
    "  hrl-runs queue add bologna_coppia --episodes 5000 --priority 2\n"
    "  hrl-runs queue work --concurrency 2\n"
    "\n"
    "Exit code: 0 success, 1 failure, 2 wrong usage.\n"
    "More: man hrl-runs\n",
};

bool runs_filter(const struct command_line *line, hrl_runs_filter *filter) {
  const struct option_value *values = line->values;
  *filter = (hrl_runs_filter)HRL_RUNS_FILTER_INIT;
  filter->scenario = values[RUNS_SCENARIO].text;
  filter->since = values[RUNS_SINCE].text;
  filter->until = values[RUNS_UNTIL].text;
  filter->limit = values[RUNS_LIMIT].number;
  const char *bad_time =
      filter->since != NULL && !run_time_is_valid(filter->since)   ? "since"
      : filter->until != NULL && !run_time_is_valid(filter->until) ? "until"
                                                                   : NULL;
  if (bad_time != NULL) {
    console_error(
        "--%s: expected a date or time such as 2026-01-31 or "
        "2026-01-31T18:30",
        bad_time);
    return false;
  }
  if (values[RUNS_STATE].text == NULL) return true;
  filter->states = run_states_parse(values[RUNS_STATE].text);
  if (filter->states == 0)
    console_error(
        "--state: '%s' is not one of queued, running, paused, stopped, "
        "completed, failed, interrupted",
        values[RUNS_STATE].text);
  return filter->states != 0;
}

bool runs_number(const struct command_line *line, enum runs_option option,
                 double *number) {
  const char *text = line->values[option].text;
  char *end = NULL;
  *number = strtod(text, &end);
  bool is_number = end != text && *end == '\0' && isfinite(*number) &&
                   text[strspn(text, "0123456789.eE+-")] == '\0';
  if (!is_number) console_error("--%s: '%s' is not a number", table[option].name, text);
  return is_number;
}

size_t runs_ids_from(const struct command_line *line, size_t skipped,
                     uint64_t ids[ARGUMENTS_MAX]) {
  size_t count = 0;
  for (size_t i = skipped; i < ARGUMENTS_MAX && line->arguments[i] != NULL; i++) {
    if (!options_parse_number(line->arguments[i], 1, OPTION_NUMBER_MAX, &ids[count])) {
      console_error("'%s' is not the number of a run; 'hrl-runs list' shows them",
                    line->arguments[i]);
      return SIZE_MAX;
    }
    count++;
  }
  return count;
}

size_t runs_ids(const struct command_line *line, uint64_t ids[ARGUMENTS_MAX]) {
  return runs_ids_from(line, 1, ids);
}
