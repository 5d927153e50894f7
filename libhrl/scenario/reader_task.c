/* What a file says of a task that its program brought along (hrl/task.h): which one it
 * is. */
#include <stdio.h>
#include <string.h>

#include "scenario/definition.h"
#include "scenario/reader_state.h"

#define MISMATCH "; it belongs to another task, or to another version of this one"

hrl_status hrlp_reader_check_task(struct reader *reader) {
  const struct hrl_scenario *scenario = reader->scenario;
  bool is_task = scenario->model == HRLP_MODEL_TASK;
  if (is_task && scenario->definition == NULL)
    return FAIL_HERE(reader, HRL_ERROR_MISMATCH,
                     "model: found a program's own task, which only that program can "
                     "play (hrl/task.h); expected a household");
  if (!is_task && scenario->definition != NULL)
    return FAIL_HERE(
        reader, HRL_ERROR_MISMATCH, "model: found '%s', expected the task '%s'" MISMATCH,
        hrl_scenario_model(scenario), hrlp_definition_task(scenario->definition)->name);
  return HRL_OK;
}

/* The next event must be a scalar; it is shown in `found`. */
static hrl_status next_scalar(struct reader *reader, const char *what,
                              char found[HRLP_FOUND_SIZE]) {
  hrl_status status = hrlp_reader_next(reader);
  if (status == HRL_OK) status = hrlp_reader_refuse_extras(reader, what);
  if (status != HRL_OK) return status;
  hrlp_reader_describe(reader, found);
  if (reader->event.type == YAML_SCALAR_EVENT) return HRL_OK;
  return FAIL_HERE(reader, HRL_ERROR_TYPE, "%s: found %s, expected a value", what, found);
}

static hrl_status read_text(struct reader *reader, const char *what,
                            const char *expected) {
  char found[HRLP_FOUND_SIZE];
  hrl_status status = next_scalar(reader, what, found);
  if (status != HRL_OK || strcmp(hrlp_reader_text(reader), expected) == 0) return status;
  return FAIL_HERE(reader, HRL_ERROR_MISMATCH, "%s: found %s, expected '%s'" MISMATCH,
                   what, found, expected);
}

static hrl_status read_number(struct reader *reader, const char *what, double expected) {
  char found[HRLP_FOUND_SIZE];
  char shown[HRLP_NUMBER_SIZE];
  double value = 0.0;
  hrl_status status = next_scalar(reader, what, found);
  if (status != HRL_OK) return status;
  if (hrlp_parse_number(hrlp_reader_text(reader), &value) && value == expected)
    return HRL_OK;
  hrlp_format_number(shown, expected);
  return FAIL_HERE(reader, HRL_ERROR_MISMATCH, "%s: found %s, expected %s" MISMATCH, what,
                   found, shown);
}

/* The end of a mapping whose keys are all known. */
static hrl_status close_mapping(struct reader *reader, const char *what) {
  hrl_status status = hrlp_reader_next_key(reader, what);
  if (status != HRL_OK || reader->event.type == YAML_MAPPING_END_EVENT) return status;
  char found[HRLP_FOUND_SIZE];
  hrlp_reader_describe(reader, found);
  return FAIL_HERE(reader, HRL_ERROR_MISMATCH, "%s: found %s, expected its end" MISMATCH,
                   what, found);
}

/* NAME: {from: MINIMUM, to: MAXIMUM}, in the order of the task. */
static hrl_status read_quantities(struct reader *reader, const char *what,
                                  const hrl_task_quantity *quantities, size_t count) {
  static const char form[] = "NAME: {from: LEAST, to: GREATEST} for each number";
  hrl_status status = hrlp_reader_open(reader, what, form);
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    status = read_text(reader, what, quantities[i].name);
    if (status == HRL_OK) status = hrlp_reader_open(reader, what, form);
    if (status == HRL_OK) status = read_text(reader, what, "from");
    if (status == HRL_OK) status = read_number(reader, what, quantities[i].minimum);
    if (status == HRL_OK) status = read_text(reader, what, "to");
    if (status == HRL_OK) status = read_number(reader, what, quantities[i].maximum);
    if (status == HRL_OK) status = close_mapping(reader, what);
  }
  return status == HRL_OK ? close_mapping(reader, what) : status;
}

hrl_status hrlp_reader_read_task(struct reader *reader) {
  hrl_status status = hrlp_reader_check_task(reader);
  if (status != HRL_OK) return status;
  const hrl_task *task = hrlp_definition_task(reader->scenario->definition);
  const struct {
    const char *key, *what;
    double value;
  } sizes[] = {{"version", "task.version", task->version},
               {"steps", "task.steps", (double)task->steps},
               {"observations", "task.observations", (double)task->observations}};
  status = hrlp_reader_open(reader, "task", "keys with values");
  if (status == HRL_OK) status = read_text(reader, "task", "name");
  if (status == HRL_OK) status = read_text(reader, "task.name", task->name);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && status == HRL_OK; i++) {
    status = read_text(reader, "task", sizes[i].key);
    if (status == HRL_OK) status = read_number(reader, sizes[i].what, sizes[i].value);
  }
  if (status == HRL_OK) status = read_text(reader, "task", "goals");
  if (status == HRL_OK)
    status = read_quantities(reader, "task.goals", task->goal, task->goals);
  if (status == HRL_OK) status = read_text(reader, "task", "actions");
  if (status == HRL_OK)
    status = read_quantities(reader, "task.actions", task->action, task->actions);
  return status == HRL_OK ? close_mapping(reader, "task") : status;
}
