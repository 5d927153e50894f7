#include "runs/pending.h"

#include <math.h>
#include <string.h>

#include <hrl/memory.h>
#include <hrl/version.h>

#include "runs/entry.h"
#include "runs/query.h"
#include "scenario/scenario.h"

hrl_status hrlp_pending_open(const char *folder, bool create, hrl_runs **runs,
                             hrl_error *error) {
  hrl_status status = hrlp_runs_open_as(folder, create, runs, error);
  if (status != HRL_OK) return status;
  if (!(*runs)->database.writable)
    status = hrlp_fail_at(error, HRL_ERROR_IO, (*runs)->database.path, 0, 0,
                          "cannot be written, so there is no queue here");
  /* what is in a queue outlives a power cut, too */
  if (status == HRL_OK)
    status = hrlp_database_run(&(*runs)->database, error, "PRAGMA synchronous=FULL", "");
  if (status == HRL_OK) return HRL_OK;
  hrl_runs_close(*runs);
  *runs = NULL;
  return status;
}

static hrl_status begin(hrl_runs *runs, hrl_error *error) {
  return hrlp_database_run(&runs->database, error, "BEGIN IMMEDIATE", "");
}

/* Ends a transaction: all of it where `status` is HRL_OK, otherwise nothing. */
static hrl_status end(hrl_runs *runs, hrl_status status, hrl_error *error) {
  if (status == HRL_OK) status = hrlp_database_run(&runs->database, error, "COMMIT", "");
  if (status != HRL_OK) hrlp_database_run(&runs->database, NULL, "ROLLBACK", "");
  return status;
}

/* ---- adding ---- */

/* Whether a run of that scenario which has not ended writes into the output folder. */
static hrl_status is_output_taken(hrl_runs *runs, const char *scenario, bool *taken,
                                  hrl_error *error) {
  sqlite3_stmt *row = NULL;
  hrl_status status = hrlp_database_prepare(
      &runs->database, &row, error,
      "SELECT 1 FROM runs WHERE scenario = ? AND NOT own AND"
      " ((queue AND state NOT IN (4, 5)) OR (state IN (1, 2) AND hrl_held(id))) LIMIT 1",
      "t", scenario);
  if (status != HRL_OK) return status;
  int result = sqlite3_step(row);
  *taken = result == SQLITE_ROW;
  return hrlp_database_end(&runs->database, row, result, error);
}

static hrl_status insert(hrl_runs *runs, const hrl_scenario *scenario, const char *text,
                         const hrl_trainer_options *options, struct hrlp_pending *pending,
                         hrl_error *error) {
  int64_t scenario_id = 0;
  char now[HRL_TIME_SIZE];
  hrlp_entry_time(now);
  int64_t episodes = options->episodes > 0 ? (int64_t)options->episodes
                                           : (int64_t)scenario->training.num_episodes;
  hrl_status status = hrlp_entry_scenario(&runs->database, text, &scenario_id, error);
  if (status == HRL_OK)
    status = hrlp_database_run(
        &runs->database, error,
        "INSERT INTO runs(scenario, scenario_id, state, locked, started, seed, episode,"
        " total_episodes, save_interval, keep, eval_episodes, threads, parts, version,"
        " host, process, patience, min_improvement, min_episodes, target, queue, "
        "priority,"
        " own, queued)"
        " VALUES(?, ?, 0, 0, '', ?, 0, ?, ?, ?, ?, 0, 0, ?, '', 0, ?, ?, ?, ?, 1, ?, ?,"
        " ?)",
        "tiiiiiitididiit", hrl_scenario_name(scenario), scenario_id,
        (int64_t)options->seed, episodes, (int64_t)options->save_interval,
        (int64_t)options->keep, (int64_t)options->eval_episodes, hrl_version(),
        (int64_t)options->patience,
        options->patience > 0 && options->min_improvement >= 0.0
            ? options->min_improvement
            : NAN,
        (int64_t)options->min_episodes, options->has_target ? options->target : NAN,
        (int64_t)pending->priority, (int64_t)pending->own, now);
  pending->id = sqlite3_last_insert_rowid(runs->database.handle);
  return status;
}

/* The claim first, so that nobody sees a run at work without one. `state`: what it is in
 * the claimant's hands. */
static hrl_status claim(hrl_runs *runs, int64_t id, hrl_run_state state,
                        hrl_error *error) {
  if (!hrlp_liveness_claim(&runs->database, id))
    return hrlp_fail_at(error, HRL_ERROR_IO, runs->database.folder, 0, 0,
                        "runs.lock cannot be locked here, so no run can be taken from "
                        "the queue; use a folder of another file system");
  hrl_status status = hrlp_database_run(
      &runs->database, error, "UPDATE runs SET state = ?, locked = 1 WHERE id = ?", "ii",
      (int64_t)state, id);
  if (status != HRL_OK) hrlp_liveness_unclaim(&runs->database, id);
  return status;
}

hrl_status hrlp_pending_add(hrl_runs *runs, const hrl_scenario *scenario,
                            const hrl_trainer_options *options, int32_t priority,
                            bool in_output, bool claims, struct hrlp_pending *pending,
                            hrl_error *error) {
  char *text = NULL;
  *pending = (struct hrlp_pending){.priority = priority, .own = !in_output};
  hrl_status status = hrl_scenario_format(scenario, &text, error);
  if (status == HRL_OK) status = begin(runs, error);
  if (status != HRL_OK) {
    hrl_free(text);
    return status;
  }
  if (in_output)
    status = is_output_taken(runs, hrl_scenario_name(scenario), &pending->own, error);
  if (status == HRL_OK) status = insert(runs, scenario, text, options, pending, error);
  bool claimed = false;
  if (status == HRL_OK && claims) {
    status = claim(runs, pending->id, HRL_RUN_QUEUED, error);
    claimed = status == HRL_OK;
  }
  status = end(runs, status, error);
  if (status != HRL_OK && claimed) hrlp_liveness_unclaim(&runs->database, pending->id);
  hrl_free(text);
  return status;
}

/* ---- taking ---- */

static bool is_among(int64_t id, const int64_t *ids, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (ids[i] == id) return true;
  return false;
}

#define WAITS "queue = 1 AND NOT hold AND state NOT IN (4, 5) AND NOT hrl_claimed(id)"

hrl_status hrlp_pending_next(hrl_runs *runs, const int64_t *skipped, size_t skipped_count,
                             struct hrlp_pending *next, size_t *waiting,
                             hrl_error *error) {
  sqlite3_stmt *rows = NULL;
  *next = (struct hrlp_pending){.id = 0};
  *waiting = 0;
  hrl_status status =
      hrlp_database_prepare(&runs->database, &rows, error,
                            "SELECT id, priority, own FROM runs WHERE " WAITS
                            " ORDER BY priority DESC, id LIMIT 128",
                            "");
  if (status != HRL_OK) return status;
  int result;
  while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
    int64_t id = sqlite3_column_int64(rows, 0);
    ++*waiting;
    if (next->id != 0 || is_among(id, skipped, skipped_count)) continue;
    *next = (struct hrlp_pending){.id = id,
                                  .priority = sqlite3_column_int(rows, 1),
                                  .own = sqlite3_column_int(rows, 2) != 0};
  }
  return hrlp_database_end(&runs->database, rows, result, error);
}

/* Whether it still waits. */
static hrl_status check_waits(hrl_runs *runs, int64_t id, bool *waits, hrl_error *error) {
  sqlite3_stmt *row = NULL;
  hrl_status status =
      hrlp_database_prepare(&runs->database, &row, error,
                            "SELECT 1 FROM runs WHERE id = ? AND " WAITS, "i", id);
  if (status != HRL_OK) return status;
  int result = sqlite3_step(row);
  *waits = result == SQLITE_ROW;
  return hrlp_database_end(&runs->database, row, result, error);
}

/* A scenario that cannot be read any more is no reason to try it for ever. */
static hrl_status read_taken(hrl_runs *runs, struct hrlp_pending *taken,
                             hrl_error *error) {
  taken->run = (hrl_run){.size = sizeof taken->run};
  hrl_status status = hrl_runs_get(runs, (uint64_t)taken->id, &taken->run, error);
  taken->priority = taken->run.priority;
  taken->own = taken->run.own_folder != 0;
  return status == HRL_OK
             ? hrl_runs_scenario(runs, (uint64_t)taken->id, &taken->scenario, error)
             : status;
}

hrl_status hrlp_pending_take(hrl_runs *runs, int64_t id, struct hrlp_pending *taken,
                             hrl_error *error) {
  bool waits = false;
  *taken = (struct hrlp_pending){.id = 0};
  hrl_status status = begin(runs, error);
  if (status != HRL_OK) return status;
  status = check_waits(runs, id, &waits, error);
  bool claimed = false;
  if (status == HRL_OK && waits) {
    status = claim(runs, id, HRL_RUN_RUNNING, error);
    claimed = status == HRL_OK;
  }
  status = end(runs, status, error);
  if (status == HRL_OK && claimed) {
    taken->id = id;
    hrl_error problem = HRL_ERROR_INIT;
    if (read_taken(runs, taken, &problem) == HRL_OK) return HRL_OK;
    taken->id = 0;
    status = hrlp_fail(error, problem.status, "run %lld cannot be started: %s",
                       (long long)id, problem.message);
    if (problem.status != HRL_ERROR_MEMORY && problem.status != HRL_ERROR_LOCKED)
      hrlp_pending_end(runs, id, HRL_RUN_FAILED, problem.message, NULL);
  }
  if (status != HRL_OK && claimed) hrlp_liveness_unclaim(&runs->database, id);
  return status;
}

bool hrlp_pending_return(hrl_runs *runs, int64_t id) {
  struct hrlp_wish wish = {.in_queue = true};
  char now[HRL_TIME_SIZE];
  hrlp_entry_time(now);
  hrl_status status = begin(runs, NULL);
  bool begun = status == HRL_OK;
  if (begun) status = hrlp_pending_wish(runs, id, &wish, NULL);
  if (status == HRL_OK)
    status = hrlp_database_run(
        &runs->database, NULL,
        wish.in_queue ? "UPDATE runs SET state = 0 WHERE id = ?1 AND state = 1"
                      : "UPDATE runs SET state = 3, ended = ?2"
                        " WHERE id = ?1 AND state IN (0, 1)",
        wish.in_queue ? "i" : "it", id, now);
  /* within the transaction: whoever changes the run from now on finds that it waits */
  hrlp_liveness_unclaim(&runs->database, id);
  if (begun) end(runs, status, NULL);
  return wish.in_queue;
}

void hrlp_pending_release(hrl_runs *runs, int64_t id) {
  hrlp_liveness_unclaim(&runs->database, id);
}

/* ---- wishes ---- */

hrl_status hrlp_pending_wish(hrl_runs *runs, int64_t id, struct hrlp_wish *wish,
                             hrl_error *error) {
  sqlite3_stmt *row = NULL;
  *wish = (struct hrlp_wish){.in_queue = false};
  hrl_status status = hrlp_database_prepare(
      &runs->database, &row, error, "SELECT queue, hold FROM runs WHERE id = ?", "i", id);
  if (status != HRL_OK) return status;
  int result = sqlite3_step(row);
  if (result == SQLITE_ROW)
    *wish = (struct hrlp_wish){sqlite3_column_int(row, 0) != 0,
                               sqlite3_column_int(row, 1) != 0};
  return hrlp_database_end(&runs->database, row, result, error);
}

static bool can_return(hrl_run_state state) {
  return state == HRL_RUN_STOPPED || state == HRL_RUN_FAILED ||
         state == HRL_RUN_INTERRUPTED;
}

/* The statement that makes a change of a run; NULL: it cannot be made. */
static const char *statement_for(const hrl_run *run, enum hrlp_change change,
                                 bool waits) {
  static const char stop_waiting[] =
      "UPDATE runs SET queue = 0, hold = 0, state = 3, ended = ?2 WHERE id = ?1";
  bool in_queue =
      run->in_queue && run->state != HRL_RUN_COMPLETED && run->state != HRL_RUN_FAILED;
  switch (change) {
    case HRLP_PAUSE:
      return in_queue ? "UPDATE runs SET hold = 1 WHERE id = ?1" : NULL;
    case HRLP_RESUME:
      if (in_queue) return "UPDATE runs SET hold = 0 WHERE id = ?1";
      return can_return(run->state) && waits
                 ? "UPDATE runs SET queue = 1, hold = 0, state = 0, ended = NULL,"
                   " error = NULL, queued = ?2 WHERE id = ?1"
                 : NULL;
    case HRLP_STOP:
      if (!in_queue) return NULL;
      return waits ? stop_waiting : "UPDATE runs SET queue = 0, hold = 0 WHERE id = ?1";
    case HRLP_CANCEL:
      return in_queue && waits ? stop_waiting : NULL;
  }
  return NULL;
}

hrl_status hrlp_pending_change(hrl_runs *runs, int64_t id, enum hrlp_change change,
                               bool *waits, hrl_error *error) {
  static const char *const verbs[] = {"paused", "resumed", "stopped", "cancelled"};
  hrl_run run = {.size = sizeof run};
  char now[HRL_TIME_SIZE];
  hrlp_entry_time(now);
  hrl_status status = begin(runs, error);
  if (status != HRL_OK) return status;
  status = hrl_runs_get(runs, (uint64_t)id, &run, error);
  *waits = !hrlp_liveness_claimed(&runs->database, id);
  const char *sql = status == HRL_OK ? statement_for(&run, change, *waits) : NULL;
  if (status == HRL_OK && sql == NULL)
    status = hrlp_fail(error, HRL_ERROR_STATE, "run %llu is %s%s and cannot be %s",
                       (unsigned long long)run.id, hrl_run_state_name(run.state),
                       run.in_queue ? "" : ", not in the queue,", verbs[change]);
  if (status == HRL_OK)
    status = hrlp_database_run(&runs->database, error, sql,
                               strstr(sql, "?2") != NULL ? "it" : "i", id, now);
  return end(runs, status, error);
}

hrl_status hrlp_pending_end(hrl_runs *runs, int64_t id, hrl_run_state state,
                            const char *problem, hrl_error *error) {
  char now[HRL_TIME_SIZE];
  hrlp_entry_time(now);
  return hrlp_database_run(
      &runs->database, error,
      "UPDATE runs SET queue = 0, hold = 0, state = ?, error = coalesce(?, error),"
      " ended = coalesce(ended, ?) WHERE id = ?",
      "itti", (int64_t)state, problem, now, id);
}
