#include "serve/api/rate_limit.h"

#define SECOND 1000000

/* Frames that an event to `clients` draws from the budget. */
static unsigned cost_of(unsigned clients) {
  return clients > RATE_LIMIT_FREE_CLIENTS ? clients - RATE_LIMIT_FREE_CLIENTS : 0;
}

int64_t rate_limit_wait(const struct rate_limit *limit, int64_t last, unsigned clients,
                        int64_t now) {
  double missing = (double)cost_of(clients) - limit->budget;
  int64_t wait =
      missing <= 0 ? 0 : (int64_t)(missing * SECOND / RATE_LIMIT_FRAMES_PER_SECOND);
  int64_t rest = last == 0 ? 0 : last + limit->interval - now;
  return rest > wait ? rest : wait;
}

bool rate_limit_allows(struct rate_limit *limit, int64_t last, unsigned clients,
                       int64_t now) {
  limit->budget += (double)(now - limit->filled) * RATE_LIMIT_FRAMES_PER_SECOND / SECOND;
  limit->filled = now;
  /* one event may always go out, however many clients there are */
  unsigned cost = cost_of(clients);
  double most = cost > RATE_LIMIT_BURST ? cost : RATE_LIMIT_BURST;
  if (limit->budget > most) limit->budget = most;
  if (limit->budget < cost || (last != 0 && now < last + limit->interval)) return false;
  limit->budget -= cost;
  return true;
}
