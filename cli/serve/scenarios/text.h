/* scenarios/text.h - scenario files as text: new ones, and changes to what people wrote.
 */
#ifndef SERVE_SCENARIOS_TEXT_H
#define SERVE_SCENARIOS_TEXT_H

#include <jansson.h>

#include "serve/scenarios/tree.h"

/* A file with the keys of `values`: an object with `model`, `description`, `require` and
 * sections, as far as it has them. A number, a word, and a range's object are written as
 * such. NULL: memory is short. Freed with free. */
char *scenario_text_write(const json_t *values);

/* `text` with the keys of `changes` in the place of those that are there, comments and
 * all else left alone; what is new comes at the end of its section. A description of null
 * goes. NULL: this text cannot be changed so, or memory is short. Freed with free. */
char *scenario_text_edit(const char *text, const struct tree *tree,
                         const json_t *changes);

#endif
