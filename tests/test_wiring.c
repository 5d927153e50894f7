/* What joins the parts of learning: one update of a small pair, from a batch of episodes
 * to parameters, in plain loops of double precision beside the library's.
 * docs/algorithm.md has the formulas; nothing of rl/ but its random permutation is used
 * here. */
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/learner.h"
#include "base/memory.h"
#include "base/random.h"
#include "bologna.h"

#define EPISODES 4
#define MONTHS 24
#define PERIOD 6
#define DECISIONS (MONTHS / PERIOD)
#define MOST_SAMPLES (EPISODES * MONTHS)
#define MOST_PARAMETERS 2048
#define HIDDEN 8
#define MOST_NODES 5
#define SEED 11

/* Parameters after an update, relative to its learning rate: single precision beside
 * double. It was up to 1.1e-4; a wrong factor
 * anywhere moves some of them by a tenth of a rate and more. */
static const double step_tolerance = 2e-3;

static const struct hrlp_agents_config config = {.mode = HRLP_HIERARCHY,
                                                 .period = PERIOD,
                                                 .households = EPISODES,
                                                 .hidden_low = HIDDEN,
                                                 .hidden_high = HIDDEN,
                                                 .gamma_low = 0.9,
                                                 .gamma_high = 0.6,
                                                 .lambda_low = 0.8,
                                                 .lambda_high = 0.5,
                                                 .epochs_low = 3,
                                                 .epochs_high = 2,
                                                 .minibatch_low = 40,
                                                 .minibatch_high = 7,
                                                 .rate_low = 2e-3,
                                                 .rate_high = 5e-3,
                                                 .rate_end = 0.25,
                                                 .clip = 0.1,
                                                 .value_weight = 0.7,
                                                 .entropy_weight = 0.01,
                                                 .gradient_norm = 0.3,
                                                 .std_low = 0.2,
                                                 .std_high = 0.3,
                                                 .std_end = 0.5,
                                                 .schedule = 100,
                                                 .goal_weight = 0.05,
                                                 .scale_decay = 0.6};

/* ---- a batch of episodes, as an agent keeps it ---- */

struct samples {
  size_t count;
  size_t width, actions;
  float x[MOST_SAMPLES * 32];
  float offsets[MOST_SAMPLES * 3], taken[MOST_SAMPLES * 3];
  float log_p[MOST_SAMPLES], rewards[MOST_SAMPLES];
  size_t starts[EPISODES], lengths[EPISODES];
  size_t nodes; /* that each step could have led to, or 0 */
  float node_x[MOST_SAMPLES * MOST_NODES * 32], node_weights[MOST_SAMPLES * MOST_NODES];
};

/* Room for what a rollout leaves an agent. */
struct room {
  size_t lengths[EPISODES];
  float x[MOST_SAMPLES * 32], offsets[MOST_SAMPLES * 3], taken[MOST_SAMPLES * 3];
  float log_p[MOST_SAMPLES], rewards[MOST_SAMPLES];
  float node_x[MOST_SAMPLES * MOST_NODES * 32], node_weights[MOST_SAMPLES * MOST_NODES];
};

static struct hrlp_trajectories open_room(struct room *room, size_t steps, size_t nodes) {
  return (struct hrlp_trajectories){.steps = steps,
                                    .lengths = room->lengths,
                                    .observations = room->x,
                                    .offsets = room->offsets,
                                    .actions = room->taken,
                                    .log_probabilities = room->log_p,
                                    .rewards = room->rewards,
                                    .nodes = nodes,
                                    .node_observations = room->node_x,
                                    .node_weights = room->node_weights};
}

static void gather(const struct hrlp_trajectories *kept,
                   const struct hrlp_actor_critic *agent, struct samples *samples) {
  *samples = (struct samples){
      .width = agent->observations, .actions = agent->actions, .nodes = kept->nodes};
  for (size_t i = 0; i < EPISODES; i++) {
    samples->starts[i] = samples->count;
    samples->lengths[i] = kept->lengths[i];
    for (size_t t = 0; t < kept->lengths[i]; t++) {
      size_t from = i * kept->steps + t;
      size_t to = samples->count++;
      memcpy(samples->x + to * samples->width, kept->observations + from * samples->width,
             samples->width * sizeof(float));
      for (size_t j = 0; j < samples->actions; j++) {
        samples->offsets[to * samples->actions + j] =
            kept->offsets[from * samples->actions + j];
        samples->taken[to * samples->actions + j] =
            kept->actions[from * samples->actions + j];
      }
      samples->log_p[to] = kept->log_probabilities[from];
      samples->rewards[to] = kept->rewards[from];
      for (size_t k = 0; k < kept->nodes; k++) {
        size_t node = to * kept->nodes + k;
        samples->node_weights[node] = kept->node_weights[from * kept->nodes + k];
        memcpy(samples->node_x + node * samples->width,
               kept->node_observations + (from * kept->nodes + k) * samples->width,
               samples->width * sizeof(float));
      }
    }
  }
}

/* ---- an agent in double precision ---- */

struct plain {
  size_t count, critic,
      log_std; /* parameters; where the critic and the deviations begin */
  size_t actions;
  const struct hrlp_mlp *networks[2]; /* actor, critic */
  double p[MOST_PARAMETERS], m[MOST_PARAMETERS], v[MOST_PARAMETERS];
  double gradient[MOST_PARAMETERS];
  uint64_t steps;
};

static void copy_agent(struct plain *plain, const struct hrlp_actor_critic *agent) {
  *plain = (struct plain){.count = agent->count,
                          .critic = agent->critic_offset,
                          .log_std = agent->log_std_offset,
                          .actions = agent->actions,
                          .networks = {&agent->actor, &agent->critic},
                          .steps = agent->steps};
  ck_assert_uint_le(agent->count, MOST_PARAMETERS);
  for (size_t i = 0; i < agent->count; i++) {
    plain->p[i] = (double)agent->parameters[i];
    plain->m[i] = (double)agent->moment1[i];
    plain->v[i] = (double)agent->moment2[i];
  }
}

struct layers {
  double h[3][32]; /* inputs of each layer; the last network's outputs in `y` */
  double y[3];
};

/* tanh(tanh(x W + b) W + b) W + b; a weight is [in, out]. */
static void forward(const struct hrlp_mlp *mlp, const double *p, const float *x,
                    struct layers *layers) {
  for (size_t i = 0; i < mlp->widths[0]; i++) layers->h[0][i] = (double)x[i];
  for (size_t k = 0; k < 3; k++) {
    size_t in = mlp->widths[k];
    size_t out = mlp->widths[k + 1];
    for (size_t j = 0; j < out; j++) {
      double sum = p[in * out + j];
      for (size_t i = 0; i < in; i++) sum += layers->h[k][i] * p[i * out + j];
      if (k < 2)
        layers->h[k + 1][j] = tanh(sum);
      else
        layers->y[j] = sum;
    }
    p += in * out + out;
  }
}

/* Adds the gradient of sum_j d[j] y[j]. */
static void backward(const struct hrlp_mlp *mlp, const double *p, double *gradient,
                     const struct layers *layers, const double *d_outputs) {
  size_t offsets[3] = {0};
  for (size_t k = 1; k < 3; k++)
    offsets[k] = offsets[k - 1] + (mlp->widths[k - 1] + 1) * mlp->widths[k];
  double d[32];
  for (size_t j = 0; j < mlp->widths[3]; j++) d[j] = d_outputs[j];
  for (size_t k = 3; k-- > 0;) {
    size_t in = mlp->widths[k];
    size_t out = mlp->widths[k + 1];
    double below[32] = {0};
    for (size_t j = 0; j < out; j++) {
      gradient[offsets[k] + in * out + j] += d[j];
      for (size_t i = 0; i < in; i++) {
        gradient[offsets[k] + i * out + j] += d[j] * layers->h[k][i];
        below[i] += d[j] * p[offsets[k] + i * out + j];
      }
    }
    for (size_t i = 0; i < in && k > 0; i++)
      d[i] = below[i] * (1.0 - layers->h[k][i] * layers->h[k][i]);
  }
}

/* ---- learning, in the order of docs/algorithm.md ---- */

/* What one of the two agents learns by. */
struct parameters {
  double gamma, lambda, rate, std;
  size_t epochs, minibatch;
};

/* What follows sample `at`: the value of the next one of its episode, or expected over
 * what the step could have led to. */
static double next_value(const struct plain *plain, const struct samples *samples,
                         size_t at, bool last, const double *values, double unit) {
  double sum = 0.0;
  if (samples->nodes == 0) return last ? 0.0 : values[at + 1];
  for (size_t k = 0; k < samples->nodes; k++) {
    struct layers layers;
    size_t node = at * samples->nodes + k;
    forward(plain->networks[1], plain->p + plain->critic,
            samples->node_x + node * samples->width, &layers);
    sum += (double)samples->node_weights[node] * layers.y[0] * unit;
  }
  return sum;
}

static void estimate(const struct plain *plain, const struct samples *samples,
                     const struct parameters *with, struct hrlp_return_scale *scale,
                     double *advantages, double *returns) {
  double unit = scale->weight > 0.0 ? sqrt(scale->sum_squares / scale->weight) : 1.0;
  double values[MOST_SAMPLES];
  for (size_t i = 0; i < samples->count; i++) {
    struct layers layers;
    forward(plain->networks[1], plain->p + plain->critic, samples->x + i * samples->width,
            &layers);
    values[i] = layers.y[0] * unit;
  }
  for (size_t i = 0; i < EPISODES; i++) {
    for (size_t t = 0; t < samples->lengths[i]; t++) {
      /* the sum of temporal differences, term by term */
      size_t at = samples->starts[i] + t;
      double fade = 1.0;
      advantages[at] = 0.0;
      for (size_t s = t; s < samples->lengths[i]; s++) {
        size_t now = samples->starts[i] + s;
        double next =
            next_value(plain, samples, now, s + 1 == samples->lengths[i], values, unit);
        advantages[at] +=
            fade * ((double)samples->rewards[now] + with->gamma * next - values[now]);
        fade *= with->gamma * with->lambda;
      }
      returns[at] = advantages[at] + values[at];
    }
  }
  double squares = 0.0;
  double mean = 0.0;
  double variance = 0.0;
  double count = (double)samples->count;
  for (size_t i = 0; i < samples->count; i++) {
    squares += returns[i] * returns[i];
    mean += advantages[i] / count;
  }
  scale->weight = config.scale_decay * scale->weight + count;
  scale->sum_squares = config.scale_decay * scale->sum_squares + squares;
  unit = sqrt(scale->sum_squares / scale->weight);
  for (size_t i = 0; i < samples->count; i++)
    variance += (advantages[i] - mean) * (advantages[i] - mean) / count;
  for (size_t i = 0; i < samples->count; i++) {
    advantages[i] = (advantages[i] - mean) / sqrt(variance);
    returns[i] /= unit;
  }
}

/* Adds one sample's part of the loss' gradient. */
static void add_sample(struct plain *plain, const struct samples *samples, size_t i,
                       double advantage, double target, double share) {
  struct layers layers;
  const float *x = samples->x + i * samples->width;
  double z[3];
  double d[3];
  double log_p = 0.0;
  forward(plain->networks[0], plain->p, x, &layers);
  for (size_t j = 0; j < plain->actions; j++) {
    double log_std = plain->p[plain->log_std + j];
    double mean = (double)samples->offsets[i * plain->actions + j] + layers.y[j];
    z[j] = ((double)samples->taken[i * plain->actions + j] - mean) / exp(log_std);
    log_p -= 0.5 * z[j] * z[j] + log_std + 0.5 * log(2.0 * M_PI);
  }
  double ratio = exp(log_p - (double)samples->log_p[i]);
  double clipped = fmin(fmax(ratio, 1.0 - config.clip), 1.0 + config.clip);
  /* the gradient of -min(ratio A, clipped A) by log_p */
  double by_log_p = ratio * advantage <= clipped * advantage ? -ratio * advantage : 0.0;
  for (size_t j = 0; j < plain->actions; j++) {
    d[j] = share * by_log_p * z[j] / exp(plain->p[plain->log_std + j]);
    plain->gradient[plain->log_std + j] +=
        share * (by_log_p * (z[j] * z[j] - 1.0) - config.entropy_weight);
  }
  backward(plain->networks[0], plain->p, plain->gradient, &layers, d);
  forward(plain->networks[1], plain->p + plain->critic, x, &layers);
  d[0] = share * config.value_weight * (layers.y[0] - target);
  backward(plain->networks[1], plain->p + plain->critic, plain->gradient + plain->critic,
           &layers, d);
}

/* Clips by the norm of this part alone, and takes a step of Adam. */
static void step_part(struct plain *plain, size_t begin, size_t end, double rate) {
  double norm = 0.0;
  for (size_t i = begin; i < end; i++) norm += plain->gradient[i] * plain->gradient[i];
  norm = sqrt(norm);
  double scale = norm > config.gradient_norm ? config.gradient_norm / norm : 1.0;
  for (size_t i = begin; i < end; i++) {
    double g = plain->gradient[i] * scale;
    double steps = (double)plain->steps;
    plain->m[i] = 0.9 * plain->m[i] + 0.1 * g;
    plain->v[i] = 0.999 * plain->v[i] + 0.001 * g * g;
    plain->p[i] -= rate * plain->m[i] / (1.0 - pow(0.9, steps)) /
                   (sqrt(plain->v[i] / (1.0 - pow(0.999, steps))) + 1e-5);
  }
}

static void learn(struct plain *plain, const struct samples *samples,
                  const struct parameters *with, struct hrlp_return_scale *scale,
                  uint64_t episodes_before, uint64_t update) {
  static double advantages[MOST_SAMPLES];
  static double returns[MOST_SAMPLES];
  double progress = (double)episodes_before / ((double)episodes_before + config.schedule);
  double rate = with->rate * (1.0 - (1.0 - config.rate_end) * progress);
  double most = log(with->std * (1.0 - (1.0 - config.std_end) * progress));
  double least = log(with->std * config.std_end / 2.0);
  size_t minibatches = (samples->count + with->minibatch - 1) / with->minibatch;
  uint32_t order[MOST_SAMPLES];
  estimate(plain, samples, with, scale, advantages, returns);
  for (uint64_t epoch = 0; epoch < with->epochs; epoch++) {
    hrlp_random_permutation(SEED, update * 256 + epoch, order, (uint32_t)samples->count);
    for (size_t k = 0; k < minibatches; k++) {
      size_t begin = samples->count * k / minibatches;
      size_t end = samples->count * (k + 1) / minibatches;
      memset(plain->gradient, 0, sizeof plain->gradient);
      for (size_t n = begin; n < end; n++)
        add_sample(plain, samples, order[n], advantages[order[n]], returns[order[n]],
                   1.0 / (double)(end - begin));
      plain->steps++;
      step_part(plain, 0, plain->critic, rate);
      step_part(plain, plain->critic, plain->log_std, rate);
      step_part(plain, plain->log_std, plain->count, rate);
      for (size_t j = plain->log_std; j < plain->count; j++)
        plain->p[j] = fmin(fmax(plain->p[j], least), most);
    }
  }
}

static void compare(const struct plain *plain, const struct hrlp_actor_critic *agent,
                    double rate, const char *name, uint64_t update) {
  double farthest = 0.0;
  ck_assert_uint_eq(plain->steps, agent->steps);
  for (size_t i = 0; i < plain->count; i++)
    farthest = fmax(farthest, fabs(plain->p[i] - (double)agent->parameters[i]) / rate);
  printf("%s, update %llu: within %.1e of a learning rate\n", name,
         (unsigned long long)update, farthest);
  ck_assert_double_lt(farthest, step_tolerance);
}

static void compare_scale(const struct hrlp_return_scale *plain,
                          const struct hrlp_return_scale *found) {
  ck_assert_double_eq_tol(found->weight, plain->weight, 1e-9 * plain->weight);
  ck_assert_double_eq_tol(found->sum_squares, plain->sum_squares,
                          1e-4 * plain->sum_squares);
}

/* Below the bound that exploration never leaves. */
static float least_log_std(const struct parameters *with) {
  return (float)log(with->std * config.std_end / 2.0) - 0.3f;
}

/* Three updates, each compared from where the library's was before it: the second has a
 * scale of returns, moments of Adam and a schedule that has begun. */
START_TEST(updates_agree_with_plain_loops) {
  static struct room rooms[2];
  static struct samples high_samples, low_samples;
  static struct plain high, low;
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_agents agents;
  struct hrlp_learner *learner = NULL;
  struct hrlp_rollout *rollout = NULL;
  struct hrlp_episode episodes[EPISODES];
  const struct parameters low_with = {config.gamma_low,  config.lambda_low,
                                      config.rate_low,   config.std_low,
                                      config.epochs_low, config.minibatch_low};
  const struct parameters high_with = {config.gamma_high,  config.lambda_high,
                                       config.rate_high,   config.std_high,
                                       config.epochs_high, config.minibatch_high};
  const uint64_t before[] = {0, 40, 400};
  scenario.environment.max_months = MONTHS;
  /* some are ruined before their horizon, so that episodes differ in length */
  scenario.environment.initial_cash = 1500;
  scenario.environment.safety_threshold = 500;
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, SEED, NULL) == HRL_OK);
  ck_assert(hrlp_learner_create(&agents, &learner, NULL) == HRL_OK);
  ck_assert(hrlp_rollout_create(&agents, EPISODES, EPISODES, &rollout, NULL) == HRL_OK);
  for (uint64_t update = 0; update < 3; update++) {
    if (update == 2) { /* exploration that has fallen below its bound is lifted to it */
      agents.executor.parameters[agents.executor.log_std_offset] =
          least_log_std(&low_with);
      agents.strategist.parameters[agents.strategist.log_std_offset + 1] =
          least_log_std(&high_with);
    }
    struct hrlp_rollout_buffer buffer = {open_room(&rooms[0], DECISIONS, 0),
                                         open_room(&rooms[1], MONTHS, MOST_NODES)};
    struct hrlp_rollout_request request = {.agents = &agents,
                                           .seed = SEED,
                                           .first_episode = 1 + EPISODES * update,
                                           .count = EPISODES,
                                           .explore = true,
                                           .buffer = &buffer,
                                           .episodes = episodes};
    struct hrlp_update_report report;
    struct hrlp_return_scale high_scale = agents.strategist_scale;
    struct hrlp_return_scale low_scale = agents.executor_scale;
    hrlp_rollout_run(rollout, &request, NULL, NULL);
    gather(&buffer.strategist, &agents.strategist, &high_samples);
    gather(&buffer.executor, &agents.executor, &low_samples);
    copy_agent(&high, &agents.strategist);
    copy_agent(&low, &agents.executor);
    hrlp_learner_collect(learner, &agents, request.first_episode, EPISODES, episodes,
                         NULL, NULL);
    ck_assert(hrlp_learner_update(learner, &agents, before[update], NULL, &report,
                                  NULL) == HRL_OK);
    learn(&low, &low_samples, &low_with, &low_scale, before[update], update);
    learn(&high, &high_samples, &high_with, &high_scale, before[update], update);
    compare(&low, &agents.executor, config.rate_low, "executor", update);
    compare(&high, &agents.strategist, config.rate_high, "strategist", update);
    compare_scale(&low_scale, &agents.executor_scale);
    compare_scale(&high_scale, &agents.strategist_scale);
  }
  hrlp_rollout_destroy(rollout);
  hrlp_learner_destroy(learner);
  hrlp_agents_destroy(&agents);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("wiring");
  TCase *cases = tcase_create("update");
  tcase_set_timeout(cases, 120);
  tcase_add_test(cases, updates_agree_with_plain_loops);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
