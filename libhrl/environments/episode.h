/* environments/episode.h - what is measured of an episode, whatever the environment. */
#ifndef HRLP_EPISODE_H
#define HRLP_EPISODE_H

#include <stdbool.h>
#include <stdint.h>

/* One episode, closed. Definitions: docs/model.md, "Metrics". */
struct hrlp_episode {
  double reward;           /* sum of r */
  double strategic_return; /* J */
  int64_t months;
  double final_cash;
  double total_invested;
  double portfolio;
  double wealth;
  double stability;        /* share of months that ended with cash > 0 */
  double goal_adherence;   /* mean |target - invest|; NaN without goals */
  double sharpe;           /* mean(cash) / std(cash) over month ends */
  double policy_stability; /* mean over the three shares of their variance */
  bool insolvent;
  double consumption; /* mean real euro a month; 0 where the model has none */
  bool rescued;       /* needed a transfer */
};

#endif
