/* environments/lifecycle/forecast.h - what can be known of a household in advance:
 * prices, expected incomes, the distribution of each month's noise, and the consumption
 * plan under perfect foresight.
 *
 * Months are 1..T. A decision of month t sees cash on hand M, the job of that month, and
 * the permanent level L of income. Money is in euro of its month unless it is said to be
 * real, which is in euro of the start. docs/lifecycle.md has the formulas. */
#ifndef HRLP_LIFECYCLE_FORECAST_H
#define HRLP_LIFECYCLE_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "environments/lifecycle/quadrature.h"
#include "scenario/lifecycle.h"

/* Points for the noise of income and expenses, and for returns and permanent steps. */
#define HRLP_LIFECYCLE_GROUPS 6
#define HRLP_LIFECYCLE_SHOCKS 3

/* Horizons of the plans below; the last is the rest of life. */
#define HRLP_LIFECYCLE_HORIZONS 12

#define HRLP_LIFECYCLE_CLOCK 4

struct hrlp_lifecycle_forecast {
  struct hrlp_lifecycle_config config;
  struct hrlp_utility utility;
  int64_t months;           /* T */
  double beta;              /* discount a month */
  double growth;            /* of nominal income a month */
  double safe;              /* what a euro of cash becomes in a month, net of tax */
  double log_mean, log_std; /* of what a euro of the portfolio becomes, before tax */
  bool has_risk;            /* the portfolio may earn something */
  double share;             /* the risky share without income (Samuelson) */
  double yield;             /* what a euro at that share is as good as in a month */
  double reference;         /* real consumption: the unit of utility */
  double buffer;            /* real: a year's deviation of income and expenses */
  double premium;           /* real: what a month's income is worth less for its risk */
  double total_weight;      /* of all months to decide, and of what is left */
  double *price;            /* [T + 2] price level */
  double *weight;  /* [T + 2] discounted months from t on, with those of what is left */
  double *labour;  /* [T + 2][2] expected income by job, at L = 1 */
  double *insured; /* [T + 2][2] the same, with the transfer to somebody without assets */
  double *ahead;   /* [T + 2] real consumption planned by an employed without assets */
  double *plan_labour, *plan_costs; /* [T + 1][2][HORIZONS], [T + 1][HORIZONS] worth of
                                       the months after t up to each horizon */
  double *plan_rate;  /* [T + 1][HORIZONS] what one euro a month costs over it */
  double *plan_share; /* 1 / plan_rate: divisions take long */
  float *clock;       /* [T + 2][CLOCK] what agents see of the month alone */
  int64_t horizon[HRLP_LIFECYCLE_HORIZONS];
  double horizon_discount[HRLP_LIFECYCLE_HORIZONS]; /* beta to its power */
  double return_points[HRLP_LIFECYCLE_SHOCKS], return_weights[HRLP_LIFECYCLE_SHOCKS];
  double level_points[HRLP_LIFECYCLE_SHOCKS], level_weights[HRLP_LIFECYCLE_SHOCKS];
  size_t returns, levels;        /* how many of those there are */
  struct hrlp_net_point *points; /* [T + 2][2][GROUPS] by the job of that month */
  void *memory;
};

hrl_status hrlp_lifecycle_forecast_create(struct hrlp_lifecycle_forecast *forecast,
                                          const struct hrlp_lifecycle_config *config,
                                          const struct hrlp_utility *utility,
                                          hrl_error *error);
void hrlp_lifecycle_forecast_destroy(struct hrlp_lifecycle_forecast *forecast);

/* Whether month t is after retirement. */
static inline bool hrlp_lifecycle_retired(const struct hrlp_lifecycle_config *config,
                                          int64_t t) {
  return config->retirement_month > 0 && t > config->retirement_month;
}

/* Probability of having a job in month t given a job (1) or none (0) in the month before.
 * The retired count as employed. */
double hrlp_lifecycle_job_chance(const struct hrlp_lifecycle_config *config, int64_t t,
                                 int job);

/* What a euro of the portfolio becomes by a normal number, net of tax. */
double hrlp_lifecycle_return(const struct hrlp_lifecycle_forecast *forecast, double z);

/* The distribution of month t's income and expenses, in the job of that month: `count`
 * points, fewer where there is no noise. Each stands for a part of the probability, and
 * keeps its mean. `edges` are the cumulative probabilities at which parts end. */
size_t hrlp_lifecycle_net_points(const struct hrlp_lifecycle_forecast *forecast,
                                 int64_t t, int job, const double *edges, size_t count,
                                 struct hrlp_net_point *points);

/* Planned consumption of a household that foresees mean incomes, cannot borrow, and wants
 * to hold `buffer` from two years on: the minimum over the plans to each horizon. At the
 * end of that horizon, number `*place`, its assets are used up. */
double hrlp_lifecycle_plan(const struct hrlp_lifecycle_forecast *forecast, int64_t t,
                           double cash, int job, double level, double buffer,
                           size_t *place);

/* Worth of income less expenses of all months after t. */
double hrlp_lifecycle_human(const struct hrlp_lifecycle_forecast *forecast, int64_t t,
                            int job, double level);

#endif
