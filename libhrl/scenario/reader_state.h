/* scenario/reader_state.h - what the files of the reader share. */
#ifndef HRLP_SCENARIO_READER_STATE_H
#define HRLP_SCENARIO_READER_STATE_H

#include <yaml.h>

#include "base/error.h"
#include "base/text.h"
#include "scenario/keys.h"
#include "scenario/value.h"

struct reader {
  const char *file;
  const char *text;
  size_t length;
  yaml_parser_t parser;
  yaml_event_t event; /* the present one, owned */
  struct hrl_scenario *scenario;
  const struct hrlp_keys *model; /* known after the first pass */
  int *key_lines;                /* where each key was given, 0 for not yet */
  int *key_columns;
  int top_lines[HRLP_TOP_WORDS_MAX];
  struct hrlp_text remarks; /* a line each */
  hrl_error *error;
};

#define LINE(mark) ((int)(mark).line + 1)
#define COLUMN(mark) ((int)(mark).column + 1)

/* Fails at the present event. */
#define FAIL_HERE(reader, status, ...)                                               \
  hrlp_fail_at((reader)->error, status, (reader)->file,                              \
               LINE((reader)->event.start_mark), COLUMN((reader)->event.start_mark), \
               __VA_ARGS__)

/* Takes the next event. */
hrl_status hrlp_reader_next(struct reader *reader);

/* The present scalar. */
const char *hrlp_reader_text(const struct reader *reader);
bool hrlp_reader_is_quoted(const struct reader *reader);

/* What the present event is, for "found ...". */
void hrlp_reader_describe(const struct reader *reader, char found[HRLP_FOUND_SIZE]);

/* Refuses YAML's references and types on the value or key `what`. */
hrl_status hrlp_reader_refuse_extras(struct reader *reader, const char *what);

/* Takes the next event, which must be the start of the mapping `what`. */
hrl_status hrlp_reader_open(struct reader *reader, const char *what,
                            const char *expected);

/* Takes the next event: a key of the mapping `what`, or its end. */
hrl_status hrlp_reader_next_key(struct reader *reader, const char *what);

/* Notes in `*line` that the present event gives `what`; fails where it was given. */
hrl_status hrlp_reader_note_first(struct reader *reader, int *line, const char *what);

/* Reads the current scalar as a value of `key`; `what` is its name in messages. */
hrl_status hrlp_reader_take_value(struct reader *reader, const hrl_scenario_key *key,
                                  const char *what, double *value);

/* Reads a range of key `index`, whose mapping has just begun: reader_family.c. */
hrl_status hrlp_reader_read_range(struct reader *reader, size_t index, const char *what);

/* Fails where the file is of a task and the program brought none, or the other way round:
 * reader_task.c. */
hrl_status hrlp_reader_check_task(struct reader *reader);

/* Reads the section `task` and holds it to the task that the program brought. */
hrl_status hrlp_reader_read_task(struct reader *reader);

/* Reads the list of conditions between keys. */
hrl_status hrlp_reader_read_conditions(struct reader *reader);

/* What only the whole file can tell of a family. */
hrl_status hrlp_reader_check_family(struct reader *reader);

#endif
