/* storage/history.h - the course of a run: one entry an episode, one an update.
 *
 * Entries are kept as the text that they will be saved as, so that saving costs time for
 * what is new. Memory is bounded: when a series is full, neighbouring entries are
 * replaced by their mean, and from then on each entry stands for twice as many episodes.
 * Up to HRLP_HISTORY_ENTRIES episodes are kept one by one. */
#ifndef HRLP_HISTORY_H
#define HRLP_HISTORY_H

#include "base/error.h"
#include "base/text.h"
#include "environments/episode.h"
#include "storage/returns.h"

#define HRLP_HISTORY_ENTRIES 16384

/* The arrays of the file, in its order: X(name in C, key) */
#define HRLP_HISTORY_SERIES(X)          \
  X(REWARDS, "episode_rewards")         \
  X(LENGTHS, "episode_lengths")         \
  X(CASH, "cash_balances")              \
  X(INVESTED, "total_invested")         \
  X(LOW_LOSSES, "low_level_losses")     \
  X(HIGH_LOSSES, "high_level_losses")   \
  X(WEALTH, "cumulative_wealth_growth") \
  X(STABILITY, "cash_stability_index")  \
  X(SHARPE, "sharpe_ratio")             \
  X(ADHERENCE, "goal_adherence")        \
  X(POLICY_STABILITY, "policy_stability")

enum hrlp_series_name {
#define HRLP_SERIES_ENUM(name, key) HRLP_SERIES_##name,
  HRLP_HISTORY_SERIES(HRLP_SERIES_ENUM)
#undef HRLP_SERIES_ENUM
      HRLP_SERIES_COUNT
};

struct hrlp_series {
  float *entries; /* [HRLP_HISTORY_ENTRIES] */
  size_t count;
  uint64_t stride;    /* values that an entry is the mean of */
  double pending_sum; /* of values that do not fill an entry yet */
  uint64_t pending_count;
  struct hrlp_text text; /* the entries, joined by ", " */
};

struct hrlp_history {
  struct hrlp_series series[HRLP_SERIES_COUNT];
  bool failed;                 /* memory ran out: the history is incomplete */
  struct hrlp_returns returns; /* of the last evaluations; metadata.json has them */
};

/* Destroyed with hrlp_history_destroy, also after a failure. */
hrl_status hrlp_history_create(struct hrlp_history *history, hrl_error *error);
void hrlp_history_destroy(struct hrlp_history *history);

void hrlp_history_add_episode(struct hrlp_history *history,
                              const struct hrlp_episode *episode, double initial_cash);
void hrlp_history_add_losses(struct hrlp_history *history, double low, double high);

/* The file's JSON: an object of arrays, and `episodes_per_entry` once that is above 1.
 * Freed by the caller with hrlp_text_free. */
hrl_status hrlp_history_format(const struct hrlp_history *history, struct hrlp_text *json,
                               hrl_error *error);

/* Takes over what hrlp_history_format wrote; strides and pending values are not in the
 * file (metadata.json has them) and are set by the caller. `file` names it in errors. */
hrl_status hrlp_history_parse(struct hrlp_history *history, const char *file,
                              const char *json, size_t length, hrl_error *error);

/* The key of a series in the file. */
const char *hrlp_series_key(enum hrlp_series_name name);

#endif
