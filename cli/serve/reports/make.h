/* reports/make.h - makes the report of a stored simulation. */
#ifndef SERVE_REPORTS_MAKE_H
#define SERVE_REPORTS_MAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "serve/simulation/order.h"

/* What is wanted; texts are the request's. */
struct report_wish {
  bool is_pdf;
  unsigned parts;      /* enum report_part; 0: all */
  const char *title;   /* NULL: a standard one */
  const char *created; /* when, as text */
};

/* The report of `results`, a simulation's, as a text that was made by malloc. What was
 * played is played again beside the best simple rule and the optimum, if its pair and its
 * household are still there and go together; otherwise it tells what was stored, and why.
 * Errors: HRL_ERROR_MEMORY. */
hrl_status report_make(const struct report_wish *wish, const json_t *results,
                       const struct order_places *places, char **text, size_t *length,
                       hrl_error *error);

#endif
