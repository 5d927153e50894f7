/* The reader of metadata.json, and the check of its example. What it accepts must survive
 * being written and read again.
 *
 * Each input is tried as it is and with its checksum put right: a change would otherwise
 * never get past it, and an attacker can compute checksums as well. */
#include <jansson.h>
#include <math.h>

#include "fuzz.h"
#include "storage/metadata.h"
#include "storage/metadata_seal.h"

static const char household[] =
    "environment: {income: 3200, fixed_expenses: 1400, variable_expense_mean: 700,\n"
    "  variable_expense_std: 100, inflation: 0.02, safety_threshold: 5000,\n"
    "  max_months: 60, initial_cash: 5000, risk_tolerance: 0.5,\n"
    "  investment_return_mean: 0.005, investment_return_std: 0.02,\n"
    "  investment_return_type: stochastic}\n"
    "training: {hidden_low: 4, hidden_high: 4}\n";

/* Made once, not for each input; never freed. */
static hrl_scenario *scenario;
static struct hrlp_agents agents;

static void prepare(void) {
  if (scenario != NULL) return;
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status =
      hrl_scenario_parse(household, strlen(household), "fuzz", &scenario, &error);
  if (status != HRL_OK) fprintf(stderr, "%s\n", error.message);
  PROMISE(status == HRL_OK);
  struct hrlp_agents_config config = hrlp_agents_configure(&scenario->training);
  PROMISE(hrlp_agents_create_for(&agents, &config, scenario, 7, &error) == HRL_OK);
}

/* What one metadata.json says. */
struct said {
  struct hrlp_metadata metadata;
  struct hrlp_run run;
};

static hrl_status parse(const char *json, size_t length, struct said *said) {
  static const char *const names[HRLP_METADATA_FILES] = {"high_agent.pt", "low_agent.pt",
                                                         "training_history.json"};
  *said = (struct said){0};
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++)
    said->metadata.seals[i].name = names[i];
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrlp_metadata_parse("metadata.json", json, length, &said->metadata,
                                          &said->run, &error);
  promise_error(status, &error);
  return status;
}

static void check_bounds(const struct said *said) {
  const struct hrlp_run *run = &said->run;
  PROMISE(run->recent_count <= HRLP_RECENT);
  PROMISE(run->round_first <= run->episode);
  PROMISE(memchr(run->start_time, '\0', sizeof run->start_time) != NULL);
  PROMISE(memchr(said->metadata.scenario, '\0', sizeof said->metadata.scenario) != NULL);
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++)
    PROMISE(run->history.series[i].pending_count < run->history.series[i].stride);
  hrl_progress progress = hrlp_run_progress(run);
  PROMISE(progress.episode == run->episode);
}

static void check_equal(const struct said *a, const struct said *b) {
  PROMISE(a->run.seed == b->run.seed);
  PROMISE(a->run.episode == b->run.episode);
  PROMISE(a->run.total_episodes == b->run.total_episodes);
  PROMISE(a->run.round_first == b->run.round_first);
  PROMISE(a->run.elapsed == b->run.elapsed);
  PROMISE(a->run.has_best == b->run.has_best);
  PROMISE(!a->run.has_best || a->run.best_score == b->run.best_score);
  PROMISE(strcmp(a->run.start_time, b->run.start_time) == 0);
  PROMISE(a->run.recent_count == b->run.recent_count);
  for (size_t i = 0; i < a->run.recent_count; i++) {
    PROMISE(a->run.recent[i].months == b->run.recent[i].months);
    PROMISE(a->run.recent[i].reward == b->run.recent[i].reward);
    PROMISE(a->run.recent[i].insolvent == b->run.recent[i].insolvent);
  }
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    const struct hrlp_series *x = &a->run.history.series[i];
    const struct hrlp_series *y = &b->run.history.series[i];
    PROMISE(x->stride == y->stride && x->pending_sum == y->pending_sum &&
            x->pending_count == y->pending_count);
  }
  const struct hrlp_returns *r = &a->run.history.returns;
  const struct hrlp_returns *s = &b->run.history.returns;
  PROMISE(r->count == s->count && (r->count == 0 || r->episodes == s->episodes));
  for (size_t i = 0; i < r->count * r->episodes; i++)
    PROMISE(r->values[i] == s->values[i]);
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++)
    PROMISE(a->metadata.seals[i].bytes == b->metadata.seals[i].bytes &&
            a->metadata.seals[i].checksum == b->metadata.seals[i].checksum);
  PROMISE(a->metadata.updates == b->metadata.updates);
  PROMISE(a->metadata.strategist_steps == b->metadata.strategist_steps);
  PROMISE(a->metadata.executor_steps == b->metadata.executor_steps);
  PROMISE(a->metadata.strategist_scale.weight == b->metadata.strategist_scale.weight);
  PROMISE(a->metadata.executor_scale.sum_squares ==
          b->metadata.executor_scale.sum_squares);
}

static void write_and_read(const struct said *said) {
  agents.updates = said->metadata.updates;
  agents.strategist.steps = said->metadata.strategist_steps;
  agents.executor.steps = said->metadata.executor_steps;
  agents.strategist_scale = said->metadata.strategist_scale;
  agents.executor_scale = said->metadata.executor_scale;
  hrl_error error = HRL_ERROR_INIT;
  struct hrlp_text text;
  hrl_status status = hrlp_metadata_format(scenario, &agents, &said->run,
                                           said->metadata.seals, &text, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  struct said again;
  PROMISE(parse(text.data, text.length, &again) == HRL_OK);
  check_equal(said, &again);
  hrlp_history_destroy(&again.run.history);
  status = hrlp_metadata_check_example("metadata.json", text.data, text.length, &agents,
                                       &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  hrlp_text_free(&text);
}

static void try_text(const char *json, size_t length) {
  struct said said;
  if (parse(json, length, &said) == HRL_OK) {
    check_bounds(&said);
    write_and_read(&said);
  }
  hrlp_history_destroy(&said.run.history);
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status =
      hrlp_metadata_check_example("metadata.json", json, length, &agents, &error);
  promise_error(status, &error);
}

/* The same text with the checksum that belongs to it; NULL where it is no object. */
static char *reseal(const char *json, size_t length) {
  json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL);
  json_int_t seal = 0;
  char *text = NULL;
  if (json_is_object(root) && hrlp_metadata_seal(root, &seal) &&
      json_object_set_new(root, "checksum", json_integer(seal)) == 0)
    text = json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  prepare();
  try_text((const char *)data, size);
  char *sealed = reseal((const char *)data, size);
  if (sealed != NULL) try_text(sealed, strlen(sealed));
  free(sealed);
  return 0;
}
