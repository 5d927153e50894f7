#include "serve/api/training_json.h"

#include <stdio.h>

#include "common/json_text.h"

json_t *training_json_progress(const hrl_progress *p) {
  return json_pack(
      "{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "episode", (json_int_t)p->episode,
      "total_episodes", (json_int_t)p->total_episodes, "avg_reward",
      json_number(p->avg_reward), "avg_duration", json_number(p->avg_duration),
      "avg_cash", json_number(p->avg_cash), "avg_invested", json_number(p->avg_invested),
      "stability", json_number(p->stability), "goal_adherence",
      json_number(p->goal_adherence), "elapsed_time", json_number(p->elapsed_time));
}

json_t *training_json_started(const struct run *run, bool answer) {
  json_t *started =
      json_pack("{s:s, s:I, s:s}", "scenario_name", run->name, "num_episodes",
                (json_int_t)run->total, "start_time", run->start_time);
  if (answer) json_object_set_new(started, "status", json_string("started"));
  return started;
}

json_t *training_json_stopped(const struct run *run, bool answer) {
  json_t *stopped = json_pack("{s:s, s:I}", "scenario_name", run->name,
                              "episodes_completed", (json_int_t)run->episode);
  if (answer) {
    json_object_set_new(stopped, "status", json_string("stopped"));
    json_object_set_new(stopped, "total_episodes", json_integer((json_int_t)run->total));
  }
  return stopped;
}

json_t *training_json_completed(const struct run *run) {
  json_t *metrics =
      json_pack("{s:o, s:o, s:o}", "avg_reward", json_number(run->progress.avg_reward),
                "avg_duration", json_number(run->progress.avg_duration), "stability",
                json_number(run->progress.stability));
  return json_pack("{s:s, s:I, s:o}", "scenario_name", run->name, "episodes_completed",
                   (json_int_t)run->episode, "final_metrics", metrics);
}

json_t *training_json_error(const char *what, const hrl_error *error) {
  return json_pack("{s:s, s:o}", "message", what, "details", json_text(error->message));
}

json_t *training_json_start_answer(const struct run *run) {
  char message[HRL_NAME_SIZE + 64];
  snprintf(message, sizeof message, "Training started for scenario: %s", run->name);
  return json_pack("{s:s, s:s, s:o}", "message", message, "scenario_name", run->name,
                   "data", training_json_started(run, true));
}

json_t *training_json_stop_answer(const struct run *run) {
  char message[HRL_NAME_SIZE + 64];
  snprintf(message, sizeof message, "Training stopped for scenario: %s", run->name);
  return json_pack("{s:s, s:o}", "message", message, "data",
                   training_json_stopped(run, true));
}

json_t *training_json_status(const struct run *run) {
  json_t *progress =
      run->has_progress ? training_json_progress(&run->progress) : json_null();
  json_t *status = json_pack(
      "{s:b, s:s?, s:I, s:I, s:s?, s:o}", "is_training", run->training ? 1 : 0,
      "scenario_name", run->name[0] != '\0' ? run->name : NULL, "current_episode",
      (json_int_t)run->episode, "total_episodes", (json_int_t)run->total, "start_time",
      run->start_time[0] != '\0' ? run->start_time : NULL, "latest_progress", progress);
  if (run->failed) json_object_set_new(status, "error", json_text(run->error));
  return status;
}
