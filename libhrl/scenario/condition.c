/* Linear conditions between keys, as text: terms `[number *] key` or `number`, joined by
 * + and -, on both sides of <=, >=, < or >. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "scenario/content.h"
#include "scenario/family.h"
#include "scenario/keys.h"
#include "scenario/value.h"

#define NAME_SIZE 64

struct parser {
  const struct hrlp_keys *model;
  const char *at;
  struct hrlp_condition *condition;
  hrl_error *error;
};

static hrl_status fail(const struct parser *parser, const char *expected) {
  char shown[HRLP_FOUND_SIZE];
  hrlp_value_show(parser->at, shown);
  return hrlp_fail(parser->error, HRL_ERROR_SYNTAX,
                   "found %s, expected %s, as in 'fixed_expenses + "
                   "variable_expense_mean <= 0.9 * income'",
                   *parser->at == '\0' ? "the end" : shown, expected);
}

static void skip_space(struct parser *parser) {
  while (*parser->at == ' ') parser->at++;
}

/* A key by its name, with or without its section. */
static hrl_status find_key(const struct parser *parser, const char *word, size_t *key) {
  char section[NAME_SIZE] = "";
  const char *dot = strchr(word, '.');
  if (dot != NULL) snprintf(section, sizeof section, "%.*s", (int)(dot - word), word);
  const char *name = dot == NULL ? word : dot + 1;
  const hrl_scenario_key *known;
  for (size_t i = 0; (known = hrlp_keys_at(parser->model, i)) != NULL; i++) {
    if (strcmp(known->name, name) != 0 ||
        (dot != NULL && strcmp(known->section, section) != 0))
      continue;
    if (strcmp(known->section, "training") == 0 || known->type == HRL_KEY_CHOICE)
      return hrlp_fail(
          parser->error, HRL_ERROR_KEY,
          "%s.%s cannot be part of a condition; use numbers of the household",
          known->section, known->name);
    *key = i;
    return HRL_OK;
  }
  char advice[HRLP_KEY_ADVICE_SIZE];
  char shown[HRLP_FOUND_SIZE];
  hrlp_value_show(word, shown);
  hrlp_key_advise(parser->model, dot == NULL ? "environment" : section, name, advice);
  return hrlp_fail(parser->error, HRL_ERROR_KEY, "unknown key %s%s", shown, advice);
}

static hrl_status read_key(struct parser *parser, double factor) {
  struct hrlp_condition *condition = parser->condition;
  char word[NAME_SIZE];
  size_t length = 0;
  while (isalnum((unsigned char)parser->at[length]) || parser->at[length] == '_' ||
         parser->at[length] == '.')
    length++;
  if (length == 0) return fail(parser, "a key or a number");
  if (length >= sizeof word) return fail(parser, "the name of a key");
  memcpy(word, parser->at, length);
  word[length] = '\0';
  if (condition->count == HRLP_CONDITION_TERMS_MAX)
    return hrlp_fail(parser->error, HRL_ERROR_LIMIT, "more than %d keys in one condition",
                     HRLP_CONDITION_TERMS_MAX);
  size_t key = 0;
  hrl_status status = find_key(parser, word, &key);
  if (status != HRL_OK) return status;
  parser->at += length;
  condition->terms[condition->count].factor = factor;
  condition->terms[condition->count++].key = key;
  return HRL_OK;
}

/* `sign` is that of the term on the left side. */
static hrl_status read_term(struct parser *parser, double sign) {
  skip_space(parser);
  bool is_number = isdigit((unsigned char)*parser->at) || *parser->at == '.';
  if (!is_number) return read_key(parser, sign);
  char digits[NAME_SIZE];
  double number = 0.0;
  size_t length = strspn(parser->at, "0123456789.eE");
  if (length >= sizeof digits) return fail(parser, "a number");
  memcpy(digits, parser->at, length);
  digits[length] = '\0';
  if (!hrlp_parse_number(digits, &number) || fabs(number) > 1e15)
    return fail(parser, "a number");
  parser->at += length;
  skip_space(parser);
  if (*parser->at != '*') {
    parser->condition->constant += sign * number;
    return HRL_OK;
  }
  parser->at++;
  skip_space(parser);
  return read_key(parser, sign * number);
}

static hrl_status read_side(struct parser *parser, double side) {
  double sign = side;
  for (;;) {
    skip_space(parser);
    if (*parser->at == '-') {
      sign = -sign;
      parser->at++;
    }
    hrl_status status = read_term(parser, sign);
    skip_space(parser);
    if (status != HRL_OK || (*parser->at != '+' && *parser->at != '-')) return status;
    sign = *parser->at++ == '+' ? side : -side;
  }
}

static hrl_status read_condition(struct parser *parser) {
  hrl_status status = read_side(parser, 1.0);
  if (status != HRL_OK) return status;
  char relation = *parser->at;
  if (relation != '<' && relation != '>') return fail(parser, "<= or >=");
  parser->condition->is_strict = parser->at[1] != '=';
  parser->at += parser->condition->is_strict ? 1 : 2;
  status = read_side(parser, -1.0);
  if (status == HRL_OK && *parser->at != '\0') status = fail(parser, "the end");
  if (status == HRL_OK && parser->condition->count == 0)
    status = hrlp_fail(parser->error, HRL_ERROR_SYNTAX,
                       "no key in the condition: it holds always or never");
  if (relation == '<') return status;
  parser->condition->constant = -parser->condition->constant;
  for (size_t i = 0; i < parser->condition->count; i++)
    parser->condition->terms[i].factor = -parser->condition->terms[i].factor;
  return status;
}

hrl_status hrlp_family_add_condition(struct hrl_scenario *scenario, const char *text,
                                     hrl_error *error) {
  struct hrlp_family *family = scenario->family;
  if (family->condition_count == HRLP_CONDITIONS_MAX)
    return hrlp_fail(error, HRL_ERROR_LIMIT, "more than %d conditions",
                     HRLP_CONDITIONS_MAX);
  struct hrlp_condition condition = {.text = NULL};
  struct parser parser = {hrlp_keys_of(scenario), text, &condition, error};
  hrl_status status = read_condition(&parser);
  if (status != HRL_OK) return status;
  condition.text = hrlp_copy_text(text);
  if (condition.text == NULL) return hrlp_fail_memory(error, "a condition");
  family->conditions[family->condition_count++] = condition;
  return HRL_OK;
}
