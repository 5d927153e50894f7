/* household_batch.h - a batch of households for the tests of environments/budget/household.h. */
#ifndef TEST_HOUSEHOLD_BATCH_H
#define TEST_HOUSEHOLD_BATCH_H

#include <check.h>

#include "base/memory.h"
#include "environments/budget/household.h"

#define MOST 200

static const struct hrlp_budget_weights weights = {10, 0.1, 5, 20, 1, 0.5};

static double reward[MOST], wealth_change[MOST];
static uint8_t insolvent[MOST], finished[MOST];
static struct hrlp_month month = {reward, wealth_change, insolvent, finished};

static inline struct hrlp_household make(size_t count,
                                         const struct hrlp_budget_config *environment,
                                         uint64_t seed) {
  struct hrlp_household batch;
  ck_assert_uint_le(count, MOST);
  void *memory = hrlp_alloc(1, hrlp_household_memory(count));
  hrlp_household_attach(&batch, memory, count, environment, &weights, seed);
  for (size_t i = 0; i < count; i++) hrlp_household_reset(&batch, i, i);
  return batch;
}

/* The batch's arrays begin with cash, where its memory does. */
static inline void drop(struct hrlp_household *batch) { hrlp_free(batch->cash); }

static inline void live(struct hrlp_household *batch, double share) {
  hrlp_household_step(batch, 0, 1, NULL, &share, &month);
}

#endif
