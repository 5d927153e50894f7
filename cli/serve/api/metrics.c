#include "serve/api/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hrl/version.h>

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

/* Microseconds; as text in seconds. */
static const struct {
  int64_t most;
  const char *text;
} bounds[METRICS_BUCKETS] = {{100, "0.0001"},    {500, "0.0005"},    {1000, "0.001"},
                             {5000, "0.005"},    {10000, "0.01"},    {50000, "0.05"},
                             {100000, "0.1"},    {1000000, "1"},     {10000000, "10"},
                             {100000000, "100"}, {INT64_MAX, "+Inf"}};

static const char *const end_names[RUN_ENDS] = {"completed", "stopped", "failed"};

static struct route_figures *route_of(struct metrics *metrics, const char *route) {
  for (size_t i = 0; i < metrics->route_count; i++)
    if (strcmp(metrics->routes[i].route, route) == 0) return &metrics->routes[i];
  if (metrics->route_count == METRICS_ROUTES) return &metrics->routes[METRICS_ROUTES - 1];
  struct route_figures *added = &metrics->routes[metrics->route_count++];
  added->route = metrics->route_count < METRICS_ROUTES ? route : "other";
  return added;
}

static struct answer_figures *answer_of(struct metrics *metrics, const char *route,
                                        const char *method, unsigned status) {
  for (size_t i = 0; i < metrics->answer_count; i++) {
    struct answer_figures *answer = &metrics->answers[i];
    if (answer->status == status && strcmp(answer->route, route) == 0 &&
        strcmp(answer->method, method) == 0)
      return answer;
  }
  if (metrics->answer_count == METRICS_ANSWERS)
    return &metrics->answers[METRICS_ANSWERS - 1];
  struct answer_figures *added = &metrics->answers[metrics->answer_count++];
  bool is_last = metrics->answer_count == METRICS_ANSWERS;
  *added = is_last ? (struct answer_figures){"other", "other", 0, 0}
                   : (struct answer_figures){route, method, status, 0};
  return added;
}

void metrics_count_request(void *data, const struct request *request, unsigned status,
                           int64_t duration) {
  struct metrics *metrics = data;
  const char *route = request->route == NULL ? "other" : request->route;
  struct route_figures *figures = route_of(metrics, route);
  size_t bucket = 0;
  while (duration > bounds[bucket].most) bucket++;
  figures->buckets[bucket]++;
  figures->microseconds += duration > 0 ? (uint64_t)duration : 0;
  answer_of(metrics, route, http_method_name(request->method), status)->count++;
}

void metrics_count_episodes(struct metrics *metrics, uint64_t episodes) {
  metrics->episodes += episodes;
}

void metrics_count_end(struct metrics *metrics, enum run_end end) {
  metrics->run_ends[end]++;
}

static void put_head(FILE *out, const char *name, const char *type, const char *help) {
  fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_one(FILE *out, const char *name, const char *type, const char *help,
                    double value) {
  put_head(out, name, type, help);
  fprintf(out, "%s %.15g\n", name, value);
}

static void put_runs(FILE *out, const struct metrics *metrics, unsigned runs) {
  put_head(out, "hrl_build_info", "gauge", "Version of the library, as a label.");
  fprintf(out, "hrl_build_info{version=\"%s\"} 1\n", hrl_version());
  put_one(out, "hrl_runs_running", "gauge", "Active training runs.", runs);
  put_head(out, "hrl_runs_ended_total", "counter", "Ended training runs by state.");
  for (size_t i = 0; i < RUN_ENDS; i++)
    fprintf(out, "hrl_runs_ended_total{state=\"%s\"} %" PRIu64 "\n", end_names[i],
            metrics->run_ends[i]);
  put_one(out, "hrl_episodes_total", "counter", "Episodes trained, all runs together.",
          (double)metrics->episodes);
}

static void add_queue(struct session *session, void *data) {
  *(size_t *)data += session->queue.count;
}

static void put_clients(FILE *out, const struct metrics_sources *sources) {
  size_t queued = 0;
  sessions_each(sources->sessions, add_queue, &queued);
  put_one(out, "hrl_clients", "gauge", "Socket.IO clients.",
          sessions_count(sources->sessions));
  put_one(out, "hrl_messages_queued", "gauge", "Messages waiting for Socket.IO clients.",
          (double)queued);
  put_one(out, "hrl_connections", "gauge", "Connections, WebSockets included.",
          connections_count(sources->connections));
}

static void put_requests(FILE *out, const struct metrics *metrics) {
  put_head(out, "hrl_http_requests_total", "counter",
           "Requests by route, method and status; 499: the client disconnected.");
  for (size_t i = 0; i < metrics->answer_count; i++) {
    const struct answer_figures *answer = &metrics->answers[i];
    fprintf(out,
            "hrl_http_requests_total{route=\"%s\",method=\"%s\",code=\"%u\"} %" PRIu64
            "\n",
            answer->route, answer->method, answer->status, answer->count);
  }
  const char *name = "hrl_http_request_duration_seconds";
  put_head(out, name, "histogram",
           "Time from the first byte of a request to its answer.");
  for (size_t i = 0; i < metrics->route_count; i++) {
    const struct route_figures *figures = &metrics->routes[i];
    uint64_t count = 0;
    for (size_t k = 0; k < METRICS_BUCKETS; k++) {
      count += figures->buckets[k];
      fprintf(out, "%s_bucket{route=\"%s\",le=\"%s\"} %" PRIu64 "\n", name,
              figures->route, bounds[k].text, count);
    }
    fprintf(out, "%s_sum{route=\"%s\"} %.6f\n%s_count{route=\"%s\"} %" PRIu64 "\n", name,
            figures->route, (double)figures->microseconds / 1e6, name, figures->route,
            count);
  }
}

/* Resident memory, bytes; 0 where the system does not tell. */
static double resident(void) {
  unsigned long size = 0;
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (file == NULL) return 0.0;
  char line[128];
  if (fgets(line, sizeof line, file) != NULL) {
    char *rest;
    size = strtoul(line, &rest, 10);
    pages = strtoul(rest, NULL, 10);
  }
  (void)fclose(file); /* it was only read */
  return size == 0 ? 0.0 : (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double seconds_of(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void put_process(FILE *out) {
  struct rusage usage = {0};
  (void)getrusage(RUSAGE_SELF, &usage); /* cannot fail for the process itself */
  put_one(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident());
  put_one(out, "process_cpu_seconds_total", "counter",
          "Processor time, user and system, all threads.",
          seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
}

void metrics_handle(const struct metrics *metrics, const struct metrics_sources *sources,
                    struct request *request) {
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (out != NULL) {
    put_runs(out, metrics, sources->runs);
    put_clients(out, sources);
    put_requests(out, metrics);
    put_process(out);
  }
  bool is_whole = out != NULL && ferror(out) == 0;
  if (out != NULL && fclose(out) != 0) is_whole = false;
  if (is_whole)
    request_reply(request, 200, TYPE_METRICS, text, length);
  else
    request_reply_detail(request, 500, "out of memory");
  free(text);
}
