/* What a file says of a family: ranges of keys, and conditions between keys. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenario/family.h"
#include "scenario/reader_state.h"

enum part { FROM_PART, TO_PART, SCALE_PART, OF_PART, CHANCE_PART, PARTS };
static const char *const parts[PARTS] = {"from", "to", "scale", "of", "chance"};

/* What from and to may be before it is known whether they are shares of another key. */
static const hrl_scenario_key any_number = {.section = "",
                                            .name = "",
                                            .type = HRL_KEY_NUMBER,
                                            .minimum = -1e15,
                                            .maximum = 1e15,
                                            .unit = "",
                                            .text = ""};

static const hrl_scenario_key share = {.section = "",
                                       .name = "",
                                       .type = HRL_KEY_NUMBER,
                                       .minimum = 0.0,
                                       .maximum = 1.0,
                                       .minimum_open = 1,
                                       .unit = "",
                                       .text = ""};

static hrl_status read_scale(struct reader *reader, const char *what, bool *is_log) {
  const char *text =
      reader->event.type == YAML_SCALAR_EVENT ? hrlp_reader_text(reader) : "";
  *is_log = strcmp(text, "log") == 0;
  if (*is_log || strcmp(text, "linear") == 0) return HRL_OK;
  char found[HRLP_FOUND_SIZE];
  hrlp_reader_describe(reader, found);
  return FAIL_HERE(reader, HRL_ERROR_TYPE, "%s.scale: found %s, expected linear or log",
                   what, found);
}

/* The key that this one is a share of. */
static hrl_status read_base(struct reader *reader, const char *what,
                            struct hrlp_range *range) {
  const char *section = hrlp_keys_at(reader->model, range->key)->section;
  const char *name =
      reader->event.type == YAML_SCALAR_EVENT ? hrlp_reader_text(reader) : "";
  size_t base = hrlp_key_find(reader->model, section, name);
  char found[HRLP_FOUND_SIZE];
  hrlp_reader_describe(reader, found);
  if (base == HRLP_KEY_NONE || hrlp_keys_at(reader->model, base)->type == HRL_KEY_CHOICE)
    return FAIL_HERE(reader, HRL_ERROR_KEY,
                     "%s.of: found %s, expected another number of the section '%s'", what,
                     found, section);
  range->base = base;
  return HRL_OK;
}

/* One of from, to, scale, of and chance, whose name is the present event. */
static hrl_status read_part(struct reader *reader, const char *what, int lines[PARTS],
                            struct hrlp_range *range) {
  size_t part = 0;
  while (part < PARTS && strcmp(parts[part], hrlp_reader_text(reader)) != 0) part++;
  char name[HRLP_FOUND_SIZE];
  if (part == PARTS) {
    hrlp_value_show(hrlp_reader_text(reader), name);
    return FAIL_HERE(
        reader, HRL_ERROR_KEY,
        "%s: unknown word %s in a range; expected from, to, scale, of or chance", what,
        name);
  }
  snprintf(name, sizeof name, "%.40s.%s", what, parts[part]);
  hrl_status status = hrlp_reader_note_first(reader, &lines[part], name);
  if (status == HRL_OK) status = hrlp_reader_next(reader);
  if (status == HRL_OK) status = hrlp_reader_refuse_extras(reader, name);
  if (status != HRL_OK) return status;
  if (part == SCALE_PART) return read_scale(reader, what, &range->is_log);
  if (part == OF_PART) return read_base(reader, what, range);
  if (part == CHANCE_PART)
    return hrlp_reader_take_value(reader, &share, name, &range->chance);
  return hrlp_reader_take_value(reader, &any_number, name,
                                part == FROM_PART ? &range->from : &range->to);
}

/* At the end of a range's mapping. */
static hrl_status check_range(struct reader *reader, const char *what,
                              const int lines[PARTS], const struct hrlp_range *range) {
  if (lines[FROM_PART] == 0 || lines[TO_PART] == 0)
    return FAIL_HERE(reader, HRL_ERROR_KEY, "%s: a range without '%s'", what,
                     parts[lines[FROM_PART] == 0 ? FROM_PART : TO_PART]);
  if (!(range->from < range->to))
    return FAIL_HERE(reader, HRL_ERROR_RANGE,
                     "%s: found a range from %g to %g, expected the smaller first%s",
                     what, range->from, range->to,
                     range->from == range->to ? "; write one value as it is" : "");
  const hrl_scenario_key *key = hrlp_keys_at(reader->model, range->key);
  if (range->chance < 1.0 && key->required)
    return FAIL_HERE(reader, HRL_ERROR_KEY,
                     "%s.chance: the key has no default for households that do not draw "
                     "it; remove the chance",
                     what);
  if (range->is_log && range->from <= 0.0)
    return FAIL_HERE(reader, HRL_ERROR_RANGE,
                     "%s: found a logarithmic range from %g, expected one from above 0",
                     what, range->from);
  return HRL_OK;
}

hrl_status hrlp_reader_read_range(struct reader *reader, size_t index, const char *what) {
  const hrl_scenario_key *key = hrlp_keys_at(reader->model, index);
  if (strcmp(key->section, "training") == 0 || key->type == HRL_KEY_CHOICE) {
    char expected[HRLP_KEY_EXPECTED_SIZE];
    hrlp_key_expected(key, expected);
    return FAIL_HERE(reader, HRL_ERROR_TYPE,
                     "%s: found a mapping of keys, expected %s; only numbers of the "
                     "household can be ranges",
                     what, expected);
  }
  struct hrlp_range range = {.key = index, .chance = 1.0, .base = HRLP_KEY_NONE};
  int lines[PARTS] = {0};
  for (;;) {
    hrl_status status = hrlp_reader_next_key(reader, what);
    if (status != HRL_OK) return status;
    if (reader->event.type == YAML_MAPPING_END_EVENT) break;
    status = read_part(reader, what, lines, &range);
    if (status != HRL_OK) return status;
  }
  hrl_status status = check_range(reader, what, lines, &range);
  return status == HRL_OK ? hrlp_family_add_range(reader->scenario, &range, reader->error)
                          : status;
}

/* The condition that is the present event. */
static hrl_status read_condition(struct reader *reader) {
  hrl_status status = hrlp_reader_refuse_extras(reader, "require");
  if (status != HRL_OK) return status;
  if (reader->event.type != YAML_SCALAR_EVENT) {
    char found[HRLP_FOUND_SIZE];
    hrlp_reader_describe(reader, found);
    return FAIL_HERE(reader, HRL_ERROR_TYPE,
                     "require: found %s, expected a condition such as 'fixed_expenses <= "
                     "0.5 * income'",
                     found);
  }
  hrl_error problem = HRL_ERROR_INIT;
  status =
      hrlp_family_add_condition(reader->scenario, hrlp_reader_text(reader), &problem);
  if (status == HRL_OK) return HRL_OK;
  if (status == HRL_ERROR_MEMORY) return hrlp_fail_memory(reader->error, "a condition");
  return FAIL_HERE(reader, status, "require: %s", problem.message);
}

hrl_status hrlp_reader_read_conditions(struct reader *reader) {
  hrl_status status = hrlp_reader_next(reader);
  if (status == HRL_OK) status = hrlp_reader_refuse_extras(reader, "require");
  if (status == HRL_OK && reader->scenario->model == HRLP_MODEL_TASK)
    return FAIL_HERE(
        reader, HRL_ERROR_KEY,
        "require: a program's own task has no keys for conditions; remove it");
  if (status == HRL_OK) status = hrlp_family_begin(reader->scenario, reader->error);
  if (status != HRL_OK) return status;
  if (reader->event.type != YAML_SEQUENCE_START_EVENT) {
    char found[HRLP_FOUND_SIZE];
    hrlp_reader_describe(reader, found);
    return FAIL_HERE(reader, HRL_ERROR_TYPE,
                     "require: found %s, expected a list of conditions, one a line after "
                     "'- '",
                     found);
  }
  while (status == HRL_OK) {
    status = hrlp_reader_next(reader);
    if (status != HRL_OK || reader->event.type == YAML_SEQUENCE_END_EVENT) break;
    status = read_condition(reader);
  }
  return status;
}

hrl_status hrlp_reader_check_family(struct reader *reader) {
  const struct hrlp_family *family = reader->scenario->family;
  if (family == NULL) return HRL_OK;
  int line = reader->top_lines[HRLP_TOP_REQUIRE];
  if (family->range_count == 0)
    return hrlp_fail_at(reader->error, HRL_ERROR_KEY, reader->file, line, 1,
                        "require: conditions without any range; give a key as 'income: "
                        "{from: 1200, to: 15000}', or remove them");
  hrl_error problem = HRL_ERROR_INIT;
  size_t circular = hrlp_family_arrange(reader->scenario);
  if (circular != HRLP_KEY_NONE)
    return hrlp_fail_at(reader->error, HRL_ERROR_KEY, reader->file,
                        reader->key_lines[circular], reader->key_columns[circular],
                        "%s.%s: a range that refers to itself by 'of'",
                        hrlp_keys_at(reader->model, circular)->section,
                        hrlp_keys_at(reader->model, circular)->name);
  for (size_t i = 0; i < family->range_count; i++) {
    const size_t key = family->ranges[i].key;
    hrl_status status =
        hrlp_family_check_ends(reader->scenario, &family->ranges[i], &problem);
    if (status != HRL_OK)
      return hrlp_fail_at(reader->error, status, reader->file, reader->key_lines[key],
                          reader->key_columns[key], "%s", problem.message);
  }
  const char *key = NULL;
  hrl_status status = hrlp_family_check(reader->scenario, &key, &problem);
  if (status == HRL_OK) return HRL_OK;
  if (key == NULL)
    return hrlp_fail_at(reader->error, status, reader->file, line, 1, "%s",
                        problem.message);
  size_t index = hrlp_key_find(reader->model, "environment", key);
  return hrlp_fail_at(reader->error, status, reader->file, reader->key_lines[index],
                      reader->key_columns[index], "%s", problem.message);
}
