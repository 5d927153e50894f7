#include "scenario/complete.h"

#include <stdbool.h>

#include "scenario/definition.h"
#include "scenario/keys.h"

/* A key without effect in some scenarios. A new key that others can switch off needs a
 * row here. */
struct without_effect {
  const char *section, *key;
  bool (*is_off)(const struct hrl_scenario *scenario);
  const char *why;
  const char *advice;
};

static bool is_lifecycle(const struct hrl_scenario *scenario) {
  return scenario->model == HRLP_MODEL_LIFECYCLE;
}

static int64_t return_type(const struct hrl_scenario *scenario) {
  return is_lifecycle(scenario) ? scenario->lifecycle.investment_return_type
                                : scenario->environment.investment_return_type;
}

static int64_t max_months(const struct hrl_scenario *scenario) {
  return is_lifecycle(scenario) ? scenario->lifecycle.max_months
                                : scenario->environment.max_months;
}

static bool has_no_returns(const struct hrl_scenario *scenario) {
  return return_type(scenario) == HRLP_RETURN_NONE;
}

static bool has_fixed_returns(const struct hrl_scenario *scenario) {
  return return_type(scenario) == HRLP_RETURN_FIXED;
}

static bool has_no_shocks(const struct hrl_scenario *scenario) {
  return scenario->lifecycle.shock_probability == 0.0 ||
         scenario->lifecycle.shock_mean == 0.0;
}

static bool has_no_income(const struct hrl_scenario *scenario) {
  return scenario->lifecycle.income == 0.0;
}

static bool never_retires(const struct hrl_scenario *scenario) {
  return scenario->lifecycle.retirement_month == 0;
}

static bool keeps_job(const struct hrl_scenario *scenario) {
  return scenario->lifecycle.job_loss_probability == 0.0;
}

static bool has_no_strategist(const struct hrl_scenario *scenario) {
  return scenario->training.strategist == 0;
}

/* An episode has one goal: after its decision the strategist has nothing to discount. */
static bool has_one_goal(const struct hrl_scenario *scenario) {
  return scenario->model != HRLP_MODEL_TASK &&
         scenario->training.high_period >= max_months(scenario) &&
         !has_no_strategist(scenario);
}

static bool has_one_month(const struct hrl_scenario *scenario) {
  return scenario->model != HRLP_MODEL_TASK && max_months(scenario) == 1;
}

/* The same for a program's own task. */
static int64_t steps(const struct hrl_scenario *scenario) {
  return (int64_t)hrlp_definition_task(scenario->definition)->steps;
}

static bool has_one_goal_of_task(const struct hrl_scenario *scenario) {
  return scenario->model == HRLP_MODEL_TASK &&
         scenario->training.high_period >= steps(scenario) &&
         !has_no_strategist(scenario);
}

static bool has_one_step(const struct hrl_scenario *scenario) {
  return scenario->model == HRLP_MODEL_TASK && steps(scenario) == 1;
}

static bool has_no_schedule(const struct hrl_scenario *scenario) {
  return scenario->training.learning_rate_end == 1.0 &&
         scenario->training.exploration_end == 1.0;
}

/* What a departure costs is counted in what investing earns. */
static bool has_free_goals(const struct hrl_scenario *scenario) {
  return scenario->model == HRLP_MODEL_BUDGET && scenario->reward.alpha == 0.0;
}

#define RETURNS "environment.investment_return_type is "
#define NO_RETURNS \
  has_no_returns, RETURNS "none", "set it to fixed or stochastic, or remove the line"
#define NO_STRATEGIST has_no_strategist, "training.strategist is off", LEAVE_OUT
#define ONE_GOAL                                                                \
  has_one_goal, "training.high_period is not less than environment.max_months", \
      "shorten the period, or remove the line"
#define ONE_GOAL_OF_TASK                                                               \
  has_one_goal_of_task, "training.high_period is not less than the steps of the task", \
      "shorten the period, or remove the line"
#define ONE_MONTH has_one_month, "environment.max_months is 1", LEAVE_OUT
#define ONE_STEP has_one_step, "the task has one step", LEAVE_OUT
#define NO_INCOME has_no_income, "environment.income is 0", LEAVE_OUT
#define KEEPS_JOB keeps_job, "environment.job_loss_probability is 0", LEAVE_OUT
#define NO_SHOCKS \
  has_no_shocks, "environment.shock_probability or environment.shock_mean is 0", LEAVE_OUT
#define LEAVE_OUT "remove the line"
static const struct without_effect rows[] = {
    {"environment", "investment_return_mean", NO_RETURNS},
    {"environment", "investment_return_std", NO_RETURNS},
    {"environment", "investment_return_std", has_fixed_returns, RETURNS "fixed",
     "set it to stochastic, or remove the line"},
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
    {"training", "gamma_high", ONE_GOAL_OF_TASK},
    {"training", "gae_lambda_high", ONE_GOAL_OF_TASK},
    {"training", "gamma_low", ONE_STEP},
    {"training", "gae_lambda_low", ONE_STEP},
    {"training", "schedule_episodes", has_no_schedule,
     "training.learning_rate_end and training.exploration_end are 1", LEAVE_OUT},
    {"environment", "income_transitory_std", NO_INCOME},
    {"environment", "income_permanent_std", NO_INCOME},
    {"environment", "income_growth", NO_INCOME},
    {"environment", "pension_replacement", never_retires,
     "environment.retirement_month is 0", "set the month, or remove the line"},
    {"environment", "job_finding_probability", KEEPS_JOB},
    {"environment", "unemployment_replacement", KEEPS_JOB},
    {"environment", "shock_probability", NO_SHOCKS},
    {"environment", "shock_mean", NO_SHOCKS},
    {"environment", "shock_std", NO_SHOCKS},
    {"training", "goal_weight", has_free_goals, "reward.alpha is 0", LEAVE_OUT},
};

void hrlp_scenario_imply(struct hrl_scenario *scenario) {
  if (scenario->return_type_given || scenario->model == HRLP_MODEL_TASK) return;
  bool lifecycle = is_lifecycle(scenario);
  double mean = lifecycle ? scenario->lifecycle.investment_return_mean
                          : scenario->environment.investment_return_mean;
  double deviation = lifecycle ? scenario->lifecycle.investment_return_std
                               : scenario->environment.investment_return_std;
  int64_t *type = lifecycle ? &scenario->lifecycle.investment_return_type
                            : &scenario->environment.investment_return_type;
  *type = deviation != 0.0 ? HRLP_RETURN_STOCHASTIC
          : mean != 0.0    ? HRLP_RETURN_FIXED
                           : HRLP_RETURN_NONE;
}

void hrlp_scenario_complete(struct hrl_scenario *scenario, const int *key_lines,
                            struct hrlp_text *remarks) {
  const struct hrlp_keys *model = hrlp_keys_of(scenario);
  size_t type = hrlp_key_find(model, "environment", "investment_return_type");
  scenario->return_type_given = type != HRLP_KEY_NONE && key_lines[type] != 0;
  hrlp_scenario_imply(scenario);
  if (scenario->family != NULL &&
      key_lines[hrlp_key_find(model, "training", "context")] == 0)
    scenario->training.context = 1;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct without_effect *row = &rows[i];
    size_t key = hrlp_key_find(model, row->section, row->key);
    if (key == HRLP_KEY_NONE) continue; /* another model's */
    double value = hrlp_key_get(scenario, key);
    char shown[HRLP_NUMBER_SIZE];
    /* the effective scenario gives every key, most of them at their defaults */
    if (key_lines[key] == 0 || value == hrlp_keys_at(model, key)->default_value ||
        !row->is_off(scenario))
      continue;
    hrlp_key_show(hrlp_keys_at(model, key), value, shown);
    hrlp_text_format(remarks, "line %d: %s.%s: %s has no effect while %s; %s\n",
                     key_lines[key], row->section, row->key, shown, row->why,
                     row->advice);
  }
}

hrl_status hrlp_lifecycle_keys_check(const struct hrlp_lifecycle_config *config,
                                     const char **key, hrl_error *error) {
  *key = "retirement_month";
  if (config->retirement_month > config->max_months)
    return hrlp_fail(
        error, HRL_ERROR_RANGE,
        "environment.retirement_month: found %lld, expected at most the %lld "
        "months of environment.max_months, or 0 for never",
        (long long)config->retirement_month, (long long)config->max_months);
  *key = "consumption_floor";
  if (config->income > 0.0 && config->consumption_floor > config->income)
    return hrlp_fail(error, HRL_ERROR_RANGE,
                     "environment.consumption_floor: found %.10g, expected at most the "
                     "income of %.10g: a floor above it leaves nothing to decide",
                     config->consumption_floor, config->income);
  *key = "income";
  if (config->income == 0.0 && config->initial_cash == 0.0 &&
      config->consumption_floor == 0.0)
    return hrlp_fail(error, HRL_ERROR_RANGE,
                     "environment.income: found 0 together with initial_cash and "
                     "consumption_floor; expected at least one of them above 0");
  return HRL_OK;
}
