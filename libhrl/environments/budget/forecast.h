/* environments/budget/forecast.h - the deterministic forecast of a household: its
 * scenario's arithmetic, month by month, with expected expenses.
 *
 * It has two uses. Features: agents observe what the coming months will cost and need not
 * learn compound interest. Shaping: `potential` is an optimistic value of a state, as if
 * no cash were ever needed as a buffer or left over. Adding its change to rewards leaves
 * the losses against that optimum. The changes sum to a constant over an episode, so the
 * optimal policy is unchanged (Ng, Harada and Russell 1999), but credit is immediate. */
#ifndef HRLP_BUDGET_FORECAST_H
#define HRLP_BUDGET_FORECAST_H

#include "base/error.h"
#include "environments/budget/household.h"

struct hrlp_forecast {
  struct hrlp_budget_config environment;
  struct hrlp_budget_weights reward;
  double growth;        /* monthly price growth */
  double yield;         /* expected monthly return of the portfolio */
  int64_t months;       /* the horizon H; arrays have H + 1 entries, by months lived */
  double *price;        /* price level */
  double *overspend;    /* E max(0, F + V - income) in the month that follows, euro */
  double *future;       /* reward still to come while it pays to go on, as in rewards */
  double *money;        /* euro of surplus over those months */
  double *months_ahead; /* how many those are */
  double *compound;     /* (1 + yield)^(months left) - 1 */
  void *memory;
};

/* HRL_ERROR_MEMORY, and HRL_ERROR_NUMERIC where the scenario's numbers overflow. */
hrl_status hrlp_forecast_create(struct hrlp_forecast *forecast,
                                const struct hrlp_budget_config *environment,
                                const struct hrlp_budget_weights *reward,
                                hrl_error *error);
void hrlp_forecast_destroy(struct hrlp_forecast *forecast);

/* Expected income less expenses of the month that follows month `month`, given the fixed
 * expenses of that month. */
double hrlp_forecast_surplus(const struct hrlp_forecast *forecast, int64_t month,
                             double fixed);

/* Optimistic value of a state, in the unit of rewards. */
double hrlp_forecast_potential(const struct hrlp_forecast *forecast, int64_t month,
                               double cash, double portfolio);

/* A month as the household lived it. */
struct hrlp_transition {
  int64_t month; /* months lived before it */
  double reward; /* r */
  double wealth_change;
  double cash_before, portfolio_before;
  double cash_after, portfolio_after;
  double fixed, variable; /* its expenses */
  double invested;
  bool finished;
};

/* The reward that both agents learn from: what the month contributes to the strategic
 * return, plus the change of the potential, less the noise of the month (how much
 * expenses and returns differed from their expectation, which no action can change; its
 * expectation is 0, so it only adds noise). */
double hrlp_forecast_shape(const struct hrlp_forecast *forecast,
                           const struct hrlp_transition *transition);

#endif
