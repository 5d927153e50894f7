#include "serve/reports/reports.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/json_text.h"
#include "report/pdf.h"
#include "report/report.h"
#include "serve/api/page.h"
#include "serve/http/log.h"
#include "serve/reports/make.h"

#define METADATA_ENDING "_metadata.json"
#define METADATA_MAX ((size_t)1 << 18)
#define REPORT_MAX ((size_t)64 << 20)
#define NAME_SIZE (HRL_NAME_SIZE + 16)
/* Of a simulation's id in a report's, so that this is no longer than a name may be. */
#define ID_PART 170

/* Held while an id is chosen and its files are made. */
static pthread_mutex_t naming = PTHREAD_MUTEX_INITIALIZER;
/* Files that a list looks into: the newest ones. */
#define LIST_MAX 10000

/* The id in the path. False: it is none, and the task was answered. */
static bool read_parameter(struct task *task, char id[HRL_NAME_SIZE]) {
  hrl_error error = HRL_ERROR_INIT;
  if (hrl_name_sanitize(task->parameter, id, &error) == HRL_OK) return true;
  task_reply_error(task, 400, "ValidationError", "Invalid report_id: %s", error.message);
  return false;
}

static void reply_absent(struct task *task, const char *id) {
  task_reply_error(task, 404, "NotFound", "Report '%s' not found", id);
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

/* The simulation's results; NULL: the task was answered. */
static json_t *read_results(struct task *task) {
  const struct reports *reports = task->owner;
  const json_t *given = json_object_get(task->values, "simulation_id");
  char id[RESULT_ID_SIZE], name[NAME_SIZE];
  hrl_error error = HRL_ERROR_INIT;
  struct file file;
  if (!result_id_read(json_string_value(given), json_string_length(given), id, &error)) {
    task_reply_error(task, 400, "ValidationError", "Invalid simulation_id: %s",
                     error.message);
    return NULL;
  }
  snprintf(name, sizeof name, "%s.json", id);
  int reason = folder_read(reports->places->results, name, RESULT_FILE_MAX, &file);
  if (reason != 0) {
    unsigned status = reason == ENOENT ? 404 : 500;
    task_reply_error(task, status, status == 404 ? "NotFound" : "ReportGenerationError",
                     "Simulation '%s' %s%s", id,
                     status == 404 ? "not found" : "cannot be read: ",
                     status == 404 ? "" : file_reason(reason));
    return NULL;
  }
  json_t *results = json_read(file.text, file.length);
  free(file.text);
  if (json_is_object(results)) {
    json_object_set_new(results, "simulation_id", json_string(id));
    return results;
  }
  json_decref(results);
  task_reply_error(task, 400, "ValidationError",
                   "Simulation '%s' is damaged: its file is no JSON", id);
  return NULL;
}

/* What is said of a report beside its file. */
static json_t *make_metadata(const json_t *results, const struct report_wish *wish,
                             const char *id, const char *now, size_t length,
                             json_t *names) {
  char path[NAME_SIZE + 16];
  const char *type = wish->is_pdf ? "pdf" : "html";
  snprintf(path, sizeof path, "reports/%s.%s", id, type);
  return json_pack(
      "{s:s, s:O, s:s, s:o, s:s, s:s, s:o, s:O}", "report_id", id, "simulation_id",
      json_object_get(results, "simulation_id"), "report_type", type, "title",
      json_text(wish->title), "generated_at", now, "file_path", path, "file_size_kb",
      json_real(round((double)length / 1024 * 100) / 100), "sections", names);
}

/* Writes both files under an id that is free: the report first, so that none is listed
 * which is not there. */
static bool store(struct task *task, const char *id, const char *ending, const char *text,
                  size_t length, json_t *metadata) {
  const struct reports *reports = task->owner;
  char name[NAME_SIZE], beside[NAME_SIZE];
  char *json = json_print(metadata, JSON_INDENT(2));
  snprintf(name, sizeof name, "%s%s", id, ending);
  snprintf(beside, sizeof beside, "%s" METADATA_ENDING, id);
  int reason = json == NULL ? ENOMEM : folder_create(reports->folder, name, text, length);
  if (reason == 0) {
    reason = folder_create(reports->folder, beside, json, strlen(json));
    if (reason != 0) (void)folder_remove(reports->folder, name);
  }
  free(json);
  if (reason != 0)
    task_reply_error(task, file_is_full(reason) ? 507 : 500, "ReportGenerationError",
                     "The report cannot be written: %s", file_reason(reason));
  return reason == 0;
}

/* An id that no file has yet. */
static void choose_id(const struct reports *reports, const json_t *results,
                      char id[HRL_NAME_SIZE]) {
  const char *simulation = json_string_value(json_object_get(results, "simulation_id"));
  long long now = (long long)time(NULL);
  bool taken = true;
  for (unsigned copy = 1; taken; copy++) {
    char name[NAME_SIZE];
    int length =
        snprintf(id, HRL_NAME_SIZE, "report_%.*s_%lld", ID_PART, simulation, now);
    if (copy > 1) snprintf(id + length, HRL_NAME_SIZE - (size_t)length, "_%u", copy);
    taken = false;
    static const char *const endings[] = {".html", ".pdf", METADATA_ENDING};
    for (size_t i = 0; i < 3; i++) {
      snprintf(name, sizeof name, "%s%s", id, endings[i]);
      taken = taken || folder_has(reports->folder, name);
    }
  }
}

static void generate(struct task *task, const json_t *results) {
  const struct reports *reports = task->owner;
  char now[TIME_TEXT_SIZE], shown[TIME_TEXT_SIZE];
  char title[HRL_NAME_SIZE + 64], id[HRL_NAME_SIZE];
  char *text = NULL;
  size_t length = 0;
  hrl_error error = HRL_ERROR_INIT;
  const char *scenario = json_string_value(json_object_get(results, "scenario_name"));
  const char *type = json_string_value(json_object_get(task->values, "report_type"));
  const char *wanted = json_string_value(json_object_get(task->values, "title"));
  struct report_wish wish = {.is_pdf = strcmp(type, "pdf") == 0, .created = shown};
  snprintf(title, sizeof title, "Financial Simulation Report: %.200s",
           scenario == NULL ? "" : scenario);
  wish.title = wanted == NULL || wanted[0] == '\0' ? title : wanted;
  time_text(now);
  snprintf(shown, sizeof shown, "%.10s %.5s", now, now + 11); /* to the minute */
  json_t *names = read_sections(task->values, &wish.parts);
  if (report_make(&wish, results, reports->places, &text, &length, &error) != HRL_OK) {
    task_reply_error(task, 500, "ReportGenerationError", "%s", error.message);
    json_decref(names);
    return;
  }
  /* an id is chosen and taken by one at a time: it stands for two files */
  pthread_mutex_lock(&naming);
  choose_id(reports, results, id);
  json_t *metadata = make_metadata(results, &wish, id, now, length, names);
  bool stored = store(task, id, wish.is_pdf ? ".pdf" : ".html", text, length, metadata);
  pthread_mutex_unlock(&naming);
  if (stored) {
    json_object_set_new(metadata, "status", json_string("completed"));
    json_object_set_new(metadata, "message", json_string("Report generated"));
    task_reply_json(task, 202, json_incref(metadata));
  }
  json_decref(metadata);
  json_decref(names);
  free(text);
}

static void run_generate(struct task *task) {
  const char *type = json_string_value(json_object_get(task->values, "report_type"));
  if (strcmp(type, "pdf") == 0 && report_pdf_absent() != NULL) {
    task_reply_error(task, 501, "DependencyError",
                     "This service makes no PDF: it was built without cairo and pango; "
                     "ask for report_type html");
    return;
  }
  json_t *results = read_results(task);
  if (results == NULL) return;
  generate(task, results);
  json_decref(results);
}

/* ---- reading ---- */

/* What is said of a report; NULL: there is no such file, or it is none. */
static json_t *read_metadata(const struct reports *reports, const char *id) {
  static const char *const wanted[] = {"simulation_id", "report_type", "generated_at"};
  char name[NAME_SIZE];
  struct file file;
  snprintf(name, sizeof name, "%s" METADATA_ENDING, id);
  if (folder_read(reports->folder, name, METADATA_MAX, &file) != 0) return NULL;
  json_t *metadata = json_read(file.text, file.length);
  free(file.text);
  bool ok = json_is_object(metadata);
  for (size_t i = 0; ok && i < 3; i++)
    ok = json_is_string(json_object_get(metadata, wanted[i]));
  if (ok) {
    json_object_set_new(metadata, "report_id", json_string(id)); /* as it is asked for */
    return metadata;
  }
  json_decref(metadata);
  return NULL;
}

static int compare(const void *a, const void *b) {
  const char *one =
      json_string_value(json_object_get(*(json_t *const *)a, "generated_at"));
  const char *other =
      json_string_value(json_object_get(*(json_t *const *)b, "generated_at"));
  return strcmp(other, one);
}

/* The metadata of all; NULL: memory is short. */
static json_t **read_all(const struct reports *reports, struct entries *entries,
                         size_t *count) {
  size_t most = entries->count < LIST_MAX ? entries->count : LIST_MAX;
  json_t **all = calloc(most + 1, sizeof(json_t *));
  *count = 0;
  for (size_t i = 0; all != NULL && i < most; i++) {
    char *name = entries->items[i].name;
    name[strlen(name) - strlen(METADATA_ENDING)] = '\0';
    char safe[HRL_NAME_SIZE];
    if (hrl_name_sanitize(name, safe, NULL) != HRL_OK || strcmp(name, safe) != 0)
      continue;
    json_t *metadata = read_metadata(reports, name);
    if (metadata != NULL) all[(*count)++] = metadata;
  }
  /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are sorted */
  if (all != NULL) qsort(all, *count, sizeof *all, compare);
  return all;
}

static void run_list(struct task *task) {
  const struct reports *reports = task->owner;
  struct entries entries;
  size_t count = 0;
  int reason = folder_list(reports->folder, METADATA_ENDING, &entries);
  json_t **all = reason == 0 ? read_all(reports, &entries, &count) : NULL;
  free(entries.items);
  if (all == NULL) {
    task_reply_error(task, 500, "ListError", "The reports cannot be listed: %s",
                     file_reason(reason == 0 ? ENOMEM : reason));
    return;
  }
  json_t *shown = json_array();
  struct page page = page_of(task, count);
  for (size_t i = 0; i < count; i++) {
    if (i >= page.begin && i < page.end) json_array_append(shown, all[i]);
    json_decref(all[i]);
  }
  free(all);
  page_reply(task, json_pack("{s:o, s:I}", "reports", shown, "total", (json_int_t)count));
}

static void run_metadata(struct task *task) {
  char id[HRL_NAME_SIZE];
  if (!read_parameter(task, id)) return;
  json_t *metadata = read_metadata(task->owner, id);
  if (metadata == NULL)
    reply_absent(task, id);
  else
    page_reply(task, metadata);
}

/* A page that is shown, not kept, may do nothing but look as it does: those of other
 * programs may hold anything. */
static const char shown_policy[] =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

static void reply_file(struct task *task, const char *id, const char *ending,
                       struct file *file) {
  const char *how = json_string_value(json_object_get(task->values, "disposition"));
  bool is_html = strcmp(ending, ".html") == 0;
  if (task_is_known(task, file->etag)) {
    free(file->text);
    return;
  }
  if (asprintf(&task->disposition, "%s; filename=\"%s%s\"", how, id, ending) < 0)
    task->disposition = NULL;
  if (is_html) task->policy = shown_policy;
  task_reply_text(task, 200, is_html ? TYPE_HTML : "application/pdf", file->text,
                  file->length);
}

static void run_get(struct task *task) {
  const struct reports *reports = task->owner;
  static const char *const endings[] = {".html", ".pdf"};
  char id[HRL_NAME_SIZE], name[NAME_SIZE];
  struct file file;
  if (!read_parameter(task, id)) return;
  json_t *metadata = read_metadata(reports, id);
  int reason = ENOENT;
  size_t which = 0;
  for (size_t i = 0; i < 2 && metadata != NULL && reason == ENOENT; i++) {
    which = i;
    snprintf(name, sizeof name, "%s%s", id, endings[i]);
    reason = folder_read(reports->folder, name, REPORT_MAX, &file);
  }
  json_decref(metadata);
  if (reason == 0)
    reply_file(task, id, endings[which], &file);
  else if (reason == ENOENT)
    reply_absent(task, id);
  else
    task_reply_error(task, 500, "RetrievalError", "The report cannot be read: %s",
                     file_reason(reason));
}

static void run_delete(struct task *task) {
  const struct reports *reports = task->owner;
  static const char *const endings[] = {METADATA_ENDING, ".html", ".pdf"};
  char id[HRL_NAME_SIZE], name[NAME_SIZE];
  int gone = 0, reason = 0;
  if (!read_parameter(task, id)) return;
  for (size_t i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s%s", id, endings[i]);
    int found = folder_remove(reports->folder, name);
    gone += found == 0;
    if (found != 0 && found != ENOENT) reason = found;
  }
  if (reason != 0)
    task_reply_error(task, 500, "RetrievalError", "The report cannot be deleted: %s",
                     file_reason(reason));
  else if (gone == 0)
    reply_absent(task, id);
  else
    task_reply_json(
        task, 200, json_pack("{s:s, s:s}", "report_id", id, "message", "Report deleted"));
}

/* ---- the routes ---- */

void reports_handle_generate(struct reports *reports, struct request *request,
                             json_t *values) {
  task_begin(reports->players, request, values, run_generate, reports);
}

void reports_handle_list(struct reports *reports, struct request *request,
                         json_t *values) {
  task_begin(reports->files, request, values, run_list, reports);
}

void reports_handle_get(struct reports *reports, struct request *request,
                        json_t *values) {
  task_begin(reports->files, request, values, run_get, reports);
}

void reports_handle_metadata(struct reports *reports, struct request *request) {
  task_begin(reports->files, request, NULL, run_metadata, reports);
}

void reports_handle_delete(struct reports *reports, struct request *request) {
  task_begin(reports->files, request, NULL, run_delete, reports);
}
