/* environments/budget/household.h - the simulated household: one month of life for N at a
 * time.
 *
 * No input or output, no allocation, no globals. Money is in euro, a step is a month,
 * rates are fractions. docs/model.md has the formulas with their reasons. */
#ifndef HRLP_HOUSEHOLD_H
#define HRLP_HOUSEHOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <hrl/evaluate.h>

#include "scenario/budget.h"

/* What a month did, for N households. Each array has N entries. */
struct hrlp_month {
  double *reward;        /* the executor's, of the model: r */
  double *wealth_change; /* W after - W before, W = cash + portfolio */
  uint8_t *insolvent;    /* 1: cash fell below 0, the episode is terminated */
  uint8_t *finished;     /* 1: the horizon is reached, or insolvent */
};

/* N households in the same environment. The arrays, of N entries each, are borrowed:
 * whoever makes the batch owns them (hrlp_household_memory tells their size). */
struct hrlp_household {
  struct hrlp_budget_config environment;
  struct hrlp_budget_weights reward;
  double growth; /* monthly price growth, (1 + inflation)^(1/12) */
  size_t count;  /* N */
  uint64_t seed;
  double *cash;        /* C, euro */
  double *portfolio;   /* P, euro */
  double *fixed;       /* F of the month behind, euro */
  double *variable;    /* V of the month behind, euro */
  double *price;       /* price level of the month behind, 1 at the start */
  double *invested;    /* sum of I so far, euro */
  double *noise;       /* [N, 4]: normals for four months of expenses */
  double *yield_noise; /* [N, 4]: and of returns */
  uint64_t *episode;   /* which stream of random numbers */
  int32_t *month;      /* months lived */
};

/* Bytes for the arrays of a batch of `count`, on a 64-byte boundary. */
size_t hrlp_household_memory(size_t count);

/* Lays a batch over `memory`. Nothing is lived yet: hrlp_household_reset each. */
void hrlp_household_attach(struct hrlp_household *batch, void *memory, size_t count,
                           const struct hrlp_budget_config *environment,
                           const struct hrlp_budget_weights *reward, uint64_t seed);

/* Begins episode `episode` (its number chooses its random numbers) in household `i`. */
void hrlp_household_reset(struct hrlp_household *batch, size_t i, uint64_t episode);

/* One month for households [first, first + count): invest[i], indexed as the batch is, is
 * the share of income to invest, 0..1. Households that are past their end must not be
 * stepped again before a reset, except where `active` (NULL: all) is 0: those are left
 * alone. Batches may be stepped by several threads on disjoint ranges. */
void hrlp_household_step(struct hrlp_household *batch, size_t first, size_t count,
                         const uint8_t *active, const double *invest,
                         struct hrlp_month *month);

/* Fills `month` with household i's last month, except goal and reward; month->allocation
 * must be set. */
void hrlp_household_tell(const struct hrlp_household *batch, size_t i,
                         hrl_trajectory_month *month);

/* max(0, x). By its bits: compilers make branches of a comparison, and a loop with
 * branches is not vectorised. */
static inline double hrlp_positive_part(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits &= (bits >> 63) - 1;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The part of a month's reward that its action decides, by the model: I in euro invested,
 * C' the cash after, F + V the expenses. */
static inline double hrlp_household_reward(const struct hrlp_budget_config *environment,
                                           const struct hrlp_budget_weights *weights,
                                           double invested, double cash_after,
                                           double expenses) {
  double shortfall = hrlp_positive_part(environment->safety_threshold - cash_after);
  double overspent = hrlp_positive_part(expenses - environment->income);
  return (weights->alpha * invested - weights->beta * shortfall -
          weights->gamma * overspent - weights->delta * hrlp_positive_part(-cash_after)) /
         1000.0;
}

/* True where the scenario's portfolio can earn or lose. */
bool hrlp_budget_has_returns(const struct hrlp_budget_config *environment);

#endif
