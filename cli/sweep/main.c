/* hrl-sweep - trains the runs of a plan and prints their results. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/console.h"
#include "sweep/options.h"
#include "sweep/report.h"
#include "sweep/sweep.h"

/* A handler can be given nothing. */
static struct sweep sweep;
static volatile sig_atomic_t first_signal;

static void handle(int number) {
  if (first_signal != 0) _exit(128 + number);
  first_signal = number;
  atomic_store(&sweep.stop, true);
}

static void watch_signals(void) {
  static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
  /* no SA_RESTART: who waits for another process' run is to wake up */
  struct sigaction action = {.sa_handler = handle};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
    struct sigaction inherited;
    if (sigaction(watched[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
      sigaction(watched[i], &action, NULL);
  }
}

/* Environment variables that launchers set: Open MPI, MPICH, PMIx, Slurm. */
static bool launched(const char *const *names, uint32_t *number) {
  for (; *names != NULL; names++) {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread is there yet */
    const char *text = getenv(*names);
    uint64_t value = 0;
    if (text == NULL || !options_parse_number(text, 0, 1000000, &value)) continue;
    *number = (uint32_t)value;
    return true;
  }
  return false;
}

static void find_ranks(void) {
  static const char *const rank_names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK",
                                           "PMIX_RANK", "SLURM_PROCID", NULL};
  static const char *const size_names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                           "SLURM_NTASKS", NULL};
  sweep.ranks = 1;
  if (!launched(size_names, &sweep.ranks) || sweep.ranks < 2 ||
      !launched(rank_names, &sweep.rank) || sweep.rank >= sweep.ranks) {
    sweep.ranks = 1;
    sweep.rank = 0;
  }
}

static bool read_format(const char *text, enum report_format *format) {
  static const char *const names[] = {"table", "csv", "json"};
  for (size_t i = 0; i < 3; i++)
    if (strcmp(text, names[i]) == 0) {
      *format = (enum report_format)i;
      return true;
    }
  console_error("--format: '%s' is none of table, csv, json", text);
  return false;
}

static void choose_threads(const struct command_line *line) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  sweep.threads = processors > 256 ? 256 : processors > 1 ? (size_t)processors : 1;
  if (sweep.ranks > 1) sweep.threads = 1;
  if (line->values[SWEEP_THREADS].given)
    sweep.threads = (size_t)line->values[SWEEP_THREADS].number;
}

static int run(const struct command_line *line, enum report_format format) {
  hrl_error error = HRL_ERROR_INIT;
  if (!plan_read(line->arguments[0], &sweep.plan, &error) ||
      !sweep_prepare(&sweep, &error)) {
    if (sweep.rank == 0) console_error("%s", error.message);
    return error.status == HRL_ERROR_MEMORY ? EXIT_FAILED : EXIT_USAGE;
  }
  if (!sweep_work(&sweep, &error)) {
    if (error.status != HRL_OK) {
      console_error("%s; repeat the command to continue", error.message);
      return EXIT_FAILED;
    }
    if (sweep.rank == 0)
      console_error("stopped and saved; repeat the command to continue");
    return 128 + first_signal;
  }
  if (sweep.rank > 0) return EXIT_DONE;
  size_t failed = report_print(&sweep, format);
  if (failed == 0) return EXIT_DONE;
  console_error("%zu of %zu runs failed; see their files in %s", failed, sweep.run_count,
                sweep.folder);
  return EXIT_FAILED;
}

int main(int argc, char **argv) {
  console_begin("hrl-sweep");
  struct command_line line;
  enum report_format format = REPORT_TABLE;
  int exit_code;
  find_ranks();
  console_silence(sweep.rank > 0); /* what was typed is the same for all */
  if (!options_parse(&sweep_command, argc, argv, &line, &exit_code))
    return console_end(exit_code);
  if (line.arguments[0] == NULL) {
    console_error("PLAN is missing; 'hrl-sweep --help' shows the options");
    return EXIT_USAGE;
  }
  if (!read_format(line.values[SWEEP_FORMAT].text, &format)) return EXIT_USAGE;
  console_silence(false);
  sweep.output = line.values[SWEEP_OUTPUT].text;
  sweep.records = !line.values[SWEEP_NO_RECORD].given;
  sweep.quiet = line.values[SWEEP_QUIET].given;
  choose_threads(&line);
  watch_signals();
  exit_code = run(&line, format);
  sweep_free(&sweep);
  return console_end(exit_code);
}
