#include "report/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#define STRETCHES 40

/* More is no history of ours, which is bounded. */
#define MOST_BYTES (16 << 20)

static char *join(const char *a, const char *b, const char *c) {
  size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
  char *text = malloc(size);
  if (text != NULL) snprintf(text, size, "%s%s%s", a, b, c);
  return text;
}

char *history_path(const char *model) {
  char *inside = join(model, "/training_history.json", "");
  struct stat found;
  if (inside == NULL || stat(inside, &found) == 0) return inside;
  free(inside);
  return join(strchr(model, '/') == NULL ? "models/" : "", model, "_history.json");
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* What lies at a quarter, half and three quarters of the finite ones among `values`,
 * which it sorts, and their mean. */
static void summarise(double *values, size_t count, double quartiles[3], double *mean) {
  size_t left = 0;
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) continue;
    sum += values[i];
    values[left++] = values[i];
  }
  qsort(values, left, sizeof *values, ascending);
  for (int k = 0; k < 3; k++)
    quartiles[k] = left > 0 ? values[(left - 1) * (size_t)(k + 1) / 4] : NAN;
  *mean = left > 0 ? sum / (double)left : NAN;
}

static double number_at(const json_t *array, size_t index) {
  const json_t *value = json_array_get(array, index);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool create_course(struct report_course *course, size_t count) {
  double *memory = calloc(5 * count, sizeof *memory);
  if (memory == NULL) return false;
  course->episode = memory;
  for (size_t k = 0; k < 3; k++) course->reward[k] = memory + (k + 1) * count;
  course->stability = memory + 4 * count;
  course->count = count;
  return true;
}

/* Cuts the entries into stretches. */
static bool fill_course(struct report_course *course, const json_t *rewards,
                        const json_t *stability, double episodes_per_entry) {
  size_t entries = json_array_size(rewards);
  size_t count = entries < STRETCHES ? entries : STRETCHES;
  double *values = calloc(entries + 1, sizeof *values);
  if (values == NULL || !create_course(course, count)) {
    free(values);
    return false;
  }
  course->episodes = (double)entries * episodes_per_entry;
  course->stretch = course->episodes / (double)count;
  for (size_t s = 0; s < count; s++) {
    size_t first = s * entries / count;
    size_t end = (s + 1) * entries / count;
    double quartiles[3];
    double mean;
    for (size_t i = first; i < end; i++) values[i - first] = number_at(stability, i);
    summarise(values, end - first, quartiles, &course->stability[s]);
    for (size_t i = first; i < end; i++) values[i - first] = number_at(rewards, i);
    summarise(values, end - first, quartiles, &mean);
    for (size_t k = 0; k < 3; k++) course->reward[k][s] = quartiles[k];
    course->episode[s] = (double)end * episodes_per_entry;
  }
  free(values);
  return true;
}

hrl_status course_read(struct report_course *course, const char *path, hrl_error *error) {
  *course = (struct report_course){0};
  struct stat found;
  if (path == NULL || stat(path, &found) != 0 || !S_ISREG(found.st_mode) ||
      found.st_size > MOST_BYTES)
    return HRL_OK;
  json_t *history = json_load_file(path, 0, NULL);
  const json_t *rewards = json_object_get(history, "episode_rewards");
  double each = json_number_value(json_object_get(history, "episodes_per_entry"));
  bool filled = true;
  if (json_array_size(rewards) > 1)
    filled =
        fill_course(course, rewards, json_object_get(history, "cash_stability_index"),
                    each >= 1.0 ? each : 1.0);
  json_decref(history);
  if (filled) return HRL_OK;
  if (error != NULL) {
    error->status = HRL_ERROR_MEMORY;
    snprintf(error->message, sizeof error->message, "out of memory for a report");
  }
  return HRL_ERROR_MEMORY;
}

void course_destroy(struct report_course *course) {
  free(course->episode);
  *course = (struct report_course){0};
}
