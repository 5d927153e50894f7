#include "measure.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/memory.h"

static clockid_t measured_clock = CLOCK_MONOTONIC;

void use_processor_time(void) { measured_clock = CLOCK_THREAD_CPUTIME_ID; }

double seconds(void) {
  struct timespec now;
  clock_gettime(measured_clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

struct timing summarize(double *elapsed, int runs) {
  qsort(elapsed, (size_t)runs, sizeof *elapsed, compare_numbers);
  return (struct timing){.median = (elapsed[(runs - 1) / 2] + elapsed[runs / 2]) / 2.0,
                         .best = elapsed[0]};
}

struct timing time_runs(int runs, void (*work)(void *context), void *context) {
  double elapsed[100];
  if (runs > 100) runs = 100;
  for (int i = 0; i < runs; i++) {
    double begun = seconds();
    work(context);
    elapsed[i] = seconds() - begun;
  }
  return summarize(elapsed, runs);
}

static void write_json(struct bench *bench, const char *name, size_t threads,
                       double value, double best, const char *unit, double gflops,
                       double share) {
  if (bench->json == NULL) return;
  fprintf(bench->json,
          "%s\n  {\"name\": \"%s\", \"threads\": %zu, \"unit\": \"%s\", "
          "\"median\": %.9g, \"best\": %.9g",
          bench->rows == 0 ? "" : ",", name, threads, unit, value, best);
  if (gflops > 0.0)
    fprintf(bench->json, ", \"gflops\": %.9g, \"share_of_peak\": %.9g", gflops, share);
  fputs("}", bench->json);
}

void report_rate(struct bench *bench, const char *name, size_t threads,
                 struct timing timing, double amount, const char *unit, double flops) {
  double rate = amount / timing.median;
  double best = amount / timing.best;
  double gflops = flops / timing.median * 1e-9;
  double peak = bench->peak[threads > 1];
  double share = peak > 0.0 ? gflops / peak : 0.0;
  printf("%-46s %2zu %12.4g %12.4g  %-12s", name, threads, rate, best, unit);
  if (flops > 0.0) printf(" %7.1f GFLOP/s", gflops);
  if (flops > 0.0 && share > 0.0) printf(" %4.0f %%", 100.0 * share);
  printf("\n");
  fflush(stdout);
  write_json(bench, name, threads, rate, best, unit, gflops, share);
  bench->rows++;
}

void report_span(struct bench *bench, const char *name, size_t threads,
                 struct timing timing) {
  printf("%-46s %2zu %12.4g %12.4g  ms\n", name, threads, 1e3 * timing.median,
         1e3 * timing.best);
  fflush(stdout);
  write_json(bench, name, threads, timing.median, timing.best, "s", 0.0, 0.0);
  bench->rows++;
}

void report_value(struct bench *bench, const char *name, size_t threads, double value,
                  const char *unit) {
  printf("%-46s %2zu %12.4g %12s  %s\n", name, threads, value, "", unit);
  fflush(stdout);
  write_json(bench, name, threads, value, value, unit, 0.0, 0.0);
  bench->rows++;
}

void heading(const char *text) { printf("\n%s\n", text); }

void must(hrl_status status, const hrl_error *error) {
  if (status == HRL_OK) return;
  fprintf(stderr, "throughput: %s\n", error->message);
  exit(1);
}

void *must_alloc(size_t count, size_t size) {
  void *memory = hrlp_alloc(count, size);
  if (memory != NULL) return memory;
  fprintf(stderr, "throughput: out of memory\n");
  exit(1);
}

double peak_memory(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024.0;
}
