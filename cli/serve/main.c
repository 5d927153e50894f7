/* serve/main.c - hrl-serve: the trainer behind HTTP and Socket.IO. */
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
#include "serve/http/log.h"
#include "serve/service.h"

/* A polling client has two connections while it sends; others are HTTP clients. */
#define CONNECTIONS_PER_CLIENT 2
#define CONNECTIONS_BESIDE 256
/* Descriptors for the files of a run and the loop itself. */
#define DESCRIPTORS_BESIDE 64

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

/* Enough descriptors for --max-clients, or as many as the system allows. Gives how many
 * connections there may be. */
static unsigned raise_limits(const struct serve_options *options) {
  rlim_t wanted = (rlim_t)options->max_clients * CONNECTIONS_PER_CLIENT +
                  CONNECTIONS_BESIDE + DESCRIPTORS_BESIDE;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max != RLIM_INFINITY && wanted > limit.rlim_max) {
    wanted = limit.rlim_max;
    log_note(options->log_json, "the limit of open files allows %llu connections",
             (unsigned long long)wanted);
  }
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur > (rlim_t)DESCRIPTORS_BESIDE * 2
             ? (unsigned)limit.rlim_cur - DESCRIPTORS_BESIDE
             : DESCRIPTORS_BESIDE;
}

/* The signals that end the service. */
struct signals {
  struct watch watch;
  struct service *service;
  bool log_json;
};

static void take_signal(struct watch *watch, uint32_t events) {
  struct signals *signals = holder_of(watch, struct signals, watch);
  struct signalfd_siginfo info;
  (void)events;
  if (read(watch->descriptor, &info, sizeof info) != (ssize_t)sizeof info) return;
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
  log_note(signals->log_json, "%s: ending", strsignal((int)info.ssi_signo));
  service_end(signals->service);
}

/* Says where clients can connect. False: nobody can be told. */
static bool print_addresses(const struct serve_options *options, const int *listeners,
                            size_t count) {
  for (size_t i = 0; i < count; i++) {
    char address[ADDRESS_TEXT_SIZE];
    listen_address(listeners[i], address);
    printf("%shttp%s://%s", i == 0 ? "hrl-serve listens on " : " and ",
           options->tls_cert == NULL ? "" : "s", address);
  }
  putchar('\n');
  if (console_flush()) return true;
  console_error("cannot write to standard output: %s", console_flush_reason());
  return false;
}

static bool begin(struct service *service, struct signals *signals,
                  const struct serve_options *options) {
  int listeners[LISTENERS_MAX];
  unsigned connections_max = raise_limits(options);
  size_t count = listen_open(options->hosts, options->port, listeners);
  *signals = (struct signals){{take_signal, open_signals()}, service, options->log_json};
  if (count == 0 || signals->watch.descriptor == -1 ||
      !service_begin(service, options, connections_max))
    return false;
  bool listening = watch_add(service->loop, &signals->watch, EPOLLIN);
  for (size_t i = 0; i < count; i++)
    listening = listening && service_listen(service, listeners[i]);
  if (!listening) console_error("the event loop cannot be set up");
  return listening && print_addresses(options, listeners, count);
}

int main(int argc, char **argv) {
  console_begin("hrl-serve");
  static struct serve_options options;
  static struct service service;
  static struct signals signals;
  int exit_code;
  if (!serve_options_parse(argc, argv, &options, &exit_code))
    return console_end(exit_code);
  bool begun = begin(&service, &signals, &options);
  while (begun && !service.ended) {
    if (!loop_turn(service.loop, true)) break;
  }
  exit_code = begun && service.ended ? EXIT_DONE : EXIT_FAILED;
  if (service.training != NULL && training_is_on(service.training)) {
    /* its unit of work takes too long to be waited for */
    console_error("training did not end in time; only its latest checkpoint is saved");
    (void)fflush(stdout); /* there is nobody left to tell */
    _exit(EXIT_FAILED);
  }
  if (begun && workers_busy(service.players) > 0) {
    /* nothing is written of it before it is complete: it may end with the process */
    console_flush();
    _exit(exit_code);
  }
  service_destroy(&service);
  free(options.hosts);
  free(options.cors_origin);
  return console_end(exit_code);
}
