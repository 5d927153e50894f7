/* hrl-eval - tells how good a trained pair of agents is. */
#include <stdio.h>
#include <string.h>

#include <hrl/evaluate.h>
#include <hrl/memory.h>
#include <hrl/policy.h>
#include <hrl/scenario.h>

#include "common/console.h"
#include "common/pretrained.h"
#include "eval/family.h"
#include "eval/options.h"
#include "eval/lifecycle.h"
#include "eval/output.h"
#include "eval/percentiles.h"
#include "eval/report_file.h"
#include "eval/trajectory.h"
#include "report/yardsticks.h"

static bool prints(const struct option_value *value) {
  return value->text != NULL && strcmp(value->text, "-") == 0;
}

/* Options that cannot be had together, and arguments that must be there. */
static bool is_usable(const struct command_line *line) {
  const struct option_value *values = line->values;
  bool trajectory = prints(&values[EVAL_TRAJECTORY]);
  bool percentiles = prints(&values[EVAL_PERCENTILES]);
  bool form_given = values[EVAL_JSON].given || values[EVAL_CSV].given;
  const char *report = values[EVAL_REPORT].text;
  bool writes = values[EVAL_TRAJECTORY].given || values[EVAL_PERCENTILES].given ||
                values[EVAL_REPORT].given;
  const char *wrong = NULL;
  if (line->arguments[0] == NULL)
    wrong = "MODEL is missing; see 'hrl-eval --help'";
  else if (values[EVAL_JSON].given && values[EVAL_CSV].given)
    wrong = "--json and --csv exclude each other; omit one";
  else if (trajectory && percentiles)
    wrong = "--trajectory - and --percentiles - both print; name a file for one";
  else if (trajectory && form_given)
    wrong =
        "--trajectory - prints instead of the table; omit --json and --csv, or name a "
        "file";
  else if (percentiles && form_given)
    wrong =
        "--percentiles - prints instead of the table; omit --json and --csv, or name a "
        "file";
  else if (values[EVAL_INSPECT].given &&
           (writes || values[EVAL_CSV].given || line->arguments[1] != NULL))
    wrong =
        "--inspect does not play; omit SCENARIO, --csv, --trajectory, --percentiles and "
        "--report";
  else if (report != NULL)
    wrong = eval_report_file_wrong(report);
  if (wrong != NULL) console_error("%s", wrong);
  return wrong == NULL;
}

/* Prints the table, or what the user wants instead of it. */
static hrl_status print(const struct command_line *line, struct eval_report *report,
                        const struct yardsticks *yardsticks, const hrl_scenario *scenario,
                        const hrl_evaluate_options *options, hrl_error *error) {
  enum eval_form form = line->values[EVAL_CSV].given    ? EVAL_FORM_CSV
                        : line->values[EVAL_JSON].given ? EVAL_FORM_JSON
                                                        : EVAL_FORM_TABLE;
  if (is_lifecycle(scenario))
    return eval_lifecycle(report, yardsticks, scenario, options, form, error);
  hrl_status status = eval_report_fill(report, yardsticks, scenario, options, error);
  if (status != HRL_OK) return status;
  if (form == EVAL_FORM_JSON) return eval_print_json(report) ? HRL_OK : HRL_ERROR_MEMORY;
  if (form == EVAL_FORM_CSV)
    eval_print_csv(report);
  else
    eval_print_table(report);
  return HRL_OK;
}

/* Plays and prints. */
static int play(const struct command_line *line, const hrl_policy *policy,
                const hrl_scenario *scenario, const hrl_evaluate_options *options,
                const char *differences) {
  struct eval_report report = {.model = line->arguments[0],
                               .scenario = hrl_scenario_name(scenario),
                               .episodes = options->episodes,
                               .seed = options->seed,
                               .differences = differences};
  struct yardsticks yardsticks;
  const struct option_value *percentiles = &line->values[EVAL_PERCENTILES];
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = yardsticks_play(&yardsticks, policy, scenario, options, &error);
  if (status == HRL_OK && percentiles->given) {
    int exit_code =
        eval_percentiles_write(percentiles->text, policy, scenario, options, &yardsticks);
    if (exit_code != EXIT_DONE || prints(percentiles)) return exit_code;
  }
  if (status == HRL_OK && line->values[EVAL_REPORT].given) {
    struct report_source source = {.model = line->arguments[0],
                                   .policy = policy,
                                   .scenario = scenario,
                                   .options = options,
                                   .yardsticks = &yardsticks,
                                   .differences = differences};
    int exit_code = eval_report_file_write(line->values[EVAL_REPORT].text, &source);
    if (exit_code != EXIT_DONE) return exit_code;
  }
  if (status == HRL_OK)
    status = print(line, &report, &yardsticks, scenario, options, &error);
  if (status == HRL_OK) return EXIT_DONE;
  console_error("%s", error.message[0] != '\0' ? error.message : "out of memory");
  return EXIT_FAILED;
}

static int report(const struct command_line *line, const hrl_policy *policy,
                  const hrl_scenario *scenario, const hrl_evaluate_options *options) {
  hrl_error error = HRL_ERROR_INIT;
  char *text = NULL;
  if (hrl_policy_differences(policy, scenario, &text, &error) != HRL_OK) {
    console_error("%s", error.message);
    return EXIT_FAILED;
  }
  const char *differences = text[0] != '\0' ? text : NULL;
  if (differences != NULL)
    console_error(
        "note: the household lies outside what the agents were trained on: %s; they may "
        "do worse than a simple rule",
        differences);
  int exit_code = play(line, policy, scenario, options, differences);
  hrl_free(text);
  return exit_code;
}

static int evaluate(const struct command_line *line, const hrl_policy *policy,
                    const hrl_scenario *scenario) {
  const struct option_value *values = line->values;
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = values[EVAL_EPISODES].number;
  options.seed = values[EVAL_SEED].number;
  options.threads = (uint32_t)values[EVAL_THREADS].number;
  const char *trajectory = values[EVAL_TRAJECTORY].text;
  if (hrl_scenario_is_family(scenario)) {
    const char *single = values[EVAL_TRAJECTORY].given    ? "--trajectory"
                         : values[EVAL_PERCENTILES].given ? "--percentiles"
                         : values[EVAL_REPORT].given      ? "--report"
                                                          : NULL;
    if (single == NULL) return eval_family(line, policy, scenario, &options);
    console_error("%s is of one household, %s is a family; name a scenario", single,
                  hrl_scenario_name(scenario));
    return EXIT_USAGE;
  }
  if (trajectory != NULL) {
    int exit_code = eval_trajectory_write(trajectory, policy, scenario, &options);
    if (exit_code != EXIT_DONE || strcmp(trajectory, "-") == 0) return exit_code;
  }
  return report(line, policy, scenario, &options);
}

/* Prints what the model's files hold. Damage that was found is told in the text and by
 * the exit code. */
static int inspect(const char *model) {
  hrl_error error = HRL_ERROR_INIT;
  char *json = NULL;
  if (hrl_inspect(model, &json, &error) != HRL_OK) {
    console_error("%s", error.message);
    return EXIT_FAILED;
  }
  fputs(json, stdout);
  int exit_code = strstr(json, "\"intact\": false") == NULL ? EXIT_DONE : EXIT_FAILED;
  hrl_free(json);
  return exit_code;
}

/* With the model and the scenario that the arguments name. */
static int run_program(const struct command_line *line) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_policy *policy = NULL;
  hrl_scenario *other = NULL;
  int exit_code = EXIT_DONE;
  if (line->arguments[1] != NULL &&
      hrl_scenario_load(line->arguments[1], &other, &error) != HRL_OK)
    exit_code = EXIT_USAGE;
  else if (pretrained_load(line->arguments[0], other, &policy, &error) != HRL_OK)
    exit_code = EXIT_FAILED;
  if (exit_code == EXIT_DONE) {
    console_notes(hrl_scenario_remarks(other));
    if (hrl_policy_remark(policy) != NULL) console_notes(hrl_policy_remark(policy));
  }
  if (exit_code == EXIT_DONE)
    exit_code =
        evaluate(line, policy, other != NULL ? other : hrl_policy_scenario(policy));
  else
    console_error("%s", error.message);
  hrl_policy_destroy(policy);
  hrl_scenario_destroy(other);
  return exit_code;
}

int main(int argc, char **argv) {
  console_begin("hrl-eval");
  struct command_line line;
  int exit_code;
  if (!options_parse(&eval_command, argc, argv, &line, &exit_code))
    return console_end(exit_code);
  if (!is_usable(&line)) return EXIT_USAGE;
  if (line.values[EVAL_INSPECT].given) return console_end(inspect(line.arguments[0]));
  return console_end(run_program(&line));
}
