/* How fast the library is, beside what this machine can do.
 *
 *     throughput [--runs N] [--only PART] [--cpu] [--brief] [--json FILE] [scenario]
 *
 * Each row: what, on how many threads, the median of N runs and the best of them; for
 * matrix work also GFLOP/s and the share of the peak that the same process measured.
 * Ratios within one run are what counts: the figures themselves are this machine's, at
 * that moment. In flat, one thread, all, and the peak take turns; the medians of their
 * ratios stand below. PART is one of limits, flat, trainer, parts. --cpu measures one
 * thread by its processor time, for a machine that others use as well. --brief does almost
 * no work, only to see that everything runs. PROFILE.md says where the time goes. */
#include <stdlib.h>
#include <string.h>

#include "measure.h"

static void usage(void) {
  fprintf(stderr,
          "usage: throughput [--runs N] [--only limits|flat|trainer|parts] "
          "[--cpu] [--brief] [--json FILE] [scenario]\n");
  exit(2);
}

int main(int argc, char **argv) {
  struct bench bench = {.runs = 5, .kinds = 2, .threads = hrlp_processor_count()};
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  const char *name = "bologna_coppia";
  const char *only = "";
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(argv[i], "--brief") == 0) {
      bench.brief = true;
    } else if (strcmp(argv[i], "--cpu") == 0) {
      bench.kinds = 1;
      use_processor_time();
    } else if (strcmp(argv[i], "--runs") == 0 && value != NULL) {
      bench.runs = atoi(argv[++i]);
    } else if (strcmp(argv[i], "--only") == 0 && value != NULL) {
      only = argv[++i];
    } else if (strcmp(argv[i], "--json") == 0 && value != NULL) {
      bench.json = fopen(argv[++i], "w");
      if (bench.json == NULL) perror("throughput: --json"), exit(1);
    } else if (argv[i][0] != '-') {
      name = argv[i];
    } else {
      usage();
    }
  }
  if (bench.runs < 1 || bench.runs > 100) usage();
  if (bench.brief) bench.runs = 1;
  must(hrl_scenario_load(name, &scenario, &error), &error);
  must(hrlp_pool_create(bench.threads, &bench.all, &error), &error);
  bench.scenario = scenario;
  if (bench.json != NULL) fputs("[", bench.json);
  printf("%-46s %2s %12s %12s\n", "", "th", "median", "best");
  static const struct {
    const char *name;
    void (*run)(struct bench *bench);
  } parts[] = {{"limits", bench_limits},
               {"flat", bench_flat},
               {"trainer", bench_trainer},
               {"parts", bench_parts}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (only[0] == '\0' || strcmp(only, parts[i].name) == 0) parts[i].run(&bench);
  report_value(&bench, "peak memory", bench.threads, peak_memory(), "MiB");
  if (bench.json != NULL) {
    fputs("\n]\n", bench.json);
    if (fclose(bench.json) != 0) perror("throughput: --json"), exit(1);
  }
  hrlp_pool_destroy(bench.all);
  hrl_scenario_destroy(scenario);
  return 0;
}
