#include "serve/api/training_json.h"

#include <stdio.h>

#include "common/json_text.h"

/* Every event tells its run behind all else; what is in no run has none. */
static json_t *with_run(json_t *event, uint64_t run) {
  if (event != NULL && run != 0)
    json_object_set_new(event, "run_id", json_integer((json_int_t)run));
  return event;
}

/* ---- events ---- */

static json_t *progress_of(const hrl_progress *p) {
  return json_pack(
      "{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "episode", (json_int_t)p->episode,
      "total_episodes", (json_int_t)p->total_episodes, "avg_reward",
      json_number(p->avg_reward), "avg_duration", json_number(p->avg_duration),
      "avg_cash", json_number(p->avg_cash), "avg_invested", json_number(p->avg_invested),
      "stability", json_number(p->stability), "goal_adherence",
      json_number(p->goal_adherence), "elapsed_time", json_number(p->elapsed_time));
}

json_t *training_json_progress(const struct run *run) {
  return with_run(progress_of(&run->progress), run->id);
}

static json_t *started(const struct run *run) {
  return json_pack("{s:s, s:I, s:s}", "scenario_name", run->name, "num_episodes",
                   (json_int_t)run->total, "start_time", run->start_time);
}

json_t *training_json_started(const struct run *run) {
  return with_run(started(run), run->id);
}

static json_t *reached(const struct run *run) {
  return json_pack("{s:s, s:I}", "scenario_name", run->name, "episodes_completed",
                   (json_int_t)run->episode);
}

json_t *training_json_reached(const struct run *run) {
  return with_run(reached(run), run->id);
}

json_t *training_json_completed(const struct run *run) {
  json_t *metrics =
      json_pack("{s:o, s:o, s:o}", "avg_reward", json_number(run->progress.avg_reward),
                "avg_duration", json_number(run->progress.avg_duration), "stability",
                json_number(run->progress.stability));
  return with_run(
      json_pack("{s:s, s:I, s:o}", "scenario_name", run->name, "episodes_completed",
                (json_int_t)run->episode, "final_metrics", metrics),
      run->id);
}

json_t *training_json_error(const char *what, const char *details, uint64_t run) {
  return with_run(json_pack("{s:s, s:o}", "message", what, "details", json_text(details)),
                  run);
}

json_t *training_json_queued(const char *name, uint64_t total, int32_t priority,
                             uint64_t run) {
  return with_run(json_pack("{s:s, s:I, s:i}", "scenario_name", name, "num_episodes",
                            (json_int_t)total, "priority", (int)priority),
                  run);
}

/* ---- answers ---- */

#define MESSAGE_SIZE (HRL_NAME_SIZE + 64)

static void write_message(char message[MESSAGE_SIZE], const char *what,
                          const char *name) {
  snprintf(message, MESSAGE_SIZE, "Training %s for scenario: %s", what, name);
}

static json_t *start_answer(const char *what, const char *name, json_t *data,
                            uint64_t run) {
  char message[MESSAGE_SIZE];
  write_message(message, what, name);
  json_object_set_new(data, "status", json_string(what));
  return with_run(json_pack("{s:s, s:s, s:o}", "message", message, "scenario_name", name,
                            "data", with_run(data, run)),
                  run);
}

json_t *training_json_start_answer(const struct run *run, bool plain) {
  return start_answer("started", run->name, started(run), plain ? 0 : run->id);
}

json_t *training_json_queued_answer(const char *name, uint64_t total, uint64_t run) {
  json_t *data = json_pack("{s:s, s:I, s:n}", "scenario_name", name, "num_episodes",
                           (json_int_t)total, "start_time");
  return start_answer("queued", name, data, run);
}

static json_t *change_answer(const struct run *run, const char *status, uint64_t id) {
  char message[MESSAGE_SIZE];
  json_t *data = reached(run);
  write_message(message, status, run->name);
  json_object_set_new(data, "status", json_string(status));
  json_object_set_new(data, "total_episodes", json_integer((json_int_t)run->total));
  return json_pack("{s:s, s:o}", "message", message, "data", with_run(data, id));
}

json_t *training_json_stop_answer(const struct run *run, bool plain) {
  return change_answer(run, run->end == RUN_COMPLETED ? "completed" : "stopped",
                       plain ? 0 : run->id);
}

json_t *training_json_change_answer(const struct run *run, const char *status) {
  return change_answer(run, status, run->id);
}

json_t *training_json_status(const struct run *run, bool is_training) {
  static const struct run none = {.id = 0};
  if (run == NULL) run = &none;
  json_t *progress = run->has_progress ? progress_of(&run->progress) : json_null();
  json_t *status = json_pack(
      "{s:b, s:s?, s:I, s:I, s:s?, s:o}", "is_training", is_training ? 1 : 0,
      "scenario_name", run->name[0] != '\0' ? run->name : NULL, "current_episode",
      (json_int_t)run->episode, "total_episodes", (json_int_t)run->total, "start_time",
      run->start_time[0] != '\0' ? run->start_time : NULL, "latest_progress", progress);
  if (run->end == RUN_FAILED) json_object_set_new(status, "error", json_text(run->error));
  return status;
}

static enum run_end end_of(hrl_run_state state) {
  switch (state) {
    case HRL_RUN_COMPLETED:
      return RUN_COMPLETED;
    case HRL_RUN_STOPPED:
      return RUN_STOPPED;
    case HRL_RUN_FAILED:
      return RUN_FAILED;
    case HRL_RUN_QUEUED:
    case HRL_RUN_RUNNING:
    case HRL_RUN_PAUSED:
    case HRL_RUN_INTERRUPTED:
      break;
  }
  return RUN_ENDS;
}

void training_run_of(const hrl_run *recorded, struct run *run) {
  *run = (struct run){.id = recorded->id,
                      .end = end_of(recorded->state),
                      .episode = recorded->episode,
                      .total = recorded->total_episodes};
  snprintf(run->name, sizeof run->name, "%s", recorded->scenario);
  snprintf(run->start_time, sizeof run->start_time, "%s", recorded->start_time);
  snprintf(run->error, sizeof run->error, "%s", recorded->error);
}
