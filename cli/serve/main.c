/* serve_main.c - hrl-serve: the trainer behind HTTP and Socket.IO. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "common/console.h"
#include "serve/server.h"
#include "serve/listen.h"
#include "serve/log.h"
#include "serve/context.h"
#include "serve/loop.h"
#include "serve/training.h"

/* A polling client has two connections while it sends; others are HTTP clients. */
#define CONNECTIONS_PER_CLIENT 2
#define CONNECTIONS_BESIDE 256
/* Descriptors for the files of a run and the loop itself. */
#define DESCRIPTORS_BESIDE 64

/* libwebsockets' own remarks: only what it calls errors. */
static void log_library(int level, const char *line) {
  (void)level;
  size_t length = strcspn(line, "\n");
  console_error("%.*s", (int)length, line);
}

/* The signals that end the service, as a descriptor for the loop. They are blocked for
 * every thread that is made later. */
static int open_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Enough descriptors for --max-clients, or as many as the system allows. */
static void raise_limits(struct server *server) {
  rlim_t wanted = (rlim_t)server->options.max_clients * CONNECTIONS_PER_CLIENT +
                  CONNECTIONS_BESIDE + DESCRIPTORS_BESIDE;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max != RLIM_INFINITY && wanted > limit.rlim_max) {
    wanted = limit.rlim_max;
    log_note(server->options.log_json, "the limit of open files allows %llu connections",
             (unsigned long long)wanted);
  }
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  server->connections_max = limit.rlim_cur > (rlim_t)DESCRIPTORS_BESIDE * 2
                                ? (unsigned)limit.rlim_cur - DESCRIPTORS_BESIDE
                                : DESCRIPTORS_BESIDE;
}

static bool begin(struct server *server) {
  lws_set_log_level(LLL_ERR, log_library);
  raise_limits(server);
  server->listener_count =
      listen_open(server->options.hosts, server->options.port, server->listeners);
  int signals = open_signals();
  if (server->listener_count == 0 || signals == -1) return false;
  server->training = training_create(server);
  if (server->training == NULL || !context_create(server) ||
      !loop_begin(server, signals)) {
    console_error(
        "the event loop cannot be set up%s",
        server->options.tls_cert == NULL ? "" : "; are --tls-cert and --tls-key right?");
    return false;
  }
  for (size_t i = 0; i < server->listener_count; i++) {
    char address[ADDRESS_TEXT_SIZE];
    listen_address(server->listeners[i], address);
    printf("%shttp%s://%s", i == 0 ? "hrl-serve listens on " : " and ",
           server->options.tls_cert == NULL ? "" : "s", address);
  }
  putchar('\n');
  if (!console_flush()) {
    console_error("cannot write to standard output: %s", console_flush_reason());
    return false;
  }
  return true;
}

static void free_server(struct server *server) {
  free(server->options.hosts);
  free(server->options.cors_origin);
  free(server);
}

int main(int argc, char **argv) {
  console_begin("hrl-serve");
  struct server *server = calloc(1, sizeof *server);
  if (server == NULL) return EXIT_FAILED;
  int exit_code;
  if (!serve_options_parse(argc, argv, &server->options, &exit_code)) {
    free_server(server);
    return console_end(exit_code);
  }
  bool begun = begin(server);
  while (begun && !server->ended) {
    if (lws_service(server->context, 0) < 0) break;
  }
  exit_code = begun && server->ended ? EXIT_DONE : EXIT_FAILED;
  if (server->training != NULL && training_is_on(server->training)) {
    /* its unit of work takes too long to be waited for */
    console_error("training did not end in time; its latest checkpoint is what is left");
    (void)fflush(stdout); /* there is nobody left to tell */
    _exit(EXIT_FAILED);
  }
  if (server->context != NULL) lws_context_destroy(server->context);
  training_destroy(server->training);
  free_server(server);
  return console_end(exit_code);
}
