#include "common/options_help.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 79
#define HELP_COLUMN 24

/* Prints words, broken where the next one would pass the edge; lines after the first
 * begin at `indent`, where the first is already. */
static void print_wrapped(const char *text, size_t indent) {
  size_t column = indent;
  while (*text != '\0') {
    size_t length = strcspn(text, " ");
    if (column > indent && column + 1 + length > WIDTH) {
      printf("\n%*s", (int)indent, "");
      column = indent;
    } else if (column > indent) {
      putchar(' ');
      column++;
    }
    printf("%.*s", (int)length, text);
    column += length;
    text += length + (text[length] == ' ');
  }
  putchar('\n');
}

static void print_option(const struct option_spec *option) {
  char left[HELP_COLUMN * 2];
  snprintf(left, sizeof left, "  --%s%s%s", option->name,
           option->argument != NULL ? " " : "",
           option->argument != NULL ? option->argument : "");
  char range[64] = "";
  if (option->maximum > 0)
    snprintf(range, sizeof range, "%" PRIu64 " to %" PRIu64, option->minimum,
             option->maximum);
  char standard[128] = "";
  if (option->standard != NULL)
    snprintf(standard, sizeof standard, "default: %s", option->standard);
  bool any = range[0] != '\0' || standard[0] != '\0';
  bool both = range[0] != '\0' && standard[0] != '\0';
  char right[512];
  snprintf(right, sizeof right, "%s%s%s%s%s%s", option->help, any ? " (" : "", range,
           both ? "; " : "", standard, any ? ")" : "");
  printf("%-*s", HELP_COLUMN, left);
  if (strlen(left) + 2 > HELP_COLUMN) printf("\n%*s", HELP_COLUMN, "");
  print_wrapped(right, HELP_COLUMN);
}

void options_print_help(const struct command *command) {
  printf("Usage: %s %s%s[OPTION]...\n\n", command->program, command->arguments,
         command->arguments[0] == '\0' ? "" : " ");
  print_wrapped(command->about, 0);
  printf("\nOptions:\n");
  for (size_t i = 0; i < command->option_count; i++) print_option(&command->options[i]);
  printf("\n%s", command->closing);
}
