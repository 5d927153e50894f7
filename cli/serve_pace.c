#include "serve_pace.h"

#define SECOND 1000000

/* Frames that an event to `clients` draws from the budget. */
static unsigned cost_of(unsigned clients) {
  return clients > PACE_FREE_CLIENTS ? clients - PACE_FREE_CLIENTS : 0;
}

int64_t pace_wait(const struct pace *pace, unsigned clients, int64_t now) {
  double missing = (double)cost_of(clients) - pace->budget;
  int64_t wait = missing <= 0 ? 0 : (int64_t)(missing * SECOND / PACE_FRAMES_PER_SECOND);
  int64_t rest = pace->last == 0 ? 0 : pace->last + pace->interval - now;
  return rest > wait ? rest : wait;
}

bool pace_allows(struct pace *pace, unsigned clients, int64_t now) {
  pace->budget += (double)(now - pace->filled) * PACE_FRAMES_PER_SECOND / SECOND;
  pace->filled = now;
  /* one event may always go out, however many clients there are */
  unsigned cost = cost_of(clients);
  double most = cost > PACE_BURST ? cost : PACE_BURST;
  if (pace->budget > most) pace->budget = most;
  if (pace->budget < cost || (pace->last != 0 && now < pace->last + pace->interval))
    return false;
  pace->budget -= cost;
  pace->last = now;
  return true;
}
