#include "eval/percentiles.h"

#include <inttypes.h>
#include <math.h>

#include <hrl/percentiles.h>

#include "common/console.h"
#include "eval/output_file.h"

#define FIGURES 5

static const char *const names[FIGURES] = {"cash", "portfolio", "wealth", "consumption",
                                           "share"};
static const double levels[] = {5.0, 25.0, 50.0, 75.0, 95.0};
#define LEVELS (sizeof levels / sizeof levels[0])

struct sink {
  struct output_file output;
  const char *row; /* whose months they are */
};

static void write_header(FILE *file) {
  fprintf(file, "row,month,episodes");
  for (size_t f = 0; f < FIGURES; f++)
    for (size_t k = 0; k < LEVELS; k++) fprintf(file, ",%s_%.0f", names[f], levels[k]);
  fputc('\n', file);
}

/* Not 0, which ends it, once the file takes no more. */
static int write_month(const hrl_percentiles *month, void *data) {
  struct sink *sink = data;
  FILE *file = sink->output.file;
  const double *figures[FIGURES] = {month->cash, month->portfolio, month->wealth,
                                    month->consumption, month->share};
  fprintf(file, "%s,%" PRIu64 ",%" PRIu64, sink->row, month->month, month->episodes);
  for (size_t f = 0; f < FIGURES; f++)
    for (size_t k = 0; k < month->count; k++)
      if (isnan(figures[f][k]))
        fputc(',', file);
      else
        fprintf(file, ",%.10g", figures[f][k]);
  fputc('\n', file);
  return output_file_failed(&sink->output);
}

int eval_percentiles_write(const char *path, const hrl_policy *policy,
                           const hrl_scenario *scenario,
                           const hrl_evaluate_options *options,
                           const struct yardsticks *yardsticks) {
  struct sink sink = {.row = "policy"};
  hrl_percentiles_request request = HRL_PERCENTILES_REQUEST_INIT;
  hrl_error error = HRL_ERROR_INIT;
  request.levels = levels;
  request.count = LEVELS;
  request.hear = write_month;
  request.data = &sink;
  if (!output_file_open(&sink.output, "--percentiles", path)) return EXIT_FAILED;
  write_header(sink.output.file);
  hrl_status status = hrl_percentiles_policy(policy, scenario, options, &request, &error);
  sink.row = "best_rule";
  if (status == HRL_OK)
    status = hrl_percentiles_rule(scenario, &yardsticks->rule, options, &request, &error);
  sink.row = "optimum";
  if (status == HRL_OK && yardsticks->has_optimum)
    status = hrl_percentiles_optimum(scenario, options, &request, &error);
  return output_file_close(&sink.output, status, &error);
}
