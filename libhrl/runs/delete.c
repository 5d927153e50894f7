/* Removing a run from the record. */
#include <hrl/runs.h>

#include "runs/query.h"

static hrl_status delete_rows(hrl_runs *runs, uint64_t id, hrl_error *error) {
  static const char *const statements[] = {"DELETE FROM progress WHERE run = ?",
                                           "DELETE FROM evaluations WHERE run = ?",
                                           "DELETE FROM runs WHERE id = ?"};
  hrl_run run = {.size = sizeof run};
  hrl_status status = hrl_runs_get(runs, id, &run, error);
  if (status != HRL_OK) return status;
  /* one that waits may have been taken */
  if (run.state == HRL_RUN_QUEUED && hrlp_liveness_claimed(&runs->database, (int64_t)id))
    return hrlp_fail(error, HRL_ERROR_STATE, "run %llu is about to begin; stop it first",
                     (unsigned long long)id);
  if (run.state == HRL_RUN_PAUSED && run.host[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_STATE, "run %llu is paused; stop it first",
                     (unsigned long long)id);
  if (run.state == HRL_RUN_RUNNING || run.state == HRL_RUN_PAUSED)
    return hrlp_fail(error, HRL_ERROR_STATE,
                     "run %llu is %s (process %llu on %s); stop it first",
                     (unsigned long long)id, hrl_run_state_name(run.state),
                     (unsigned long long)run.process, run.host);
  for (size_t i = 0; status == HRL_OK && i < sizeof statements / sizeof *statements; i++)
    status = hrlp_database_run(&runs->database, error, statements[i], "i", (int64_t)id);
  if (status == HRL_OK)
    status = hrlp_database_run(
        &runs->database, error,
        "DELETE FROM scenarios WHERE id NOT IN (SELECT scenario_id FROM runs)", "");
  return status;
}

hrl_status hrl_runs_delete(hrl_runs *runs, uint64_t id, hrl_error *error) {
  if (runs == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_runs_delete: expected an open run database");
  if (!runs->database.writable)
    return hrlp_fail_at(error, HRL_ERROR_IO, runs->database.path, 0, 0,
                        "cannot be written, so no run can be deleted");
  hrl_status status = hrlp_database_run(&runs->database, error, "BEGIN IMMEDIATE", "");
  if (status != HRL_OK) return status;
  status = delete_rows(runs, id, error);
  if (status == HRL_OK) status = hrlp_database_run(&runs->database, error, "COMMIT", "");
  if (status != HRL_OK) hrlp_database_run(&runs->database, NULL, "ROLLBACK", "");
  return status;
}
