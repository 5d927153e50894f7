#include "serve/scenarios/scenarios.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/api/page.h"
#include "serve/scenarios/json.h"
#include "serve/scenarios/templates.h"
#include "serve/scenarios/update.h"

static json_t *time_json(int64_t time) {
  char text[FILE_TIME_SIZE];
  file_time_text(text, time);
  return json_string(text);
}

/* The name in the path. False: it is none, and the task was answered. */
static bool read_parameter(struct task *task, char name[HRL_NAME_SIZE]) {
  hrl_error error = HRL_ERROR_INIT;
  if (scenario_name_read(task->parameter, strlen(task->parameter), name, &error))
    return true;
  task_reply_detail(task, 400, "Invalid scenario name: %s", error.message);
  return false;
}

/* The name in a body. False: the same. */
static bool read_body_name(struct task *task, char name[HRL_NAME_SIZE]) {
  const json_t *given = json_object_get(task->values, "name");
  hrl_error error = HRL_ERROR_INIT;
  bool ok = scenario_name_read(json_string_value(given), json_string_length(given), name,
                               &error);
  if (!ok)
    task_reply_detail(task, 400, "Invalid scenario name: %s", error.message);
  else if (strcmp(name, SCENARIO_RESERVED) == 0)
    task_reply_detail(task, 400,
                      "Invalid scenario name: '%s' stands for the templates; choose "
                      "another one",
                      name);
  return ok && strcmp(name, SCENARIO_RESERVED) != 0;
}

/* Reads the scenario of a request. False: the task was answered. */
static bool read_scenario(struct task *task, const char *name,
                          struct scenario_file *found) {
  const struct scenarios *scenarios = task->owner;
  int reason = scenario_store_read(&scenarios->store, name, found);
  if (reason == ENOENT)
    task_reply_detail(task, 404, "Scenario '%s' not found", name);
  else if (reason != 0)
    task_reply_detail(task, 500, "Scenario '%s' cannot be read: %s", name,
                      file_reason(reason));
  return reason == 0;
}

/* Answers a write that failed. */
static void reply_unwritten(struct task *task, const char *name, int reason) {
  if (reason == EEXIST)
    task_reply_detail(task, 409, "Scenario '%s' already exists", name);
  else if (reason == ENOENT)
    task_reply_detail(task, 404, "Scenario '%s' not found", name);
  else
    task_reply_detail(task, file_is_full(reason) ? 507 : 500,
                      "Scenario '%s' cannot be written: %s", name, file_reason(reason));
}

/* ---- reading ---- */

/* A row of the list; NULL: the file is gone, or cannot be read. */
static json_t *make_row(const struct scenario_store *store,
                        const struct scenario_entry *entry) {
  struct scenario_file found;
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  if (scenario_store_read(store, entry->name, &found) != 0) return NULL;
  bool ok = hrl_scenario_parse(found.file.text, found.file.length, entry->name, &scenario,
                               &error) == HRL_OK;
  json_t *row = json_pack("{s:s, s:o}", "name", entry->name, "description",
                          json_text(ok ? hrl_scenario_description(scenario) : ""));
  if (ok) {
    ok = scenario_json_summarize(row, scenario);
  } else {
    json_t *zeros = json_pack(
        "{s:f, s:f, s:f, s:f, s:f, s:f, s:s, s:b}", "income", 0.0, "fixed_expenses", 0.0,
        "variable_expenses", 0.0, "available_monthly", 0.0, "available_pct", 0.0,
        "risk_tolerance", 0.5, "model", hrl_model_name(0), "is_family", 0);
    ok = json_object_update(row, zeros) == 0 &&
         json_object_set_new(row, "error", json_text(error.message)) == 0;
    json_decref(zeros);
  }
  hrl_scenario_destroy(scenario);
  json_object_set_new(row, "updated_at", time_json(found.file.modified));
  json_object_set_new(row, "size", json_integer((json_int_t)found.file.length));
  json_object_set_new(row, "shipped", json_boolean(found.shipped));
  free(found.file.text);
  if (ok) return row;
  json_decref(row);
  return NULL;
}

static void run_list(struct task *task) {
  const struct scenarios *scenarios = task->owner;
  struct scenario_entry *entries;
  size_t count;
  int reason = scenario_store_list(&scenarios->store, &entries, &count);
  if (reason != 0) {
    task_reply_detail(task, 500, "The scenarios cannot be listed: %s",
                      file_reason(reason));
    return;
  }
  json_t *rows = json_array();
  struct page page = page_of(task, count);
  for (size_t i = page.begin; i < page.end; i++) {
    json_t *row = make_row(&scenarios->store, &entries[i]);
    if (row != NULL) json_array_append_new(rows, row);
  }
  free(entries);
  page_reply(task, rows);
}

static void run_templates(struct task *task) {
  json_t *templates = json_array();
  for (size_t i = 0; i < scenario_template_count; i++) {
    const struct scenario_template *made = &scenario_templates[i];
    hrl_scenario *scenario = NULL;
    if (hrl_scenario_parse(made->text, strlen(made->text), made->name, &scenario, NULL) !=
        HRL_OK)
      continue;
    json_t *object =
        json_pack("{s:s, s:s, s:s}", "name", made->name, "display_name",
                  made->display_name, "description", hrl_scenario_description(scenario));
    if (scenario_json_add(object, scenario)) json_array_append(templates, object);
    json_decref(object);
    hrl_scenario_destroy(scenario);
  }
  page_reply(task, templates);
}

static void run_get(struct task *task) {
  char name[HRL_NAME_SIZE];
  struct scenario_file found;
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  if (!read_parameter(task, name) || !read_scenario(task, name, &found)) return;
  if (task_is_known(task, found.file.etag)) {
    free(found.file.text);
    return;
  }
  hrl_status status =
      hrl_scenario_parse(found.file.text, found.file.length, name, &scenario, &error);
  free(found.file.text);
  if (status != HRL_OK) {
    task_reply_detail(task, status == HRL_ERROR_MEMORY ? 500 : 400, "%s", error.message);
    return;
  }
  const char *description = hrl_scenario_description(scenario);
  json_t *object =
      json_pack("{s:s, s:o}", "name", name, "description",
                description[0] == '\0' ? json_null() : json_text(description));
  bool ok = scenario_json_add(object, scenario);
  hrl_scenario_destroy(scenario);
  json_object_set_new(object, "created_at", time_json(found.file.created));
  json_object_set_new(object, "updated_at", time_json(found.file.modified));
  json_object_set_new(object, "size", json_integer((json_int_t)found.file.length));
  json_object_set_new(object, "shipped", json_boolean(found.shipped));
  if (!ok) json_decref(object);
  task_reply_json(task, 200, ok ? object : NULL);
}

/* ---- writing ---- */

/* Answers with what is in a file now. */
static void reply_written(struct task *task, unsigned status, const char *name,
                          const char *file_name, const char *what) {
  const struct scenarios *scenarios = task->owner;
  struct scenario_file found;
  char path[FILE_NAME_SIZE + 16], message[2 * HRL_NAME_SIZE];
  hrl_scenario *scenario = NULL;
  int reason = scenario_store_read(&scenarios->store, name, &found);
  if (reason != 0) {
    reply_unwritten(task, name, reason);
    return;
  }
  (void)hrl_scenario_parse(found.file.text, found.file.length, name, &scenario, NULL);
  const char *description = scenario == NULL ? "" : hrl_scenario_description(scenario);
  snprintf(path, sizeof path, "scenarios/%s", file_name);
  snprintf(message, sizeof message, "Scenario '%s' %s", name, what);
  memcpy(task->etag, found.file.etag, sizeof found.file.etag);
  task_reply_json(
      task, status,
      json_pack("{s:s, s:o, s:s, s:o, s:o, s:s}", "name", name, "description",
                description[0] == '\0' ? json_null() : json_text(description), "path",
                path, "created_at", time_json(found.file.created), "updated_at",
                time_json(found.file.modified), "message", message));
  hrl_scenario_destroy(scenario);
  free(found.file.text);
}

static bool is_there(const struct scenario_store *store, const char *name) {
  struct scenario_file found;
  int reason = scenario_store_read(store, name, &found);
  free(found.file.text);
  return reason != ENOENT;
}

static void reply_refused(struct task *task, const hrl_error *error) {
  task_reply_detail(task, error->status == HRL_ERROR_MEMORY ? 500 : 400, "%s",
                    error->message);
}

/* With the lock held. */
static void create(struct task *task, const char *name) {
  const struct scenarios *scenarios = task->owner;
  char file_name[FILE_NAME_SIZE];
  hrl_error error = HRL_ERROR_INIT;
  if (is_there(&scenarios->store, name)) {
    reply_unwritten(task, name, EEXIST);
    return;
  }
  if (task_is_stale(task, "")) return;
  char *text = scenario_make(name, task->values, &error);
  if (text == NULL) {
    reply_refused(task, &error);
    return;
  }
  snprintf(file_name, sizeof file_name, "%s.yaml", name);
  int reason = folder_create(scenarios->store.folder, file_name, text, strlen(text));
  free(text);
  if (reason != 0)
    reply_unwritten(task, name, reason);
  else
    reply_written(task, 201, name, file_name, "created");
}

static void run_create(struct task *task) {
  struct scenarios *scenarios = task->owner;
  char name[HRL_NAME_SIZE];
  if (!read_body_name(task, name)) return;
  pthread_mutex_lock(&scenarios->store.lock);
  create(task, name);
  pthread_mutex_unlock(&scenarios->store.lock);
}

/* Whether the file may get another name. */
static bool may_rename(struct task *task, const struct scenario_file *found,
                       const char *name, const char *wanted) {
  const struct scenarios *scenarios = task->owner;
  if (found->shipped)
    task_reply_detail(task, 403,
                      "Scenario '%s' came with the program and keeps its name: create a "
                      "new one",
                      name);
  else if (is_there(&scenarios->store, wanted))
    reply_unwritten(task, wanted, EEXIST);
  else
    return true;
  return false;
}

/* The scenario's file with what the body holds, under the name that this has. */
static void write_update(struct task *task, const char *name, const char *wanted,
                         const struct scenario_file *found) {
  const struct scenarios *scenarios = task->owner;
  const char *folder = scenarios->store.folder;
  char file_name[FILE_NAME_SIZE];
  hrl_error error = HRL_ERROR_INIT;
  char *text =
      scenario_change(wanted, found->file.text, found->file.length, task->values, &error);
  if (text == NULL) {
    reply_refused(task, &error);
    return;
  }
  int reason;
  bool renamed = strcmp(name, wanted) != 0;
  snprintf(file_name, sizeof file_name, "%s.yaml", wanted);
  if (renamed)
    reason = folder_move(folder, found->name, file_name, text, strlen(text));
  else if (found->shipped)
    reason = folder_create(folder, file_name, text, strlen(text));
  else
    reason = folder_replace(folder, found->name, text, strlen(text));
  free(text);
  if (reason != 0)
    reply_unwritten(task, wanted, reason);
  else
    reply_written(task, 200, wanted, renamed || found->shipped ? file_name : found->name,
                  renamed ? "renamed and updated" : "updated");
}

static void run_update(struct task *task) {
  struct scenarios *scenarios = task->owner;
  char name[HRL_NAME_SIZE], wanted[HRL_NAME_SIZE];
  struct scenario_file found = {.shipped = false};
  if (!read_parameter(task, name) || !read_body_name(task, wanted)) return;
  pthread_mutex_lock(&scenarios->store.lock);
  if (read_scenario(task, name, &found) && !task_is_stale(task, found.file.etag) &&
      (strcmp(name, wanted) == 0 || may_rename(task, &found, name, wanted)))
    write_update(task, name, wanted, &found);
  pthread_mutex_unlock(&scenarios->store.lock);
  free(found.file.text);
}

static void remove_file(struct task *task, const char *name,
                        const struct scenario_file *found) {
  const struct scenarios *scenarios = task->owner;
  char message[2 * HRL_NAME_SIZE];
  if (found->shipped) {
    task_reply_detail(task, 403,
                      "Scenario '%s' came with the program and cannot be deleted", name);
    return;
  }
  int reason = folder_remove(scenarios->store.folder, found->name);
  if (reason != 0) {
    reply_unwritten(task, name, reason);
    return;
  }
  snprintf(message, sizeof message, "Scenario '%s' deleted", name);
  task_reply_json(task, 200, json_pack("{s:s, s:s}", "name", name, "message", message));
}

static void run_delete(struct task *task) {
  struct scenarios *scenarios = task->owner;
  char name[HRL_NAME_SIZE];
  struct scenario_file found = {.shipped = false};
  if (!read_parameter(task, name)) return;
  pthread_mutex_lock(&scenarios->store.lock);
  if (read_scenario(task, name, &found) && !task_is_stale(task, found.file.etag))
    remove_file(task, name, &found);
  pthread_mutex_unlock(&scenarios->store.lock);
  free(found.file.text);
}

/* ---- the routes ---- */

void scenarios_handle_list(struct scenarios *scenarios, struct request *request,
                           json_t *values) {
  task_begin(scenarios->workers, request, values, run_list, scenarios);
}

void scenarios_handle_templates(struct scenarios *scenarios, struct request *request) {
  task_begin(scenarios->workers, request, NULL, run_templates, scenarios);
}

void scenarios_handle_get(struct scenarios *scenarios, struct request *request) {
  task_begin(scenarios->workers, request, NULL, run_get, scenarios);
}

void scenarios_handle_create(struct scenarios *scenarios, struct request *request,
                             json_t *values) {
  task_begin(scenarios->workers, request, values, run_create, scenarios);
}

void scenarios_handle_update(struct scenarios *scenarios, struct request *request,
                             json_t *values) {
  task_begin(scenarios->workers, request, values, run_update, scenarios);
}

void scenarios_handle_delete(struct scenarios *scenarios, struct request *request) {
  task_begin(scenarios->workers, request, NULL, run_delete, scenarios);
}
