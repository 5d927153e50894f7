#include "environments/custom/check_judge.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "environments/custom/play.h"
#include "environments/custom/task.h"
#include "scenario/content.h"

/* Networks see numbers of the order of 1: these are the ends of what they bear. */
#define OBSERVATION_MOST 100.0
#define OBSERVATION_LEAST 1e-3

/* Single precision, and sums over an episode. */
#define REWARD_MOST 1e6
#define REWARD_LEAST 1e-6

/* How many times the usual reward one may be, and what is weighed against rewards. */
#define REWARD_RATIO 1000.0
#define DEPARTURE_RATIO 100.0

/* ---- scales ---- */

static void judge_observations(const hrl_task *task, const struct hrlp_check_trace *trace,
                               struct hrlp_findings *findings) {
  double rows = (double)trace->observed;
  for (size_t j = 0; j < task->observations; j++) {
    double most = fmax(fabs(trace->low[j]), fabs(trace->high[j]));
    double mean = trace->sum[j] / rows;
    double deviation = sqrt(fmax(trace->square[j] / rows - mean * mean, 0.0));
    if (most > OBSERVATION_MOST)
      hrlp_finding(findings, HRLP_FINDING_SCALE, HRLP_OF_OBSERVE,
                   "observation %zu lies within %g and %g; divide it so that it is of "
                   "the order of 1",
                   j, trace->low[j], trace->high[j]);
    else if (trace->low[j] < trace->high[j] &&
             deviation < OBSERVATION_LEAST * fmax(1.0, most))
      hrlp_finding(findings, HRLP_FINDING_SCALE, HRLP_OF_OBSERVE,
                   "observation %zu lies within %g and %g, a range too small for agents "
                   "to distinguish; scale it to the order of 1",
                   j, trace->low[j], trace->high[j]);
  }
}

static int compare(const void *a, const void *b) {
  const double *x = a;
  const double *y = b;
  return (*x > *y) - (*x < *y);
}

/* The sizes of what was played of `values`, without zeros, sorted; NULL where memory is
 * short. */
static double *collect_sizes(const struct hrlp_check_trace *trace, const double *values,
                             size_t *count) {
  double *sizes = hrlp_alloc(trace->count * trace->steps, sizeof *sizes);
  *count = 0;
  if (sizes == NULL) return NULL;
  for (size_t i = 0; i < trace->count; i++)
    for (size_t t = 0; t < trace->lengths[i]; t++) {
      double size = fabs(values[i * trace->steps + t]);
      if (size > 0.0) sizes[(*count)++] = size;
    }
  qsort(sizes, *count, sizeof *sizes, compare);
  return sizes;
}

/* Mean size of what was played of `values`, or with `change` of their change from step to
 * step. */
static double mean_size(const struct hrlp_check_trace *trace, const double *values,
                        bool change) {
  double sum = 0.0;
  double count = 0.0;
  for (size_t i = 0; i < trace->count; i++)
    for (size_t t = change ? 1 : 0; t < trace->lengths[i]; t++) {
      const double *value = &values[i * trace->steps + t];
      sum += fabs(change ? value[0] - value[-1] : value[0]);
      count += 1.0;
    }
  return count > 0.0 ? sum / count : 0.0;
}

static void judge_rewards(const struct hrlp_check_trace *trace,
                          struct hrlp_findings *findings) {
  size_t count = 0;
  double *sizes = collect_sizes(trace, trace->rewards, &count);
  if (sizes == NULL) return;
  double most = count > 0 ? sizes[count - 1] : 0.0;
  double usual = count > 0 ? sizes[count / 2] : 0.0;
  if (count == 0)
    hrlp_finding(findings, HRLP_FINDING_SCALE, HRLP_OF_STEP,
                 "every reward is 0: there is nothing to learn");
  else if (most > REWARD_MOST || most < REWARD_LEAST)
    hrlp_finding(findings, HRLP_FINDING_SCALE, HRLP_OF_STEP,
                 "rewards are as large as %g; scale them to between %g and %g", most,
                 REWARD_LEAST, REWARD_MOST);
  else if (most > REWARD_RATIO * usual)
    hrlp_finding(findings, HRLP_FINDING_SCALE, HRLP_OF_STEP,
                 "one reward has the size %g, most others that are not 0 are below %g: "
                 "agents will only learn to seek or to avoid it; make it smaller",
                 most, 2.0 * usual);
  hrlp_free(sizes);
}

void hrlp_check_scales(const hrl_task *task, const struct hrlp_check_trace *trace,
                       struct hrlp_findings *findings) {
  judge_observations(task, trace, findings);
  judge_rewards(trace, findings);
  double reward = mean_size(trace, trace->rewards, false);
  double departure = mean_size(trace, trace->departures, false);
  double change = mean_size(trace, trace->potentials, true);
  if (reward > 0.0 && departure > DEPARTURE_RATIO * reward)
    hrlp_finding(findings, HRLP_FINDING_SCALE, HRLP_OF_ALL,
                 "departures are %g on average and rewards %g: the executor would only "
                 "follow its goals; scale departures to units of reward",
                 departure, reward);
  if (reward > 0.0 && change > REWARD_RATIO * reward)
    hrlp_finding(findings, HRLP_FINDING_SCALE, HRLP_OF_POTENTIAL,
                 "changes by %g per step on average, but rewards are %g: it must "
                 "estimate the sum of future rewards",
                 change, reward);
}

/* ---- ends ---- */

static uint8_t last_end(const struct hrlp_check_trace *trace, size_t i) {
  return trace->ends[i * trace->steps + trace->lengths[i] - 1];
}

/* Steps that are watched to see whether a state has come to rest. */
#define REST_STEPS 4

/* Whether episode i, which `trace` has cut off, does nothing from there on. */
static bool is_at_rest(const struct hrlp_check_trace *trace,
                       const struct hrlp_check_trace *onward, size_t i) {
  size_t last = trace->lengths[i] - 1;
  if (onward->lengths[i] < last + 1 + REST_STEPS) return false;
  for (size_t t = last + 1; t < onward->lengths[i]; t++) {
    size_t at = i * onward->steps + t;
    if (onward->states[at] != onward->states[at - 1] ||
        onward->ends[at] == HRL_TASK_GOES_ON)
      return false;
  }
  return true;
}

void hrlp_check_ends(const hrl_task *task, const struct hrlp_check_trace *trace,
                     const struct hrlp_check_trace *onward,
                     struct hrlp_findings *findings) {
  size_t at_limit = 0;
  for (size_t i = 0; i < trace->count; i++) {
    bool is_limit = trace->lengths[i] == trace->steps;
    at_limit += is_limit && last_end(trace, i) == HRL_TASK_TERMINATED ? 1 : 0;
    if (is_limit || last_end(trace, i) != HRL_TASK_TRUNCATED ||
        !is_at_rest(trace, onward, i))
      continue;
    hrlp_finding(findings, HRLP_FINDING_END, HRLP_OF_STEP,
                 "says HRL_TASK_TRUNCATED after %zu step(s) in a state that no action "
                 "changes any more: that is an end, HRL_TASK_TERMINATED",
                 trace->lengths[i]);
  }
  if (at_limit == trace->count && trace->steps > 1 &&
      !hrlp_check_trace_tells_time(trace, task->observations))
    hrlp_finding(findings, HRLP_FINDING_END, HRLP_OF_STEP,
                 "says HRL_TASK_TERMINATED after step %zu of every episode and never "
                 "before, but no observation tells the time: where that is only where an "
                 "episode is cut off, leave it at HRL_TASK_GOES_ON; where it is the end "
                 "of the task, observe the time left",
                 trace->steps);
}

/* ---- yardsticks ---- */

/* Rules that are tried, evenly over all. */
#define RULES_TRIED 32

/* Episodes at least: the standard error of fewer says little. */
#define YARDSTICK_EPISODES 64

/* Standard errors by which chance is told from a fault. */
#define ERRORS 4.0

struct yardsticks {
  struct hrlp_task *task;
  const hrl_task *own;
  size_t count;
  uint64_t seed;
  void *memory;
  struct hrlp_episode *episodes; /* [count] */
  double *best;                  /* [count] returns of the optimum */
};

static hrl_status play(const struct yardsticks *yardsticks, const struct hrlp_plan *plan,
                       hrl_error *error) {
  hrl_error problem = HRL_ERROR_INIT;
  hrlp_custom_plan_play(yardsticks->task, plan,
                        &(struct hrlp_plan_request){.seed = yardsticks->seed,
                                                    .count = yardsticks->count,
                                                    .memory = yardsticks->memory,
                                                    .episodes = yardsticks->episodes,
                                                    .error = &problem});
  if (problem.status != HRL_OK && error->status == HRL_OK) *error = problem;
  return problem.status;
}

/* The mean of what episodes came to, less `base` of each, and its standard error. */
static double mean_return(const struct yardsticks *yardsticks, const double *base,
                          double *standard_error) {
  double mean = 0.0;
  double squares = 0.0;
  for (size_t i = 0; i < yardsticks->count; i++) {
    double value =
        yardsticks->episodes[i].strategic_return - (base == NULL ? 0.0 : base[i]);
    double difference = value - mean;
    mean += difference / (double)(i + 1);
    squares += difference * (value - mean);
  }
  double count = (double)yardsticks->count;
  *standard_error = sqrt(squares / (count - 1.0) / count);
  return mean;
}

static hrl_status judge_optimum(const struct yardsticks *yardsticks,
                                struct hrlp_findings *findings, hrl_error *error) {
  struct hrlp_plan plan;
  double said = NAN;
  double deviation = 0.0;
  hrl_status status = hrlp_custom_solve(yardsticks->task, &plan, &said, error);
  if (status == HRL_OK) status = play(yardsticks, &plan, error);
  if (status != HRL_OK) return status;
  double found = mean_return(yardsticks, NULL, &deviation);
  for (size_t i = 0; i < yardsticks->count; i++)
    yardsticks->best[i] = yardsticks->episodes[i].strategic_return;
  if (yardsticks->own->optimum_return != NULL &&
      !(fabs(found - said) <= ERRORS * deviation + 1e-6 * (1.0 + fabs(said))))
    hrlp_finding(findings, HRLP_FINDING_YARDSTICK, HRLP_OF_OPTIMUM,
                 "optimum_return is %g, but playing the optimum gave %g +- %g", said,
                 found, deviation);
  return HRL_OK;
}

static hrl_status judge_rules(const struct yardsticks *yardsticks,
                              struct hrlp_findings *findings, hrl_error *error) {
  size_t rules = yardsticks->own->rules;
  size_t tried = rules < RULES_TRIED ? rules : RULES_TRIED;
  hrl_status status = HRL_OK;
  for (size_t k = 0; k < tried && status == HRL_OK; k++) {
    struct hrlp_plan plan;
    double deviation = 0.0;
    size_t number = k * rules / tried;
    hrlp_custom_rule(yardsticks->task, number, &plan);
    status = play(yardsticks, &plan, error);
    if (status != HRL_OK || yardsticks->own->optimum == NULL) continue;
    double better = mean_return(yardsticks, yardsticks->best, &deviation);
    if (better > ERRORS * deviation + 1e-6)
      hrlp_finding(findings, HRLP_FINDING_YARDSTICK, HRLP_OF_RULE,
                   "rule %zu earns %g +- %g more than the optimum", number, better,
                   deviation);
  }
  return status;
}

/* What a rule or the optimum did wrong is a finding, no failure. */
static hrl_status tell_failure(hrl_status status, const hrl_error *problem,
                               struct hrlp_findings *findings, hrl_error *error) {
  if (status == HRL_ERROR_TASK) {
    hrlp_finding(findings, HRLP_FINDING_FAILED, HRLP_OF_ALL, "%s", problem->message);
    return HRL_OK;
  }
  if (status != HRL_OK && error != NULL && error->status == HRL_OK) *error = *problem;
  return status;
}

hrl_status hrlp_check_yardsticks(struct hrlp_definition *definition, size_t episodes,
                                 uint64_t seed, struct hrlp_findings *findings,
                                 hrl_error *error) {
  struct hrl_scenario scenario = {.model = HRLP_MODEL_TASK, .definition = definition};
  if (episodes < YARDSTICK_EPISODES) episodes = YARDSTICK_EPISODES;
  struct yardsticks yardsticks = {
      .own = hrlp_definition_task(definition), .count = episodes, .seed = seed};
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status = hrlp_custom.create(&scenario, &yardsticks.task, &problem);
  if (status == HRL_OK) {
    yardsticks.memory = hrlp_alloc(1, hrlp_custom_plan_size(yardsticks.task, episodes));
    yardsticks.episodes = hrlp_alloc(episodes, sizeof *yardsticks.episodes);
    yardsticks.best = hrlp_alloc(episodes, sizeof *yardsticks.best);
    if (yardsticks.memory == NULL || yardsticks.episodes == NULL ||
        yardsticks.best == NULL) {
      hrlp_fail_memory(&problem, "trying a task");
      status = HRL_ERROR_MEMORY;
    }
  }
  if (status == HRL_OK && yardsticks.own->optimum != NULL)
    status = judge_optimum(&yardsticks, findings, &problem);
  if (status == HRL_OK) status = judge_rules(&yardsticks, findings, &problem);
  hrlp_custom.destroy(yardsticks.task);
  hrlp_free(yardsticks.memory);
  hrlp_free(yardsticks.episodes);
  hrlp_free(yardsticks.best);
  return tell_failure(status, &problem, findings, error);
}
