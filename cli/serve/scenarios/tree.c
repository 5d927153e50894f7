#include "serve/scenarios/tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct walk {
  const char *text;
  size_t length;
  yaml_document_t *document;
  struct tree *tree;
};

/* Where a mark is: libyaml counts characters, a text is bytes. */
static size_t offset_of(const struct walk *walk, const yaml_mark_t *mark) {
  size_t at = strncmp(walk->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  for (size_t left = mark->index; left > 0 && at < walk->length; left--)
    for (at++; at < walk->length && (walk->text[at] & 0xc0) == 0x80;) at++;
  return at;
}

static const char *scalar_of(const yaml_node_t *node) {
  return node != NULL && node->type == YAML_SCALAR_NODE
             ? (const char *)node->data.scalar.value
             : NULL;
}

/* A value as JSON: scalars are texts. NULL: too deep, or memory is short. */
static json_t *value_of(const struct walk *walk, int index, int depth) {
  const yaml_node_t *node = yaml_document_get_node(walk->document, index);
  if (node == NULL || depth == 0) return NULL;
  if (node->type == YAML_SCALAR_NODE) return json_string(scalar_of(node));
  json_t *value = node->type == YAML_SEQUENCE_NODE ? json_array() : json_object();
  bool ok = value != NULL;
  if (node->type == YAML_SEQUENCE_NODE) {
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         ok && item < node->data.sequence.items.top; item++)
      ok = json_array_append_new(value, value_of(walk, *item, depth - 1)) == 0;
  } else {
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         ok && pair < node->data.mapping.pairs.top; pair++) {
      const char *name = scalar_of(yaml_document_get_node(walk->document, pair->key));
      ok = name != NULL &&
           json_object_set_new(value, name, value_of(walk, pair->value, depth - 1)) == 0;
    }
  }
  if (ok) return value;
  json_decref(value);
  return NULL;
}

/* Whether a value is on one line that can be cut out: no block, which ends in what
 * follows. */
static bool is_one_line(const yaml_node_t *node) {
  bool flat = node->start_mark.line == node->end_mark.line;
  if (node->type == YAML_SCALAR_NODE)
    return flat && node->data.scalar.style != YAML_LITERAL_SCALAR_STYLE &&
           node->data.scalar.style != YAML_FOLDED_SCALAR_STYLE &&
           node->data.scalar.length > 0;
  return flat && node->type == YAML_MAPPING_NODE &&
         node->data.mapping.style == YAML_FLOW_MAPPING_STYLE;
}

static bool add_key(struct walk *walk, const char *section,
                    const yaml_node_pair_t *pair) {
  const yaml_node_t *key = yaml_document_get_node(walk->document, pair->key);
  const yaml_node_t *value = yaml_document_get_node(walk->document, pair->value);
  const char *name = scalar_of(key);
  struct tree *tree = walk->tree;
  if (name == NULL || strlen(name) >= TREE_WORD_SIZE) return false;
  struct tree_key *grown = realloc(tree->keys, (tree->count + 1) * sizeof *grown);
  if (grown == NULL) return false;
  tree->keys = grown;
  struct tree_key *made = &grown[tree->count++];
  *made = (struct tree_key){.key_begin = offset_of(walk, &key->start_mark),
                            .value_begin = offset_of(walk, &value->start_mark),
                            .value_end = offset_of(walk, &value->end_mark),
                            .one_line = is_one_line(value)};
  memcpy(made->section, section, strlen(section) + 1);
  memcpy(made->name, name, strlen(name) + 1);
  return true;
}

/* Adds a mapping's keys; a mapping of the top that is in block form is a section. */
static bool add_keys(struct walk *walk, const char *section, const yaml_node_t *mapping) {
  for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
       pair < mapping->data.mapping.pairs.top; pair++) {
    if (!add_key(walk, section, pair)) return false;
    char name[TREE_WORD_SIZE];
    memcpy(name, walk->tree->keys[walk->tree->count - 1].name, sizeof name);
    const yaml_node_t *value = yaml_document_get_node(walk->document, pair->value);
    bool is_section = section[0] == '\0' && value->type == YAML_MAPPING_NODE &&
                      value->data.mapping.style == YAML_BLOCK_MAPPING_STYLE;
    if (is_section && !add_keys(walk, name, value)) return false;
  }
  return true;
}

static bool walk_document(struct walk *walk) {
  const yaml_node_t *root = yaml_document_get_root_node(walk->document);
  if (root == NULL || root->type != YAML_MAPPING_NODE) return false;
  walk->tree->values = value_of(walk, 1, 6);
  return walk->tree->values != NULL && add_keys(walk, "", root);
}

bool tree_parse(struct tree *tree, const char *text, size_t length) {
  yaml_parser_t parser;
  yaml_document_t document;
  *tree = (struct tree){0};
  if (!yaml_parser_initialize(&parser)) return false;
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
  bool ok = yaml_parser_load(&parser, &document) != 0;
  if (ok) {
    struct walk walk = {text, length, &document, tree};
    ok = walk_document(&walk);
    yaml_document_delete(&document);
  }
  yaml_parser_delete(&parser);
  if (!ok) tree_clear(tree);
  return ok;
}

void tree_clear(struct tree *tree) {
  json_decref(tree->values);
  free(tree->keys);
  *tree = (struct tree){0};
}

const struct tree_key *tree_find(const struct tree *tree, const char *section,
                                 const char *name) {
  for (size_t i = 0; i < tree->count; i++)
    if (strcmp(tree->keys[i].section, section) == 0 &&
        strcmp(tree->keys[i].name, name) == 0)
      return &tree->keys[i];
  return NULL;
}
