#include "serve/reports/background.h"

#include <stdlib.h>

#include "common/json_text.h"
#include "serve/socketio/socketio.h"

struct errand {
  struct job job;
  struct reports *reports;
  struct report_order order;
  bool begun;
  json_t *metadata; /* of its report */
};

static void work(struct job *job) {
  struct errand *errand = holder_of(job, struct errand, job);
  const struct reports *reports = errand->reports;
  errand->begun = true;
  errand->metadata =
      report_order_carry_out(&errand->order, reports->places, reports->folder);
}

static void tell(struct job *job) {
  struct errand *errand = holder_of(job, struct errand, job);
  struct report_order *order = &errand->order;
  struct reports *reports = errand->reports;
  pending_release(&reports->pending, order->id, &order->failure);
  if (errand->metadata != NULL)
    socketio_broadcast(reports->sessions, MESSAGE_LIFECYCLE, "report_completed",
                       errand->metadata);
  else if (errand->begun)
    socketio_broadcast(
        reports->sessions, MESSAGE_LIFECYCLE, "report_failed",
        json_pack("{s:s, s:s, s:s?, s:o}", "report_id", order->id, "simulation_id",
                  order->simulation, "error", order->failure.code, "message",
                  json_text(order->failure.message)));
  report_order_end(order);
  free(errand);
}

bool report_submit(struct reports *reports, struct report_order *order) {
  struct errand *errand = calloc(1, sizeof *errand);
  if (errand != NULL) {
    errand->job = (struct job){.work = work, .done = tell};
    errand->reports = reports;
    errand->order = *order;
    if (workers_submit(reports->players, &errand->job)) return true;
    free(errand);
  }
  pending_release(&reports->pending, order->id, &order->failure);
  report_order_end(order);
  return false;
}
