/* measure.h - how tests/bench/throughput measures and reports. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <hrl/hrl.h>

#include "base/thread.h"

struct bench {
  int runs;              /* of each measurement; medians are reported */
  size_t threads;        /* "all": processors */
  struct hrlp_pool *all; /* a pool of that many; NULL means one thread */
  const hrl_scenario *scenario;
  double peak[2]; /* GFLOP/s of one thread and of all, once measured */
  FILE *json;     /* or NULL */
  size_t rows;    /* reported so far */
  int kinds;      /* 2: on one thread and on all; 1: on one */
  bool brief;     /* small amounts of work, to see that everything runs */
};

struct timing {
  double median, best; /* seconds */
};

/* Time now; of the wall clock, or after use_processor_time() of the calling thread: what
 * a busy machine gives to others does not count then. */
double seconds(void);
void use_processor_time(void);

/* Runs work(context) `runs` times. */
struct timing time_runs(int runs, void (*work)(void *context), void *context);
struct timing summarize(double *elapsed, int runs);

/* One row. `amount` of `unit` were done in `timing`; `flops` is what that took, 0 where
 * that is no question: then GFLOP/s and the share of the peak stand beside it. */
void report_rate(struct bench *bench, const char *name, size_t threads,
                 struct timing timing, double amount, const char *unit, double flops);

/* One row: how long something takes. */
void report_span(struct bench *bench, const char *name, size_t threads,
                 struct timing timing);

/* One row: a figure that is no time. */
void report_value(struct bench *bench, const char *name, size_t threads, double value,
                  const char *unit);

/* GFLOP/s of one thread's multiply-adds in registers, within some milliseconds: clocks
 * change from second to second. In limits.c. */
double peak_of_moment(const struct bench *bench);

void heading(const char *text);

/* Ends the program where `status` is not HRL_OK. */
void must(hrl_status status, const hrl_error *error);

/* Zeroed memory, or the end of the program. Freed with hrlp_free. */
void *must_alloc(size_t count, size_t size);

/* Peak memory of the process so far, in MiB. */
double peak_memory(void);

/* The parts. */
void bench_limits(struct bench *bench);  /* limits.c: peak, products, copies */
void bench_flat(struct bench *bench);    /* flat.c: the same work as other trainers */
void bench_trainer(struct bench *bench); /* whole.c: the hierarchy, callbacks, files */
void bench_parts(struct bench *bench);   /* parts.c: household, evaluation, optimum ... */

#endif
