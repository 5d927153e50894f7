/* advise/output.h - answers, printed. */
#ifndef CLI_ADVISE_OUTPUT_H
#define CLI_ADVISE_OUTPUT_H

#include <jansson.h>

#include "advise/advice.h"

/* One household that was asked about. */
struct answer {
  const char *label; /* "as it is", or what is otherwise */
  hrl_scenario *scenario;
  hrl_situation situation;
  struct advice advice;
};

/* What the answers are to. */
struct question {
  const char *model; /* as it was named */
  uint64_t seed;
};

/* The first answer in full, the others beside it. */
void advise_print_text(const struct question *question, const struct answer *answers,
                       size_t count);

/* One answer as an object; NULL: out of memory. */
json_t *advise_to_json(const struct question *question, const struct answer *answer);

#endif
