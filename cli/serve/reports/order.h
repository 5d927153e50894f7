/* reports/order.h - one report that was asked for: made, and kept under a name of its
 * own. */
#ifndef SERVE_REPORTS_ORDER_H
#define SERVE_REPORTS_ORDER_H

#include <jansson.h>

#include "serve/api/pending.h"
#include "serve/simulation/order.h"

/* What is said of a report is in a file beside it. */
#define REPORT_METADATA_ENDING "_metadata.json"
#define REPORT_NAME_SIZE (HRL_NAME_SIZE + 16)

struct report_order {
  char id[HRL_NAME_SIZE]; /* the report's */
  char simulation[RESULT_ID_SIZE];
  json_t *values; /* a copy of the request's body */
  struct failure failure;
};

/* Takes what a request says. False: it failed. To be ended either way. */
bool report_order_begin(struct report_order *order, const json_t *values);
void report_order_end(struct report_order *order);

/* "html" or "pdf". */
const char *report_order_type(const struct report_order *order);

/* Whether there is a simulation to make it of. False: it failed. */
bool report_order_check(struct report_order *order, const struct order_places *places);

/* Gives it an id that no file and no other report has, until that is released. False: too
 * many are on. */
bool report_order_reserve(struct report_order *order, struct pending *pending,
                          const char *folder);

/* Makes it and writes both of its files: what is said of it; NULL: it failed, and neither
 * is there. */
json_t *report_order_carry_out(struct report_order *order,
                               const struct order_places *places, const char *folder);

#endif
