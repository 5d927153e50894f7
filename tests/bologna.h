/* A household for tests: the couple in Bologna. */
#ifndef BOLOGNA_H
#define BOLOGNA_H

#include "scenario/scenario.h"

static const struct hrlp_budget_config bologna = {.income = 3200,
                                                .fixed_expenses = 1800,
                                                .variable_expense_mean = 800,
                                                .variable_expense_std = 150,
                                                .inflation = 0.02,
                                                .safety_threshold = 3500,
                                                .max_months = 120,
                                                .initial_cash = 10000,
                                                .risk_tolerance = 0.55};
static const struct hrlp_budget_weights bologna_weights = {10, 0.1, 5, 20, 1, 0.5};

/* The same as a scenario, as far as a task reads one. */
static inline struct hrl_scenario bologna_scenario(void) {
  return (struct hrl_scenario){.environment = bologna, .reward = bologna_weights};
}

#endif
