#include "common/run_json.h"

#include <stdio.h>

#include "common/json_text.h"

static json_t *count_json(uint64_t value) { return json_integer((json_int_t)value); }

/* Text, or null where there is none. */
static json_t *optional_json(const char *text) {
  return json_text(text[0] != '\0' ? text : NULL);
}

/* Where its files are, in the output folder. */
static json_t *folder_json(const hrl_run *run) {
  char folder[32];
  snprintf(folder, sizeof folder, "runs/%llu", (unsigned long long)run->id);
  return json_string(run->own_folder ? folder : ".");
}

json_t *run_json(const hrl_run *run) {
  json_t *best = run->best_episode > 0
                     ? json_pack("{s:o, s:o, s:o}", "strategic_return",
                                 json_number(run->best_return), "certainty_equivalent",
                                 json_number(run->best_equivalent), "episode",
                                 count_json(run->best_episode))
                     : json_null();
  json_t *final =
      run->final_episode > 0
          ? json_pack("{s:o, s:o, s:o, s:o, s:o}", "strategic_return",
                      json_number(run->final_return), "strategic_return_stderr",
                      json_number(run->final_stderr), "certainty_equivalent",
                      json_number(run->final_equivalent), "certainty_equivalent_stderr",
                      json_number(run->final_equivalent_stderr), "episode",
                      count_json(run->final_episode))
          : json_null();
  json_t *options = json_pack(
      "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "seed", count_json(run->seed),
      "save_interval", count_json(run->save_interval), "eval_episodes",
      count_json(run->eval_episodes), "threads", count_json(run->threads), "keep",
      count_json(run->keep), "patience", count_json(run->patience), "min_improvement",
      json_number(run->min_improvement), "min_episodes", count_json(run->min_episodes),
      "target", json_number(run->target));
  json_t *queue =
      run->queued_time[0] != '\0'
          ? json_pack("{s:b, s:i, s:s}", "waits", run->in_queue != 0, "priority",
                      (int)run->priority, "queued_time", run->queued_time)
          : json_null();
  return json_pack(
      "{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
      "s:o, s:o, s:o}",
      "id", count_json(run->id), "scenario", json_text(run->scenario), "scenario_hash",
      optional_json(run->scenario_hash), "state", hrl_run_state_name(run->state),
      "reason", optional_json(run->reason), "start_time", optional_json(run->start_time),
      "end_time", optional_json(run->end_time), "episode", count_json(run->episode),
      "total_episodes", count_json(run->total_episodes), "elapsed_time",
      json_number(run->elapsed_time), "parts", count_json(run->parts), "best", best,
      "final", final, "options", options, "library_version",
      optional_json(run->library_version), "host",
      json_pack("{s:o, s:o}", "name", optional_json(run->host), "process",
                count_json(run->process)),
      "error", optional_json(run->error), "folder", folder_json(run), "queue", queue);
}

json_t *point_json(const hrl_progress *point) {
  return json_pack(
      "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "episode", count_json(point->episode),
      "avg_reward", json_number(point->avg_reward), "avg_duration",
      json_number(point->avg_duration), "avg_cash", json_number(point->avg_cash),
      "avg_invested", json_number(point->avg_invested), "stability",
      json_number(point->stability), "goal_adherence", json_number(point->goal_adherence),
      "elapsed_time", json_number(point->elapsed_time));
}

json_t *evaluation_json(uint64_t episode, const hrl_evaluation *figures) {
  return json_pack(
      "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
      "episode", count_json(episode), "episodes", count_json(figures->episodes),
      "strategic_return", json_number(figures->strategic_return),
      "strategic_return_stderr", json_number(figures->strategic_return_stderr), "reward",
      json_number(figures->reward), "months", json_number(figures->months), "solvent",
      json_number(figures->solvent), "stability", json_number(figures->stability),
      "final_cash", json_number(figures->final_cash), "invested",
      json_number(figures->invested), "wealth", json_number(figures->wealth),
      "goal_adherence", json_number(figures->goal_adherence), "certainty_equivalent",
      json_number(figures->certainty_equivalent), "certainty_equivalent_stderr",
      json_number(figures->certainty_equivalent_stderr), "consumption",
      json_number(figures->consumption), "rescued", json_number(figures->rescued));
}

json_t *progress_json(const struct curve *curve) {
  json_t *list = json_array();
  for (size_t i = 0; i < curve->point_count; i++)
    json_array_append_new(list, point_json(&curve->points[i]));
  return list;
}

json_t *evaluations_json(const struct curve *curve) {
  json_t *list = json_array();
  for (size_t i = 0; i < curve->evaluation_count; i++)
    json_array_append_new(list, evaluation_json(curve->evaluations[i].episode,
                                                &curve->evaluations[i].figures));
  return list;
}
