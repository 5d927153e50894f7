/* advise/advice.h - the contents of an answer: this month's advice, simulated futures,
 * comparison with the best rule. */
#ifndef CLI_ADVISE_ADVICE_H
#define CLI_ADVISE_ADVICE_H

#include <stdbool.h>

#include <hrl/evaluate.h>
#include <hrl/policy.h>

/* Percentiles of the futures that are told. */
enum advice_level { LEVEL_5, LEVEL_25, LEVEL_50, LEVEL_75, LEVEL_95, ADVICE_LEVELS };
extern const double advice_levels[ADVICE_LEVELS]; /* per cent */

/* Others who may play the same futures. */
enum advice_line { ADVICE_RULE, ADVICE_OPTIMUM, ADVICE_LINES };

/* Medians of a policy's futures, euro; NaN if there are none. */
struct advice_point {
  double wealth, consumption;
};

/* Percentiles of the futures after one month, euro. */
struct advice_month {
  uint64_t month;
  double share_left; /* of the futures that lived through it, 0..1 */
  double cash[ADVICE_LEVELS];
  double portfolio[ADVICE_LEVELS];
  double wealth[ADVICE_LEVELS];
  double consumption[ADVICE_LEVELS];       /* NaN where none lived through it */
  struct advice_point lines[ADVICE_LINES]; /* where they were asked for */
};

/* What somebody does with the coming month, euro. */
struct advice_decision {
  double consume, save, invest;
};

struct advice_request {
  const hrl_policy *policy;
  const hrl_scenario *scenario; /* the household as it stands (hrl_scenario_begin_at) */
  uint64_t futures;
  uint64_t seed;
  uint32_t threads;
  bool lines; /* the best rule and the optimum play the futures, too */
};

struct advice {
  bool is_lifecycle;
  hrl_advice now;
  char *outside; /* by what the household lies outside what the pair knows; "" */
  uint64_t futures;
  size_t count;
  bool has_lines;
  struct advice_month *months; /* [count] */
  hrl_rule rule;               /* the best simple one, picked on other futures */
  /* What the rule would do: shares of hrl_advice's `amount`, as there. In the model
   * `budget` expenses of last month's size are left for consumption. */
  struct advice_decision rule_now;
  hrl_evaluation policy;    /* of the pair, in the futures */
  hrl_evaluation best_rule; /* the same of the rule */
  /* Difference of the pair from the rule, on the same noise, with its standard error: in
   * certainty equivalents in the model `lifecycle`, otherwise in strategic return. */
  double lead, lead_stderr;
};

/* Asks and plays. Freed with advice_free, also after a failure. */
hrl_status advice_collect(struct advice *advice, const struct advice_request *request,
                          hrl_error *error);
void advice_free(struct advice *advice);

/* Has the best rule, which is known by then, and the optimum play them. */
hrl_status advice_draw_lines(struct advice *advice, const struct advice_request *request,
                             const hrl_evaluate_options *options, hrl_error *error);

/* The month of those told that is nearest to `month`. */
const struct advice_month *advice_month_at(const struct advice *advice, uint64_t month);

#endif
