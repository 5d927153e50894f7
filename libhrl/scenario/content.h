/* scenario/content.h - what a scenario holds. */
#ifndef HRLP_SCENARIO_CONTENT_H
#define HRLP_SCENARIO_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include <hrl/scenario.h>

#include "scenario/budget.h"
#include "scenario/lifecycle.h"

/* The `training` section. Every key has a default that works. docs/algorithm.md gives
 * each one's meaning and the reason for its default; keys_training.c has bounds and
 * texts. */
struct hrlp_training {
  int64_t num_episodes;
  double gamma_low;        /* executor's discount a month */
  double gamma_high;       /* strategist's discount a decision */
  int64_t high_period;     /* months between two goals */
  int64_t batch_size;      /* executor's minibatch, months */
  int64_t batch_size_high; /* strategist's minibatch, decisions */
  double learning_rate_low, learning_rate_high;
  int64_t parallel_episodes; /* played for one update */
  int64_t epochs_low, epochs_high;
  int64_t hidden_low, hidden_high; /* width of the hidden layers */
  double gae_lambda_low, gae_lambda_high;
  double clip_range;
  double value_weight, entropy_weight;
  double max_gradient_norm;
  double exploration_low, exploration_high; /* standard deviations at the start */
  double exploration_end;   /* the share of them that is left in the long run */
  double learning_rate_end; /* the same of the learning rates */
  double schedule_episodes; /* after which half of that fall is behind */
  double goal_weight;       /* price of a deviation from the goal */
  int64_t strategist;       /* 0: off, the executor has the textbook goal; 1: on */
  int64_t context;          /* 0: off; 1: the agents see what household it is */
};

/* Room for the name of a file, 256 bytes, each as %XX at worst. */
#define HRLP_RAW_NAME_SIZE 768

/* The models, by their place in the list of keys.c. */
enum hrlp_model_kind {
  HRLP_MODEL_BUDGET = 0,
  HRLP_MODEL_LIFECYCLE = 1,
  HRLP_MODEL_TASK = 2 /* a program's own, which no list of models names */
};

struct hrlp_family;
struct hrlp_definition;

struct hrl_scenario {
  char *name;     /* sanitised stem; names models and folders */
  char *raw_name; /* the stem itself, whose models must not be mixed with another's of the
                     same name */
  char *source;   /* path it was read from, or "" */
  char *description;      /* "" where the file has none */
  char *remarks;          /* on the file, a line each, or NULL */
  bool return_type_given; /* otherwise it follows from mean and deviation (complete.h) */
  struct hrlp_family *family; /* NULL: one household (family.h) */
  enum hrlp_model_kind model;
  struct hrlp_definition
      *definition; /* of the model `task`, otherwise NULL (definition.h) */
  /* of the model `budget` */
  struct hrlp_budget_config environment;
  struct hrlp_budget_weights reward;
  /* of the model `lifecycle` */
  struct hrlp_lifecycle_config lifecycle;
  struct hrlp_utility utility;
  /* of every model */
  struct hrlp_training training;
};

#endif
