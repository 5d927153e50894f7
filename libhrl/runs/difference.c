/* The last evaluations of two runs, episode by episode. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/tally.h"
#include "runs/query.h"

/* The returns of a run's last evaluation, malloc'ed, and the household they are of. */
struct returns {
  double *values;
  size_t count;
  int64_t scenario;
};

static hrl_status read_returns(hrl_runs *runs, uint64_t id, struct returns *returns,
                               hrl_error *error) {
  sqlite3_stmt *rows = NULL;
  hrl_status status = hrlp_database_prepare(
      &runs->database, &rows, error,
      "SELECT scenario_id, final_returns FROM runs WHERE id = ?", "i", (int64_t)id);
  if (status != HRL_OK) return status;
  int step = sqlite3_step(rows);
  if (step == SQLITE_ROW) {
    const void *bytes = sqlite3_column_blob(rows, 1);
    size_t size = (size_t)sqlite3_column_bytes(rows, 1);
    returns->scenario = sqlite3_column_int64(rows, 0);
    returns->count = bytes != NULL ? size / sizeof *returns->values : 0;
    returns->values = malloc(returns->count * sizeof *returns->values + 1);
    if (returns->values == NULL)
      status = hrlp_fail_memory(error, "the record of runs");
    else if (returns->count > 0)
      memcpy(returns->values, bytes, returns->count * sizeof *returns->values);
  }
  hrl_status ended = hrlp_database_end(&runs->database, rows, step, error);
  return status != HRL_OK ? status : ended;
}

hrl_status hrl_runs_difference(hrl_runs *runs, uint64_t first, uint64_t second,
                               uint64_t *episodes, double *difference,
                               double *standard_error, hrl_error *error) {
  if (episodes == NULL || difference == NULL || standard_error == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_runs_difference: expected room for three results");
  hrl_run run = {.size = sizeof run};
  struct returns a = {NULL, 0, 0};
  struct returns b = {NULL, 0, 0};
  *episodes = 0;
  *difference = *standard_error = NAN;
  hrl_status status = hrl_runs_get(runs, first, &run, error);
  if (status == HRL_OK) status = hrl_runs_get(runs, second, &run, error);
  if (status == HRL_OK) status = read_returns(runs, first, &a, error);
  if (status == HRL_OK) status = read_returns(runs, second, &b, error);
  size_t count = a.count < b.count ? a.count : b.count;
  if (status == HRL_OK && a.scenario == b.scenario && count > 0) {
    *episodes = count;
    hrlp_tally_difference(a.values, b.values, count, difference, standard_error);
  }
  free(a.values);
  free(b.values);
  return status;
}
