#include "serve/simulation/background.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/json_text.h"
#include "serve/socketio/socketio.h"

void background_begin(struct background *background) {
  pthread_mutex_init(&background->lock, NULL);
}

void background_end(struct background *background) {
  pthread_mutex_destroy(&background->lock);
}

static struct background_entry *find(struct background *background, const char *id) {
  for (size_t i = 0; i < BACKGROUND_MAX; i++)
    if (strcmp(background->entries[i].id, id) == 0) return &background->entries[i];
  return NULL;
}

/* A place for one more: a free one, or that of the failure that is the oldest. */
static struct background_entry *find_place(struct background *background) {
  for (size_t i = 0; i < BACKGROUND_MAX; i++) {
    size_t at = (background->next + i) % BACKGROUND_MAX;
    if (background->entries[at].is_on) continue;
    background->next = at + 1;
    return &background->entries[at];
  }
  return NULL;
}

bool background_reserve(struct background *background, struct order *order,
                        const char *folder) {
  int64_t now = (int64_t)time(NULL);
  pthread_mutex_lock(&background->lock);
  struct background_entry *place = find_place(background);
  if (place != NULL) {
    place->id[0] = '\0';
    for (unsigned copy = 1;; copy++) {
      char name[RESULT_ID_SIZE + 8];
      result_id(order->id, order->model, order->scenario, now, copy);
      snprintf(name, sizeof name, "%s.json", order->id);
      if (find(background, order->id) == NULL && !folder_has(folder, name)) break;
    }
    *place = (struct background_entry){.is_on = true};
    memcpy(place->id, order->id, sizeof place->id);
  }
  pthread_mutex_unlock(&background->lock);
  return place != NULL;
}

void background_release(struct background *background, const struct order *order) {
  pthread_mutex_lock(&background->lock);
  struct background_entry *entry = find(background, order->id);
  if (entry != NULL) {
    entry->is_on = false;
    entry->status = order->status;
    entry->code = order->code;
    memcpy(entry->message, order->message, sizeof entry->message);
    if (order->status == 0) entry->id[0] = '\0';
  }
  pthread_mutex_unlock(&background->lock);
}

bool background_find(struct background *background, const char *id,
                     struct background_entry *entry) {
  pthread_mutex_lock(&background->lock);
  const struct background_entry *found = id[0] == '\0' ? NULL : find(background, id);
  if (found != NULL) *entry = *found;
  pthread_mutex_unlock(&background->lock);
  return found != NULL;
}

/* ---- one of them ---- */

struct errand {
  struct job job;
  struct background *background;
  struct workers *workers;
  const struct order_places *places;
  struct order order;
  bool begun;
  json_t *row; /* of its result */
};

static void work(struct job *job) {
  struct errand *errand = holder_of(job, struct errand, job);
  char *text, name[RESULT_ID_SIZE + 8];
  errand->begun = true;
  if (!order_carry_out(&errand->order, errand->places, workers_ending(errand->workers),
                       &text))
    return;
  free(text);
  snprintf(name, sizeof name, "%s.json", errand->order.id);
  json_t *head = result_head(errand->places->results, name);
  if (head != NULL) errand->row = result_row(head, errand->order.id);
  json_decref(head);
}

static void tell(struct job *job) {
  struct errand *errand = holder_of(job, struct errand, job);
  const struct order *order = &errand->order;
  background_release(errand->background, order);
  if (errand->row != NULL)
    socketio_broadcast(errand->background->sessions, MESSAGE_LIFECYCLE,
                       "simulation_completed", errand->row);
  else if (errand->begun)
    socketio_broadcast(
        errand->background->sessions, MESSAGE_LIFECYCLE, "simulation_failed",
        json_pack("{s:s, s:s, s:s, s:s?, s:o}", "simulation_id", order->id,
                  "scenario_name", order->scenario, "model_name", order->model, "error",
                  order->code, "message", json_text(order->message)));
  free(errand);
}

bool background_submit(struct background *background, struct workers *workers,
                       const struct order *order, const struct order_places *places) {
  struct errand *errand = calloc(1, sizeof *errand);
  if (errand != NULL) {
    errand->job = (struct job){.work = work, .done = tell};
    errand->background = background;
    errand->workers = workers;
    errand->places = places;
    errand->order = *order;
    if (workers_submit(workers, &errand->job)) return true;
    free(errand);
  }
  background_release(background, order);
  return false;
}
