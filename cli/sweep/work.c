/* Doing the runs of a sweep: a stage for each rung of halving and one for the end. In
 * each stage every process does runs that are neither done nor in progress. All come to
 * the same conclusions from the same files. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hrl/trainer.h>

#include "common/console.h"
#include "common/worth.h"
#include "sweep/store.h"
#include "sweep/sweep.h"

/* A stage, as the threads of this process see it. */
struct stage {
  struct sweep *sweep;
  size_t number; /* of a rung, or rung_count: the end */
  atomic_size_t next;
  pthread_mutex_t mutex; /* guards what follows */
  hrl_error *error;
};

static uint64_t stage_episodes(const struct stage *stage, const struct sweep_run *run) {
  const struct plan *plan = &stage->sweep->plan;
  return stage->number < plan->rung_count ? plan->rungs[stage->number] : run->episodes;
}

static void keep_evaluation(const hrl_event *event, void *data) {
  struct outcome *outcome = data;
  if (event->type != HRL_EVENT_COMPLETED) return;
  const hrl_evaluation *evaluation = event->evaluation;
  outcome->worth = evaluation_worth(evaluation);
  outcome->standard_error = evaluation_worth_stderr(evaluation);
  outcome->seconds = event->progress != NULL ? event->progress->elapsed_time : 0.0;
  outcome->done = true;
}

static hrl_status create_trainer(const struct sweep *sweep, const struct sweep_run *run,
                                 uint64_t episodes, struct outcome *outcome,
                                 hrl_trainer **trainer, hrl_error *error) {
  hrl_scenario *scenario = NULL;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = episodes;
  options.seed = run->seed;
  options.save_interval = sweep->plan.save_interval;
  options.eval_episodes = sweep->plan.eval_episodes;
  options.threads = 1;
  options.keep = 1;
  options.output = sweep->output;
#ifdef RECORDS_RUNS
  options.record = sweep->records;
#endif
  if (!sweep_scenario(sweep, run, &scenario, error)) return error->status;
  int found = 0;
  hrl_status status = hrl_trainer_create(scenario, &options, trainer, error);
  hrl_scenario_destroy(scenario);
  if (status == HRL_OK)
    status = hrl_trainer_add_listener(*trainer, keep_evaluation, outcome, error);
  if (status == HRL_OK)
    status = hrl_trainer_load_latest(*trainer, NULL, &run->seed, &found, error);
  return status;
}

/* Trains a run for a stage, from where it stands. The outcome is not `done` after a stop.
 * What can be put right and tried again, such as a full disk, is an error; what cannot,
 * an outcome. */
static bool train(const struct stage *stage, const struct sweep_run *run,
                  struct outcome *outcome, hrl_error *error) {
  struct sweep *sweep = stage->sweep;
  hrl_trainer *trainer = NULL;
  hrl_error problem = HRL_ERROR_INIT;
  int more = 1;
  *outcome = (struct outcome){.done = false};
  hrl_status status =
      create_trainer(sweep, run, stage_episodes(stage, run), outcome, &trainer, &problem);
  while (status == HRL_OK && more) {
    if (atomic_load(&sweep->stop)) hrl_trainer_stop(trainer);
    status = hrl_trainer_step(trainer, &more, &problem);
  }
  hrl_trainer_destroy(trainer);
  if (status == HRL_OK) return true;
  if (status != HRL_ERROR_NUMERIC) {
    if (error->status == HRL_OK) *error = problem;
    return false;
  }
  *outcome = (struct outcome){.done = true, .failed = true};
  memcpy(outcome->message, problem.message, sizeof outcome->message);
  return true;
}

static void tell(const struct stage *stage, const struct sweep_run *run,
                 const struct outcome *outcome) {
  const struct sweep *sweep = stage->sweep;
  if (sweep->quiet || sweep->rank > 0) return;
  if (outcome->failed)
    console_error("%s seed %llu: %s", run->name, (unsigned long long)run->seed,
                  outcome->message);
  else
    console_error("%s seed %llu episodes %llu worth %.2f", run->name,
                  (unsigned long long)run->seed,
                  (unsigned long long)stage_episodes(stage, run), outcome->worth);
}

/* Does a run of the stage, unless it is done or, without `wait`, somebody else does it.
 */
static bool do_run(struct stage *stage, struct sweep_run *run, bool wait,
                   hrl_error *error) {
  struct sweep *sweep = stage->sweep;
  uint64_t episodes = stage_episodes(stage, run);
  struct outcome outcome;
  if (!store_read(sweep, run, episodes, &outcome, error)) return false;
  if (!outcome.done) {
    int lock = store_lock(sweep, run, wait, error);
    if (lock < 0) return lock == -1;
    /* it may have been done meanwhile */
    bool fine = store_read(sweep, run, episodes, &outcome, error);
    if (fine && !outcome.done && !atomic_load(&sweep->stop)) {
      fine = train(stage, run, &outcome, error);
      if (fine && outcome.done) {
        fine = store_write(sweep, run, episodes, &outcome, error);
        if (fine) tell(stage, run, &outcome);
      }
    }
    close(lock);
    if (!fine) return false;
  }
  if (outcome.done) {
    /* the second round looks at what another thread may just have done */
    pthread_mutex_lock(&stage->mutex);
    run->outcome = outcome;
    run->outcome_episodes = episodes;
    pthread_mutex_unlock(&stage->mutex);
  }
  return true;
}

static void *work(void *data) {
  struct stage *stage = data;
  struct sweep *sweep = stage->sweep;
  /* each process begins elsewhere, so that they seldom ask for the same run */
  size_t offset = sweep->run_count / sweep->ranks * sweep->rank;
  for (;;) {
    size_t turn = atomic_fetch_add(&stage->next, 1);
    if (turn >= 2 * sweep->run_count || atomic_load(&sweep->stop)) return NULL;
    struct sweep_run *run = &sweep->runs[(turn + offset) % sweep->run_count];
    if (run->ended) continue;
    /* a second round waits for what others do, and does it where they died. Its runs may
     * still be in hand in this process: whoever waits sleeps meanwhile. */
    bool second = turn >= sweep->run_count;
    hrl_error problem = HRL_ERROR_INIT;
    if (do_run(stage, run, second, &problem)) continue;
    pthread_mutex_lock(&stage->mutex);
    if (stage->error->status == HRL_OK) *stage->error = problem;
    pthread_mutex_unlock(&stage->mutex);
    atomic_store(&sweep->stop, true);
    return NULL;
  }
}

/* All threads of the process, the calling one included. */
static bool do_stage(struct stage *stage) {
  struct sweep *sweep = stage->sweep;
  pthread_t threads[256];
  size_t started = 0;
  sigset_t all, before;
  /* signals are the first thread's, which is the one that waits least */
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  while (started + 1 < sweep->threads &&
         pthread_create(&threads[started], NULL, work, stage) == 0)
    started++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  work(stage);
  for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
  return stage->error->status == HRL_OK && !atomic_load(&sweep->stop);
}

/* The median over the seeds of a setting; failed runs are worth least. */
static double judge(const struct sweep *sweep, size_t group, double *values) {
  size_t seeds = sweep->plan.seed_count;
  for (size_t i = 0; i < seeds; i++) {
    const struct outcome *outcome = &sweep->runs[group * seeds + i].outcome;
    values[i] = outcome->failed ? -INFINITY : outcome->worth;
  }
  sweep_sort(values, seeds);
  return sweep_quantile(values, seeds, 0.5);
}

/* Ends the worse settings of a scenario: of those that go on, the best ones stay, and of
 * equals the earlier. */
static void halve(struct sweep *sweep, size_t scenario, double *worths, double *values) {
  const struct plan *plan = &sweep->plan;
  size_t first = scenario * plan->setting_count;
  size_t alive = 0;
  for (size_t i = 0; i < plan->setting_count; i++) {
    bool ended = sweep->runs[(first + i) * plan->seed_count].ended;
    worths[i] = ended ? NAN : judge(sweep, first + i, values);
    alive += !ended;
  }
  size_t stay = (size_t)ceil(plan->keep * (double)alive);
  for (size_t i = 0; i < plan->setting_count; i++) {
    size_t better = 0;
    if (isnan(worths[i])) continue;
    for (size_t j = 0; j < plan->setting_count; j++)
      better += worths[j] > worths[i] || (j < i && worths[j] == worths[i]);
    for (size_t s = 0; better >= stay && s < plan->seed_count; s++)
      sweep->runs[(first + i) * plan->seed_count + s].ended = true;
  }
}

bool sweep_work(struct sweep *sweep, hrl_error *error) {
  const struct plan *plan = &sweep->plan;
  double *worths = calloc(plan->setting_count + plan->seed_count, sizeof *worths);
  if (worths == NULL) {
    error->status = HRL_ERROR_MEMORY;
    snprintf(error->message, sizeof error->message, "out of memory");
    return false;
  }
  bool fine = store_open(sweep, error);
  for (size_t number = 0; fine && number <= plan->rung_count; number++) {
    struct stage stage = {.sweep = sweep, .number = number, .error = error};
    pthread_mutex_init(&stage.mutex, NULL);
    fine = do_stage(&stage);
    pthread_mutex_destroy(&stage.mutex);
    for (size_t i = 0; fine && number < plan->rung_count && i < plan->scenario_count; i++)
      halve(sweep, i, worths, worths + plan->setting_count);
  }
  free(worths);
  return fine;
}
