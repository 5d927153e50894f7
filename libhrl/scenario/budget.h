/* scenario/budget.h - what a scenario says about a household of the model `budget`. */
#ifndef HRLP_SCENARIO_BUDGET_H
#define HRLP_SCENARIO_BUDGET_H

#include <stdint.h>

#include "scenario/beginning.h"
#include "scenario/returns.h"

/* The `environment` section of a scenario. */
struct hrlp_budget_config {
  double income;                  /* euro a month, > 0 */
  double fixed_expenses;          /* euro a month at the start */
  double variable_expense_mean;   /* euro a month at the start */
  double variable_expense_std;    /* euro a month */
  double inflation;               /* a year, -1..1 */
  double safety_threshold;        /* euro of cash */
  int64_t max_months;             /* the horizon */
  double initial_cash;            /* euro */
  double risk_tolerance;          /* 0..1 */
  double investment_return_mean;  /* a month */
  double investment_return_std;   /* a month */
  int64_t investment_return_type; /* enum hrlp_return_type */
  struct hrlp_beginning beginning;
};

/* The `reward` section of a scenario: weights, all >= 0. */
struct hrlp_budget_weights {
  double alpha;  /* a euro invested */
  double beta;   /* a euro of cash below the safety threshold */
  double gamma;  /* a euro of expenses above income */
  double delta;  /* a euro of cash below 0 */
  double lambda; /* a euro of wealth gained over a period */
  double mu;     /* a month that ends with cash > 0 */
};

#endif
