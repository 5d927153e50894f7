/* reports/background.h - reports whose client does not wait. */
#ifndef SERVE_REPORTS_BACKGROUND_H
#define SERVE_REPORTS_BACKGROUND_H

#include "serve/reports/order.h"
#include "serve/reports/state.h"

/* Passes an order with a reserved id to a worker; every client is notified at the end.
 * Call on the loop; takes ownership of the order's contents. False: too many orders wait,
 * and the id is released. */
bool report_submit(struct reports *reports, struct report_order *order);

#endif
