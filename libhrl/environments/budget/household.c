#include "environments/budget/household.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "base/random.h"

bool hrlp_budget_has_returns(const struct hrlp_budget_config *environment) {
  if (environment->investment_return_type == HRLP_RETURN_FIXED)
    return environment->investment_return_mean != 0.0;
  return environment->investment_return_type == HRLP_RETURN_STOCHASTIC &&
         (environment->investment_return_mean != 0.0 ||
          environment->investment_return_std != 0.0);
}

/* Arrays of `count` doubles in a batch: six, and four numbers of each noise. */
#define DOUBLE_ARRAYS (6 + 4 + 4)

size_t hrlp_household_memory(size_t count) {
  return hrlp_padded_count(count) *
         (DOUBLE_ARRAYS * sizeof(double) + sizeof(uint64_t) + sizeof(int32_t));
}

void hrlp_household_attach(struct hrlp_household *batch, void *memory, size_t count,
                           const struct hrlp_budget_config *environment,
                           const struct hrlp_budget_weights *reward, uint64_t seed) {
  size_t room = hrlp_padded_count(count); /* each array begins on a cache line */
  double *next = memory;
  *batch =
      (struct hrlp_household){.environment = *environment,
                              .reward = *reward,
                              .growth = pow(1.0 + environment->inflation, 1.0 / 12.0),
                              .count = count,
                              .seed = seed};
  batch->cash = next;
  batch->portfolio = next + room;
  batch->fixed = next + 2 * room;
  batch->variable = next + 3 * room;
  batch->price = next + 4 * room;
  batch->invested = next + 5 * room;
  batch->noise = next + 6 * room;
  batch->yield_noise = next + 10 * room;
  /* memory is laid out here; no double is read as an integer */
  /* cppcheck-suppress invalidPointerCast */
  batch->episode = (uint64_t *)(next + DOUBLE_ARRAYS * room);
  batch->month = (int32_t *)(batch->episode + room);
}

/* Households that are stepped at a time. */
#define CHUNK 64

/* Variable expenses at prices of the start, of normal `z`. */
static inline double expense(const struct hrlp_budget_config *environment, double z) {
  return hrlp_positive_part(environment->variable_expense_mean +
                            environment->variable_expense_std * z);
}

/* From somewhere within: the state is known, and the noise to come is what an episode
 * from the start would meet in those months. */
static void reset_within(struct hrlp_household *batch, size_t i) {
  const struct hrlp_beginning *beginning = &batch->environment.beginning;
  int64_t behind = beginning->month - 1;
  double price = pow(batch->growth, (double)behind);
  uint64_t episode = batch->episode[i];
  batch->month[i] = (int32_t)behind;
  batch->cash[i] = beginning->cash;
  batch->portfolio[i] = beginning->portfolio;
  batch->price[i] = price;
  batch->fixed[i] *= price;
  batch->variable[i] = batch->environment.variable_expense_mean * price;
  /* the blocks that these months' draws stand in, which `draw` makes at their first */
  hrlp_random_normals(batch->seed, HRLP_RANDOM_EXPENSES, episode,
                      (uint32_t)(behind + 1) / 4, batch->noise + 4 * i);
  hrlp_random_normals(batch->seed, HRLP_RANDOM_RETURNS, episode, (uint32_t)behind / 4,
                      batch->yield_noise + 4 * i);
}

void hrlp_household_reset(struct hrlp_household *batch, size_t i, uint64_t episode) {
  double *noise = batch->noise + 4 * i;
  batch->cash[i] = batch->environment.initial_cash;
  batch->portfolio[i] = 0.0;
  batch->fixed[i] = batch->environment.fixed_expenses;
  batch->price[i] = 1.0;
  batch->invested[i] = 0.0;
  batch->episode[i] = episode;
  batch->month[i] = 0;
  /* draw 0 of expenses is what the first state shows, draw t the t-th month's */
  hrlp_random_normals(batch->seed, HRLP_RANDOM_EXPENSES, episode, 0, noise);
  batch->variable[i] = expense(&batch->environment, noise[0]);
  if (batch->environment.beginning.month > 0) reset_within(batch, i);
}

/* The households in hand. */
struct chunk {
  size_t first, count;
  const uint8_t *active; /* of the whole batch, or NULL */
};

static bool is_living(const struct chunk *chunk, size_t j) {
  return chunk->active == NULL || chunk->active[chunk->first + j] != 0;
}

/* Draws for the month to come, one for each household of the chunk: number `month` less
 * `lag` of its stream. Four come from one block of random numbers, which is made once in
 * four months and kept in `kept`. */
static void draw(const struct hrlp_household *batch, const struct chunk *chunk,
                 enum hrlp_random_domain domain, uint32_t lag, double *kept,
                 double drawn[CHUNK]) {
  size_t wanting[CHUNK];
  uint64_t episodes[CHUNK];
  uint32_t steps[CHUNK];
  double blocks[4 * CHUNK];
  size_t count = 0;
  for (size_t j = 0; j < chunk->count; j++) {
    size_t i = chunk->first + j;
    uint32_t number = (uint32_t)batch->month[i] + 1 - lag;
    if (number % 4 != 0 || !is_living(chunk, j)) continue;
    wanting[count] = i;
    episodes[count] = batch->episode[i];
    steps[count++] = number / 4;
  }
  if (count > 0)
    hrlp_random_normal_blocks(batch->seed, domain, episodes, steps, count, blocks);
  for (size_t j = 0; j < count; j++)
    memcpy(kept + 4 * wanting[j], blocks + 4 * j, 4 * sizeof(double));
  for (size_t j = 0; j < chunk->count; j++) {
    size_t i = chunk->first + j;
    drawn[j] = kept[4 * i + ((uint32_t)batch->month[i] + 1 - lag) % 4];
  }
}

/* The portfolio's return in the month to come; never below -100 %. */
static void draw_returns(const struct hrlp_household *batch, const struct chunk *chunk,
                         double yields[CHUNK]) {
  const struct hrlp_budget_config *environment = &batch->environment;
  bool stochastic = environment->investment_return_type == HRLP_RETURN_STOCHASTIC;
  double mean = environment->investment_return_type == HRLP_RETURN_NONE
                    ? 0.0
                    : environment->investment_return_mean;
  double deviation = stochastic ? environment->investment_return_std : 0.0;
  if (stochastic)
    draw(batch, chunk, HRLP_RANDOM_RETURNS, 1, batch->yield_noise, yields);
  else
    memset(yields, 0, chunk->count * sizeof *yields);
  for (size_t j = 0; j < chunk->count; j++) {
    double yield = mean + deviation * yields[j];
    yields[j] = yield > -1.0 ? yield : -1.0;
  }
}

/* Lives the month: households [first, first + count), all of them living. */
HRLP_CLONES static void live(const struct hrlp_household *batch, size_t first,
                             size_t count, const double *z, const double *yields,
                             const double *invest, const struct hrlp_month *month) {
  const struct hrlp_budget_config environment = batch->environment;
  const struct hrlp_budget_weights weights = batch->reward;
  const double growth = batch->growth;
  double *cash = batch->cash + first;
  double *portfolio = batch->portfolio + first;
  double *fixed = batch->fixed + first;
  double *variable = batch->variable + first;
  double *price = batch->price + first;
  double *total = batch->invested + first;
  double *reward = month->reward + first;
  double *wealth_change = month->wealth_change + first;
  HRLP_INDEPENDENT
  for (size_t i = 0; i < count; i++) {
    double wealth = cash[i] + portfolio[i];
    price[i] *= growth;
    fixed[i] *= growth;
    variable[i] = expense(&environment, z[i]) * price[i];
    double expenses = fixed[i] + variable[i];
    double invested = invest[i] * environment.income;
    /* what is invested now earns from the next month on */
    portfolio[i] += portfolio[i] * yields[i] + invested;
    total[i] += invested;
    cash[i] = cash[i] + environment.income - expenses - invested;
    reward[i] =
        hrlp_household_reward(&environment, &weights, invested, cash[i], expenses);
    wealth_change[i] = cash[i] + portfolio[i] - wealth;
  }
}

static void step_chunk(struct hrlp_household *batch, const struct chunk *chunk,
                       const double *invest, struct hrlp_month *month) {
  double z[CHUNK];
  double yields[CHUNK];
  draw(batch, chunk, HRLP_RANDOM_EXPENSES, 0, batch->noise, z);
  draw_returns(batch, chunk, yields);
  for (size_t j = 0; j < chunk->count;) { /* from one run of the living to the next */
    size_t run = j;
    while (run < chunk->count && is_living(chunk, run)) run++;
    size_t first = chunk->first + j;
    size_t end = chunk->first + run;
    if (run > j) live(batch, first, run - j, z + j, yields + j, invest + first, month);
    for (size_t i = first; i < end; i++) {
      int32_t now = ++batch->month[i];
      bool insolvent = batch->cash[i] < 0.0;
      month->insolvent[i] = insolvent;
      month->finished[i] = insolvent || now >= batch->environment.max_months;
    }
    for (j = run; j < chunk->count && !is_living(chunk, j);) j++;
  }
}

void hrlp_household_step(struct hrlp_household *batch, size_t first, size_t count,
                         const uint8_t *active, const double *invest,
                         struct hrlp_month *month) {
  for (size_t done = 0; done < count; done += CHUNK) {
    struct chunk chunk = {first + done, count - done < CHUNK ? count - done : CHUNK,
                          active};
    step_chunk(batch, &chunk, invest, month);
  }
}

void hrlp_household_tell(const struct hrlp_household *batch, size_t i,
                         hrl_trajectory_month *month) {
  month->month = (uint64_t)batch->month[i];
  month->fixed = batch->fixed[i];
  month->variable = batch->variable[i];
  month->cash = batch->cash[i];
  month->portfolio = batch->portfolio[i];
  month->income = batch->environment.income;
  month->job = 1;
  month->consumption = batch->fixed[i] + batch->variable[i];
  month->share = month->allocation.invest;
  month->invested = batch->invested[i];
}
