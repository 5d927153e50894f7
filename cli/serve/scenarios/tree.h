/* scenarios/tree.h - a scenario file as its keys and where they stand in its text.
 *
 * Nothing is checked here but the form: what keys and values mean is the library's. */
#ifndef SERVE_SCENARIOS_TREE_H
#define SERVE_SCENARIOS_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define TREE_WORD_SIZE 64

/* One key of the file's top, or of a section. */
struct tree_key {
  char section[TREE_WORD_SIZE]; /* "" at the top */
  char name[TREE_WORD_SIZE];
  size_t key_begin;              /* bytes from the start of the text */
  size_t value_begin, value_end; /* what can be replaced by another value */
  bool one_line;                 /* a value on one line, and nothing but this */
};

struct tree {
  /* values as texts, ranges as objects, `require` as an array; sections are objects */
  json_t *values;
  struct tree_key *keys;
  size_t count;
};

/* False: it is no mapping of the form that scenarios have, or memory is short; the tree
 * is empty then. Freed with tree_clear. */
bool tree_parse(struct tree *tree, const char *text, size_t length);
void tree_clear(struct tree *tree);

/* A key's place; NULL: the file does not have it. */
const struct tree_key *tree_find(const struct tree *tree, const char *section,
                                 const char *name);

#endif
