/* A run has converged if, each with statistical significance, its agents are better than
 * untrained ones and the last `patience` evaluations improved by less than
 * `min_improvement`. All evaluations meet the same noise, so what is looked at are
 * differences episode by episode. The first condition is for a flat start: who has
 * learned nothing yet has not learned all. */
#include "trainer/convergence.h"

#include <math.h>

#include "base/memory.h"
#include "environments/models.h"
#include "evaluate/evaluate.h"
#include "evaluate/tally.h"

/* A standard error from fewer is worth nothing. */
#define LEAST_EPISODES 5

hrl_status hrlp_convergence_check(const hrl_trainer_options *options, hrl_error *error) {
  if (options->has_target && !isfinite(options->target))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "target: expected a finite number");
  if (options->patience == 0) return HRL_OK;
  if (options->patience >= HRLP_RETURNS_EVALUATIONS)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "patience: found %u, expected at most %d, or 0 for none",
                     (unsigned)options->patience, HRLP_RETURNS_EVALUATIONS - 1);
  if (!isfinite(options->min_improvement) ||
      (options->min_improvement < 0.0 &&
       options->min_improvement != HRL_MIN_IMPROVEMENT_DEFAULT))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "min_improvement: expected a number of at least 0");
  if (options->eval_episodes < LEAST_EPISODES)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "eval_episodes: found %u, patience needs at least %d to tell an "
                     "improvement from noise",
                     (unsigned)options->eval_episodes, LEAST_EPISODES);
  if ((uint64_t)options->eval_episodes * (options->patience + 1) > HRLP_RETURNS_VALUES)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "patience + 1 evaluations of %u episodes are more than %d episodes to "
        "keep in each checkpoint; take a shorter patience or fewer episodes",
        (unsigned)options->eval_episodes, HRLP_RETURNS_VALUES);
  return HRL_OK;
}

void hrlp_convergence_settle(hrl_trainer_options *options, const hrl_scenario *scenario) {
  if (options->min_improvement < 0.0)
    options->min_improvement = hrlp_environment_of(scenario)->least_improvement;
}

hrl_status hrlp_convergence_begin(hrl_trainer *trainer, hrl_error *error) {
  const hrl_trainer_options *options = &trainer->options;
  size_t kept = options->patience > 0 ? options->patience + 1 : 0;
  return hrlp_returns_resize(&trainer->run.history.returns, kept, options->eval_episodes)
             ? HRL_OK
             : hrlp_fail_memory(error, "the evaluations of a run");
}

void hrlp_convergence_keep(hrl_trainer *trainer) {
  hrlp_returns_add(&trainer->run.history.returns, trainer->run.episode, trainer->returns);
}

/* Quantile of Student's distribution, by its expansion around the normal one: within
 * 0.002 from four degrees of freedom on. */
double hrlp_upper_bound(double mean, double standard_error, size_t count) {
  const double z = 1.6448536269514722;
  double n = (double)count - 1.0;
  double z3 = z * z * z;
  double z5 = z3 * z * z;
  double z7 = z5 * z * z;
  double quantile = z + (z3 + z) / (4.0 * n) +
                    (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n * n) +
                    (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * n * n * n);
  return mean + quantile * standard_error;
}

/* What untrained agents come to in the evaluations of this run: a function of scenario
 * and seed, so that no checkpoint has to hold it. */
static hrl_status evaluate_untrained(hrl_trainer *trainer, hrl_error *error) {
  if (trainer->untrained != NULL) return HRL_OK;
  const struct hrl_scenario *scenario = trainer->scenario;
  struct hrlp_agents_config config = hrlp_agents_configure(&scenario->training);
  struct hrlp_agents agents;
  hrl_evaluation ignored = {.size = sizeof ignored};
  double *returns = hrlp_alloc(trainer->options.eval_episodes, sizeof *returns);
  if (returns == NULL) return hrlp_fail_memory(error, "an evaluation");
  hrl_status status =
      hrlp_agents_create_for(&agents, &config, scenario, trainer->run.seed, error);
  if (status == HRL_OK)
    status = hrlp_evaluate_agents(&agents, trainer->options.eval_episodes,
                                  HRLP_EVALUATION_SEED, trainer->pool, &ignored, returns,
                                  error);
  hrlp_agents_destroy(&agents);
  if (status == HRL_OK)
    trainer->untrained = returns;
  else
    hrlp_free(returns);
  return status;
}

static hrl_status judge_window(hrl_trainer *trainer, bool *converged, hrl_error *error) {
  const struct hrlp_returns *kept = &trainer->run.history.returns;
  const size_t count = kept->episodes;
  double improvement = 0.0;
  double spread = 0.0;
  *converged = false;
  if (kept->capacity == 0 || kept->count < kept->capacity) return HRL_OK;
  const double *newest = kept->values + (kept->count - 1) * count;
  hrlp_tally_difference(kept->values, newest, count, &improvement, &spread);
  if (!(hrlp_upper_bound(improvement, spread, count) < trainer->options.min_improvement))
    return HRL_OK;
  hrl_status status = evaluate_untrained(trainer, error);
  if (status != HRL_OK) return status;
  double worse = 0.0;
  hrlp_tally_difference(newest, trainer->untrained, count, &worse, &spread);
  *converged = hrlp_upper_bound(worse, spread, count) < 0.0;
  return HRL_OK;
}

hrl_status hrlp_convergence_judge(hrl_trainer *trainer, const hrl_evaluation *evaluation,
                                  const char **reason, hrl_error *error) {
  const hrl_trainer_options *options = &trainer->options;
  bool converged = false;
  *reason = NULL;
  if (trainer->run.episode < options->min_episodes) return HRL_OK;
  double worth = isfinite(evaluation->certainty_equivalent)
                     ? evaluation->certainty_equivalent
                     : evaluation->strategic_return;
  if (options->has_target && worth >= options->target) {
    *reason = HRLP_REASON_TARGET;
    return HRL_OK;
  }
  hrl_status status = judge_window(trainer, &converged, error);
  if (status == HRL_OK && converged) *reason = HRLP_REASON_CONVERGED;
  return status;
}
