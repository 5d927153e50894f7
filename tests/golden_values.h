/* golden_values.h - figures and parameters of a run by name, and files of recorded ones:
 * lines "SCENARIO EPISODES NAME VALUE". */
#ifndef TEST_GOLDEN_VALUES_H
#define TEST_GOLDEN_VALUES_H

#include "trial.h"

#include <inttypes.h>
#include <math.h>

#include "math/gemm.h"
#include "rl/actor_critic.h"

#define GOLDEN_VALUES 160
struct golden_values {
  char names[GOLDEN_VALUES][48];
  double values[GOLDEN_VALUES];
  size_t count;
};

static inline void golden_add(struct golden_values *values, const char *part,
                              const char *name, double value) {
  ck_assert_uint_lt(values->count, GOLDEN_VALUES);
  snprintf(values->names[values->count], sizeof values->names[0], "%s.%s", part, name);
  values->values[values->count++] = value;
}

static inline void golden_add_progress(struct golden_values *values,
                                       const hrl_event *event) {
  const hrl_progress *progress = event->progress;
  char part[32];
  snprintf(part, sizeof part, "episode_%" PRIu64, event->episode);
  golden_add(values, part, "avg_reward", progress->avg_reward);
  golden_add(values, part, "avg_duration", progress->avg_duration);
  golden_add(values, part, "avg_cash", progress->avg_cash);
  golden_add(values, part, "avg_invested", progress->avg_invested);
  golden_add(values, part, "stability", progress->stability);
  golden_add(values, part, "goal_adherence", progress->goal_adherence);
}

static inline void golden_add_evaluation(struct golden_values *values, const char *part,
                                         const hrl_evaluation *evaluation) {
  golden_add(values, part, "strategic_return", evaluation->strategic_return);
  golden_add(values, part, "stderr", evaluation->strategic_return_stderr);
  golden_add(values, part, "reward", evaluation->reward);
  golden_add(values, part, "months", evaluation->months);
  golden_add(values, part, "solvent", evaluation->solvent);
  golden_add(values, part, "final_cash", evaluation->final_cash);
  golden_add(values, part, "wealth", evaluation->wealth);
  golden_add(values, part, "goal_adherence", evaluation->goal_adherence);
}

/* A part of an agent's parameters as two numbers that any change of them moves. */
static inline void golden_add_projections(struct golden_values *values, const char *part,
                                          const char *network, const float *parameters,
                                          size_t count) {
  double square = 0.0;
  double projection = 0.0;
  char name[32];
  for (size_t i = 0; i < count; i++) {
    square += (double)parameters[i] * (double)parameters[i];
    projection += (double)parameters[i] * cos(0.7 * (double)i);
  }
  snprintf(name, sizeof name, "%s_norm", network);
  golden_add(values, part, name, sqrt(square));
  snprintf(name, sizeof name, "%s_projection", network);
  golden_add(values, part, name, projection);
}

static inline void golden_add_agent(struct golden_values *values, const char *part,
                                    const struct hrlp_actor_critic *agent) {
  golden_add_projections(values, part, "actor", agent->parameters, agent->critic_offset);
  golden_add_projections(values, part, "critic", agent->parameters + agent->critic_offset,
                         agent->log_std_offset - agent->critic_offset);
  for (size_t j = 0; j < agent->actions; j++) {
    char name[32];
    snprintf(name, sizeof name, "log_std_%zu", j);
    golden_add(values, part, name, (double)agent->parameters[agent->log_std_offset + j]);
  }
}

/* Writes the values of a run; the first run of a file begins it anew. */
static inline void golden_record(const char *path, bool first, const char *scenario,
                                 uint64_t episodes, const struct golden_values *values) {
  FILE *file = fopen(path, first ? "w" : "a");
  ck_assert_ptr_nonnull(file);
  if (first) fprintf(file, "# Made by a test; only to be made anew on purpose.\n");
  for (size_t k = 0; k < values->count; k++)
    fprintf(file, "%s %" PRIu64 " %s %.9g\n", scenario, episodes, values->names[k],
            values->values[k]);
  ck_assert_int_eq(fclose(file), 0);
}

/* Whether this build has the recorded sums: GCC's, with the kernels for AVX2, which add in
 * the same order everywhere. Other kernels, and clang's other loops, round otherwise. */
static inline bool golden_has_same_sums(void) {
#ifdef __clang__
  return false;
#else
  return strstr(hrlp_gemm_name(), "AVX2") != NULL;
#endif
}

/* Compares with the lines of the file that belong to the run, in their order. */
static inline void golden_compare(const char *path, const char *scenario,
                                  uint64_t episodes, const struct golden_values *values,
                                  double tolerance) {
  FILE *file = fopen(path, "r");
  char line[256];
  size_t compared = 0;
  double farthest = 0.0;
  ck_assert_ptr_nonnull(file);
  while (fgets(line, sizeof line, file) != NULL) {
    char of[64];
    char name[64];
    uint64_t after;
    double expected;
    if (sscanf(line, "%63s %" SCNu64 " %63s %lf", of, &after, name, &expected) != 4 ||
        strcmp(of, scenario) != 0 || after != episodes)
      continue;
    ck_assert_uint_lt(compared, values->count);
    ck_assert_str_eq(name, values->names[compared]);
    double found = values->values[compared++];
    double distance = fabs(found - expected) / (1.0 + fabs(expected));
    if (!(distance <= farthest)) farthest = distance;
    ck_assert_msg(distance <= tolerance, "%s %" PRIu64 " %s: found %.17g, recorded %.17g",
                  of, after, name, found, expected);
  }
  fclose(file);
  ck_assert_uint_eq(compared, values->count);
  printf("%s %" PRIu64 ": within %.1e of what was recorded (%s)\n", scenario, episodes,
         farthest, hrlp_gemm_name());
}

#endif
