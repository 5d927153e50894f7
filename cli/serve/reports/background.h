/* reports/background.h - reports whose client does not wait. */
#ifndef SERVE_REPORTS_BACKGROUND_H
#define SERVE_REPORTS_BACKGROUND_H

#include "serve/reports/order.h"
#include "serve/reports/state.h"

/* Has a worker carry out an order whose id is reserved; at its end every client hears of
 * it. On the loop; takes what the order holds. False: too many wait, and the id is free
 * again. */
bool report_submit(struct reports *reports, struct report_order *order);

#endif
