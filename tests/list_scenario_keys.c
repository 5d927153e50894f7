/* Prints every key of scenario files as hrl-scenario(5) has to describe it, in scdoc's
 * notation; test_cli.py holds the manual to it. After a new key, paste what it prints. */
#include <stdio.h>
#include <string.h>

#include <hrl/scenario.h>

/* Text in which scdoc finds no markup. */
static void print_plain(const char *text) {
  for (; *text != '\0'; text++) {
    if (strchr("_*\\", *text) != NULL) putchar('\\');
    putchar(*text);
  }
}

/* The word at a place of a list separated by spaces. */
static void print_choice(const char *choices, int place) {
  for (; place > 0 && choices != NULL; place--) {
    choices = strchr(choices, ' ');
    if (choices != NULL) choices++;
  }
  if (choices != NULL) printf("%.*s", (int)strcspn(choices, " "), choices);
}

static void print_expected(const hrl_scenario_key *key) {
  if (key->type == HRL_KEY_CHOICE) {
    printf(" One of");
    for (int i = 0; i <= (int)key->maximum; i++) {
      printf(i == 0 ? " " : ", ");
      print_choice(key->choices, i);
    }
    putchar('.');
    return;
  }
  printf(" %s ", key->type == HRL_KEY_INTEGER ? "A whole number" : "A number");
  printf(
      key->minimum_open ? "greater than %.15g and at most %.15g" : "from %.15g to %.15g",
      key->minimum, key->maximum);
  if (key->unit[0] != '\0') printf(" (%s)", key->unit);
  putchar('.');
}

static void print_key(const hrl_scenario_key *key) {
  putchar('*');
  print_plain(key->name);
  putchar('*');
  if (key->alias != NULL) {
    printf(" or *");
    print_plain(key->alias);
    putchar('*');
  }
  printf("%s\n\t", key->required ? " (required)" : "");
  print_plain(key->text);
  print_expected(key);
  if (!key->required && key->type == HRL_KEY_CHOICE) {
    printf(" Default: ");
    print_choice(key->choices, (int)key->default_value);
    putchar('.');
  } else if (!key->required) {
    printf(" Default: %.15g.", key->default_value);
  }
  printf("\n\n");
}

int main(void) {
  const char *section = "";
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    const hrl_scenario_key *key = hrl_scenario_key_at(i);
    if (strcmp(key->section, section) != 0) printf("## %s\n\n", key->section);
    section = key->section;
    print_key(key);
  }
  return fflush(stdout) != 0;
}
