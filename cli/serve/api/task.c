#include "serve/api/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/http/log.h"

void task_reply_text(struct task *task, unsigned status, const char *type, char *text,
                     size_t length) {
  free(task->text);
  task->status = status;
  task->type = type;
  task->text = text;
  task->length = length;
}

void task_reply_json(struct task *task, unsigned status, json_t *json) {
  char *text = json_print(json, JSON_COMPACT | JSON_ENCODE_ANY);
  json_decref(json);
  if (text == NULL) {
    status = 500;
    text = strdup("{\"detail\":\"out of memory\"}");
  }
  task_reply_text(task, status, TYPE_JSON, text, text == NULL ? 0 : strlen(text));
}

void task_reply_detail(struct task *task, unsigned status, const char *format, ...) {
  char detail[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(detail, sizeof detail, format, arguments);
  va_end(arguments);
  task_reply_json(task, status, json_pack("{s:o}", "detail", json_text(detail)));
}

void task_reply_error(struct task *task, unsigned status, const char *code,
                      const char *format, ...) {
  char message[2048], now[TIME_TEXT_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  time_text(now);
  task_reply_json(task, status,
                  json_pack("{s:{s:s, s:o, s:s}}", "detail", "error", code, "message",
                            json_text(message), "timestamp", now));
}

bool task_is_known(struct task *task, const char *etag) {
  snprintf(task->etag, sizeof task->etag, "%s", etag);
  if (!task->is_get || !etag_matches(task->if_none_match, etag, true)) return false;
  task_reply_text(task, 304, TYPE_JSON, NULL, 0);
  return true;
}

bool task_is_stale(struct task *task, const char *etag) {
  bool is_there = etag[0] != '\0';
  bool stale =
      task->if_match != NULL && !(is_there && etag_matches(task->if_match, etag, false));
  if (is_there && etag_matches(task->if_none_match, etag, true)) stale = true;
  if (stale)
    task_reply_detail(task, 412, "It has changed since it was read: read it again");
  return stale;
}

size_t task_number(const struct task *task, const char *name) {
  json_int_t number = json_integer_value(json_object_get(task->values, name));
  return number > 0 ? (size_t)number : 0;
}

static void client_gone(struct request *request) {
  ((struct task *)request->owner)->request = NULL;
}

static void run_task(struct job *job) {
  struct task *task = holder_of(job, struct task, job);
  task->run(task);
}

static void free_task(struct task *task) {
  free(task->text);
  free(task->kept);
  free(task->disposition);
  free(task->if_match);
  free(task->if_none_match);
  json_decref(task->values);
  free(task);
}

static void end_task(struct job *job) {
  struct task *task = holder_of(job, struct task, job);
  if (task->then != NULL && task->status != 0) task->then(task);
  struct request *request = task->request;
  if (request != NULL) {
    request->gone = NULL;
    request->retry_after = task->retry_after;
    request->disposition = task->disposition;
    request->policy = task->policy;
    task->disposition = NULL;
    memcpy(request->etag, task->etag, sizeof request->etag);
    request->counted = task->counted;
    request->total = task->total;
    if (task->status == 0)
      request_reply_detail(request, 503, "The service is shutting down");
    else if (task->text == NULL && task->length == 0 && task->status != 304)
      request_reply_json(request, 500, NULL);
    else
      request_reply_owned(request, task->status, task->type, task->text, task->length);
    if (task->status != 0) task->text = NULL;
  }
  free_task(task);
}

static char *copy_header(const struct request *request, const char *name) {
  const char *value = request_header(request, name);
  return value == NULL ? NULL : strdup(value);
}

void task_begin(struct workers *workers, struct request *request, json_t *values,
                void (*run)(struct task *task), void *owner) {
  task_begin_then(workers, request, values, run, NULL, owner);
}

void task_begin_then(struct workers *workers, struct request *request, json_t *values,
                     void (*run)(struct task *task), void (*then)(struct task *task),
                     void *owner) {
  struct task *task = calloc(1, sizeof *task);
  if (task == NULL) {
    request_reply_json(request, 500, NULL);
    return;
  }
  task->owner = owner;
  memcpy(task->parameter, request->parameter, sizeof task->parameter);
  task->values = json_incref(values);
  task->is_get = request->method == METHOD_GET || request->method == METHOD_HEAD;
  task->if_match = copy_header(request, "if-match");
  task->if_none_match = copy_header(request, "if-none-match");
  task->run = run;
  task->then = then;
  task->job = (struct job){.work = run_task, .done = end_task};
  task->request = request;
  if (!workers_submit(workers, &task->job)) {
    free_task(task);
    request->retry_after = TASK_RETRY_SECONDS;
    request_reply_detail(request, 503, "The service is busy: try again later");
    return;
  }
  request->owner = task;
  request->gone = client_gone;
}
