/* The same work that other trainers were measured on: flat PPO on a city's household with
 * 8 observations and 3 action outputs, separate actor and critic, 16 households times 120
 * months an update, 10 epochs, minibatches of 240, about 120,000 months. Built from the
 * library's own parts. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "environments/budget/household.h"
#include "measure.h"
#include "nn/gaussian.h"
#include "rl/gae.h"
#include "rl/ppo.h"
#include "scenario/scenario.h"

enum {
  HOUSEHOLDS = 16,
  MONTHS = 120,
  SAMPLES = HOUSEHOLDS * MONTHS,
  INPUTS = 8,
  OUTPUTS = 3,
  EPOCHS = 10,
  MINIBATCH = 240,
  UPDATES = 63
};

static const float gamma_month = 0.99f;
static const float lambda_gae = 0.95f;

struct flat {
  struct hrlp_actor_critic agent;
  struct hrlp_ppo *ppo;
  struct hrlp_household batch;
  void *batch_memory;
  size_t updates;
  struct hrlp_pool *pool;
  size_t shards; /* of the households, as many as threads */
  float *work;   /* [shards] of work_size */
  size_t work_size;
  /* of an update; sample of household i in month t: i * MONTHS + t */
  float *observations, *offsets, *actions, *log_probabilities, *values, *rewards,
      *advantages, *returns;
  uint8_t finished[SAMPLES];
};

/* What households [first, first + count) see. */
static void observe(const struct flat *flat, size_t first, size_t count, float *x) {
  const struct hrlp_household *batch = &flat->batch;
  const struct hrlp_budget_config *e = &batch->environment;
  for (size_t i = first; i < first + count; i++, x += INPUTS) {
    x[0] = (float)(e->income / 10000.0);
    x[1] = (float)(batch->fixed[i] / e->income);
    x[2] = (float)(batch->variable[i] / e->income);
    x[3] = (float)(batch->cash[i] / (10.0 * e->income));
    x[4] = (float)e->inflation;
    x[5] = (float)e->risk_tolerance;
    x[6] = (float)(e->max_months - batch->month[i]) / (float)e->max_months;
    x[7] = (float)(batch->portfolio[i] / (100.0 * e->income));
  }
}

/* The share to invest by three logits. */
static double invest_of(const float *logits) {
  float most = fmaxf(logits[0], fmaxf(logits[1], logits[2]));
  float e[OUTPUTS];
  for (int j = 0; j < OUTPUTS; j++) e[j] = expf(logits[j] - most);
  return (double)(e[0] / (e[0] + e[1] + e[2]));
}

/* The policy's deviations, once for many actions. */
struct deviations {
  float precision[OUTPUTS], deviation[OUTPUTS];
};

/* Draws actions for households [first, first + count) in month `t` and keeps the samples.
 */
static void act(struct flat *flat, const struct deviations *deviations, size_t first,
                size_t count, size_t t, float *work, double *invest) {
  const struct hrlp_actor_critic *agent = &flat->agent;
  const float *log_std = agent->parameters + agent->log_std_offset;
  float observed[HOUSEHOLDS * INPUTS];
  uint32_t step[HOUSEHOLDS];
  double normals[HOUSEHOLDS][4];
  observe(flat, first, count, observed);
  const float *means =
      hrlp_mlp_forward(&agent->actor, agent->parameters, observed, count, work);
  for (size_t i = 0; i < count; i++) step[i] = (uint32_t)flat->batch.month[first + i];
  hrlp_random_normal_blocks(1, HRLP_RANDOM_EXECUTOR, flat->batch.episode + first, step,
                            count, normals[0]);
  for (size_t i = 0; i < count; i++) {
    size_t at = (first + i) * MONTHS + t;
    float *action = flat->actions + at * OUTPUTS;
    for (size_t j = 0; j < OUTPUTS; j++)
      action[j] =
          means[i * OUTPUTS + j] + deviations->deviation[j] * (float)normals[i][j];
    memcpy(flat->observations + at * INPUTS, observed + i * INPUTS,
           INPUTS * sizeof(float));
    flat->log_probabilities[at] = hrlp_gaussian_log_probability(
        action, means + i * OUTPUTS, log_std, deviations->precision, OUTPUTS);
    invest[first + i] = invest_of(action);
  }
}

/* A shard of the households through all months of an update. */
static void play(void *context, size_t shard) {
  struct flat *flat = context;
  const struct hrlp_actor_critic *agent = &flat->agent;
  const float *log_std = agent->parameters + agent->log_std_offset;
  size_t first = HOUSEHOLDS * shard / flat->shards;
  size_t count = HOUSEHOLDS * (shard + 1) / flat->shards - first;
  struct deviations deviations;
  double rewards[HOUSEHOLDS];
  double changes[HOUSEHOLDS];
  double invest[HOUSEHOLDS];
  uint8_t insolvent[HOUSEHOLDS];
  uint8_t finished[HOUSEHOLDS];
  struct hrlp_month month = {rewards, changes, insolvent, finished};
  for (size_t j = 0; j < OUTPUTS; j++) deviations.deviation[j] = expf(log_std[j]);
  hrlp_gaussian_precision(log_std, OUTPUTS, deviations.precision);
  for (size_t t = 0; t < MONTHS; t++) {
    act(flat, &deviations, first, count, t, flat->work + shard * flat->work_size, invest);
    hrlp_household_step(&flat->batch, first, count, NULL, invest, &month);
    for (size_t i = first; i < first + count; i++) {
      flat->rewards[i * MONTHS + t] = (float)(rewards[i] / 10.0);
      flat->finished[i * MONTHS + t] = finished[i];
      if (finished[i])
        hrlp_household_reset(&flat->batch, i, flat->batch.episode[i] + HOUSEHOLDS);
    }
  }
}

/* What the critic thinks of some observations. */
static void value(const struct flat *flat, const float *observations, size_t count,
                  float *work, float *values) {
  const struct hrlp_actor_critic *agent = &flat->agent;
  memcpy(values,
         hrlp_mlp_forward(&agent->critic, agent->parameters + agent->critic_offset,
                          observations, count, work),
         count * sizeof *values);
}

/* Values and advantages of a shard's households, episode by episode; the last one of a
 * household goes on in the next update. */
static void estimate(void *context, size_t shard) {
  struct flat *flat = context;
  float *work = flat->work + shard * flat->work_size;
  size_t begin = HOUSEHOLDS * shard / flat->shards;
  for (size_t i = begin; i < HOUSEHOLDS * (shard + 1) / flat->shards; i++) {
    float observed[INPUTS];
    float next;
    size_t end = (i + 1) * MONTHS;
    value(flat, flat->observations + i * MONTHS * INPUTS, MONTHS, work,
          flat->values + i * MONTHS);
    observe(flat, i, 1, observed);
    value(flat, observed, 1, work, &next);
    for (size_t first = i * MONTHS; first < end;) {
      size_t last = first;
      while (last + 1 < end && !flat->finished[last]) last++;
      hrlp_gae(flat->rewards + first, flat->values + first, last + 1 - first,
               flat->finished[last] ? 0.0f : next, gamma_month, lambda_gae,
               flat->advantages + first, flat->returns + first);
      first = last + 1;
    }
  }
}

static void train(void *context) {
  struct flat *flat = context;
  struct hrlp_ppo_config config = {.epochs = EPOCHS,
                                   .minibatch = MINIBATCH,
                                   .clip = 0.2f,
                                   .value_weight = 0.5f,
                                   .entropy_weight = 0.001f,
                                   .gradient_norm = 0.5f,
                                   .learning_rate = 3e-4f,
                                   .log_std_minimum = -5.0f,
                                   .log_std_maximum = 1.0f};
  struct hrlp_samples samples = {SAMPLES,       flat->observations,      flat->offsets,
                                 flat->actions, flat->log_probabilities, flat->advantages,
                                 flat->returns};
  hrl_error error = HRL_ERROR_INIT;
  struct hrlp_ppo_report report;
  for (size_t update = 0; update < flat->updates; update++) {
    hrlp_pool_run(flat->pool, play, flat, flat->shards);
    hrlp_pool_run(flat->pool, estimate, flat, flat->shards);
    hrlp_standardize(flat->advantages, SAMPLES);
    must(hrlp_ppo_update(flat->ppo, &flat->agent, &config, &samples, 1, update,
                         flat->pool, &report, &error),
         &error);
  }
}

static void create(struct flat *flat, const struct bench *bench, size_t hidden,
                   enum hrlp_activation activation, size_t threads) {
  hrl_error error = HRL_ERROR_INIT;
  *flat = (struct flat){.updates = bench->brief ? 2 : UPDATES,
                        .pool = threads > 1 ? bench->all : NULL,
                        .shards = threads < HOUSEHOLDS ? threads : HOUSEHOLDS};
  must(hrlp_actor_critic_create(&flat->agent, INPUTS, OUTPUTS, hidden, activation, -0.5f,
                                1, 1, &error),
       &error);
  must(hrlp_ppo_create(&flat->agent, MINIBATCH, &flat->ppo, &error), &error);
  flat->batch_memory = must_alloc(1, hrlp_household_memory(HOUSEHOLDS));
  hrlp_household_attach(&flat->batch, flat->batch_memory, HOUSEHOLDS,
                        &bench->scenario->environment, &bench->scenario->reward, 1);
  for (size_t i = 0; i < HOUSEHOLDS; i++) hrlp_household_reset(&flat->batch, i, i);
  flat->work_size =
      hrlp_padded_count(hrlp_mlp_workspace_size(&flat->agent.actor, MONTHS));
  flat->work = must_alloc(flat->shards * flat->work_size, sizeof(float));
  float *memory = must_alloc(SAMPLES * (INPUTS + 2 * OUTPUTS + 5), sizeof(float));
  flat->observations = memory;
  flat->offsets = memory + SAMPLES * INPUTS; /* 0: the actor's output is the mean */
  flat->actions = flat->offsets + SAMPLES * OUTPUTS;
  flat->log_probabilities = flat->actions + SAMPLES * OUTPUTS;
  flat->values = flat->log_probabilities + SAMPLES;
  flat->rewards = flat->values + SAMPLES;
  flat->advantages = flat->rewards + SAMPLES;
  flat->returns = flat->advantages + SAMPLES;
}

static void destroy(struct flat *flat) {
  hrlp_free(flat->observations);
  hrlp_free(flat->work);
  hrlp_free(flat->batch_memory);
  hrlp_ppo_destroy(flat->ppo);
  hrlp_actor_critic_destroy(&flat->agent);
}

/* Floating-point operations of a month, counted as for the other trainers: both networks
 * forward once to play, then EPOCHS times forward and a backward of twice that. */
static double flops_of_month(size_t hidden) {
  size_t h = hidden;
  size_t forward = 2 * (INPUTS * h + h * h + OUTPUTS * h) + 2 * (INPUTS * h + h * h + h);
  return (double)(forward * (1 + 3 * EPOCHS));
}

struct row {
  const char *name, *share, *ratio;
  size_t hidden;
  enum hrlp_activation activation;
};

/* One thread and all take turns: what others do to the machine meets both. The peak is
 * measured before and after each run of one thread, and the larger counts. */
static void bench_row(struct bench *bench, const struct row *row) {
  double elapsed[2][100];
  double ratios[100];
  double shares[100];
  size_t threads[] = {1, bench->threads};
  struct flat *flats = must_alloc(2, sizeof *flats);
  for (int all = 0; all < bench->kinds; all++)
    create(&flats[all], bench, row->hidden, row->activation, threads[all]);
  double months = (double)(flats[0].updates * SAMPLES);
  double flops = months * flops_of_month(row->hidden);
  for (int i = 0; i < bench->runs; i++)
    for (int all = 0; all < bench->kinds; all++) {
      double before = all ? 0.0 : peak_of_moment(bench);
      double begun = seconds();
      train(&flats[all]);
      elapsed[all][i] = seconds() - begun;
      ratios[i] = elapsed[0][i] / elapsed[all][i];
      if (all) continue;
      double after = peak_of_moment(bench);
      shares[i] = flops * 1e-9 / elapsed[0][i] / (before > after ? before : after);
    }
  for (int all = 0; all < bench->kinds; all++) {
    report_rate(bench, row->name, threads[all], summarize(elapsed[all], bench->runs),
                months, "months/s", flops);
    destroy(&flats[all]);
  }
  hrlp_free(flats);
  report_value(bench, row->share, 1, 100.0 * summarize(shares, bench->runs).median,
               "% of the peak");
  if (bench->kinds > 1 && bench->threads > 1)
    report_value(bench, row->ratio, bench->threads, summarize(ratios, bench->runs).median,
                 "times one thread");
}

void bench_flat(struct bench *bench) {
  static const struct row rows[] = {
      {"flat PPO, 64x64 tanh", "64x64: median share of the moment's peak",
       "64x64: median of the turns' ratios", 64, HRLP_TANH},
      {"flat PPO, 128x128 ReLU", "128x128: median share of the moment's peak",
       "128x128: median of the turns' ratios", 128, HRLP_RELU}};
  heading("The same work as other trainers: flat PPO, about 120,000 months");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) bench_row(bench, &rows[i]);
  report_value(bench, "peak memory up to here", 1, peak_memory(), "MiB");
}
