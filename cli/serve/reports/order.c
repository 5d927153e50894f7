#include "serve/reports/order.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/json_text.h"
#include "report/pdf.h"
#include "report/report.h"
#include "serve/http/log.h"
#include "serve/reports/make.h"

/* Of a simulation's id in a report's, so that this is no longer than a name may be. */
#define ID_PART 170

const char *report_order_type(const struct report_order *order) {
  return json_string_value(json_object_get(order->values, "report_type"));
}

static bool is_pdf(const struct report_order *order) {
  return strcmp(report_order_type(order), "pdf") == 0;
}

bool report_order_begin(struct report_order *order, const json_t *values) {
  const json_t *given = json_object_get(values, "simulation_id");
  hrl_error error = HRL_ERROR_INIT;
  /* the loop counts who holds a request's own: another thread may not */
  *order = (struct report_order){.values = json_deep_copy(values)};
  if (order->values == NULL)
    return failure_set(&order->failure, 500, "ReportGenerationError", "out of memory");
  if (is_pdf(order) && report_pdf_absent() != NULL)
    return failure_set(&order->failure, 501, "DependencyError",
                       "This service makes no PDF: it was built without cairo and pango; "
                       "ask for report_type html");
  if (result_id_read(json_string_value(given), json_string_length(given),
                     order->simulation, &error))
    return true;
  return failure_set(&order->failure, 400, "ValidationError", "Invalid simulation_id: %s",
                     error.message);
}

void report_order_end(struct report_order *order) { json_decref(order->values); }

/* ---- what it is of ---- */

/* The simulation's results; NULL: it failed. */
static json_t *read_results(struct report_order *order,
                            const struct order_places *places) {
  char name[RESULT_ID_SIZE + 8];
  struct file file;
  snprintf(name, sizeof name, "%s.json", order->simulation);
  int reason = folder_read(places->results, name, RESULT_FILE_MAX, &file);
  if (reason == ENOENT) {
    failure_set(&order->failure, 404, "NotFound", "Simulation '%s' not found",
                order->simulation);
    return NULL;
  }
  if (reason != 0) {
    failure_set(&order->failure, 500, "ReportGenerationError",
                "Simulation '%s' cannot be read: %s", order->simulation,
                file_reason(reason));
    return NULL;
  }
  json_t *results = json_read(file.text, file.length);
  free(file.text);
  if (json_is_object(results)) {
    json_object_set_new(results, "simulation_id", json_string(order->simulation));
    return results;
  }
  json_decref(results);
  failure_set(&order->failure, 400, "ValidationError",
              "Simulation '%s' is damaged: its file is no JSON", order->simulation);
  return NULL;
}

bool report_order_check(struct report_order *order, const struct order_places *places) {
  json_t *results = read_results(order, places);
  json_decref(results);
  return results != NULL;
}

/* ---- its name ---- */

struct naming {
  const char *simulation, *folder;
  long long now;
};

static bool name_copy(const void *data, unsigned copy, char id[HRL_NAME_SIZE]) {
  static const char *const endings[] = {".html", ".pdf", REPORT_METADATA_ENDING};
  const struct naming *naming = data;
  int length = snprintf(id, HRL_NAME_SIZE, "report_%.*s_%lld", ID_PART,
                        naming->simulation, naming->now);
  if (copy > 1) snprintf(id + length, HRL_NAME_SIZE - (size_t)length, "_%u", copy);
  for (size_t i = 0; i < 3; i++) {
    char name[REPORT_NAME_SIZE];
    snprintf(name, sizeof name, "%s%s", id, endings[i]);
    if (folder_has(naming->folder, name)) return false;
  }
  return true;
}

bool report_order_reserve(struct report_order *order, struct pending *pending,
                          const char *folder) {
  const struct naming naming = {order->simulation, folder, (long long)time(NULL)};
  return pending_reserve(pending, name_copy, &naming, order->id);
}

/* ---- making ---- */

static const struct section {
  const char *name;
  enum report_part part;
} sections[] = {{"summary", PART_SUMMARY},   {"scenario", PART_SCENARIO},
                {"training", PART_TRAINING}, {"results", PART_RESULTS},
                {"charts", PART_CHARTS},     {"strategy", PART_STRATEGY}};
#define SECTIONS (sizeof sections / sizeof sections[0])

/* The sections that a body wants, all where it does not say, and their names. What has no
 * known name is kept among these and shows nothing. */
static json_t *read_sections(const json_t *values, unsigned *parts) {
  json_t *given = json_object_get(values, "include_sections");
  size_t i;
  json_t *name;
  *parts = 0;
  if (json_array_size(given) == 0) {
    json_t *all = json_array();
    for (i = 0; i < SECTIONS; i++)
      json_array_append_new(all, json_string(sections[i].name));
    return all;
  }
  *parts = 1u << 31; /* not 0, which stands for all */
  json_array_foreach(given, i, name) {
    for (size_t k = 0; k < SECTIONS; k++)
      if (strcmp(sections[k].name, json_string_value(name)) == 0)
        *parts |= sections[k].part;
  }
  return json_incref(given);
}

/* What is said of a report beside its file. */
static json_t *make_metadata(const struct report_order *order,
                             const struct report_wish *wish, const char *now,
                             size_t length, json_t *names) {
  char path[REPORT_NAME_SIZE + 16];
  snprintf(path, sizeof path, "reports/%s.%s", order->id, report_order_type(order));
  return json_pack(
      "{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:O}", "report_id", order->id, "simulation_id",
      order->simulation, "report_type", report_order_type(order), "title",
      json_text(wish->title), "generated_at", now, "file_path", path, "file_size_kb",
      json_real(round((double)length / 1024 * 100) / 100), "sections", names);
}

/* Writes both files: the report first, so that none is listed which is not there. */
static bool store(struct report_order *order, const char *folder, const char *text,
                  size_t length, const json_t *metadata) {
  char name[REPORT_NAME_SIZE], beside[REPORT_NAME_SIZE];
  char *json = json_print(metadata, JSON_INDENT(2));
  snprintf(name, sizeof name, "%s.%s", order->id, report_order_type(order));
  snprintf(beside, sizeof beside, "%s" REPORT_METADATA_ENDING, order->id);
  int reason = json == NULL ? ENOMEM : folder_create(folder, name, text, length);
  if (reason == 0) {
    reason = folder_create(folder, beside, json, strlen(json));
    if (reason != 0) (void)folder_remove(folder, name);
  }
  free(json);
  if (reason == 0) return true;
  return failure_set(&order->failure, file_is_full(reason) ? 507 : 500,
                     "ReportGenerationError", "The report cannot be written: %s",
                     file_reason(reason));
}

static json_t *generate(struct report_order *order, const json_t *results,
                        const struct order_places *places, const char *folder) {
  char now[TIME_TEXT_SIZE], shown[TIME_TEXT_SIZE];
  char title[HRL_NAME_SIZE + 64];
  char *text = NULL;
  size_t length = 0;
  hrl_error error = HRL_ERROR_INIT;
  const char *scenario = json_string_value(json_object_get(results, "scenario_name"));
  const char *wanted = json_string_value(json_object_get(order->values, "title"));
  struct report_wish wish = {.is_pdf = is_pdf(order), .created = shown};
  snprintf(title, sizeof title, "Financial Simulation Report: %.200s",
           scenario == NULL ? "" : scenario);
  wish.title = wanted == NULL || wanted[0] == '\0' ? title : wanted;
  time_text(now);
  snprintf(shown, sizeof shown, "%.10s %.5s", now, now + 11); /* to the minute */
  json_t *names = read_sections(order->values, &wish.parts);
  json_t *metadata = NULL;
  if (report_make(&wish, results, places, &text, &length, &error) != HRL_OK) {
    failure_set(&order->failure, 500, "ReportGenerationError", "%s", error.message);
  } else {
    metadata = make_metadata(order, &wish, now, length, names);
    if (!store(order, folder, text, length, metadata)) {
      json_decref(metadata);
      metadata = NULL;
    }
  }
  json_decref(names);
  free(text);
  return metadata;
}

json_t *report_order_carry_out(struct report_order *order,
                               const struct order_places *places, const char *folder) {
  json_t *results = read_results(order, places);
  json_t *metadata = results == NULL ? NULL : generate(order, results, places, folder);
  json_decref(results);
  return metadata;
}
