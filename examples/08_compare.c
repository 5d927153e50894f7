/* 08 - Compare policies: trained agents, the best constant share, and the optimum, all on
 * the same episodes.
 *
 * Usage: 08_compare [MODEL [EPISODES]], after 01_train or hrl-train */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

static void print_row(const char *name, const hrl_evaluation *evaluation) {
  printf("%-24s %8.2f +- %4.2f  %7.1f months  %5.1f %% solvent\n", name,
         evaluation->strategic_return, evaluation->strategic_return_stderr,
         evaluation->months, 100.0 * evaluation->solvent);
}

static hrl_status compare(const hrl_policy *policy, uint64_t episodes, hrl_error *error) {
  const hrl_scenario *scenario = hrl_policy_scenario(policy);
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = episodes;
  hrl_evaluation trained = {.size = sizeof trained};
  hrl_evaluation nothing = {.size = sizeof nothing};
  hrl_evaluation constant = {.size = sizeof constant};
  hrl_evaluation optimum = {.size = sizeof optimum};
  double share = 0.0;
  hrl_status status = hrl_evaluate_policy(policy, NULL, &options, &trained, error);
  if (status == HRL_OK) status = hrl_evaluate_share(scenario, 0.0, &options, &nothing, error);
  if (status == HRL_OK)
    status = hrl_evaluate_best_share(scenario, &options, &share, &constant, error);
  if (status == HRL_OK)
    status = hrl_evaluate_optimum(scenario, &options, NULL, &optimum, error);
  if (status != HRL_OK) return status;
  char name[32];
  snprintf(name, sizeof name, "invest %.0f %% every month", 100.0 * share);
  print_row("trained agents", &trained);
  print_row("invest nothing", &nothing);
  print_row(name, &constant);
  print_row("optimum", &optimum);
  printf("skill %.3f\n", hrl_skill(trained.strategic_return, constant.strategic_return,
                                   optimum.strategic_return));
  return HRL_OK;
}

int main(int argc, char **argv) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_policy *policy = NULL;
  uint64_t episodes = argc > 2 ? strtoull(argv[2], NULL, 10) : 4000;
  hrl_status status =
      hrl_policy_load(argc > 1 ? argv[1] : "bologna_coppia", &policy, &error);
  if (status == HRL_OK) status = compare(policy, episodes, &error);
  if (status != HRL_OK) fprintf(stderr, "08_compare: %s\n", error.message);
  hrl_policy_destroy(policy);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
