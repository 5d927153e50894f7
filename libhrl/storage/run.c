#include "storage/run.h"

#include <string.h>

void hrlp_run_add_episode(struct hrlp_run *run, const struct hrlp_episode *episode,
                          double initial_cash) {
  if (run->recent_count == HRLP_RECENT) {
    memmove(run->recent, run->recent + 1, (HRLP_RECENT - 1) * sizeof *run->recent);
    run->recent_count--;
  }
  run->recent[run->recent_count++] = *episode;
  run->episode++;
  hrlp_history_add_episode(&run->history, episode, initial_cash);
}

hrl_progress hrlp_run_progress(const struct hrlp_run *run) {
  hrl_progress progress = {.episode = run->episode,
                           .total_episodes = run->total_episodes,
                           .elapsed_time = run->elapsed};
  double count = run->recent_count > 0 ? (double)run->recent_count : 1.0;
  for (size_t i = 0; i < run->recent_count; i++) {
    const struct hrlp_episode *episode = &run->recent[i];
    progress.avg_reward += episode->reward / count;
    progress.avg_duration += (double)episode->months / count;
    progress.avg_cash += episode->final_cash / count;
    progress.avg_invested += episode->total_invested / count;
    progress.stability += episode->stability / count;
    progress.goal_adherence += episode->goal_adherence / count;
  }
  return progress;
}
