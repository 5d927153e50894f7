#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/queue.h>

#include "common/console.h"
#include "common/json_text.h"
#include "runs/commands.h"
#include "runs/json.h"

#define PRIORITY_MAX 1000000

static int fail(const hrl_error *error) {
  console_error("%s", error->message);
  return EXIT_FAILED;
}

/* A queue that is only changed. */
static hrl_queue *open_queue(const struct command_line *line) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_queue *queue = NULL;
  hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
  options.output = line->values[RUNS_OUTPUT].text;
  options.concurrency = 0;
  if (hrl_queue_open(&options, &queue, &error) != HRL_OK)
    console_error("%s", error.message);
  return queue;
}

/* ---- add ---- */

/* What a run is to be like. False, and told: an option is no good. */
static bool read_options(const struct command_line *line, hrl_queue_entry *entry,
                         hrl_trainer_options *options) {
  const struct option_value *values = line->values;
  double priority = 0.0;
  *options = (hrl_trainer_options)HRL_TRAINER_OPTIONS_INIT;
  options->episodes = values[RUNS_EPISODES].number;
  options->seed = values[RUNS_SEED].number;
  options->save_interval = values[RUNS_SAVE_INTERVAL].number;
  options->eval_episodes = (uint32_t)values[RUNS_EVAL_EPISODES].number;
  options->keep = values[RUNS_KEEP].number;
  options->patience = (uint32_t)values[RUNS_PATIENCE].number;
  options->min_episodes = values[RUNS_MIN_EPISODES].number;
  options->has_target = values[RUNS_TARGET].given;
  if ((values[RUNS_MIN_IMPROVEMENT].given &&
       !runs_number(line, RUNS_MIN_IMPROVEMENT, &options->min_improvement)) ||
      (options->has_target && !runs_number(line, RUNS_TARGET, &options->target)) ||
      !runs_number(line, RUNS_PRIORITY, &priority))
    return false;
  if (fabs(priority) > PRIORITY_MAX || priority != trunc(priority)) {
    console_error("--priority: '%s' is not a whole number from -1000000 to 1000000",
                  values[RUNS_PRIORITY].text);
    return false;
  }
  entry->priority = (int32_t)priority;
  entry->options = options;
  return true;
}

static int add_one(hrl_queue *queue, const hrl_queue_entry *entry, const char *name,
                   bool json) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  uint64_t run = 0;
  hrl_status status = hrl_scenario_load(name, &scenario, &error);
  if (status != HRL_OK) {
    console_error("%s", error.message);
    return status == HRL_ERROR_MEMORY ? EXIT_FAILED : EXIT_USAGE;
  }
  console_notes(hrl_scenario_remarks(scenario));
  status = hrl_queue_add(queue, scenario, entry, &run, &error);
  bool done = true;
  if (status != HRL_OK)
    console_error("%s", error.message);
  else if (json)
    done = runs_print_json(json_pack("{s:I, s:s}", "queued", (json_int_t)run, "scenario",
                                     hrl_scenario_name(scenario)),
                           0);
  else
    printf("run %" PRIu64 " is queued: %s\n", run, hrl_scenario_name(scenario));
  hrl_scenario_destroy(scenario);
  if (status == HRL_ERROR_ARGUMENT) return EXIT_USAGE;
  return status == HRL_OK && done ? EXIT_DONE : EXIT_FAILED;
}

static int queue_add(const struct command_line *line) {
  hrl_queue_entry entry = HRL_QUEUE_ENTRY_INIT;
  hrl_trainer_options options;
  if (!read_options(line, &entry, &options)) return EXIT_USAGE;
  hrl_queue *queue = open_queue(line);
  int exit_code = queue != NULL ? EXIT_DONE : EXIT_FAILED;
  for (size_t i = 2; exit_code == EXIT_DONE && i < ARGUMENTS_MAX; i++)
    if (line->arguments[i] != NULL)
      exit_code =
          add_one(queue, &entry, line->arguments[i], line->values[RUNS_JSON].given);
  hrl_queue_close(queue);
  return exit_code;
}

/* ---- list ---- */

struct listing {
  hrl_run *runs;
  size_t count;
  bool failed;
};

static int keep_run(const hrl_run *run, void *data) {
  struct listing *listing = data;
  if (!run->in_queue) return 0;
  hrl_run *grown = realloc(listing->runs, (listing->count + 1) * sizeof *grown);
  listing->failed = grown == NULL;
  if (grown == NULL) return 1;
  listing->runs = grown;
  listing->runs[listing->count++] = *run;
  return 0;
}

/* The order in which they begin. */
static int compare_runs(const void *a, const void *b) {
  const hrl_run *first = a;
  const hrl_run *second = b;
  if (first->priority != second->priority)
    return first->priority < second->priority ? 1 : -1;
  return first->id > second->id ? 1 : -1;
}

static bool print_json_list(const struct listing *listing) {
  json_t *list = json_array();
  for (size_t i = 0; i < listing->count; i++)
    json_array_append_new(list, run_json(&listing->runs[i]));
  return runs_print_json(list, JSON_INDENT(2));
}

static void print_list(const struct listing *listing) {
  if (listing->count == 0) {
    printf("no runs\n");
    return;
  }
  printf("%6s  %-11s  %8s  %-19s  %-27s  %20s  %s\n", "id", "state", "priority", "queued",
         "scenario", "seed", "episodes");
  for (size_t i = 0; i < listing->count; i++) {
    const hrl_run *run = &listing->runs[i];
    printf("%6" PRIu64 "  %-11s  %8" PRId32 "  %-19.19s  %-27s  %20" PRIu64 "  %" PRIu64
           "/%" PRIu64 "\n",
           run->id, hrl_run_state_name(run->state), run->priority, run->queued_time,
           run->scenario, run->seed, run->episode, run->total_episodes);
  }
}

static int queue_list(const struct command_line *line) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_runs *runs = NULL;
  struct listing listing = {.count = 0};
  hrl_runs_filter filter = HRL_RUNS_FILTER_INIT;
  filter.states = 1U << HRL_RUN_QUEUED | 1U << HRL_RUN_RUNNING | 1U << HRL_RUN_PAUSED |
                  1U << HRL_RUN_INTERRUPTED;
  hrl_status status = hrl_runs_open(line->values[RUNS_OUTPUT].text, &runs, &error);
  if (status == HRL_OK) status = hrl_runs_list(runs, &filter, keep_run, &listing, &error);
  hrl_runs_close(runs);
  bool done = status == HRL_OK && !listing.failed;
  if (status != HRL_OK)
    console_error("%s", error.message);
  else if (listing.failed)
    console_error("out of memory");
  if (done && listing.count > 0)
    qsort(listing.runs, listing.count, sizeof *listing.runs, compare_runs);
  if (done && line->values[RUNS_JSON].given)
    done = print_json_list(&listing);
  else if (done)
    print_list(&listing);
  free(listing.runs);
  return done ? EXIT_DONE : EXIT_FAILED;
}

/* ---- changes ---- */

static const struct {
  const char *name;
  const char *done;
  hrl_status (*function)(hrl_queue *queue, uint64_t run, hrl_error *error);
} changes[] = {{"pause", "paused", hrl_queue_pause},
               {"resume", "resumed", hrl_queue_resume},
               {"stop", "stopped", hrl_queue_stop},
               {"cancel", "cancelled", hrl_queue_cancel}};
#define CHANGES (sizeof changes / sizeof changes[0])

static int queue_change(const struct command_line *line, size_t change) {
  uint64_t ids[ARGUMENTS_MAX];
  hrl_error error = HRL_ERROR_INIT;
  size_t count = runs_ids_from(line, 2, ids);
  if (count == SIZE_MAX) return EXIT_USAGE;
  hrl_queue *queue = open_queue(line);
  int exit_code = queue != NULL ? EXIT_DONE : EXIT_FAILED;
  for (size_t i = 0; exit_code == EXIT_DONE && i < count; i++) {
    if (changes[change].function(queue, ids[i], &error) != HRL_OK)
      exit_code = fail(&error);
    else if (!line->values[RUNS_JSON].given)
      printf("%s run %" PRIu64 "\n", changes[change].done, ids[i]);
    else if (!runs_print_json(
                 json_pack("{s:I}", changes[change].done, (json_int_t)ids[i]), 0))
      exit_code = EXIT_FAILED;
  }
  hrl_queue_close(queue);
  return exit_code;
}

/* ---- which ---- */

static const struct {
  const char *name;
  const char *wants; /* arguments, or NULL: none */
  int (*function)(const struct command_line *line);
} verbs[] = {{"add", "at least one scenario", queue_add},
             {"list", NULL, queue_list},
             {"work", NULL, runs_queue_work}};
#define VERBS (sizeof verbs / sizeof verbs[0])

int runs_queue(const struct command_line *line) {
  static const char expected[] = "add, list, work, pause, resume, stop or cancel";
  const char *name = line->arguments[1];
  const char *argument = line->arguments[2];
  if (name == NULL) {
    console_error("queue: a command is missing: %s", expected);
    return EXIT_USAGE;
  }
  for (size_t i = 0; i < VERBS; i++) {
    if (strcmp(verbs[i].name, name) != 0) continue;
    if ((verbs[i].wants != NULL) == (argument != NULL)) return verbs[i].function(line);
    if (argument == NULL)
      console_error("queue %s: expected %s", name, verbs[i].wants);
    else
      console_error("queue %s takes no further argument, found '%s'", name, argument);
    return EXIT_USAGE;
  }
  for (size_t i = 0; i < CHANGES; i++) {
    if (strcmp(changes[i].name, name) != 0) continue;
    if (argument != NULL) return queue_change(line, i);
    console_error("queue %s: expected run numbers", name);
    return EXIT_USAGE;
  }
  console_error("queue: unknown command '%s'; expected %s", name, expected);
  return EXIT_USAGE;
}
