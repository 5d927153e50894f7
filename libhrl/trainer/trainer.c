#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "trainer/board.h"
#include "trainer/convergence.h"
#include "trainer/output.h"
#include "trainer/ranks.h"
#include "trainer/training.h"
#include "trainer/warm.h"

#define MAX_EPISODES 1000000000ULL
#define MAX_EVAL_EPISODES 100000U
#define MAX_THREADS 256U

static hrl_status check_options(const hrl_trainer_options *given,
                                hrl_trainer_options *options, hrl_error *error) {
  *options = (hrl_trainer_options)HRL_TRAINER_OPTIONS_INIT;
  if (given != NULL)
    memcpy(options, given, given->size < sizeof *options ? given->size : sizeof *options);
  if (options->episodes > MAX_EPISODES)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "episodes: found %llu, expected 1 to %llu",
                     (unsigned long long)options->episodes, MAX_EPISODES);
  if (options->save_interval < 1)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "save_interval: found 0, expected at least 1");
  if (options->eval_episodes < 1 || options->eval_episodes > MAX_EVAL_EPISODES)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "eval_episodes: found %u, expected 1 to %u",
                     (unsigned)options->eval_episodes, MAX_EVAL_EPISODES);
  if (options->threads > MAX_THREADS)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "threads: found %u, expected 1 to %u, or 0 for one per processor",
                     (unsigned)options->threads, MAX_THREADS);
  return hrlp_convergence_check(options, error);
}

static hrl_status copy_output(hrl_trainer *trainer, hrl_error *error) {
  const char *output = trainer->options.output;
  if (output == NULL) return HRL_OK;
  if (output[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "output: found an empty name, expected a folder or NULL");
  trainer->output = hrlp_copy_text(output);
  size_t room = strlen(output) + strlen(trainer->scenario->name) + 32;
  trainer->checkpoints = malloc(room);
  if (trainer->output == NULL || trainer->checkpoints == NULL)
    return hrlp_fail_memory(error, "the output folder's name");
  snprintf(trainer->checkpoints, room, "%s/checkpoints/%s", output,
           trainer->scenario->name);
  trainer->options.output = trainer->output;
  return HRL_OK;
}

/* The agents, the learner and the run, from the scenario and the options. */
static hrl_status create_parts(hrl_trainer *trainer, hrl_error *error) {
  const struct hrl_scenario *scenario = trainer->scenario;
  const hrl_policy *pretrained = trainer->options.pretrained;
  size_t threads = trainer->options.threads;
  hrl_status status =
      pretrained != NULL ? hrlp_warm_prepare(trainer, pretrained, error) : HRL_OK;
  struct hrlp_agents_config config = hrlp_agents_configure(&scenario->training);
  if (status == HRL_OK)
    status = hrlp_pool_create(threads == 0 ? hrlp_processor_count() : threads,
                              &trainer->pool, error);
  if (status == HRL_OK) status = hrlp_ranks_join(trainer, error);
  if (status == HRL_OK)
    status = hrlp_agents_create_for(&trainer->agents, &config, scenario,
                                    trainer->options.seed, error);
  if (status == HRL_OK && pretrained != NULL)
    status = hrlp_warm_begin(trainer, pretrained, error);
  trainer->options.pretrained = NULL; /* the caller's */
  if (status == HRL_OK)
    status = hrlp_learner_create(&trainer->agents, &trainer->learner, error);
  if (status == HRL_OK) status = hrlp_history_create(&trainer->run.history, error);
  trainer->round = hrlp_alloc((size_t)config.households, sizeof *trainer->round);
  if (status == HRL_OK && trainer->round == NULL)
    status = hrlp_fail_memory(error, "a batch of episodes");
  trainer->returns = hrlp_alloc(trainer->options.eval_episodes, sizeof *trainer->returns);
  if (status == HRL_OK && trainer->returns == NULL)
    status = hrlp_fail_memory(error, "an evaluation");
  trainer->run.seed = trainer->options.seed;
  trainer->run.total_episodes = trainer->episodes_given
                                    ? trainer->options.episodes
                                    : (uint64_t)scenario->training.num_episodes;
  return status;
}

static void free_trainer(hrl_trainer *trainer) {
  hrlp_recorder_destroy(trainer->recorder);
  hrlp_board_end(trainer);
  hrlp_output_close(trainer);
  hrlp_history_destroy(&trainer->run.history);
  hrlp_learner_destroy(trainer->learner);
  hrlp_agents_destroy(&trainer->agents);
  hrlp_pool_destroy(trainer->pool);
  hrlp_group_destroy(trainer->group);
  hrl_scenario_destroy(trainer->scenario);
  hrlp_free(trainer->round);
  hrlp_free(trainer->returns);
  hrlp_free(trainer->untrained);
  free(trainer->listeners);
  free(trainer->checkpoints);
  free(trainer->output);
  free(trainer->tensorboard);
  free(trainer->record_folder);
  pthread_mutex_destroy(&trainer->mutex);
  sem_destroy(&trainer->wake);
  hrlp_free(trainer);
}

hrl_status hrl_trainer_create(const hrl_scenario *scenario,
                              const hrl_trainer_options *options, hrl_trainer **result,
                              hrl_error *error) {
  if (result != NULL) *result = NULL;
  if (scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_create: expected a scenario and room for the trainer");
  if (scenario->environment.beginning.month > 0 ||
      scenario->lifecycle.beginning.month > 0)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_create: expected a household at its start; "
                     "hrl_scenario_begin_at has moved this one to a later month");
  hrl_trainer *trainer = hrlp_alloc(1, sizeof *trainer);
  if (trainer == NULL) return hrlp_fail_memory(error, "a trainer");
  pthread_mutex_init(&trainer->mutex, NULL);
  sem_init(&trainer->wake, 0, 0);
  trainer->lock.descriptor = -1;
  hrl_status status = check_options(options, &trainer->options, error);
  if (status == HRL_OK) status = hrlp_scenario_copy(scenario, &trainer->scenario, error);
  if (status == HRL_OK) hrlp_convergence_settle(&trainer->options, trainer->scenario);
  if (status == HRL_OK) status = copy_output(trainer, error);
  if (status == HRL_OK) status = hrlp_board_prepare(trainer, error);
  trainer->episodes_given = trainer->options.episodes > 0;
  if (status == HRL_OK) status = create_parts(trainer, error);
  if (status != HRL_OK) {
    free_trainer(trainer);
    return status;
  }
  hrlp_trainer_set_status(trainer, HRL_TRAINER_IDLE, NULL);
  *result = trainer;
  return HRL_OK;
}

void hrl_trainer_destroy(hrl_trainer *trainer) {
  if (trainer == NULL) return;
  hrl_trainer_stop(trainer);
  hrl_trainer_wait(trainer, NULL);
  free_trainer(trainer);
}

/* Nothing but atomic stores and sem_post: a signal handler may call these. */
void hrl_trainer_stop(hrl_trainer *trainer) {
  if (trainer == NULL) return;
  atomic_store(&trainer->stop, true);
  hrl_trainer_resume(trainer);
}

void hrl_trainer_pause(hrl_trainer *trainer) {
  if (trainer != NULL) atomic_store(&trainer->pause, true);
}

void hrl_trainer_resume(hrl_trainer *trainer) {
  if (trainer == NULL) return;
  atomic_store(&trainer->pause, false);
  sem_post(&trainer->wake);
}

static hrl_status check_unfinished(hrl_trainer *trainer, const char *what,
                                   hrl_error *error) {
  hrl_status status = hrlp_trainer_check_free(trainer, what, false, error);
  if (status != HRL_OK) return status;
  if (trainer->status.state == HRL_TRAINER_COMPLETED)
    return hrlp_fail(error, HRL_ERROR_STATE,
                     "%s: all %llu episodes are done; to continue, create a trainer with "
                     "more and load the last checkpoint",
                     what, (unsigned long long)trainer->run.episode);
  if (trainer->status.state == HRL_TRAINER_FAILED)
    return hrlp_fail(
        error, HRL_ERROR_STATE,
        "%s: the run has failed (%s); create a trainer and load a checkpoint", what,
        trainer->status.error.message);
  return HRL_OK;
}

hrl_status hrl_trainer_add_listener(hrl_trainer *trainer, hrl_listener_fn listener,
                                    void *data, hrl_error *error) {
  if (trainer == NULL || listener == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_add_listener: expected a trainer and a function");
  hrl_status status =
      hrlp_trainer_check_free(trainer, "hrl_trainer_add_listener", true, error);
  if (status != HRL_OK) return status;
  struct hrlp_listener *grown =
      hrlp_resize(trainer->listeners, trainer->listener_count + 1, sizeof *grown);
  if (grown == NULL) return hrlp_fail_memory(error, "a listener");
  grown[trainer->listener_count++] = (struct hrlp_listener){listener, data};
  trainer->listeners = grown;
  return HRL_OK;
}

static void *run_in_background(void *data) {
  hrl_trainer *trainer = data;
  bool more = true;
  while (more) {
    /* a run tells that it has started before it tells of a pause */
    if (trainer->announced && hrlp_training_must_pause(trainer)) {
      hrlp_training_pause(trainer);
      while (hrlp_training_must_pause(trainer)) sem_wait(&trainer->wake);
      hrlp_training_resume(trainer);
    }
    hrlp_training_unit(trainer, &more, NULL);
  }
  pthread_mutex_lock(&trainer->mutex);
  trainer->thread_ended = true;
  pthread_mutex_unlock(&trainer->mutex);
  return NULL;
}

hrl_status hrl_trainer_start(hrl_trainer *trainer, hrl_error *error) {
  if (trainer == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "hrl_trainer_start: expected a trainer");
  hrl_status status = check_unfinished(trainer, "hrl_trainer_start", error);
  if (status != HRL_OK) return status;
  hrl_trainer_wait(trainer, NULL); /* a run that has ended is joined late */
  bool stepping = trainer->begun;
  bool first = trainer->run.start_time[0] == '\0';
  hrl_trainer_state before = trainer->status.state;
  if (!stepping) status = hrlp_training_begin(trainer, error);
  if (status != HRL_OK) return status;
  pthread_mutex_lock(&trainer->mutex);
  trainer->background = true;
  trainer->thread_ended = false;
  pthread_mutex_unlock(&trainer->mutex);
  int failure = hrlp_thread_create(&trainer->thread, run_in_background, trainer);
  if (failure == 0) return HRL_OK;
  pthread_mutex_lock(&trainer->mutex);
  trainer->background = false;
  pthread_mutex_unlock(&trainer->mutex);
  if (!stepping) {
    trainer->begun = false;
    if (first) trainer->run.start_time[0] = '\0';
    hrlp_output_close(trainer);
    hrlp_trainer_set_status(trainer, before, NULL);
  }
  return hrlp_fail(
      error, HRL_ERROR_THREAD,
      "could not create the training thread (error %d); use hrl_trainer_step", failure);
}

hrl_status hrl_trainer_wait(hrl_trainer *trainer, hrl_error *error) {
  if (trainer == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "hrl_trainer_wait: expected a trainer");
  pthread_mutex_lock(&trainer->mutex);
  bool join = trainer->background;
  pthread_mutex_unlock(&trainer->mutex);
  if (join) {
    pthread_join(trainer->thread, NULL);
    pthread_mutex_lock(&trainer->mutex);
    trainer->background = false;
    pthread_mutex_unlock(&trainer->mutex);
  }
  if (trainer->status.state != HRL_TRAINER_FAILED) return HRL_OK;
  if (error != NULL && error->status == HRL_OK) *error = trainer->status.error;
  return trainer->status.error.status;
}

hrl_status hrl_trainer_step(hrl_trainer *trainer, int *more, hrl_error *error) {
  if (more != NULL) *more = 0;
  if (trainer == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "hrl_trainer_step: expected a trainer");
  hrl_status status = check_unfinished(trainer, "hrl_trainer_step", error);
  if (status == HRL_OK && !trainer->begun) status = hrlp_stack_check(error);
  if (status == HRL_OK && !trainer->begun) status = hrlp_training_begin(trainer, error);
  if (status != HRL_OK) return status;
  if (trainer->announced && hrlp_training_must_pause(trainer)) {
    if (!trainer->paused) hrlp_training_pause(trainer);
    if (more != NULL) *more = 1;
    return hrlp_fail(
        error, HRL_ERROR_STATE,
        "hrl_trainer_step: the run is paused; call hrl_trainer_resume first");
  }
  if (trainer->paused) hrlp_training_resume(trainer);
  bool goes_on = false;
  status = hrlp_training_unit(trainer, &goes_on, error);
  if (more != NULL) *more = goes_on;
  return status;
}
