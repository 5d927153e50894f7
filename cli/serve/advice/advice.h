/* advice/advice.h - answers POST /api/advice. */
#ifndef SERVE_ADVICE_ADVICE_H
#define SERVE_ADVICE_ADVICE_H

#include "serve/api/api.h"

/* `values` is the validated body. */
void advice_handle(struct api *api, struct request *request, json_t *values);

/* Households of one request: the one at hand, and others beside it. */
#define ADVICE_WHAT_IFS_MAX 6

/* Months of all futures of one household: 1,000 futures of two hundred years. */
#define ADVICE_MONTHS_MAX 2400000

#endif
