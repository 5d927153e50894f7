#include "train/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* the last one only where ranks share the run */
static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
#define WATCHED_COUNT (sizeof watched / sizeof watched[0])

/* A handler can be given nothing, so these are the program's only globals. Atomic because
 * any thread may be the one that is interrupted. */
static _Atomic(hrl_trainer *) running;
static atomic_int first_signal;
static _Atomic(const char *) to_announce;
static atomic_bool is_shared;

static void handle(int signal_number) {
  int saved_errno = errno;
  int none = 0;
  if (!atomic_compare_exchange_strong(&first_signal, &none, signal_number)) {
    if (atomic_load(&is_shared)) return;
    _exit(128 + signal_number);
  }
  hrl_trainer_stop(atomic_load(&running));
  const char *announcement = atomic_load(&to_announce);
  if (announcement != NULL &&
      write(STDERR_FILENO, announcement, strlen(announcement)) < 0) {
    /* nobody there to tell; stopping is what counts */
  }
  errno = saved_errno;
}

/* Ctrl-Z: the work in hand is ended first; train_report_notify then stops the process. */
static void handle_suspension(int signal_number) {
  (void)signal_number;
  hrl_trainer_pause(atomic_load(&running));
}

static void watch_suspension(void) {
  struct sigaction action = {.sa_handler = handle_suspension, .sa_flags = SA_RESTART};
  struct sigaction inherited;
  sigemptyset(&action.sa_mask);
  /* a shell without job control ignores it */
  if (sigaction(SIGTSTP, NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
    sigaction(SIGTSTP, &action, NULL);
}

void train_signals_watch(hrl_trainer *trainer, const char *announcement, bool shared) {
  atomic_store(&running, trainer);
  atomic_store(&to_announce, announcement);
  atomic_store(&is_shared, shared);
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < WATCHED_COUNT - (shared ? 0 : 1); i++) {
    struct sigaction inherited;
    if (sigaction(watched[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
      sigaction(watched[i], &action, NULL);
  }
  watch_suspension();
}

int train_signals_end(void) {
  for (size_t i = 0; i < WATCHED_COUNT; i++) {
    struct sigaction current;
    if (sigaction(watched[i], NULL, &current) == 0 && current.sa_handler == handle)
      signal(watched[i], SIG_DFL);
  }
  struct sigaction current;
  if (sigaction(SIGTSTP, NULL, &current) == 0 && current.sa_handler == handle_suspension)
    signal(SIGTSTP, SIG_DFL);
  atomic_store(&running, NULL);
  return atomic_load(&first_signal);
}
