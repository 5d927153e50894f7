/* scenario/syntax.h - what is wrong with a text before its keys are looked at. */
#ifndef HRLP_SCENARIO_SYNTAX_H
#define HRLP_SCENARIO_SYNTAX_H

#include <stddef.h>

#include <yaml.h>

#include "base/error.h"

/* The most that a scenario file may hold. */
#define HRLP_SCENARIO_SIZE_LIMIT ((size_t)1 << 20)

/* Fails where a text is too large or not text at all: only UTF-8 without control
 * characters passes. Steps over a byte order mark. */
hrl_status hrlp_syntax_check_text(const char **text, size_t *length, const char *file,
                                  hrl_error *error);

/* Turns the error that a parser of `text` stopped with into one clear line. */
hrl_status hrlp_syntax_fail(const yaml_parser_t *parser, const char *text, size_t length,
                            const char *file, hrl_error *error);

#endif
