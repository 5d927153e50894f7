/* One run on several ranks, which are threads here: the same bits as alone, and ends that all
 * ranks share. */
#include "ranks.h"
#include "trial.h"

/* Batches of 24 episodes in shards of 4, minibatches of two shards and a rest. */
static const char shared_yaml[] =
    "environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,\n"
    "  variable_expense_std: 120, inflation: 0.02, safety_threshold: 1000,\n"
    "  max_months: 24, initial_cash: 3000, risk_tolerance: 0.5}\n"
    "training: {num_episodes: 96, high_period: 4, parallel_episodes: 24, hidden_low: 8,\n"
    "  hidden_high: 8, batch_size: 300, batch_size_high: 140, epochs_low: 2,\n"
    "  epochs_high: 2}\n";

struct part {
  struct meeting *meeting;
  uint32_t rank;
  hrl_trainer_options options;
  const char *load;
  uint64_t stop_at; /* episode at which this rank asks for a stop, or 0 */
  const hrl_scenario *scenario;
  hrl_error error;
  hrl_status status;
  hrl_trainer_status end;
  hrl_communicator communicator;
  size_t checkpoints;
};

static void watch(const hrl_event *event, void *data) {
  struct part *part = data;
  if (event->type == HRL_EVENT_CHECKPOINT) part->checkpoints++;
  if (part->stop_at > 0 && event->episode == part->stop_at)
    hrl_trainer_stop(event->trainer);
}

static void *run_part(void *data) {
  struct part *part = data;
  hrl_trainer *trainer = NULL;
  part->communicator = meeting_communicator(part->meeting, part->rank);
  part->options.communicator = &part->communicator;
  part->status =
      hrl_trainer_create(part->scenario, &part->options, &trainer, &part->error);
  if (part->status == HRL_OK)
    part->status = hrl_trainer_add_listener(trainer, watch, part, &part->error);
  if (part->status == HRL_OK && part->load != NULL)
    part->status = hrl_trainer_load(trainer, part->load, &part->error);
  if (part->status == HRL_OK) part->status = hrl_trainer_start(trainer, &part->error);
  if (part->status == HRL_OK) part->status = hrl_trainer_wait(trainer, &part->error);
  part->end = (hrl_trainer_status){.size = sizeof part->end};
  if (trainer != NULL) hrl_trainer_get_status(trainer, &part->end);
  hrl_trainer_destroy(trainer);
  return NULL;
}

static hrl_scenario *parse(const char *yaml, const char *name) {
  hrl_scenario *scenario = NULL;
  OK(hrl_scenario_parse(yaml, strlen(yaml), name, &scenario, &error));
  return scenario;
}

static hrl_trainer_options shared_run(const char *output, uint32_t threads) {
  hrl_trainer_options options = short_run(0, output);
  options.threads = threads;
  options.eval_episodes = 300; /* three shards */
  options.save_interval = 30;  /* within batches */
  return options;
}

/* Prepares a run of `ranks` ranks. */
static void set_table(struct meeting *meeting, struct part *parts, uint32_t ranks,
                      const hrl_scenario *scenario, const hrl_trainer_options *options) {
  meeting_begin(meeting, ranks);
  for (uint32_t i = 0; i < ranks; i++)
    parts[i] = (struct part){.meeting = meeting,
                             .rank = i,
                             .options = *options,
                             .scenario = scenario,
                             .error = HRL_ERROR_INIT};
}

static void run_parts(struct meeting *meeting, struct part *parts) {
  pthread_t threads[MOST_RANKS];
  for (uint32_t i = 0; i < meeting->ranks; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, run_part, &parts[i]), 0);
  for (uint32_t i = 0; i < meeting->ranks; i++) pthread_join(threads[i], NULL);
}

static void assert_all(const struct part *parts, uint32_t ranks, hrl_trainer_state state) {
  for (uint32_t i = 0; i < ranks; i++) {
    ck_assert_msg(parts[i].status == HRL_OK, "rank %u: %s", i, parts[i].error.message);
    ck_assert_int_eq(parts[i].end.state, state);
    ck_assert_str_eq(parts[i].end.start_time, parts[0].end.start_time);
    ck_assert(parts[i].end.best_eval_score == parts[0].end.best_eval_score);
  }
}

static void run_shared(const hrl_scenario *scenario, uint32_t ranks, uint32_t threads,
                       const char *output) {
  struct meeting meeting;
  struct part parts[MOST_RANKS];
  hrl_trainer_options options = shared_run(output, threads);
  set_table(&meeting, parts, ranks, scenario, &options);
  run_parts(&meeting, parts);
  assert_all(parts, ranks, HRL_TRAINER_COMPLETED);
  if (ranks > 1) ck_assert_uint_gt(meeting.calls, 0);
  ck_assert_uint_gt(parts[0].checkpoints, 0);
  for (uint32_t i = 1; i < ranks; i++) ck_assert_uint_eq(parts[i].checkpoints, 0);
  meeting_end(&meeting);
}

static void run_alone(const hrl_scenario *scenario, const char *output) {
  hrl_trainer_options options = shared_run(output, 1);
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

START_TEST(any_number_of_ranks_gives_the_same_bits) {
  hrl_scenario *scenario = parse(shared_yaml, "trial");
  run_alone(scenario, "alone");
  for (uint32_t ranks = 1; ranks <= MOST_RANKS; ranks = ranks < 4 ? ranks + 1 : 2 * ranks)
    for (uint32_t threads = 1; threads <= 3; threads += 2) {
      char output[32];
      snprintf(output, sizeof output, "r%ut%u", ranks, threads);
      run_shared(scenario, ranks, threads, output);
      assert_same_output("alone", output, 30);
      assert_same_output("alone", output, 60);
      assert_same_output("alone", output, 96);
    }
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(so_does_a_household_whose_critic_sees_nodes) {
  static const char yaml[] =
      "model: lifecycle\n"
      "environment: {income: 2400, max_months: 12}\n"
      "training: {num_episodes: 24, parallel_episodes: 12, hidden_low: 8, hidden_high: 8,\n"
      "  batch_size: 400, epochs_low: 1, epochs_high: 1}\n";
  hrl_scenario *scenario = parse(yaml, "trial");
  run_alone(scenario, "alone");
  run_shared(scenario, 3, 1, "shared");
  assert_same_output("alone", "shared", 24);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(a_stop_on_any_rank_stops_all_and_any_number_goes_on) {
  hrl_scenario *scenario = parse(shared_yaml, "trial");
  run_alone(scenario, "alone");
  for (uint32_t stopping = 0; stopping < 4; stopping += 3) {
    struct meeting meeting;
    struct part parts[MOST_RANKS];
    hrl_trainer_options options = shared_run("shared", 1);
    set_table(&meeting, parts, 4, scenario, &options);
    parts[stopping].stop_at = 40;
    run_parts(&meeting, parts);
    assert_all(parts, 4, HRL_TRAINER_STOPPED);
    for (uint32_t i = 0; i < 4; i++) ck_assert_uint_eq(parts[i].end.episode, 48);
    meeting_end(&meeting);
    /* on two ranks, then on one */
    set_table(&meeting, parts, 2, scenario, &options);
    for (uint32_t i = 0; i < 2; i++)
      parts[i].load = "shared/checkpoints/trial/checkpoint_episode_48";
    parts[0].stop_at = 60;
    run_parts(&meeting, parts);
    assert_all(parts, 2, HRL_TRAINER_STOPPED);
    meeting_end(&meeting);
    hrl_trainer *trainer = NULL;
    OK(hrl_trainer_create(scenario, &options, &trainer, &error));
    OK(hrl_trainer_load(trainer, "shared/checkpoints/trial/checkpoint_episode_72", &error));
    step_to_end(trainer);
    hrl_trainer_destroy(trainer);
    assert_same_output("alone", "shared", 96);
    remove_tree("shared");
  }
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(ranks_with_other_runs_are_refused) {
  static const char *const names[] = {"number of episodes wanted", "another seed",
                                      "another scenario", "save_interval", "agents"};
  hrl_scenario *scenario = parse(shared_yaml, "trial");
  hrl_scenario *other = parse(shared_yaml, "other");
  hrl_scenario *wide = make_scenario();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct meeting meeting;
    struct part parts[MOST_RANKS];
    hrl_trainer_options options = shared_run("shared", 1);
    set_table(&meeting, parts, 3, scenario, &options);
    if (i == 0) parts[2].options.episodes = 97;
    if (i == 1) parts[2].options.seed = 5;
    if (i == 2) parts[2].scenario = other;
    if (i == 3) parts[2].options.save_interval = 31;
    if (i == 4) parts[2].scenario = wide;
    run_parts(&meeting, parts);
    for (uint32_t rank = 0; rank < 3; rank++) {
      bool met = parts[rank].status == HRL_ERROR_MISMATCH;
      ck_assert_msg(met || parts[rank].status == HRL_ERROR_RANKS, "%s",
                    parts[rank].error.message);
      if (met && i < 4)
        ck_assert_msg(strstr(parts[rank].error.message, names[i]) != NULL, "%s",
                      parts[rank].error.message);
    }
    meeting_end(&meeting);
  }
  hrl_scenario_destroy(wide);
  hrl_scenario_destroy(other);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* Rank 0 finds its folder in use: the others, which wait for it, end, too. */
START_TEST(an_error_of_one_rank_ends_all) {
  hrl_scenario *scenario = parse(shared_yaml, "trial");
  hrl_trainer_options options = shared_run("shared", 1);
  hrl_trainer *holder = NULL;
  OK(hrl_trainer_create(scenario, &options, &holder, &error));
  OK(hrl_trainer_step(holder, NULL, &error));
  struct meeting meeting;
  struct part parts[MOST_RANKS];
  set_table(&meeting, parts, 3, scenario, &options);
  run_parts(&meeting, parts);
  ck_assert_int_eq(parts[0].status, HRL_ERROR_LOCKED);
  ck_assert_int_eq(parts[1].status, HRL_ERROR_RANKS);
  ck_assert_int_eq(parts[2].status, HRL_ERROR_RANKS);
  ck_assert_ptr_nonnull(strstr(parts[1].error.message, "rank 1 of 3"));
  meeting_end(&meeting);
  hrl_trainer_destroy(holder);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* Each call in turn fails on one rank: all end with an error, and none waits for ever. */
START_TEST(every_call_that_fails_ends_all) {
  hrl_scenario *scenario = parse(shared_yaml, "trial");
  uint32_t failing = (uint32_t)_i;
  bool completed = false;
  for (size_t call = 1; !completed; call += call < 12 ? 1 : 7) {
    struct meeting meeting;
    struct part parts[MOST_RANKS];
    hrl_trainer_options options = shared_run(NULL, 1);
    options.episodes = 30;
    set_table(&meeting, parts, 3, scenario, &options);
    meeting.failing = failing;
    meeting.calls_until_failure = call;
    run_parts(&meeting, parts);
    completed = parts[failing].status == HRL_OK;
    for (uint32_t rank = 0; rank < 3; rank++)
      ck_assert_int_eq(parts[rank].status, completed ? HRL_OK : HRL_ERROR_RANKS);
    ck_assert_uint_lt(call, 100000);
    meeting_end(&meeting);
  }
  hrl_scenario_destroy(scenario);
}
END_TEST

static int refuse_gather(void *data, void *blocks, size_t bytes) {
  return (void)data, (void)blocks, (void)bytes, -1;
}

START_TEST(communicators_that_are_none_are_refused) {
  hrl_scenario *scenario = make_scenario();
  hrl_trainer_options options = short_run(8, NULL);
  struct meeting meeting;
  meeting_begin(&meeting, 2);
  const hrl_communicator good = meeting_communicator(&meeting, 1);
  hrl_communicator bad[5] = {good, good, good, good, good};
  bad[0].size = 8;
  bad[1].rank = 2;
  bad[2].ranks = 0;
  bad[3].ranks = HRL_RANKS_MAX + 1;
  bad[4].give_up = NULL;
  for (size_t i = 0; i < 5; i++) {
    hrl_trainer *trainer = NULL;
    options.communicator = &bad[i];
    FAILS(hrl_trainer_create(scenario, &options, &trainer, &error), HRL_ERROR_ARGUMENT,
          "communicator");
    ck_assert_ptr_null(trainer);
  }
  /* one rank needs no functions, and none is called */
  hrl_communicator alone = {.size = sizeof alone, .ranks = 1, .gather = refuse_gather};
  options.communicator = &alone;
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  meeting_end(&meeting);
  hrl_scenario_destroy(scenario);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ranks");
  TCase *tcase = tcase_create("ranks");
  tcase_set_timeout(tcase, 240);
  tcase_add_checked_fixture(tcase, enter_room, leave_room);
  tcase_add_test(tcase, any_number_of_ranks_gives_the_same_bits);
  tcase_add_test(tcase, so_does_a_household_whose_critic_sees_nodes);
  tcase_add_test(tcase, a_stop_on_any_rank_stops_all_and_any_number_goes_on);
  tcase_add_test(tcase, ranks_with_other_runs_are_refused);
  tcase_add_test(tcase, an_error_of_one_rank_ends_all);
  tcase_add_loop_test(tcase, every_call_that_fails_ends_all, 0, 3);
  tcase_add_test(tcase, communicators_that_are_none_are_refused);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
