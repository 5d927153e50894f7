/* agents/play.h - how episodes are played: many households side by side, goal by goal and
 * month by month. */
#ifndef HRLP_PLAY_H
#define HRLP_PLAY_H

#include "agents/agents.h"
#include "base/thread.h"
#include "household/metrics.h"

/* What the players of one batch leave for learning. Row (household i, step t) of an array
 * is i * steps + t. */
struct hrlp_track {
  size_t steps;         /* rows of a household */
  size_t *lengths;      /* [households] rows filled */
  float *observations;  /* [households * steps, observations] */
  float *offsets;       /* [households * steps, actions] */
  float *actions;       /* [households * steps, actions] */
  float *log_probabilities; /* [households * steps] */
  float *rewards;       /* [households * steps] */
};
struct hrlp_record {
  struct hrlp_track strategist; /* a step is a decision */
  struct hrlp_track executor;   /* a step is a month */
};

/* One month of one household, for whoever watches. */
struct hrlp_watched_month {
  uint64_t episode;
  int64_t month;       /* 1 for the first */
  struct hrlp_goal goal;
  double shares[3];    /* invest, save, consume */
  double fixed, variable, cash, portfolio, reward;
  bool finished, insolvent;
};
typedef void (*hrlp_watch_fn)(void *context, const struct hrlp_watched_month *month);

/* What to play. */
struct hrlp_play {
  const struct hrlp_agents *agents;
  uint64_t seed;          /* of the households' luck and the players' exploration */
  uint64_t first_episode; /* number of the first; the others follow */
  size_t count;           /* episodes; at most what the player was made for */
  bool explore;           /* draw actions; otherwise take their mean */
  struct hrlp_record *record;    /* or NULL */
  struct hrlp_episode *episodes; /* [count] */
  hrlp_watch_fn watch;    /* or NULL; called from one thread at a time only with pool NULL */
  void *watch_context;
};

/* Memory to play in: made once, used again and again. */
struct hrlp_player;

/* For at most `households` at once, in shards of `shard` that threads take. The shard is
 * part of what makes a run reproducible. */
hrl_status hrlp_player_create(const struct hrlp_agents *agents, size_t households,
                              size_t shard, struct hrlp_player **player, hrl_error *error);
void hrlp_player_destroy(struct hrlp_player *player);

/* Plays. Results do not depend on the pool. */
void hrlp_play(struct hrlp_player *player, const struct hrlp_play *play,
               struct hrlp_pool *pool);

#endif
