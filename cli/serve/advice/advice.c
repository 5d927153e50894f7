#include "serve/advice/advice.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "advise/output.h"
#include "advise/situation.h"
#include "common/json_text.h"
#include "common/pretrained.h"
#include "serve/api/task.h"
#include "serve/api/workers.h"
#include "serve/models/models.h"
#include "serve/scenarios/scenarios.h"

static const char *text_of(const struct task *task, const char *key) {
  const char *text = json_string_value(json_object_get(task->values, key));
  return text == NULL ? "" : text;
}

static double number_of(const struct task *task, const char *key) {
  return json_number_value(json_object_get(task->values, key));
}

/* A text of a body as a file's name. False: it is none, and the task was answered. */
static bool read_name(struct task *task, const char *key, char name[HRL_NAME_SIZE]) {
  const json_t *given = json_object_get(task->values, key);
  hrl_error error = HRL_ERROR_INIT;
  if (scenario_name_read(json_string_value(given), json_string_length(given), name,
                         &error))
    return true;
  task_reply_detail(task, 400, "%s: %s", key, error.message);
  return false;
}

/* The pair that is asked. False: there is none, and the task was answered. */
static bool load_model(struct task *task, const hrl_scenario *scenario,
                       hrl_policy **policy) {
  const struct api *api = task->owner;
  char name[HRL_NAME_SIZE];
  struct model_entry entry;
  hrl_error error = HRL_ERROR_INIT;
  if (!read_name(task, "model", name)) return false;
  const char *known = pretrained_name(name, scenario);
  if (!model_store_find(&api->models->store, known, &entry)) {
    task_reply_detail(task, 404, "Model '%s' not found", known);
    return false;
  }
  char *prefix = model_prefix(&entry);
  if (prefix == NULL) {
    task_reply_json(task, 500, NULL);
    return false;
  }
  hrl_status status = hrl_policy_load(prefix, policy, &error);
  free(prefix);
  if (status != HRL_OK)
    task_reply_detail(task, 500, "Model '%s' cannot be read: its files are damaged",
                      known);
  return status == HRL_OK;
}

/* Seconds of work for each household, as for a simulation: whoever asks has a worker, and
 * the service an end that it must not miss. */
static bool is_short_enough(struct task *task, const struct answer *answer) {
  double futures = number_of(task, "futures");
  double months = 0.0;
  (void)hrl_scenario_get(answer->scenario, "environment.max_months", &months, NULL);
  months -= (double)answer->situation.month - 1.0;
  if (months * futures <= ADVICE_MONTHS_MAX) return true;
  task_reply_detail(task, 400,
                    "futures: found %.0f of %.0f months, which are %.0f months, expected "
                    "at most %d for a household; ask for fewer",
                    futures, months, months * futures, ADVICE_MONTHS_MAX);
  return false;
}

/* One household: the scenario, with `change` made to it. False: it is none, and the task
 * was answered. */
static bool prepare(struct task *task, const char *name, const char *change,
                    struct answer *answer) {
  const struct api *api = task->owner;
  hrl_error error = HRL_ERROR_INIT;
  bool missing = false;
  if (!scenario_store_load(&api->scenarios->store, name, &answer->scenario, &missing,
                           &error)) {
    if (missing)
      task_reply_detail(task, 404, "Scenario '%s' not found", name);
    else
      task_reply_detail(task, 400, "Scenario '%s': %s", name, error.message);
    return false;
  }
  if (hrl_scenario_is_family(answer->scenario)) {
    task_reply_detail(
        task, 400, "Scenario '%s' is a family of households; choose one household", name);
    return false;
  }
  struct situation situation = {.now = HRL_SITUATION_INIT};
  situation.has_cash = json_is_number(json_object_get(task->values, "cash"));
  situation.now.cash = number_of(task, "cash");
  situation.now.portfolio = number_of(task, "portfolio");
  situation.now.month =
      (uint64_t)json_integer_value(json_object_get(task->values, "month"));
  situation.now.unemployed = json_is_true(json_object_get(task->values, "unemployed"));
  hrl_status status =
      situation_change_by(answer->scenario, &situation, text_of(task, "changes"), &error);
  if (status == HRL_OK)
    status = situation_change_by(answer->scenario, &situation, change, &error);
  if (status == HRL_OK) status = situation_apply(answer->scenario, &situation, &error);
  answer->situation = situation.now;
  if (status == HRL_OK) return is_short_enough(task, answer);
  task_reply_detail(task, 400, "%s", error.message);
  return false;
}

/* False: a zero byte would end a text of changes early, and the task was answered. */
static bool has_no_zero(struct task *task, const char *key, const json_t *text) {
  if (strlen(json_string_value(text)) == json_string_length(text)) return true;
  task_reply_detail(
      task, 400, "%s: found a zero byte, expected KEY=VALUE, such as income=1500", key);
  return false;
}

/* Prepares every household. False: the task was answered. */
static bool prepare_all(struct task *task, struct answer *answers, size_t count) {
  const json_t *what_if = json_object_get(task->values, "what_if");
  char name[HRL_NAME_SIZE];
  if (!read_name(task, "scenario_name", name)) return false;
  const json_t *changes = json_object_get(task->values, "changes");
  if (json_is_string(changes) && !has_no_zero(task, "changes", changes)) return false;
  for (size_t i = 1; i < count; i++)
    if (!has_no_zero(task, "what_if", json_array_get(what_if, i - 1))) return false;
  answers[0].label = "as it is";
  for (size_t i = 1; i < count; i++)
    answers[i].label = json_string_value(json_array_get(what_if, i - 1));
  for (size_t i = 0; i < count; i++)
    if (!prepare(task, name, i == 0 ? "" : answers[i].label, &answers[i])) return false;
  return true;
}

static void answer_task(struct task *task, const hrl_policy *policy,
                        struct answer *answers, size_t count) {
  struct question question = {
      .model = text_of(task, "model"),
      .seed = (uint64_t)json_integer_value(json_object_get(task->values, "seed"))};
  const atomic_bool *ending = workers_ending(((struct api *)task->owner)->workers);
  json_t *whole = NULL;
  json_t *others = json_array();
  for (size_t i = 0; i < count; i++) {
    hrl_error error = HRL_ERROR_INIT;
    struct advice_request request = {
        .policy = policy,
        .scenario = answers[i].scenario,
        .futures = (uint64_t)json_integer_value(json_object_get(task->values, "futures")),
        .seed = question.seed,
        .threads = 1,
        .lines = i == 0 && json_is_true(json_object_get(task->values, "lines"))};
    if (i > 0 && atomic_load(ending)) {
      task_reply_detail(task, 503, "The service is shutting down");
      json_decref(whole);
      json_decref(others);
      return;
    }
    if (advice_collect(&answers[i].advice, &request, &error) != HRL_OK) {
      task_reply_detail(task, error.status == HRL_ERROR_MEMORY ? 500 : 400, "%s: %s",
                        answers[i].label, error.message);
      json_decref(whole);
      json_decref(others);
      return;
    }
    json_t *told = advise_to_json(&question, &answers[i]);
    if (i == 0)
      whole = told;
    else
      json_array_append_new(others, told);
  }
  json_object_set_new(whole, "what_if", others);
  task_reply_json(task, 200, whole);
}

static void run(struct task *task) {
  const json_t *what_if = json_object_get(task->values, "what_if");
  size_t count = 1 + json_array_size(what_if);
  struct answer answers[1 + ADVICE_WHAT_IFS_MAX] = {0};
  hrl_policy *policy = NULL;
  if (count > 1 + ADVICE_WHAT_IFS_MAX) {
    task_reply_detail(task, 400, "what_if: found %zu entries, expected at most %d",
                      count - 1, ADVICE_WHAT_IFS_MAX);
    return;
  }
  if (prepare_all(task, answers, count) && load_model(task, answers[0].scenario, &policy))
    answer_task(task, policy, answers, count);
  hrl_policy_destroy(policy);
  for (size_t i = 0; i < count; i++) {
    advice_free(&answers[i].advice);
    hrl_scenario_destroy(answers[i].scenario);
  }
}

void advice_handle(struct api *api, struct request *request, json_t *values) {
  task_begin(api->workers, request, values, run, api);
}
