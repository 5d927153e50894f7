/* common/run_filter.h - what users write to choose runs of a record. */
#ifndef CLI_RUN_FILTER_H
#define CLI_RUN_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* States with commas between them, as bits 1 << state; 0: one of them is none. */
unsigned run_states_parse(const char *text);

/* Whether it is YYYY, YYYY-MM ... up to microseconds: a beginning of the form of start
 * times. */
bool run_time_is_valid(const char *text);

/* Numbers of runs, decimal, with commas between them; gives how many, 0 where something
 * else is among them or there are more than `most`. */
size_t run_ids_parse(const char *text, uint64_t *ids, size_t most);

#endif
