/* The same work that other trainers were measured on: flat PPO on a city's household with
 * 8 observations and 3 action outputs, separate actor and critic, 16 households times 120
 * months an update, 10 epochs, minibatches of 240, about 120,000 months. Built from the
 * library's own parts. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "household/household.h"
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
  uint64_t next_episode;
  size_t updates;
  struct hrlp_pool *pool;
  float *actor_work, *critic_work;
  /* of an update; sample of household i in month t: i * MONTHS + t */
  float *observations, *offsets, *actions, *log_probabilities, *values, *rewards,
      *advantages, *returns;
  uint8_t finished[SAMPLES];
};

static void observe(const struct flat *flat, float *x) {
  const struct hrlp_household *batch = &flat->batch;
  const struct hrlp_environment *e = &batch->environment;
  for (size_t i = 0; i < HOUSEHOLDS; i++, x += INPUTS) {
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

/* Draws actions for the households in month `t` and keeps the samples. */
static void act(struct flat *flat, size_t t, const float *observed, double *invest) {
  const struct hrlp_actor_critic *agent = &flat->agent;
  const float *log_std = agent->parameters + agent->log_std_offset;
  const float *means = hrlp_mlp_forward(&agent->actor, agent->parameters, observed,
                                        HOUSEHOLDS, flat->actor_work);
  const float *values =
      hrlp_mlp_forward(&agent->critic, agent->parameters + agent->critic_offset, observed,
                       HOUSEHOLDS, flat->critic_work);
  uint64_t index[HOUSEHOLDS];
  uint32_t step[HOUSEHOLDS];
  double normals[HOUSEHOLDS][4];
  for (size_t i = 0; i < HOUSEHOLDS; i++) {
    index[i] = flat->batch.episode[i];
    step[i] = (uint32_t)flat->batch.month[i];
  }
  hrlp_random_normal_blocks(1, HRLP_RANDOM_EXECUTOR, index, step, HOUSEHOLDS, normals[0]);
  for (size_t i = 0; i < HOUSEHOLDS; i++) {
    size_t at = i * MONTHS + t;
    float *action = flat->actions + at * OUTPUTS;
    for (size_t j = 0; j < OUTPUTS; j++)
      action[j] = means[i * OUTPUTS + j] + expf(log_std[j]) * (float)normals[i][j];
    memcpy(flat->observations + at * INPUTS, observed + i * INPUTS,
           INPUTS * sizeof(float));
    flat->log_probabilities[at] =
        hrlp_gaussian_log_probability(action, means + i * OUTPUTS, log_std, OUTPUTS);
    flat->values[at] = values[i];
    invest[i] = invest_of(action);
  }
}

static void play(struct flat *flat) {
  double rewards[HOUSEHOLDS];
  double changes[HOUSEHOLDS];
  double invest[HOUSEHOLDS];
  uint8_t insolvent[HOUSEHOLDS];
  uint8_t finished[HOUSEHOLDS];
  float observed[HOUSEHOLDS * INPUTS];
  struct hrlp_month month = {rewards, changes, insolvent, finished};
  for (size_t t = 0; t < MONTHS; t++) {
    observe(flat, observed);
    act(flat, t, observed, invest);
    hrlp_household_step(&flat->batch, 0, HOUSEHOLDS, NULL, invest, &month);
    for (size_t i = 0; i < HOUSEHOLDS; i++) {
      flat->rewards[i * MONTHS + t] = (float)(rewards[i] / 10.0);
      flat->finished[i * MONTHS + t] = finished[i];
      if (finished[i]) hrlp_household_reset(&flat->batch, i, flat->next_episode++);
    }
  }
}

/* Advantages, episode by episode; the last one of a household goes on in the next update.
 */
static void estimate(struct flat *flat) {
  float observed[HOUSEHOLDS * INPUTS];
  observe(flat, observed);
  const float *next = hrlp_mlp_forward(&flat->agent.critic,
                                       flat->agent.parameters + flat->agent.critic_offset,
                                       observed, HOUSEHOLDS, flat->critic_work);
  for (size_t i = 0; i < HOUSEHOLDS; i++) {
    size_t end = (i + 1) * MONTHS;
    for (size_t first = i * MONTHS; first < end;) {
      size_t last = first;
      while (last + 1 < end && !flat->finished[last]) last++;
      hrlp_gae(flat->rewards + first, flat->values + first, last + 1 - first,
               flat->finished[last] ? 0.0f : next[i], gamma_month, lambda_gae,
               flat->advantages + first, flat->returns + first);
      first = last + 1;
    }
  }
  hrlp_standardize(flat->advantages, SAMPLES);
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
    play(flat);
    estimate(flat);
    must(hrlp_ppo_update(flat->ppo, &flat->agent, &config, &samples, 1, update,
                         flat->pool, &report, &error),
         &error);
  }
}

static void create(struct flat *flat, const struct bench *bench, size_t hidden,
                   enum hrlp_activation activation, size_t threads) {
  hrl_error error = HRL_ERROR_INIT;
  *flat = (struct flat){.next_episode = HOUSEHOLDS,
                        .updates = bench->brief ? 2 : UPDATES,
                        .pool = threads > 1 ? bench->all : NULL};
  must(hrlp_actor_critic_create(&flat->agent, INPUTS, OUTPUTS, hidden, activation, -0.5f,
                                1, 1, &error),
       &error);
  must(hrlp_ppo_create(&flat->agent, MINIBATCH, &flat->ppo, &error), &error);
  flat->batch_memory = must_alloc(1, hrlp_household_memory(HOUSEHOLDS));
  hrlp_household_attach(&flat->batch, flat->batch_memory, HOUSEHOLDS,
                        &bench->scenario->environment, &bench->scenario->reward, 1);
  for (size_t i = 0; i < HOUSEHOLDS; i++) hrlp_household_reset(&flat->batch, i, i);
  flat->actor_work =
      must_alloc(hrlp_mlp_workspace_size(&flat->agent.actor, HOUSEHOLDS), sizeof(float));
  flat->critic_work =
      must_alloc(hrlp_mlp_workspace_size(&flat->agent.critic, HOUSEHOLDS), sizeof(float));
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
  hrlp_free(flat->critic_work);
  hrlp_free(flat->actor_work);
  hrlp_free(flat->batch_memory);
  hrlp_ppo_destroy(flat->ppo);
  hrlp_actor_critic_destroy(&flat->agent);
}

/* Floating-point operations of a month, counted as for the other trainers: both networks
 * forward once to act, then EPOCHS times forward and a backward of twice that. */
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
