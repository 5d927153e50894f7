/* custom/findings.h - what hrl_task_check has found: a line for each, once. */
#ifndef HRLP_CUSTOM_FINDINGS_H
#define HRLP_CUSTOM_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* What a finding is about: X(constant, word). hrl/task.h explains the words. */
#define HRLP_FINDINGS(X)    \
  X(SHAPE, "shape")         \
  X(FAILED, "failed")       \
  X(FINITE, "finite")       \
  X(UNWRITTEN, "unwritten") \
  X(GUARD, "guard")         \
  X(INPUT, "input")         \
  X(REPEAT, "repeat")       \
  X(BATCH, "batch")         \
  X(THREAD, "thread")       \
  X(END, "end")             \
  X(SCALE, "scale")         \
  X(EFFECT, "effect")       \
  X(TEXTBOOK, "textbook")   \
  X(YARDSTICK, "yardstick")

enum hrlp_finding_kind {
#define HRLP_FINDING_ENUM(constant, word) HRLP_FINDING_##constant,
  HRLP_FINDINGS(HRLP_FINDING_ENUM)
#undef HRLP_FINDING_ENUM
      HRLP_FINDING_KINDS
};

/* The functions of a task, and what is not about one of them. */
enum hrlp_task_function {
  HRLP_OF_ALL,
  HRLP_OF_RESET,
  HRLP_OF_OBSERVE,
  HRLP_OF_STEP,
  HRLP_OF_CHOOSE_GOALS,
  HRLP_OF_CHOOSE_ACTIONS,
  HRLP_OF_POTENTIAL,
  HRLP_OF_RULE,
  HRLP_OF_OPTIMUM
};

struct hrlp_findings {
  struct hrlp_text text;
  uint32_t told[HRLP_FINDING_KINDS]; /* a bit for each function */
};

/* Reports a finding, unless one of its kind about the same function was reported. */
void hrlp_finding(struct hrlp_findings *findings, enum hrlp_finding_kind kind,
                  enum hrlp_task_function function, const char *format, ...)
    HRL_PRINTF(4, 5);

/* Whether anything of that kind was told. */
bool hrlp_found(const struct hrlp_findings *findings, enum hrlp_finding_kind kind);

/* "observe", ... */
const char *hrlp_function_name(enum hrlp_task_function function);

#endif
