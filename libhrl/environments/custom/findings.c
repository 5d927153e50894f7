#include "environments/custom/findings.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const words[] = {
#define FINDING_WORD(constant, word) word,
    HRLP_FINDINGS(FINDING_WORD)
#undef FINDING_WORD
};

const char *hrlp_function_name(enum hrlp_task_function function) {
  static const char *const names[] = {"the task",  "reset",        "observe",
                                      "step",      "choose_goals", "choose_actions",
                                      "potential", "rule",         "optimum"};
  return names[function];
}

bool hrlp_found(const struct hrlp_findings *findings, enum hrlp_finding_kind kind) {
  return findings->told[kind] != 0;
}

void hrlp_finding(struct hrlp_findings *findings, enum hrlp_finding_kind kind,
                  enum hrlp_task_function function, const char *format, ...) {
  uint32_t bit = UINT32_C(1) << function;
  if ((findings->told[kind] & bit) != 0) return;
  findings->told[kind] |= bit;
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  hrlp_text_format(&findings->text, "%-10s %s: %s\n", words[kind],
                   hrlp_function_name(function), line);
}
