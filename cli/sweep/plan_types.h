/* sweep/plan_types.h - what a plan asks for: scenarios x settings x seeds. */
#ifndef CLI_SWEEP_PLAN_TYPES_H
#define CLI_SWEEP_PLAN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key of scenarios, and its value. */
struct assignment {
  char *key;
  double value;
};

/* What is changed in a scenario. */
struct setting {
  struct assignment *values;
  size_t count;
  char *label; /* "key=value key=value", "" where nothing is */
};

struct plan {
  char **scenarios;
  size_t scenario_count;
  uint64_t *seeds;
  size_t seed_count;
  struct setting *settings;
  size_t setting_count;
  uint64_t episodes; /* 0: each scenario's own */
  uint64_t save_interval;
  uint32_t eval_episodes;
  uint64_t *rungs; /* episodes after which the worse settings end, rising */
  size_t rung_count;
  double keep; /* share of the settings that goes on */
};

/* Most runs of a plan. */
#define PLAN_RUNS_MAX 100000

#endif
