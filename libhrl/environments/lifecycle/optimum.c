/* Values are kept as certainty equivalents: the constant real consumption that is worth
 * as much. They are nearly linear in cash on hand, so that few points are enough. */
#include "environments/lifecycle/optimum.h"

#include <math.h>

#include "base/memory.h"
#include "environments/lifecycle/household.h"
#include "environments/lifecycle/quadrature.h"
#include "environments/lifecycle/utility.h"

#define POINTS 400
#define SHARES 21
#define RETURNS 9
#define NETS 21
#define LEVELS 7
#define MAX_MONTHS 2400

struct solver {
  const struct hrlp_lifecycle_forecast *forecast;
  const double *grid;       /* cash on hand */
  double assets[POINTS];    /* what may be kept of it */
  double value[2][POINTS];  /* of the month after, by its job */
  double income[2][POINTS]; /* mean power of that before income, by job */
  double kept[2][POINTS];   /* before income, by the job of the month */
  double ahead[POINTS], ahead_share[POINTS]; /* of assets, and the best share */
  double returns[RETURNS], return_weights[RETURNS];
  size_t return_count;
  double levels[LEVELS], level_weights[LEVELS];
  size_t level_count;
};

/* Means over noise are taken of powers, or of logarithms, whose inverse is the certainty
 * equivalent. A greater mean is a better one. */
static double to_mean(double aversion, double x) {
  if (aversion == 1.0) return log(x);
  double power = hrlp_utility_power(aversion, x);
  return aversion > 1.0 ? -power : power;
}

static double from_mean(double aversion, double mean) {
  if (aversion == 1.0) return exp(mean);
  double power = aversion > 1.0 ? -mean : mean;
  /* not by way of the utility: next to its 1 the power of some hundred euro is lost */
  return hrlp_utility_root(aversion, fmax(power, 1e-300));
}

/* Linear between points, in proportion beyond them. `*place` is where the last search
 * ended: searches come in ascending order. */
static double interpolate(const double *x, const double *y, double at, size_t *place) {
  if (at <= x[0]) return x[0] > 0.0 ? y[0] * at / x[0] : y[0];
  if (at >= x[POINTS - 1]) return y[POINTS - 1] * at / x[POINTS - 1];
  while (*place + 2 < POINTS && x[*place + 1] < at) (*place)++;
  size_t i = *place;
  return y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i]);
}

static size_t find_place(const double *x, double at) {
  size_t low = 0;
  size_t high = POINTS - 1;
  while (high - low > 1) {
    size_t middle = (low + high) / 2;
    if (x[middle] <= at)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Adds the mean over income and expenses of month t in a job: what assets are worth just
 * before. */
static void add_income(struct solver *solver, int64_t t, int job) {
  const struct hrlp_lifecycle_forecast *forecast = solver->forecast;
  double aversion = forecast->utility.risk_aversion;
  double edges[NETS];
  struct hrlp_net_point points[NETS];
  for (size_t i = 0; i < NETS; i++) edges[i] = (double)(i + 1) / NETS;
  size_t count = hrlp_lifecycle_net_points(forecast, t, job, edges, NETS, points);
  bool retired = hrlp_lifecycle_retired(&forecast->config, t);
  size_t levels = retired ? 1 : solver->level_count;
  double floor = fmax(forecast->config.consumption_floor * forecast->price[t], 1e-9);
  for (size_t i = 0; i < POINTS; i++) solver->income[job][i] = 0.0;
  for (size_t l = 0; l < levels; l++)
    for (size_t g = 0; g < count; g++) {
      double step = retired ? 1.0 : solver->levels[l];
      double weight = points[g].weight * (retired ? 1.0 : solver->level_weights[l]);
      double net = points[g].labour - points[g].costs;
      size_t place = 0;
      for (size_t i = 0; i < POINTS; i++) {
        double cash = fmax(solver->assets[i] / step + net, floor);
        double value = interpolate(solver->grid, solver->value[job], cash, &place);
        solver->income[job][i] += weight * to_mean(aversion, step * fmax(value, 1e-12));
      }
    }
}

/* What assets are worth before the coming month's income, for a job of month t. */
static void value_assets(struct solver *solver, int64_t t) {
  double aversion = solver->forecast->utility.risk_aversion;
  add_income(solver, t + 1, 0);
  add_income(solver, t + 1, 1);
  for (int job = 0; job < 2; job++) {
    double chance = hrlp_lifecycle_job_chance(&solver->forecast->config, t + 1, job);
    for (size_t i = 0; i < POINTS; i++)
      solver->kept[job][i] =
          from_mean(aversion, chance * solver->income[1][i] +
                                  (1.0 - chance) * solver->income[0][i]);
  }
}

/* The value of assets with `share` in the portfolio, as means of powers. */
static void value_share(const struct solver *solver, int job, double share,
                        double mean[POINTS]) {
  double aversion = solver->forecast->utility.risk_aversion;
  for (size_t i = 0; i < POINTS; i++) mean[i] = 0.0;
  for (size_t r = 0; r < solver->return_count; r++) {
    double yield = solver->forecast->safe * (1.0 - share) + share * solver->returns[r];
    size_t place = 0;
    for (size_t i = 0; i < POINTS; i++) {
      double value = interpolate(solver->assets, solver->kept[job],
                                 yield * solver->assets[i], &place);
      mean[i] += solver->return_weights[r] * to_mean(aversion, fmax(value, 1e-12));
    }
  }
}

/* The best share for each amount of assets: the best of some, and the top of a parabola
 * through it and its neighbours. */
static void choose_shares(struct solver *solver, int job) {
  double aversion = solver->forecast->utility.risk_aversion;
  double mean[SHARES][POINTS];
  size_t shares = solver->forecast->has_risk ? SHARES : 1;
  for (size_t s = 0; s < shares; s++)
    value_share(solver, job, shares > 1 ? (double)s / (SHARES - 1) : 0.0, mean[s]);
  for (size_t i = 0; i < POINTS; i++) {
    size_t best = 0;
    for (size_t s = 1; s < shares; s++)
      if (mean[s][i] > mean[best][i]) best = s;
    double top = mean[best][i];
    double share = shares > 1 ? (double)best / (SHARES - 1) : 0.0;
    if (best > 0 && best + 1 < shares) {
      double left = mean[best - 1][i] - top;
      double right = mean[best + 1][i] - top;
      double bend = left + right;
      double shift = bend < 0.0 ? (left - right) / (2.0 * bend) : 0.0;
      share += shift / (SHARES - 1);
      top += shift * ((right - left) / 2.0 + shift * bend / 2.0);
    }
    solver->ahead[i] = from_mean(aversion, top);
    solver->ahead_share[i] = share;
  }
}

/* A decision of month t, for a search. */
struct choice {
  const struct solver *solver;
  int64_t t;
  double cash;
};

/* What consuming `consumption` is worth. */
static double try_consumption(const struct choice *choice, double consumption) {
  const struct solver *solver = choice->solver;
  const struct hrlp_lifecycle_forecast *forecast = solver->forecast;
  double aversion = forecast->utility.risk_aversion;
  double price = forecast->price[choice->t];
  double rest = fmax(choice->cash - consumption, 0.0);
  double unit = forecast->reference;
  double now = hrlp_utility(aversion, fmax(consumption / price / unit, 1e-12));
  double weight = forecast->beta * forecast->weight[choice->t + 1];
  double later = 0.0;
  if (choice->t < forecast->months) {
    size_t place = find_place(solver->assets, rest);
    later = interpolate(solver->assets, solver->ahead, rest, &place);
  } else if (weight > 0.0) {
    later = forecast->config.consumption_floor +
            rest / price / (double)forecast->utility.bequest_months;
  }
  if (weight <= 0.0) return now;
  return now + weight * hrlp_utility(aversion, fmax(later / unit, 1e-12));
}

/* The best consumption between the floor and cash on hand: the best of some, then golden
 * sections around it. */
static double choose_consumption(const struct choice *choice, double *worth) {
  enum { TRIES = 40, SECTIONS = 22 };
  const double golden = 0.61803398874989485;
  double price = choice->solver->forecast->price[choice->t];
  double least =
      fmin(choice->solver->forecast->config.consumption_floor * price, choice->cash);
  double room = choice->cash - least;
  double best = choice->cash;
  int at = TRIES;
  *worth = try_consumption(choice, best);
  for (int i = least > 0.0 ? 0 : 1; i < TRIES; i++) {
    double tried = least + room * (double)(i * i) / (TRIES * TRIES);
    double value = try_consumption(choice, tried);
    if (value <= *worth) continue;
    *worth = value;
    best = tried;
    at = i;
  }
  double low = at > 0 ? (double)((at - 1) * (at - 1)) / (TRIES * TRIES) : 0.0;
  double high = at < TRIES ? (double)((at + 1) * (at + 1)) / (TRIES * TRIES) : 1.0;
  low = least + room * low;
  high = least + room * high;
  double a = high - golden * (high - low);
  double b = low + golden * (high - low);
  double worth_a = try_consumption(choice, a);
  double worth_b = try_consumption(choice, b);
  for (int i = 0; i < SECTIONS; i++) {
    if (worth_a > worth_b) {
      high = b;
      b = a;
      worth_b = worth_a;
      a = high - golden * (high - low);
      worth_a = try_consumption(choice, a);
    } else {
      low = a;
      a = b;
      worth_a = worth_b;
      b = low + golden * (high - low);
      worth_b = try_consumption(choice, b);
    }
  }
  double found = (a + b) / 2.0;
  double value = try_consumption(choice, found);
  if (value > *worth) {
    *worth = value;
    best = found;
  }
  return best;
}

static void solve_month(struct solver *solver, int64_t t,
                        struct hrlp_lifecycle_optimum *optimum) {
  const struct hrlp_lifecycle_forecast *forecast = solver->forecast;
  double value[2][POINTS];
  if (t < forecast->months) value_assets(solver, t);
  for (int job = 0; job < 2; job++) {
    float *consumption = optimum->consumption + (size_t)(2 * t + job) * POINTS;
    float *share = optimum->share + (size_t)(2 * t + job) * POINTS;
    if (t < forecast->months) choose_shares(solver, job);
    for (size_t i = 0; i < POINTS; i++) {
      struct choice choice = {solver, t, solver->grid[i]};
      double worth;
      double chosen = choose_consumption(&choice, &worth);
      size_t place = find_place(solver->assets, solver->grid[i] - chosen);
      consumption[i] = (float)chosen;
      share[i] = t < forecast->months
                     ? (float)interpolate(solver->assets, solver->ahead_share,
                                          solver->grid[i] - chosen, &place)
                     : 0.0f;
      value[job][i] =
          forecast->reference * hrlp_utility_inverse(forecast->utility.risk_aversion,
                                                     worth / forecast->weight[t]);
    }
  }
  for (size_t i = 0; i < POINTS; i++) {
    solver->value[0][i] = value[0][i];
    solver->value[1][i] = value[1][i];
  }
}

/* The most cash that may come together. */
static double greatest_cash(const struct hrlp_lifecycle_forecast *forecast) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  double surplus =
      fmax(0.0, config->income - config->fixed_expenses - config->variable_expense_mean);
  double wealth =
      fmax(config->initial_cash, config->beginning.cash + config->beginning.portfolio);
  return 3.0 * wealth + 60.0 * config->income +
         2.0 * surplus * (double)config->max_months + 5.0 * config->shock_mean + 1e-3;
}

static void make_grid(struct solver *solver, double *grid) {
  const struct hrlp_lifecycle_config *config = &solver->forecast->config;
  double low = fmax(fmax(config->consumption_floor, 1e-4 * config->income), 1e-9);
  double top = greatest_cash(solver->forecast);
  for (size_t i = 0; i < POINTS; i++) {
    double x = (double)i / (POINTS - 1);
    solver->assets[i] = (top - low) * x * x * x;
    grid[i] = low + solver->assets[i];
  }
  solver->grid = grid;
}

/* Expected value of the first month, before its noise. */
static double expect_start(struct solver *solver) {
  const struct hrlp_lifecycle_forecast *forecast = solver->forecast;
  double aversion = forecast->utility.risk_aversion;
  size_t place;
  double cash = forecast->config.initial_cash * forecast->safe;
  add_income(solver, 1, 0);
  add_income(solver, 1, 1);
  double chance = hrlp_lifecycle_job_chance(&forecast->config, 1, 1);
  for (size_t i = 0; i < POINTS; i++)
    solver->kept[0][i] = from_mean(
        aversion, chance * solver->income[1][i] + (1.0 - chance) * solver->income[0][i]);
  place = find_place(solver->assets, cash);
  double sure = interpolate(solver->assets, solver->kept[0], cash, &place);
  return hrlp_utility(aversion, sure / forecast->reference);
}

/* Value of the month that the household begins in. */
static double value_within(const struct solver *solver) {
  const struct hrlp_lifecycle_forecast *forecast = solver->forecast;
  struct hrlp_life life;
  hrlp_life_begin(forecast, 0, 0, &life); /* which depends on no noise then */
  size_t place = find_place(solver->grid, life.cash_on_hand);
  double sure =
      interpolate(solver->grid, solver->value[life.job], life.cash_on_hand, &place);
  return hrlp_utility(forecast->utility.risk_aversion, sure / forecast->reference);
}

hrl_status hrlp_lifecycle_optimum_create(struct hrlp_lifecycle_optimum *optimum,
                                         const struct hrlp_lifecycle_forecast *forecast,
                                         hrl_error *error) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  *optimum = (struct hrlp_lifecycle_optimum){.points = POINTS};
  if (forecast->months > MAX_MONTHS)
    return hrlp_fail(
        error, HRL_ERROR_LIMIT,
        "the optimum is computed for at most %d months, the scenario has %lld",
        MAX_MONTHS, (long long)forecast->months);
  if (config->income_permanent_std > 0.0 &&
      (config->fixed_expenses > 0.0 || config->variable_expense_mean > 0.0 ||
       config->variable_expense_std > 0.0 || config->consumption_floor > 0.0 ||
       (config->shock_mean > 0.0 && config->shock_probability > 0.0)))
    return hrlp_fail(
        error, HRL_ERROR_LIMIT,
        "the optimum is not computed for permanent shocks of income together "
        "with expenses or a floor that are fixed in euro");
  size_t cells = ((size_t)forecast->months + 1) * 2 * POINTS;
  optimum->grid = hrlp_alloc(POINTS, sizeof(double));
  optimum->consumption = hrlp_alloc(cells, sizeof(float));
  optimum->share = hrlp_alloc(cells, sizeof(float));
  struct solver *solver = hrlp_alloc(1, sizeof *solver);
  hrl_status status = HRL_OK;
  if (optimum->grid == NULL || optimum->consumption == NULL || optimum->share == NULL ||
      solver == NULL) {
    status = hrlp_fail_memory(error, "the optimum");
  } else {
    solver->forecast = forecast;
    make_grid(solver, optimum->grid);
    solver->return_count = hrlp_normal_points(forecast->log_std > 0.0 ? RETURNS : 1,
                                              solver->returns, solver->return_weights);
    for (size_t i = 0; i < solver->return_count; i++)
      solver->returns[i] = hrlp_lifecycle_return(forecast, solver->returns[i]);
    solver->level_count = hrlp_lognormal_points(config->income_permanent_std, LEVELS,
                                                solver->levels, solver->level_weights);
    int64_t first = config->beginning.month > 0 ? config->beginning.month : 1;
    for (int64_t t = forecast->months; t >= first; t--) solve_month(solver, t, optimum);
    optimum->value =
        config->beginning.month > 0 ? value_within(solver) : expect_start(solver);
  }
  hrlp_free(solver);
  if (status != HRL_OK) hrlp_lifecycle_optimum_destroy(optimum);
  return status;
}

void hrlp_lifecycle_optimum_destroy(struct hrlp_lifecycle_optimum *optimum) {
  hrlp_free(optimum->grid);
  hrlp_free(optimum->consumption);
  hrlp_free(optimum->share);
  *optimum = (struct hrlp_lifecycle_optimum){0};
}

void hrlp_lifecycle_optimum_decide(const struct hrlp_lifecycle_optimum *optimum,
                                   int64_t t, double cash, int job, double level,
                                   double *consumption, double *share) {
  const float *consumed = optimum->consumption + (size_t)(2 * t + job) * POINTS;
  const float *shares = optimum->share + (size_t)(2 * t + job) * POINTS;
  double at = cash / level;
  const double *grid = optimum->grid;
  size_t i = find_place(grid, at);
  double part = (at - grid[i]) / (grid[i + 1] - grid[i]);
  if (part < 0.0) part = 0.0;
  double bounded = part > 1.0 ? 1.0 : part;
  *share = (double)shares[i] + bounded * (double)(shares[i + 1] - shares[i]);
  if (*share < 0.0) *share = 0.0;
  if (*share > 1.0) *share = 1.0;
  *consumption =
      level * ((double)consumed[i] + part * (double)(consumed[i + 1] - consumed[i]));
}
