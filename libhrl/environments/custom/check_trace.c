#include "environments/custom/check_trace.h"

#include <string.h>

#include "base/memory.h"

static bool create_sums(struct hrlp_check_trace *trace, size_t width) {
  trace->low = hrlp_alloc(width, sizeof(double));
  trace->high = hrlp_alloc(width, sizeof(double));
  trace->sum = hrlp_alloc(width, sizeof(double));
  trace->square = hrlp_alloc(width, sizeof(double));
  trace->alike = hrlp_alloc(width, sizeof(bool));
  trace->rises = hrlp_alloc(width, sizeof(bool));
  trace->falls = hrlp_alloc(width, sizeof(bool));
  trace->first = hrlp_alloc(width, sizeof(float));
  if (trace->low == NULL || trace->high == NULL || trace->sum == NULL ||
      trace->square == NULL || trace->alike == NULL || trace->rises == NULL ||
      trace->falls == NULL || trace->first == NULL)
    return false;
  for (size_t j = 0; j < width; j++)
    trace->alike[j] = trace->rises[j] = trace->falls[j] = true;
  return true;
}

bool hrlp_check_trace_create(struct hrlp_check_trace *trace, const hrl_task *task,
                             size_t count, bool whole) {
  size_t rows = count * task->steps;
  *trace = (struct hrlp_check_trace){.count = count, .steps = task->steps};
  trace->lengths = hrlp_alloc(count, sizeof *trace->lengths);
  trace->rewards = hrlp_alloc(rows, sizeof(double));
  trace->departures = hrlp_alloc(rows, sizeof(double));
  trace->potentials = hrlp_alloc(rows, sizeof(double));
  trace->seen = hrlp_alloc(rows, sizeof *trace->seen);
  trace->states = hrlp_alloc(rows, sizeof *trace->states);
  trace->ends = hrlp_alloc(rows, 1);
  return trace->lengths != NULL && trace->rewards != NULL && trace->departures != NULL &&
         trace->potentials != NULL && trace->seen != NULL && trace->states != NULL &&
         trace->ends != NULL && (!whole || create_sums(trace, task->observations));
}

void hrlp_check_trace_free(struct hrlp_check_trace *trace) {
  hrlp_free(trace->lengths);
  hrlp_free(trace->rewards);
  hrlp_free(trace->departures);
  hrlp_free(trace->potentials);
  hrlp_free(trace->seen);
  hrlp_free(trace->states);
  hrlp_free(trace->ends);
  hrlp_free(trace->low);
  hrlp_free(trace->high);
  hrlp_free(trace->sum);
  hrlp_free(trace->square);
  hrlp_free(trace->alike);
  hrlp_free(trace->rises);
  hrlp_free(trace->falls);
  hrlp_free(trace->first);
}

/* FNV-1a. */
uint64_t hrlp_check_digest(const void *data, size_t bytes) {
  const uint8_t *byte = data;
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < bytes; i++) hash = (hash ^ byte[i]) * UINT64_C(1099511628211);
  return hash;
}

static void note_time(struct hrlp_check_trace *trace, size_t j, const float *column,
                      size_t width, size_t rows, size_t step) {
  for (size_t i = 1; i < rows; i++)
    trace->alike[j] = trace->alike[j] && column[i * width] == column[0];
  if (step > 0) {
    trace->rises[j] = trace->rises[j] && column[0] > trace->first[j];
    trace->falls[j] = trace->falls[j] && column[0] < trace->first[j];
  }
  trace->first[j] = column[0];
}

void hrlp_check_trace_observe(struct hrlp_check_trace *trace, size_t width,
                              const float *observations, const size_t *index, size_t rows,
                              size_t step) {
  for (size_t i = 0; i < rows; i++)
    trace->seen[index[i] * trace->steps + step] =
        hrlp_check_digest(observations + i * width, width * sizeof(float));
  if (trace->low == NULL) return;
  for (size_t j = 0; j < width; j++) {
    for (size_t i = 0; i < rows; i++) {
      double x = (double)observations[i * width + j];
      bool is_first = trace->observed == 0 && i == 0;
      if (is_first || x < trace->low[j]) trace->low[j] = x;
      if (is_first || x > trace->high[j]) trace->high[j] = x;
      trace->sum[j] += x;
      trace->square[j] += x * x;
    }
    note_time(trace, j, observations + j, width, rows, step);
  }
  trace->observed += rows;
}

/* To the bit: NaNs and zeros of either sign, too. */
static bool same(double a, double b) {
  uint64_t x;
  uint64_t y;
  memcpy(&x, &a, sizeof x);
  memcpy(&y, &b, sizeof y);
  return x == y;
}

const char *hrlp_check_trace_differ(const struct hrlp_check_trace *a, size_t i,
                                    const struct hrlp_check_trace *b, size_t j,
                                    size_t *step) {
  for (*step = 0; *step < a->steps; (*step)++) {
    size_t x = i * a->steps + *step;
    size_t y = j * b->steps + *step;
    if (*step >= a->lengths[i] || *step >= b->lengths[j]) break;
    if (a->seen[x] != b->seen[y]) return "what is observed";
    if (!same(a->potentials[x], b->potentials[y])) return "the potential";
    if (!same(a->rewards[x], b->rewards[y])) return "the reward";
    if (!same(a->departures[x], b->departures[y])) return "the departure";
    if (a->ends[x] != b->ends[y]) return "how the step ends";
  }
  return a->lengths[i] == b->lengths[j] ? NULL : "the length";
}

bool hrlp_check_trace_tells_time(const struct hrlp_check_trace *trace, size_t width) {
  for (size_t j = 0; j < width; j++)
    if (trace->alike[j] && (trace->rises[j] || trace->falls[j])) return true;
  return false;
}
