/* Starting a run: the loop validates the request, a worker reads the scenario and queues
 * the run, and the answer is sent once the run has started or has to wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "serve/api/task.h"
#include "serve/api/training.h"
#include "serve/api/training_json.h"
#include "serve/api/training_state.h"
#include "serve/http/log.h"

/* A run for which there is room begins within milliseconds, unless its files are in use.
 */
#define BEGIN_TIME MICROSECONDS_PER_SECOND

struct start {
  struct job job;
  struct training *training;
  struct request *request; /* NULL: its client has left */
  char name[HRL_NAME_SIZE];
  bool plain; /* as when there was one run at a time */
  hrl_queue_entry entry;
  hrl_trainer_options options;
  /* what the worker found */
  uint64_t run;
  unsigned status; /* of the refusal; 0: there is none */
  bool failed;     /* and not for what the client sent */
  hrl_error error;
  char *remarks; /* on the scenario, a line each; or NULL */
  bool worked;
};

/* ---- on the worker ---- */

/* The scenario, or NULL and the refusal. */
static hrl_scenario *load_scenario(struct start *start) {
  hrl_scenario *scenario = NULL;
  bool missing;
  if (scenario_store_load(start->training->settings.scenarios, start->name, &scenario,
                          &missing, &start->error))
    return scenario;
  hrl_status status = start->error.status;
  if (missing)
    start->status = 404;
  else
    start->status = status == HRL_ERROR_MEMORY || status == HRL_ERROR_IO ? 500 : 400;
  return NULL;
}

static void work(struct job *job) {
  struct start *start = holder_of(job, struct start, job);
  start->worked = true;
  hrl_scenario *scenario = load_scenario(start);
  if (scenario == NULL) return;
  start->entry.options = &start->options;
  snprintf(start->name, sizeof start->name, "%s", hrl_scenario_name(scenario));
  hrl_status status = hrl_queue_add(start->training->queue, scenario, &start->entry,
                                    &start->run, &start->error);
  start->failed = status != HRL_OK && status != HRL_ERROR_ARGUMENT;
  if (status != HRL_OK)
    start->status = start->failed ? 500 : 400;
  else
    start->remarks = strdup(hrl_scenario_remarks(scenario));
  hrl_scenario_destroy(scenario);
}

/* ---- on the loop ---- */

/* What a scenario's reader should know, a line each. */
static void log_remarks(const struct start *start) {
  const bool json = start->training->settings.log_json;
  log_note(json, "training %s: %llu episodes, seed %llu", start->name,
           (unsigned long long)start->options.episodes,
           (unsigned long long)start->options.seed);
  for (const char *line = start->remarks; line != NULL && *line != '\0';) {
    int length = (int)strcspn(line, "\n");
    log_note(json, "scenario %s: %.*s", start->name, length, line);
    line += length;
    line += *line == '\n';
  }
}

/* The run could not be put into the queue. */
static void tell_failure(const struct start *start) {
  struct training *training = start->training;
  struct run *last = &training->last;
  *last = (struct run){.total = start->options.episodes, .end = RUN_FAILED};
  snprintf(last->name, sizeof last->name, "%s", start->name);
  snprintf(last->error, sizeof last->error, "%s", start->error.message);
  training->has_last = true;
  training_tell_failure(training, last, "Failed to start training");
}

static void reply_refusal(const struct start *start) {
  struct request *request = start->request;
  if (start->failed) tell_failure(start);
  if (request == NULL) return;
  if (start->status == 404)
    request_reply_detail(request, 404, "Scenario '%s' not found", start->name);
  else
    request_reply_detail(request, start->status, "%s%s",
                         start->status == 500 ? "Failed to start training: " : "",
                         start->error.message);
}

static void await_begin(const struct start *start) {
  struct training *training = start->training;
  uint64_t total = start->options.episodes;
  struct run *run = runs_find(training->runs, start->run);
  /* this process has taken it, and tells of its end: no other begins meanwhile */
  if (run == NULL && start->plain)
    run = runs_enter(&training->runs, start->run, start->name);
  /* one that failed to begin could not tell */
  if (run != NULL && run->total == 0) run->total = total;
  if (training->last.id == start->run && training->last.total == 0)
    training->last.total = total;
  struct waiter waiter = {.request = start->request,
                          .kind = WAIT_FOR_START,
                          .plain = start->plain,
                          .run = start->run,
                          .total = total,
                          .priority = start->entry.priority,
                          .until = clock_now() + BEGIN_TIME};
  memcpy(waiter.name, start->name, sizeof waiter.name);
  waiters_add(&training->waiters, &waiter);
}

static void done(struct job *job) {
  struct start *start = holder_of(job, struct start, job);
  struct training *training = start->training;
  training->starting--;
  if (start->request != NULL) start->request->gone = NULL;
  if (!start->worked) {
    if (start->request != NULL)
      request_reply_detail(start->request, 503, "The service is shutting down");
  } else if (start->status != 0) {
    reply_refusal(start);
  } else {
    log_remarks(start);
    await_begin(start);
  }
  training_settle(training);
  free(start->remarks);
  free(start);
}

static void client_gone(struct request *request) {
  ((struct start *)request->owner)->request = NULL;
}

/* False: the name is none, and the request was answered. */
static bool read_name(struct request *request, const json_t *values,
                      char name[HRL_NAME_SIZE]) {
  const json_t *given = json_object_get(values, "scenario_name");
  hrl_error error = HRL_ERROR_INIT;
  if (scenario_name_read(json_string_value(given), json_string_length(given), name,
                         &error))
    return true;
  if (error.status == HRL_ERROR_MEMORY)
    request_reply_detail(request, 500, "%s", error.message);
  else
    request_reply_detail(request, 400, "Invalid scenario name: %s", error.message);
  return false;
}

static uint64_t choose_seed(const json_t *wanted) {
  uint64_t seed = 0;
  if (json_is_integer(wanted)) return (uint64_t)json_integer_value(wanted);
  /* 53 bits: a number that every client can repeat */
  if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
    seed = (uint64_t)clock_now();
  return seed >> 11;
}

static uint64_t number_of(const json_t *values, const char *key) {
  return (uint64_t)json_integer_value(json_object_get(values, key));
}

static void read_options(const json_t *values, hrl_trainer_options *options) {
  const json_t *target = json_object_get(values, "target");
  *options = (hrl_trainer_options)HRL_TRAINER_OPTIONS_INIT;
  options->episodes = number_of(values, "num_episodes");
  options->save_interval = number_of(values, "save_interval");
  options->eval_episodes = (uint32_t)number_of(values, "eval_episodes");
  options->seed = choose_seed(json_object_get(values, "seed"));
  options->keep = number_of(values, "keep");
  options->patience = (uint32_t)number_of(values, "patience");
  const json_t *least = json_object_get(values, "min_improvement");
  if (json_is_number(least)) options->min_improvement = json_number_value(least);
  options->min_episodes = number_of(values, "min_episodes");
  options->has_target = json_is_number(target);
  options->target = json_number_value(target);
}

/* Where runs go one at a time, and one is on or about to be: the name of its scenario. */
static const char *name_in_progress(const struct training *training) {
  if (training->starting > 0) return training->starting_name;
  for (const struct run *run = training->runs; run != NULL; run = run->next)
    if (run->phase != RUN_GONE) return run->name;
  return NULL;
}

/* `name` is the request's own: once submitted, the start's is the worker's. */
static void begin(struct training *training, struct start *start, struct request *request,
                  const char name[HRL_NAME_SIZE]) {
  start->training = training;
  start->request = request;
  start->job = (struct job){.work = work, .done = done};
  if (!workers_submit(training->workers, &start->job)) {
    free(start);
    request->retry_after = TASK_RETRY_SECONDS;
    request_reply_detail(request, 503, "The service is busy: try again later");
    return;
  }
  training->starting++;
  memcpy(training->starting_name, name, HRL_NAME_SIZE);
  request->owner = start;
  request->gone = client_gone;
}

void training_handle_start(struct training *training, struct request *request,
                           json_t *values) {
  bool queued = json_is_true(json_object_get(values, "queue"));
  bool plain = !queued && training->settings.concurrency == 1;
  const char *in_progress = plain ? name_in_progress(training) : NULL;
  char name[HRL_NAME_SIZE];
  if (training->ending) {
    request_reply_detail(request, 503, "The service is shutting down");
    return;
  }
  if (in_progress != NULL) {
    request_reply_detail(request, 400, "Training already in progress for scenario: %s",
                         in_progress);
    return;
  }
  if (!read_name(request, values, name)) return;
  struct start *start = calloc(1, sizeof *start);
  if (start == NULL) {
    request_reply_json(request, 500, NULL);
    return;
  }
  memcpy(start->name, name, sizeof name);
  read_options(values, &start->options);
  start->plain = plain;
  start->entry = (hrl_queue_entry)HRL_QUEUE_ENTRY_INIT;
  start->entry.priority =
      (int32_t)json_integer_value(json_object_get(values, "priority"));
  start->entry.in_output = 1;
  start->entry.at_once = plain;
  begin(training, start, request, name);
}
