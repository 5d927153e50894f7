/* task_trial.h - short runs of the tasks in task_sample.h. */
#ifndef TEST_TASK_TRIAL_H
#define TEST_TASK_TRIAL_H

#include "task_sample.h"
#include "trial.h"

static inline hrl_scenario *make(const hrl_task *task) {
  hrl_scenario *scenario = NULL;
  OK(hrl_task_make_scenario(task,
                            "training: {high_period: 4, hidden_low: 8, hidden_high: 8, "
                            "batch_size: 32, batch_size_high: 8, epochs_low: 2, "
                            "epochs_high: 2}",
                            &scenario, &error));
  return scenario;
}

static inline hrl_trainer *make_task_trainer(const hrl_task *task,
                                             const hrl_trainer_options *options) {
  hrl_scenario *scenario = make(task);
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, options, &trainer, &error));
  hrl_scenario_destroy(scenario);
  return trainer;
}

static inline void train_into(const hrl_task *task, const char *output, uint64_t episodes,
                              uint32_t threads) {
  hrl_trainer_options options = short_run(episodes, output);
  options.threads = threads;
  hrl_trainer *trainer = make_task_trainer(task, &options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

static inline hrl_policy *load(const hrl_task *task, const char *model) {
  hrl_policy *policy = NULL;
  OK(hrl_task_load_policy(task, model, &policy, &error));
  return policy;
}

#endif
