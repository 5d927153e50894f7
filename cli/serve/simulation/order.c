#include "serve/simulation/order.h"

#include <errno.h>
#include <hrl/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/json_text.h"
#include "common/pretrained.h"
#include "serve/http/log.h"
#include "serve/net/loop.h"
#include "serve/simulation/play.h"

/* 53 bits: a number that every client can repeat. */
static uint64_t choose_seed(const json_t *wanted) {
  uint64_t seed = 0;
  if (json_is_integer(wanted)) return (uint64_t)json_integer_value(wanted);
  if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
    seed = (uint64_t)clock_now();
  return seed >> 11;
}

static bool read_name(struct order *order, const json_t *values, const char *key,
                      char name[HRL_NAME_SIZE]) {
  const json_t *given = json_object_get(values, key);
  hrl_error error = HRL_ERROR_INIT;
  if (scenario_name_read(json_string_value(given), json_string_length(given), name,
                         &error))
    return true;
  return failure_set(&order->failure, 400, "ValidationError", "Invalid %s: %s", key,
                     error.message);
}

bool order_read(struct order *order, const json_t *values) {
  *order = (struct order){.episodes = 0};
  order->episodes = (uint64_t)json_integer_value(json_object_get(values, "num_episodes"));
  order->seed = choose_seed(json_object_get(values, "seed"));
  order->household = (uint64_t)json_integer_value(json_object_get(values, "household"));
  return read_name(order, values, "model_name", order->model) &&
         read_name(order, values, "scenario_name", order->scenario);
}

/* ---- what is played ---- */

static unsigned status_of(hrl_status status) {
  return status == HRL_ERROR_MEMORY || status == HRL_ERROR_IO ||
                 status == HRL_ERROR_THREAD || status == HRL_ERROR_NUMERIC
             ? 500
             : 400;
}

/* Fails with what the library says, without this machine's folders. */
static bool fail_with(struct order *order, const hrl_error *error, const char *folder) {
  unsigned status = status_of(error->status);
  failure_set(&order->failure, status,
              status == 500 ? "SimulationError" : "ValidationError", "%s",
              error->message);
  if (folder != NULL) hide_folder(order->failure.message, folder);
  return false;
}

static bool find_household(struct order *order, const struct order_places *places,
                           struct order_parts *parts) {
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  bool missing;
  if (!scenario_store_load(places->scenarios, order->scenario, &scenario, &missing,
                           &error)) {
    if (missing)
      return failure_set(&order->failure, 404, "NotFound", "Scenario '%s' not found",
                         order->scenario);
    return fail_with(order, &error, NULL);
  }
  parts->drawn = hrl_scenario_is_family(scenario) != 0;
  if (!parts->drawn) {
    parts->household = scenario;
    return true;
  }
  hrl_status status = hrl_scenario_draw(scenario, order->seed, order->household,
                                        &parts->household, &error);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK || fail_with(order, &error, NULL);
}

static bool find_policy(struct order *order, const struct order_places *places,
                        struct order_parts *parts) {
  struct model_entry entry;
  hrl_error error = HRL_ERROR_INIT;
  const char *name = pretrained_name(order->model, parts->household);
  if (!model_store_find(places->models, name, &entry))
    return failure_set(&order->failure, 404, "NotFound",
                       "Model '%s' not found: there are no models/%s_high_agent.pt and "
                       "models/%s_low_agent.pt",
                       order->model, name, name);
  char *prefix = model_prefix(&entry);
  bool ok = prefix != NULL && hrl_policy_load(prefix, &parts->policy, &error) == HRL_OK &&
            hrl_policy_differences(parts->policy, parts->household, &parts->differences,
                                   &error) == HRL_OK;
  if (prefix == NULL)
    failure_set(&order->failure, 500, "SimulationError", "out of memory");
  else if (!ok)
    fail_with(order, &error, entry.folder);
  free(prefix);
  if (!ok) return false;
  double months = 0;
  (void)hrl_scenario_get(parts->household, "environment.max_months", &months, NULL);
  if (months * (double)order->episodes <= PLAY_MONTHS_MAX) return true;
  return failure_set(
      &order->failure, 400, "ValidationError",
      "%llu episodes of %.0f months are %.0f months, at most %d are played "
      "for one request: ask for fewer episodes",
      (unsigned long long)order->episodes, months, months * (double)order->episodes,
      PLAY_MONTHS_MAX);
}

bool order_find(struct order *order, const struct order_places *places,
                struct order_parts *parts) {
  *parts = (struct order_parts){.household = NULL};
  return find_household(order, places, parts) && find_policy(order, places, parts);
}

void order_parts_free(struct order_parts *parts) {
  hrl_scenario_destroy(parts->household);
  hrl_policy_destroy(parts->policy);
  hrl_free(parts->differences);
}

/* ---- the result ---- */

/* The members that come before what was played. */
static json_t *make_head(const struct order *order, const struct order_parts *parts) {
  char now[TIME_TEXT_SIZE];
  time_text(now);
  json_t *head = json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:s, s:o}", "simulation_id",
                           order->id, "scenario_name", order->scenario, "model_name",
                           order->model, "num_episodes", (json_int_t)order->episodes,
                           "timestamp", now, "seed", (json_int_t)order->seed, "model",
                           hrl_scenario_model(parts->household), "differences",
                           parts->differences == NULL || parts->differences[0] == '\0'
                               ? json_null()
                               : json_text(parts->differences));
  if (parts->drawn)
    json_object_set_new(head, "household", json_integer((json_int_t)order->household));
  return head;
}

/* All of it as one text; NULL: memory is short. */
static char *join(json_t *head, const struct play_result *played) {
  json_object_update(head, played->head);
  char *begin = json_print(head, JSON_COMPACT);
  char *fan = json_print(played->percentiles, JSON_COMPACT);
  char *text = NULL;
  if (begin != NULL && fan != NULL) {
    begin[strlen(begin) - 1] = '\0'; /* its '}' */
    if (asprintf(&text, "%s,\"percentiles\":%s,\"episodes\":%s}", begin, fan,
                 played->episodes) < 0)
      text = NULL;
  }
  free(fan);
  free(begin);
  return text;
}

static bool write_result(struct order *order, const struct order_places *places,
                         const char *text) {
  char name[RESULT_ID_SIZE + 8];
  snprintf(name, sizeof name, "%s.json", order->id);
  int reason = folder_create(places->results, name, text, strlen(text));
  if (reason == 0) return true;
  return failure_set(&order->failure, file_is_full(reason) ? 507 : 500, "SimulationError",
                     "The results cannot be written: %s", file_reason(reason));
}

bool order_carry_out(struct order *order, const struct order_places *places,
                     const atomic_bool *ending, char **text) {
  struct order_parts parts;
  struct play_result played = {.head = NULL};
  hrl_error error = HRL_ERROR_INIT;
  *text = NULL;
  bool ok = order_find(order, places, &parts);
  if (ok && play(&(struct play_request){parts.policy, parts.household, order->episodes,
                                        order->seed, ending},
                 &played, &error) != HRL_OK) {
    ok = false;
    if (error.status == HRL_ERROR_STATE)
      failure_set(&order->failure, 503, "SimulationError",
                  "The service is shutting down");
    else
      fail_with(order, &error, NULL);
  }
  if (ok) {
    json_t *head = make_head(order, &parts);
    *text = join(head, &played);
    json_decref(head);
    ok = *text != NULL ||
         failure_set(&order->failure, 500, "SimulationError", "out of memory");
  }
  ok = ok && write_result(order, places, *text);
  json_decref(played.head);
  json_decref(played.percentiles);
  free(played.episodes);
  order_parts_free(&parts);
  if (ok) return true;
  free(*text);
  *text = NULL;
  return false;
}
