/* From the keys of a scenario to the parameters of learning, and what agents begin with.
 */
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/rollout.h"
#include "base/random.h"
#include "bologna.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A value for each key, unlike its sibling's and its default, and the parameter that must
 * get it. */
struct row {
  const char *key;
  double value;
  double found;
};

/* Every value is far from every other one's, so that none can stand for its sibling. */
static size_t list_rows(const struct hrlp_agents_config *c, struct row *rows) {
  const struct row all[] = {
      {"training.gamma_low", 0.91, c->gamma_low},
      {"training.gamma_high", 0.61, c->gamma_high},
      {"training.high_period", 7, (double)c->period},
      {"training.batch_size", 111, (double)c->minibatch_low},
      {"training.batch_size_high", 33, (double)c->minibatch_high},
      {"training.learning_rate_low", 0.0013, c->rate_low},
      {"training.learning_rate_high", 0.0047, c->rate_high},
      {"training.parallel_episodes", 5, (double)c->households},
      {"training.epochs_low", 3, (double)c->epochs_low},
      {"training.epochs_high", 9, (double)c->epochs_high},
      {"training.hidden_low", 12, (double)c->hidden_low},
      {"training.hidden_high", 20, (double)c->hidden_high},
      {"training.gae_lambda_low", 0.81, c->lambda_low},
      {"training.gae_lambda_high", 0.42, c->lambda_high},
      {"training.clip_range", 0.17, c->clip},
      {"training.value_weight", 0.73, c->value_weight},
      {"training.entropy_weight", 0.029, c->entropy_weight},
      {"training.max_gradient_norm", 0.37, c->gradient_norm},
      {"training.exploration_low", 0.15, c->std_low},
      {"training.exploration_high", 0.27, c->std_high},
      {"training.exploration_end", 0.33, c->std_end},
      {"training.learning_rate_end", 0.071, c->rate_end},
      {"training.schedule_episodes", 234, c->schedule},
      {"training.goal_weight", 0.053, c->goal_weight},
      {"training.strategist", 0, c->mode == HRLP_HIERARCHY ? 1 : 0},
  };
  memcpy(rows, all, sizeof all);
  return COUNT(all);
}

static bool is_listed(const struct row *rows, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(rows[i].key + strlen("training."), name) == 0) return true;
  return false;
}

START_TEST(every_training_key_reaches_its_parameter) {
  struct row rows[64];
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_agents_config config = {0};
  hrl_error error = HRL_ERROR_INIT;
  size_t count = list_rows(&config, rows);
  for (size_t i = 0; i < count; i++) {
    ck_assert_msg(
        hrl_scenario_set(&scenario, rows[i].key, rows[i].value, &error) == HRL_OK, "%s",
        error.message);
    for (size_t j = 0; j < i; j++)
      ck_assert_msg(rows[i].value != rows[j].value, "%s and %s have one value",
                    rows[i].key, rows[j].key);
  }
  config = hrlp_agents_configure(&scenario.training);
  list_rows(&config, rows);
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(rows[i].found == rows[i].value, "%s: %g arrives as %g", rows[i].key,
                  rows[i].value, rows[i].found);
  /* a new key needs a row; the number of episodes is the trainer's */
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    const hrl_scenario_key *key = hrl_scenario_key_at(i);
    if (strcmp(key->section, "training") != 0 || strcmp(key->name, "num_episodes") == 0 ||
        strcmp(key->name, "context") == 0) /* below */
      continue;
    ck_assert_msg(is_listed(rows, count, key->name), "no row for training.%s", key->name);
  }
  scenario.training.context = 1;
  ck_assert(hrlp_agents_configure(&scenario.training).has_context);
  scenario.training.context = 0;
  ck_assert(!hrlp_agents_configure(&scenario.training).has_context);
  /* the other value of the choice */
  scenario.training.strategist = 1;
  ck_assert_int_eq(hrlp_agents_configure(&scenario.training).mode, HRLP_HIERARCHY);
}
END_TEST

/* ---- what agents begin with ---- */

enum { SEED = 21, EPISODES = 3, MONTHS = 24, PERIOD = 6, DECISIONS = MONTHS / PERIOD };
/* Single precision. */
static const double weight_tolerance = 2e-5;

static struct hrlp_agents make_agents(size_t hidden_high) {
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_agents agents;
  const struct hrlp_agents_config config = {.mode = HRLP_HIERARCHY,
                                            .period = PERIOD,
                                            .households = EPISODES,
                                            .hidden_low = 12,
                                            .hidden_high = hidden_high,
                                            .std_low = 0.15,
                                            .std_high = 0.27,
                                            .std_end = 0.5,
                                            .goal_weight = 0.05};
  scenario.environment.max_months = MONTHS;
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, SEED, NULL) == HRL_OK);
  return agents;
}

/* All rows of W, or all columns where they are fewer, have the length `gain`. */
static void check_gain(const float *weights, size_t in, size_t out, double gain) {
  size_t lines = in <= out ? in : out;
  size_t line_step = in <= out ? out : 1;
  size_t step = in <= out ? 1 : out;
  for (size_t i = 0; i < lines; i++) {
    double square = 0.0;
    for (size_t k = 0; k < (in <= out ? out : in); k++) {
      double w = (double)weights[i * line_step + k * step];
      square += w * w;
    }
    ck_assert_double_eq_tol(sqrt(square), gain, weight_tolerance);
  }
}

static void check_network(const struct hrlp_mlp *mlp, const float *parameters,
                          size_t inputs, size_t hidden, size_t outputs,
                          double last_gain) {
  ck_assert_uint_eq(mlp->layers, 3);
  const size_t widths[] = {inputs, hidden, hidden, outputs};
  for (size_t k = 0; k < 3; k++) {
    ck_assert_uint_eq(mlp->widths[k], widths[k]);
    ck_assert_uint_eq(mlp->widths[k + 1], widths[k + 1]);
    check_gain(parameters, widths[k], widths[k + 1], k < 2 ? M_SQRT2 : last_gain);
    parameters += widths[k] * widths[k + 1];
    for (size_t j = 0; j < widths[k + 1]; j++) ck_assert(parameters[j] == 0.0f);
    parameters += widths[k + 1];
  }
}

/* docs/algorithm.md: orthogonal weights, small last layers, zero biases, and each agent's
 * own exploration. No network begins as another one does. */
START_TEST(agents_begin_as_documented) {
  struct hrlp_agents agents = make_agents(20);
  const struct hrlp_environment *environment = agents.task->environment;
  const struct hrlp_actor_critic *both[] = {&agents.executor, &agents.strategist};
  const size_t inputs[] = {environment->executor_observations,
                           environment->strategist_observations};
  const size_t outputs[] = {environment->executor_actions,
                            environment->strategist_actions};
  const size_t hidden[] = {12, 20};
  const double deviations[] = {0.15, 0.27};
  for (size_t a = 0; a < 2; a++) {
    const float *p = both[a]->parameters;
    check_network(&both[a]->actor, p, inputs[a], hidden[a], outputs[a], 0.01);
    check_network(&both[a]->critic, p + both[a]->critic_offset, inputs[a], hidden[a], 1,
                  0.1);
    ck_assert_uint_eq(both[a]->actions, outputs[a]);
    for (size_t j = 0; j < outputs[a]; j++)
      ck_assert_double_eq_tol((double)p[both[a]->log_std_offset + j], log(deviations[a]),
                              1e-6);
    ck_assert_mem_ne(p, p + both[a]->critic_offset, 8 * sizeof *p);
    for (size_t i = 0; i < both[a]->count; i++)
      ck_assert(both[a]->moment1[i] == 0.0f && both[a]->moment2[i] == 0.0f);
    ck_assert_uint_eq(both[a]->steps, 0);
  }
  ck_assert_mem_ne(agents.executor.parameters, agents.strategist.parameters,
                   8 * sizeof(float));
  ck_assert(agents.executor_scale.weight == 0.0 && agents.strategist_scale.weight == 0.0);
  hrlp_agents_destroy(&agents);
}
END_TEST

/* Where shapes are the same, numbers are not: the middle layers of all four networks. */
START_TEST(no_network_begins_as_another) {
  enum { HIDDEN = 12 };
  struct hrlp_agents agents = make_agents(HIDDEN);
  const struct hrlp_actor_critic *both[] = {&agents.executor, &agents.strategist};
  const float *layers[4];
  for (size_t a = 0; a < 2; a++) {
    const float *p = both[a]->parameters;
    size_t middle = (both[a]->observations + 1) * HIDDEN;
    layers[2 * a] = p + middle;
    layers[2 * a + 1] = p + both[a]->critic_offset + middle;
  }
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < i; j++) {
      double product = 0.0; /* of the first rows, of length sqrt(2) each */
      for (size_t k = 0; k < HIDDEN; k++)
        product += (double)layers[i][k] * (double)layers[j][k];
      ck_assert_double_lt(fabs(product), 1.9);
    }
  hrlp_agents_destroy(&agents);
}
END_TEST

/* One agent's trajectories. */
struct room {
  size_t lengths[EPISODES];
  float x[EPISODES * MONTHS * 32], offsets[EPISODES * MONTHS * 3];
  float taken[EPISODES * MONTHS * 3], log_p[EPISODES * MONTHS];
  float rewards[EPISODES * MONTHS];
};

static struct hrlp_trajectories open_room(struct room *room, size_t steps) {
  return (struct hrlp_trajectories){.steps = steps,
                                    .lengths = room->lengths,
                                    .observations = room->x,
                                    .offsets = room->offsets,
                                    .actions = room->taken,
                                    .log_probabilities = room->log_p,
                                    .rewards = room->rewards};
}

/* Each action is the policy's mean and its deviation times the normal number of that
 * agent, episode and step; its density is that of the same normal number. */
static void check_draws(const struct hrlp_trajectories *kept,
                        const struct hrlp_actor_critic *agent,
                        enum hrlp_random_domain domain, uint64_t first,
                        double deviation) {
  static float work[4096];
  ck_assert_uint_le(hrlp_mlp_workspace_size(&agent->actor, 1), COUNT(work));
  for (size_t i = 0; i < EPISODES; i++) {
    ck_assert_uint_gt(kept->lengths[i], 0);
    for (size_t t = 0; t < kept->lengths[i]; t++) {
      size_t at = i * kept->steps + t;
      double normals[4];
      double log_p = 0.0;
      const float *output =
          hrlp_mlp_forward(&agent->actor, agent->parameters,
                           kept->observations + at * agent->observations, 1, work);
      hrlp_random_normals(SEED + 1, domain, first + i, (uint32_t)t, normals);
      for (size_t j = 0; j < agent->actions; j++) {
        double mean = (double)kept->offsets[at * agent->actions + j] + (double)output[j];
        ck_assert_double_eq_tol((double)kept->actions[at * agent->actions + j],
                                mean + deviation * normals[j], 1e-5);
        log_p -= 0.5 * normals[j] * normals[j] + log(deviation) + 0.5 * log(2.0 * M_PI);
      }
      ck_assert_double_eq_tol((double)kept->log_probabilities[at], log_p, 1e-4);
    }
  }
}

START_TEST(exploration_is_drawn_as_documented) {
  static struct room rooms[2];
  struct hrlp_agents agents = make_agents(20);
  struct hrlp_rollout *rollout = NULL;
  struct hrlp_episode episodes[EPISODES];
  struct hrlp_rollout_buffer buffer = {open_room(&rooms[0], DECISIONS),
                                       open_room(&rooms[1], MONTHS)};
  /* two shards, so that an episode's number is not its row's */
  ck_assert(hrlp_rollout_create(&agents, EPISODES, 2, &rollout, NULL) == HRL_OK);
  hrlp_rollout_run(rollout,
                   &(struct hrlp_rollout_request){.agents = &agents,
                                                  .seed = SEED + 1,
                                                  .first_episode = 17,
                                                  .count = EPISODES,
                                                  .explore = true,
                                                  .buffer = &buffer,
                                                  .episodes = episodes},
                   NULL, NULL);
  check_draws(&buffer.strategist, &agents.strategist, HRLP_RANDOM_STRATEGIST, 17, 0.27);
  check_draws(&buffer.executor, &agents.executor, HRLP_RANDOM_EXECUTOR, 17, 0.15);
  hrlp_rollout_destroy(rollout);
  hrlp_agents_destroy(&agents);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("wiring keys");
  TCase *keys = tcase_create("keys");
  tcase_add_test(keys, every_training_key_reaches_its_parameter);
  suite_add_tcase(suite, keys);
  TCase *beginning = tcase_create("beginning");
  tcase_add_test(beginning, agents_begin_as_documented);
  tcase_add_test(beginning, no_network_begins_as_another);
  tcase_add_test(beginning, exploration_is_drawn_as_documented);
  suite_add_tcase(suite, beginning);
  return run_suite(suite);
}
