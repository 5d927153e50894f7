#include "serve/api/runs.h"

#include <string.h>

#include <hrl/memory.h>

#include "common/json_text.h"
#include "common/run_filter.h"
#include "common/run_json.h"

/* ---- the list ---- */

static const char *text_of(const struct task *task, const char *key) {
  return json_string_value(json_object_get(task->values, key));
}

/* A value of the query that its table cannot judge. */
static bool refuse(struct request *request, const json_t *values, const char *key,
                   const char *message) {
  request_reply_json(
      request, 422,
      json_pack("{s:[{s:s, s:[s, s], s:s, s:O}]}", "detail", "type", "value_error", "loc",
                "query", key, "msg", message, "input", json_object_get(values, key)));
  return false;
}

static bool check_time(struct request *request, const json_t *values, const char *key) {
  const char *text = json_string_value(json_object_get(values, key));
  if (text == NULL || run_time_is_valid(text)) return true;
  return refuse(request, values, key,
                "Input should be a date or time such as 2026-01-31 or 2026-01-31T18:30");
}

static bool check_states(struct request *request, const json_t *values) {
  const char *text = json_string_value(json_object_get(values, "state"));
  if (text == NULL || run_states_parse(text) != 0) return true;
  return refuse(request, values, "state",
                "Input should be one or several, separated by commas, of queued, "
                "running, paused, stopped, completed, failed, interrupted");
}

static int add_run(const hrl_run *run, void *list) {
  return json_array_append_new(list, run_json(run));
}

static void list_runs(struct task *task) {
  bool answered;
  hrl_error error = HRL_ERROR_INIT;
  uint64_t total = 0;
  hrl_runs_filter filter = HRL_RUNS_FILTER_INIT;
  filter.scenario = text_of(task, "scenario");
  filter.since = text_of(task, "since");
  filter.until = text_of(task, "until");
  const char *states = text_of(task, "state");
  if (states != NULL) filter.states = run_states_parse(states);
  filter.limit = task_number(task, "limit");
  filter.offset = task_number(task, "offset");
  hrl_runs *runs = record_open(task, &answered);
  if (answered) return;
  json_t *list = json_array();
  hrl_status status = HRL_OK;
  if (runs != NULL) status = hrl_runs_list(runs, &filter, add_run, list, &error);
  if (runs != NULL && status == HRL_OK)
    status = hrl_runs_count(runs, &filter, &total, &error);
  hrl_runs_close(runs);
  if (status == HRL_OK) {
    task->counted = true;
    task->total = (size_t)total;
    task_reply_json(task, 200,
                    json_pack("{s:O, s:I, s:I, s:I}", "runs", list, "total",
                              (json_int_t)total, "limit", (json_int_t)filter.limit,
                              "offset", (json_int_t)filter.offset));
  } else {
    record_reply_error(task, &error);
  }
  json_decref(list);
}

void runs_handle_list(struct record *record, struct request *request, json_t *values) {
  if (!check_states(request, values) || !check_time(request, values, "since") ||
      !check_time(request, values, "until"))
    return;
  record_begin(record, request, values, list_runs);
}

/* ---- one run ---- */

/* The record and the run that the path names; NULL: the task is answered. */
static hrl_runs *open_run(struct task *task, hrl_run *run) {
  bool answered;
  hrl_error error = HRL_ERROR_INIT;
  uint64_t id = record_run(task);
  if (id == 0) return NULL;
  hrl_runs *runs = record_open(task, &answered);
  if (answered) return NULL;
  *run = (hrl_run){.size = sizeof *run};
  if (runs == NULL)
    error.status = HRL_ERROR_NOT_FOUND;
  else
    hrl_runs_get(runs, id, run, &error);
  if (error.status == HRL_OK) return runs;
  hrl_runs_close(runs);
  record_reply_error(task, &error);
  return NULL;
}

/* The scenario's full text; null where it cannot be read any more. */
static json_t *scenario_text(hrl_runs *runs, uint64_t id) {
  hrl_scenario *scenario = NULL;
  char *text = NULL;
  if (hrl_runs_scenario(runs, id, &scenario, NULL) == HRL_OK)
    hrl_scenario_format(scenario, &text, NULL);
  json_t *value = json_text(text);
  hrl_free(text);
  hrl_scenario_destroy(scenario);
  return value;
}

static void show_run(struct task *task) {
  hrl_run run;
  hrl_runs *runs = open_run(task, &run);
  if (runs == NULL) return;
  json_t *object = run_json(&run);
  json_object_set_new(object, "scenario_text", scenario_text(runs, run.id));
  hrl_runs_close(runs);
  task_reply_json(task, 200, object);
}

void runs_handle_one(struct record *record, struct request *request) {
  record_begin(record, request, NULL, show_run);
}

static void show_progress(struct task *task) {
  hrl_run run;
  hrl_runs *runs = open_run(task, &run);
  if (runs == NULL) return;
  hrl_error error = HRL_ERROR_INIT;
  struct curve curve;
  hrl_status status =
      curve_read(runs, run.id, task_number(task, "points"), &curve, &error);
  if (status == HRL_OK)
    task_reply_json(
        task, 200,
        json_pack("{s:I, s:s, s:I, s:I, s:o, s:o}", "run_id", (json_int_t)run.id, "state",
                  hrl_run_state_name(run.state), "episode", (json_int_t)run.episode,
                  "total_episodes", (json_int_t)run.total_episodes, "progress",
                  progress_json(&curve), "evaluations", evaluations_json(&curve)));
  else
    record_reply_error(task, &error);
  curve_free(&curve);
  hrl_runs_close(runs);
}

void runs_handle_progress(struct record *record, struct request *request,
                          json_t *values) {
  record_begin(record, request, values, show_progress);
}

static void delete_run(struct task *task) {
  hrl_run run;
  hrl_runs *runs = open_run(task, &run);
  if (runs == NULL) return;
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrl_runs_delete(runs, run.id, &error);
  hrl_runs_close(runs);
  if (status == HRL_ERROR_STATE)
    task_reply_detail(task, 409, "%s", error.message);
  else if (status != HRL_OK)
    record_reply_error(task, &error);
  else
    task_reply_json(task, 200,
                    json_pack("{s:s, s:I}", "message",
                              "Run deleted from the database; its files remain", "run_id",
                              (json_int_t)run.id));
}

void runs_handle_delete(struct record *record, struct request *request) {
  record_begin(record, request, NULL, delete_run);
}
