#include "serve/reports/reports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/api/page.h"
#include "serve/reports/background.h"

#define METADATA_MAX ((size_t)1 << 18)
#define REPORT_MAX ((size_t)64 << 20)
/* Files that a list looks into: the newest ones. */
#define LIST_MAX 10000

/* The id in the path. False: it is none, and the task was answered. */
static bool read_parameter(struct task *task, char id[HRL_NAME_SIZE]) {
  hrl_error error = HRL_ERROR_INIT;
  if (hrl_name_sanitize(task->parameter, id, &error) == HRL_OK) return true;
  task_reply_error(task, 400, "ValidationError", "Invalid report_id: %s", error.message);
  return false;
}

static void reply_failed(struct task *task, const struct failure *failure) {
  task_reply_error(task, failure->status, failure->code, "%s", failure->message);
}

/* Answers for a report that has no files. */
static void reply_absent(struct task *task, const char *id,
                         const struct pending_entry *known) {
  if (known->id[0] == '\0')
    task_reply_error(task, 404, "NotFound", "Report '%s' not found", id);
  else if (known->is_on)
    task_reply_json(task, 202,
                    json_pack("{s:s, s:s, s:s}", "status", "running", "report_id", id,
                              "message", "The report is being made"));
  else
    reply_failed(task, &known->failure);
}

void reports_begin(struct reports *reports) { pending_begin(&reports->pending); }

void reports_end(struct reports *reports) { pending_end(&reports->pending); }

/* ---- making ---- */

static void reply_too_many(struct task *task) {
  task->retry_after = TASK_RETRY_SECONDS;
  task_reply_error(task, 503, "ReportGenerationError",
                   "Too many reports are being made: try again later");
}

/* For a client that waits. */
static void generate(struct task *task, struct report_order *order) {
  struct reports *reports = task->owner;
  if (!report_order_reserve(order, &reports->pending, reports->folder)) {
    reply_too_many(task);
    return;
  }
  json_t *answer = report_order_carry_out(order, reports->places, reports->folder);
  pending_release(&reports->pending, order->id, &order->failure);
  if (answer == NULL) {
    reply_failed(task, &order->failure);
    return;
  }
  json_object_set_new(answer, "status", json_string("completed"));
  json_object_set_new(answer, "message", json_string("Report generated"));
  task_reply_json(task, 202, answer);
}

static void run_generate(struct task *task) {
  struct report_order order;
  if (report_order_begin(&order, task->values))
    generate(task, &order);
  else
    reply_failed(task, &order.failure);
  report_order_end(&order);
}

/* On the loop, once run_checked has found that it can be made. */
static void submit(struct task *task) {
  struct report_order *order = task->kept;
  if (order != NULL && !report_submit(task->owner, order)) reply_too_many(task);
}

static void run_checked(struct task *task) {
  struct reports *reports = task->owner;
  struct report_order *order = calloc(1, sizeof *order);
  if (order == NULL) {
    task_reply_json(task, 500, NULL);
    return;
  }
  if (!report_order_begin(order, task->values) ||
      !report_order_check(order, reports->places)) {
    reply_failed(task, &order->failure);
  } else if (!report_order_reserve(order, &reports->pending, reports->folder)) {
    reply_too_many(task);
  } else {
    task_reply_json(
        task, 202,
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "status", "running", "report_id",
                  order->id, "simulation_id", order->simulation, "report_type",
                  report_order_type(order), "message", "The report is being made"));
    task->kept = order;
    return;
  }
  report_order_end(order);
  free(order);
}

/* ---- reading ---- */

/* What is said of a report; NULL: no such file, or it is none. */
static json_t *read_metadata(const struct reports *reports, const char *id) {
  static const char *const wanted[] = {"simulation_id", "report_type", "generated_at"};
  char name[REPORT_NAME_SIZE];
  struct file file;
  snprintf(name, sizeof name, "%s" REPORT_METADATA_ENDING, id);
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
    name[strlen(name) - strlen(REPORT_METADATA_ENDING)] = '\0';
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
  int reason = folder_list(reports->folder, REPORT_METADATA_ENDING, &entries);
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
  struct reports *reports = task->owner;
  char id[HRL_NAME_SIZE];
  if (!read_parameter(task, id)) return;
  struct pending_entry known = pending_find(&reports->pending, id);
  json_t *metadata = read_metadata(reports, id);
  if (metadata == NULL)
    reply_absent(task, id, &known);
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
  struct reports *reports = task->owner;
  static const char *const endings[] = {".html", ".pdf"};
  char id[HRL_NAME_SIZE], name[REPORT_NAME_SIZE];
  struct file file;
  if (!read_parameter(task, id)) return;
  struct pending_entry known = pending_find(&reports->pending, id);
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
    reply_absent(task, id, &known);
  else
    task_reply_error(task, 500, "RetrievalError", "The report cannot be read: %s",
                     file_reason(reason));
}

static void run_delete(struct task *task) {
  struct reports *reports = task->owner;
  static const char *const endings[] = {REPORT_METADATA_ENDING, ".html", ".pdf"};
  char id[HRL_NAME_SIZE], name[REPORT_NAME_SIZE];
  int gone = 0, reason = 0;
  if (!read_parameter(task, id)) return;
  struct pending_entry known = pending_find(&reports->pending, id);
  snprintf(name, sizeof name, "%s%s", id, endings[0]);
  /* of what is being made the metadata comes last */
  if (known.is_on && !folder_has(reports->folder, name)) {
    task_reply_error(task, 409, "Conflict",
                     "Report '%s' is being made: delete it once it is there", id);
    return;
  }
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
    task_reply_error(task, 404, "NotFound", "Report '%s' not found", id);
  else
    task_reply_json(
        task, 200, json_pack("{s:s, s:s}", "report_id", id, "message", "Report deleted"));
}

/* ---- the routes ---- */

void reports_handle_generate(struct reports *reports, struct request *request,
                             json_t *values) {
  if (json_is_false(json_object_get(values, "wait")))
    task_begin_then(reports->files, request, values, run_checked, submit, reports);
  else
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
