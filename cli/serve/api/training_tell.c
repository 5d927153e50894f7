#include "serve/api/training_json.h"
#include "serve/api/training_state.h"
#include "serve/http/log.h"
#include "serve/socketio/socketio.h"

/* A hair's breadth beyond, so that the time has come for certain. */
#define SLACK 1000

void training_tell(const struct training *training, enum message_kind kind, uint64_t run,
                   const char *event, json_t *payload) {
  socketio_tell(training->settings.sessions, kind, run, event, payload);
}

void training_tell_failure(struct training *training, const struct run *run,
                           const char *what) {
  log_note(training->settings.log_json, "%s: %s", what, run->error);
  training_tell(training, MESSAGE_LIFECYCLE, run->id, "training_error",
                training_json_error(what, run->error, run->id));
}

/* ---- progress ---- */

static void send_progress(struct training *training, struct run *run, int64_t now) {
  run->held = false;
  run->sent = now;
  training_tell(training, MESSAGE_PROGRESS, run->id, "training_progress",
                training_json_progress(run));
}

static void wait_at_most(struct training *training, int64_t delay, int64_t now) {
  struct timer *hold = &training->hold;
  if (hold->started && hold->due <= now + delay) return;
  timer_start(training->settings.loop, hold, delay);
}

static void try_to_send(struct training *training, struct run *run, int64_t now) {
  unsigned clients = socketio_listeners(training->settings.sessions, run->id);
  struct rate_limit *limit = &training->rate_limit;
  if (rate_limit_allows(limit, run->sent, clients, now))
    send_progress(training, run, now);
  else
    wait_at_most(training, rate_limit_wait(limit, run->sent, clients, now) + SLACK, now);
}

void training_tell_progress(struct training *training, struct run *run) {
  if (run->held) return;
  run->held = true;
  try_to_send(training, run, clock_now());
}

void training_flush_progress(struct training *training, struct run *run) {
  if (run->held) send_progress(training, run, clock_now());
}

/* The held run whose progress went out least recently, of those after `sent`. */
static struct run *next_held(struct run *runs, const struct run *after) {
  struct run *next = NULL;
  for (; runs != NULL; runs = runs->next) {
    bool follows = after == NULL || runs->sent > after->sent ||
                   (runs->sent == after->sent && runs->id > after->id);
    if (!runs->held || !follows) continue;
    if (next == NULL || runs->sent < next->sent ||
        (runs->sent == next->sent && runs->id < next->id))
      next = runs;
  }
  return next;
}

void training_release_progress(struct training *training) {
  int64_t now = clock_now();
  struct run *run = next_held(training->runs, NULL);
  while (run != NULL) {
    struct run *next = next_held(training->runs, run);
    try_to_send(training, run, now);
    run = next;
  }
}
