/* Reading the record: what hrl/runs.h offers. */
#include <hrl/runs.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "runs/query.h"
#include "storage/checkpoint_list.h"

#define PATIENCE_MS 10000

/* A run without its lock has lost its process; a waiting one is queued or paused. */
#define STATE                                                             \
  "CASE WHEN state IN (1, 2) AND locked AND NOT hrl_held(id)"             \
  " THEN CASE WHEN queue AND hold THEN 2 ELSE 6 END"                      \
  " WHEN queue AND state IN (0, 3) THEN CASE WHEN hold THEN 2 ELSE 0 END" \
  " ELSE state END"

static void call_held(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const struct hrlp_database *database = sqlite3_user_data(context);
  sqlite3_result_int(context,
                     hrlp_liveness_held(database, sqlite3_value_int64(values[0])));
}

static void call_claimed(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const struct hrlp_database *database = sqlite3_user_data(context);
  sqlite3_result_int(context,
                     hrlp_liveness_claimed(database, sqlite3_value_int64(values[0])));
}

static hrl_status add_functions(struct hrlp_database *database, hrl_error *error) {
  const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  bool added = sqlite3_create_function(database->handle, "hrl_held", 1, flags, database,
                                       call_held, NULL, NULL) == SQLITE_OK &&
               sqlite3_create_function(database->handle, "hrl_claimed", 1, flags,
                                       database, call_claimed, NULL, NULL) == SQLITE_OK;
  return added ? HRL_OK : hrlp_database_fail(database, error);
}

hrl_status hrlp_runs_open_as(const char *path, bool create, hrl_runs **result,
                             hrl_error *error) {
  *result = NULL;
  hrl_runs *runs = calloc(1, sizeof *runs);
  if (runs == NULL) return hrlp_fail_memory(error, "the record of runs");
  hrl_status status =
      hrlp_database_open(&runs->database, path, create, PATIENCE_MS, error);
  if (status == HRL_OK) status = add_functions(&runs->database, error);
  if (status != HRL_OK) {
    hrl_runs_close(runs);
    return status;
  }
  *result = runs;
  return HRL_OK;
}

hrl_status hrl_runs_open(const char *path, hrl_runs **result, hrl_error *error) {
  if (result != NULL) *result = NULL;
  if (path == NULL || path[0] == '\0' || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_runs_open: expected a folder's name and room for the handle");
  return hrlp_runs_open_as(path, false, result, error);
}

void hrl_runs_close(hrl_runs *runs) {
  if (runs == NULL) return;
  hrlp_database_close(&runs->database);
  free(runs);
}

/* ---- from columns ---- */

/* Text that can be printed, cut where it is too long. */
static void get_text(sqlite3_stmt *row, int column, char *target, size_t room) {
  const char *text = (const char *)sqlite3_column_text(row, column);
  size_t length = text != NULL ? strlen(text) : 0;
  size_t used = 0;
  for (size_t at = 0; at < length;) {
    size_t count = hrlp_sequence_length(text + at, length - at);
    bool plain =
        count > 1 || (count == 1 && (unsigned char)text[at] >= 0x20 && text[at] != 0x7f);
    size_t size = plain ? count : 1;
    if (used + size >= room) break;
    memcpy(target + used, plain ? text + at : "?", size);
    used += size;
    at += count > 0 ? count : 1;
  }
  target[used] = '\0';
}

static uint64_t get_count(sqlite3_stmt *row, int column) {
  int64_t value = sqlite3_column_int64(row, column);
  return value > 0 ? (uint64_t)value : 0;
}

static double get_number(sqlite3_stmt *row, int column) {
  int type = sqlite3_column_type(row, column);
  bool is_number = type == SQLITE_FLOAT || type == SQLITE_INTEGER;
  double value = is_number ? sqlite3_column_double(row, column) : NAN;
  return isfinite(value) ? value : NAN;
}

#define RUN_COLUMNS                                                                     \
  "SELECT id, " STATE                                                                   \
  ", scenario, (SELECT hash FROM scenarios WHERE scenarios.id = scenario_id), version," \
  " host, process, started, ended, seed, episode, total_episodes, save_interval, keep," \
  " eval_episodes, threads, parts, elapsed, best_return, best_episode, final_return,"   \
  " final_stderr, final_episode, error, reason, patience,"                              \
  " min_improvement, min_episodes, target, queue, priority, own, queued,"               \
  " best_equivalent, final_equivalent, final_equivalent_stderr FROM runs "

static hrl_status read_run(const hrl_runs *runs, sqlite3_stmt *row, hrl_run *run,
                           hrl_error *error) {
  int64_t state = sqlite3_column_int64(row, 1);
  char safe[HRL_NAME_SIZE];
  int at = 2;
  *run = (hrl_run){.size = sizeof *run, .id = get_count(row, 0)};
  run->state = (hrl_run_state)state;
  get_text(row, at++, run->scenario, sizeof run->scenario);
  get_text(row, at++, run->scenario_hash, sizeof run->scenario_hash);
  get_text(row, at++, run->library_version, sizeof run->library_version);
  get_text(row, at++, run->host, sizeof run->host);
  run->process = get_count(row, at++);
  get_text(row, at++, run->start_time, sizeof run->start_time);
  get_text(row, at++, run->end_time, sizeof run->end_time);
  run->seed = (uint64_t)sqlite3_column_int64(row, at++);
  run->episode = get_count(row, at++);
  run->total_episodes = get_count(row, at++);
  run->save_interval = get_count(row, at++);
  run->keep = get_count(row, at++);
  run->eval_episodes = (uint32_t)get_count(row, at++);
  run->threads = (uint32_t)get_count(row, at++);
  run->parts = get_count(row, at++);
  run->elapsed_time = get_number(row, at++);
  run->best_return = get_number(row, at++);
  run->best_episode = get_count(row, at++);
  run->final_return = get_number(row, at++);
  run->final_stderr = get_number(row, at++);
  run->final_episode = get_count(row, at++);
  get_text(row, at++, run->error, sizeof run->error);
  get_text(row, at++, run->reason, sizeof run->reason);
  run->patience = (uint32_t)get_count(row, at++);
  run->min_improvement = get_number(row, at++);
  run->min_episodes = get_count(row, at++);
  run->target = get_number(row, at++);
  run->in_queue = sqlite3_column_int(row, at++) != 0;
  run->priority = sqlite3_column_int(row, at++);
  run->own_folder = sqlite3_column_int(row, at++) != 0;
  get_text(row, at++, run->queued_time, sizeof run->queued_time);
  run->best_equivalent = get_number(row, at++);
  run->final_equivalent = get_number(row, at++);
  run->final_equivalent_stderr = get_number(row, at++);
  /* names of files are made from it */
  bool is_name = hrl_name_sanitize(run->scenario, safe, NULL) == HRL_OK &&
                 strcmp(safe, run->scenario) == 0;
  if (run->id > 0 && state >= 0 && state < HRL_RUN_STATE_COUNT && is_name) return HRL_OK;
  return hrlp_fail_at(error, HRL_ERROR_CORRUPT, runs->database.path, 0, 0,
                      "run %llu has an invalid state (%lld) or scenario ('%s')",
                      (unsigned long long)run->id, (long long)state, run->scenario);
}

/* ---- runs ---- */

/* A run that has not begun yet counts from when it came into the queue. */
#define BEGUN "coalesce(nullif(started, ''), queued)"

#define CONDITION                                                  \
  " WHERE (?1 IS NULL OR scenario = ?1) AND (?2 IS NULL OR " BEGUN \
  " >= ?2)"                                                        \
  " AND (?3 IS NULL OR " BEGUN " < ?3) AND (?4 = 0 OR (1 << (" STATE ")) & ?4)"

/* Room for a time with what stands behind it. */
#define BOUND_SIZE 64

static hrl_status check_filter(const hrl_runs *runs, const hrl_runs_filter *given,
                               hrl_runs_filter *filter, char until[BOUND_SIZE],
                               hrl_error *error) {
  *filter = (hrl_runs_filter)HRL_RUNS_FILTER_INIT;
  if (given != NULL)
    memcpy(filter, given, given->size < sizeof *filter ? given->size : sizeof *filter);
  if (runs == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "expected an open run database");
  if (filter->until != NULL) {
    if (strlen(filter->until) + 2 > BOUND_SIZE)
      return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                       "until: expected a date or time such as 2026-01-31");
    /* comes after all that begins with it */
    snprintf(until, BOUND_SIZE, "%s~", filter->until);
    filter->until = until;
  }
  if (filter->limit == 0 || filter->limit > INT64_MAX) filter->limit = INT64_MAX;
  if (filter->offset > INT64_MAX) filter->offset = INT64_MAX;
  return HRL_OK;
}

hrl_status hrl_runs_list(hrl_runs *runs, const hrl_runs_filter *given,
                         hrl_run_fn callback, void *data, hrl_error *error) {
  hrl_runs_filter filter;
  char until[BOUND_SIZE];
  hrl_status status = check_filter(runs, given, &filter, until, error);
  if (status != HRL_OK) return status;
  if (callback == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "hrl_runs_list: expected a function");
  sqlite3_stmt *rows = NULL;
  status = hrlp_database_prepare(
      &runs->database, &rows, error,
      RUN_COLUMNS CONDITION " ORDER BY id DESC LIMIT ?5 OFFSET ?6", "tttiii",
      filter.scenario, filter.since, filter.until, (int64_t)filter.states,
      (int64_t)filter.limit, (int64_t)filter.offset);
  if (status != HRL_OK) return status;
  int result = SQLITE_ROW;
  for (int ended = 0; status == HRL_OK && ended == 0;) {
    hrl_run run;
    result = sqlite3_step(rows);
    if (result != SQLITE_ROW) break;
    status = read_run(runs, rows, &run, error);
    if (status == HRL_OK) ended = callback(&run, data);
  }
  if (status == HRL_OK) return hrlp_database_end(&runs->database, rows, result, error);
  sqlite3_finalize(rows);
  return status;
}

hrl_status hrl_runs_count(hrl_runs *runs, const hrl_runs_filter *given, uint64_t *count,
                          hrl_error *error) {
  hrl_runs_filter filter;
  char until[BOUND_SIZE];
  hrl_status status = check_filter(runs, given, &filter, until, error);
  if (status != HRL_OK) return status;
  if (count == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "hrl_runs_count: expected a count");
  sqlite3_stmt *rows = NULL;
  status = hrlp_database_prepare(
      &runs->database, &rows, error, "SELECT count(*) FROM runs" CONDITION, "ttti",
      filter.scenario, filter.since, filter.until, (int64_t)filter.states);
  if (status != HRL_OK) return status;
  int result = sqlite3_step(rows);
  *count = result == SQLITE_ROW ? get_count(rows, 0) : 0;
  return hrlp_database_end(&runs->database, rows, result, error);
}

hrl_status hrl_runs_get(hrl_runs *runs, uint64_t id, hrl_run *result, hrl_error *error) {
  if (runs == NULL || result == NULL || result->size < sizeof result->size)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "hrl_runs_get: expected an open run database and a run with its size");
  sqlite3_stmt *rows = NULL;
  hrl_status status = hrlp_database_prepare(&runs->database, &rows, error,
                                            RUN_COLUMNS "WHERE id = ?", "i", (int64_t)id);
  if (status != HRL_OK) return status;
  hrl_run run = {.size = 0};
  int step = sqlite3_step(rows);
  if (step == SQLITE_ROW) status = read_run(runs, rows, &run, error);
  hrl_status ended =
      hrlp_database_end(&runs->database, rows, step, status == HRL_OK ? error : NULL);
  if (status == HRL_OK) status = ended;
  if (status == HRL_OK && step != SQLITE_ROW)
    status = hrlp_fail_at(error, HRL_ERROR_NOT_FOUND, runs->database.path, 0, 0,
                          "there is no run %llu; list the runs to see which exist",
                          (unsigned long long)id);
  if (status != HRL_OK) return status;
  size_t size = result->size < sizeof run ? result->size : sizeof run;
  memcpy(result, &run, size);
  result->size = size;
  return HRL_OK;
}

hrl_status hrl_runs_scenario(hrl_runs *runs, uint64_t id, hrl_scenario **scenario,
                             hrl_error *error) {
  if (scenario != NULL) *scenario = NULL;
  if (scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_runs_scenario: expected room for the scenario");
  hrl_run run = {.size = sizeof run};
  hrl_status status = hrl_runs_get(runs, id, &run, error);
  if (status != HRL_OK) return status;
  sqlite3_stmt *rows = NULL;
  status = hrlp_database_prepare(
      &runs->database, &rows, error,
      "SELECT text FROM scenarios WHERE id = (SELECT scenario_id FROM runs WHERE id = ?)",
      "i", (int64_t)id);
  if (status != HRL_OK) return status;
  int step = sqlite3_step(rows);
  const char *text =
      step == SQLITE_ROW ? (const char *)sqlite3_column_text(rows, 0) : NULL;
  if (text != NULL)
    status = hrl_scenario_parse(text, strlen(text), run.scenario, scenario, error);
  else if (step == SQLITE_ROW || step == SQLITE_DONE)
    status = hrlp_fail_at(error, HRL_ERROR_CORRUPT, runs->database.path, 0, 0,
                          "the scenario of run %llu is missing", (unsigned long long)id);
  hrl_status ended = hrlp_database_end(&runs->database, rows, step, error);
  return status != HRL_OK ? status : ended;
}

/* ---- curves ---- */

hrl_status hrl_runs_progress(hrl_runs *runs, uint64_t id, size_t points,
                             hrl_run_point_fn callback, void *data, hrl_error *error) {
  hrl_run run = {.size = sizeof run};
  if (callback == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "hrl_runs_progress: expected a function");
  hrl_status status = hrl_runs_get(runs, id, &run, error);
  if (status != HRL_OK) return status;
  /* every n-th, counted from the end, so that the last is among them */
  sqlite3_stmt *rows = NULL;
  status = hrlp_database_prepare(
      &runs->database, &rows, error,
      "SELECT episode, reward, duration, cash, invested, stability, adherence, elapsed"
      " FROM (SELECT *, row_number() OVER (ORDER BY episode DESC) - 1 AS place,"
      " count(*) OVER () AS size FROM progress WHERE run = ?1)"
      " WHERE ?2 = 0 OR place % ((size + ?2 - 1) / ?2) = 0 ORDER BY episode",
      "ii", (int64_t)id, (int64_t)(points > INT32_MAX ? INT32_MAX : points));
  if (status != HRL_OK) return status;
  int step = sqlite3_step(rows);
  for (int ended = 0; step == SQLITE_ROW && ended == 0;) {
    hrl_progress point = {.episode = get_count(rows, 0),
                          .total_episodes = run.total_episodes,
                          .avg_reward = get_number(rows, 1),
                          .avg_duration = get_number(rows, 2),
                          .avg_cash = get_number(rows, 3),
                          .avg_invested = get_number(rows, 4),
                          .stability = get_number(rows, 5),
                          .goal_adherence = get_number(rows, 6),
                          .elapsed_time = get_number(rows, 7)};
    ended = callback(&point, data);
    if (ended == 0) step = sqlite3_step(rows);
  }
  return hrlp_database_end(&runs->database, rows, step, error);
}

hrl_status hrl_runs_evaluations(hrl_runs *runs, uint64_t id,
                                hrl_run_evaluation_fn callback, void *data,
                                hrl_error *error) {
  hrl_run run = {.size = sizeof run};
  if (callback == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_runs_evaluations: expected a function");
  hrl_status status = hrl_runs_get(runs, id, &run, error);
  if (status != HRL_OK) return status;
  sqlite3_stmt *rows = NULL;
  status = hrlp_database_prepare(
      &runs->database, &rows, error,
      "SELECT episode, episodes, strategic_return, strategic_return_stderr, reward, "
      "months,"
      " solvent, stability, final_cash, invested, wealth, adherence,"
      " certainty_equivalent, certainty_equivalent_stderr, consumption, rescued"
      " FROM evaluations"
      " WHERE run = ? ORDER BY episode",
      "i", (int64_t)id);
  if (status != HRL_OK) return status;
  int step = sqlite3_step(rows);
  for (int ended = 0; step == SQLITE_ROW && ended == 0;) {
    hrl_evaluation evaluation = {.size = sizeof evaluation,
                                 .episodes = get_count(rows, 1),
                                 .strategic_return = get_number(rows, 2),
                                 .strategic_return_stderr = get_number(rows, 3),
                                 .reward = get_number(rows, 4),
                                 .months = get_number(rows, 5),
                                 .solvent = get_number(rows, 6),
                                 .stability = get_number(rows, 7),
                                 .final_cash = get_number(rows, 8),
                                 .invested = get_number(rows, 9),
                                 .wealth = get_number(rows, 10),
                                 .goal_adherence = get_number(rows, 11),
                                 .certainty_equivalent = get_number(rows, 12),
                                 .certainty_equivalent_stderr = get_number(rows, 13),
                                 .consumption = get_number(rows, 14),
                                 .rescued = get_number(rows, 15)};
    ended = callback(get_count(rows, 0), &evaluation, data);
    if (ended == 0) step = sqlite3_step(rows);
  }
  return hrlp_database_end(&runs->database, rows, step, error);
}

/* ---- models and deletion ---- */

hrl_status hrl_runs_model(hrl_runs *runs, uint64_t id, char **path, hrl_error *error) {
  if (path != NULL) *path = NULL;
  if (path == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_runs_model: expected room for a path");
  hrl_run run = {.size = sizeof run};
  hrl_status status = hrl_runs_get(runs, id, &run, error);
  if (status != HRL_OK) return status;
  struct hrlp_text folder = {0};
  struct hrlp_checkpoint_list list = {0};
  hrlp_text_format(&folder, "%s", runs->database.folder);
  if (run.own_folder) hrlp_text_format(&folder, "/runs/%llu", (unsigned long long)run.id);
  hrlp_text_format(&folder, "/checkpoints/%s", run.scenario);
  status = folder.failed ? hrlp_fail_memory(error, "a folder's name")
                         : hrlp_checkpoint_list_runs(folder.data, &list, error);
  for (size_t i = 0; status == HRL_OK && *path == NULL && i < list.count; i++) {
    const struct hrlp_checkpoint_entry *entry = &list.entries[i];
    if (!entry->readable || entry->seed != run.seed ||
        strcmp(entry->start_time, run.start_time) != 0)
      continue;
    *path = hrlp_copy_text(entry->path);
    if (*path == NULL) status = hrlp_fail_memory(error, "a folder's name");
  }
  if (status == HRL_OK && *path == NULL)
    status = hrlp_fail_at(error, HRL_ERROR_NOT_FOUND, folder.data, 0, 0,
                          "no checkpoint of run %llu remains; a later run of the same "
                          "scenario in this folder has replaced them",
                          (unsigned long long)id);
  hrlp_checkpoint_list_free(&list);
  hrlp_text_free(&folder);
  return status;
}
