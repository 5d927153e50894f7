#include "scenario/syntax.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

/* The length of the UTF-8 character at `text`, 0 where there is none; its code in
 * `*code`. Overlong forms, surrogates and codes past U+10FFFF are none. */
static size_t decode(const unsigned char *text, size_t length, uint32_t *code) {
  unsigned char first = text[0];
  size_t size = first < 0x80   ? 1
                : first < 0xc2 ? 0
                : first < 0xe0 ? 2
                : first < 0xf0 ? 3
                : first < 0xf5 ? 4
                               : 0;
  if (size == 0 || size > length) return 0;
  *code = size == 1 ? first : first & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    if (!is_continuation(text[i])) return 0;
    *code = *code << 6 | (text[i] & 0x3fu);
  }
  bool overlong = (size == 3 && *code < 0x800) || (size == 4 && *code < 0x10000);
  bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
  return overlong || surrogate || *code > 0x10ffff ? 0 : size;
}

/* What YAML calls printable; a byte order mark inside the text is not. */
static bool is_printable(uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  if (code >= 0x7f && code < 0xa0) return code == 0x85;
  return code != 0xfeff && code != 0xfffe && code != 0xffff;
}

hrl_status hrlp_syntax_check_text(const char **text, size_t *length, const char *file,
                                  hrl_error *error) {
  if (*length > HRLP_SCENARIO_SIZE_LIMIT)
    return hrlp_fail_at(error, HRL_ERROR_LIMIT, file, 0, 0,
                        "holds %zu bytes, at most %zu are accepted", *length,
                        HRLP_SCENARIO_SIZE_LIMIT);
  if (*length >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
    *text += 3;
    *length -= 3;
  }
  const unsigned char *bytes = (const unsigned char *)*text;
  int line = 1;
  int column = 1;
  for (size_t i = 0; i < *length;) {
    uint32_t code = 0;
    size_t size = decode(bytes + i, *length - i, &code);
    if (size == 0)
      return hrlp_fail_at(error, HRL_ERROR_SYNTAX, file, line, column,
                          "found a byte 0x%02x that is not UTF-8; is this a text file? "
                          "Save it as UTF-8",
                          bytes[i]);
    if (!is_printable(code))
      return hrlp_fail_at(error, HRL_ERROR_SYNTAX, file, line, column,
                          "found a control character U+%04X; is this a text file? Save "
                          "it as UTF-8",
                          (unsigned)code);
    column++;
    if (code == '\n') {
      line++;
      column = 1;
    }
    i += size;
  }
  return HRL_OK;
}

/* Whether the line before `mark`, and the character there, is white space with a tab in
 * it: the usual reason why YAML does not understand an indentation. */
static bool is_tab_indented(const char *text, size_t length, yaml_mark_t mark) {
  const char *end = text + length;
  for (size_t line = 0; line < mark.line; line++) {
    const char *newline = memchr(text, '\n', (size_t)(end - text));
    if (newline == NULL) return false;
    text = newline + 1;
  }
  bool found = false;
  for (size_t column = 0; column <= mark.column && text + column < end; column++) {
    char c = text[column];
    if (c == '\t') found = true;
    if (c != '\t' && c != ' ') return found && column == mark.column;
  }
  return found;
}

hrl_status hrlp_syntax_fail(const yaml_parser_t *parser, const char *text, size_t length,
                            const char *file, hrl_error *error) {
  const char *problem = parser->problem;
  /* some allocations that fail inside libyaml leave no trace of it */
  if (parser->error == YAML_MEMORY_ERROR || problem == NULL)
    return hrlp_fail_memory(error, "reading a scenario");
  /* the reader of bytes, before there are lines; everything that it refuses was refused
   * by hrlp_syntax_check_text already */
  if (parser->error == YAML_READER_ERROR)
    return hrlp_fail_at(error, HRL_ERROR_SYNTAX, file, 0, 0, "malformed YAML: %s",
                        problem);
  yaml_mark_t mark = parser->problem_mark;
  int line = (int)mark.line + 1;
  int column = (int)mark.column + 1;
  if (is_tab_indented(text, length, mark))
    return hrlp_fail_at(error, HRL_ERROR_SYNTAX, file, line, column,
                        "malformed YAML: found a tab; indent with spaces");
  /* libyaml's words for the most frequent slips tell little */
  if (strcmp(problem, "mapping values are not allowed in this context") == 0)
    return hrlp_fail_at(error, HRL_ERROR_SYNTAX, file, line, column,
                        "malformed YAML: found a second ':'; look here and on the line "
                        "above for a missing ':', no space after it, uneven indentation, "
                        "or a text that needs quotes");
  char since[48] = "";
  if (parser->context != NULL && parser->context_mark.line != mark.line)
    snprintf(since, sizeof since, " that begins on line %zu",
             parser->context_mark.line + 1);
  return hrlp_fail_at(error, HRL_ERROR_SYNTAX, file, line, column,
                      "malformed YAML: %s%s%s%s", problem,
                      parser->context != NULL ? " " : "",
                      parser->context != NULL ? parser->context : "", since);
}
