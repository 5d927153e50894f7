#include "eval/trajectory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/console.h"
#include "eval/output.h"

static const char header[] =
    "episode,month,target_invest_ratio,safety_buffer,aggressiveness,invest,save,consume,"
    "fixed,variable,cash,portfolio,reward,insolvent";

static const char lifecycle_header[] = ",income,job,consumption,taxes,transfer";

struct sink {
  FILE *file;
  bool is_lifecycle; /* whose months have more to tell */
  int reason;        /* errno of the first write that failed */
};

/* Not 0, which ends the playing, once the file takes no more. */
static int write_month(const hrl_trajectory_month *month, void *data) {
  struct sink *sink = data;
  FILE *file = sink->file;
  const double values[] = {month->goal.target_invest_ratio,
                           month->goal.safety_buffer,
                           month->goal.aggressiveness,
                           month->allocation.invest,
                           month->allocation.save,
                           month->allocation.consume,
                           month->fixed,
                           month->variable,
                           month->cash,
                           month->portfolio,
                           month->reward};
  fprintf(file, "%" PRIu64 ",%" PRIu64, month->episode, month->month);
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    fprintf(file, ",%.10g", values[i]);
  fprintf(file, ",%d", month->insolvent != 0);
  if (sink->is_lifecycle)
    fprintf(file, ",%.10g,%d,%.10g,%.10g,%.10g", month->income, month->job,
            month->consumption, month->taxes, month->transfer);
  fputc('\n', file);
  if (ferror(file)) sink->reason = errno;
  return ferror(file);
}

int eval_trajectory_write(const char *path, const hrl_policy *policy,
                          const hrl_scenario *scenario,
                          const hrl_evaluate_options *options) {
  bool to_stdout = strcmp(path, "-") == 0;
  const char *name = to_stdout ? "standard output" : path;
  struct sink sink = {.file = to_stdout ? stdout : fopen(path, "w")};
  if (sink.file == NULL) {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    console_error("--trajectory: cannot write %s: %s", path, strerror(errno));
    return EXIT_FAILED;
  }
  hrl_error error = HRL_ERROR_INIT;
  sink.is_lifecycle = strcmp(hrl_scenario_model(scenario), "lifecycle") == 0;
  fprintf(sink.file, "%s%s\n", header, sink.is_lifecycle ? lifecycle_header : "");
  hrl_status status =
      hrl_evaluate_trajectory(policy, scenario, options, write_month, &sink, &error);
  int closed = to_stdout ? fflush(stdout) : fclose(sink.file);
  if (closed != 0 && sink.reason == 0) sink.reason = errno;
  if (sink.reason == EPIPE) {
    if (to_stdout) console_forgive();
    return EXIT_DONE; /* whoever reads has seen enough, as `head` does */
  }
  if (sink.reason != 0) {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    console_error("--trajectory: cannot write %s: %s", name, strerror(sink.reason));
    console_forgive();
  } else if (status != HRL_OK) {
    console_error("%s", error.message);
  }
  return sink.reason != 0 || status != HRL_OK ? EXIT_FAILED : EXIT_DONE;
}
