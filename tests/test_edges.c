/* Households and trainings at the edges of every bound: they train, or they are refused
 * with a reason; no file, line or figure holds a number that is not finite. */
#include "trial.h"

#include <math.h>

/* Up to six keys of the trial's scenario that are changed. */
struct edge {
  const char *name;
  struct {
    const char *key;
    double value;
  } changes[6];
};

static const struct edge edges[] = {
    {"income of a cent", {{"environment.income", 0.01}}},
    {"a cent for everything",
     {{"environment.income", 0.01},
      {"environment.fixed_expenses", 0.001},
      {"environment.variable_expense_mean", 0.001},
      {"environment.variable_expense_std", 0},
      {"environment.safety_threshold", 0},
      {"environment.initial_cash", 0}}},
    {"income of a billion", {{"environment.income", 1e9}}},
    {"a billion for everything",
     {{"environment.income", 1e9},
      {"environment.fixed_expenses", 5e8},
      {"environment.variable_expense_mean", 3e8},
      {"environment.variable_expense_std", 1e8},
      {"environment.safety_threshold", 1e12},
      {"environment.initial_cash", 1e12}}},
    {"no deviation", {{"environment.variable_expense_std", 0}}},
    {"a deviation of a trillion", {{"environment.variable_expense_std", 1e12}}},
    {"prices that vanish", {{"environment.inflation", -1}}},
    {"prices that double", {{"environment.inflation", 1}}},
    {"one month", {{"environment.max_months", 1}}},
    {"one month, one household",
     {{"environment.max_months", 1}, {"training.parallel_episodes", 1}}},
    {"10,000 months",
     {{"environment.max_months", 10000},
      {"environment.initial_cash", 1e12},
      {"environment.inflation", 0},
      {"training.parallel_episodes", 2},
      {"training.batch_size", 4096},
      {"training.epochs_low", 1}}},
    {"10,000 months of inflation",
     {{"environment.max_months", 10000},
      {"environment.initial_cash", 1e12},
      {"training.parallel_episodes", 2},
      {"training.batch_size", 4096},
      {"training.epochs_low", 1}}},
    {"12,000 months of prices that double",
     {{"environment.max_months", 12000}, {"environment.inflation", 1}}},
    {"cash of a trillion", {{"environment.initial_cash", 1e12}}},
    {"no cash, no threshold",
     {{"environment.initial_cash", 0}, {"environment.safety_threshold", 0}}},
    {"insolvent in the first month",
     {{"environment.fixed_expenses", 1e12}, {"environment.initial_cash", 0}}},
    {"alpha 0", {{"reward.alpha", 0}}},
    {"no rewards at all",
     {{"reward.alpha", 0},
      {"reward.beta", 0},
      {"reward.gamma", 0},
      {"reward.delta", 0},
      {"reward.lambda", 0},
      {"reward.mu", 0}}},
    {"the greatest weights",
     {{"reward.alpha", 1e6},
      {"reward.beta", 1e6},
      {"reward.gamma", 1e6},
      {"reward.delta", 1e6},
      {"reward.lambda", 1e6},
      {"reward.mu", 1e6}}},
    {"the greatest weights of the greatest sums",
     {{"reward.alpha", 1e6},
      {"reward.delta", 1e6},
      {"environment.income", 1e9},
      {"environment.initial_cash", 1e12},
      {"environment.variable_expense_std", 1e12},
      {"environment.max_months", 120}}},
    {"a period longer than the horizon", {{"training.high_period", 12000}}},
    {"a goal every month", {{"training.high_period", 1}}},
    {"one household at a time", {{"training.parallel_episodes", 1}}},
    {"networks one wide", {{"training.hidden_low", 1}, {"training.hidden_high", 1}}},
    {"minibatches of one", {{"training.batch_size", 1}, {"training.batch_size_high", 1}}},
    {"minibatches of a million",
     {{"training.batch_size", 1e6}, {"training.batch_size_high", 1e6}}},
    {"the fastest learning",
     {{"training.learning_rate_low", 1},
      {"training.learning_rate_high", 1},
      {"training.max_gradient_norm", 1e6},
      {"training.clip_range", 10}}},
    {"the least exploration",
     {{"training.exploration_low", 1e-300},
      {"training.exploration_high", 1e-300},
      {"training.exploration_end", 1e-300}}},
    {"the most exploration",
     {{"training.exploration_low", 1},
      {"training.exploration_high", 1},
      {"training.exploration_end", 1}}},
    {"no discount", {{"training.gamma_low", 1}, {"training.gamma_high", 1}}},
    {"all discount", {{"training.gamma_low", 1e-300}, {"training.gamma_high", 1e-300}}},
    {"all to entropy", {{"training.entropy_weight", 10}, {"training.value_weight", 0}}},
    {"a portfolio that doubles each month",
     {{"environment.investment_return_type", 1},
      {"environment.investment_return_mean", 1},
      {"environment.max_months", 60}}},
    {"a portfolio that doubles for a thousand years",
     {{"environment.investment_return_type", 1},
      {"environment.investment_return_mean", 1},
      {"environment.max_months", 12000}}},
    {"a portfolio that vanishes",
     {{"environment.investment_return_type", 1},
      {"environment.investment_return_mean", -1}}},
    {"a portfolio of pure luck",
     {{"environment.investment_return_type", 2},
      {"environment.investment_return_mean", 0},
      {"environment.investment_return_std", 1}}},
    {"risk tolerance 0", {{"environment.risk_tolerance", 0}}},
    {"risk tolerance 1", {{"environment.risk_tolerance", 1}}},
    {"a price of the goal above all", {{"training.goal_weight", 1000}}},
};
#define EDGES (sizeof edges / sizeof edges[0])

static hrl_scenario *make_edge(const struct edge *edge) {
  hrl_scenario *scenario = make_scenario();
  for (size_t i = 0; i < 6 && edge->changes[i].key != NULL; i++)
    OK(hrl_scenario_set(scenario, edge->changes[i].key, edge->changes[i].value, &error));
  return scenario;
}

static void watch_numbers(const hrl_event *event, void *data) {
  const hrl_progress *p = event->progress;
  const hrl_evaluation *e = event->evaluation;
  ++*(size_t *)data;
  if (p != NULL)
    ck_assert(isfinite(p->avg_reward) && isfinite(p->avg_duration) &&
              isfinite(p->avg_cash) && isfinite(p->avg_invested) &&
              isfinite(p->stability) && isfinite(p->goal_adherence) &&
              isfinite(p->elapsed_time));
  if (e != NULL)
    ck_assert(isfinite(e->strategic_return) && isfinite(e->strategic_return_stderr) &&
              isfinite(e->reward) && isfinite(e->months) && isfinite(e->solvent) &&
              isfinite(e->stability) && isfinite(e->final_cash) &&
              isfinite(e->invested) && isfinite(e->wealth) &&
              isfinite(e->goal_adherence));
}

/* A reason, in one line, that says what to change. */
static void assert_reason(const struct edge *edge, hrl_status status,
                          const hrl_error *error) {
  ck_assert_msg(status == HRL_ERROR_NUMERIC, "%s: %s: %s", edge->name,
                hrl_status_name(status), error->message);
  ck_assert_msg(strlen(error->message) > 40, "%s: '%s'", edge->name, error->message);
}

/* The files hold no number that is not one: each checkpoint loads, which checks every
 * weight, and the texts have no null. */
static void assert_files_finite(const hrl_scenario *scenario, const char *folder) {
  static const char *const texts[] = {"training_history.json", "metadata.json"};
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, NULL, &trainer, &error));
  OK(hrl_trainer_load(trainer, folder, &error));
  hrl_trainer_destroy(trainer);
  for (size_t i = 0; i < 2; i++) {
    char *path = hrlp_path_join(folder, texts[i]);
    size_t length = 0;
    char *text = read_whole(path, &length);
    ck_assert_ptr_null(strcasestr(text, "nan"));
    ck_assert_ptr_null(strcasestr(text, "inf,"));
    char *null = strstr(text, "null");
    ck_assert_msg(null == NULL || strncmp(null - 19, "\"best_eval_score\": ", 19) == 0,
                  "%s: %s", path, text);
    free(text);
    free(path);
  }
}

/* What is on disk must be whole and finite, however the run ended. */
static size_t check_files(const hrl_scenario *scenario) {
  struct hrlp_names found = {0};
  size_t checkpoints = 0;
  if (hrlp_folder_list("out/checkpoints/trial", &found, NULL) != HRL_OK) return 0;
  for (size_t i = 0; i < found.count; i++) {
    if (strncmp(found.names[i], "checkpoint_", 11) != 0) continue;
    char *path = hrlp_path_join("out/checkpoints/trial", found.names[i]);
    assert_files_finite(scenario, path);
    free(path);
    checkpoints++;
  }
  hrlp_names_free(&found);
  return checkpoints;
}

START_TEST(an_edge_trains_or_is_refused) {
  const struct edge *edge = &edges[_i];
  hrl_scenario *scenario = make_edge(edge);
  double batch = 0.0;
  double months = 0.0;
  OK(hrl_scenario_get(scenario, "training.parallel_episodes", &batch, &error));
  OK(hrl_scenario_get(scenario, "environment.max_months", &months, &error));
  hrl_trainer_options options = short_run(3 * (uint64_t)batch, "out");
  options.save_interval = (uint64_t)batch;
  options.eval_episodes = months > 1000 ? 2 : 10;
  hrl_trainer *trainer = NULL;
  hrl_error problem = HRL_ERROR_INIT;
  size_t events = 0;
  hrl_status status = hrl_trainer_create(scenario, &options, &trainer, &problem);
  if (status == HRL_OK) {
    OK(hrl_trainer_add_listener(trainer, watch_numbers, &events, &error));
    for (int more = 1; more != 0 && status == HRL_OK;)
      status = hrl_trainer_step(trainer, &more, &problem);
    hrl_trainer_destroy(trainer);
    size_t checkpoints = check_files(scenario);
    if (status == HRL_OK) ck_assert_uint_ge(checkpoints, 3);
  }
  if (getenv("TEST_EDGES_SHOW") != NULL)
    fprintf(stderr, "%s: %s\n", edge->name,
            status == HRL_OK ? "trains" : problem.message);
  if (status != HRL_OK) assert_reason(edge, status, &problem);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* What is no edge is not refused: these must train. */
START_TEST(most_edges_train) {
  static const char *const must[] = {
      "income of a cent",   "income of a billion",
      "no deviation",       "prices that vanish",
      "prices that double", "one month",
      "cash of a trillion", "alpha 0",
      "no rewards at all",  "a period longer than the horizon",
      "10,000 months",      "one household at a time"};
  for (size_t i = 0; i < sizeof must / sizeof must[0]; i++) {
    size_t at = 0;
    while (at < EDGES && strcmp(edges[at].name, must[i]) != 0) at++;
    ck_assert_uint_lt(at, EDGES);
    hrl_scenario *scenario = make_edge(&edges[at]);
    hrl_trainer_options options = short_run(1, NULL);
    options.eval_episodes = 1;
    hrl_trainer *trainer = NULL;
    OK(hrl_trainer_create(scenario, &options, &trainer, &error));
    step_to_end(trainer);
    hrl_trainer_destroy(trainer);
    hrl_scenario_destroy(scenario);
  }
}
END_TEST

/* The public evaluations give finite figures or a reason too. */
START_TEST(an_edge_is_evaluated_or_refused) {
  const struct edge *edge = &edges[_i];
  hrl_scenario *scenario = make_edge(edge);
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 2;
  options.threads = 1;
  static const double shares[] = {0.0, 0.5, 1.0};
  for (size_t i = 0; i < 3; i++) {
    hrl_evaluation result = {.size = sizeof result};
    hrl_error problem = HRL_ERROR_INIT;
    hrl_status status =
        hrl_evaluate_share(scenario, shares[i], &options, &result, &problem);
    if (status != HRL_OK)
      assert_reason(edge, status, &problem);
    else
      ck_assert(isfinite(result.strategic_return) &&
                isfinite(result.strategic_return_stderr) && isfinite(result.wealth) &&
                isfinite(result.stability));
  }
  hrl_scenario_destroy(scenario);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("edges");
  TCase *cases = tcase_create("edges");
  tcase_set_timeout(cases, 240);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_loop_test(cases, an_edge_trains_or_is_refused, 0, EDGES);
  tcase_add_test(cases, most_edges_train);
  tcase_add_loop_test(cases, an_edge_is_evaluated_or_refused, 0, EDGES);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
