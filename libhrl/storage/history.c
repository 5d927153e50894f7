#include "storage/history.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

const char *hrlp_series_key(enum hrlp_series_name name) {
  static const char *const keys[] = {
#define SERIES_KEY(constant, key) key,
      HRLP_HISTORY_SERIES(SERIES_KEY)
#undef SERIES_KEY
  };
  return keys[name];
}

hrl_status hrlp_history_create(struct hrlp_history *history, hrl_error *error) {
  *history = (struct hrlp_history){0};
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    history->series[i].stride = 1;
    history->series[i].entries = hrlp_alloc(HRLP_HISTORY_ENTRIES, sizeof(float));
    if (history->series[i].entries == NULL) return hrlp_fail_memory(error, "the history");
  }
  return HRL_OK;
}

void hrlp_history_destroy(struct hrlp_history *history) {
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    hrlp_free(history->series[i].entries);
    hrlp_text_free(&history->series[i].text);
  }
  hrlp_returns_free(&history->returns);
  *history = (struct hrlp_history){0};
}

/* The shortest decimals that read back as the same single-precision number. A number that
 * is not finite has no JSON: null. */
static void append_entry(struct hrlp_series *series, float entry) {
  char number[32];
  if (!isfinite(entry)) {
    snprintf(number, sizeof number, "null");
  } else {
    for (int digits = 6; digits <= 9; digits++) {
      /* + 0.0: a "-0" is an integer in JSON and would read back as 0 */
      snprintf(number, sizeof number, "%.*g", digits, (double)entry + 0.0);
      if (strtof(number, NULL) == entry) break;
    }
    /* a host's locale may have a decimal comma */
    for (char *p = number; *p != '\0'; p++)
      if (*p == ',') *p = '.';
  }
  hrlp_text_format(&series->text, series->text.length == 0 ? "%s" : ", %s", number);
}

/* Halves a full series. */
static void thin(struct hrlp_series *series) {
  for (size_t i = 0; i < series->count / 2; i++)
    series->entries[i] = (series->entries[2 * i] + series->entries[2 * i + 1]) / 2.0f;
  series->count /= 2;
  series->stride *= 2;
  series->text.length = 0;
  for (size_t i = 0; i < series->count; i++) append_entry(series, series->entries[i]);
}

static void add(struct hrlp_history *history, enum hrlp_series_name name, double value) {
  struct hrlp_series *series = &history->series[name];
  series->pending_sum += value;
  if (++series->pending_count < series->stride) return;
  float entry = (float)(series->pending_sum / (double)series->pending_count);
  series->pending_sum = 0.0;
  series->pending_count = 0;
  series->entries[series->count++] = entry;
  append_entry(series, entry);
  if (series->count == HRLP_HISTORY_ENTRIES) thin(series);
  if (series->text.failed) history->failed = true;
}

void hrlp_history_add_episode(struct hrlp_history *history,
                              const struct hrlp_episode *episode, double initial_cash) {
  add(history, HRLP_SERIES_REWARDS, episode->reward);
  add(history, HRLP_SERIES_LENGTHS, (double)episode->months);
  add(history, HRLP_SERIES_CASH, episode->final_cash);
  add(history, HRLP_SERIES_INVESTED, episode->total_invested);
  add(history, HRLP_SERIES_WEALTH, episode->wealth - initial_cash);
  add(history, HRLP_SERIES_STABILITY, episode->stability);
  add(history, HRLP_SERIES_SHARPE, episode->sharpe);
  add(history, HRLP_SERIES_ADHERENCE, episode->goal_adherence);
  add(history, HRLP_SERIES_POLICY_STABILITY, episode->policy_stability);
}

void hrlp_history_add_losses(struct hrlp_history *history, double low, double high) {
  add(history, HRLP_SERIES_LOW_LOSSES, low);
  add(history, HRLP_SERIES_HIGH_LOSSES, high);
}

hrl_status hrlp_history_format(const struct hrlp_history *history, struct hrlp_text *json,
                               hrl_error *error) {
  *json = (struct hrlp_text){0};
  hrlp_text_append(json, "{", 1);
  uint64_t stride = history->series[HRLP_SERIES_REWARDS].stride;
  if (stride > 1)
    hrlp_text_format(json, "\n  \"episodes_per_entry\": %llu,",
                     (unsigned long long)stride);
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    const struct hrlp_series *series = &history->series[i];
    hrlp_text_format(json, "%s\n  \"%s\": [", i == 0 ? "" : ",",
                     hrlp_series_key((enum hrlp_series_name)i));
    if (series->count > 0) hrlp_text_append(json, series->text.data, series->text.length);
    hrlp_text_append(json, "]", 1);
  }
  hrlp_text_append(json, "\n}\n", 3);
  if (!json->failed && !history->failed) return HRL_OK;
  hrlp_text_free(json);
  return hrlp_fail_memory(error, "the history's text");
}

static hrl_status parse_series(struct hrlp_series *series, const char *key,
                               const char *file, const json_t *array, hrl_error *error) {
  if (!json_is_array(array))
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, file, 0, 0, "%s: expected an array",
                        key);
  size_t count = json_array_size(array);
  if (count >= HRLP_HISTORY_ENTRIES)
    return hrlp_fail_at(error, HRL_ERROR_LIMIT, file, 0, 0,
                        "%s: found %zu entries, expected fewer than %d", key, count,
                        HRLP_HISTORY_ENTRIES);
  series->count = 0;
  series->text.length = 0;
  for (size_t i = 0; i < count; i++) {
    const json_t *item = json_array_get(array, i);
    if (!json_is_number(item) && !json_is_null(item))
      return hrlp_fail_at(error, HRL_ERROR_FORMAT, file, 0, 0,
                          "%s: entry %zu: expected a number", key, i + 1);
    float entry = json_is_null(item) ? NAN : (float)json_number_value(item);
    series->entries[series->count++] = entry;
    append_entry(series, entry);
  }
  return series->text.failed ? hrlp_fail_memory(error, "the history") : HRL_OK;
}

hrl_status hrlp_history_parse(struct hrlp_history *history, const char *file,
                              const char *json, size_t length, hrl_error *error) {
  json_error_t problem;
  json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &problem);
  if (root == NULL)
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, file, problem.line, problem.column,
                        "not a history: %s", problem.text);
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < HRLP_SERIES_COUNT && status == HRL_OK; i++) {
    const char *key = hrlp_series_key((enum hrlp_series_name)i);
    status =
        parse_series(&history->series[i], key, file, json_object_get(root, key), error);
  }
  json_decref(root);
  return status;
}
