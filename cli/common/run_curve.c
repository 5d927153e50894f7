#include "common/run_curve.h"

#include <stdlib.h>

/* Room for one more element; powers of two. */
static void *grow(void *array, size_t count, size_t size) {
  if ((count & (count - 1)) != 0) return array;
  return realloc(array, (count == 0 ? 1 : 2 * count) * size);
}

static int keep_point(const hrl_progress *point, void *data) {
  struct curve *curve = data;
  hrl_progress *grown = grow(curve->points, curve->point_count, sizeof *grown);
  curve->short_of_memory = grown == NULL;
  if (grown == NULL) return 1;
  grown[curve->point_count++] = *point;
  curve->points = grown;
  return 0;
}

static int keep_evaluation(uint64_t episode, const hrl_evaluation *evaluation,
                           void *data) {
  struct curve *curve = data;
  struct evaluated *grown =
      grow(curve->evaluations, curve->evaluation_count, sizeof *grown);
  curve->short_of_memory = grown == NULL;
  if (grown == NULL) return 1;
  grown[curve->evaluation_count++] = (struct evaluated){episode, *evaluation};
  curve->evaluations = grown;
  return 0;
}

hrl_status curve_read(hrl_runs *runs, uint64_t id, size_t points, struct curve *curve,
                      hrl_error *error) {
  *curve = (struct curve){.run.size = sizeof curve->run};
  hrl_status status = hrl_runs_get(runs, id, &curve->run, error);
  if (status == HRL_OK)
    status = hrl_runs_progress(runs, id, points, keep_point, curve, error);
  if (status == HRL_OK)
    status = hrl_runs_evaluations(runs, id, keep_evaluation, curve, error);
  if (status == HRL_OK && curve->short_of_memory) {
    status = HRL_ERROR_MEMORY;
    *error = (hrl_error){.status = status, .message = "out of memory"};
  }
  return status;
}

void curve_free(struct curve *curve) {
  free(curve->points);
  free(curve->evaluations);
  *curve = (struct curve){.point_count = 0};
}
