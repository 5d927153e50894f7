#include "serve/api/compare.h"

#include <stdio.h>

#include "common/run_compare.h"
#include "common/run_filter.h"

static const char *runs_of(const json_t *values) {
  return json_string_value(json_object_get(values, "runs"));
}

static void compare(struct task *task) {
  bool answered;
  hrl_error error = HRL_ERROR_INIT;
  uint64_t ids[COMPARE_RUNS_MAX];
  struct comparison comparison;
  size_t count = run_ids_parse(runs_of(task->values), ids, COMPARE_RUNS_MAX);
  hrl_runs *runs = record_open(task, &answered);
  if (answered) return;
  if (runs == NULL) {
    task_reply_detail(task, 404, "No runs are recorded yet");
    return;
  }
  /* training has the other processors */
  const struct compare_options options = {.points = task_number(task, "points"),
                                          .episodes = task_number(task, "episodes"),
                                          .seed = task_number(task, "seed"),
                                          .threads = 1};
  hrl_status status = comparison_make(runs, ids, count, &options, &comparison, &error);
  if (status == HRL_OK) {
    task_reply_json(task, 200, comparison_json(&comparison));
  } else {
    /* whichever it was that could not be read */
    snprintf(task->parameter, sizeof task->parameter, "%llu",
             (unsigned long long)ids[comparison.count - 1]);
    record_reply_error(task, &error);
  }
  comparison_free(&comparison);
  hrl_runs_close(runs);
}

void compare_handle(struct record *record, struct workers *players,
                    struct request *request, json_t *values) {
  uint64_t ids[COMPARE_RUNS_MAX];
  if (run_ids_parse(runs_of(values), ids, COMPARE_RUNS_MAX) < 2)
    request_reply_json(
        request, 422,
        json_pack("{s:[{s:s, s:[s, s], s:s, s:O}]}", "detail", "type", "value_error",
                  "loc", "query", "runs", "msg",
                  "Input should be the numbers of 2 to 8 runs, separated by commas",
                  "input", json_object_get(values, "runs")));
  else
    task_begin(players, request, values, compare, record);
}
