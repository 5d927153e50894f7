#include "serve/simulation/simulation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/api/page.h"

/* Files that a history looks into: the newest ones. */
#define HISTORY_MAX 10000

bool simulations_begin(struct simulations *simulations, const char *results) {
  pending_begin(&simulations->background.pending);
  if (asprintf(&simulations->folder, "%s/simulations", results) < 0)
    simulations->folder = NULL;
  simulations->places.results = simulations->folder;
  return simulations->folder != NULL;
}

void simulations_end(struct simulations *simulations) {
  pending_end(&simulations->background.pending);
  free(simulations->folder);
}

/* ---- running ---- */

static void reply_failed(struct task *task, const struct failure *failure) {
  task_reply_error(task, failure->status, failure->code, "%s", failure->message);
}

/* The answer to whoever waited; `text` is the result. */
static void reply_results(struct task *task, const struct order *order,
                          const char *text) {
  char *answer = NULL;
  int length = asprintf(&answer,
                        "{\"status\":\"completed\",\"simulation_id\":\"%s\",\"message\":"
                        "\"Simulation completed\",\"results\":%s}",
                        order->id, text);
  if (length < 0)
    task_reply_json(task, 500, NULL);
  else
    task_reply_text(task, 202, TYPE_JSON, answer, (size_t)length);
}

static void reply_too_many(struct task *task) {
  task->retry_after = TASK_RETRY_SECONDS;
  task_reply_error(task, 503, "SimulationError",
                   "Too many simulations are on: try again "
                   "later");
}

static void run_waiting(struct task *task) {
  struct simulations *simulations = task->owner;
  struct order order;
  char *text = NULL;
  if (!order_read(&order, task->values)) {
    reply_failed(task, &order.failure);
    return;
  }
  if (!order_reserve(&order, &simulations->background.pending, simulations->folder)) {
    reply_too_many(task);
    return;
  }
  bool ok = order_carry_out(&order, &simulations->places,
                            workers_ending(simulations->players), &text);
  pending_release(&simulations->background.pending, order.id, &order.failure);
  if (ok)
    reply_results(task, &order, text);
  else
    reply_failed(task, &order.failure);
  free(text);
}

/* On the loop, once run_checked has found that it can be played. */
static void submit(struct task *task) {
  struct simulations *simulations = task->owner;
  struct order *order = task->kept;
  if (order != NULL && !background_submit(&simulations->background, simulations->players,
                                          order, &simulations->places))
    reply_too_many(task);
}

static void run_checked(struct task *task) {
  struct simulations *simulations = task->owner;
  struct order *order = calloc(1, sizeof *order);
  struct order_parts parts = {.household = NULL};
  if (order == NULL) {
    task_reply_json(task, 500, NULL);
    return;
  }
  bool ok =
      order_read(order, task->values) && order_find(order, &simulations->places, &parts);
  order_parts_free(&parts);
  if (!ok) {
    reply_failed(task, &order->failure);
  } else if (!order_reserve(order, &simulations->background.pending,
                            simulations->folder)) {
    reply_too_many(task);
    ok = false;
  } else {
    task_reply_json(task, 202,
                    json_pack("{s:s, s:s, s:s}", "status", "running", "simulation_id",
                              order->id, "message", "Simulation started"));
  }
  if (ok)
    task->kept = order;
  else
    free(order);
}

void simulations_handle_run(struct simulations *simulations, struct request *request,
                            json_t *values) {
  if (json_is_false(json_object_get(values, "wait")))
    task_begin_then(simulations->files, request, values, run_checked, submit,
                    simulations);
  else
    task_begin(simulations->players, request, values, run_waiting, simulations);
}

/* ---- results ---- */

/* The id in the path and its file's name. False: it is none, and the task was answered.
 */
static bool read_parameter(struct task *task, char id[RESULT_ID_SIZE],
                           char name[RESULT_ID_SIZE + 8]) {
  hrl_error error = HRL_ERROR_INIT;
  if (!result_id_read(task->parameter, strlen(task->parameter), id, &error)) {
    task_reply_error(task, 400, "ValidationError", "Invalid simulation_id: %s",
                     error.message);
    return false;
  }
  snprintf(name, RESULT_ID_SIZE + 8, "%s.json", id);
  return true;
}

/* Answers for a simulation that has no file. */
static void reply_absent(struct task *task, const char *id,
                         const struct pending_entry *known) {
  if (known->id[0] == '\0')
    task_reply_error(task, 404, "NotFound", "Simulation '%s' not found", id);
  else if (known->is_on)
    task_reply_json(task, 202,
                    json_pack("{s:s, s:s, s:s}", "status", "running", "simulation_id", id,
                              "message", "The simulation is still on"));
  else
    reply_failed(task, &known->failure);
}

/* Answers with a file, as it is if it is JSON; older ones may have NaN. */
static void reply_file(struct task *task, struct file *file) {
  bool strict =
      strstr(file->text, "NaN") == NULL && strstr(file->text, "Infinity") == NULL;
  json_t *json = json_read(file->text, file->length);
  if (json == NULL) {
    task_reply_error(task, 500, "RetrievalError", "The file is damaged: it is no JSON");
    free(file->text);
  } else if (strict) {
    task_reply_text(task, 200, TYPE_JSON, file->text, file->length);
  } else {
    task_reply_json(task, 200, json_incref(json));
    free(file->text);
  }
  json_decref(json);
}

static void run_results(struct task *task) {
  struct simulations *simulations = task->owner;
  char id[RESULT_ID_SIZE], name[RESULT_ID_SIZE + 8];
  struct file file;
  if (!read_parameter(task, id, name)) return;
  struct pending_entry known = pending_find(&simulations->background.pending, id);
  int reason = folder_read(simulations->folder, name, RESULT_FILE_MAX, &file);
  if (reason == ENOENT) {
    reply_absent(task, id, &known);
  } else if (reason != 0) {
    task_reply_error(task, 500, "RetrievalError", "The results cannot be read: %s",
                     file_reason(reason));
  } else if (task_is_known(task, file.etag)) {
    free(file.text);
  } else {
    reply_file(task, &file);
  }
}

static void run_delete(struct task *task) {
  struct simulations *simulations = task->owner;
  char id[RESULT_ID_SIZE], name[RESULT_ID_SIZE + 8];
  if (!read_parameter(task, id, name)) return;
  struct pending_entry known = pending_find(&simulations->background.pending, id);
  int reason = folder_remove(simulations->folder, name);
  if (reason == ENOENT && known.is_on)
    task_reply_error(task, 409, "Conflict",
                     "Simulation '%s' is still on: delete it once it has ended", id);
  else if (reason == ENOENT)
    task_reply_error(task, 404, "NotFound", "Simulation '%s' not found", id);
  else if (reason != 0)
    task_reply_error(task, 500, "RetrievalError", "The results cannot be deleted: %s",
                     file_reason(reason));
  else
    task_reply_json(
        task, 200,
        json_pack("{s:s, s:s}", "simulation_id", id, "message", "Simulation deleted"));
}

/* ---- history ---- */

static int compare(const void *a, const void *b) {
  const char *one = json_string_value(json_object_get(*(json_t *const *)a, "timestamp"));
  const char *other =
      json_string_value(json_object_get(*(json_t *const *)b, "timestamp"));
  return strcmp(other, one);
}

/* The rows of all files that are simulations; NULL: memory is short. */
static json_t **read_rows(const char *folder, struct entries *entries, size_t *count) {
  size_t most = entries->count < HISTORY_MAX ? entries->count : HISTORY_MAX;
  json_t **rows = calloc(most + 1, sizeof(json_t *));
  *count = 0;
  for (size_t i = 0; rows != NULL && i < most; i++) {
    char *name = entries->items[i].name;
    json_t *head = result_head(folder, name);
    name[strlen(name) - strlen(".json")] = '\0';
    json_t *row = head == NULL ? NULL : result_row(head, name);
    json_decref(head);
    if (row != NULL) rows[(*count)++] = row;
  }
  /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are sorted */
  if (rows != NULL) qsort(rows, *count, sizeof *rows, compare);
  return rows;
}

static void run_history(struct task *task) {
  struct simulations *simulations = task->owner;
  struct entries entries;
  size_t count = 0;
  int reason = folder_list(simulations->folder, ".json", &entries);
  json_t **rows = reason == 0 ? read_rows(simulations->folder, &entries, &count) : NULL;
  free(entries.items);
  if (rows == NULL) {
    task_reply_error(task, 500, "ListError", "The simulations cannot be listed: %s",
                     file_reason(reason == 0 ? ENOMEM : reason));
    return;
  }
  json_t *shown = json_array();
  struct page page = page_of(task, count);
  for (size_t i = 0; i < count; i++) {
    if (i >= page.begin && i < page.end) json_array_append(shown, rows[i]);
    json_decref(rows[i]);
  }
  free(rows);
  page_reply(task,
             json_pack("{s:o, s:I}", "simulations", shown, "total", (json_int_t)count));
}

void simulations_handle_results(struct simulations *simulations,
                                struct request *request) {
  task_begin(simulations->files, request, NULL, run_results, simulations);
}

void simulations_handle_delete(struct simulations *simulations, struct request *request) {
  task_begin(simulations->files, request, NULL, run_delete, simulations);
}

void simulations_handle_history(struct simulations *simulations, struct request *request,
                                json_t *values) {
  task_begin(simulations->files, request, values, run_history, simulations);
}
