/* api/metrics.h - figures for operations, in Prometheus' text format: GET /metrics. */
#ifndef SERVE_API_METRICS_H
#define SERVE_API_METRICS_H

#include <stdint.h>

#include "serve/api/live_runs.h"
#include "serve/http/request.h"
#include "serve/net/connections.h"
#include "serve/socketio/session.h"

/* Upper bounds of the latency histogram, and one without. */
#define METRICS_BUCKETS 11
/* What is counted apart; what is beyond goes to the last one, as "other". Labels come
 * from the tables of routes, methods and statuses, never from clients: these are enough.
 */
#define METRICS_ROUTES 48
#define METRICS_ANSWERS 512

struct metrics {
  struct route_figures {
    const char *route;
    uint64_t buckets[METRICS_BUCKETS]; /* not cumulative */
    uint64_t microseconds;             /* all together */
  } routes[METRICS_ROUTES];
  size_t route_count;
  struct answer_figures {
    const char *route;
    const char *method;
    unsigned status;
    uint64_t count;
  } answers[METRICS_ANSWERS];
  size_t answer_count;
  uint64_t episodes;           /* of all runs */
  uint64_t run_ends[RUN_ENDS]; /* runs by how they ended */
};

/* What is only looked at when somebody asks. */
struct metrics_sources {
  struct sessions *sessions;
  const struct connections *connections;
  unsigned runs; /* that are on */
};

/* A request has its answer, or its client left (499), after so many microseconds. */
void metrics_count_request(void *metrics, const struct request *request, unsigned status,
                           int64_t duration);
void metrics_count_episodes(struct metrics *metrics, uint64_t episodes);
void metrics_count_end(struct metrics *metrics, enum run_end end);

/* Answers with all of them. */
void metrics_handle(const struct metrics *metrics, const struct metrics_sources *sources,
                    struct request *request);

#endif
