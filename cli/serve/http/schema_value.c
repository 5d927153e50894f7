/* http/schema_value.c - reads one value of a body or a query. */
#include "serve/http/schema_value.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fault no_fault(void) { return (struct fault){0}; }

struct fault schema_fault(const char *type, const char *message, json_t *context) {
  struct fault fault = {.type = type, .context = context};
  snprintf(fault.message, sizeof fault.message, "%s", message);
  return fault;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Whole numbers as clients write them: "10", " +10 ", "1_000", "10.00". */
static bool parse_integer(const char *text, json_int_t *value) {
  char digits[32];
  size_t n = 0;
  while (is_space(*text)) text++;
  if (*text == '-' || *text == '+') digits[n++] = *text++;
  size_t sign = n;
  while ((*text >= '0' && *text <= '9') || (*text == '_' && n > sign)) {
    bool between = text[-(*text == '_')] != '_' && text[1] >= '0' && text[1] <= '9';
    if (*text == '_' && !between) return false;
    if (*text != '_') {
      if (n + 1 == sizeof digits) return false;
      digits[n++] = *text;
    }
    text++;
  }
  if (n == sign) return false;
  if (*text == '.' && text[1] == '0')
    for (text++; *text == '0';) text++;
  while (is_space(*text)) text++;
  if (*text != '\0') return false;
  digits[n] = '\0';
  errno = 0;
  *value = strtoll(digits, NULL, 10);
  return errno == 0;
}

/* The integer that `input` stands for. */
static struct fault read_integer(const json_t *input, json_int_t *value) {
  if (json_is_integer(input)) {
    *value = json_integer_value(input);
    return no_fault();
  }
  if (json_is_real(input)) {
    double number = json_real_value(input);
    if (number != floor(number))
      return schema_fault(
          "int_from_float",
          "Input should be a valid integer, got a number with a fractional "
          "part",
          NULL);
    if (fabs(number) >= 9.2e18)
      return schema_fault("int_parsing_size",
                          "Unable to parse input as an integer, exceeded maximum size",
                          NULL);
    *value = (json_int_t)number;
    return no_fault();
  }
  if (!json_is_string(input))
    return schema_fault("int_type", "Input should be a valid integer", NULL);
  if (strlen(json_string_value(input)) == json_string_length(input) &&
      parse_integer(json_string_value(input), value))
    return no_fault();
  return schema_fault(
      "int_parsing",
      "Input should be a valid integer, unable to parse string as an integer", NULL);
}

/* Numbers as clients write them, in texts too: "2000", " 1e-3 ". JSON has no NaN, and
 * none is taken from texts. */
static bool parse_number(const char *text, double *value) {
  char *end;
  while (is_space(*text)) text++;
  if (strpbrk(text, "xXnN") != NULL) return false;
  *value = strtod(text, &end);
  if (end == text) return false;
  while (is_space(*end)) end++;
  return *end == '\0' && isfinite(*value);
}

static struct fault read_number(const json_t *input, double *value) {
  if (json_is_number(input)) {
    *value = json_number_value(input);
    return no_fault();
  }
  if (!json_is_string(input))
    return schema_fault("float_type", "Input should be a valid number", NULL);
  if (strlen(json_string_value(input)) == json_string_length(input) &&
      parse_number(json_string_value(input), value))
    return no_fault();
  return schema_fault(
      "float_parsing",
      "Input should be a valid number, unable to parse string as a number", NULL);
}

/* A bound that `value` does not keep to. */
static struct fault bound_fault(const char *type, const char *key, const char *words,
                                double bound) {
  bool whole = bound == floor(bound) && fabs(bound) < 1e15;
  struct fault fault =
      schema_fault(type, "",
                   json_pack("{s:o}", key,
                             whole ? json_integer((json_int_t)bound) : json_real(bound)));
  snprintf(fault.message, sizeof fault.message, "Input should be %s %.15g", words, bound);
  return fault;
}

static struct fault check_bounds(const struct field *field, double value) {
  if (field->positive && value <= 0)
    return bound_fault("greater_than", "gt", "greater than", 0);
  if (field->maximum != 0 && value > (double)field->maximum)
    return bound_fault("less_than_equal", "le", "less than or equal to",
                       (double)field->maximum);
  if (!field->bounded) return no_fault();
  if (field->least_open && value <= field->least)
    return bound_fault("greater_than", "gt", "greater than", field->least);
  if (value < field->least)
    return bound_fault("greater_than_equal", "ge", "greater than or equal to",
                       field->least);
  if (value > field->most)
    return bound_fault("less_than_equal", "le", "less than or equal to", field->most);
  return no_fault();
}

/* Characters of UTF-8. */
static size_t count_characters(const json_t *text) {
  size_t count = 0;
  for (size_t i = 0; i < json_string_length(text); i++)
    count += (json_string_value(text)[i] & 0xc0) != 0x80;
  return count;
}

static bool is_choice(const char *choices, const json_t *text) {
  size_t length = json_string_length(text);
  for (const char *at = choices; *at != '\0';) {
    size_t word = strcspn(at, " ");
    if (word == length && memcmp(at, json_string_value(text), length) == 0) return true;
    at += word + (at[word] == ' ');
  }
  return false;
}

static struct fault check_text(const struct field *field, const json_t *input) {
  if (!json_is_string(input))
    return schema_fault("string_type", "Input should be a valid string", NULL);
  json_int_t length = (json_int_t)count_characters(input);
  struct fault fault = no_fault();
  const char *words = NULL;
  json_int_t bound = 0;
  if (length < field->min_length) {
    bound = field->min_length;
    words = "least";
    fault = schema_fault("string_too_short", "", json_pack("{s:I}", "min_length", bound));
  } else if (field->max_length != 0 && length > field->max_length) {
    bound = field->max_length;
    words = "most";
    fault = schema_fault("string_too_long", "", json_pack("{s:I}", "max_length", bound));
  } else if (field->choices != NULL && !is_choice(field->choices, input)) {
    fault = schema_fault("string_pattern_mismatch", "",
                         json_pack("{s:s}", "pattern", field->choices));
    snprintf(fault.message, sizeof fault.message, "Input should be one of: %s",
             field->choices);
  }
  if (words != NULL)
    snprintf(fault.message, sizeof fault.message,
             "String should have at %s %" JSON_INTEGER_FORMAT " character%s", words,
             bound, bound == 1 ? "" : "s");
  return fault;
}

static struct fault read_boolean(json_t *input, json_t **value) {
  if (!json_is_boolean(input))
    return schema_fault("bool_type", "Input should be a valid boolean", NULL);
  *value = json_incref(input);
  return no_fault();
}

/* A list of texts. */
static struct fault read_texts(json_t *input, json_t **value) {
  size_t i;
  json_t *text;
  if (!json_is_array(input))
    return schema_fault("list_type", "Input should be a valid list", NULL);
  json_array_foreach(input, i, text) {
    if (!json_is_string(text))
      return schema_fault("string_type", "Every entry should be a valid string", NULL);
  }
  *value = json_incref(input);
  return no_fault();
}

struct fault schema_value(const struct field *field, json_t *input, json_t **value) {
  struct fault fault;
  json_int_t integer = 0;
  double number = 0;
  *value = NULL;
  if (json_is_null(input) && field->nullable) {
    *value = json_null();
    return no_fault();
  }
  if (field->ranges && json_is_object(input)) {
    *value = json_incref(input); /* whoever takes it looks into it */
    return no_fault();
  }
  switch (field->type) {
    case FIELD_TEXT:
      fault = check_text(field, input);
      if (fault.type == NULL) *value = json_incref(input);
      return fault;
    case FIELD_TEXTS:
      return read_texts(input, value);
    case FIELD_BOOLEAN:
      return read_boolean(input, value);
    case FIELD_NUMBER:
      fault = read_number(input, &number);
      if (fault.type == NULL) fault = check_bounds(field, number);
      if (fault.type == NULL) *value = json_real(number);
      return fault;
    default:
      fault = read_integer(input, &integer);
      if (fault.type == NULL) fault = check_bounds(field, (double)integer);
      if (fault.type == NULL) *value = json_integer(integer);
      return fault;
  }
}
