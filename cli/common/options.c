#include "common/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <hrl/version.h>

#include "common/console.h"
#include "common/options_help.h"

/* Longer words are not compared with known options. */
#define WORD_MAX 32

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Insertions, deletions and replacements that turn one word into the other. */
static size_t edit_distance(const char *a, const char *b) {
  size_t width = strlen(b);
  size_t row[WORD_MAX + 1];
  for (size_t j = 0; j <= width; j++) row[j] = j;
  for (size_t i = 1; a[i - 1] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= width; j++) {
      size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = smaller(replaced, 1 + smaller(row[j], row[j - 1]));
    }
  }
  return row[width];
}

/* The option that was probably meant; NULL: none is near. A beginning counts as near, as
 * other programs take it for the whole. */
static const char *find_nearest(const struct command *command, const char *word) {
  size_t length = strlen(word);
  if (length == 0 || length > WORD_MAX) return NULL;
  const char *nearest = NULL;
  size_t least = length <= 3 ? 2 : 3;
  for (size_t i = 0; i < command->option_count; i++) {
    const char *name = command->options[i].name;
    if (strncmp(name, word, length) == 0) return name;
    size_t distance = edit_distance(word, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

static void refuse_unknown(const struct command *command, const char *argument,
                           size_t name_length) {
  char word[WORD_MAX + 2] = "";
  const char *name = argument + strspn(argument, "-");
  size_t dashes = (size_t)(name - argument);
  snprintf(word, sizeof word, "%.*s", (int)smaller(name_length - dashes, WORD_MAX + 1),
           name);
  const char *nearest = find_nearest(command, word);
  if (nearest != NULL)
    console_error("unknown option '%.*s'; did you mean '--%s'?", (int)name_length,
                  argument, nearest);
  else
    console_error("unknown option '%.*s'; '%s --help' lists the options",
                  (int)name_length, argument, command->program);
}

bool options_parse_number(const char *text, uint64_t minimum, uint64_t maximum,
                          uint64_t *number) {
  uint64_t value = 0;
  if (*text == '\0') return false;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') return false;
    uint64_t digit = (uint64_t)(*text - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *number = value;
  return value >= minimum && value <= maximum;
}

/* Takes `text` as the value of option `index` of the command. */
static bool take_value(const struct command *command, size_t index, const char *text,
                       struct command_line *line) {
  const struct option_spec *option = &command->options[index];
  struct option_value *value = &line->values[index];
  if (option->maximum == 0 && *text == '\0') {
    console_error("--%s: its %s is empty", option->name, option->argument);
    return false;
  }
  if (option->maximum > 0 &&
      !options_parse_number(text, option->minimum, option->maximum, &value->number)) {
    console_error("--%s: '%s' is not a whole number from %" PRIu64 " to %" PRIu64,
                  option->name, text, option->minimum, option->maximum);
    return false;
  }
  if (line->given_count == GIVEN_MAX) {
    console_error("--%s: there are more than %d options", option->name, GIVEN_MAX);
    return false;
  }
  line->given[line->given_count].option = index;
  line->given[line->given_count++].text = text;
  value->given = true;
  value->text = text;
  return true;
}

static bool refuse_missing(const struct option_spec *option) {
  if (option->maximum > 0)
    console_error("--%s needs a value: a whole number from %" PRIu64 " to %" PRIu64,
                  option->name, option->minimum, option->maximum);
  else
    console_error("--%s needs a value: %s", option->name, option->argument);
  return false;
}

/* Parses the option argv[*place] and its value, which may be the next argument. */
static bool parse_option(const struct command *command, char **argv, int *place,
                         struct command_line *line) {
  const char *argument = argv[*place];
  size_t length = strcspn(argument, "=");
  const char *inline_value = argument[length] == '=' ? argument + length + 1 : NULL;
  const struct option_spec *option = NULL;
  size_t index = 0;
  for (size_t i = 0; i < command->option_count && option == NULL; i++) {
    const char *name = command->options[i].name;
    if (strncmp(argument, "--", 2) != 0 || strlen(name) != length - 2 ||
        strncmp(name, argument + 2, length - 2) != 0)
      continue;
    option = &command->options[i];
    index = i;
  }
  if (option == NULL) {
    refuse_unknown(command, argument, length);
    return false;
  }
  if (option->argument == NULL) {
    line->values[index].given = true;
    if (inline_value != NULL) console_error("--%s takes no value", option->name);
    return inline_value == NULL;
  }
  if (inline_value != NULL) return take_value(command, index, inline_value, line);
  const char *next = argv[*place + 1];
  /* "--output --json" lacks a folder; one called "--json" can be had with '='. */
  if (next == NULL || strncmp(next, "--", 2) == 0) return refuse_missing(option);
  *place += 1;
  return take_value(command, index, next, line);
}

static void set_standard_values(const struct command *command,
                                struct command_line *line) {
  *line = (struct command_line){0};
  for (size_t i = 0; i < command->option_count; i++) {
    const struct option_spec *option = &command->options[i];
    if (option->standard == NULL) continue;
    line->values[i].text = option->standard;
    uint64_t number;
    if (options_parse_number(option->standard, 0, UINT64_MAX, &number))
      line->values[i].number = number;
  }
}

/* Takes argv[place] as an argument that is no option. */
static bool take_argument(const struct command *command, const char *text, size_t *count,
                          struct command_line *line) {
  if (*count < command->argument_count) {
    line->arguments[(*count)++] = text;
    return true;
  }
  console_error("unexpected argument '%s'; usage: %s %s [OPTION]...", text,
                command->program, command->arguments);
  return false;
}

bool options_parse(const struct command *command, int argc, char **argv,
                   struct command_line *line, int *exit_code) {
  set_standard_values(command, line);
  const size_t help = command->option_count - 2;
  const size_t version = command->option_count - 1;
  size_t count = 0;
  bool only_arguments = false;
  *exit_code = EXIT_USAGE;
  for (int i = 1; i < argc; i++) {
    bool is_option = !only_arguments && argv[i][0] == '-' && argv[i][1] != '\0';
    if (is_option && strcmp(argv[i], "--") == 0) {
      only_arguments = true;
    } else if (is_option) {
      if (!parse_option(command, argv, &i, line)) return false;
    } else if (!take_argument(command, argv[i], &count, line)) {
      return false;
    }
    if (line->values[help].given || line->values[version].given) break;
  }
  if (!line->values[help].given && !line->values[version].given) return true;
  *exit_code = EXIT_DONE;
  if (line->values[help].given)
    options_print_help(command);
  else
    printf("%s %s (libhrl %s)\n", command->program, HRL_VERSION_STRING, hrl_version());
  return false;
}
