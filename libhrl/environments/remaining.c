#include "environments/remaining.h"

#include <math.h>

hrl_status hrlp_remaining_check(const struct hrlp_task *task, const hrl_observation *now,
                                size_t index, hrl_error *error) {
  double horizon = (double)task->months;
  double left = now->months_remaining;
  if (left >= 1.0 && left <= horizon && left == floor(left)) return HRL_OK;
  return hrlp_fail(
      error, HRL_ERROR_ARGUMENT,
      "household %zu: months_remaining: found %g, expected a whole number of "
      "1 to %g (the scenario's max_months)",
      index, left, horizon);
}
