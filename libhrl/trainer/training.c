#include "trainer/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/evaluate.h"
#include "trainer/board.h"
#include "trainer/convergence.h"
#include "trainer/output.h"
#include "trainer/ranks.h"

/* Local time as ISO-8601 with microseconds. */
static void write_time(char text[HRL_TIME_SIZE]) {
  struct timespec now;
  struct tm local = {0}; /* what stays where the clock shows a year that has no number */
  clock_gettime(CLOCK_REALTIME, &now);
  (void)localtime_r(&now.tv_sec, &local);
  size_t length = strftime(text, HRL_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &local);
  snprintf(text + length, HRL_TIME_SIZE - length, ".%06ld", now.tv_nsec / 1000);
}

static void measure_elapsed(hrl_trainer *trainer) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  trainer->run.elapsed = trainer->elapsed_before +
                         (double)(now.tv_sec - trainer->begun_at.tv_sec) +
                         1e-9 * (double)(now.tv_nsec - trainer->begun_at.tv_nsec);
}

hrl_status hrlp_training_begin(hrl_trainer *trainer, hrl_error *error) {
  bool first = trainer->run.start_time[0] == '\0';
  hrl_status status = hrlp_convergence_begin(trainer, error);
  if (status == HRL_OK) status = hrlp_output_open(trainer, error);
  if (status == HRL_OK && first) write_time(trainer->run.start_time);
  if (status == HRL_OK) status = hrlp_ranks_begin(trainer, error);
  if (status != HRL_OK) {
    if (first) trainer->run.start_time[0] = '\0';
    hrlp_output_close(trainer);
    hrlp_group_abort(trainer->group);
    return status;
  }
  trainer->elapsed_before = trainer->run.elapsed;
  clock_gettime(CLOCK_MONOTONIC, &trainer->begun_at);
  trainer->begun = true;
  trainer->announced = false;
  hrlp_trainer_set_status(trainer, HRL_TRAINER_RUNNING, NULL);
  return HRL_OK;
}

bool hrlp_training_must_pause(const hrl_trainer *trainer) {
  return atomic_load(&trainer->pause) && !atomic_load(&trainer->stop);
}

void hrlp_training_pause(hrl_trainer *trainer) {
  measure_elapsed(trainer);
  trainer->paused = true;
  hrlp_trainer_set_status(trainer, HRL_TRAINER_PAUSED, NULL);
  hrlp_trainer_notify(trainer, &(hrl_event){.type = HRL_EVENT_PAUSED});
}

void hrlp_training_resume(hrl_trainer *trainer) {
  trainer->elapsed_before = trainer->run.elapsed;
  clock_gettime(CLOCK_MONOTONIC, &trainer->begun_at);
  trainer->paused = false;
  hrlp_trainer_set_status(trainer, HRL_TRAINER_RUNNING, NULL);
  hrlp_trainer_notify(trainer, &(hrl_event){.type = HRL_EVENT_RESUMED});
}

/* Sends the last event of a run, however it ended. The status changes before listeners
 * are called.
 */
static void end_run(hrl_trainer *trainer, hrl_trainer_state state, hrl_event event) {
  hrl_progress progress = hrlp_run_progress(&trainer->run);
  if (trainer->run.recent_count > 0) event.progress = &progress;
  trainer->begun = false;
  /* recorded before anybody can go on with it, and before listeners hear of it */
  hrlp_trainer_complete_event(trainer, &event);
  hrlp_trainer_record(trainer, &event);
  hrlp_board_end(trainer);
  hrlp_output_close(trainer);
  hrlp_trainer_set_status(trainer, state, event.error);
  hrlp_trainer_notify(trainer, &event);
}

static hrl_status evaluate(hrl_trainer *trainer, bool *best, hrl_error *error) {
  hrl_evaluation *evaluation = &trainer->evaluation;
  *evaluation = (hrl_evaluation){.size = sizeof *evaluation};
  hrl_status status = hrlp_evaluate_agents(
      &trainer->agents, trainer->options.eval_episodes, HRLP_EVALUATION_SEED,
      trainer->pool, evaluation, trainer->returns, error);
  if (status != HRL_OK) return status;
  *best =
      !trainer->run.has_best || evaluation->strategic_return > trainer->run.best_score;
  if (*best) {
    trainer->run.has_best = true;
    trainer->run.best_score = evaluation->strategic_return;
  }
  hrlp_trainer_notify(trainer, &(hrl_event){.type = HRL_EVENT_EVALUATED,
                                            .evaluation = evaluation,
                                            .is_best = *best,
                                            .returns = trainer->returns});
  hrlp_board_evaluated(trainer, evaluation);
  return HRL_OK;
}

static bool is_save_point(const hrl_trainer *trainer) {
  return trainer->run.episode % trainer->options.save_interval == 0;
}

/* An evaluation and a checkpoint. A disk that takes no checkpoint does not end the run:
 * the next one may fit, and the result in memory is worth more. */
static hrl_status save_point(hrl_trainer *trainer, hrl_error *error) {
  bool best = false;
  hrl_status status = evaluate(trainer, &best, error);
  if (status != HRL_OK) return status;
  measure_elapsed(trainer);
  /* that of a last episode which is no save point is none of a longer run */
  if (is_save_point(trainer)) hrlp_convergence_keep(trainer);
  hrl_error problem = HRL_ERROR_INIT;
  if (hrlp_output_checkpoint(trainer, best, &problem) != HRL_OK)
    hrlp_trainer_log(trainer,
                     "checkpoint of episode %llu not saved, training continues: %s",
                     (unsigned long long)trainer->run.episode, problem.message);
  return HRL_OK;
}

/* A save point before the last episode, where the run may be found to be at its end. */
static hrl_status pass_save_point(hrl_trainer *trainer, hrl_error *error) {
  hrl_status status = save_point(trainer, error);
  return status == HRL_OK ? hrlp_convergence_judge(trainer, &trainer->evaluation,
                                                   &trainer->reason, error)
                          : status;
}

/* A checkpoint does not tell whether the run was found to be at its end there: it may
 * have been killed before, or have had no more episodes to do. So that it ends where a
 * run in one part does, this is looked at again. */
static hrl_status judge_loaded(hrl_trainer *trainer, hrl_error *error) {
  const hrl_trainer_options *options = &trainer->options;
  const struct hrlp_run *run = &trainer->run;
  if ((options->patience == 0 && !options->has_target) || !is_save_point(trainer) ||
      run->episode == 0 || run->episode < options->min_episodes ||
      run->episode >= run->total_episodes)
    return HRL_OK;
  trainer->evaluation = (hrl_evaluation){.size = sizeof trainer->evaluation};
  hrl_status status =
      hrlp_evaluate_agents(&trainer->agents, options->eval_episodes, HRLP_EVALUATION_SEED,
                           trainer->pool, &trainer->evaluation, trainer->returns, error);
  if (status == HRL_OK)
    status =
        hrlp_convergence_judge(trainer, &trainer->evaluation, &trainer->reason, error);
  /* told and written as it is where a run of so many episodes is loaded at its end */
  return status == HRL_OK && trainer->reason != NULL ? save_point(trainer, error)
                                                     : status;
}

static hrl_status report_episode(hrl_trainer *trainer, const struct hrlp_episode *episode,
                                 hrl_error *error) {
  if (!isfinite(episode->strategic_return) || !isfinite(episode->wealth) ||
      !isfinite(episode->goal_adherence) || !isfinite(episode->sharpe))
    return hrlp_fail(error, HRL_ERROR_NUMERIC,
                     "episode %llu of %s gave a number that is not finite; the "
                     "scenario's amounts are too large or its learning rates too high",
                     (unsigned long long)trainer->run.episode + 1,
                     trainer->scenario->name);
  hrlp_run_add_episode(&trainer->run, episode, trainer->agents.task->initial_wealth);
  measure_elapsed(trainer);
  hrl_progress progress = hrlp_run_progress(&trainer->run);
  hrlp_trainer_set_status(trainer, HRL_TRAINER_RUNNING, NULL);
  hrlp_trainer_notify(trainer,
                      &(hrl_event){.type = HRL_EVENT_PROGRESS, .progress = &progress});
  hrlp_board_progressed(trainer, &progress);
  return HRL_OK;
}

/* Both agents learn from the batch that was played. */
static hrl_status learn(hrl_trainer *trainer, hrl_error *error) {
  struct hrlp_run *run = &trainer->run;
  struct hrlp_update_report report;
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status =
      hrlp_learner_update(trainer->learner, &trainer->agents, run->round_first,
                          trainer->pool, &report, &problem);
  if (status != HRL_OK)
    return hrlp_fail(error, status, "after episode %llu of %s: %s",
                     (unsigned long long)run->episode, trainer->scenario->name,
                     problem.message);
  hrlp_board_learned(trainer, &report);
  hrlp_history_add_losses(&run->history, report.executor.loss, report.strategist.loss);
  run->round_first = run->episode;
  return HRL_OK;
}

/* Plays a batch, reports its episodes, and learns from it. A batch always has
 * parallel_episodes episodes, whatever the number still wanted and wherever checkpoints
 * fall: so neither changes what is learned. A save point or the end of the run inside a
 * batch finds the agents as they played it, before they learn from it; from there a run
 * goes on by playing the batch again. */
static hrl_status play_batch(hrl_trainer *trainer, hrl_error *error) {
  struct hrlp_run *run = &trainer->run;
  size_t count = (size_t)trainer->agents.config.households;
  uint64_t first = run->round_first;
  hrl_status status = HRL_OK;
  status = hrlp_learner_collect(trainer->learner, &trainer->agents, first + 1, count,
                                trainer->round, trainer->pool, error);
  if (status != HRL_OK) return status;
  for (size_t i = (size_t)(run->episode - first); i < count; i++) {
    if (run->episode == run->total_episodes) return HRL_OK;
    status = report_episode(trainer, &trainer->round[i], error);
    if (status == HRL_OK && i + 1 < count && is_save_point(trainer) &&
        run->episode < run->total_episodes)
      status = pass_save_point(trainer, error);
    if (status != HRL_OK || trainer->reason != NULL) return status;
  }
  status = learn(trainer, error);
  if (status == HRL_OK && is_save_point(trainer) && run->episode < run->total_episodes)
    status = pass_save_point(trainer, error);
  return status;
}

/* The end of a run that was not stopped. One that ends early has just been evaluated and
 * saved. */
static hrl_status complete(hrl_trainer *trainer, hrl_error *error) {
  hrl_status status = HRL_OK;
  if (trainer->reason == NULL) {
    trainer->reason = HRLP_REASON_EPISODES;
    status = save_point(trainer, error);
  }
  if (status == HRL_OK) status = hrlp_output_finish(trainer, error);
  if (status == HRL_OK) status = hrlp_ranks_end(trainer, error);
  if (status == HRL_OK)
    end_run(trainer, HRL_TRAINER_COMPLETED,
            (hrl_event){.type = HRL_EVENT_COMPLETED,
                        .evaluation = &trainer->evaluation,
                        .reason = trainer->reason});
  return status;
}

static hrl_status stop(hrl_trainer *trainer, hrl_error *error) {
  measure_elapsed(trainer);
  hrl_status status = hrlp_output_checkpoint(trainer, false, error);
  hrl_status finished = hrlp_output_finish(trainer, error);
  if (status == HRL_OK) status = finished;
  if (status == HRL_OK) status = hrlp_ranks_end(trainer, error);
  if (status != HRL_OK) return status;
  char *path = hrlp_output_checkpoint_path(trainer);
  end_run(trainer, HRL_TRAINER_STOPPED,
          (hrl_event){.type = HRL_EVENT_STOPPED, .path = path});
  free(path);
  return HRL_OK;
}

hrl_status hrlp_training_unit(hrl_trainer *trainer, bool *more, hrl_error *error) {
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status = HRL_OK;
  *more = true;
  if (!trainer->announced) {
    trainer->announced = true;
    hrlp_output_record(trainer);
    hrlp_board_begin(trainer);
    hrlp_trainer_notify(trainer, &(hrl_event){.type = HRL_EVENT_STARTED});
    if (hrlp_training_must_pause(trainer)) return HRL_OK; /* nothing is done yet */
  }
  if (trainer->is_loaded) {
    trainer->is_loaded = false;
    status = judge_loaded(trainer, &problem);
  }
  bool ended =
      trainer->reason != NULL || trainer->run.episode >= trainer->run.total_episodes;
  bool stopped = false;
  if (status == HRL_OK && !ended) status = hrlp_ranks_agree(trainer, &stopped, &problem);
  if (status != HRL_OK) {
    /* told below */
  } else if (ended) {
    status = complete(trainer, &problem);
    *more = false;
  } else if (stopped) {
    status = stop(trainer, &problem);
    *more = false;
  } else {
    status = play_batch(trainer, &problem);
  }
  if (status == HRL_OK) return HRL_OK;
  *more = false;
  if (error != NULL && error->status == HRL_OK) *error = problem;
  hrlp_group_abort(trainer->group);
  end_run(trainer, HRL_TRAINER_FAILED,
          (hrl_event){.type = HRL_EVENT_ERROR, .error = &problem});
  return status;
}
