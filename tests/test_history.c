/* The history: what it keeps, that it stays bounded and valid, and that a run resumes
 * exactly while it is being thinned. */
#include "trial.h"

#include <jansson.h>
#include <math.h>

#include "storage/metadata.h"

static struct hrlp_history make_history(void) {
  struct hrlp_history history;
  OK(hrlp_history_create(&history, &error));
  return history;
}

/* Figures with no short decimals, another for each series. */
static struct hrlp_episode made_up(uint64_t n) {
  double x = sin((double)n * 0.37);
  return (struct hrlp_episode){.reward = 1000.0 * x,
                               .strategic_return = x,
                               .months = 1 + (int64_t)(n % 12),
                               .final_cash = 1e6 * x,
                               .total_invested = 1e-3 * x,
                               .portfolio = x,
                               .wealth = 7.0 * x,
                               .stability = fabs(x),
                               .goal_adherence = x / 3.0,
                               .sharpe = -x,
                               .policy_stability = x * x};
}

static void add_episodes(struct hrlp_history *history, uint64_t first, uint64_t count) {
  for (uint64_t n = first; n < first + count; n++) {
    struct hrlp_episode episode = made_up(n);
    hrlp_history_add_episode(history, &episode, 3.0);
    if (n % 8 == 7) hrlp_history_add_losses(history, (double)n, -(double)n);
  }
}

static char *format(const struct hrlp_history *history) {
  struct hrlp_text text;
  OK(hrlp_history_format(history, &text, &error));
  ck_assert_uint_eq(strlen(text.data), text.length);
  return text.data;
}

static json_t *parse(const char *text) {
  json_error_t problem;
  json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
  ck_assert_msg(root != NULL, "%s", problem.text);
  return root;
}

START_TEST(an_empty_history_has_all_keys) {
  struct hrlp_history history = make_history();
  char *text = format(&history);
  json_t *root = parse(text);
  ck_assert_uint_eq(json_object_size(root), HRLP_SERIES_COUNT);
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++)
    ck_assert(
        json_is_array(json_object_get(root, hrlp_series_key((enum hrlp_series_name)i))));
  json_decref(root);
  free(text);
  hrlp_history_destroy(&history);
}
END_TEST

START_TEST(entries_are_the_episodes_to_single_precision) {
  struct hrlp_history history = make_history();
  add_episodes(&history, 0, 100);
  char *text = format(&history);
  json_t *root = parse(text);
  json_t *rewards = json_object_get(root, "episode_rewards");
  json_t *growth = json_object_get(root, "cumulative_wealth_growth");
  ck_assert_uint_eq(json_array_size(rewards), 100);
  ck_assert_uint_eq(json_array_size(json_object_get(root, "low_level_losses")), 12);
  for (size_t n = 0; n < 100; n++) {
    struct hrlp_episode episode = made_up(n);
    ck_assert_float_eq((float)json_number_value(json_array_get(rewards, n)),
                       (float)episode.reward);
    ck_assert_float_eq((float)json_number_value(json_array_get(growth, n)),
                       (float)(episode.wealth - 3.0));
  }
  json_decref(root);
  free(text);
  hrlp_history_destroy(&history);
}
END_TEST

/* 5 times as many episodes as there are entries: each entry is a mean of 8. */
START_TEST(a_long_history_is_thinned_to_means) {
  const uint64_t count = 5 * HRLP_HISTORY_ENTRIES + 3;
  struct hrlp_history history = make_history();
  add_episodes(&history, 0, count);
  char *text = format(&history);
  ck_assert_uint_lt(strlen(text), (size_t)HRLP_HISTORY_ENTRIES * HRLP_SERIES_COUNT * 17);
  json_t *root = parse(text);
  ck_assert_int_eq(json_integer_value(json_object_get(root, "episodes_per_entry")), 8);
  json_t *rewards = json_object_get(root, "episode_rewards");
  ck_assert_uint_eq(json_array_size(rewards), count / 8);
  for (size_t i = 0; i < count / 8; i++) {
    double mean = 0.0;
    for (size_t n = 0; n < 8; n++) mean += made_up(8 * i + n).reward / 8.0;
    ck_assert_double_eq_tol(json_number_value(json_array_get(rewards, i)), mean, 1e-3);
  }
  /* losses are fewer, and still one by one */
  ck_assert_uint_eq(json_array_size(json_object_get(root, "low_level_losses")),
                    count / 8);
  json_decref(root);
  free(text);
  hrlp_history_destroy(&history);
}
END_TEST

START_TEST(memory_is_bounded) {
  struct hrlp_history history = make_history();
  add_episodes(&history, 0, 9 * HRLP_HISTORY_ENTRIES);
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    ck_assert_uint_lt(history.series[i].count, HRLP_HISTORY_ENTRIES);
    ck_assert_uint_le(history.series[i].text.capacity, (size_t)HRLP_HISTORY_ENTRIES * 32);
  }
  hrlp_history_destroy(&history);
}
END_TEST

START_TEST(what_is_not_a_number_is_null) {
  struct hrlp_history history = make_history();
  struct hrlp_episode episode = made_up(1);
  episode.sharpe = NAN;
  episode.reward = 1e300; /* beyond single precision */
  hrlp_history_add_episode(&history, &episode, 0.0);
  char *text = format(&history);
  json_t *root = parse(text);
  ck_assert(json_is_null(json_array_get(json_object_get(root, "sharpe_ratio"), 0)));
  ck_assert(json_is_null(json_array_get(json_object_get(root, "episode_rewards"), 0)));
  struct hrlp_history again = make_history();
  OK(hrlp_history_parse(&again, "h", text, strlen(text), &error));
  char *same = format(&again);
  ck_assert_str_eq(same, text);
  json_decref(root);
  free(text);
  free(same);
  hrlp_history_destroy(&again);
  hrlp_history_destroy(&history);
}
END_TEST

/* ---- across a resume ---- */

/* A run of a made-up history, with agents, as a checkpoint holds it. */
struct stored {
  struct hrlp_agents agents;
  struct hrlp_run run;
  hrl_scenario *scenario;
};

static void make_stored(struct stored *stored) {
  *stored = (struct stored){.scenario = make_scenario()};
  struct hrlp_agents_config config = hrlp_agents_configure(&stored->scenario->training);
  OK(hrlp_agents_create_for(&stored->agents, &config, stored->scenario, 1, &error));
  OK(hrlp_history_create(&stored->run.history, &error));
}

static void free_stored(struct stored *stored) {
  hrlp_history_destroy(&stored->run.history);
  hrlp_agents_destroy(&stored->agents);
  hrl_scenario_destroy(stored->scenario);
}

/* Saves history and metadata, and reads both into a new run. */
static void pass_on(struct stored *stored) {
  struct hrlp_file_seal seals[HRLP_METADATA_FILES] = {
      {"a", 1, 2}, {"b", 3, 4}, {"c", 5, 6}};
  struct hrlp_metadata metadata = {
      .seals = {{.name = "a"}, {.name = "b"}, {.name = "c"}}};
  struct hrlp_text json;
  OK(hrlp_metadata_format(stored->scenario, &stored->agents, &stored->run, seals, &json,
                          &error));
  char *text = format(&stored->run.history);
  struct hrlp_run read = {0};
  OK(hrlp_history_create(&read.history, &error));
  OK(hrlp_metadata_parse("m", json.data, json.length, &metadata, &read, &error));
  OK(hrlp_history_parse(&read.history, "h", text, strlen(text), &error));
  hrlp_history_destroy(&stored->run.history);
  stored->run = read;
  hrlp_text_free(&json);
  free(text);
}

/* Interrupted at these episodes: around the first and second thinning, with values
 * pending and without. */
START_TEST(a_resume_while_thinning_is_exact) {
  static const uint64_t stops[] = {1,     16383, 16384, 16385, 20000, 32767,
                                   32768, 32769, 40001, 70000, 70001};
  const size_t count = sizeof stops / sizeof stops[0];
  struct stored stored;
  make_stored(&stored);
  struct hrlp_history straight = make_history();
  uint64_t done = 0;
  for (size_t i = 0; i < count; i++) {
    add_episodes(&straight, done, stops[i] - done);
    add_episodes(&stored.run.history, done, stops[i] - done);
    done = stops[i];
    pass_on(&stored);
    char *expected = format(&straight);
    char *found = format(&stored.run.history);
    ck_assert_msg(strcmp(expected, found) == 0, "they differ after %llu episodes",
                  (unsigned long long)done);
    free(expected);
    free(found);
    for (size_t s = 0; s < HRLP_SERIES_COUNT; s++) {
      ck_assert_uint_eq(straight.series[s].stride, stored.run.history.series[s].stride);
      ck_assert_uint_eq(straight.series[s].pending_count,
                        stored.run.history.series[s].pending_count);
      ck_assert_double_eq(straight.series[s].pending_sum,
                          stored.run.history.series[s].pending_sum);
    }
  }
  hrlp_history_destroy(&straight);
  free_stored(&stored);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(bad_histories_are_refused) {
  static const struct {
    const char *json, *text;
    hrl_status status;
  } cases[] = {{"", "not a history: ", HRL_ERROR_FORMAT},
               {"{", "h:1:1: not a history: ", HRL_ERROR_FORMAT},
               {"[]", "h: episode_rewards: expected an array", HRL_ERROR_FORMAT},
               {"{}", "h: episode_rewards: expected an array", HRL_ERROR_FORMAT},
               {"{\"episode_rewards\": 1}", "episode_rewards: expected an array",
                HRL_ERROR_FORMAT},
               {"{\"episode_rewards\": [1, \"2\"]}",
                "episode_rewards: entry 2: expected a number", HRL_ERROR_FORMAT},
               {"{\"episode_rewards\": [1], \"episode_rewards\": [1]}", "duplicate",
                HRL_ERROR_FORMAT},
               {"{\"episode_rewards\": [1]}", "h: episode_lengths: expected an array",
                HRL_ERROR_FORMAT}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct hrlp_history history = make_history();
    FAILS(hrlp_history_parse(&history, "h", cases[i].json, strlen(cases[i].json), &error),
          cases[i].status, cases[i].text);
    hrlp_history_destroy(&history);
  }
}
END_TEST

START_TEST(too_many_entries_are_refused) {
  size_t room = 64 + 2 * HRLP_HISTORY_ENTRIES;
  char *json = calloc(room, 1);
  strcpy(json, "{\"episode_rewards\": [1");
  size_t used = strlen(json);
  for (size_t i = 1; i < HRLP_HISTORY_ENTRIES; i++, used += 2)
    memcpy(json + used, ",1", 2);
  strcpy(json + used, "]}");
  struct hrlp_history history = make_history();
  FAILS(hrlp_history_parse(&history, "h", json, strlen(json), &error), HRL_ERROR_LIMIT,
        "episode_rewards: found 16384 entries, expected fewer than 16384");
  hrlp_history_destroy(&history);
  free(json);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("history");
  TCase *cases = tcase_create("history");
  tcase_set_timeout(cases, 120);
  tcase_add_test(cases, an_empty_history_has_all_keys);
  tcase_add_test(cases, entries_are_the_episodes_to_single_precision);
  tcase_add_test(cases, a_long_history_is_thinned_to_means);
  tcase_add_test(cases, memory_is_bounded);
  tcase_add_test(cases, what_is_not_a_number_is_null);
  tcase_add_test(cases, a_resume_while_thinning_is_exact);
  tcase_add_test(cases, bad_histories_are_refused);
  tcase_add_test(cases, too_many_entries_are_refused);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
