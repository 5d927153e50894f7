/* custom/check_trace.h - what was seen of some episodes while a task was tried. */
#ifndef HRLP_CUSTOM_CHECK_TRACE_H
#define HRLP_CUSTOM_CHECK_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hrl/task.h>

/* Row (episode i, step t) of an array is i * steps + t. */
struct hrlp_check_trace {
  size_t count, steps;
  size_t *lengths;    /* [count] steps played */
  double *rewards;    /* [count * steps] */
  double *departures; /* [count * steps] */
  double *potentials; /* [count * steps] before the step */
  uint64_t *seen;     /* [count * steps] a digest of what was observed */
  uint64_t *states;   /* [count * steps] a digest of the state that the step left */
  uint8_t *ends;      /* [count * steps] */
  /* of each observation, over all; NULL, as all that follow, where nobody asks for it */
  double *low, *high, *sum, *square; /* [observations] */
  size_t observed;                   /* rows that these are of */
  /* whether it is the same for all episodes of a step, and rises or falls with steps */
  bool *alike, *rises, *falls; /* [observations] */
  float *first;                /* [observations] of the first episode, at the last step */
};

/* False where memory is short; ended with hrlp_check_trace_free in any case. With `whole`
 * it adds up over all episodes, which one thread alone may do. */
bool hrlp_check_trace_create(struct hrlp_check_trace *trace, const hrl_task *task,
                             size_t count, bool whole);
void hrlp_check_trace_free(struct hrlp_check_trace *trace);

/* A number that is the same for the same bytes, and hardly for others. */
uint64_t hrlp_check_digest(const void *data, size_t bytes);

/* Takes note of what was observed [rows, width] at a step; `index` names the episodes. */
void hrlp_check_trace_observe(struct hrlp_check_trace *trace, size_t width,
                              const float *observations, const size_t *index, size_t rows,
                              size_t step);

/* The first difference between episode i of `a` and episode j of `b`: "the reward of step
 * 3", or NULL. */
const char *hrlp_check_trace_differ(const struct hrlp_check_trace *a, size_t i,
                                    const struct hrlp_check_trace *b, size_t j,
                                    size_t *step);

/* Whether an observation tells the time: the same for all, and one way only. */
bool hrlp_check_trace_tells_time(const struct hrlp_check_trace *trace, size_t width);

#endif
