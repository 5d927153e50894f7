/* hrl-runs - shows the record of runs. */
#include <stdio.h>
#include <string.h>

#include "common/console.h"
#include "runs/commands.h"
#include "runs/curve.h"
#include "runs/json.h"

static int fail(const hrl_error *error) {
  console_error("%s", error->message);
  return EXIT_FAILED;
}

static int delete_one(hrl_runs *runs, uint64_t id, bool json) {
  hrl_error error = HRL_ERROR_INIT;
  if (hrl_runs_delete(runs, id, &error) != HRL_OK) return fail(&error);
  if (!json)
    printf("deleted run %llu; its files remain\n", (unsigned long long)id);
  else if (!runs_print_json(json_pack("{s:I}", "deleted", (json_int_t)id), 0))
    return EXIT_FAILED;
  return EXIT_DONE;
}

int runs_delete(hrl_runs *runs, const struct command_line *line) {
  uint64_t ids[ARGUMENTS_MAX];
  size_t count = runs_ids(line, ids);
  if (count == SIZE_MAX) return EXIT_USAGE;
  int exit_code = EXIT_DONE;
  for (size_t i = 0; i < count && exit_code == EXIT_DONE; i++)
    exit_code = delete_one(runs, ids[i], line->values[RUNS_JSON].given);
  return exit_code;
}

static const struct {
  const char *name;
  size_t least, most; /* numbers of runs */
  int (*function)(hrl_runs *runs, const struct command_line *line);
} verbs[] = {
    {"list", 0, 0, runs_list},
    {"show", 1, 1, runs_show},
    {"compare", 2, 8, runs_compare},
    {"delete", 1, ARGUMENTS_MAX, runs_delete},
    {"export", 0, ARGUMENTS_MAX, runs_export},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

/* The place of the verb in the table; VERBS, and told, where something is wrong with it.
 */
static size_t find_verb(const struct command_line *line) {
  const char *name = line->arguments[0];
  size_t verb = 0;
  size_t count = 0;
  if (name == NULL) {
    console_error("COMMAND is missing: list, show, compare, delete, export or queue");
    return VERBS;
  }
  while (verb < VERBS && strcmp(verbs[verb].name, name) != 0) verb++;
  if (verb == VERBS) {
    console_error(
        "unknown command '%s'; expected list, show, compare, delete, export or queue",
        name);
    return VERBS;
  }
  while (1 + count < ARGUMENTS_MAX && line->arguments[1 + count] != NULL) count++;
  if (count >= verbs[verb].least && count <= verbs[verb].most) return verb;
  if (verbs[verb].most == 0)
    console_error("%s takes no further argument, found '%s'", name, line->arguments[1]);
  else
    console_error("%s: found %zu run numbers, expected %zu to %zu", name, count,
                  verbs[verb].least, verbs[verb].most);
  return VERBS;
}

int main(int argc, char **argv) {
  console_begin("hrl-runs");
  struct command_line line;
  int exit_code;
  if (!options_parse(&runs_command, argc, argv, &line, &exit_code))
    return console_end(exit_code);
  const char *name = line.arguments[0];
  if (name != NULL && strcmp(name, "queue") == 0) return console_end(runs_queue(&line));
  size_t verb = find_verb(&line);
  if (verb == VERBS) return EXIT_USAGE;
  hrl_error error = HRL_ERROR_INIT;
  hrl_runs *runs = NULL;
  if (hrl_runs_open(line.values[RUNS_OUTPUT].text, &runs, &error) != HRL_OK)
    return console_end(fail(&error));
  exit_code = verbs[verb].function(runs, &line);
  hrl_runs_close(runs);
  return console_end(exit_code);
}
