/* recorded.h - runs that are recorded, and what their record says, for the tests of it.
 */
#ifndef TEST_RECORDED_H
#define TEST_RECORDED_H

#include "heard.h"

#include <math.h>
#include <sqlite3.h>

#include <hrl/runs.h>

static inline hrl_trainer_options recorded_run(uint64_t episodes, const char *output,
                                               struct remarks *remarks) {
  hrl_trainer_options options = short_run(episodes, output);
  options.record = 1;
  if (remarks != NULL) {
    options.log = remember_remark;
    options.log_data = remarks;
  }
  return options;
}

static inline void record_into(const char *output, uint64_t episodes,
                               struct remarks *remarks) {
  hrl_trainer_options options = recorded_run(episodes, output, remarks);
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

static inline hrl_runs *open_runs(const char *output) {
  hrl_runs *runs = NULL;
  OK(hrl_runs_open(output, &runs, &error));
  return runs;
}

static inline hrl_run get_run(const char *output, uint64_t id) {
  hrl_runs *runs = open_runs(output);
  hrl_run run = {.size = sizeof run};
  OK(hrl_runs_get(runs, id, &run, &error));
  hrl_runs_close(runs);
  return run;
}

static inline uint64_t count_runs(const char *output) {
  hrl_runs *runs = open_runs(output);
  uint64_t count = 0;
  OK(hrl_runs_count(runs, NULL, &count, &error));
  hrl_runs_close(runs);
  return count;
}

/* Statements of somebody else on a database. */
static inline void execute(const char *path, const char *sql) {
  sqlite3 *handle = NULL;
  ck_assert_int_eq(sqlite3_open(path, &handle), SQLITE_OK);
  sqlite3_busy_timeout(handle, 10000);
  char *message = NULL;
  ck_assert_msg(sqlite3_exec(handle, sql, NULL, NULL, &message) == SQLITE_OK, "%s",
                message);
  sqlite3_close(handle);
}

static inline int keep_text(void *data, int count, char **values, char **names) {
  (void)count, (void)names;
  snprintf(data, 64, "%s", values[0] != NULL ? values[0] : "NULL");
  return 0;
}

/* The only value that a query gives. */
static inline const char *ask(const char *path, const char *sql) {
  static char value[64];
  sqlite3 *handle = NULL;
  value[0] = '\0';
  ck_assert_int_eq(sqlite3_open(path, &handle), SQLITE_OK);
  ck_assert_int_eq(sqlite3_exec(handle, sql, keep_text, value, NULL), SQLITE_OK);
  sqlite3_close(handle);
  return value;
}

struct course {
  uint64_t episodes[1100];
  size_t count;
};

static inline int keep_point(const hrl_progress *point, void *data) {
  struct course *course = data;
  course->episodes[course->count++] = point->episode;
  return 0;
}

static inline int keep_evaluation(uint64_t episode, const hrl_evaluation *evaluation,
                                  void *data) {
  struct course *course = data;
  ck_assert(isfinite(evaluation->strategic_return));
  course->episodes[course->count++] = episode;
  return 0;
}

static inline struct course progress_of(const char *output, uint64_t id, size_t points) {
  struct course course = {.count = 0};
  hrl_runs *runs = open_runs(output);
  OK(hrl_runs_progress(runs, id, points, keep_point, &course, &error));
  hrl_runs_close(runs);
  return course;
}

static inline struct course evaluations_of(const char *output, uint64_t id) {
  struct course course = {.count = 0};
  hrl_runs *runs = open_runs(output);
  OK(hrl_runs_evaluations(runs, id, keep_evaluation, &course, &error));
  hrl_runs_close(runs);
  return course;
}

#endif
