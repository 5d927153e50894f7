#include "evaluate/tally.h"

#include <math.h>
#include <string.h>

void hrlp_tally_add(struct hrlp_tally *tally, const struct hrlp_episode *episodes,
                    size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct hrlp_episode *episode = &episodes[i];
    tally->count++;
    double difference = episode->strategic_return - tally->return_mean;
    tally->return_mean += difference / (double)tally->count;
    tally->return_square += difference * (episode->strategic_return - tally->return_mean);
    tally->reward += episode->reward;
    tally->months += (double)episode->months;
    tally->solvent += episode->insolvent ? 0.0 : 1.0;
    tally->stability += episode->stability;
    tally->cash += episode->final_cash;
    tally->invested += episode->total_invested;
    tally->wealth += episode->wealth;
    tally->consumption += episode->consumption;
    tally->rescued += episode->rescued ? 1.0 : 0.0;
    tally->adherence += episode->goal_adherence;
  }
}

/* What the model `task` is of may know more. */
static void close_worth(const struct hrlp_tally *tally, const struct hrlp_task *task,
                        hrl_evaluation *filled) {
  double (*worth)(const struct hrlp_task *, double) =
      task == NULL ? NULL : task->environment->certainty_equivalent;
  if (worth == NULL) return;
  double mean = filled->strategic_return;
  double count = tally->count > 0 ? (double)tally->count : 1.0;
  filled->certainty_equivalent = worth(task, mean);
  filled->certainty_equivalent_stderr = fabs(
      worth(task, mean + filled->strategic_return_stderr) - filled->certainty_equivalent);
  filled->consumption = tally->consumption / count;
  filled->rescued = tally->rescued / count;
}

hrl_status hrlp_tally_close(const struct hrlp_tally *tally, const struct hrlp_task *task,
                            hrl_evaluation *result, hrl_error *error) {
  double count = tally->count > 0 ? (double)tally->count : 1.0;
  double variance = tally->count > 1 ? tally->return_square / (count - 1.0) : NAN;
  hrl_evaluation filled = {.size = result->size,
                           .episodes = tally->count,
                           .strategic_return = tally->return_mean,
                           .strategic_return_stderr = sqrt(variance / count),
                           .reward = tally->reward / count,
                           .months = tally->months / count,
                           .solvent = tally->solvent / count,
                           .stability = tally->stability / count,
                           .final_cash = tally->cash / count,
                           .invested = tally->invested / count,
                           .wealth = tally->wealth / count,
                           .goal_adherence = tally->adherence / count,
                           .certainty_equivalent = NAN,
                           .certainty_equivalent_stderr = NAN,
                           .consumption = NAN,
                           .rescued = NAN};
  close_worth(tally, task, &filled);
  if (!isfinite(filled.strategic_return) || !isfinite(filled.reward) ||
      !isfinite(filled.final_cash) || !isfinite(filled.invested) ||
      !isfinite(filled.wealth))
    return hrlp_fail(error, HRL_ERROR_NUMERIC,
                     "the evaluation gave a number that is not finite; the scenario's "
                     "amounts are too large or the model is damaged");
  memcpy(result, &filled, result->size < sizeof filled ? result->size : sizeof filled);
  return HRL_OK;
}

void hrlp_tally_difference(const double *first, const double *second, size_t count,
                           double *mean, double *standard_error) {
  double average = 0.0;
  double squares = 0.0; /* Welford */
  for (size_t i = 0; i < count; i++) {
    double value = second[i] - first[i];
    double step = value - average;
    average += step / (double)(i + 1);
    squares += step * (value - average);
  }
  *mean = count > 0 ? average : NAN;
  *standard_error = count > 1 ? sqrt(squares / (double)(count - 1) / (double)count) : NAN;
}
