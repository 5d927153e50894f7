#include "trainer/state.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void hrlp_trainer_complete_event(hrl_trainer *trainer, hrl_event *event) {
  event->size = sizeof *event;
  event->trainer = trainer;
  event->scenario = trainer->scenario->name;
  event->start_time = trainer->run.start_time;
  event->episode = trainer->run.episode;
  event->total_episodes = trainer->run.total_episodes;
}

void hrlp_trainer_record(hrl_trainer *trainer, const hrl_event *event) {
  hrl_error problem = HRL_ERROR_INIT;
  if (trainer->recorder != NULL &&
      hrlp_recorder_notify(trainer->recorder, event, &problem))
    hrlp_trainer_log(trainer, "the record of this run is incomplete: %s",
                     problem.message);
}

void hrlp_trainer_notify(hrl_trainer *trainer, hrl_event *event) {
  hrlp_trainer_complete_event(trainer, event);
  hrlp_trainer_record(trainer, event);
  for (size_t i = 0; i < trainer->listener_count; i++)
    trainer->listeners[i].function(event, trainer->listeners[i].data);
}

void hrlp_trainer_log(const hrl_trainer *trainer, const char *format, ...) {
  if (trainer->options.log == NULL) return;
  char line[HRL_ERROR_MESSAGE_SIZE + 256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  trainer->options.log(line, trainer->options.log_data);
}

void hrlp_trainer_set_status(hrl_trainer *trainer, hrl_trainer_state state,
                             const hrl_error *error) {
  const struct hrlp_run *run = &trainer->run;
  hrl_trainer_status shown = {.size = sizeof shown,
                              .state = state,
                              .episode = run->episode,
                              .total_episodes = run->total_episodes,
                              .seed = run->seed,
                              .has_progress = run->recent_count > 0,
                              .progress = hrlp_run_progress(run),
                              .has_best = run->has_best,
                              .best_eval_score = run->best_score};
  memcpy(shown.start_time, run->start_time, sizeof shown.start_time);
  if (error != NULL) shown.error = *error;
  pthread_mutex_lock(&trainer->mutex);
  trainer->status = shown;
  pthread_mutex_unlock(&trainer->mutex);
}

hrl_status hrl_trainer_get_status(const hrl_trainer *trainer,
                                  hrl_trainer_status *status) {
  if (trainer == NULL || status == NULL || status->size < sizeof status->size)
    return HRL_ERROR_ARGUMENT;
  /* the mutex is no part of what `const` promises */
  hrl_trainer *own = (hrl_trainer *)(uintptr_t)trainer;
  size_t size = status->size < sizeof *status ? status->size : sizeof *status;
  pthread_mutex_lock(&own->mutex);
  memcpy(status, &own->status, size);
  pthread_mutex_unlock(&own->mutex);
  status->size = size;
  return HRL_OK;
}

hrl_status hrlp_trainer_check_free(hrl_trainer *trainer, const char *what, bool only_idle,
                                   hrl_error *error) {
  pthread_mutex_lock(&trainer->mutex);
  bool busy = trainer->background && !trainer->thread_ended;
  hrl_trainer_state state = trainer->status.state;
  pthread_mutex_unlock(&trainer->mutex);
  if (busy)
    return hrlp_fail(error, HRL_ERROR_STATE,
                     "%s: a background run is active; stop it and wait for it first",
                     what);
  if (only_idle && (state != HRL_TRAINER_IDLE || trainer->begun))
    return hrlp_fail(error, HRL_ERROR_STATE,
                     "%s: the run has started; do this before its first step or start",
                     what);
  return HRL_OK;
}
