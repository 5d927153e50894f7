#include "serve/models/models.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/api/page.h"
#include "serve/http/log.h"
#include "serve/models/cache.h"
#include "serve/models/json.h"

/* The name in the path. False: it is none, and the task was answered. */
static bool read_parameter(struct task *task, char name[HRL_NAME_SIZE]) {
  hrl_error error = HRL_ERROR_INIT;
  if (hrl_name_sanitize(task->parameter, name, &error) == HRL_OK) return true;
  task_reply_detail(task, 400, "Invalid model name: %s", error.message);
  return false;
}

/* A row from what was read before, or read now. */
static json_t *make_row(struct model_store *store, const struct model_entry *entry) {
  pthread_mutex_lock(&store->lock);
  json_t *row = model_cache_get(store->cache, entry);
  pthread_mutex_unlock(&store->lock);
  if (row != NULL) return row;
  row = model_json_row(entry);
  if (row == NULL) return NULL;
  pthread_mutex_lock(&store->lock);
  model_cache_put(store->cache, entry, row);
  pthread_mutex_unlock(&store->lock);
  return row;
}

static void run_list(struct task *task) {
  struct models *models = task->owner;
  struct model_entry *entries;
  size_t count;
  int reason = model_store_list(&models->store, &entries, &count);
  if (reason != 0) {
    task_reply_detail(task, 500, "The models cannot be listed: %s", file_reason(reason));
    return;
  }
  json_t *rows = json_array();
  struct page page = page_of(task, count);
  for (size_t i = page.begin; i < page.end; i++) {
    json_t *row = make_row(&models->store, &entries[i]);
    if (row != NULL) json_array_append_new(rows, row);
  }
  free(entries);
  page_reply(task, json_pack("{s:o, s:I}", "models", rows, "total", (json_int_t)count));
}

static void run_get(struct task *task) {
  const struct models *models = task->owner;
  char name[HRL_NAME_SIZE];
  struct model_entry entry;
  if (!read_parameter(task, name)) return;
  if (model_store_find(&models->store, name, &entry))
    page_reply(task, model_json_detail(&entry));
  else
    task_reply_detail(task, 404, "Model '%s' not found", name);
}

static void run_delete(struct task *task) {
  const struct models *models = task->owner;
  char name[HRL_NAME_SIZE], now[TIME_TEXT_SIZE], message[2 * HRL_NAME_SIZE];
  struct model_entry entry;
  if (!read_parameter(task, name)) return;
  if (model_store_find(&models->store, name, &entry) && entry.shipped) {
    task_reply_detail(task, 403, "Model '%s' came with the program and cannot be deleted",
                      name);
    return;
  }
  int reason = model_store_remove(&models->store, name);
  if (reason == ENOENT) {
    task_reply_detail(task, 404, "Model '%s' not found", name);
  } else if (reason == EBUSY) {
    task_reply_detail(task, 409, "Model '%s' is being trained: stop that first", name);
  } else if (reason != 0) {
    task_reply_detail(task, 500, "Model '%s' cannot be deleted: %s", name,
                      file_reason(reason));
  } else {
    time_text(now);
    snprintf(message, sizeof message, "Model '%s' deleted", name);
    task_reply_json(task, 200,
                    json_pack("{s:s, s:s, s:s}", "name", name, "message", message,
                              "deleted_at", now));
  }
}

void models_handle_list(struct models *models, struct request *request, json_t *values) {
  task_begin(models->workers, request, values, run_list, models);
}

void models_handle_get(struct models *models, struct request *request) {
  task_begin(models->workers, request, NULL, run_get, models);
}

void models_handle_delete(struct models *models, struct request *request) {
  task_begin(models->workers, request, NULL, run_delete, models);
}
