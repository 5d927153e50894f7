/* Sizes of the structs that the Python module describes by itself: NAME SIZE LAST, LAST
 * the offset of the last member. test_python.py compares. */
#include <hrl/hrl.h>

#include <stddef.h>
#include <stdio.h>

#define SHOW(name, last) printf(#name " %zu %zu\n", sizeof(name), offsetof(name, last))

int main(void) {
  SHOW(hrl_error, message);
  SHOW(hrl_trainer_options, pretrained);
  SHOW(hrl_progress, elapsed_time);
  SHOW(hrl_evaluation, rescued);
  SHOW(hrl_trainer_status, error);
  SHOW(hrl_event, reason);
  SHOW(hrl_evaluate_options, log_data);
  SHOW(hrl_rule, target);
  SHOW(hrl_situation, unemployed);
  SHOW(hrl_advice, consume);
  SHOW(hrl_step_result, consumption);
  SHOW(hrl_run, final_equivalent_stderr);
  SHOW(hrl_runs_filter, offset);
  SHOW(hrl_observation, portfolio);
  SHOW(hrl_lifecycle_observation, months_remaining);
  SHOW(hrl_goal, aggressiveness);
  SHOW(hrl_allocation, consume);
  return 0;
}
