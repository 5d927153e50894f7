/* agents/agents.h - the pair: strategist and executor, and the parameters they learn by.
 */
#ifndef HRLP_AGENTS_H
#define HRLP_AGENTS_H

#include "environments/models.h"
#include "rl/actor_critic.h"
#include "rl/return_scale.h"
#include "scenario/scenario.h"

/* Which agent decides. The other modes exist to measure the contribution of the
 * hierarchy. */
enum hrlp_mode {
  HRLP_HIERARCHY = 0,     /* strategist and executor */
  HRLP_EXECUTOR_ONLY = 1, /* the executor alone, with the textbook goal */
};

/* Parameters of learning. docs/algorithm.md gives the reason for each value. */
struct hrlp_agents_config {
  enum hrlp_mode mode;
  int64_t period;                 /* months between two goals */
  int64_t households;             /* episodes played for an update */
  size_t hidden_low, hidden_high; /* width of the hidden layers */
  double gamma_low;               /* executor's discount a month */
  double gamma_high;              /* strategist's discount a decision */
  double lambda_low, lambda_high; /* of advantage estimation */
  size_t epochs_low, epochs_high;
  size_t minibatch_low, minibatch_high;
  double rate_low, rate_high; /* learning rates at the start */
  double rate_end;            /* their share in the long run */
  double clip;
  double value_weight;
  double entropy_weight;
  double gradient_norm;
  double std_low, std_high; /* exploration at the start */
  double std_end;           /* its greatest share in the long run */
  double schedule;          /* episodes after which half of both falls is behind */
  double goal_weight;       /* what the executor pays for a deviation from its goal */
  double scale_decay;       /* of the running scale of returns */
  bool has_context; /* agents observe the household's constants, and rewards are scaled to
                       the household, to learn many at once */
};

struct hrlp_agents {
  struct hrlp_agents_config config;
  struct hrlp_task *task; /* owned; for a family, its middle household, with the longest
                             horizon */
  const struct hrl_scenario *family; /* borrowed: a household of it is drawn for each
                                        group of episodes; NULL: all play `task` */
  size_t context;                    /* features that follow an observation */
  struct hrlp_actor_critic strategist;
  struct hrlp_actor_critic executor;
  struct hrlp_return_scale strategist_scale;
  struct hrlp_return_scale executor_scale;
  uint64_t seed;
  uint64_t updates; /* made so far */
};

/* The parameters that a scenario's `training` section asks for. */
struct hrlp_agents_config hrlp_agents_configure(const struct hrlp_training *training);

/* Creates an untrained pair. The agents take ownership of `task`, also after a failure;
 * both are destroyed with hrlp_agents_destroy. */
hrl_status hrlp_agents_create(struct hrlp_agents *agents,
                              const struct hrlp_agents_config *config,
                              struct hrlp_task *task, uint64_t seed, hrl_error *error);

/* The same with the task that `scenario` describes; a family must live as long. */
hrl_status hrlp_agents_create_for(struct hrlp_agents *agents,
                                  const struct hrlp_agents_config *config,
                                  const hrl_scenario *scenario, uint64_t seed,
                                  hrl_error *error);
void hrlp_agents_destroy(struct hrlp_agents *agents);

#endif
