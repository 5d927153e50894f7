#include "eval/family.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/console.h"
#include "eval/options.h"

static void print_number(const char *before, double value) {
  if (isfinite(value))
    printf("%s%.10g", before, value);
  else
    printf("%snull", before);
}

static void print_json(const char *family, const hrl_family_evaluation *found,
                       const hrl_evaluate_options *options, const double *skills) {
  printf("{\"family\": \"%s\", \"households\": %" PRIu64 ", \"episodes\": %" PRIu64
         ", \"seed\": %" PRIu64,
         family, found->households, options->episodes, options->seed);
  print_number(", \"skill\": {\"median\": ", found->median);
  print_number(", \"lower_quartile\": ", found->lower_quartile);
  print_number(", \"upper_quartile\": ", found->upper_quartile);
  print_number(", \"worst\": ", found->worst);
  print_number(", \"best\": ", found->best);
  printf("}, \"worst_household\": %" PRIu64 ", \"skills\": [", found->worst_household);
  for (uint64_t i = 0; i < found->households; i++)
    print_number(i > 0 ? ", " : "", skills[i]);
  puts("]}");
}

static void print_csv(const hrl_family_evaluation *found, const double *skills) {
  puts("household,skill");
  for (uint64_t i = 0; i < found->households; i++)
    if (isfinite(skills[i]))
      printf("%" PRIu64 ",%.10g\n", i, skills[i]);
    else
      printf("%" PRIu64 ",\n", i);
}

static void print_table(const char *family, const hrl_family_evaluation *found,
                        const hrl_evaluate_options *options) {
  printf("family %s: %" PRIu64 " households that training never drew, %" PRIu64
         " episodes each\n\n",
         family, found->households, options->episodes);
  if (!isfinite(found->median)) {
    puts(
        "skill not defined: on these episodes no household's optimum is better than its "
        "best rule");
    return;
  }
  printf("skill   median %.3f   quartiles %.3f to %.3f   worst %.3f   best %.3f\n\n",
         found->median, found->lower_quartile, found->upper_quartile, found->worst,
         found->best);
  printf(
      "0 is the best simple rule of each household, chosen in hindsight; 1 its optimum.\n"
      "The worst is household %" PRIu64 ".\n",
      found->worst_household);
}

int eval_family(const struct command_line *line, const hrl_policy *policy,
                const hrl_scenario *family, const hrl_evaluate_options *options) {
  const struct option_value *values = line->values;
  uint64_t households = values[EVAL_HOUSEHOLDS].number;
  hrl_error error = HRL_ERROR_INIT;
  hrl_family_evaluation found = {.size = sizeof found};
  double *skills = calloc((size_t)households, sizeof *skills);
  int exit_code = EXIT_FAILED;
  if (skills == NULL) {
    console_error("out of memory");
  } else if (hrl_evaluate_family(policy, family, households, options, skills, &found,
                                 &error) != HRL_OK) {
    console_error("%s", error.message);
  } else {
    exit_code = EXIT_DONE;
    if (values[EVAL_JSON].given)
      print_json(hrl_scenario_name(family), &found, options, skills);
    else if (values[EVAL_CSV].given)
      print_csv(&found, skills);
    else
      print_table(hrl_scenario_name(family), &found, options);
  }
  free(skills);
  return exit_code;
}
