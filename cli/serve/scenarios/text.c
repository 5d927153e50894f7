#include "serve/scenarios/text.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

/* The shortest number that reads back the same. Other readers of YAML 1.1 take "1e-05"
 * for a text and "1.0e-05" for a number. */
static void write_number(FILE *out, double value) {
  char text[40] = "";
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  char *exponent = strchr(text, 'e');
  if (exponent == NULL || strchr(text, '.') != NULL)
    fputs(text, out);
  else
    fprintf(out, "%.*s.0%s", (int)(exponent - text), text, exponent);
}

/* Characters that stand in a file as they are: others would end a line, or cannot be
 * seen.
 */
static bool is_visible(const unsigned char *c) {
  if (c[0] < 0x20 || c[0] == 0x7f) return false;
  if (c[0] == 0xc2 && c[1] < 0xa0) return false; /* U+0080..U+009F */
  if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] & 0xfe) == 0xa8) return false; /* U+2028 */
  return !(c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf);                  /* U+FEFF */
}

/* In double quotes. `text` is UTF-8. */
static void write_quoted(FILE *out, const char *text) {
  const unsigned char *c = (const unsigned char *)text;
  fputc('"', out);
  while (*c != '\0') {
    size_t length = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;
    if (*c == '"' || *c == '\\') {
      fprintf(out, "\\%c", *c);
    } else if (*c == '\n') {
      fputs("\\n", out);
    } else if (is_visible(c)) {
      (void)fwrite(c, 1, length, out); /* ferror tells, at the end */
    } else {
      unsigned code = length == 1 ? c[0]
                      : length == 2
                          ? (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu)
                          : (c[0] & 0xfu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
      fprintf(out, "\\u%04x", code);
    }
    c += length;
  }
  fputc('"', out);
}

/* A word stands without quotes, as numbers that were read from a file do. */
static void write_text(FILE *out, const char *text) {
  size_t plain = strspn(text,
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789_.+-");
  if (plain > 0 && text[plain] == '\0' && strcmp(text, "-") != 0)
    fputs(text, out);
  else
    write_quoted(out, text);
}

static void write_value(FILE *out, const json_t *value) {
  const char *separator = "";
  const char *name;
  json_t *part;
  if (json_is_integer(value))
    fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
  else if (json_is_real(value))
    write_number(out, json_real_value(value));
  else if (json_is_string(value))
    write_text(out, json_string_value(value));
  if (!json_is_object(value)) return;
  fputc('{', out);
  json_object_foreach((json_t *)value, name, part) {
    fputs(separator, out);
    write_text(out, name);
    fputs(": ", out);
    write_value(out, part);
    separator = ", ";
  }
  fputc('}', out);
}

/* ---- a new file ---- */

static const char *const sections[] = {"environment", "training", "reward", "utility"};
#define SECTIONS (sizeof sections / sizeof sections[0])

static void write_section(FILE *out, const char *section, const json_t *keys) {
  const char *name;
  json_t *value;
  if (json_object_size(keys) == 0) return;
  fprintf(out, "%s:\n", section);
  json_object_foreach((json_t *)keys, name, value) {
    fprintf(out, "  %s: ", name);
    write_value(out, value);
    fputc('\n', out);
  }
}

static void write_description(FILE *out, const json_t *description) {
  if (json_string_length(description) == 0) return;
  fputs("description: ", out);
  write_quoted(out, json_string_value(description));
  fputc('\n', out);
}

/* Ends a text that was written to memory. NULL: that was short. */
static char *close_text(FILE *out, char **text) {
  bool ok = out != NULL && !ferror(out);
  if (out != NULL && fclose(out) != 0) ok = false;
  if (ok) return *text;
  free(*text);
  return NULL;
}

char *scenario_text_write(const json_t *values) {
  char *text = NULL;
  size_t length = 0, i;
  json_t *condition;
  FILE *out = open_memstream(&text, &length);
  if (out == NULL) return NULL;
  const json_t *model = json_object_get(values, "model");
  if (json_is_string(model)) fprintf(out, "model: %s\n", json_string_value(model));
  write_description(out, json_object_get(values, "description"));
  const json_t *conditions = json_object_get(values, "require");
  if (json_array_size(conditions) > 0) fputs("require:\n", out);
  json_array_foreach(conditions, i, condition) {
    fputs("- ", out);
    write_quoted(out, json_string_value(condition));
    fputc('\n', out);
  }
  for (i = 0; i < SECTIONS; i++)
    write_section(out, sections[i], json_object_get(values, sections[i]));
  return close_text(out, &text);
}

/* ---- changes ---- */

/* A piece of a text that another one takes the place of. */
struct change {
  size_t begin, end;
  const char *before;  /* what comes before the value */
  const char *name;    /* its key, where that is new, too */
  const json_t *value; /* NULL: nothing is written */
  bool is_description;
  size_t order;
};

#define CHANGES_MAX 128

struct changes {
  struct change items[CHANGES_MAX];
  size_t count;
  bool impossible;
};

static void add_change(struct changes *changes, struct change change) {
  if (changes->count == CHANGES_MAX) {
    changes->impossible = true;
    return;
  }
  changes->items[changes->count] = change;
  changes->items[changes->count].order = changes->count;
  changes->count++;
}

/* Where the line of `at` ends. */
static size_t line_end(const char *text, size_t at) {
  return at + strcspn(text + at, "\n");
}

static size_t line_begin(const char *text, size_t at) {
  while (at > 0 && text[at - 1] != '\n') at--;
  return at;
}

/* Spaces before a section's keys, as its first one has them. */
static const char *indent_of(const char *text, const struct tree_key *key) {
  static const char *const indents[] = {"",      " ",      "  ",      "   ",     "    ",
                                        "     ", "      ", "       ", "        "};
  size_t spaces = key->key_begin - line_begin(text, key->key_begin);
  return spaces < sizeof indents / sizeof indents[0] ? indents[spaces] : NULL;
}

/* A key that the file has: its value; a new one: a line behind the section's last key. */
static void change_key(struct changes *changes, const char *text, const struct tree *tree,
                       const char *section, const char *name, const json_t *value) {
  const struct tree_key *key = tree_find(tree, section, name);
  if (key == NULL && strcmp(name, "lambda_") == 0)
    key = tree_find(tree, section, "lambda");
  if (key != NULL) {
    if (key->one_line)
      add_change(changes,
                 (struct change){
                     .begin = key->value_begin, .end = key->value_end, .value = value});
    else
      changes->impossible = true;
    return;
  }
  const struct tree_key *last = NULL;
  for (size_t i = 0; i < tree->count; i++)
    if (strcmp(tree->keys[i].section, section) == 0) last = &tree->keys[i];
  const char *indent = last == NULL || !last->one_line ? NULL : indent_of(text, last);
  if (indent == NULL) {
    changes->impossible = true;
    return;
  }
  size_t at = line_end(text, last->value_end);
  add_change(changes,
             (struct change){
                 .begin = at, .end = at, .before = indent, .name = name, .value = value});
}

static void change_description(struct changes *changes, const char *text,
                               const struct tree *tree, const json_t *description) {
  const struct tree_key *key = tree_find(tree, "", "description");
  bool goes = json_string_length(description) == 0;
  if (key == NULL && goes) return;
  if (key != NULL && !key->one_line) {
    changes->impossible = true;
  } else if (key != NULL && !goes) {
    add_change(changes, (struct change){.begin = key->value_begin,
                                        .end = key->value_end,
                                        .value = description,
                                        .is_description = true});
  } else if (key != NULL) {
    size_t end = line_end(text, key->value_end);
    add_change(changes, (struct change){.begin = line_begin(text, key->key_begin),
                                        .end = end + (text[end] == '\n')});
  } else if (tree->count > 0) {
    /* above all other keys, below what is said of the whole file */
    size_t first = tree->keys[0].key_begin;
    add_change(changes, (struct change){.begin = first,
                                        .end = first,
                                        .name = "description",
                                        .value = description,
                                        .is_description = true});
  }
}

static int compare_places(const void *a, const void *b) {
  const struct change *one = a, *other = b;
  if (one->begin != other->begin) return one->begin < other->begin ? -1 : 1;
  return one->order < other->order ? -1 : 1;
}

static void write_change(FILE *out, const struct change *change) {
  bool above = change->is_description && change->name != NULL;
  if (change->value == NULL) return;
  if (above) {
    write_description(out, change->value);
    fputc('\n', out);
    return;
  }
  if (change->name != NULL) fprintf(out, "\n%s%s: ", change->before, change->name);
  if (change->is_description)
    write_quoted(out, json_string_value(change->value));
  else
    write_value(out, change->value);
}

/* Sections that the file does not have come at its end. */
static void write_new_sections(FILE *out, const char *text, const struct tree *tree,
                               const json_t *changes) {
  size_t length = strlen(text);
  bool open = length > 0 && text[length - 1] != '\n';
  for (size_t i = 0; i < SECTIONS; i++) {
    const json_t *keys = json_object_get(changes, sections[i]);
    if (json_object_size(keys) == 0 || tree_find(tree, "", sections[i]) != NULL) continue;
    if (open) fputc('\n', out);
    open = false;
    fputc('\n', out);
    write_section(out, sections[i], keys);
  }
}

char *scenario_text_edit(const char *text, const struct tree *tree,
                         const json_t *values) {
  struct changes changes = {.count = 0};
  const char *name;
  json_t *value;
  const json_t *description = json_object_get(values, "description");
  if (description != NULL) change_description(&changes, text, tree, description);
  for (size_t i = 0; i < SECTIONS; i++) {
    if (tree_find(tree, "", sections[i]) == NULL) continue;
    json_t *keys = json_object_get(values, sections[i]);
    json_object_foreach(keys, name, value) {
      change_key(&changes, text, tree, sections[i], name, value);
    }
  }
  if (changes.impossible) return NULL;
  qsort(changes.items, changes.count, sizeof changes.items[0], compare_places);
  char *made = NULL;
  size_t length = 0, at = 0;
  FILE *out = open_memstream(&made, &length);
  if (out == NULL) return NULL;
  for (size_t i = 0; i < changes.count; i++) {
    const struct change *change = &changes.items[i];
    if (change->begin < at) continue;
    (void)fwrite(text + at, 1, change->begin - at, out);
    write_change(out, change);
    at = change->end;
  }
  fputs(text + at, out);
  write_new_sections(out, text, tree, values);
  return close_text(out, &made);
}
