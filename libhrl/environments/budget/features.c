#include "environments/budget/features.h"

#include <math.h>

/* Odd, 1:1 near 0, bounded by +-limit: keeps far-away states from drowning near ones. */
static float soften(double x, double limit) {
  return (float)(x / sqrt(1.0 + (x / limit) * (x / limit)));
}

/* Incomes that one unit of the strategist's second action means. Buffers range over
 * several incomes, shares over a part of one: with the same deviation for both,
 * exploration would hardly move the buffer. */
static const double buffer_unit = 2.0;

static double bounded(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/* What both agents look at, in incomes and shares. */
struct measures {
  double available; /* could be invested with expected cash 0 after the month */
  double surplus;   /* expected, of the coming month */
  double risk;      /* deviation of its expenses */
  double threshold;
  double left;  /* months left */
  double ahead; /* months that it pays to go on */
  double money; /* surplus over those months */
};

static struct measures measure(const struct hrlp_forecast *forecast,
                               const struct hrlp_budget_state *state) {
  const struct hrlp_budget_config *environment = &forecast->environment;
  double income = environment->income;
  double surplus = hrlp_forecast_surplus(forecast, state->month, state->fixed);
  return (struct measures){.available = (state->cash + surplus) / income,
                           .surplus = surplus / income,
                           .risk = environment->variable_expense_std *
                                   forecast->price[state->month + 1] / income,
                           .threshold = environment->safety_threshold / income,
                           .left = (double)(forecast->months - state->month),
                           .ahead = forecast->months_ahead[state->month],
                           .money = forecast->money[state->month] / income};
}

/* The features that both agents share. */
#define COMMON_FEATURES 12

/* Those of them that cash moves. */
static void cash_features(const struct measures *seen, float *x) {
  double ahead = seen->ahead > 1.0 ? seen->ahead : 1.0;
  x[0] = soften(seen->available, 1.0);
  x[1] = soften(0.25 * seen->available, 1.5);
  x[2] = soften(seen->available - seen->threshold, 1.0);
  x[3] = soften(seen->available / (4.0 * seen->risk + 0.02), 1.5);
  x[10] = soften(3.0 * (seen->available - seen->surplus + seen->money) / ahead, 2.0);
}

static void common_features(const struct hrlp_forecast *forecast,
                            const struct measures *seen,
                            const struct hrlp_budget_state *state, float *x) {
  cash_features(seen, x);
  x[4] = soften(4.0 * seen->surplus, 2.0);
  x[5] = (float)(2.0 * seen->left / (double)forecast->months - 1.0);
  x[6] = (float)exp(-(seen->left - 1.0) / 1.5);
  x[7] = (float)exp(-(seen->left - 1.0) / 6.0);
  x[8] = (float)(exp(-seen->ahead / 6.0));
  x[9] = (float)exp(-seen->ahead / 1.5);
  x[11] = soften(
      state->portfolio / forecast->environment.income * forecast->compound[state->month],
      4.0);
}

void hrlp_budget_strategist_observe(
    const struct hrlp_forecast *forecast, const struct hrlp_budget_state *state,
    int64_t period, float observation[HRLP_BUDGET_STRATEGIST_OBSERVATIONS],
    float offset[HRLP_BUDGET_STRATEGIST_ACTIONS]) {
  const struct hrlp_budget_config *environment = &forecast->environment;
  struct measures seen = measure(forecast, state);
  float *x = observation + COMMON_FEATURES;
  common_features(forecast, &seen, state, observation);
  x[0] = soften((state->cash - state->average_cash) / environment->income, 1.0);
  x[1] = soften(4.0 * state->average_change / environment->income, 1.5);
  x[2] = soften(3.0 * state->spending_trend, 1.5);
  x[3] = (float)(seen.left < (double)period ? seen.left / (double)period : 1.0);
  x[4] = (float)(10.0 * seen.risk);
  x[5] = (float)environment->risk_tolerance;
  offset[0] = (float)bounded(seen.surplus, 0.0, 1.0);
  offset[1] = (float)(seen.threshold / buffer_unit);
  offset[2] = (float)environment->risk_tolerance;
}

/* A ratio on a logarithmic scale, 0 at `usual`. */
static float logarithm(double ratio, double usual) {
  return soften(log((ratio + 1e-3 * usual) / usual), 3.0);
}

void hrlp_budget_context(const struct hrlp_forecast *forecast,
                         float features[HRLP_BUDGET_CONTEXT]) {
  const struct hrlp_budget_config *environment = &forecast->environment;
  const struct hrlp_budget_weights *reward = &forecast->reward;
  double alpha = reward->alpha > 0.0 ? reward->alpha : 1e-3;
  float *x = features;
  x[0] = logarithm(reward->beta / alpha, 0.01);
  x[1] = logarithm(reward->gamma / alpha, 0.5);
  x[2] = logarithm(reward->delta / alpha, 2.0);
  x[3] = logarithm(environment->safety_threshold / environment->income, 1.0);
  x[4] = logarithm((double)forecast->months, 100.0);
  x[5] = soften(50.0 * environment->inflation, 2.0);
  x[6] = soften(100.0 * forecast->yield, 2.0);
  x[7] =
      soften(10.0 * environment->variable_expense_std / environment->income - 0.5, 2.0);
  x[8] =
      soften(4.0 * environment->variable_expense_mean / environment->income - 1.0, 2.0);
  x[9] = soften(environment->initial_cash / environment->income / 3.0 - 0.7, 2.0);
}

hrl_goal hrlp_budget_goal_from_action(
    const struct hrlp_forecast *forecast,
    const float action[HRLP_BUDGET_STRATEGIST_ACTIONS]) {
  double buffer = (double)action[1] * buffer_unit * forecast->environment.income;
  return (hrl_goal){.target_invest_ratio = bounded((double)action[0], 0.0, 1.0),
                    .safety_buffer = buffer > 0.0 ? buffer : 0.0,
                    .aggressiveness = bounded((double)action[2], 0.0, 1.0)};
}

double hrlp_budget_goal_share(const struct hrlp_forecast *forecast,
                              const struct hrlp_budget_state *state,
                              const hrl_goal *goal) {
  double surplus = hrlp_forecast_surplus(forecast, state->month, state->fixed);
  double spare =
      (state->cash + surplus - goal->safety_buffer) / forecast->environment.income;
  double target = goal->target_invest_ratio;
  return bounded(spare < target ? spare : target, 0.0, 1.0);
}

void hrlp_budget_executor_observe(const struct hrlp_forecast *forecast,
                                  const struct hrlp_budget_state *state,
                                  const hrl_goal *goal, int64_t months_to_next_goal,
                                  int64_t period,
                                  float observation[HRLP_BUDGET_EXECUTOR_OBSERVATIONS],
                                  float offset[HRLP_BUDGET_EXECUTOR_ACTIONS]) {
  const struct hrlp_budget_config *environment = &forecast->environment;
  struct measures seen = measure(forecast, state);
  double buffer = goal->safety_buffer / environment->income;
  double share = hrlp_budget_goal_share(forecast, state, goal);
  float *x = observation + COMMON_FEATURES;
  common_features(forecast, &seen, state, observation);
  x[0] = (float)goal->target_invest_ratio;
  x[1] = soften(buffer, 2.0);
  x[2] = (float)goal->aggressiveness;
  x[3] = soften(seen.available - buffer, 1.0);
  x[4] = (float)share;
  x[5] = (float)((double)months_to_next_goal / (double)period);
  x[6] = (float)(10.0 * seen.risk);
  x[7] = (float)environment->risk_tolerance;
  offset[0] = (float)share;
}

void hrlp_budget_executor_move_cash(
    const struct hrlp_forecast *forecast, const struct hrlp_budget_state *state,
    const hrl_goal *goal, float observation[HRLP_BUDGET_EXECUTOR_OBSERVATIONS]) {
  struct measures seen = measure(forecast, state);
  float *x = observation + COMMON_FEATURES;
  cash_features(&seen, observation);
  x[3] = soften(seen.available - goal->safety_buffer / forecast->environment.income, 1.0);
  x[4] = (float)hrlp_budget_goal_share(forecast, state, goal);
}

double hrlp_budget_share_from_action(const float action[HRLP_BUDGET_EXECUTOR_ACTIONS]) {
  return bounded((double)action[0], 0.0, 1.0);
}

void hrlp_budget_allocation(const struct hrlp_forecast *forecast,
                            const struct hrlp_budget_state *state, double invest,
                            double shares[3]) {
  double income = forecast->environment.income;
  double expenses = income - hrlp_forecast_surplus(forecast, state->month, state->fixed);
  double rest = 1.0 - invest;
  double consume = bounded(expenses / income, 0.0, rest);
  shares[0] = invest;
  shares[1] = rest - consume;
  shares[2] = consume;
}
