/* scenario/lifecycle.h - what a scenario says about a household of the model `lifecycle`.
 * docs/lifecycle.md has the model. */
#ifndef HRLP_SCENARIO_LIFECYCLE_H
#define HRLP_SCENARIO_LIFECYCLE_H

#include <stdint.h>

#include "scenario/beginning.h"
#include "scenario/returns.h"

/* The `environment` section. Sums are euro a month at the prices of the start. */
struct hrlp_lifecycle_config {
  double income; /* net, >= 0 */
  double fixed_expenses;
  double variable_expense_mean, variable_expense_std;
  double inflation;             /* a year */
  int64_t max_months;           /* the horizon T */
  double initial_cash;          /* euro */
  double income_growth;         /* a year, nominal */
  double income_transitory_std; /* log deviation of a month */
  double income_permanent_std;  /* log deviation of a month */
  double job_loss_probability;  /* a month */
  double job_finding_probability;
  double unemployment_replacement; /* share of income */
  int64_t retirement_month;        /* retired after that month; 0: never */
  double pension_replacement;      /* share of the last income */
  double shock_probability;        /* a month */
  double shock_mean;               /* euro */
  double shock_std;                /* log deviation */
  double cash_return;              /* a year */
  double investment_return_mean;   /* a month, arithmetic */
  double investment_return_std;    /* a month */
  int64_t investment_return_type;  /* enum hrlp_return_type; stochastic is lognormal */
  double capital_tax;              /* share of returns */
  double consumption_floor;        /* euro a month below which nobody falls */
  double safety_threshold;         /* euro; a feature only */
  double risk_tolerance;           /* 0..1; a feature only */
  struct hrlp_beginning beginning;
};

/* The `utility` section. */
struct hrlp_utility {
  double risk_aversion;   /* > 0; 1 is the logarithm */
  double discount_factor; /* a year, > 0 */
  int64_t bequest_months; /* over which what is left is worth spending */
};

#endif
