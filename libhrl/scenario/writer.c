/* Writes the effective scenario, every key with its value, as YAML. */
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "base/error.h"
#include "base/text.h"
#include "scenario/definition.h"
#include "scenario/family.h"
#include "scenario/keys.h"

struct writer {
  yaml_emitter_t emitter;
  struct hrlp_text text;
  bool failed; /* memory is all that can be short */
};

static int append(void *data, unsigned char *bytes, size_t count) {
  struct hrlp_text *text = data;
  hrlp_text_append(text, (const char *)bytes, count);
  return !text->failed;
}

/* Emits an event, which an initialiser made with the result `made`. */
static void emit(struct writer *writer, yaml_event_t *event, int made) {
  /* NOLINTBEGIN(bugprone-branch-clone): in the order in which they can happen */
  if (!made)
    writer->failed = true;
  else if (writer->failed)
    yaml_event_delete(event);
  else if (!yaml_emitter_emit(&writer->emitter, event))
    writer->failed = true;
  /* NOLINTEND(bugprone-branch-clone) */
}

static void emit_scalar(struct writer *writer, const char *text,
                        yaml_scalar_style_t style) {
  yaml_event_t event;
  emit(writer, &event,
       yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                    (int)strlen(text), 1, 1, style));
}

static void emit_plain(struct writer *writer, const char *text) {
  emit_scalar(writer, text, YAML_PLAIN_SCALAR_STYLE);
}

static void open_mapping(struct writer *writer, yaml_mapping_style_t style) {
  yaml_event_t event;
  emit(writer, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style));
}

static void close_mapping(struct writer *writer) {
  yaml_event_t event;
  emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

/* Other readers of YAML 1.1 take "1e-05" for a text and "1.0e-05" for a number. */
static void format_number(char target[HRLP_NUMBER_SIZE + 2], double value) {
  hrlp_format_number(target, value);
  char *exponent = strchr(target, 'e');
  if (exponent == NULL || strchr(target, '.') != NULL) return;
  memmove(exponent + 2, exponent, strlen(exponent) + 1);
  /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the exponent follows */
  memcpy(exponent, ".0", 2);
}

static void emit_value(struct writer *writer, const hrl_scenario_key *key, double value) {
  char text[HRLP_NUMBER_SIZE + 2];
  if (key->type == HRL_KEY_CHOICE) {
    size_t length = 0;
    const char *word = hrlp_choice_at(key->choices, (size_t)value, &length);
    snprintf(text, sizeof text, "%.*s", (int)length, word);
  } else {
    format_number(text, value);
  }
  emit_plain(writer, text);
}

static void emit_number(struct writer *writer, double value) {
  char text[HRLP_NUMBER_SIZE + 2];
  format_number(text, value);
  emit_plain(writer, text);
}

static void emit_range(struct writer *writer, const struct hrlp_keys *model,
                       const struct hrlp_range *range) {
  open_mapping(writer, YAML_FLOW_MAPPING_STYLE);
  emit_plain(writer, "from");
  emit_number(writer, range->from);
  emit_plain(writer, "to");
  emit_number(writer, range->to);
  if (range->is_log) {
    emit_plain(writer, "scale");
    emit_plain(writer, "log");
  }
  if (range->base != HRLP_KEY_NONE) {
    emit_plain(writer, "of");
    emit_plain(writer, hrlp_keys_at(model, range->base)->name);
  }
  if (range->chance < 1.0) {
    emit_plain(writer, "chance");
    emit_number(writer, range->chance);
  }
  close_mapping(writer);
}

static void emit_conditions(struct writer *writer, const struct hrlp_family *family) {
  yaml_event_t event;
  emit_plain(writer, "require");
  emit(writer, &event,
       yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                            YAML_BLOCK_SEQUENCE_STYLE));
  for (size_t i = 0; i < family->condition_count; i++)
    emit_scalar(writer, family->conditions[i].text, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
  emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

static void emit_section(struct writer *writer, const struct hrl_scenario *scenario,
                         const char *section) {
  const struct hrlp_keys *model = hrlp_keys_of(scenario);
  emit_plain(writer, section);
  open_mapping(writer, YAML_BLOCK_MAPPING_STYLE);
  for (size_t i = 0; i < hrlp_keys_count(model); i++) {
    const hrl_scenario_key *key = hrlp_keys_at(model, i);
    if (strcmp(key->section, section) != 0) continue;
    emit_plain(writer, key->name);
    const struct hrlp_range *range = hrlp_family_range(scenario, i);
    if (range != NULL)
      emit_range(writer, model, range);
    else
      emit_value(writer, key, hrlp_key_get(scenario, i));
  }
  close_mapping(writer);
}

static void emit_quantities(struct writer *writer, const char *what,
                            const hrl_task_quantity *quantities, size_t count) {
  emit_plain(writer, what);
  open_mapping(writer, YAML_BLOCK_MAPPING_STYLE);
  for (size_t i = 0; i < count; i++) {
    emit_scalar(writer, quantities[i].name, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    open_mapping(writer, YAML_FLOW_MAPPING_STYLE);
    emit_plain(writer, "from");
    emit_number(writer, quantities[i].minimum);
    emit_plain(writer, "to");
    emit_number(writer, quantities[i].maximum);
    close_mapping(writer);
  }
  close_mapping(writer);
}

/* Which task of a program it is, as hrlp_reader_read_task wants it. */
static void emit_task(struct writer *writer, const hrl_task *task) {
  emit_plain(writer, "task");
  open_mapping(writer, YAML_BLOCK_MAPPING_STYLE);
  emit_plain(writer, "name");
  emit_scalar(writer, task->name, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
  emit_plain(writer, "version");
  emit_number(writer, task->version);
  emit_plain(writer, "steps");
  emit_number(writer, (double)task->steps);
  emit_plain(writer, "observations");
  emit_number(writer, (double)task->observations);
  emit_quantities(writer, "goals", task->goal, task->goals);
  emit_quantities(writer, "actions", task->action, task->actions);
  close_mapping(writer);
}

static void emit_document(struct writer *writer, const struct hrl_scenario *scenario) {
  yaml_event_t event;
  emit(writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
  emit(writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
  open_mapping(writer, YAML_BLOCK_MAPPING_STYLE);
  const struct hrlp_keys *model = hrlp_keys_of(scenario);
  if (scenario->model !=
      HRLP_MODEL_BUDGET) { /* which is what files without the line are */
    emit_plain(writer, hrlp_top_word_at(model, HRLP_TOP_MODEL));
    emit_plain(writer, hrlp_keys_name(model));
  }
  if (scenario->description[0] != '\0') {
    emit_plain(writer, hrlp_top_word_at(model, HRLP_TOP_DESCRIPTION));
    /* quoted always: some plain texts, such as ~, mean something else */
    emit_scalar(writer, scenario->description, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
  }
  if (scenario->family != NULL && scenario->family->condition_count > 0)
    emit_conditions(writer, scenario->family);
  if (scenario->definition != NULL)
    emit_task(writer, hrlp_definition_task(scenario->definition));
  const char *section;
  for (size_t i = 0; (section = hrlp_keys_section(model, i)) != NULL; i++)
    emit_section(writer, scenario, section);
  close_mapping(writer);
  emit(writer, &event, yaml_document_end_event_initialize(&event, 1));
  emit(writer, &event, yaml_stream_end_event_initialize(&event));
}

hrl_status hrl_scenario_format(const hrl_scenario *scenario, char **text,
                               hrl_error *error) {
  if (text != NULL) *text = NULL;
  if (scenario == NULL || text == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a scenario and a place for its text are needed");
  struct writer writer = {.failed = false};
  if (!yaml_emitter_initialize(&writer.emitter))
    return hrlp_fail_memory(error, "writing a scenario");
  yaml_emitter_set_output(&writer.emitter, append, &writer.text);
  yaml_emitter_set_unicode(&writer.emitter, 1);
  yaml_emitter_set_width(&writer.emitter, -1);
  emit_document(&writer, scenario);
  yaml_emitter_delete(&writer.emitter);
  if (writer.failed || writer.text.failed) {
    hrlp_text_free(&writer.text);
    return hrlp_fail_memory(error, "writing a scenario");
  }
  *text = writer.text.data;
  return HRL_OK;
}
