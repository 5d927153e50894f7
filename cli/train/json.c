#include "train/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/json_text.h"

/* Prints `object` on a line of its own, and frees it. An object that could not be made,
 * for want of memory, leaves the line out. */
static void print_line(json_t *object) {
  char *text = object != NULL ? json_print(object, 0) : NULL;
  if (text != NULL) puts(text);
  free(text);
  json_decref(object);
}

static void print_started(const hrl_event *event) {
  print_line(json_pack("{s:s, s:o, s:I, s:s}", "event", "training_started",
                       "scenario_name", json_text(event->scenario), "num_episodes",
                       (json_int_t)event->total_episodes, "start_time",
                       event->start_time));
}

static void print_progress(const hrl_progress *progress) {
  print_line(json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "event",
                       "training_progress", "episode", (json_int_t)progress->episode,
                       "total_episodes", (json_int_t)progress->total_episodes,
                       "avg_reward", json_number(progress->avg_reward), "avg_duration",
                       json_number(progress->avg_duration), "avg_cash",
                       json_number(progress->avg_cash), "avg_invested",
                       json_number(progress->avg_invested), "stability",
                       json_number(progress->stability), "goal_adherence",
                       json_number(progress->goal_adherence), "elapsed_time",
                       json_number(progress->elapsed_time)));
}

static void print_stopped(const hrl_event *event) {
  print_line(json_pack("{s:s, s:o, s:I}", "event", "training_stopped", "scenario_name",
                       json_text(event->scenario), "episodes_completed",
                       (json_int_t)event->episode));
}

static void print_completed(const hrl_event *event) {
  const hrl_progress *last = event->progress;
  json_t *metrics =
      last == NULL
          ? json_null()
          : json_pack("{s:o, s:o, s:o}", "avg_reward", json_number(last->avg_reward),
                      "avg_duration", json_number(last->avg_duration), "stability",
                      json_number(last->stability));
  print_line(json_pack("{s:s, s:o, s:I, s:s, s:o}", "event", "training_completed",
                       "scenario_name", json_text(event->scenario), "episodes_completed",
                       (json_int_t)event->episode, "reason", event->reason,
                       "final_metrics", metrics));
}

void train_json_event(const hrl_event *event) {
  switch (event->type) {
    case HRL_EVENT_STARTED:
      print_started(event);
      break;
    case HRL_EVENT_PROGRESS:
      print_progress(event->progress);
      break;
    case HRL_EVENT_STOPPED:
      print_stopped(event);
      break;
    case HRL_EVENT_COMPLETED:
      print_completed(event);
      break;
    case HRL_EVENT_CHECKPOINT:
    case HRL_EVENT_EVALUATED:
    case HRL_EVENT_PAUSED:
    case HRL_EVENT_RESUMED:
    case HRL_EVENT_ERROR: /* train_json_error, where all failures come together */
      break;
  }
}

void train_json_error(hrl_status status, const char *message) {
  print_line(json_pack("{s:s, s:o, s:s}", "event", "training_error", "message",
                       json_text(message), "details", hrl_status_name(status)));
}
