#include "eval/trajectory.h"

#include <inttypes.h>

#include "common/console.h"
#include "eval/output_file.h"
#include "report/yardsticks.h"

static const char header[] =
    "episode,month,target_invest_ratio,safety_buffer,aggressiveness,invest,save,consume,"
    "fixed,variable,cash,portfolio,reward,insolvent";

static const char lifecycle_header[] = ",income,job,consumption,taxes,transfer";

struct sink {
  struct output_file output;
  bool is_lifecycle; /* whose months have more to tell */
};

/* Not 0, which ends the playing, once the file takes no more. */
static int write_month(const hrl_trajectory_month *month, void *data) {
  struct sink *sink = data;
  FILE *file = sink->output.file;
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
  return output_file_failed(&sink->output);
}

int eval_trajectory_write(const char *path, const hrl_policy *policy,
                          const hrl_scenario *scenario,
                          const hrl_evaluate_options *options) {
  struct sink sink = {.is_lifecycle = is_lifecycle(scenario)};
  hrl_error error = HRL_ERROR_INIT;
  if (!output_file_open(&sink.output, "--trajectory", path)) return EXIT_FAILED;
  fprintf(sink.output.file, "%s%s\n", header, sink.is_lifecycle ? lifecycle_header : "");
  hrl_status status =
      hrl_evaluate_trajectory(policy, scenario, options, write_month, &sink, &error);
  return output_file_close(&sink.output, status, &error);
}
