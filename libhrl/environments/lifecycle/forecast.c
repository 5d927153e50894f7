#include "environments/lifecycle/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "environments/lifecycle/utility.h"

static const int64_t horizons[HRLP_LIFECYCLE_HORIZONS - 1] = {1,  2,  3,  4,  6, 9,
                                                              13, 19, 28, 42, 64};

/* Where the parts of a month's distribution end: bad months in finer parts than good. */
static const double part_edges[HRLP_LIFECYCLE_GROUPS] = {0.01, 0.05, 0.2, 0.5, 0.8, 1.0};

double hrlp_lifecycle_job_chance(const struct hrlp_lifecycle_config *config, int64_t t,
                                 int job) {
  if (hrlp_lifecycle_retired(config, t)) return 1.0;
  return job ? 1.0 - config->job_loss_probability : config->job_finding_probability;
}

double hrlp_lifecycle_return(const struct hrlp_lifecycle_forecast *forecast, double z) {
  double gross = exp(forecast->log_mean + forecast->log_std * z);
  return 1.0 + (gross - 1.0) * (1.0 - forecast->config.capital_tax);
}

static void set_returns(struct hrlp_lifecycle_forecast *forecast) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  bool earns = config->investment_return_type != HRLP_RETURN_NONE;
  bool stochastic = config->investment_return_type == HRLP_RETURN_STOCHASTIC;
  double mean = 1.0 + (earns ? config->investment_return_mean : 0.0);
  double ratio = stochastic ? config->investment_return_std / mean : 0.0;
  double variance = log1p(ratio * ratio);
  forecast->log_std = sqrt(variance);
  forecast->log_mean = log(mean) - variance / 2.0;
  forecast->has_risk = earns && (mean != 1.0 || variance > 0.0);
  double cash = pow(1.0 + config->cash_return, 1.0 / 12.0) - 1.0;
  forecast->safe = 1.0 + cash * (1.0 - config->capital_tax);
  forecast->returns =
      hrlp_normal_points(variance > 0.0 ? HRLP_LIFECYCLE_SHOCKS : 1,
                         forecast->return_points, forecast->return_weights);
  for (size_t i = 0; i < forecast->returns; i++)
    forecast->return_points[i] =
        forecast->has_risk ? hrlp_lifecycle_return(forecast, forecast->return_points[i])
                           : 1.0;
  forecast->levels =
      hrlp_lognormal_points(config->income_permanent_std, HRLP_LIFECYCLE_SHOCKS,
                            forecast->level_points, forecast->level_weights);
}

/* What a euro becomes for sure that is as good as one with `share` in the portfolio. */
static double sure_return(const struct hrlp_lifecycle_forecast *forecast, double share) {
  double z[HRLP_NORMAL_POINTS];
  double weights[HRLP_NORMAL_POINTS];
  size_t count = hrlp_normal_points(HRLP_NORMAL_POINTS, z, weights);
  double aversion = forecast->utility.risk_aversion;
  double mean = 0.0;
  for (size_t i = 0; i < count; i++) {
    double gross =
        forecast->safe + share * (hrlp_lifecycle_return(forecast, z[i]) - forecast->safe);
    mean += weights[i] * hrlp_utility(aversion, gross > 1e-9 ? gross : 1e-9);
  }
  return hrlp_utility_inverse(aversion, mean);
}

static void set_share(struct hrlp_lifecycle_forecast *forecast) {
  forecast->share = 0.0;
  forecast->yield = forecast->safe;
  for (int i = 1; i <= 200 && forecast->has_risk; i++) {
    double yield = sure_return(forecast, i / 200.0);
    if (yield <= forecast->yield) continue;
    forecast->yield = yield;
    forecast->share = i / 200.0;
  }
}

/* Mean committed expenses of a month at the prices of the start. */
static double mean_costs(const struct hrlp_lifecycle_config *config) {
  double z[HRLP_NORMAL_POINTS];
  double weights[HRLP_NORMAL_POINTS];
  size_t count =
      hrlp_normal_points(config->variable_expense_std > 0.0 ? 7 : 1, z, weights);
  double variable = 0.0;
  for (size_t i = 0; i < count; i++)
    variable += weights[i] * fmax(0.0, config->variable_expense_mean +
                                           config->variable_expense_std * z[i]);
  return config->fixed_expenses + variable +
         config->shock_probability * config->shock_mean;
}

static void set_months(struct hrlp_lifecycle_forecast *forecast) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  double inflation = pow(1.0 + config->inflation, 1.0 / 12.0);
  double bequest = (double)forecast->utility.bequest_months;
  int64_t months = forecast->months;
  for (int64_t t = 0; t <= months + 1; t++) {
    forecast->price[t] = pow(inflation, (double)t);
    double wage = config->income * pow(forecast->growth, (double)t);
    if (hrlp_lifecycle_retired(config, t))
      wage = config->pension_replacement * config->income *
             pow(forecast->growth, (double)config->retirement_month) *
             pow(inflation, (double)(t - config->retirement_month));
    forecast->labour[2 * t + 1] = wage;
    forecast->labour[2 * t] = hrlp_lifecycle_retired(config, t)
                                  ? wage
                                  : wage * config->unemployment_replacement;
  }
  forecast->weight[months + 1] = bequest;
  for (int64_t t = months; t >= 0; t--)
    forecast->weight[t] = 1.0 + forecast->beta * forecast->weight[t + 1];
  int64_t first = forecast->config.beginning.month;
  forecast->total_weight = forecast->weight[first > 0 ? first : 1];
}

/* Expenses of month t, real, with the premium for the risk of its income. */
static double month_costs(const struct hrlp_lifecycle_forecast *forecast, int64_t t,
                          double costs) {
  bool retired = hrlp_lifecycle_retired(&forecast->config, t);
  return costs + (retired ? 0.0 : forecast->premium);
}

/* What the months after t up to a horizon of h months (t the first of them) are worth,
 * and what a plan of one euro a month over them costs, growing as patience and yield
 * want. */
static void set_plan(struct hrlp_lifecycle_forecast *forecast, int64_t t, size_t place,
                     double costs) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  int64_t rest = forecast->months - t + 1;
  int64_t h = place == HRLP_LIFECYCLE_HORIZONS - 1 ? rest : forecast->horizon[place];
  size_t at = (size_t)t * HRLP_LIFECYCLE_HORIZONS + place;
  double aversion = forecast->utility.risk_aversion;
  double real = forecast->yield * forecast->price[t] / forecast->price[t + 1];
  double step = pow(forecast->beta * pow(real, 1.0 - aversion), 1.0 / aversion);
  double factor = 1.0;
  double discount = 1.0;
  double employed[2] = {0.0, 1.0};
  double worth[2] = {0.0, 0.0};
  double spent = 0.0;
  double rate = 1.0;
  for (int64_t k = 1; k < h; k++) {
    factor *= step;
    discount /= forecast->yield;
    rate += factor;
    spent += discount * forecast->price[t + k] * month_costs(forecast, t + k, costs);
    for (int job = 0; job < 2; job++) {
      employed[job] = employed[job] * hrlp_lifecycle_job_chance(config, t + k, 1) +
                      (1.0 - employed[job]) * hrlp_lifecycle_job_chance(config, t + k, 0);
      worth[job] += discount * (employed[job] * forecast->insured[2 * (t + k) + 1] +
                                (1.0 - employed[job]) * forecast->insured[2 * (t + k)]);
    }
  }
  if (h == rest && forecast->utility.bequest_months > 0) {
    double bequest = (double)forecast->utility.bequest_months;
    rate += bequest * factor * step;
    /* the floor is there for those months, too */
    spent -= discount / forecast->yield * bequest * config->consumption_floor *
             forecast->price[forecast->months];
  }
  forecast->plan_rate[at] = rate;
  forecast->plan_costs[at] = spent;
  forecast->plan_labour[2 * at] = worth[0];
  forecast->plan_labour[2 * at + 1] = worth[1];
}

/* The whole life's plan follows from the next month's, or it would cost a square. */
static void set_whole_plan(struct hrlp_lifecycle_forecast *forecast, int64_t t,
                           double costs) {
  size_t place = HRLP_LIFECYCLE_HORIZONS - 1;
  if (t == forecast->months) {
    set_plan(forecast, t, place, costs);
    return;
  }
  const struct hrlp_lifecycle_config *config = &forecast->config;
  size_t at = (size_t)t * HRLP_LIFECYCLE_HORIZONS + place;
  size_t next = at + HRLP_LIFECYCLE_HORIZONS;
  double aversion = forecast->utility.risk_aversion;
  double real = forecast->yield * forecast->price[t] / forecast->price[t + 1];
  double step = pow(forecast->beta * pow(real, 1.0 - aversion), 1.0 / aversion);
  forecast->plan_rate[at] = 1.0 + step * forecast->plan_rate[next];
  forecast->plan_costs[at] =
      (month_costs(forecast, t + 1, costs) * forecast->price[t + 1] +
       forecast->plan_costs[next]) /
      forecast->yield;
  for (int job = 0; job < 2; job++) {
    double chance = hrlp_lifecycle_job_chance(config, t + 1, job);
    forecast->plan_labour[2 * at + (size_t)job] =
        (chance *
             (forecast->insured[2 * (t + 1) + 1] + forecast->plan_labour[2 * next + 1]) +
         (1.0 - chance) *
             (forecast->insured[2 * (t + 1)] + forecast->plan_labour[2 * next])) /
        forecast->yield;
  }
}

static void set_clock(struct hrlp_lifecycle_forecast *forecast) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  for (int64_t t = 1; t <= forecast->months; t++) {
    float *clock = forecast->clock + (size_t)t * HRLP_LIFECYCLE_CLOCK;
    double left = (double)(forecast->months - t);
    double work = config->retirement_month > 0 ? (double)(config->retirement_month - t)
                                               : 1e6; /* months until the pension */
    clock[0] = (float)(2.0 * left / (double)forecast->months - 1.0);
    clock[1] = (float)exp(-left / 3.0);
    clock[2] = (float)exp(-left / 24.0);
    clock[3] = work < 0.0 ? 1.0f : (float)exp(-work / 60.0);
  }
}

static void set_plans(struct hrlp_lifecycle_forecast *forecast) {
  double costs = mean_costs(&forecast->config);
  for (int64_t t = 0; t <= forecast->months + 1; t++)
    for (int job = 0; job < 2; job++)
      forecast->insured[2 * t + job] =
          fmax(forecast->labour[2 * t + job],
               (costs + forecast->config.consumption_floor) * forecast->price[t]);
  memcpy(forecast->horizon, horizons, sizeof horizons);
  forecast->horizon[HRLP_LIFECYCLE_HORIZONS - 1] = INT64_MAX;
  for (size_t place = 0; place < HRLP_LIFECYCLE_HORIZONS; place++)
    forecast->horizon_discount[place] =
        pow(forecast->beta, (double)forecast->horizon[place]);
  for (int64_t t = forecast->months; t >= 1; t--) {
    for (size_t place = 0; place + 1 < HRLP_LIFECYCLE_HORIZONS; place++)
      if (forecast->horizon[place] <= forecast->months - t + 1)
        set_plan(forecast, t, place, costs);
    set_whole_plan(forecast, t, costs);
    for (size_t place = 0; place < HRLP_LIFECYCLE_HORIZONS; place++) {
      size_t at = (size_t)t * HRLP_LIFECYCLE_HORIZONS + place;
      forecast->plan_share[at] = 1.0 / forecast->plan_rate[at];
    }
    double price = forecast->price[t];
    double net = forecast->insured[2 * t + 1] - month_costs(forecast, t, costs) * price;
    forecast->ahead[t] = hrlp_lifecycle_plan(forecast, t, net, 1, 1.0, 0.0, NULL) / price;
  }
  forecast->ahead[forecast->months + 1] = forecast->ahead[forecast->months];
}

static int compare_points(const void *a, const void *b) {
  const struct hrlp_net_point *x = a;
  const struct hrlp_net_point *y = b;
  double left = x->labour - x->costs;
  double right = y->labour - y->costs;
  return (left > right) - (left < right);
}

size_t hrlp_lifecycle_net_points(const struct hrlp_lifecycle_forecast *forecast,
                                 int64_t t, int job, const double *edges, size_t count,
                                 struct hrlp_net_point *points) {
  struct hrlp_net_point all[HRLP_NET_POINTS_MAX];
  size_t found = hrlp_net_points_all(&forecast->config, forecast->labour[2 * t + job],
                                     job && !hrlp_lifecycle_retired(&forecast->config, t),
                                     forecast->price[t], all);
  qsort(all, found, sizeof all[0], compare_points);
  size_t made = 0;
  double before = 0.0;
  struct hrlp_net_point part = {0};
  for (size_t i = 0; i < found; i++) {
    double middle = before + all[i].weight / 2.0;
    before += all[i].weight;
    while (made + 1 < count && middle > edges[made]) { /* the part before is full */
      points[made++] = part;
      part = (struct hrlp_net_point){0};
    }
    part.labour += all[i].weight * all[i].labour;
    part.costs += all[i].weight * all[i].costs;
    part.weight += all[i].weight;
  }
  points[made++] = part;
  size_t kept = 0;
  for (size_t i = 0; i < made; i++) {
    if (points[i].weight <= 0.0) continue;
    points[kept] = points[i];
    points[kept].labour /= points[i].weight;
    points[kept].costs /= points[i].weight;
    kept++;
  }
  for (size_t i = kept; i < made; i++) points[i] = (struct hrlp_net_point){0};
  return kept;
}

static void set_points(struct hrlp_lifecycle_forecast *forecast) {
  for (int64_t t = 1; t <= forecast->months; t++)
    for (int job = 0; job < 2; job++) {
      struct hrlp_net_point *points =
          forecast->points + (size_t)(2 * t + job) * HRLP_LIFECYCLE_GROUPS;
      hrlp_lifecycle_net_points(forecast, t, job, part_edges, HRLP_LIFECYCLE_GROUPS,
                                points);
    }
}

/* How much a year's income may fall short, real. */
static double yearly_risk(const struct hrlp_lifecycle_forecast *forecast) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  const struct hrlp_net_point *points =
      forecast->points + (size_t)3 * HRLP_LIFECYCLE_GROUPS;
  double mean = 0.0;
  double square = 0.0;
  for (size_t i = 0; i < HRLP_LIFECYCLE_GROUPS; i++) {
    double net = points[i].labour - points[i].costs;
    mean += points[i].weight * net;
    square += points[i].weight * net * net;
  }
  double spell = 1.0 / fmax(config->job_finding_probability, 1.0 / 24.0);
  double lost = config->income * (1.0 - config->unemployment_replacement) * spell;
  double yearly = fmin(12.0 * config->job_loss_probability, 1.0);
  return sqrt(12.0 * fmax(square - mean * mean, 0.0) + yearly * lost * lost);
}

/* Pratt's approximation for a year's mean income, since savings even out what is shorter:
 * half the aversion times the variance over the mean. */
static double risk_premium(const struct hrlp_lifecycle_forecast *forecast) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  double moves = config->job_loss_probability + config->job_finding_probability;
  double employed = moves > 0.0 ? config->job_finding_probability / moves : 1.0;
  double costs = mean_costs(config);
  double mean =
      (employed * forecast->labour[3] + (1.0 - employed) * forecast->labour[2]) /
          forecast->price[1] -
      costs;
  if (mean <= 0.0) return 0.0;
  double deviation = forecast->buffer / 12.0;
  double premium = forecast->utility.risk_aversion / 2.0 * deviation * deviation / mean;
  return fmin(premium, 0.5 * mean);
}

static bool allocate(struct hrlp_lifecycle_forecast *forecast) {
  size_t months = (size_t)forecast->months + 2;
  size_t plans = months * HRLP_LIFECYCLE_HORIZONS;
  size_t clock = months * HRLP_LIFECYCLE_CLOCK; /* half of it in doubles */
  size_t numbers = 7 * months + 5 * plans + clock;
  size_t points = 2 * months * HRLP_LIFECYCLE_GROUPS;
  double *next =
      hrlp_alloc(numbers * sizeof(double) + points * sizeof(struct hrlp_net_point), 1);
  if (next == NULL) return false;
  forecast->memory = next;
  forecast->price = next;
  forecast->weight = next + months;
  forecast->labour = next + 2 * months;
  forecast->insured = next + 4 * months;
  forecast->ahead = next + 6 * months;
  forecast->plan_rate = next + 7 * months;
  forecast->plan_share = forecast->plan_rate + plans;
  forecast->plan_costs = forecast->plan_share + plans;
  forecast->plan_labour = forecast->plan_costs + plans;
  forecast->clock = (void *)(forecast->plan_labour + 2 * plans);
  forecast->points = (void *)(next + numbers);
  return true;
}

hrl_status hrlp_lifecycle_forecast_create(struct hrlp_lifecycle_forecast *forecast,
                                          const struct hrlp_lifecycle_config *config,
                                          const struct hrlp_utility *utility,
                                          hrl_error *error) {
  *forecast = (struct hrlp_lifecycle_forecast){
      .config = *config, .utility = *utility, .months = config->max_months};
  if (!allocate(forecast)) return hrlp_fail_memory(error, "the household");
  forecast->beta = pow(utility->discount_factor, 1.0 / 12.0);
  forecast->growth = pow(1.0 + config->income_growth, 1.0 / 12.0);
  set_returns(forecast);
  set_share(forecast);
  set_months(forecast);
  set_points(forecast);
  forecast->buffer = yearly_risk(forecast);
  forecast->premium = risk_premium(forecast);
  set_plans(forecast);
  set_clock(forecast);
  forecast->reference = 1.0;
  if (config->safety_threshold > forecast->buffer)
    forecast->buffer = config->safety_threshold;
  double start = config->initial_cash * forecast->safe + forecast->labour[3] -
                 mean_costs(config) * forecast->price[1];
  /* whoever cannot live on what there is lives on the floor, or on a hundredth of income
   */
  double least = fmax(fmax(config->consumption_floor, 0.01 * config->income), 1e-6);
  size_t whole = 2 * HRLP_LIFECYCLE_HORIZONS - 1;
  double level =
      (start + forecast->plan_labour[2 * whole + 1] - forecast->plan_costs[whole]) /
      forecast->plan_rate[whole] / forecast->price[1];
  forecast->reference = fmax(level, least);
  size_t last = (size_t)forecast->months + 1;
  if (isfinite(forecast->price[last]) && isfinite(forecast->labour[2 * last + 1]) &&
      isfinite(forecast->reference) && isfinite(forecast->total_weight) &&
      isfinite(forecast->buffer) && forecast->total_weight < 1e12)
    return HRL_OK;
  hrlp_lifecycle_forecast_destroy(forecast);
  return hrlp_fail(error, HRL_ERROR_NUMERIC,
                   "amounts exceed the range of numbers within the household's %lld "
                   "months; lower growth, inflation or max_months",
                   (long long)config->max_months);
}

void hrlp_lifecycle_forecast_destroy(struct hrlp_lifecycle_forecast *forecast) {
  hrlp_free(forecast->memory);
  *forecast = (struct hrlp_lifecycle_forecast){0};
}

double hrlp_lifecycle_plan(const struct hrlp_lifecycle_forecast *forecast, int64_t t,
                           double cash, int job, double level, double buffer,
                           size_t *place) {
  int64_t rest = forecast->months - t + 1;
  size_t at = (size_t)t * HRLP_LIFECYCLE_HORIZONS;
  const double *labour = forecast->plan_labour + 2 * at + (size_t)job;
  const double *costs = forecast->plan_costs + at;
  const double *share = forecast->plan_share + at;
  const size_t whole = HRLP_LIFECYCLE_HORIZONS - 1;
  double least = (cash + level * labour[2 * whole] - costs[whole]) * share[whole];
  size_t binding = whole;
  for (size_t k = 0; k < whole && forecast->horizon[k] < rest; k++) {
    int64_t h = forecast->horizon[k];
    int64_t built = h < rest - h ? h : rest - h; /* up over two years, down in the last */
    double kept = buffer * (built < 24 ? (double)built : 24.0) * (1.0 / 24.0);
    double allowed = (cash - kept + level * labour[2 * k] - costs[k]) * share[k];
    binding = allowed < least ? k : binding;
    least = allowed < least ? allowed : least;
  }
  if (place != NULL) *place = binding;
  return least < cash ? least : cash;
}

double hrlp_lifecycle_human(const struct hrlp_lifecycle_forecast *forecast, int64_t t,
                            int job, double level) {
  size_t at = (size_t)(t + 1) * HRLP_LIFECYCLE_HORIZONS - 1;
  return level * forecast->plan_labour[2 * at + (size_t)job] - forecast->plan_costs[at];
}
