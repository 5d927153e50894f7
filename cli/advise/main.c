/* hrl-advise - what to spend, keep and invest this month. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise/options.h"
#include "advise/output.h"
#include "advise/situation.h"
#include "common/console.h"
#include "common/json_text.h"
#include "common/pretrained.h"

#define WHAT_IFS_MAX 6

/* Reads euro that were typed. */
static bool read_euro(const struct option_value *value, const char *name, double *euro) {
  if (value->text == NULL || situation_number(value->text, euro)) return true;
  console_error("--%s: '%s' is not a finite number of euro", name, value->text);
  return false;
}

/* One household: the scenario with what is otherwise, where it stands. */
static hrl_status prepare(const struct command_line *line, const char *file,
                          struct answer *answer, hrl_error *error) {
  struct situation situation = {.now = HRL_SITUATION_INIT};
  const struct option_value *values = line->values;
  situation.has_cash = values[ADVISE_CASH].given;
  situation.now.month = values[ADVISE_MONTH].number;
  situation.now.unemployed = values[ADVISE_UNEMPLOYED].given;
  if (!read_euro(&values[ADVISE_CASH], "cash", &situation.now.cash) ||
      !read_euro(&values[ADVISE_PORTFOLIO], "portfolio", &situation.now.portfolio))
    return error->status = HRL_ERROR_ARGUMENT;
  hrl_status status = hrl_scenario_load(file, &answer->scenario, error);
  if (status == HRL_OK && hrl_scenario_is_family(answer->scenario)) {
    snprintf(error->message, sizeof error->message,
             "%s is a family of households; choose one household",
             hrl_scenario_name(answer->scenario));
    return error->status = HRL_ERROR_ARGUMENT;
  }
  if (status == HRL_OK && answer->label != NULL)
    status = situation_change_by(answer->scenario, &situation, answer->label, error);
  if (status == HRL_OK) status = situation_apply(answer->scenario, &situation, error);
  if (answer->label == NULL) answer->label = "as it is";
  answer->situation = situation.now;
  return status;
}

static hrl_status print_json(const struct question *question,
                             const struct answer *answers, size_t count) {
  json_t *whole = advise_to_json(question, &answers[0]);
  json_t *others = json_array();
  for (size_t i = 1; i < count; i++)
    json_array_append_new(others, advise_to_json(question, &answers[i]));
  json_object_set_new(whole, "what_if", others);
  char *text = json_print(whole, JSON_INDENT(2));
  json_decref(whole);
  if (text == NULL) return HRL_ERROR_MEMORY;
  puts(text);
  free(text);
  return HRL_OK;
}

static void print_notes(const struct answer *answers, size_t count,
                        const hrl_policy *policy) {
  console_notes(hrl_scenario_remarks(answers[0].scenario));
  if (hrl_policy_remark(policy) != NULL) console_notes(hrl_policy_remark(policy));
  for (size_t i = 0; i < count; i++)
    if (answers[i].advice.outside[0] != '\0')
      console_error(
          "note: %s%s%sthe household lies outside what the pair was trained on: %s; "
          "agents trained on this household (hrl-train) would know it better",
          i > 0 ? "with " : "", i > 0 ? answers[i].label : "", i > 0 ? " " : "",
          answers[i].advice.outside);
}

/* Asks about every household, the one at hand first. */
static hrl_status ask(const struct command_line *line, const char *file,
                      struct question *question, struct answer *answers, size_t count,
                      int *exit_code, hrl_error *error) {
  hrl_policy *policy = NULL;
  hrl_status status = HRL_OK;
  *exit_code = EXIT_USAGE;
  for (size_t i = 0; i < count && status == HRL_OK; i++)
    status = prepare(line, file, &answers[i], error);
  if (status != HRL_OK) return status;
  *exit_code = EXIT_FAILED;
  status = pretrained_load(question->model, answers[0].scenario, &policy, error);
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    struct advice_request request = {
        .policy = policy,
        .scenario = answers[i].scenario,
        .futures = line->values[ADVISE_FUTURES].number,
        .seed = question->seed,
        .threads = (uint32_t)line->values[ADVISE_THREADS].number};
    status = advice_collect(&answers[i].advice, &request, error);
  }
  if (status == HRL_OK) {
    print_notes(answers, count, policy);
    if (line->values[ADVISE_JSON].given)
      status = print_json(question, answers, count);
    else
      advise_print_text(question, answers, count);
  }
  hrl_policy_destroy(policy);
  return status;
}

static int run_program(const struct command_line *line) {
  struct answer answers[1 + WHAT_IFS_MAX] = {0};
  struct question question = {.model = GENERALIST,
                              .seed = line->values[ADVISE_SEED].number};
  const char *file = line->arguments[0];
  size_t count = 1;
  if (line->arguments[1] != NULL) {
    question.model = line->arguments[0];
    file = line->arguments[1];
  }
  if (file == NULL) {
    console_error("SCENARIO is missing; see 'hrl-advise --help'");
    return EXIT_USAGE;
  }
  for (size_t i = 0; i < line->given_count; i++) {
    if (line->given[i].option != ADVISE_WHAT_IF) continue;
    if (count == 1 + WHAT_IFS_MAX) {
      console_error("--what-if: there are more than %d", WHAT_IFS_MAX);
      return EXIT_USAGE;
    }
    answers[count++].label = line->given[i].text;
  }
  hrl_error error = HRL_ERROR_INIT;
  int exit_code;
  hrl_status status = ask(line, file, &question, answers, count, &exit_code, &error);
  if (status != HRL_OK && error.message[0] != '\0')
    console_error("%s", error.message);
  else if (status == HRL_ERROR_MEMORY)
    console_error("out of memory");
  for (size_t i = 0; i < count; i++) {
    advice_free(&answers[i].advice);
    hrl_scenario_destroy(answers[i].scenario);
  }
  return status == HRL_OK ? EXIT_DONE : exit_code;
}

int main(int argc, char **argv) {
  console_begin("hrl-advise");
  struct command_line line;
  int exit_code;
  if (!options_parse(&advise_command, argc, argv, &line, &exit_code))
    return console_end(exit_code);
  return console_end(run_program(&line));
}
