#include "environments/lifecycle/household.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/random.h"
#include "environments/lifecycle/utility.h"

/* Households that are advanced at a time. */
#define CHUNK 64

/* Nothing at all would be worth less than any number. */
#define LEAST_CONSUMPTION 1e-9

double hrlp_life_worth(const struct hrlp_lifecycle_forecast *forecast, int64_t t,
                       double consumption) {
  double real = consumption / forecast->price[t] / forecast->reference;
  return hrlp_utility(forecast->utility.risk_aversion, hrlp_max(real, LEAST_CONSUMPTION));
}

double hrlp_life_bequest(const struct hrlp_lifecycle_forecast *forecast, double wealth) {
  double months = (double)forecast->utility.bequest_months;
  if (months == 0.0) return 0.0;
  double real = forecast->config.consumption_floor +
                wealth / forecast->price[forecast->months] / months;
  return months * hrlp_utility(forecast->utility.risk_aversion,
                               hrlp_max(real / forecast->reference, LEAST_CONSUMPTION));
}

/* The random numbers of a month: transitory and permanent income, expenses and shock;
 * the return; two uniform ones for job and shock. */
struct draws {
  double normals[4 * CHUNK];
  double returns[CHUNK];
  double events[2 * CHUNK];
};

static void draw(const struct hrlp_lifecycle_forecast *forecast, uint64_t seed,
                 struct hrlp_life *const *lives, size_t count, struct draws *draws) {
  uint64_t episodes[CHUNK];
  uint32_t months[CHUNK];
  for (size_t i = 0; i < count; i++) {
    episodes[i] = lives[i]->episode;
    months[i] = (uint32_t)lives[i]->month;
  }
  hrlp_random_normal_blocks(seed, HRLP_RANDOM_EXPENSES, episodes, months, count,
                            draws->normals);
  if (forecast->log_std > 0.0)
    hrlp_random_first_normals(seed, HRLP_RANDOM_RETURNS, episodes, months, count,
                              draws->returns);
  else
    memset(draws->returns, 0, count * sizeof *draws->returns);
  hrlp_random_uniform_pairs(seed, HRLP_RANDOM_EVENTS, episodes, months, count,
                            draws->events);
}

static double lognormal(double deviation, double z) {
  return deviation > 0.0 ? exp(deviation * z - deviation * deviation / 2.0) : 1.0;
}

/* The part of month life->month before its decision. */
static void live(const struct hrlp_lifecycle_forecast *forecast, struct hrlp_life *life,
                 const double normals[4], double yield, const double events[2]) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  int64_t t = life->month;
  double price = forecast->price[t];
  double cash = life->cash * forecast->safe;
  double portfolio = life->portfolio * yield;
  double gained = cash - life->cash + portfolio - life->portfolio; /* net of tax */
  double kept = 1.0 - config->capital_tax;
  life->tax = kept > 0.0 ? gained / kept * config->capital_tax : 0.0;
  bool retired = hrlp_lifecycle_retired(config, t);
  life->job = events[0] < hrlp_lifecycle_job_chance(config, t, life->job);
  double transitory = 1.0;
  if (!retired) {
    life->level *= lognormal(config->income_permanent_std, normals[1]);
    if (life->job) transitory = lognormal(config->income_transitory_std, normals[0]);
  }
  life->income = forecast->labour[2 * t + life->job] * life->level * transitory;
  double variable =
      config->variable_expense_mean + config->variable_expense_std * normals[2];
  double shock = events[1] < config->shock_probability
                     ? config->shock_mean * lognormal(config->shock_std, normals[3])
                     : 0.0;
  life->expenses = (config->fixed_expenses + hrlp_max(0.0, variable) + shock) * price;
  double floor = config->consumption_floor * price;
  double before = cash + portfolio + life->income - life->expenses;
  life->cash = cash;
  life->portfolio = portfolio;
  life->cash_on_hand = hrlp_max(before, hrlp_max(floor, LEAST_CONSUMPTION));
  life->transfer = life->cash_on_hand - before;
  if (before < floor) life->rescued++;
}

void hrlp_life_advance(const struct hrlp_lifecycle_forecast *forecast, uint64_t seed,
                       struct hrlp_life *const *lives, size_t count) {
  struct draws draws;
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t rows = count - first < CHUNK ? count - first : CHUNK;
    for (size_t i = 0; i < rows; i++) lives[first + i]->month++;
    draw(forecast, seed, lives + first, rows, &draws);
    for (size_t i = 0; i < rows; i++) {
      double yield =
          forecast->has_risk ? hrlp_lifecycle_return(forecast, draws.returns[i]) : 1.0;
      live(forecast, lives[first + i], draws.normals + 4 * i, yield,
           draws.events + 2 * i);
    }
  }
}

/* Amid a month of a life: its income and expenses are as expected, and known. */
static void begin_within(const struct hrlp_lifecycle_forecast *forecast,
                         struct hrlp_life *life) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  const struct hrlp_beginning *beginning = &config->beginning;
  int64_t t = beginning->month;
  double price = forecast->price[t];
  double floor = config->consumption_floor * price;
  life->month = t;
  life->job = hrlp_lifecycle_retired(config, t) || !beginning->unemployed;
  life->cash = beginning->cash;
  life->portfolio = beginning->portfolio;
  life->income = forecast->labour[2 * t + life->job];
  life->expenses = (config->fixed_expenses + config->variable_expense_mean) * price;
  double before = life->cash + life->portfolio + life->income - life->expenses;
  life->cash_on_hand = hrlp_max(before, hrlp_max(floor, LEAST_CONSUMPTION));
  life->transfer = life->cash_on_hand - before;
  if (before < floor) life->rescued++;
}

void hrlp_life_begin(const struct hrlp_lifecycle_forecast *forecast, uint64_t seed,
                     uint64_t episode, struct hrlp_life *life) {
  *life = (struct hrlp_life){
      .episode = episode, .cash = forecast->config.initial_cash, .level = 1.0, .job = 1};
  if (forecast->config.beginning.month > 0)
    begin_within(forecast, life);
  else
    hrlp_life_advance(forecast, seed, &life, 1);
}

void hrlp_life_decide(const struct hrlp_lifecycle_forecast *forecast,
                      struct hrlp_life *life, double consumption, double share) {
  double least = hrlp_life_floor(forecast, life);
  double most = life->cash_on_hand;
  double before = life->portfolio;
  life->consumption = hrlp_min(hrlp_max(consumption, least), most);
  double rest = most - life->consumption;
  life->portfolio = share * rest;
  life->cash = rest - life->portfolio;
  life->invested += life->portfolio - before;
}
