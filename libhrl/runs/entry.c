#include "runs/entry.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <hrl/version.h>

void hrlp_entry_time(char text[HRL_TIME_SIZE]) {
  struct timespec now;
  struct tm local = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  (void)localtime_r(&now.tv_sec, &local);
  size_t length = strftime(text, HRL_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &local);
  snprintf(text + length, HRL_TIME_SIZE - length, ".%06ld", now.tv_nsec / 1000);
}

/* FNV-1a: tells texts apart for people; the text itself is what counts. */
static void hash_text(const char *text, char hash[17]) {
  uint64_t value = 0xcbf29ce484222325ULL;
  for (; *text != '\0'; text++) value = (value ^ (unsigned char)*text) * 0x100000001b3ULL;
  snprintf(hash, 17, "%016" PRIx64, value);
}

/* The first column of the only row, 0 where there is none. */
static hrl_status read_id(struct hrlp_database *database, sqlite3_stmt *statement,
                          int64_t *id, hrl_error *error) {
  int result = sqlite3_step(statement);
  *id = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  return hrlp_database_end(database, statement, result, error);
}

hrl_status hrlp_entry_scenario(struct hrlp_database *database, const char *text,
                               int64_t *id, hrl_error *error) {
  char hash[17];
  hash_text(text, hash);
  hrl_status status = hrlp_database_run(
      database, error, "INSERT OR IGNORE INTO scenarios(hash, text) VALUES(?, ?)", "tt",
      hash, text);
  sqlite3_stmt *statement = NULL;
  if (status == HRL_OK)
    status = hrlp_database_prepare(database, &statement, error,
                                   "SELECT id FROM scenarios WHERE hash = ? AND text = ?",
                                   "tt", hash, text);
  return status == HRL_OK ? read_id(database, statement, id, error) : status;
}

/* Deletes rows that a resumed part replaces, or that exceed the bound. */
static hrl_status thin(struct hrlp_entry *entry, int64_t id, hrl_error *error) {
  struct hrlp_database *database = &entry->database;
  int64_t first = (int64_t)entry->first_episode;
  int64_t points = (int64_t)entry->point_stride;
  int64_t evaluations =
      (int64_t)(entry->evaluation_stride * entry->options.save_interval);
  hrl_status status = hrlp_database_run(
      database, error,
      "DELETE FROM progress WHERE run = ? AND (episode > ? OR episode % ? <> 0)", "iii",
      id, first, points);
  if (status == HRL_OK)
    status = hrlp_database_run(
        database, error,
        "DELETE FROM evaluations WHERE run = ? AND (episode > ? OR episode % ? <> 0)",
        "iii", id, first, evaluations);
  if (status == HRL_OK)
    status = hrlp_database_run(
        database, error,
        "UPDATE runs SET final_return = NULL, final_stderr = NULL, final_returns = NULL,"
        " final_equivalent = NULL, final_equivalent_stderr = NULL,"
        " final_episode = NULL WHERE id = ? AND final_episode > ?",
        "ii", id, first);
  if (status == HRL_OK)
    status = hrlp_database_run(
        database, error,
        "UPDATE runs SET (best_return, best_equivalent, best_episode) ="
        " (SELECT strategic_return, certainty_equivalent, episode FROM evaluations WHERE "
        "run = runs.id ORDER BY strategic_return DESC LIMIT 1)"
        " WHERE id = ? AND best_episode > ?",
        "ii", id, first);
  return status;
}

/* The row that the run has, from earlier parts of it or from a queue; 0: none. */
static hrl_status find_row(struct hrlp_entry *entry, int64_t *id, hrl_error *error) {
  struct hrlp_database *database = &entry->database;
  sqlite3_stmt *statement = NULL;
  hrl_status status;
  if (entry->given != 0)
    status = hrlp_database_prepare(database, &statement, error,
                                   "SELECT id FROM runs WHERE id = ?", "i", entry->given);
  else
    status = hrlp_database_prepare(
        database, &statement, error,
        "SELECT id FROM runs WHERE scenario = ? AND seed = ? AND started = ?", "tit",
        entry->scenario, (int64_t)entry->seed, entry->start_time);
  return status == HRL_OK ? read_id(database, statement, id, error) : status;
}

/* The run's row: the one it has, or a new one. The caller's transaction. */
static hrl_status begin_row(struct hrlp_entry *entry, hrl_error *error) {
  struct hrlp_database *database = &entry->database;
  int64_t id = 0;
  int64_t scenario_id = 0;
  const hrl_trainer_options *options = &entry->options;
  hrl_status status = hrlp_entry_scenario(database, entry->text, &scenario_id, error);
  if (status == HRL_OK) status = find_row(entry, &id, error);
  if (status == HRL_OK && id == 0) {
    status = hrlp_database_run(
        database, error,
        "INSERT INTO runs(scenario, scenario_id, state, locked, started, seed, episode,"
        " total_episodes, save_interval, keep, eval_episodes, threads, parts, version,"
        " host, process) VALUES(?, 0, 1, 0, ?, ?, 0, 0, 1, 0, 1, 0, 0, '', '', 0)",
        "tti", entry->scenario, entry->start_time, (int64_t)entry->seed);
    id = sqlite3_last_insert_rowid(database->handle);
  }
  if (status == HRL_OK) status = thin(entry, id, error);
  if (status != HRL_OK) return status;
  bool locked = hrlp_liveness_take(database, id);
  char host[65] = "";
  gethostname(host, sizeof host - 1);
  status = hrlp_database_run(
      database, error,
      "UPDATE runs SET scenario_id = ?, locked = ?, started = ?, total_episodes = ?,"
      " save_interval = ?, keep = ?, eval_episodes = ?, threads = ?, parts = parts + 1,"
      " version = ?, host = ?, process = ?, error = NULL, ended = NULL, reason = NULL,"
      " patience = ?, min_improvement = ?, min_episodes = ?, target = ? WHERE id = ?",
      "iitiiiiittiididi", scenario_id, (int64_t)locked, entry->start_time,
      (int64_t)entry->total_episodes, (int64_t)options->save_interval,
      (int64_t)options->keep, (int64_t)options->eval_episodes, (int64_t)options->threads,
      hrl_version(), host, (int64_t)getpid(), (int64_t)options->patience,
      options->patience > 0 ? options->min_improvement : NAN,
      (int64_t)options->min_episodes, options->has_target ? options->target : NAN, id);
  entry->id = id;
  return status;
}

static hrl_status write_point(struct hrlp_entry *entry, const hrl_progress *point,
                              hrl_error *error) {
  return hrlp_database_run(
      &entry->database, error,
      "INSERT OR REPLACE INTO progress VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", "iiddddddd",
      entry->id, (int64_t)point->episode, point->avg_reward, point->avg_duration,
      point->avg_cash, point->avg_invested, point->stability, point->goal_adherence,
      point->elapsed_time);
}

static hrl_status write_evaluation(struct hrlp_entry *entry,
                                   const struct hrlp_recorded_evaluation *evaluation,
                                   hrl_error *error) {
  const hrl_evaluation *figures = &evaluation->figures;
  return hrlp_database_run(
      &entry->database, error,
      "INSERT OR REPLACE INTO evaluations VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?,"
      " ?, ?, ?)",
      "iiidddddddddddddd", entry->id, (int64_t)evaluation->episode,
      (int64_t)figures->episodes, figures->strategic_return,
      figures->strategic_return_stderr, figures->reward, figures->months,
      figures->solvent, figures->stability, figures->final_cash, figures->invested,
      figures->wealth, figures->goal_adherence, figures->certainty_equivalent,
      figures->certainty_equivalent_stderr, figures->consumption, figures->rescued);
}

static hrl_status write_final(struct hrlp_entry *entry,
                              const struct hrlp_standing *standing, hrl_error *error) {
  hrl_status status = HRL_OK;
  const hrl_evaluation *figures = &standing->final.figures;
  if (standing->has_best)
    status = hrlp_database_run(&entry->database, error,
                               "UPDATE runs SET best_return = ?, best_equivalent = ?, "
                               "best_episode = ? WHERE id = ?",
                               "ddii", standing->best_return, standing->best_equivalent,
                               (int64_t)standing->best_episode, entry->id);
  if (status == HRL_OK && standing->has_final)
    status = hrlp_database_run(
        &entry->database, error,
        "UPDATE runs SET final_return = ?, final_stderr = ?, final_equivalent = ?,"
        " final_equivalent_stderr = ?, final_episode = ?, final_returns = ? WHERE id = ?",
        "ddddibi", figures->strategic_return, figures->strategic_return_stderr,
        figures->certainty_equivalent, figures->certainty_equivalent_stderr,
        (int64_t)standing->final.episode, standing->returns,
        standing->return_count * sizeof standing->returns[0], entry->id);
  return status;
}

static bool has_ended(hrl_run_state state) {
  return state != HRL_RUN_QUEUED && state != HRL_RUN_RUNNING && state != HRL_RUN_PAUSED;
}

static hrl_status write_standing(struct hrlp_entry *entry,
                                 const struct hrlp_standing *standing, hrl_error *error) {
  char now[HRL_TIME_SIZE];
  bool ended = has_ended(standing->state);
  hrlp_entry_time(now);
  hrl_status status = write_final(entry, standing, error);
  for (size_t i = entry->points_written; status == HRL_OK && i < standing->point_count;
       i++)
    status = write_point(entry, &entry->points[i], error);
  for (size_t i = entry->evaluations_written;
       status == HRL_OK && i < standing->evaluation_count; i++)
    status = write_evaluation(entry, &entry->evaluations[i], error);
  if (ended && status == HRL_OK && standing->has_progress)
    status = write_point(entry, &standing->progress, error);
  if (ended && status == HRL_OK && standing->has_final)
    status = write_evaluation(entry, &standing->final, error);
  if (status == HRL_OK)
    status = hrlp_database_run(
        &entry->database, error,
        "UPDATE runs SET state = ?, episode = ?, elapsed = coalesce(?, "
        "elapsed), ended = ?,"
        " error = ?, reason = ? WHERE id = ?",
        "iidttti", (int64_t)standing->state, (int64_t)standing->episode,
        standing->has_progress ? standing->progress.elapsed_time : NAN,
        ended ? now : NULL, standing->error[0] != '\0' ? standing->error : NULL,
        standing->reason, entry->id);
  return status;
}

hrl_status hrlp_entry_write(struct hrlp_entry *entry,
                            const struct hrlp_standing *standing, hrl_error *error) {
  struct hrlp_database *database = &entry->database;
  bool is_first = entry->id == 0;
  hrl_status status = hrlp_database_run(database, error, "BEGIN IMMEDIATE", "");
  if (status != HRL_OK) return status;
  if (is_first) status = begin_row(entry, error);
  if (status == HRL_OK) status = write_standing(entry, standing, error);
  if (status == HRL_OK) status = hrlp_database_run(database, error, "COMMIT", "");
  if (status == HRL_OK) {
    entry->points_written = standing->point_count;
    entry->evaluations_written = standing->evaluation_count;
    return HRL_OK;
  }
  hrlp_database_run(database, NULL, "ROLLBACK", "");
  if (is_first) {
    if (entry->id != 0) hrlp_liveness_release(database, entry->id);
    entry->id = 0;
  }
  return status;
}
