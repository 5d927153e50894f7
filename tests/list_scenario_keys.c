/* Prints every key of scenario files as hrl-scenario(5) has to describe it, in scdoc's
 * notation; test_cli.py holds the manual to it. After a new key, paste what it prints. */
#include <stdbool.h>
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

/* The key of that name of another model, if it has one. */
static const hrl_scenario_key *find_key(const char *model, const hrl_scenario_key *wanted) {
  for (size_t i = 0; i < hrl_model_key_count(model); i++) {
    const hrl_scenario_key *key = hrl_model_key_at(model, i);
    if (strcmp(key->section, wanted->section) == 0 && strcmp(key->name, wanted->name) == 0)
      return key;
  }
  return NULL;
}

/* Keys of learning are every model's; only other defaults are told. */
static void print_defaults(const char *model) {
  printf("## training of the model %s\n\nThe keys are those above, with other defaults for",
         model);
  const char *before = " ";
  for (size_t i = 0; i < hrl_model_key_count(model); i++) {
    const hrl_scenario_key *key = hrl_model_key_at(model, i);
    const hrl_scenario_key *usual = find_key("budget", key);
    if (strcmp(key->section, "training") != 0 ||
        usual->default_value == key->default_value)
      continue;
    printf("%s", before);
    print_plain(key->name);
    printf(" (%.15g)", key->default_value);
    before = ", ";
  }
  printf(".\n\n");
}

int main(void) {
  for (size_t m = 0; m < hrl_model_count(); m++) {
    const char *model = hrl_model_name(m);
    const char *section = "";
    for (size_t i = 0; i < hrl_model_key_count(model); i++) {
      const hrl_scenario_key *key = hrl_model_key_at(model, i);
      bool begins = strcmp(key->section, section) != 0;
      section = key->section;
      if (m > 0 && strcmp(section, "training") == 0) {
        if (begins) print_defaults(model);
        continue;
      }
      if (begins && m == 0) printf("## %s\n\n", section);
      if (begins && m > 0) printf("## %s of the model %s\n\n", section, model);
      print_key(key);
    }
  }
  return fflush(stdout) != 0;
}
