/* policy_sample.h - loading a pair, and households to ask it about. */
#ifndef TEST_POLICY_SAMPLE_H
#define TEST_POLICY_SAMPLE_H

#include <math.h>

#include "trial.h"

#define COUNT 150 /* households: more than run in one product */

static hrl_policy *load(const char *model) {
  hrl_policy *policy = NULL;
  OK(hrl_policy_load(model, &policy, &error));
  return policy;
}

/* Households of all sorts in the trial's scenario. */
static void make_households(hrl_observation *now, hrl_observation *previous) {
  for (size_t i = 0; i < COUNT; i++) {
    double x = sin((double)i);
    now[i] = (hrl_observation){.income = NAN, /* not used */
                               .fixed_expenses = 1000.0 + (double)i,
                               .variable_expense = 500.0 + 300.0 * x,
                               .cash = 4000.0 * x + 2000.0,
                               .months_remaining = (double)(i % 12 + 1),
                               .portfolio = 100.0 * (double)i};
    previous[i] = now[i];
    previous[i].cash -= 1000.0 * cos((double)i);
    previous[i].months_remaining = fmin(12.0, now[i].months_remaining + 4.0);
  }
}

#endif
