/* Reads a scenario file with libyaml's events, in two passes: the first finds what is
 * malformed or too large, the second knows the keys. YAML's references and types are
 * refused: a household needs neither, and a list that refers to itself is never built. */
#include "scenario/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/memory.h"
#include "base/text.h"
#include "scenario/complete.h"
#include "scenario/keys.h"
#include "scenario/reader_state.h"
#include "scenario/syntax.h"
#include "scenario/value.h"

/* Far more than a scenario needs, far less than could keep the library busy. */
#define DEPTH_LIMIT 16
#define EVENT_LIMIT 10000
#define DESCRIPTION_LIMIT 4096

static hrl_status open_parser(struct reader *reader) {
  memset(&reader->event, 0, sizeof reader->event);
  if (!yaml_parser_initialize(&reader->parser))
    return hrlp_fail_memory(reader->error, "reading a scenario");
  yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&reader->parser, (const unsigned char *)reader->text,
                               reader->length);
  return HRL_OK;
}

static void close_parser(struct reader *reader) {
  yaml_event_delete(&reader->event);
  yaml_parser_delete(&reader->parser);
}

hrl_status hrlp_reader_next(struct reader *reader) {
  yaml_event_delete(&reader->event);
  if (yaml_parser_parse(&reader->parser, &reader->event)) return HRL_OK;
  return hrlp_syntax_fail(&reader->parser, reader->text, reader->length, reader->file,
                          reader->error);
}

const char *hrlp_reader_text(const struct reader *reader) {
  return (const char *)reader->event.data.scalar.value;
}

/* Determines the file's model first, because the meaning of every key depends on it.
 * `*place` counts top-level nodes, alternately keys and values. The second pass rejects
 * an unknown model. */
static void note_model(struct reader *reader, int depth, size_t *place, bool *is_model) {
  yaml_event_type_t type = reader->event.type;
  bool is_scalar = type == YAML_SCALAR_EVENT;
  bool opens = type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
  if (!(depth == 1 && (is_scalar || type == YAML_ALIAS_EVENT)) && !(depth == 2 && opens))
    return;
  bool is_key = (*place)++ % 2 == 0;
  if (is_key) *is_model = is_scalar && strcmp(hrlp_reader_text(reader), "model") == 0;
  if (is_key || !*is_model || !is_scalar) return;
  size_t model = hrlp_keys_find_model(hrlp_reader_text(reader));
  if (model != HRLP_KEY_NONE) reader->scenario->model = (enum hrlp_model_kind)model;
}

/* The first pass. */
static hrl_status check_structure(struct reader *reader) {
  int depth = 0;
  size_t place = 0;
  bool is_model = false;
  int documents = 0;
  for (int events = 0;; events++) {
    hrl_status status = hrlp_reader_next(reader);
    if (status != HRL_OK) return status;
    yaml_event_type_t type = reader->event.type;
    if (type == YAML_STREAM_END_EVENT) break;
    if (type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
      return FAIL_HERE(reader, HRL_ERROR_SYNTAX,
                       "a second document begins here; a scenario file has one");
    if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT) depth++;
    note_model(reader, depth, &place, &is_model);
    if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT) depth--;
    if (depth > DEPTH_LIMIT)
      return FAIL_HERE(reader, HRL_ERROR_LIMIT,
                       "nested more than %d levels deep; a scenario needs two",
                       DEPTH_LIMIT);
    if (events > EVENT_LIMIT)
      return FAIL_HERE(reader, HRL_ERROR_LIMIT, "more than %d keys, values and brackets",
                       EVENT_LIMIT);
  }
  if (documents > 0) return HRL_OK;
  return hrlp_fail_at(reader->error, HRL_ERROR_SYNTAX, reader->file, 1, 1,
                      "the file is empty, expected a section 'environment'");
}

bool hrlp_reader_is_quoted(const struct reader *reader) {
  return reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static bool is_null(const struct reader *reader) {
  return hrlp_value_is_null(hrlp_reader_text(reader), hrlp_reader_is_quoted(reader));
}

/* What the present event is, for "found ...". */
void hrlp_reader_describe(const struct reader *reader, char found[HRLP_FOUND_SIZE]) {
  const char *what = "no value";
  if (reader->event.type == YAML_MAPPING_START_EVENT) what = "a mapping of keys";
  if (reader->event.type == YAML_SEQUENCE_START_EVENT) what = "a list";
  if (reader->event.type == YAML_SCALAR_EVENT && !is_null(reader))
    hrlp_value_show(hrlp_reader_text(reader), found);
  else
    snprintf(found, HRLP_FOUND_SIZE, "%s", what);
}

/* Refuses YAML's references and types on the value or key `what`. */
hrl_status hrlp_reader_refuse_extras(struct reader *reader, const char *what) {
  const yaml_event_t *event = &reader->event;
  const yaml_char_t *anchor = NULL;
  const yaml_char_t *tag = NULL;
  switch (event->type) {
    case YAML_ALIAS_EVENT:
      return FAIL_HERE(reader, HRL_ERROR_SYNTAX,
                       "%s: found an alias ('*'), which is not accepted; write the value "
                       "itself",
                       what);
    case YAML_SCALAR_EVENT:
      anchor = event->data.scalar.anchor;
      tag = event->data.scalar.tag;
      if (strlen(hrlp_reader_text(reader)) != event->data.scalar.length)
        return FAIL_HERE(reader, HRL_ERROR_SYNTAX, "%s: found a zero character", what);
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = event->data.mapping_start.anchor;
      tag = event->data.mapping_start.tag;
      break;
    case YAML_SEQUENCE_START_EVENT:
      anchor = event->data.sequence_start.anchor;
      tag = event->data.sequence_start.tag;
      break;
    default:
      break;
  }
  if (anchor != NULL)
    return FAIL_HERE(reader, HRL_ERROR_SYNTAX,
                     "%s: found an anchor ('&'), which is not accepted; remove it", what);
  if (tag != NULL)
    return FAIL_HERE(reader, HRL_ERROR_SYNTAX,
                     "%s: found a tag ('!'), which is not accepted; remove it", what);
  return HRL_OK;
}

hrl_status hrlp_reader_open(struct reader *reader, const char *what,
                            const char *expected) {
  hrl_status status = hrlp_reader_next(reader);
  if (status == HRL_OK) status = hrlp_reader_refuse_extras(reader, what);
  if (status != HRL_OK || reader->event.type == YAML_MAPPING_START_EVENT) return status;
  char found[HRLP_FOUND_SIZE];
  hrlp_reader_describe(reader, found);
  return FAIL_HERE(reader, HRL_ERROR_TYPE, "%s: found %s, expected %s", what, found,
                   expected);
}

/* Takes the next event: a key of the mapping `what`, or its end. */
hrl_status hrlp_reader_next_key(struct reader *reader, const char *what) {
  hrl_status status = hrlp_reader_next(reader);
  if (status != HRL_OK || reader->event.type == YAML_MAPPING_END_EVENT) return status;
  status = hrlp_reader_refuse_extras(reader, what);
  if (status != HRL_OK || reader->event.type == YAML_SCALAR_EVENT) return status;
  char found[HRLP_FOUND_SIZE];
  hrlp_reader_describe(reader, found);
  return FAIL_HERE(reader, HRL_ERROR_TYPE, "%s: found %s, expected a key", what, found);
}

/* Notes in `*line` that the present event gives `what`; fails where it was given. */
hrl_status hrlp_reader_note_first(struct reader *reader, int *line, const char *what) {
  if (*line != 0)
    return FAIL_HERE(reader, HRL_ERROR_KEY,
                     "%s: duplicate key, given on line %d already; keep one of them",
                     what, *line);
  *line = LINE(reader->event.start_mark);
  return HRL_OK;
}

hrl_status hrlp_reader_take_value(struct reader *reader, const hrl_scenario_key *key,
                                  const char *what, double *value) {
  struct hrlp_value_fault fault = {"", ""};
  hrl_status status = HRL_ERROR_TYPE;
  if (reader->event.type == YAML_SCALAR_EVENT)
    status = hrlp_value_parse(key, hrlp_reader_text(reader),
                              hrlp_reader_is_quoted(reader), value, &fault);
  else
    hrlp_reader_describe(reader, fault.found);
  if (status == HRL_OK) return HRL_OK;
  char expected[HRLP_KEY_EXPECTED_SIZE];
  hrlp_key_expected(key, expected);
  return FAIL_HERE(reader, status, "%s: found %s, expected %s%s", what, fault.found,
                   expected, fault.hint);
}

/* A value that looks like a slip. */
static void remark_value(struct reader *reader, const hrl_scenario_key *key,
                         const char *what, double value) {
  const char *text = hrlp_reader_text(reader);
  if (hrlp_value_seems_whole(key, value))
    hrlp_text_format(&reader->remarks,
                     "line %d: %s: %s is %g %% a %s; 1 %% is written 0.01\n",
                     LINE(reader->event.start_mark), what, text, 100.0 * value,
                     key->unit + strlen("1/"));
  if (hrlp_value_seems_grouped(key, text))
    hrlp_text_format(&reader->remarks,
                     "line %d: %s: %s was read as %.4g, not as thousands; write numbers "
                     "without a point between thousands\n",
                     LINE(reader->event.start_mark), what, text, value);
}

static hrl_status read_value(struct reader *reader, size_t index) {
  const hrl_scenario_key *key = hrlp_keys_at(reader->model, index);
  char what[HRLP_FOUND_SIZE];
  snprintf(what, sizeof what, "%s.%s", key->section, key->name);
  reader->key_columns[index] = (int)reader->event.start_mark.column + 1;
  hrl_status status = hrlp_reader_note_first(reader, &reader->key_lines[index], what);
  if (status == HRL_OK) status = hrlp_reader_next(reader);
  if (status == HRL_OK) status = hrlp_reader_refuse_extras(reader, what);
  if (status != HRL_OK) return status;
  if (reader->event.type == YAML_MAPPING_START_EVENT)
    return hrlp_reader_read_range(reader, index, what);
  double value = 0.0;
  status = hrlp_reader_take_value(reader, key, what, &value);
  if (status != HRL_OK) return status;
  hrlp_key_put(reader->scenario, index, value);
  remark_value(reader, key, what, value);
  return HRL_OK;
}

static hrl_status fail_unknown_key(struct reader *reader, const char *section) {
  char name[HRLP_FOUND_SIZE];
  char advice[HRLP_KEY_ADVICE_SIZE];
  hrlp_value_show(hrlp_reader_text(reader), name);
  hrlp_key_advise(reader->model, section, hrlp_reader_text(reader), advice);
  return FAIL_HERE(reader, HRL_ERROR_KEY, "%s: unknown key %s%s", section, name, advice);
}

static hrl_status fail_unknown_section(struct reader *reader) {
  char name[HRLP_FOUND_SIZE];
  char advice[HRLP_KEY_ADVICE_SIZE];
  hrlp_value_show(hrlp_reader_text(reader), name);
  hrlp_top_word_advise(reader->model, hrlp_reader_text(reader), advice);
  return FAIL_HERE(reader, HRL_ERROR_KEY, "unknown section %s%s", name, advice);
}

/* Fails with all required keys of a section that were not given. */
static hrl_status check_missing(struct reader *reader, size_t word, yaml_mark_t place) {
  const char *section = hrlp_top_word_at(reader->model, word);
  const char *missing = reader->top_lines[word] == 0 ? "section, which needs the " : "";
  struct hrlp_text names = {0};
  int count = 0;
  for (size_t i = 0; i < hrlp_keys_count(reader->model); i++) {
    const hrl_scenario_key *key = hrlp_keys_at(reader->model, i);
    if (strcmp(key->section, section) != 0 || !key->required || reader->key_lines[i] != 0)
      continue;
    hrlp_text_format(&names, "%s%s", count > 0 ? ", " : "", key->name);
    count++;
  }
  hrl_status status = HRL_OK;
  if (names.failed)
    status = hrlp_fail_memory(reader->error, "a message");
  else if (count > 0)
    status = hrlp_fail_at(reader->error, HRL_ERROR_KEY, reader->file, LINE(place),
                          COLUMN(place), "%s: missing %s%s %s", section, missing,
                          count > 1 ? "keys" : "key", names.data);
  hrlp_text_free(&names);
  return status;
}

static hrl_status read_section(struct reader *reader, size_t word) {
  const char *section = hrlp_top_word_at(reader->model, word);
  yaml_mark_t place = reader->event.start_mark;
  hrl_status status = hrlp_reader_open(
      reader, section, "keys with values; remove the section if it has none");
  while (status == HRL_OK) {
    status = hrlp_reader_next_key(reader, section);
    if (status != HRL_OK) break;
    if (reader->event.type == YAML_MAPPING_END_EVENT)
      return check_missing(reader, word, place);
    size_t index = hrlp_key_find(reader->model, section, hrlp_reader_text(reader));
    status = index == HRLP_KEY_NONE ? fail_unknown_key(reader, section)
                                    : read_value(reader, index);
  }
  return status;
}

/* The model, which the first pass has taken note of. */
static hrl_status read_model(struct reader *reader) {
  hrl_status status = hrlp_reader_next(reader);
  if (status == HRL_OK) status = hrlp_reader_refuse_extras(reader, "model");
  if (status != HRL_OK) return status;
  if (reader->event.type == YAML_SCALAR_EVENT && !is_null(reader) &&
      hrlp_keys_find_model(hrlp_reader_text(reader)) != HRLP_KEY_NONE)
    return hrlp_reader_check_task(reader);
  char found[HRLP_FOUND_SIZE];
  struct hrlp_text expected = {0};
  hrlp_reader_describe(reader, found);
  for (size_t i = 0; i < hrl_model_count(); i++)
    hrlp_text_format(&expected, "%s%s", i > 0 ? ", " : "", hrl_model_name(i));
  status = expected.failed
               ? hrlp_fail_memory(reader->error, "a message")
               : FAIL_HERE(reader, HRL_ERROR_TYPE, "model: found %s, expected one of %s",
                           found, expected.data);
  hrlp_text_free(&expected);
  return status;
}

static hrl_status read_description(struct reader *reader) {
  hrl_status status = hrlp_reader_next(reader);
  if (status == HRL_OK) status = hrlp_reader_refuse_extras(reader, "description");
  if (status != HRL_OK) return status;
  if (reader->event.type != YAML_SCALAR_EVENT || is_null(reader)) {
    char found[HRLP_FOUND_SIZE];
    hrlp_reader_describe(reader, found);
    return FAIL_HERE(
        reader, HRL_ERROR_TYPE,
        "description: found %s, expected a text; remove the key if there is none", found);
  }
  size_t length = reader->event.data.scalar.length;
  if (length > DESCRIPTION_LIMIT)
    return FAIL_HERE(reader, HRL_ERROR_LIMIT,
                     "description: found %zu bytes, expected at most %d", length,
                     DESCRIPTION_LIMIT);
  reader->scenario->description = hrlp_copy_text(hrlp_reader_text(reader));
  if (reader->scenario->description == NULL)
    return hrlp_fail_memory(reader->error, "a scenario");
  return HRL_OK;
}

/* The second pass. */
static hrl_status read_document(struct reader *reader) {
  hrl_status status = hrlp_reader_next(reader);            /* the stream's start */
  if (status == HRL_OK) status = hrlp_reader_next(reader); /* the document's */
  if (status != HRL_OK) return status;
  status = hrlp_reader_open(reader, "scenario", "sections such as 'environment:'");
  while (status == HRL_OK) {
    status = hrlp_reader_next_key(reader, "scenario");
    if (status != HRL_OK || reader->event.type == YAML_MAPPING_END_EVENT) break;
    size_t word = hrlp_top_word_find(reader->model, hrlp_reader_text(reader));
    const char *known = hrlp_top_word_at(reader->model, word);
    if (known == NULL) return fail_unknown_section(reader);
    status = hrlp_reader_note_first(reader, &reader->top_lines[word], known);
    if (status != HRL_OK) break;
    status = word == HRLP_TOP_MODEL         ? read_model(reader)
             : word == HRLP_TOP_DESCRIPTION ? read_description(reader)
             : strcmp(known, "task") == 0   ? hrlp_reader_read_task(reader)
             : word == HRLP_TOP_REQUIRE     ? hrlp_reader_read_conditions(reader)
                                            : read_section(reader, word);
  }
  yaml_mark_t start = {0};
  for (size_t i = HRLP_TOP_SECTIONS;
       hrlp_top_word_at(reader->model, i) != NULL && status == HRL_OK; i++)
    if (reader->top_lines[i] == 0) status = check_missing(reader, i, start);
  return status;
}

static hrl_status run_pass(struct reader *reader, hrl_status (*pass)(struct reader *)) {
  hrl_status status = open_parser(reader);
  if (status != HRL_OK) return status;
  status = pass(reader);
  close_parser(reader);
  return status;
}

/* Inconsistent values are reported at the position of one of them. */
static hrl_status check_together(struct reader *reader) {
  const struct hrl_scenario *scenario = reader->scenario;
  hrl_error problem = HRL_ERROR_INIT;
  const char *key;
  if (scenario->model != HRLP_MODEL_LIFECYCLE || scenario->family != NULL) return HRL_OK;
  hrl_status status = hrlp_lifecycle_keys_check(&scenario->lifecycle, &key, &problem);
  if (status == HRL_OK) return HRL_OK;
  size_t index = hrlp_key_find(reader->model, "environment", key);
  return hrlp_fail_at(reader->error, status, reader->file, reader->key_lines[index],
                      reader->key_columns[index], "%s", problem.message);
}

hrl_status hrlp_scenario_read(struct hrl_scenario *scenario, const char *text,
                              size_t length, const char *file, hrl_error *error) {
  hrl_status status = hrlp_syntax_check_text(&text, &length, file, error);
  if (status != HRL_OK) return status;
  struct reader reader = {
      .file = file, .text = text, .length = length, .scenario = scenario, .error = error};
  status = run_pass(&reader, check_structure);
  if (status != HRL_OK) return status;
  reader.model = hrlp_keys_of(scenario);
  size_t count = hrlp_keys_count(reader.model);
  for (size_t i = 0; i < count; i++)
    if (!hrlp_keys_at(reader.model, i)->required)
      hrlp_key_put(scenario, i, hrlp_keys_at(reader.model, i)->default_value);
  /* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): there are keys */
  reader.key_lines = calloc(2 * count, sizeof *reader.key_lines);
  if (reader.key_lines == NULL) return hrlp_fail_memory(error, "reading a scenario");
  reader.key_columns = reader.key_lines + count;
  status = run_pass(&reader, read_document);
  if (status == HRL_OK) status = hrlp_reader_check_family(&reader);
  if (status == HRL_OK) status = check_together(&reader);
  if (status == HRL_OK)
    hrlp_scenario_complete(scenario, reader.key_lines, &reader.remarks);
  free(reader.key_lines);
  if (status == HRL_OK && reader.remarks.failed)
    status = hrlp_fail_memory(error, "a scenario's remarks");
  if (status == HRL_OK)
    scenario->remarks = reader.remarks.data;
  else
    hrlp_text_free(&reader.remarks);
  return status;
}
