/* scenario/reader.h - from the text of a scenario file to its values. */
#ifndef HRLP_SCENARIO_READER_H
#define HRLP_SCENARIO_READER_H

#include <stddef.h>

#include "scenario/content.h"

/* The file's part of a scenario: fills environment, training, reward and description of
 * one that is otherwise zero. `file` stands in messages. */
hrl_status hrlp_scenario_read(struct hrl_scenario *scenario, const char *text,
                              size_t length, const char *file, hrl_error *error);

#endif
