/* common/rule_text.h - simple rules in words. */
#ifndef CLI_COMMON_RULE_TEXT_H
#define CLI_COMMON_RULE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <hrl/evaluate.h>

/* Room that is always enough. */
#define RULE_TEXT_SIZE 256

/* What the rule does, such as "invest 30 % of income every month". */
void rule_describe(const hrl_rule *rule, bool is_lifecycle, char *text, size_t size);

#endif
