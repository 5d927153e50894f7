#include "common/rule_text.h"

#include <stdio.h>

void rule_describe(const hrl_rule *rule, bool is_lifecycle, char *text, size_t size) {
  int used;
  if (!is_lifecycle) {
    snprintf(text, size, "invest %.0f %% of income every month", 100.0 * rule->save);
    return;
  }
  used = rule->save < 0.005 ? snprintf(text, size, "save nothing more")
                            : snprintf(text, size, "save %.0f %% of what expenses leave",
                                       100.0 * rule->save);
  if (rule->target > 0.0)
    used += snprintf(text + used, size - (size_t)used, ", up to %.0f months of income",
                     rule->target);
  if (rule->share > 0.0)
    used += snprintf(text + used, size - (size_t)used,
                     ", hold %.0f %% of savings in the portfolio", 100.0 * rule->share);
  if (rule->share > 0.0 && rule->buffer > 0.0)
    snprintf(text + used, size - (size_t)used, " beyond %.0f months", rule->buffer);
}
