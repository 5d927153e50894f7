/* environments/lifecycle/household.h - the month, for N households at a time.
 *
 * A month begins with its random events (returns, job, income, expenses) and ends with
 * the decision, which observes all of them. No input or output, no allocation, no
 * globals. */
#ifndef HRLP_LIFECYCLE_HOUSEHOLD_H
#define HRLP_LIFECYCLE_HOUSEHOLD_H

#include "environments/lifecycle/forecast.h"

/* One household between the noise of a month and its decision, or after it. */
struct hrlp_life {
  uint64_t episode;
  int64_t month;           /* t, 1..T */
  double cash;             /* stays in cash after the last decision */
  double portfolio;        /* after the last decision */
  double level;            /* L */
  double income, expenses; /* of the month */
  double tax;          /* of the month, on returns; negative where losses are offset */
  double transfer;     /* that lifted cash on hand to the floor */
  double cash_on_hand; /* M */
  double consumption;  /* of the last decision */
  double invested;     /* net purchases of the portfolio, all months */
  int64_t rescued;     /* months with a transfer */
  uint8_t job;         /* 1: employed or retired */
};

/* Begins an episode: lives the first month up to its decision. */
void hrlp_life_begin(const struct hrlp_lifecycle_forecast *forecast, uint64_t seed,
                     uint64_t episode, struct hrlp_life *life);

/* Carries out a decision: consumption (brought within what the floor and cash on hand
 * allow) and the share of the rest that goes into the portfolio, 0..1. */
void hrlp_life_decide(const struct hrlp_lifecycle_forecast *forecast,
                      struct hrlp_life *life, double consumption, double share);

/* Lives the next month of `count` households up to its decision. None is at its end. */
void hrlp_life_advance(const struct hrlp_lifecycle_forecast *forecast, uint64_t seed,
                       struct hrlp_life *const *lives, size_t count);

/* The least and the most that may be consumed. */
static inline double hrlp_life_floor(const struct hrlp_lifecycle_forecast *forecast,
                                     const struct hrlp_life *life) {
  double floor = forecast->config.consumption_floor * forecast->price[life->month];
  return floor < life->cash_on_hand ? floor : life->cash_on_hand;
}

/* Worth of consuming `consumption` in month t, in the unit of utility. */
double hrlp_life_worth(const struct hrlp_lifecycle_forecast *forecast, int64_t t,
                       double consumption);

/* Worth of leaving `wealth` after the last month, not discounted. */
double hrlp_life_bequest(const struct hrlp_lifecycle_forecast *forecast, double wealth);

#endif
