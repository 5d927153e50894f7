#include "serve/simulation/background.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/json_text.h"
#include "serve/socketio/socketio.h"

struct naming {
  const struct order *order;
  const char *folder;
  int64_t now;
};

static bool name_copy(const void *data, unsigned copy, char id[RESULT_ID_SIZE]) {
  const struct naming *naming = data;
  char name[RESULT_ID_SIZE + 8];
  result_id(id, naming->order->model, naming->order->scenario, naming->now, copy);
  snprintf(name, sizeof name, "%s.json", id);
  return !folder_has(naming->folder, name);
}

bool order_reserve(struct order *order, struct pending *pending, const char *folder) {
  const struct naming naming = {order, folder, (int64_t)time(NULL)};
  return pending_reserve(pending, name_copy, &naming, order->id);
}

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
  char *text;
  errand->begun = true;
  if (!order_carry_out(&errand->order, errand->places, workers_ending(errand->workers),
                       &text))
    return;
  /* not from its file, which a client may have deleted already */
  json_t *head = result_head_parse(text);
  free(text);
  if (head != NULL) errand->row = result_row(head, errand->order.id);
  json_decref(head);
}

static void tell(struct job *job) {
  struct errand *errand = holder_of(job, struct errand, job);
  const struct order *order = &errand->order;
  pending_release(&errand->background->pending, order->id, &order->failure);
  if (errand->row != NULL)
    socketio_broadcast(errand->background->sessions, MESSAGE_LIFECYCLE,
                       "simulation_completed", errand->row);
  else if (errand->begun)
    socketio_broadcast(
        errand->background->sessions, MESSAGE_LIFECYCLE, "simulation_failed",
        json_pack("{s:s, s:s, s:s, s:s?, s:o}", "simulation_id", order->id,
                  "scenario_name", order->scenario, "model_name", order->model, "error",
                  order->failure.code, "message", json_text(order->failure.message)));
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
  pending_release(&background->pending, order->id, &order->failure);
  return false;
}
