#include "environments/budget/optimum.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"

/* Grid points, quadrature nodes for a month's expenses, and the longest horizon. */
#define POINTS 4096
#define NODES 65
#define NODE_RANGE 5.0
#define MAX_MONTHS 2400

/* One month's backward step reads `next`, the value of cash after it, and writes `value`,
 * the value of cash before it. */
struct solver {
  const struct hrlp_budget_config *environment;
  const struct hrlp_budget_weights *reward;
  double step;
  double shift[NODES]; /* of a standard normal */
  double weight[NODES];
  double *value;  /* [POINTS], room for as many as `gain` has and one */
  double *next;   /* the same */
  double *gain;   /* [points before expenses] */
  size_t *window; /* monotone queue */
};

/* Midpoints of equal cells of the normal distribution's central part, weighed by its
 * mass. */
static void make_nodes(struct solver *solver) {
  double width = 2.0 * NODE_RANGE / NODES;
  double total = 0.0;
  for (int k = 0; k < NODES; k++) {
    double z = -NODE_RANGE + (k + 0.5) * width;
    solver->shift[k] = z;
    solver->weight[k] = exp(-0.5 * z * z);
    total += solver->weight[k];
  }
  for (int k = 0; k < NODES; k++) solver->weight[k] /= total;
}

/* The value of having `cash` after a month; beyond the grid its last slope goes on. */
static double value_after(const struct solver *solver, double cash) {
  double at = cash / solver->step;
  size_t i = at >= POINTS - 2 ? POINTS - 2 : (size_t)at;
  double part = at - (double)i;
  return solver->next[i] + part * (solver->next[i + 1] - solver->next[i]);
}

/* Grid points [begin, end) of `gain` where variable expenses of one node of the
 * quadrature end in ruin, or where they do not. */
struct stretch {
  int32_t begin, end;
  double weight;   /* of the node */
  double expenses; /* fixed and variable */
  double spent;    /* the same in steps of the grid */
  double safety;   /* reward of ending the month with cash > 0, or 0 */
};

/* gain[j] += weight times the reward of the month that leaves cash = (j - spent) step. */
HRLP_CLONES static void add_reward(const struct solver *solver,
                                   const struct stretch *stretch) {
  /* copies, because `gain` might be anywhere */
  const struct hrlp_budget_config environment = *solver->environment;
  const struct hrlp_budget_weights weights = *solver->reward;
  const struct stretch here = *stretch;
  const double step = solver->step;
  const double saved =
      weights.lambda * (environment.income - here.expenses) / 1000.0 + here.safety;
  double *gain = solver->gain;
  HRLP_INDEPENDENT
  for (int32_t j = here.begin; j < here.end; j++) {
    double cash = ((double)j - here.spent) * step;
    double value =
        saved + hrlp_household_reward(&environment, &weights, 0.0, cash, here.expenses);
    gain[j] += here.weight * value;
  }
}

/* gain[j] += weight times the value after it. All points of a node lie equally far
 * between two of `next`, so that neither a division nor a search is left. */
HRLP_CLONES static void add_value(const struct solver *solver,
                                  const struct stretch *stretch) {
  const double part = (double)stretch->begin - stretch->spent;
  const double weight = stretch->weight;
  const double *next = solver->next;
  double *gain = solver->gain + stretch->begin;
  HRLP_INDEPENDENT
  for (int32_t j = 0; j < stretch->end - stretch->begin; j++)
    gain[j] += weight * (next[j] + part * (next[j + 1] - next[j]));
}

/* gain[j] = the expected reward and value where y_j = j step - fixed euro are left to pay
 * variable expenses from. */
static void expect(const struct solver *solver, double fixed, double price, bool last,
                   size_t total) {
  const struct hrlp_budget_config *environment = solver->environment;
  memset(solver->gain, 0, total * sizeof *solver->gain);
  for (int k = 0; k < NODES; k++) {
    double variable =
        hrlp_positive_part(environment->variable_expense_mean +
                           environment->variable_expense_std * solver->shift[k]) *
        price;
    double spent = (fixed + variable) / solver->step;
    /* the first with cash >= 0: those before it end the episode */
    double first = ceil(spent);
    int32_t ruined = first < (double)total ? (int32_t)first : (int32_t)total;
    struct stretch stretch = {.end = ruined,
                              .weight = solver->weight[k],
                              .expenses = fixed + variable,
                              .spent = spent};
    add_reward(solver, &stretch);
    stretch.begin = ruined;
    stretch.end = (int32_t)total;
    stretch.safety = solver->reward->mu;
    add_reward(solver, &stretch);
    if (!last) add_value(solver, &stretch);
    /* nothing left is not ruin, but not safety either */
    if (first == spent && stretch.begin < stretch.end)
      solver->gain[ruined] -= stretch.weight * stretch.safety;
  }
}

/* What a euro in the portfolio after `month` months gains up to the horizon. */
static double growth_of_a_euro(const struct solver *solver, int64_t month) {
  const struct hrlp_budget_config *environment = solver->environment;
  double yield = environment->investment_return_type == HRLP_RETURN_NONE
                     ? 0.0
                     : environment->investment_return_mean;
  return yield > 0.0 ? pow(1.0 + yield, (double)(environment->max_months - month)) - 1.0
                     : 0.0;
}

/* What a euro invested in the month that follows `month` months adds to J. */
static double worth_of_investing(const struct solver *solver, int64_t month) {
  double growth = growth_of_a_euro(solver, month + 1);
  return (solver->reward->alpha + solver->reward->lambda * growth) / 1000.0;
}

/* What the portfolio that a household begins with adds to J. */
static double worth_of_owning(const struct solver *solver) {
  const struct hrlp_beginning *beginning = &solver->environment->beginning;
  double growth = growth_of_a_euro(solver, beginning->month - 1);
  return solver->reward->lambda * growth * beginning->portfolio / 1000.0;
}

/* Goes on with the last slope of `next`, beyond the grid up to `total` points. */
static void extend(struct solver *solver, size_t total) {
  double slope = solver->next[POINTS - 1] - solver->next[POINTS - 2];
  for (size_t i = POINTS; i < total; i++)
    solver->next[i] = solver->next[POINTS - 1] + (double)(i - POINTS + 1) * slope;
}

/* One step backward. With y = cash + income - fixed - I, the euro left for expenses, the
 * best I solves max over y in [cash - fixed, cash + income - fixed] of gain(y) - worth y:
 * a maximum over a window that slides with cash. Grid: y_j = j step - fixed, so that
 * windows begin at grid points. */
static void solve_month(struct solver *solver, int64_t month, double price,
                        float *invest) {
  const struct hrlp_budget_config *environment = solver->environment;
  double fixed = environment->fixed_expenses * price;
  double worth = worth_of_investing(solver, month);
  size_t window = (size_t)(environment->income / solver->step + 0.5);
  size_t total = POINTS + window;
  bool last = month + 1 == environment->max_months;
  extend(solver, total + 1);
  expect(solver, fixed, price, last, total);
  for (size_t j = 0; j < total; j++)
    solver->gain[j] -= worth * ((double)j * solver->step - fixed);
  size_t head = 0;
  size_t tail = 0;
  size_t added = 0;
  for (size_t i = 0; i < POINTS; i++) {
    for (; added <= i + window; added++) {
      while (tail > head && solver->gain[solver->window[tail - 1]] <= solver->gain[added])
        tail--;
      solver->window[tail++] = added;
    }
    while (solver->window[head] < i) head++;
    size_t best = solver->window[head];
    double top = (double)(i + window) * solver->step - fixed;
    solver->value[i] = solver->gain[best] + worth * top;
    invest[i] = (float)((double)(i + window - best) * solver->step);
  }
}

/* Cash that no sensible policy exceeds: all that can come in, and room for the noise. */
static double greatest_cash(const struct hrlp_budget_config *environment) {
  double growth = pow(1.0 + environment->inflation, 1.0 / 12.0);
  double surplus = 0.0;
  double greatest = 0.0;
  for (int64_t t = 1; t <= environment->max_months; t++) {
    double price = pow(growth, (double)t);
    surplus += environment->income -
               (environment->fixed_expenses + environment->variable_expense_mean) * price;
    if (surplus > greatest) greatest = surplus;
  }
  double spread =
      4.0 * environment->variable_expense_std * sqrt((double)environment->max_months);
  return fmax(environment->initial_cash, environment->beginning.cash) + greatest +
         spread + environment->safety_threshold + 2.0 * environment->income;
}

hrl_status hrlp_budget_optimum_solve(struct hrlp_budget_optimum *optimum,
                                     const struct hrlp_budget_config *environment,
                                     const struct hrlp_budget_weights *reward,
                                     hrl_error *error) {
  *optimum =
      (struct hrlp_budget_optimum){.points = POINTS, .months = environment->max_months};
  if (environment->max_months > MAX_MONTHS)
    return hrlp_fail(
        error, HRL_ERROR_LIMIT,
        "the optimum is computed for at most %d months, the scenario has %lld",
        MAX_MONTHS, (long long)environment->max_months);
  size_t months = (size_t)environment->max_months;
  double step = greatest_cash(environment) / (POINTS - 1);
  /* a whole number of steps to an income */
  step = environment->income / ceil(environment->income / step);
  size_t window = (size_t)(environment->income / step + 0.5);
  struct solver solver = {.environment = environment, .reward = reward, .step = step};
  make_nodes(&solver);
  optimum->step = step;
  optimum->invest = hrlp_alloc(months * POINTS, sizeof(float));
  size_t room = POINTS + window + 2;
  double *memory = hrlp_alloc(3 * room, sizeof(double));
  solver.window = hrlp_alloc(POINTS + window + 1, sizeof(size_t));
  hrl_status status = HRL_OK;
  if (optimum->invest == NULL || memory == NULL || solver.window == NULL) {
    status = hrlp_fail_memory(error, "the optimum");
  } else {
    solver.value = memory;
    solver.next = memory + room;
    solver.gain = memory + 2 * room;
    double growth = pow(1.0 + environment->inflation, 1.0 / 12.0);
    size_t behind =
        environment->beginning.month > 0 ? (size_t)environment->beginning.month - 1 : 0;
    for (size_t t = months; t-- > behind;) {
      solve_month(&solver, (int64_t)t, pow(growth, (double)(t + 1)),
                  optimum->invest + t * POINTS);
      double *swap = solver.value;
      solver.value = solver.next;
      solver.next = swap;
    }
    optimum->strategic_return = behind == 0 && environment->beginning.month == 0
                                    ? value_after(&solver, environment->initial_cash)
                                    : value_after(&solver, environment->beginning.cash) +
                                          worth_of_owning(&solver);
  }
  hrlp_free(solver.window);
  hrlp_free(memory);
  if (status != HRL_OK) hrlp_budget_optimum_destroy(optimum);
  return status;
}

void hrlp_budget_optimum_destroy(struct hrlp_budget_optimum *optimum) {
  hrlp_free(optimum->invest);
  optimum->invest = NULL;
}

double hrlp_budget_optimum_share(const struct hrlp_budget_optimum *optimum,
                                 const struct hrlp_budget_config *environment,
                                 int64_t month, double cash) {
  double at = cash <= 0.0 ? 0.0 : cash / optimum->step;
  size_t last = optimum->points - 1;
  size_t i = at >= (double)last ? last : (size_t)(at + 0.5);
  return (double)optimum->invest[(size_t)month * optimum->points + i] /
         environment->income;
}
