#include "serve/api/training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <hrl/memory.h>
#include <hrl/scenario.h>
#include <hrl/trainer.h>

#include "serve/api/inbox.h"
#include "serve/api/rate_limit.h"
#include "serve/api/training_json.h"
#include "serve/http/log.h"
#include "serve/socketio/socketio.h"

struct training {
  struct training_settings settings;
  bool ending;
  hrl_trainer *trainer; /* NULL: no run is on */
  struct run run;       /* the present or the last one */
  struct inbox inbox;
  struct request *starting; /* waits for the run to begin */
  struct request *stopping; /* list of those that wait for its end */
  struct rate_limit rate_limit;
  bool held;         /* run.progress has not gone out yet */
  struct timer hold; /* until it may */
};

static void take_events(void *data);
static void hold_is_over(struct timer *timer);

struct training *training_create(const struct training_settings *settings) {
  struct training *training = calloc(1, sizeof *training);
  if (training == NULL) return NULL;
  training->settings = *settings;
  training->rate_limit.interval = settings->progress_interval;
  training->hold.run = hold_is_over;
  inbox_begin(&training->inbox);
  loop_on_wake(settings->loop, take_events, training);
  return training;
}

void training_destroy(struct training *training) {
  if (training == NULL) return;
  hrl_trainer_destroy(training->trainer);
  timer_cancel(training->settings.loop, &training->hold);
  loop_on_wake(training->settings.loop, NULL, NULL);
  inbox_end(&training->inbox);
  free(training);
}

bool training_is_on(const struct training *training) { return training->trainer != NULL; }

void training_end(struct training *training) {
  training->ending = true;
  hrl_trainer_stop(training->trainer);
}

/* On the training thread. */
static void hear(const hrl_event *event, void *data) {
  struct training *training = data;
  if (event->type == HRL_EVENT_CHECKPOINT || event->type == HRL_EVENT_EVALUATED) return;
  if (inbox_put(&training->inbox, event)) loop_wake(training->settings.loop);
}

/* On the training thread. */
static void log_remark(const char *message, void *data) {
  struct training *training = data;
  log_note(training->settings.log_json, "%s", message);
}

static void broadcast(struct training *training, enum message_kind kind,
                      const char *event, json_t *payload) {
  socketio_broadcast(training->settings.sessions, kind, event, payload);
}

/* Tells everybody that a run failed. */
static void report_failure(struct training *training, const char *what,
                           const hrl_error *error) {
  training->run.failed = true;
  snprintf(training->run.error, sizeof training->run.error, "%s", error->message);
  log_note(training->settings.log_json, "%s: %s", what, error->message);
  broadcast(training, MESSAGE_LIFECYCLE, "training_error",
            training_json_error(what, error));
}

static void send_progress(struct training *training) {
  training->held = false;
  broadcast(training, MESSAGE_PROGRESS, "training_progress",
            training_json_progress(&training->run.progress));
}

static void try_to_send(struct training *training);

static void hold_is_over(struct timer *timer) {
  struct training *training = holder_of(timer, struct training, hold);
  take_events(training);
  if (training->held) try_to_send(training);
}

static void try_to_send(struct training *training) {
  int64_t now = clock_now();
  unsigned clients = sessions_count(training->settings.sessions);
  if (rate_limit_allows(&training->rate_limit, clients, now))
    send_progress(training);
  else
    timer_start(training->settings.loop, &training->hold,
                rate_limit_wait(&training->rate_limit, clients, now) + 1000);
}

static void set_episode(struct training *training, uint64_t episode) {
  if (episode > training->run.episode)
    metrics_count_episodes(training->settings.metrics, episode - training->run.episode);
  training->run.episode = episode;
}

static void take_progress(struct training *training, const struct news *news) {
  training->run.progress = news->progress;
  training->run.has_progress = true;
  set_episode(training, news->episode);
  if (training->held) return;
  training->held = true;
  try_to_send(training);
}

static void take_start(struct training *training) {
  inbox_read_run(&training->inbox, training->run.start_time, NULL);
  training->rate_limit.last = 0;
  broadcast(training, MESSAGE_LIFECYCLE, "training_started",
            training_json_started(&training->run, false));
  struct request *request = training->starting;
  training->starting = NULL;
  if (request == NULL) return;
  request->gone = NULL;
  request_reply_json(request, 202, training_json_start_answer(&training->run));
}

static void report_end(struct training *training, hrl_event_type type) {
  metrics_count_end(training->settings.metrics, type == HRL_EVENT_COMPLETED
                                                    ? RUN_COMPLETED
                                                : type == HRL_EVENT_STOPPED ? RUN_STOPPED
                                                                            : RUN_FAILED);
  if (type == HRL_EVENT_COMPLETED) {
    broadcast(training, MESSAGE_LIFECYCLE, "training_completed",
              training_json_completed(&training->run));
  } else if (type == HRL_EVENT_STOPPED) {
    broadcast(training, MESSAGE_LIFECYCLE, "training_stopped",
              training_json_stopped(&training->run, false));
  } else {
    hrl_error error;
    inbox_read_run(&training->inbox, NULL, &error);
    report_failure(training, "Training failed", &error);
  }
}

/* The last event of a run. */
static void take_end(struct training *training, const struct news *news) {
  if (news->has_progress) {
    training->run.progress = news->progress;
    training->run.has_progress = true;
  }
  set_episode(training, news->episode);
  /* how far it came is told before how it ended */
  if (training->held) send_progress(training);
  timer_cancel(training->settings.loop, &training->hold);
  report_end(training, news->type);
  hrl_trainer_destroy(training->trainer);
  training->trainer = NULL;
  training->run.training = false;
  if (training->starting != NULL) {
    training->starting->gone = NULL;
    request_reply_detail(training->starting, 500, "Failed to start training: %s",
                         training->run.error);
    training->starting = NULL;
  }
  while (training->stopping != NULL) {
    struct request *request = training->stopping;
    training->stopping = request->waiting;
    request->gone = NULL;
    request_reply_json(request, 200, training_json_stop_answer(&training->run));
  }
}

/* Takes what the training thread has put into the inbox. */
static void take_events(void *data) {
  struct training *training = data;
  struct news news;
  while (training->trainer != NULL && inbox_take(&training->inbox, &news)) {
    if (news.type == HRL_EVENT_STARTED)
      take_start(training);
    else if (news.type == HRL_EVENT_PROGRESS)
      take_progress(training, &news);
    else
      take_end(training, &news);
  }
  inbox_set_quiet(&training->inbox, training->held);
}

/* Loads the scenario that the request names, or answers it. */
static hrl_scenario *load_scenario(struct request *request, const char *folder,
                                   const char *name) {
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status;
  if (folder == NULL) {
    char *path = NULL;
    status = hrl_scenario_find(name, &path, &error);
    if (status == HRL_OK) status = hrl_scenario_load(path, &scenario, &error);
    hrl_free(path);
  } else {
    char path[4096];
    const char *endings[] = {"yaml", "yml"};
    status = HRL_ERROR_NOT_FOUND;
    for (size_t i = 0; i < 2 && status == HRL_ERROR_NOT_FOUND; i++) {
      hrl_error_clear(&error);
      int length = snprintf(path, sizeof path, "%s/%s.%s", folder, name, endings[i]);
      if (length < (int)sizeof path) status = hrl_scenario_load(path, &scenario, &error);
    }
  }
  if (status == HRL_ERROR_NOT_FOUND)
    request_reply_detail(request, 404, "Scenario '%s' not found", name);
  else if (status == HRL_ERROR_MEMORY || status == HRL_ERROR_IO)
    request_reply_detail(request, 500, "Failed to start training: %s", error.message);
  else if (status != HRL_OK)
    request_reply_detail(request, 400, "%s", error.message);
  return scenario;
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

/* What a scenario's reader should know, a line each. */
static void log_remarks(const struct training *training, const char *remarks) {
  while (*remarks != '\0') {
    int length = (int)strcspn(remarks, "\n");
    log_note(training->settings.log_json, "scenario %s: %.*s", training->run.name, length,
             remarks);
    remarks += length;
    remarks += *remarks == '\n';
  }
}

/* Makes the trainer and has it run. */
static hrl_status start_trainer(struct training *training, const hrl_scenario *scenario,
                                const json_t *values, hrl_error *error) {
  const struct training_settings *given = &training->settings;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = number_of(values, "num_episodes");
  options.save_interval = number_of(values, "save_interval");
  options.eval_episodes = (uint32_t)number_of(values, "eval_episodes");
  options.seed = choose_seed(json_object_get(values, "seed"));
  options.threads = given->threads;
  options.output = given->models;
  options.record = 1;
  options.log = log_remark;
  options.log_data = training;
  hrl_trainer *trainer = NULL;
  hrl_status status = hrl_trainer_create(scenario, &options, &trainer, error);
  if (status == HRL_OK) status = hrl_trainer_add_listener(trainer, hear, training, error);
  /* the first event may come before start returns; it waits in the inbox */
  if (status == HRL_OK) status = hrl_trainer_start(trainer, error);
  if (status != HRL_OK) {
    hrl_trainer_destroy(trainer);
    return status;
  }
  training->trainer = trainer;
  log_note(given->log_json, "training %s: %llu episodes, seed %llu", training->run.name,
           (unsigned long long)options.episodes, (unsigned long long)options.seed);
  log_remarks(training, hrl_scenario_remarks(scenario));
  return HRL_OK;
}

static void starter_gone(struct request *request) {
  ((struct training *)request->owner)->starting = NULL;
}

/* A name as the interface has it. A zero in the middle is one more character that names
 * do not have. False: the request was answered. */
static bool read_name(struct request *request, const json_t *values,
                      char name[HRL_NAME_SIZE]) {
  const json_t *given = json_object_get(values, "scenario_name");
  size_t length = json_string_length(given);
  char *raw = malloc(length + 1);
  if (raw == NULL) {
    request_reply_detail(request, 500, "out of memory");
    return false;
  }
  for (size_t i = 0; i < length; i++) {
    char c = json_string_value(given)[i];
    raw[i] = (char)(c == '\0' ? '_' : c);
  }
  raw[length] = '\0';
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrl_name_sanitize(raw, name, &error);
  free(raw);
  if (status != HRL_OK)
    request_reply_detail(request, 400, "Invalid scenario name: %s", error.message);
  return status == HRL_OK;
}

void training_handle_start(struct training *training, struct request *request,
                           json_t *values) {
  char name[HRL_NAME_SIZE];
  if (training->ending) {
    request_reply_detail(request, 503, "The service is ending");
    return;
  }
  if (training->trainer != NULL) {
    request_reply_detail(request, 400, "Training already in progress for scenario: %s",
                         training->run.name);
    return;
  }
  if (!read_name(request, values, name)) return;
  hrl_scenario *scenario = load_scenario(request, training->settings.scenarios, name);
  if (scenario == NULL) return;
  training->run = (struct run){.total = number_of(values, "num_episodes")};
  snprintf(training->run.name, sizeof training->run.name, "%s",
           hrl_scenario_name(scenario));
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = start_trainer(training, scenario, values, &error);
  hrl_scenario_destroy(scenario);
  if (status != HRL_OK) {
    report_failure(training, "Failed to start training", &error);
    request_reply_detail(request, 500, "Failed to start training: %s", error.message);
    return;
  }
  training->run.training = true;
  training->starting = request;
  request->owner = training;
  request->gone = starter_gone;
}

static void stopper_gone(struct request *request) {
  struct training *training = request->owner;
  struct request **link = &training->stopping;
  while (*link != request) link = &(*link)->waiting;
  *link = request->waiting;
}

void training_handle_stop(struct training *training, struct request *request) {
  if (training->trainer == NULL) {
    request_reply_detail(request, 400, "No training in progress");
    return;
  }
  request->owner = training;
  request->gone = stopper_gone;
  request->waiting = training->stopping;
  training->stopping = request;
  hrl_trainer_stop(training->trainer);
}

void training_handle_status(struct training *training, struct request *request) {
  take_events(training);
  request_reply_json(request, 200, training_json_status(&training->run));
}
