#include "storage/metadata.h"

#include <math.h>
#include <string.h>

#include "storage/example.h"
#include "storage/metadata_seal.h"

/* No count in a run of at most 10^9 episodes of at most 12,000 months is larger. */
#define MOST_COUNT 1e9

/* Reading: the first thing amiss is kept, and everything after gives 0. */
struct reader {
  const char *file;
  hrl_error *error;
  hrl_status status;
};

static void amiss(struct reader *reader, const char *key, const char *expected) {
  if (reader->status == HRL_OK)
    reader->status = hrlp_fail_at(reader->error, HRL_ERROR_FORMAT, reader->file, 0, 0,
                                  "%s: expected %s; the file is damaged or not a "
                                  "checkpoint's metadata, use another checkpoint",
                                  key, expected);
}

static uint64_t get_count(struct reader *reader, const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  if (json_is_integer(value) && json_integer_value(value) >= 0)
    return (uint64_t)json_integer_value(value);
  amiss(reader, key, "a count");
  return 0;
}

/* A seed above 2^63 - 1 is stored as a negative number of the same bits. */
static uint64_t get_seed(struct reader *reader, const json_t *root) {
  const json_t *value = json_object_get(root, "seed");
  if (!json_is_integer(value)) amiss(reader, "seed", "a whole number");
  return (uint64_t)json_integer_value(value);
}

static double get_number(struct reader *reader, const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  if (json_is_number(value)) return json_number_value(value);
  amiss(reader, key, "a number");
  return 0.0;
}

static void get_text(struct reader *reader, const json_t *object, const char *key,
                     char *target, size_t room) {
  const char *text = json_string_value(json_object_get(object, key));
  target[0] = '\0';
  if (text == NULL || strlen(text) >= room) {
    amiss(reader, key, "a short text");
    return;
  }
  memcpy(target, text, strlen(text) + 1);
}

/* The name of the scenario's file; what 0.1 wrote does not have it. */
static void get_raw_name(struct reader *reader, const json_t *root,
                         char raw_name[HRLP_RAW_NAME_SIZE]) {
  raw_name[0] = '\0';
  if (json_object_get(root, "scenario_raw_name") != NULL)
    get_text(reader, root, "scenario_raw_name", raw_name, HRLP_RAW_NAME_SIZE);
}

static void get_scale(struct reader *reader, const json_t *object, const char *key,
                      struct hrlp_return_scale *scale) {
  const json_t *found = json_object_get(object, key);
  scale->weight = get_number(reader, found, "weight");
  scale->sum_squares = get_number(reader, found, "sum_squares");
  if (!(scale->weight >= 0.0 && scale->sum_squares >= 0.0))
    amiss(reader, key, "numbers of at least 0");
}

static void get_recent(struct reader *reader, const json_t *array, struct hrlp_run *run) {
  run->recent_count = json_array_size(array);
  if (!json_is_array(array) || run->recent_count > HRLP_RECENT) {
    run->recent_count = 0;
    amiss(reader, "recent_episodes", "an array of at most 10 episodes");
  }
  for (size_t i = 0; i < run->recent_count; i++) {
    const json_t *episode = json_array_get(array, i);
    double figures[HRLP_EPISODE_FIGURES];
    for (size_t j = 0; j < HRLP_EPISODE_FIGURES; j++) {
      const json_t *figure = json_array_get(episode, j);
      figures[j] = json_number_value(figure);
      if (!json_is_number(figure))
        amiss(reader, "recent_episodes", "arrays of 12 numbers");
    }
    if (!(figures[2] >= 0.0 && figures[2] <= MOST_COUNT))
      amiss(reader, "recent_episodes", "a count of months");
    if (reader->status != HRL_OK) return;
    run->recent[i] = (struct hrlp_episode){figures[0], figures[1],  (int64_t)figures[2],
                                           figures[3], figures[4],  figures[5],
                                           figures[6], figures[7],  figures[8],
                                           figures[9], figures[10], figures[11] > 0.5,
                                           0.0,        false};
  }
}

static void get_history(struct reader *reader, const json_t *object,
                        struct hrlp_run *run) {
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    const char *key = hrlp_series_key((enum hrlp_series_name)i);
    const json_t *entry = json_object_get(object, key);
    struct hrlp_series *series = &run->history.series[i];
    series->stride = get_count(reader, entry, "stride");
    series->pending_sum = get_number(reader, entry, "pending_sum");
    series->pending_count = get_count(reader, entry, "pending_count");
    if (series->stride < 1 || series->stride > (uint64_t)MOST_COUNT ||
        series->pending_count >= series->stride)
      amiss(reader, key, "a stride above its pending values");
  }
}

/* The returns of the last evaluations; a run that has no use for them has none. */
static void get_returns(struct reader *reader, const json_t *object,
                        struct hrlp_returns *returns) {
  const json_t *rows = json_object_get(object, "returns");
  const size_t count = json_array_size(rows);
  const size_t episodes = json_array_size(json_array_get(rows, 0));
  if (object == NULL || reader->status != HRL_OK) return;
  uint64_t newest = get_count(reader, object, "newest");
  if (count < 1 || count > HRLP_RETURNS_EVALUATIONS || episodes < 1 ||
      episodes > HRLP_RETURNS_VALUES / count)
    amiss(reader, "evaluations", "arrays of returns");
  for (size_t i = 0; i < count && reader->status == HRL_OK; i++)
    if (json_array_size(json_array_get(rows, i)) != episodes)
      amiss(reader, "evaluations", "arrays of the same length");
  if (reader->status != HRL_OK) return;
  if (!hrlp_returns_resize(returns, count, episodes)) {
    reader->status = hrlp_fail_memory(reader->error, "a checkpoint's metadata");
    return;
  }
  for (size_t i = 0; i < count * episodes; i++) {
    const json_t *value =
        json_array_get(json_array_get(rows, i / episodes), i % episodes);
    if (!json_is_real(value))
      amiss(reader, "evaluations", "numbers with a decimal point");
    returns->values[i] = json_real_value(value);
  }
  returns->count = count;
  returns->newest = newest;
}

static void get_seals(struct reader *reader, const json_t *files,
                      struct hrlp_file_seal *seals) {
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++) {
    const json_t *entry = json_object_get(files, seals[i].name);
    if (!json_is_object(entry)) amiss(reader, seals[i].name, "its size and checksum");
    seals[i].bytes = (size_t)get_count(reader, entry, "bytes");
    seals[i].checksum = (uint32_t)get_count(reader, entry, "crc32");
  }
}

static json_t *load_root(const char *file, const char *json, size_t length,
                         hrl_error *error) {
  json_error_t problem;
  json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &problem);
  if (root == NULL)
    hrlp_fail_at(error, HRL_ERROR_CORRUPT, file, problem.line, problem.column,
                 "not readable as JSON: %s; use another checkpoint", problem.text);
  return root;
}

static void check_seal(struct reader *reader, const json_t *root) {
  uint64_t version = get_count(reader, root, "format_version");
  if (reader->status != HRL_OK) return;
  if (version > HRLP_METADATA_FORMAT) {
    reader->status =
        hrlp_fail_at(reader->error, HRL_ERROR_VERSION, reader->file, 0, 0,
                     "has format %llu, this library reads up to %d; use a newer libhrl",
                     (unsigned long long)version, HRLP_METADATA_FORMAT);
    return;
  }
  json_int_t seal = 0;
  uint64_t expected = get_count(reader, root, "checksum");
  if (reader->status != HRL_OK) return;
  if (!hrlp_metadata_seal(root, &seal))
    reader->status = hrlp_fail_memory(reader->error, "a checkpoint's metadata");
  else if ((uint64_t)seal != expected)
    reader->status = hrlp_fail_at(reader->error, HRL_ERROR_CORRUPT, reader->file, 0, 0,
                                  "its checksum does not match: it was changed after it "
                                  "was written (a JSON tool that writes 24.0 as 24 is "
                                  "enough), or is damaged; use another checkpoint");
}

hrl_status hrlp_metadata_parse(const char *file, const char *json, size_t length,
                               struct hrlp_metadata *metadata, struct hrlp_run *run,
                               hrl_error *error) {
  json_t *root = load_root(file, json, length, error);
  if (root == NULL) return HRL_ERROR_CORRUPT;
  struct reader reader = {file, error, HRL_OK};
  check_seal(&reader, root);
  const json_t *counters = json_object_get(root, "counters");
  get_text(&reader, root, "scenario", metadata->scenario, sizeof metadata->scenario);
  get_raw_name(&reader, root, metadata->raw_name);
  get_text(&reader, root, "start_time", run->start_time, sizeof run->start_time);
  run->episode = get_count(&reader, root, "episode");
  run->total_episodes = get_count(&reader, root, "total_episodes");
  run->seed = get_seed(&reader, root);
  run->elapsed = get_number(&reader, json_object_get(root, "progress"), "elapsed_time");
  const json_t *best = json_object_get(root, "best_eval_score");
  run->has_best = json_is_number(best);
  run->best_score = json_number_value(best);
  run->round_first = get_count(&reader, counters, "round_first_episode");
  metadata->updates = get_count(&reader, counters, "updates");
  metadata->strategist_steps = get_count(&reader, counters, "strategist_steps");
  metadata->executor_steps = get_count(&reader, counters, "executor_steps");
  get_scale(&reader, counters, "strategist_return_scale", &metadata->strategist_scale);
  get_scale(&reader, counters, "executor_return_scale", &metadata->executor_scale);
  get_recent(&reader, json_object_get(root, "recent_episodes"), run);
  get_history(&reader, json_object_get(root, "history"), run);
  get_returns(&reader, json_object_get(root, "evaluations"), &run->history.returns);
  get_seals(&reader, json_object_get(root, "files"), metadata->seals);
  if (run->episode > (uint64_t)MOST_COUNT || run->total_episodes > (uint64_t)MOST_COUNT)
    amiss(&reader, "episode, total_episodes", "at most 10^9");
  if (run->round_first > run->episode)
    amiss(&reader, "round_first_episode", "at most episode");
  json_decref(root);
  return reader.status;
}

bool hrlp_metadata_run(const char *json, size_t length, uint64_t *seed,
                       char start_time[HRL_TIME_SIZE],
                       char raw_name[HRLP_RAW_NAME_SIZE]) {
  hrl_error problem = HRL_ERROR_INIT;
  json_t *root = load_root("", json, length, &problem);
  struct reader reader = {"", &problem, HRL_OK};
  if (root == NULL) return false;
  *seed = get_seed(&reader, root);
  get_text(&reader, root, "start_time", start_time, HRL_TIME_SIZE);
  get_raw_name(&reader, root, raw_name);
  json_decref(root);
  return reader.status == HRL_OK;
}

static bool get_floats(const json_t *agent, const char *key, float *x, size_t count) {
  const json_t *array = json_object_get(agent, key);
  if (json_array_size(array) != count) return false;
  for (size_t i = 0; i < count; i++) {
    const json_t *item = json_array_get(array, i);
    if (!json_is_number(item)) return false;
    x[i] = (float)json_number_value(item);
  }
  return true;
}

static bool get_example(const json_t *both, const struct hrlp_agents *agents,
                        struct hrlp_example *example) {
  const struct hrlp_actor_critic *high = &agents->strategist;
  const struct hrlp_actor_critic *low = &agents->executor;
  const json_t *strategist = json_object_get(both, "strategist");
  const json_t *executor = json_object_get(both, "executor");
  return get_floats(strategist, "observation", example->strategist_x,
                    high->observations) &&
         get_floats(strategist, "output", example->strategist_y, high->actions) &&
         get_floats(executor, "observation", example->executor_x, low->observations) &&
         get_floats(executor, "output", example->executor_y, low->actions);
}

hrl_status hrlp_metadata_check_example(const char *file, const char *json, size_t length,
                                       const struct hrlp_agents *agents,
                                       hrl_error *error) {
  json_t *root = load_root(file, json, length, error);
  if (root == NULL) return HRL_ERROR_CORRUPT;
  struct hrlp_example said = {0};
  bool read = get_example(json_object_get(root, "example"), agents, &said);
  json_decref(root);
  if (!read)
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, file, 0, 0,
                        "example: expected an observation and an output of each agent");
  struct hrlp_example found = said;
  if (!hrlp_example_answer(agents, &found))
    return hrlp_fail_memory(error, "a checkpoint's example");
  if (hrlp_example_agrees(&said, &found)) return HRL_OK;
  return hrlp_fail_at(error, HRL_ERROR_MISMATCH, file, 0, 0,
                      "the agents do not reproduce the stored example, so the weights "
                      "are of another checkpoint; use another one");
}
