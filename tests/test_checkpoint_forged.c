/* Checkpoints that are refused though their checksums are right. */
#include "bad_checkpoint.h"

#include <jansson.h>
#include <math.h>

#include "agents/agents.h"
#include "storage/archive.h"
#include "storage/metadata.h"
#include "storage/metadata_seal.h"

/* Seals `root` anew and puts it into "bad". */
static void put_metadata(json_t *root) {
  json_int_t seal = 0;
  ck_assert(hrlp_metadata_seal(root, &seal));
  json_object_set_new(root, "checksum", json_integer(seal));
  char *text = json_dumps(root, 0);
  make_bad("metadata.json", text, strlen(text));
  free(text);
  json_decref(root);
}

static json_t *good_metadata(void) {
  json_error_t problem;
  json_t *root = json_load_file("good/metadata.json", 0, &problem);
  ck_assert_ptr_nonnull(root);
  return root;
}

/* The object that holds the last key of "a/b/c", and that key. */
static json_t *holder_of(json_t *root, const char *path, const char **key) {
  const char *slash;
  while ((slash = strchr(path, '/')) != NULL) {
    char part[64];
    snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
    root = json_is_array(root) ? json_array_get(root, (size_t)atoi(part))
                               : json_object_get(root, part);
    ck_assert_ptr_nonnull(root);
    path = slash + 1;
  }
  *key = path;
  return root;
}

static const struct {
  const char *path, *value; /* NULL: taken away */
  hrl_status status;
  const char *text;
} forgeries[] = {
    {"format_version", "2", HRL_ERROR_VERSION,
     "has format 2, this library reads up to 1"},
    {"format_version", "-1", HRL_ERROR_FORMAT, "format_version: expected a count"},
    {"format_version", NULL, HRL_ERROR_FORMAT, "format_version: expected a count"},
    {"scenario", "3", HRL_ERROR_FORMAT, "scenario: expected a short text"},
    {"scenario", "\"trial2\"", HRL_ERROR_MISMATCH, "belongs to the scenario 'trial2'"},
    {"start_time", "\"a time that is longer than any time\"", HRL_ERROR_FORMAT,
     "start_time"},
    {"episode", "-1", HRL_ERROR_FORMAT, "episode: expected a count"},
    {"episode", "12.0", HRL_ERROR_FORMAT, "episode: expected a count"},
    {"episode", "4000000000", HRL_ERROR_FORMAT, "at most 10^9"},
    {"episode", "30", HRL_ERROR_FORMAT, "counters do not match parallel_episodes"},
    {"total_episodes", "9223372036854775807", HRL_ERROR_FORMAT, "at most 10^9"},
    {"seed", "0.5", HRL_ERROR_FORMAT, "seed: expected a whole number"},
    {"progress", "[]", HRL_ERROR_FORMAT, "elapsed_time: expected a number"},
    {"counters", NULL, HRL_ERROR_FORMAT, "round_first_episode: expected a count"},
    {"counters/round_first_episode", "13", HRL_ERROR_FORMAT, "at most episode"},
    {"counters/updates", "-5", HRL_ERROR_FORMAT, "updates: expected a count"},
    {"counters/executor_return_scale/weight", "null", HRL_ERROR_FORMAT, "weight"},
    {"counters/executor_return_scale/sum_squares", "-1", HRL_ERROR_FORMAT, "at least 0"},
    {"recent_episodes", "{}", HRL_ERROR_FORMAT, "recent_episodes: expected an array"},
    {"recent_episodes", "[1,1,1,1,1,1,1,1,1,1,1]", HRL_ERROR_FORMAT,
     "at most 10 episodes"},
    {"recent_episodes/0/2", "null", HRL_ERROR_FORMAT, "arrays of 12 numbers"},
    {"recent_episodes/0/2", "1e300", HRL_ERROR_FORMAT, "a count of months"},
    {"recent_episodes/0/2", "-1", HRL_ERROR_FORMAT, "a count of months"},
    {"recent_episodes/9", "[]", HRL_ERROR_FORMAT, "arrays of 12 numbers"},
    {"history/sharpe_ratio/stride", "0", HRL_ERROR_FORMAT,
     "sharpe_ratio: expected a stride"},
    {"history/sharpe_ratio/stride", "4611686018427387904", HRL_ERROR_FORMAT,
     "sharpe_ratio"},
    {"history/sharpe_ratio/pending_count", "1", HRL_ERROR_FORMAT, "sharpe_ratio"},
    {"history/goal_adherence", NULL, HRL_ERROR_FORMAT, "stride: expected a count"},
    {"files", NULL, HRL_ERROR_FORMAT, "high_agent.pt: expected its size"},
    {"files/low_agent.pt/crc32", "1", HRL_ERROR_CORRUPT,
     "bad/low_agent.pt: is not the file"},
    {"files/low_agent.pt/bytes", "1", HRL_ERROR_CORRUPT,
     "bad/low_agent.pt: is not the file"},
    {"example", NULL, HRL_ERROR_FORMAT, "example: expected an observation"},
    {"example/executor/observation", "[1]", HRL_ERROR_FORMAT, "example: expected"},
    {"example/strategist/output/1", "null", HRL_ERROR_FORMAT, "example: expected"},
    {"example/strategist/output/1", "0.5", HRL_ERROR_MISMATCH,
     "the agents do not reproduce the stored example"},
    {"example/executor/observation/0", "-1", HRL_ERROR_MISMATCH,
     "the weights are of another"},
};
#define FORGERIES (sizeof forgeries / sizeof forgeries[0])

START_TEST(forged_metadata_is_refused) {
  for (size_t i = 0; i < FORGERIES; i++) {
    json_t *root = good_metadata();
    const char *key = NULL;
    json_t *holder = holder_of(root, forgeries[i].path, &key);
    json_t *value = forgeries[i].value == NULL
                        ? NULL
                        : json_loads(forgeries[i].value, JSON_DECODE_ANY, NULL);
    if (value == NULL)
      json_object_del(holder, key);
    else if (json_is_array(holder))
      json_array_set_new(holder, (size_t)atoi(key), value);
    else
      json_object_set_new(holder, key, value);
    put_metadata(root);
    FAILS(hrl_trainer_load(trainer, "bad", &error), forgeries[i].status,
          forgeries[i].text);
  }
}
END_TEST

START_TEST(metadata_of_another_kind_is_refused) {
  static const char *const texts[] = {"[]",
                                      "{}",
                                      "7",
                                      "null",
                                      "{\"format_version\": \"1\"}",
                                      "{\"format_version\": 1, \"format_version\": 1}"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    make_bad("metadata.json", texts[i], strlen(texts[i]));
    assert_refused("metadata.json", texts[i]);
  }
  size_t length = (size_t)5 << 20;
  char *huge = malloc(length);
  memset(huge, ' ', length);
  make_bad("metadata.json", huge, length);
  FAILS(hrl_trainer_load(trainer, "bad", &error), HRL_ERROR_LIMIT, "at most 4194304");
  free(huge);
}
END_TEST

/* Changes an agent's file by `change`, and has metadata.json vouch for it. */
static void forge_agent(const char *name, void (*change)(struct hrlp_value *root)) {
  char path[64];
  struct hrlp_value *root = NULL;
  char *bytes = NULL;
  size_t length = 0;
  snprintf(path, sizeof path, "good/%s", name);
  OK(hrlp_archive_load(path, &root, &error));
  change(root);
  OK(hrlp_archive_write(root, "forged", &bytes, &length, &error));
  hrlp_value_free(root);
  json_t *metadata = good_metadata();
  json_t *seal = json_object_get(json_object_get(metadata, "files"), name);
  json_object_set_new(seal, "bytes", json_integer((json_int_t)length));
  json_object_set_new(seal, "crc32",
                      json_integer((json_int_t)hrlp_checksum(bytes, length)));
  put_metadata(metadata);
  snprintf(path, sizeof path, "bad/%s", name);
  ck_assert_int_eq(unlink(path), 0);
  OK(hrlp_file_write(path, bytes, length, &error));
  free(bytes);
}

static struct hrlp_tensor *policy_tensor(struct hrlp_value *root, const char *name) {
  return &hrlp_value_get(hrlp_value_get(root, "policy_network_state_dict"), name)->tensor;
}

static void change_nothing(struct hrlp_value *root) { (void)root; }

static void poison_weight(struct hrlp_value *root) {
  ((float *)policy_tensor(root, "network.2.weight")->data)[3] = NAN;
}

static void poison_deviation(struct hrlp_value *root) {
  ((float *)hrlp_value_get(root, "log_std")->tensor.data)[0] = INFINITY;
}

static void poison_moment(struct hrlp_value *root) {
  const struct hrlp_value *tensor = NULL;
  OK(hrlp_value_find(root, "optimizer_state_dict/state/2/exp_avg_sq", "f", &tensor,
                     &error));
  ((float *)tensor->tensor.data)[0] = -NAN;
}

static void change_weight(struct hrlp_value *root) {
  ((float *)policy_tensor(root, "network.0.weight")->data)[0] += 3.0f;
}

static void change_shape(struct hrlp_value *root) {
  int64_t shape[1] = {7};
  hrlp_value_set(hrlp_value_get(root, "value_network_state_dict"), "network.0.bias",
                 hrlp_value_tensor(HRLP_FLOAT32, 1, shape, NULL));
}

static void age(struct hrlp_value *root) {
  hrlp_value_set(hrlp_value_get(root, "config"), "format_version", hrlp_value_int(2));
}

static void rename_agent(struct hrlp_value *root) {
  hrlp_value_set(hrlp_value_get(root, "config"), "agent", hrlp_value_text("executor"));
}

static void negate_step(struct hrlp_value *root) {
  const struct hrlp_value *state = NULL;
  OK(hrlp_value_find(root, "optimizer_state_dict/state/0", "f", &state, &error));
  hrlp_value_set((struct hrlp_value *)(uintptr_t)state, "step", hrlp_value_int(-1));
}

static const struct {
  void (*change)(struct hrlp_value *root);
  hrl_status status;
  const char *text;
} agent_forgeries[] = {
    {poison_weight, HRL_ERROR_NUMERIC,
     "bad/high_agent.pt: policy_network_state_dict/network.2.weight holds a number that "
     "is "
     "not finite"},
    {poison_deviation, HRL_ERROR_NUMERIC,
     "bad/high_agent.pt: log_std holds a number that"},
    {poison_moment, HRL_ERROR_NUMERIC, "optimizer_state_dict/state/2/exp_avg_sq holds a"},
    {change_weight, HRL_ERROR_MISMATCH, "bad/metadata.json: the agents do not reproduce"},
    {change_shape, HRL_ERROR_MISMATCH, "value_network_state_dict/network.0.bias"},
    {age, HRL_ERROR_VERSION,
     "bad/high_agent.pt: has format 2, this library reads up to 1"},
    {rename_agent, HRL_ERROR_MISMATCH,
     "holds the agent 'executor', expected the strategist"},
    {negate_step, HRL_ERROR_FORMAT, "state/0/step: expected a count of steps"}};
#define AGENT_FORGERIES (sizeof agent_forgeries / sizeof agent_forgeries[0])

START_TEST(forged_agents_are_refused) {
  for (size_t i = 0; i < AGENT_FORGERIES; i++) {
    forge_agent("high_agent.pt", agent_forgeries[i].change);
    FAILS(hrl_trainer_load(trainer, "bad", &error), agent_forgeries[i].status,
          agent_forgeries[i].text);
  }
  forge_agent("high_agent.pt", change_nothing); /* the forger's own work is sound */
  hrl_trainer_options options = short_run(40, NULL);
  hrl_trainer *other = make_trainer(&options);
  OK(hrl_trainer_load(other, "bad", &error));
  hrl_trainer_destroy(other);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("checkpoint_forged");
  TCase *cases = tcase_create("forged");
  tcase_set_timeout(cases, 240);
  tcase_add_checked_fixture(cases, set_up, tear_down);
  tcase_add_test(cases, forged_metadata_is_refused);
  tcase_add_test(cases, metadata_of_another_kind_is_refused);
  tcase_add_test(cases, forged_agents_are_refused);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
