/* common/run_filter.h - what users write to choose runs of a record. */
#ifndef CLI_RUN_FILTER_H
#define CLI_RUN_FILTER_H

#include <stdbool.h>

/* States with commas between them, as bits 1 << state; 0: one of them is none. */
unsigned run_states_parse(const char *text);

/* Whether it is YYYY, YYYY-MM ... up to microseconds: a beginning of the form of start
 * times. */
bool run_time_is_valid(const char *text);

#endif
