#include "scenario/complete.h"

#include <stdbool.h>

#include "scenario/keys.h"

/* A key without effect in some scenarios. A new key that others can switch off needs a
 * row here. */
struct without_effect {
  const char *section, *key;
  bool (*is_off)(const struct hrl_scenario *scenario);
  const char *why;
  const char *advice;
};

static bool has_no_returns(const struct hrl_scenario *scenario) {
  return scenario->environment.investment_return_type == HRLP_RETURN_NONE;
}

static bool has_fixed_returns(const struct hrl_scenario *scenario) {
  return scenario->environment.investment_return_type == HRLP_RETURN_FIXED;
}

static bool has_no_strategist(const struct hrl_scenario *scenario) {
  return scenario->training.strategist == 0;
}

/* An episode has one goal: after its decision the strategist has nothing to discount. */
static bool has_one_goal(const struct hrl_scenario *scenario) {
  return scenario->training.high_period >= scenario->environment.max_months &&
         !has_no_strategist(scenario);
}

static bool has_one_month(const struct hrl_scenario *scenario) {
  return scenario->environment.max_months == 1;
}

static bool has_no_schedule(const struct hrl_scenario *scenario) {
  return scenario->training.learning_rate_end == 1.0 &&
         scenario->training.exploration_end == 1.0;
}

/* What a departure costs is counted in what investing earns. */
static bool has_free_goals(const struct hrl_scenario *scenario) {
  return scenario->reward.alpha == 0.0;
}

#define RETURNS "environment.investment_return_type is "
#define NO_RETURNS \
  has_no_returns, RETURNS "none", "set it to fixed or stochastic, or leave the line out"
#define NO_STRATEGIST has_no_strategist, "training.strategist is off", LEAVE_OUT
#define ONE_GOAL                                                                \
  has_one_goal, "training.high_period is not less than environment.max_months", \
      "shorten the period, or leave the line out"
#define ONE_MONTH has_one_month, "environment.max_months is 1", LEAVE_OUT
#define LEAVE_OUT "leave the line out"
static const struct without_effect rows[] = {
    {"environment", "investment_return_mean", NO_RETURNS},
    {"environment", "investment_return_std", NO_RETURNS},
    {"environment", "investment_return_std", has_fixed_returns, RETURNS "fixed",
     "set it to stochastic, or leave the line out"},
    {"training", "gamma_high", NO_STRATEGIST},
    {"training", "learning_rate_high", NO_STRATEGIST},
    {"training", "batch_size_high", NO_STRATEGIST},
    {"training", "epochs_high", NO_STRATEGIST},
    {"training", "hidden_high", NO_STRATEGIST},
    {"training", "gae_lambda_high", NO_STRATEGIST},
    {"training", "exploration_high", NO_STRATEGIST},
    {"training", "gamma_high", ONE_GOAL},
    {"training", "gae_lambda_high", ONE_GOAL},
    {"training", "gamma_low", ONE_MONTH},
    {"training", "gae_lambda_low", ONE_MONTH},
    {"training", "schedule_episodes", has_no_schedule,
     "training.learning_rate_end and training.exploration_end are 1", LEAVE_OUT},
    {"training", "goal_weight", has_free_goals, "reward.alpha is 0", LEAVE_OUT},
};

void hrlp_scenario_imply(struct hrl_scenario *scenario) {
  struct hrlp_budget_config *config = &scenario->environment;
  if (scenario->return_type_given) return;
  config->investment_return_type =
      config->investment_return_std != 0.0    ? HRLP_RETURN_STOCHASTIC
      : config->investment_return_mean != 0.0 ? HRLP_RETURN_FIXED
                                              : HRLP_RETURN_NONE;
}

void hrlp_scenario_complete(struct hrl_scenario *scenario, const int *key_lines,
                            struct hrlp_text *remarks) {
  scenario->return_type_given =
      key_lines[hrlp_key_find("environment", "investment_return_type")] != 0;
  hrlp_scenario_imply(scenario);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct without_effect *row = &rows[i];
    size_t key = hrlp_key_find(row->section, row->key);
    double value = hrlp_key_get(scenario, key);
    char shown[HRLP_NUMBER_SIZE];
    /* the effective scenario gives every key, most of them at their defaults */
    if (key_lines[key] == 0 || value == hrl_scenario_key_at(key)->default_value ||
        !row->is_off(scenario))
      continue;
    hrlp_key_show(key, value, shown);
    hrlp_text_format(remarks, "line %d: %s.%s: %s has no effect while %s; %s\n",
                     key_lines[key], row->section, row->key, shown, row->why,
                     row->advice);
  }
}
