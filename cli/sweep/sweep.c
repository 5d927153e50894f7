#include "sweep/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool no_memory(hrl_error *error) {
  if (error->status != HRL_OK) return false;
  error->status = HRL_ERROR_MEMORY;
  snprintf(error->message, sizeof error->message, "out of memory");
  return false;
}

/* FNV-1a. */
static uint64_t digest_text(uint64_t hash, const char *text) {
  for (; *text != '\0'; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
  return (hash ^ 0xff) * 0x100000001b3ULL;
}

/* Scenario `scenario` as the setting changes it, under the name of a run. */
static bool build(const struct sweep *sweep, const struct sweep_run *run,
                  hrl_scenario **result, char **text, hrl_error *error) {
  const struct setting *setting = &sweep->plan.settings[run->setting];
  hrl_scenario *scenario = NULL;
  *result = NULL;
  *text = NULL;
  hrl_status status =
      hrl_scenario_load(sweep->plan.scenarios[run->scenario], &scenario, error);
  for (size_t i = 0; status == HRL_OK && i < setting->count; i++)
    status = hrl_scenario_set(scenario, setting->values[i].key, setting->values[i].value,
                              error);
  if (status == HRL_OK) status = hrl_scenario_format(scenario, text, error);
  if (status == HRL_OK)
    status = hrl_scenario_parse(*text, strlen(*text), run->name, result, error);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK;
}

bool sweep_scenario(const struct sweep *sweep, const struct sweep_run *run,
                    hrl_scenario **scenario, hrl_error *error) {
  char *text = NULL;
  bool built = build(sweep, run, scenario, &text, error);
  free(text);
  return built;
}

/* The name of the scenario, shortened where it must be, and the run's number. */
static bool name_run(const struct sweep *sweep, struct sweep_run *run, size_t number,
                     hrl_error *error) {
  const char *source = sweep->plan.scenarios[run->scenario];
  const char *slash = strrchr(source, '/');
  char base[HRL_NAME_SIZE - 16];
  snprintf(base, sizeof base, "%s", slash != NULL ? slash + 1 : source);
  char *ending = strrchr(base, '.');
  if (ending != NULL && (strcmp(ending, ".yaml") == 0 || strcmp(ending, ".yml") == 0))
    *ending = '\0';
  char raw[HRL_NAME_SIZE];
  snprintf(raw, sizeof raw, "%s-%05u", base, (unsigned)number);
  return hrl_name_sanitize(raw, run->name, error) == HRL_OK;
}

/* Checks the first run of a scenario and setting, and gives what holds for all its seeds.
 */
static bool check_group(const struct sweep *sweep, const struct sweep_run *run,
                        uint64_t *episodes, uint64_t *digest, hrl_error *error) {
  hrl_scenario *scenario = NULL;
  char *text = NULL;
  char options[64];
  double own = 0.0;
  bool built = build(sweep, run, &scenario, &text, error) &&
               hrl_scenario_get(scenario, "training.num_episodes", &own, error) == HRL_OK;
  if (built) {
    *episodes = sweep->plan.episodes > 0 ? sweep->plan.episodes : (uint64_t)own;
    snprintf(options, sizeof options, "%llu %u",
             (unsigned long long)sweep->plan.save_interval,
             (unsigned)sweep->plan.eval_episodes);
    *digest = digest_text(digest_text(0xcbf29ce484222325ULL, text), options);
  }
  free(text);
  hrl_scenario_destroy(scenario);
  return built;
}

bool sweep_prepare(struct sweep *sweep, hrl_error *error) {
  const struct plan *plan = &sweep->plan;
  sweep->run_count = plan->scenario_count * plan->setting_count * plan->seed_count;
  sweep->runs = calloc(sweep->run_count, sizeof *sweep->runs);
  if (sweep->runs == NULL || asprintf(&sweep->folder, "%s/sweep", sweep->output) < 0)
    return no_memory(error);
  uint64_t episodes = 0, digest = 0;
  for (size_t i = 0; i < sweep->run_count; i++) {
    struct sweep_run *run = &sweep->runs[i];
    size_t group = sweep_group(sweep, i);
    run->scenario = group / plan->setting_count;
    run->setting = group % plan->setting_count;
    run->seed = plan->seeds[i % plan->seed_count];
    if (!name_run(sweep, run, i, error)) return false;
    if (i % plan->seed_count == 0 && !check_group(sweep, run, &episodes, &digest, error))
      return false;
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    run->episodes = episodes;
    run->digest = digest_text(digest, seed);
  }
  return true;
}

void sweep_free(struct sweep *sweep) {
  plan_free(&sweep->plan);
  free(sweep->runs);
  free(sweep->folder);
}

static int compare(const void *a, const void *b) {
  const double *x = a;
  const double *y = b;
  return (*x > *y) - (*x < *y);
}

void sweep_sort(double *values, size_t count) {
  qsort(values, count, sizeof *values, compare);
}

double sweep_quantile(const double *sorted, size_t count, double share) {
  if (count == 0) return NAN;
  double place = share * (double)(count - 1);
  size_t below = (size_t)place;
  size_t above = below + 1 < count ? below + 1 : below;
  /* not of two infinities */
  if (sorted[below] == sorted[above]) return sorted[below];
  return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}
