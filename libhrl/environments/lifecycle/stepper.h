/* environments/lifecycle/stepper.h - N households, each month decided by whoever owns
 * them: the lifecycle household behind hrl/household.h. Nothing is allocated but in
 * `create`. */
#ifndef HRLP_LIFECYCLE_STEPPER_H
#define HRLP_LIFECYCLE_STEPPER_H

#include <hrl/household.h>

#include "environments/environment.h"
#include "environments/lifecycle/household.h"

/* Shares of cash on hand: invest, save, consume. */
#define HRLP_LIFECYCLE_SHARES 3

struct hrlp_lifecycle_stepper {
  struct hrlp_task *task;
  const struct hrlp_lifecycle_forecast *forecast; /* of the task */
  uint64_t seed;
  size_t count;             /* N */
  struct hrlp_life *lives;  /* [N] */
  struct hrlp_life **going; /* [N] those that live another month */
  double *wealth;           /* [N] cash and portfolio after the decision behind */
};

/* What a month did, [N] each. */
struct hrlp_lifecycle_step {
  double *reward, *wealth_change, *consumption;
  uint8_t *finished;
};

/* After a failure only `destroy` is left, which accepts zeros. */
hrl_status hrlp_lifecycle_stepper_create(struct hrlp_lifecycle_stepper *stepper,
                                         const hrl_scenario *scenario, size_t count,
                                         uint64_t seed, hrl_error *error);
void hrlp_lifecycle_stepper_destroy(struct hrlp_lifecycle_stepper *stepper);
void hrlp_lifecycle_stepper_begin(struct hrlp_lifecycle_stepper *stepper, size_t i,
                                  uint64_t episode);

/* Household i as a policy is asked about it, and as it is. */
void hrlp_lifecycle_stepper_observe(const struct hrlp_lifecycle_stepper *stepper,
                                    size_t i, bool ended, hrl_observation *observation);
void hrlp_lifecycle_stepper_observe_all(const struct hrlp_lifecycle_stepper *stepper,
                                        size_t i, bool ended,
                                        hrl_lifecycle_observation *observation);

/* Refuses shares [3] of household i that are not within 0..1 or do not add up to 1. */
hrl_status hrlp_lifecycle_stepper_check(const double *shares, size_t i, hrl_error *error);

/* One month by shares [N, 3] that were checked; no household is at its end. */
void hrlp_lifecycle_stepper_step(struct hrlp_lifecycle_stepper *stepper,
                                 const double *shares,
                                 const struct hrlp_lifecycle_step *month);

/* The constant real euro a month worth as much as a discounted sum of rewards. */
double hrlp_lifecycle_stepper_equivalent(const struct hrlp_lifecycle_stepper *stepper,
                                         double discounted);

#endif
