/* The record of runs in a library that was built without SQLite: it is refused. */
#include <hrl/runs.h>

#include "runs/pending.h"
#include "runs/recorder.h"

static hrl_status refuse(hrl_error *error) {
  return hrlp_fail(error, HRL_ERROR_STATE,
                   "this library was built without the run database; build it with "
                   "-Druns=enabled, which needs SQLite");
}

hrl_status hrl_runs_open(const char *path, hrl_runs **runs, hrl_error *error) {
  (void)path;
  if (runs != NULL) *runs = NULL;
  return refuse(error);
}

void hrl_runs_close(hrl_runs *runs) { (void)runs; }

hrl_status hrl_runs_list(hrl_runs *runs, const hrl_runs_filter *filter, hrl_run_fn tell,
                         void *data, hrl_error *error) {
  (void)runs, (void)filter, (void)tell, (void)data;
  return refuse(error);
}

hrl_status hrl_runs_count(hrl_runs *runs, const hrl_runs_filter *filter, uint64_t *count,
                          hrl_error *error) {
  (void)runs, (void)filter, (void)count;
  return refuse(error);
}

hrl_status hrl_runs_get(hrl_runs *runs, uint64_t id, hrl_run *run, hrl_error *error) {
  (void)runs, (void)id, (void)run;
  return refuse(error);
}

hrl_status hrl_runs_scenario(hrl_runs *runs, uint64_t id, hrl_scenario **scenario,
                             hrl_error *error) {
  (void)runs, (void)id;
  if (scenario != NULL) *scenario = NULL;
  return refuse(error);
}

hrl_status hrl_runs_progress(hrl_runs *runs, uint64_t id, size_t points,
                             hrl_run_point_fn tell, void *data, hrl_error *error) {
  (void)runs, (void)id, (void)points, (void)tell, (void)data;
  return refuse(error);
}

hrl_status hrl_runs_evaluations(hrl_runs *runs, uint64_t id, hrl_run_evaluation_fn tell,
                                void *data, hrl_error *error) {
  (void)runs, (void)id, (void)tell, (void)data;
  return refuse(error);
}

hrl_status hrl_runs_difference(hrl_runs *runs, uint64_t first, uint64_t second,
                               uint64_t *episodes, double *difference,
                               double *standard_error, hrl_error *error) {
  (void)runs, (void)first, (void)second;
  (void)episodes, (void)difference, (void)standard_error;
  return refuse(error);
}

hrl_status hrl_runs_model(hrl_runs *runs, uint64_t id, char **path, hrl_error *error) {
  (void)runs, (void)id;
  if (path != NULL) *path = NULL;
  return refuse(error);
}

hrl_status hrl_runs_delete(hrl_runs *runs, uint64_t id, hrl_error *error) {
  (void)runs, (void)id;
  return refuse(error);
}

struct hrlp_recorder *hrlp_recorder_create(const struct hrlp_run_card *card,
                                           hrl_error *error) {
  (void)card;
  refuse(error);
  return NULL;
}

bool hrlp_recorder_notify(struct hrlp_recorder *recorder, const hrl_event *event,
                          hrl_error *remark) {
  (void)recorder, (void)event, (void)remark;
  return false;
}

void hrlp_recorder_destroy(struct hrlp_recorder *recorder) { (void)recorder; }

hrl_status hrlp_pending_open(const char *folder, bool create, hrl_runs **runs,
                             hrl_error *error) {
  (void)folder, (void)create;
  *runs = NULL;
  return refuse(error);
}

hrl_status hrlp_pending_add(hrl_runs *runs, const hrl_scenario *scenario,
                            const hrl_trainer_options *options, int32_t priority,
                            bool in_output, bool claim, struct hrlp_pending *pending,
                            hrl_error *error) {
  (void)runs, (void)scenario, (void)options, (void)priority;
  (void)in_output, (void)claim, (void)pending;
  return refuse(error);
}

hrl_status hrlp_pending_next(hrl_runs *runs, const int64_t *skipped, size_t skipped_count,
                             struct hrlp_pending *next, size_t *waiting,
                             hrl_error *error) {
  (void)runs, (void)skipped, (void)skipped_count, (void)next, (void)waiting;
  return refuse(error);
}

hrl_status hrlp_pending_take(hrl_runs *runs, int64_t id, struct hrlp_pending *taken,
                             hrl_error *error) {
  (void)runs, (void)id, (void)taken;
  return refuse(error);
}

bool hrlp_pending_return(hrl_runs *runs, int64_t id) {
  (void)runs, (void)id;
  return true;
}

void hrlp_pending_release(hrl_runs *runs, int64_t id) { (void)runs, (void)id; }

hrl_status hrlp_pending_wish(hrl_runs *runs, int64_t id, struct hrlp_wish *wish,
                             hrl_error *error) {
  (void)runs, (void)id, (void)wish;
  return refuse(error);
}

hrl_status hrlp_pending_change(hrl_runs *runs, int64_t id, enum hrlp_change change,
                               bool *waits, hrl_error *error) {
  (void)runs, (void)id, (void)change, (void)waits;
  return refuse(error);
}

hrl_status hrlp_pending_end(hrl_runs *runs, int64_t id, hrl_run_state state,
                            const char *problem, hrl_error *error) {
  (void)runs, (void)id, (void)state, (void)problem;
  return refuse(error);
}
