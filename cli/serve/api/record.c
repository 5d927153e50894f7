#include "serve/api/record.h"

#include <stdlib.h>

#include "common/options.h"
#include "serve/http/log.h"

/* A reader is done within milliseconds. */
#define WAITING_MAX 256
/* SQLite's numbers end here. */
#define RUN_MAX INT64_MAX

struct record {
  struct workers *workers;
  const char *folder;
  bool log_json;
};

struct record *record_create(struct loop *loop, const char *folder, bool log_json) {
  struct record *record = calloc(1, sizeof *record);
  if (record == NULL) return NULL;
  record->folder = folder;
  record->log_json = log_json;
  record->workers = workers_create(loop, 1, WAITING_MAX);
  if (record->workers != NULL) return record;
  free(record);
  return NULL;
}

void record_destroy(struct record *record) {
  if (record == NULL) return;
  workers_destroy(record->workers);
  free(record);
}

void record_begin(struct record *record, struct request *request, json_t *values,
                  void (*run)(struct task *task)) {
  task_begin(record->workers, request, values, run, record);
}

void record_reply_error(struct task *task, const hrl_error *error) {
  const struct record *record = task->owner;
  switch (error->status) {
    case HRL_ERROR_NOT_FOUND:
      task_reply_detail(task, 404, "Run '%s' not found", task->parameter);
      return;
    case HRL_ERROR_STATE:
      task_reply_detail(task, 501, "%s", error->message);
      return;
    case HRL_ERROR_LOCKED:
      task->retry_after = TASK_RETRY_SECONDS;
      task_reply_detail(task, 503,
                        "The run database is locked by another program: try again later");
      return;
    default:
      log_note(record->log_json, "the run database: %s", error->message);
      task_reply_detail(task, 500, "The run database cannot be used: %s",
                        hrl_status_text(error->status));
  }
}

hrl_runs *record_open(struct task *task, bool *answered) {
  const struct record *record = task->owner;
  hrl_error error = HRL_ERROR_INIT;
  hrl_runs *runs = NULL;
  hrl_status status = hrl_runs_open(record->folder, &runs, &error);
  *answered = status != HRL_OK && status != HRL_ERROR_NOT_FOUND;
  if (*answered) record_reply_error(task, &error);
  return runs;
}

uint64_t record_run(struct task *task) {
  uint64_t run = 0;
  if (!options_parse_number(task->parameter, 1, RUN_MAX, &run))
    task_reply_detail(task, 404, "Run '%s' not found", task->parameter);
  return run;
}
