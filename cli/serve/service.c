#include "serve/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/console.h"
#include "serve/scenarios/schema.h"
#include "serve/socketio/server.h"
#include "serve/tables.h"

/* How long the end may take in all, and how long clients have to take their leave. */
#define END_TIME (9 * MICROSECONDS_PER_SECOND / 2)
#define LEAVE_TIME MICROSECONDS_PER_SECOND
#define HURRY_TIME (MICROSECONDS_PER_SECOND * 3 / 10)
#define STEP_INTERVAL (MICROSECONDS_PER_SECOND / 10)
/* Threads for files, and requests that may wait for them. */
#define FILE_THREADS 2
#define FILE_WAITING 256
/* The same for simulations and reports, which take seconds: training has processors left.
 */
#define PLAY_THREADS 2
#define PLAY_WAITING 16
/* A certificate chain or a key. */
#define PEM_MAX 1000000

/* Closes a client that has everything and can be told now; `hurry`: any. */
static void close_one(struct session *session, void *hurry) {
  bool polling = session->transport != TRANSPORT_WEBSOCKET;
  bool ready = session->queue.count == 0 && (!polling || session->poll != NULL);
  if (ready || *(bool *)hurry) session_close(session);
}

/* One step of the end: training first, then the clients, then the loop. */
static void go_on_ending(struct timer *timer) {
  struct service *service = holder_of(timer, struct service, step);
  int64_t now = clock_now();
  timer_start(service->loop, timer, STEP_INTERVAL);
  if (training_is_on(service->training) && now < service->give_up) return;
  if (!service->closing) {
    service->closing = true;
    if (service->give_up > now + LEAVE_TIME) service->give_up = now + LEAVE_TIME;
  }
  bool hurry = now >= service->give_up - HURRY_TIME;
  sessions_each(service->sessions, close_one, &hurry);
  bool busy = sessions_count(service->sessions) > 0 ||
              connections_busy(service->connections) > 0 ||
              workers_busy(service->players) > 0;
  if (!busy || now >= service->give_up) service->ended = true;
}

void service_end(struct service *service) {
  if (service->ending) return;
  service->ending = true;
  service->give_up = clock_now() + END_TIME;
  sessions_end(service->sessions);
  training_end(service->training);
  workers_end(service->players);
  timer_start(service->loop, &service->step, STEP_INTERVAL);
}

/* The text of a PEM file, to be freed; NULL: an error was shown. */
static char *read_pem(const char *option, const char *path) {
  char *text = calloc(1, PEM_MAX + 1);
  FILE *file = text == NULL ? NULL : fopen(path, "re");
  size_t length = file == NULL ? 0 : fread(text, 1, PEM_MAX, file);
  if (file == NULL || ferror(file)) {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    console_error("%s: %s: %s", option, path, strerror(errno));
    free(text);
    text = NULL;
  } else {
    text[length] = '\0';
  }
  if (file != NULL) (void)fclose(file); /* it was only read */
  return text;
}

static bool make_connections(struct service *service, const struct serve_options *options,
                             unsigned connections_max) {
  struct connections_settings settings = {.loop = service->loop,
                                          .router = &service->router,
                                          .access = &service->access,
                                          .most = connections_max,
                                          .message_max = SOCKETIO_BODY_MAX,
                                          .log_json = options->log_json};
  if (options->tls_cert == NULL) {
    service->connections = connections_create(&settings);
    return service->connections != NULL;
  }
  char *certificate = read_pem("--tls-cert", options->tls_cert);
  char *key = certificate == NULL ? NULL : read_pem("--tls-key", options->tls_key);
  if (key != NULL) {
    settings.certificate = certificate;
    settings.key = key;
    service->connections = connections_create(&settings);
    explicit_bzero(key, strlen(key));
  }
  free(certificate);
  free(key);
  return service->connections != NULL;
}

/* What answers requests for files. */
static bool make_resources(struct service *service, const struct serve_options *options) {
  scenario_schemas_make();
  service->workers = workers_create(service->loop, FILE_THREADS, FILE_WAITING);
  service->scenarios.workers = service->workers;
  service->api.workers = service->workers;
  service->api.scenarios = &service->scenarios;
  service->models.workers = service->workers;
  service->api.models = &service->models;
  service->players = workers_create(service->loop, PLAY_THREADS, PLAY_WAITING);
  service->api.simulations = &service->simulations;
  service->api.players = service->players;
  service->simulations.files = service->workers;
  service->simulations.players = service->players;
  service->simulations.places.scenarios = &service->scenarios.store;
  service->simulations.places.models = &service->models.store;
  service->simulations.background.sessions = service->sessions;
  service->reports = (struct reports){.folder = options->reports,
                                      .places = &service->simulations.places,
                                      .files = service->workers,
                                      .players = service->players,
                                      .sessions = service->sessions};
  reports_begin(&service->reports);
  service->api.reports = &service->reports;
  bool begun = model_store_begin(&service->models.store, options->models);
  begun = simulations_begin(&service->simulations, options->results) && begun;
  return begun && service->workers != NULL && service->players != NULL;
}

bool service_begin(struct service *service, const struct serve_options *options,
                   unsigned connections_max) {
  *service = (struct service){.step.run = go_on_ending};
  service->access =
      (struct access_policy){.origins = options->cors_origin, .token = options->token};
  bool begun = scenario_store_begin(&service->scenarios.store, options->scenarios);
  service->loop = begun ? loop_create() : NULL;
  if (service->loop != NULL)
    service->sessions = socketio_create(
        &(struct sessions_settings){.loop = service->loop,
                                    .max_clients = options->max_clients,
                                    .ping_interval = options->ping_interval,
                                    .ping_timeout = options->ping_timeout,
                                    .client_timeout = options->client_timeout});
  if (service->sessions != NULL)
    service->training = training_create(
        &(struct training_settings){.loop = service->loop,
                                    .sessions = service->sessions,
                                    .scenarios = &service->scenarios.store,
                                    .models = options->models,
                                    .concurrency = options->concurrency,
                                    .threads = options->threads,
                                    .metrics = &service->api.metrics,
                                    .progress_interval = options->progress_interval,
                                    .log_json = options->log_json});
  if (service->training != NULL)
    service->record = record_create(service->loop, options->models, options->log_json);
  service->api = (struct api){.training = service->training,
                              .record = service->record,
                              .sessions = service->sessions,
                              .tables = api_tables,
                              .table_count = api_table_count,
                              .schemas = api_schemas,
                              .schema_count = api_schema_count,
                              .locked = options->token[0] != '\0'};
  service->router = (struct router){.tables = api_tables,
                                    .table_count = api_table_count,
                                    .body_limit = API_BODY_MAX,
                                    .api = &service->api,
                                    .stream_path = "/socket.io",
                                    .stream_body_limit = SOCKETIO_BODY_MAX,
                                    .stream = socketio_handle,
                                    .stream_data = service->sessions,
                                    .ended = metrics_count_request,
                                    .ended_data = &service->api.metrics};
  if (service->record != NULL && make_resources(service, options) &&
      make_connections(service, options, connections_max)) {
    service->api.connections = service->connections;
    return true;
  }
  console_error("the event loop cannot be set up%s",
                options->tls_cert == NULL ? "" : "; are --tls-cert and --tls-key right?");
  return false;
}

bool service_listen(struct service *service, int listener) {
  struct acceptor *acceptor = &service->acceptors[service->acceptor_count++];
  return accept_begin(acceptor, service->loop, listener, service->connections);
}

void service_destroy(struct service *service) {
  connections_destroy(service->connections);
  record_destroy(service->record);
  workers_destroy(service->workers);
  workers_destroy(service->players);
  scenario_store_end(&service->scenarios.store);
  model_store_end(&service->models.store);
  simulations_end(&service->simulations);
  reports_end(&service->reports);
  training_destroy(service->training);
  sessions_destroy(service->sessions);
  loop_destroy(service->loop);
}
