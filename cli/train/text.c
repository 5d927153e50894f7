#include "train/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hrl/evaluate.h>
#include <hrl/memory.h>
#include <hrl/policy.h>

#include "common/console.h"

/* Bounds the time that the comparison at the end takes. */
#define COMPARED_EPISODES 1000
#define COMPARED_MONTHS_MAX 240

void train_text_header(const char *scenario, const hrl_trainer_status *status,
                       const char *pretrained) {
  printf("scenario %s  episodes %" PRIu64 "  seed %" PRIu64, scenario,
         status->total_episodes, status->seed);
  if (status->episode == 0 && pretrained != NULL) printf("  starts from %s", pretrained);
  if (status->episode > 0) printf("  resumed after episode %" PRIu64, status->episode);
  putchar('\n');
}

void train_text_progress(const hrl_progress *progress) {
  int width = snprintf(NULL, 0, "%" PRIu64, progress->total_episodes);
  printf("episode %*" PRIu64 "/%" PRIu64
         "  reward %.2f  months %.1f  cash %.2f  invested %.2f  stability %.3f"
         "  adherence %.4f  elapsed %.1fs\n",
         width, progress->episode, progress->total_episodes, progress->avg_reward,
         progress->avg_duration, progress->avg_cash, progress->avg_invested,
         progress->stability, progress->goal_adherence, progress->elapsed_time);
}

void train_text_stopped(const hrl_trainer_status *status) {
  printf("stopped after episode %" PRIu64 " of %" PRIu64 "\n", status->episode,
         status->total_episodes);
}

void train_text_completed(const hrl_event *event) {
  if (strcmp(event->reason, "episodes") == 0) return;
  printf("%s after episode %" PRIu64 " of %" PRIu64 "\n",
         strcmp(event->reason, "target") == 0 ? "target reached" : event->reason,
         event->episode, event->total_episodes);
}

void train_text_evaluation(const hrl_evaluation *evaluation) {
  const bool has_worth = isfinite(evaluation->certainty_equivalent);
  const double error = has_worth ? evaluation->certainty_equivalent_stderr
                                 : evaluation->strategic_return_stderr;
  char spread[32] = "n/a"; /* of one episode there is none */
  if (isfinite(error)) snprintf(spread, sizeof spread, "%.2f", error);
  if (has_worth) {
    printf("evaluation  episodes %" PRIu64
           "  certainty equivalent %.2f +- %s  consumption %.2f  rescued %.3f"
           "  stability %.3f  cash %.2f  wealth %.2f  adherence %.4f\n",
           evaluation->episodes, evaluation->certainty_equivalent, spread,
           evaluation->consumption, evaluation->rescued, evaluation->stability,
           evaluation->final_cash, evaluation->wealth, evaluation->goal_adherence);
    return;
  }
  printf("evaluation  episodes %" PRIu64
         "  strategic return %.2f +- %s  reward %.2f  months %.1f  solvent %.3f"
         "  stability %.3f  cash %.2f  invested %.2f  wealth %.2f  adherence %.4f\n",
         evaluation->episodes, evaluation->strategic_return, spread, evaluation->reward,
         evaluation->months, evaluation->solvent, evaluation->stability,
         evaluation->final_cash, evaluation->invested, evaluation->wealth,
         evaluation->goal_adherence);
}

static void print_if_there(const char *path) {
  if (path != NULL && access(path, F_OK) == 0) printf("saved %s\n", path);
}

void train_text_saved(const char *output, const char *scenario, const char *checkpoint) {
  static const char *const endings[] = {"_high_agent.pt", "_low_agent.pt",
                                        "_history.json"};
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s%s", output, scenario, endings[i]) < 0) path = NULL;
    print_if_there(path);
    free(path);
  }
  print_if_there(checkpoint);
}

/* The same with the best simple rule of a model that knows certainty equivalents. */
static void compare_worth(const hrl_evaluation *trained, const hrl_scenario *scenario,
                          const hrl_evaluate_options *options) {
  hrl_evaluation best = {.size = sizeof best};
  hrl_rule rule = {.size = sizeof rule};
  if (hrl_evaluate_best_rule(scenario, options, &rule, &best, NULL) != HRL_OK) return;
  printf(
      "comparison  episodes %d  certainty equivalent %.2f  best simple rule gives %.2f\n",
      COMPARED_EPISODES, trained->certainty_equivalent, best.certainty_equivalent);
}

/* Plays the policy and the best constant share on the same noise. */
static void compare(const hrl_policy *policy, const hrl_scenario *scenario,
                    uint32_t threads) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = COMPARED_EPISODES;
  options.threads = threads;
  hrl_evaluation trained = {.size = sizeof trained};
  hrl_evaluation constant = {.size = sizeof constant};
  double share = 0.0;
  if (hrl_evaluate_policy(policy, scenario, &options, &trained, NULL) != HRL_OK) return;
  if (isfinite(trained.certainty_equivalent)) {
    compare_worth(&trained, scenario, &options);
    return;
  }
  if (hrl_evaluate_best_share(scenario, &options, &share, &constant, NULL) != HRL_OK)
    return;
  printf(
      "comparison  episodes %d  strategic return %.2f  best constant share %.2f"
      " gives %.2f\n",
      COMPARED_EPISODES, trained.strategic_return, share, constant.strategic_return);
}

/* Beside the simple rules and optima of households that training never drew. */
static void compare_family(const hrl_policy *policy, const hrl_scenario *family,
                           uint32_t threads) {
  bool is_slow = strcmp(hrl_scenario_model(family), "lifecycle") == 0;
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_family_evaluation found = {.size = sizeof found};
  options.episodes = COMPARED_EPISODES;
  options.threads = threads;
  if (hrl_evaluate_family(policy, family, is_slow ? 5 : 50, &options, NULL, &found,
                          NULL) != HRL_OK ||
      !isfinite(found.median))
    return;
  printf(
      "comparison  households %d  skill median %.2f  quartiles %.2f to %.2f  worst "
      "%.2f\n",
      (int)found.households, found.median, found.lower_quartile, found.upper_quartile,
      found.worst);
}

/* An extra: where it cannot be had, the training was no less a success. */
void train_text_comparison(const char *output, const hrl_scenario *scenario,
                           uint32_t threads) {
  double months = 0.0;
  hrl_scenario_get(scenario, "environment.max_months", &months, NULL);
  if (months > COMPARED_MONTHS_MAX) return;
  char *model = NULL;
  if (asprintf(&model, "%s/%s", output, hrl_scenario_name(scenario)) < 0) return;
  hrl_policy *policy = NULL;
  if (hrl_policy_load(model, &policy, NULL) == HRL_OK) {
    if (hrl_scenario_is_family(scenario))
      compare_family(policy, scenario, threads);
    else
      compare(policy, scenario, threads);
  }
  hrl_policy_destroy(policy);
  free(model);
}

/* A description as one line that can steer no terminal. */
static void make_line(char *text) {
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == '\n') text[--length] = '\0';
  for (char *c = text; *c != '\0'; c++)
    if (*c == '\n' || *c == '\t') *c = ' ';
  console_make_printable(text);
}

/* Names in one column, what they are in the next. */
static void print_names(char **names, size_t count) {
  size_t width = 0;
  for (size_t i = 0; i < count; i++)
    if (strlen(names[i]) > width) width = strlen(names[i]);
  for (size_t i = 0; i < count; i++) {
    hrl_error error = HRL_ERROR_INIT;
    hrl_scenario *scenario = NULL;
    bool ok = hrl_scenario_load(names[i], &scenario, &error) == HRL_OK;
    char *text = strdup(ok ? hrl_scenario_description(scenario) : error.message);
    console_make_printable(names[i]);
    if (text != NULL) make_line(text);
    if (text == NULL || *text == '\0')
      printf("%s\n", names[i]);
    else
      printf("%-*s  %s%s\n", (int)width, names[i], ok ? "" : "bad: ", text);
    free(text);
    hrl_scenario_destroy(scenario);
  }
}

int train_text_list(void) {
  hrl_error error = HRL_ERROR_INIT;
  char **names = NULL;
  size_t count = 0;
  if (hrl_scenario_list(&names, &count, &error) != HRL_OK) {
    console_error("%s", error.message);
    return EXIT_FAILED;
  }
  if (count == 0)
    console_error("no scenarios are known; set HRL_SCENARIO_PATH to a folder with some");
  print_names(names, count);
  hrl_free(names);
  return count > 0 ? EXIT_DONE : EXIT_FAILED;
}
