#include "agents/view.h"

#include <math.h>

/* Odd, 1:1 near 0, bounded by +-limit: keeps far-away states from drowning near ones. */
static float soften(double x, double limit) {
  return (float)(x / sqrt(1.0 + (x / limit) * (x / limit)));
}

/* Incomes that one unit of the strategist's second action means. Buffers range over several
 * incomes, shares over a part of one: with the same deviation for both, exploration would
 * hardly move the buffer. */
static const double buffer_unit = 2.0;

static double bounded(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/* What both agents look at, in incomes and shares. */
struct sight {
  double available; /* could be invested with expected cash 0 after the month */
  double surplus;   /* expected, of the coming month */
  double risk;      /* deviation of its expenses */
  double threshold;
  double left;      /* months left */
  double ahead;     /* months that it pays to go on */
  double money;     /* surplus over those months */
};

static struct sight look(const struct hrlp_outlook *outlook, const struct hrlp_state *state) {
  const struct hrlp_environment *environment = &outlook->environment;
  double income = environment->income;
  double surplus = hrlp_outlook_surplus(outlook, state->month, state->fixed);
  return (struct sight){
      .available = (state->cash + surplus) / income,
      .surplus = surplus / income,
      .risk = environment->variable_expense_std * outlook->price[state->month + 1] / income,
      .threshold = environment->safety_threshold / income,
      .left = (double)(outlook->months - state->month),
      .ahead = outlook->months_ahead[state->month],
      .money = outlook->money[state->month] / income};
}

/* The features that both agents share; returns how many. */
#define COMMON_FEATURES 12
static void common_features(const struct hrlp_outlook *outlook, const struct sight *sight,
                            const struct hrlp_state *state, float *x) {
  double ahead = sight->ahead > 1.0 ? sight->ahead : 1.0;
  x[0] = soften(sight->available, 1.0);
  x[1] = soften(0.25 * sight->available, 1.5);
  x[2] = soften(sight->available - sight->threshold, 1.0);
  x[3] = soften(sight->available / (4.0 * sight->risk + 0.02), 1.5);
  x[4] = soften(4.0 * sight->surplus, 2.0);
  x[5] = (float)(2.0 * sight->left / (double)outlook->months - 1.0);
  x[6] = (float)exp(-(sight->left - 1.0) / 1.5);
  x[7] = (float)exp(-(sight->left - 1.0) / 6.0);
  x[8] = (float)(exp(-sight->ahead / 6.0));
  x[9] = (float)exp(-sight->ahead / 1.5);
  x[10] = soften(3.0 * (sight->available - sight->surplus + sight->money) / ahead, 2.0);
  x[11] = soften(state->portfolio / outlook->environment.income *
                     outlook->compound[state->month], 4.0);
}

void hrlp_strategist_observe(const struct hrlp_outlook *outlook,
                             const struct hrlp_state *state, int64_t period,
                             float observation[HRLP_STRATEGIST_OBSERVATIONS],
                             float offset[HRLP_STRATEGIST_ACTIONS]) {
  const struct hrlp_environment *environment = &outlook->environment;
  struct sight sight = look(outlook, state);
  float *x = observation + COMMON_FEATURES;
  common_features(outlook, &sight, state, observation);
  x[0] = soften((state->cash - state->average_cash) / environment->income, 1.0);
  x[1] = soften(4.0 * state->average_change / environment->income, 1.5);
  x[2] = soften(3.0 * state->spending_trend, 1.5);
  x[3] = (float)(sight.left < (double)period ? sight.left / (double)period : 1.0);
  x[4] = (float)(10.0 * sight.risk);
  x[5] = (float)environment->risk_tolerance;
  offset[0] = (float)bounded(sight.surplus, 0.0, 1.0);
  offset[1] = (float)(sight.threshold / buffer_unit);
  offset[2] = (float)environment->risk_tolerance;
}

struct hrlp_goal hrlp_goal_from_action(const struct hrlp_outlook *outlook,
                                       const float action[HRLP_STRATEGIST_ACTIONS]) {
  double buffer = (double)action[1] * buffer_unit * outlook->environment.income;
  return (struct hrlp_goal){
      .target_invest_ratio = bounded((double)action[0], 0.0, 1.0),
      .safety_buffer = buffer > 0.0 ? buffer : 0.0,
      .aggressiveness = bounded((double)action[2], 0.0, 1.0)};
}

double hrlp_goal_share(const struct hrlp_outlook *outlook, const struct hrlp_state *state,
                       const struct hrlp_goal *goal) {
  double surplus = hrlp_outlook_surplus(outlook, state->month, state->fixed);
  double spare =
      (state->cash + surplus - goal->safety_buffer) / outlook->environment.income;
  double target = goal->target_invest_ratio;
  return bounded(spare < target ? spare : target, 0.0, 1.0);
}

void hrlp_executor_observe(const struct hrlp_outlook *outlook,
                           const struct hrlp_state *state, const struct hrlp_goal *goal,
                           int64_t months_to_next_goal, int64_t period,
                           float observation[HRLP_EXECUTOR_OBSERVATIONS],
                           float offset[HRLP_EXECUTOR_ACTIONS]) {
  const struct hrlp_environment *environment = &outlook->environment;
  struct sight sight = look(outlook, state);
  double buffer = goal->safety_buffer / environment->income;
  double share = hrlp_goal_share(outlook, state, goal);
  float *x = observation + COMMON_FEATURES;
  common_features(outlook, &sight, state, observation);
  x[0] = (float)goal->target_invest_ratio;
  x[1] = soften(buffer, 2.0);
  x[2] = (float)goal->aggressiveness;
  x[3] = soften(sight.available - buffer, 1.0);
  x[4] = (float)share;
  x[5] = (float)((double)months_to_next_goal / (double)period);
  x[6] = (float)(10.0 * sight.risk);
  x[7] = (float)environment->risk_tolerance;
  offset[0] = (float)share;
}

double hrlp_share_from_action(const float action[HRLP_EXECUTOR_ACTIONS]) {
  return bounded((double)action[0], 0.0, 1.0);
}

void hrlp_allocation(const struct hrlp_outlook *outlook, const struct hrlp_state *state,
                     double invest, double shares[3]) {
  double income = outlook->environment.income;
  double expenses = income - hrlp_outlook_surplus(outlook, state->month, state->fixed);
  double rest = 1.0 - invest;
  double consume = bounded(expenses / income, 0.0, rest);
  shares[0] = invest;
  shares[1] = rest - consume;
  shares[2] = consume;
}
