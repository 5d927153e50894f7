#include "serve/reports/make.h"

#include <hrl/memory.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/collect.h"
#include "report/contents.h"
#include "report/html.h"
#include "report/pdf.h"
#include "report/run.h"

/* Episodes that the players of a comparison play: a simulation's own, within bounds. */
#define EPISODES_LEAST 1000
#define EPISODES_MOST 4000

static hrl_status fail_memory(hrl_error *error) {
  error->status = HRL_ERROR_MEMORY;
  snprintf(error->message, sizeof error->message, "out of memory for a report");
  return HRL_ERROR_MEMORY;
}

/* A document as text. */
static hrl_status print(const struct report_document *document, bool is_pdf, char **text,
                        size_t *length, hrl_error *error) {
  hrl_status status = HRL_OK;
  FILE *memory = open_memstream(text, length);
  if (memory == NULL) return fail_memory(error);
  if (is_pdf)
    status = report_write_pdf(document, memory, error);
  else
    report_write_html(document, memory);
  bool written = !ferror(memory);
  if (fclose(memory) != 0) written = false;
  if (status == HRL_OK && written) return HRL_OK;
  free(*text);
  *text = NULL;
  return status != HRL_OK ? status : fail_memory(error);
}

/* ---- what was stored ---- */

/* With what the scenario's file says, where there is one. */
static hrl_status make_of_run(struct report_run *run, const struct report_wish *wish,
                              const hrl_scenario *scenario, const char *reason,
                              char **text, size_t *length, hrl_error *error) {
  struct report details = {.parts = 0};
  bool has_details =
      scenario != NULL && report_collect_keys(&details, scenario, NULL) == HRL_OK;
  run->parts = wish->parts;
  run->title = wish->title;
  run->created = wish->created;
  run->reason = reason;
  run->details = has_details ? &details : NULL;
  const struct report_document document = run_document(run);
  hrl_status status = print(&document, wish->is_pdf, text, length, error);
  run->details = NULL;
  report_destroy(&details);
  return status;
}

/* ---- what is played again ---- */

static hrl_status make_of_play(const struct report_run *run,
                               const struct report_wish *wish,
                               const struct order_parts *parts, const char *history,
                               char **text, size_t *length, hrl_error *error) {
  struct report report = {.parts = 0};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = (uint64_t)fmin(fmax(run->episodes, EPISODES_LEAST), EPISODES_MOST);
  if (run->seed >= 0) options.seed = (uint64_t)run->seed;
  options.threads = 1; /* training has the others */
  struct report_source source = {.model = run->model,
                                 .policy = parts->policy,
                                 .scenario = parts->household,
                                 .options = &options,
                                 .history = history,
                                 .created = wish->created,
                                 .parts = wish->parts,
                                 .title = wish->title,
                                 .run = run};
  if (parts->differences != NULL && parts->differences[0] != '\0')
    source.differences = parts->differences;
  hrl_status status = report_collect(&report, &source, error);
  if (status == HRL_OK) {
    const struct report_document document = report_document(&report);
    status = print(&document, wish->is_pdf, text, length, error);
  }
  report_destroy(&report);
  return status;
}

/* The order that the simulation was. False: its file does not say. */
static bool read_order(struct order *order, const json_t *results) {
  json_t *values =
      json_pack("{s:O, s:O, s:I}", "model_name", json_object_get(results, "model_name"),
                "scenario_name", json_object_get(results, "scenario_name"),
                "num_episodes", (json_int_t)EPISODES_LEAST);
  json_t *seed = json_object_get(results, "seed");
  json_object_set(values, "seed", json_is_integer(seed) ? seed : json_null());
  json_object_set(values, "household", json_object_get(results, "household"));
  bool ok = values != NULL && order_read(order, values);
  json_decref(values);
  return ok;
}

/* The history beside a pair's files, malloc'ed; it may not exist. */
static char *find_history(const struct order *order, const struct order_places *places) {
  struct model_entry entry;
  char *prefix = NULL, *path = NULL;
  if (model_store_find(places->models, order->model, &entry))
    prefix = model_prefix(&entry);
  if (prefix != NULL && asprintf(&path, "%s_history.json", prefix) < 0) path = NULL;
  free(prefix);
  return path;
}

hrl_status report_make(const struct report_wish *wish, const json_t *results,
                       const struct order_places *places, char **text, size_t *length,
                       hrl_error *error) {
  struct report_run run;
  struct order order = {.episodes = 0};
  struct order_parts parts = {.household = NULL};
  char reason[HRL_ERROR_MESSAGE_SIZE + 128];
  hrl_error played = HRL_ERROR_INIT;
  *text = NULL;
  if (!run_read(&run, results)) {
    run_destroy(&run);
    return fail_memory(error);
  }
  hrl_status status = HRL_ERROR_STATE;
  if (read_order(&order, results) && order_find(&order, places, &parts)) {
    char *history = find_history(&order, places);
    status = make_of_play(&run, wish, &parts, history, text, length, &played);
    free(history);
  }
  if (status != HRL_OK) {
    const char *why = played.message[0] != '\0' ? played.message : order.failure.message;
    snprintf(reason, sizeof reason,
             "It could not be played again beside the best simple rule and the optimum: "
             "%s.",
             why);
    status = make_of_run(&run, wish, parts.household, reason, text, length, error);
  }
  order_parts_free(&parts);
  run_destroy(&run);
  return status;
}
