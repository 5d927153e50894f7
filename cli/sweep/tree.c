#include "sweep/tree.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/options.h"

#define SIZE_MOST ((size_t)1 << 20)

struct tree {
  const char *path;
  char *text;
  yaml_document_t document;
  bool has_document;
};

static void set_error(hrl_error *error, hrl_status status, const char *path, size_t line,
                      size_t column, const char *text) {
  if (error->status != HRL_OK) return;
  error->status = status;
  error->line = (int)line;
  error->column = (int)column;
  snprintf(error->file, sizeof error->file, "%s", path);
  if (line > 0)
    snprintf(error->message, sizeof error->message, "%s:%zu:%zu: %s", path, line, column,
             text);
  else
    snprintf(error->message, sizeof error->message, "%s: %s", path, text);
}

static char *read_text(const char *path, size_t *length, hrl_error *error) {
  FILE *file = fopen(path, "re");
  char *text = malloc(SIZE_MOST + 1);
  if (file == NULL || text == NULL) {
    set_error(error, file == NULL ? HRL_ERROR_NOT_FOUND : HRL_ERROR_MEMORY, path, 0, 0,
              /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
              file == NULL ? strerror(errno) : "out of memory");
  } else {
    *length = fread(text, 1, SIZE_MOST + 1, file);
    if (ferror(file))
      set_error(error, HRL_ERROR_IO, path, 0, 0, "cannot read the plan");
    else if (*length > SIZE_MOST)
      set_error(error, HRL_ERROR_LIMIT, path, 0, 0, "larger than 1 MiB");
  }
  if (file != NULL) (void)fclose(file);
  if (error->status == HRL_OK) return text;
  free(text);
  return NULL;
}

struct tree *tree_read(const char *path, hrl_error *error) {
  struct tree *tree = calloc(1, sizeof *tree);
  size_t length = 0;
  if (tree == NULL) {
    set_error(error, HRL_ERROR_MEMORY, path, 0, 0, "out of memory");
    return NULL;
  }
  tree->path = path;
  tree->text = read_text(path, &length, error);
  yaml_parser_t parser;
  if (tree->text != NULL && yaml_parser_initialize(&parser)) {
    yaml_parser_set_input_string(&parser, (const unsigned char *)tree->text, length);
    tree->has_document = yaml_parser_load(&parser, &tree->document) != 0;
    if (!tree->has_document)
      set_error(error, HRL_ERROR_SYNTAX, path, parser.problem_mark.line + 1,
                parser.problem_mark.column + 1,
                parser.problem != NULL ? parser.problem : "malformed YAML");
    yaml_parser_delete(&parser);
  }
  if (tree->has_document) return tree;
  set_error(error, HRL_ERROR_MEMORY, path, 0, 0, "out of memory");
  tree_free(tree);
  return NULL;
}

void tree_free(struct tree *tree) {
  if (tree == NULL) return;
  if (tree->has_document) yaml_document_delete(&tree->document);
  free(tree->text);
  free(tree);
}

tree_node *tree_root(struct tree *tree) {
  return yaml_document_get_root_node(&tree->document);
}

bool tree_complain(struct tree *tree, const tree_node *node, hrl_error *error,
                   const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  set_error(error, HRL_ERROR_SYNTAX, tree->path,
            node != NULL ? node->start_mark.line + 1 : 0,
            node != NULL ? node->start_mark.column + 1 : 0, text);
  return false;
}

bool tree_pair(struct tree *tree, const tree_node *node, size_t index, tree_node **key,
               tree_node **value) {
  if (!tree_is_mapping(node)) return false;
  yaml_node_pair_t *pair = node->data.mapping.pairs.start + index;
  if (pair >= node->data.mapping.pairs.top) return false;
  *key = yaml_document_get_node(&tree->document, pair->key);
  *value = yaml_document_get_node(&tree->document, pair->value);
  return true;
}

bool tree_refuse_twice(struct tree *tree, const tree_node *node, size_t index,
                       hrl_error *error) {
  tree_node *key, *value, *other;
  if (!tree_pair(tree, node, index, &key, &value) || tree_text(key) == NULL) return true;
  for (size_t i = 0; i < index && tree_pair(tree, node, i, &other, &value); i++)
    if (tree_text(other) != NULL && strcmp(tree_text(key), tree_text(other)) == 0)
      return tree_complain(tree, key, error, "%.80s: given twice", tree_text(key));
  return true;
}

tree_node *tree_item(struct tree *tree, const tree_node *node, size_t index) {
  if (!tree_is_sequence(node)) return NULL;
  yaml_node_item_t *item = node->data.sequence.items.start + index;
  if (item >= node->data.sequence.items.top) return NULL;
  return yaml_document_get_node(&tree->document, *item);
}

bool tree_is_mapping(const tree_node *node) {
  return node != NULL && node->type == YAML_MAPPING_NODE;
}

bool tree_is_sequence(const tree_node *node) {
  return node != NULL && node->type == YAML_SEQUENCE_NODE;
}

const char *tree_text(const tree_node *node) {
  if (node == NULL || node->type != YAML_SCALAR_NODE) return NULL;
  const char *text = (const char *)node->data.scalar.value;
  return strlen(text) == node->data.scalar.length ? text : NULL; /* no zero within */
}

bool tree_number(struct tree *tree, const tree_node *node, const char *what,
                 double *number, hrl_error *error) {
  const char *text = tree_text(node);
  char *end = NULL;
  if (text != NULL && *text != '\0' && text[strspn(text, "0123456789.eE+-")] == '\0') {
    *number = strtod(text, &end);
    if (*end == '\0' && isfinite(*number)) return true;
  }
  return tree_complain(tree, node, error, "%s: expected a number", what);
}

bool tree_whole(struct tree *tree, const tree_node *node, const char *what,
                uint64_t minimum, uint64_t maximum, uint64_t *number, hrl_error *error) {
  const char *text = tree_text(node);
  if (text != NULL && options_parse_number(text, minimum, maximum, number)) return true;
  return tree_complain(tree, node, error, "%s: expected a whole number from %llu to %llu",
                       what, (unsigned long long)minimum, (unsigned long long)maximum);
}
