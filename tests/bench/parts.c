/* Parts on their own: the household, evaluation, the optimum, reading a scenario. */
#include <string.h>

#include "agents/agents.h"
#include "base/memory.h"
#include "evaluate/evaluate.h"
#include "environments/budget/optimum.h"
#include "environments/budget/features.h"
#include "environments/budget/household.h"
#include "measure.h"
#include "scenario/scenario.h"

/* ---- the household ---- */

enum { HOUSEHOLDS = 128 };

struct lives {
  struct hrlp_budget_config environment;
  struct hrlp_budget_weights reward;
  uint64_t rounds;
  size_t threads;
  struct hrlp_pool *pool;
};

/* Each shard lives rounds of HOUSEHOLDS episodes with "invest a tenth". */
static void live(void *context, size_t shard) {
  const struct lives *lives = context;
  double reward[HOUSEHOLDS];
  double change[HOUSEHOLDS];
  double invest[HOUSEHOLDS];
  uint8_t insolvent[HOUSEHOLDS];
  uint8_t finished[HOUSEHOLDS];
  struct hrlp_month month = {reward, change, insolvent, finished};
  void *memory = must_alloc(1, hrlp_household_memory(HOUSEHOLDS));
  struct hrlp_household batch;
  hrlp_household_attach(&batch, memory, HOUSEHOLDS, &lives->environment, &lives->reward,
                        3);
  for (size_t i = 0; i < HOUSEHOLDS; i++) invest[i] = 0.1;
  for (uint64_t round = 0; round < lives->rounds; round++) {
    for (size_t i = 0; i < HOUSEHOLDS; i++)
      hrlp_household_reset(&batch, i, (shard * lives->rounds + round) * HOUSEHOLDS + i);
    for (int64_t t = 0; t < lives->environment.max_months; t++)
      hrlp_household_step(&batch, 0, HOUSEHOLDS, NULL, invest, &month);
  }
  hrlp_free(memory);
}

static void run_lives(void *context) {
  struct lives *lives = context;
  hrlp_pool_run(lives->pool, live, lives, lives->threads);
}

static void bench_household(struct bench *bench) {
  heading("The household alone");
  for (int returns = 0; returns < 2; returns++)
    for (int all = 0; all < bench->kinds; all++) {
      struct lives lives = {.environment = bench->scenario->environment,
                            .reward = bench->scenario->reward,
                            .rounds = bench->brief ? 1 : 200,
                            .threads = all ? bench->threads : 1,
                            .pool = all ? bench->all : NULL};
      lives.environment.investment_return_type =
          returns ? HRLP_RETURN_STOCHASTIC : HRLP_RETURN_NONE;
      lives.environment.investment_return_std = 0.02;
      double months = (double)(lives.rounds * lives.threads * HOUSEHOLDS) *
                      (double)lives.environment.max_months;
      report_rate(bench, returns ? "household, stochastic returns" : "household",
                  lives.threads, time_runs(bench->runs, run_lives, &lives), months,
                  "months/s", 0.0);
    }
}

/* ---- evaluation ---- */

struct evaluation {
  struct hrlp_agents agents;
  uint64_t episodes;
  struct hrlp_pool *pool;
  hrl_evaluation result;
};

static void evaluate(void *context) {
  struct evaluation *evaluation = context;
  hrl_error error = HRL_ERROR_INIT;
  evaluation->result = (hrl_evaluation){.size = sizeof evaluation->result};
  must(hrlp_evaluate_agents(&evaluation->agents, evaluation->episodes, 1,
                            evaluation->pool, &evaluation->result, NULL, &error),
       &error);
}

static void bench_evaluation(struct bench *bench) {
  static const size_t widths[] = {64, 128};
  heading("Evaluation of a pair");
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
    for (int all = 0; all < bench->kinds; all++) {
      struct evaluation evaluation = {.episodes = bench->brief ? 16 : 2048,
                                      .pool = all ? bench->all : NULL};
      struct hrlp_agents_config config =
          hrlp_agents_configure(&bench->scenario->training);
      hrl_error error = HRL_ERROR_INIT;
      config.hidden_low = config.hidden_high = widths[i];
      must(hrlp_agents_create_for(&evaluation.agents, &config, bench->scenario, 1, &error),
           &error);
      struct timing timing = time_runs(bench->runs, evaluate, &evaluation);
      double months = evaluation.result.months * (double)evaluation.episodes;
      /* the strategist is asked once in `period` months */
      double h = (double)widths[i];
      double executor =
          2.0 * h * (h + HRLP_BUDGET_EXECUTOR_OBSERVATIONS + HRLP_BUDGET_EXECUTOR_ACTIONS);
      double strategist =
          2.0 * h * (h + HRLP_BUDGET_STRATEGIST_OBSERVATIONS + HRLP_BUDGET_STRATEGIST_ACTIONS);
      char name[80];
      snprintf(name, sizeof name, "evaluation, %zux%zu", widths[i], widths[i]);
      report_rate(bench, name, all ? bench->threads : 1, timing, months, "months/s",
                  months * (executor + strategist / (double)config.period));
      hrlp_agents_destroy(&evaluation.agents);
    }
}

/* ---- yardsticks ---- */

static void solve(void *context) {
  const struct bench *bench = context;
  struct hrlp_budget_optimum optimum;
  hrl_error error = HRL_ERROR_INIT;
  must(hrlp_budget_optimum_solve(&optimum, &bench->scenario->environment,
                          &bench->scenario->reward, &error),
       &error);
  hrlp_budget_optimum_destroy(&optimum);
}

static void best_share(void *context) {
  const struct bench *bench = context;
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation result = {.size = sizeof result};
  hrl_error error = HRL_ERROR_INIT;
  double share = 0.0;
  options.threads = 1;
  if (bench->brief) options.episodes = 10;
  must(hrl_evaluate_best_share(bench->scenario, &options, &share, &result, &error),
       &error);
}

static void parse(void *context) {
  const struct bench *bench = context;
  hrl_error error = HRL_ERROR_INIT;
  for (int i = 0; i < 100; i++) {
    hrl_scenario *scenario = NULL;
    must(hrl_scenario_load(hrl_scenario_source(bench->scenario), &scenario, &error),
         &error);
    hrl_scenario_destroy(scenario);
  }
}

void bench_parts(struct bench *bench) {
  bench_household(bench);
  bench_evaluation(bench);
  heading("Yardsticks and scenarios");
  report_span(bench, "the optimum", 1, time_runs(bench->runs, solve, bench));
  report_span(bench, "the best constant share, 101 x 4,000 episodes", 1,
              time_runs(bench->brief ? 1 : 3, best_share, bench));
  report_rate(bench, "scenario files read", 1, time_runs(bench->runs, parse, bench),
              100.0, "files/s", 0.0);
}
