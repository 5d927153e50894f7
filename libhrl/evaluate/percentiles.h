/* evaluate/percentiles.h - percentiles of every month. */
#ifndef HRLP_PERCENTILES_H
#define HRLP_PERCENTILES_H

#include <hrl/percentiles.h>

#include "evaluate/evaluate.h"

/* Bytes that months in hand may take; never less than one month. */
#define HRLP_PERCENTILES_MEMORY ((size_t)256 << 20)

/* Plays and tells `request->hear`. `result` receives the figures of the episodes, and
 * `returns` the strategic return of each; both may be NULL. HRL_ERROR_ARGUMENT for a bad
 * request. */
hrl_status hrlp_percentiles(const struct hrlp_player *player,
                            const hrl_evaluate_options *options, struct hrlp_pool *pool,
                            const hrl_percentiles_request *request, size_t memory,
                            hrl_evaluation *result, double *returns, hrl_error *error);

#endif
