/* trainer/ranks.h - what the ranks of a run agree upon. Without others, all of it is done
 * at once. */
#ifndef HRLP_RANKS_H
#define HRLP_RANKS_H

#include "trainer/state.h"

/* Makes the trainer's group from its options, and gives it to the pool. Ranks but the
 * first write nothing from then on. */
hrl_status hrlp_ranks_join(hrl_trainer *trainer, hrl_error *error);

/* At the beginning: that all have the same run, which gets rank 0's time. */
hrl_status hrlp_ranks_begin(hrl_trainer *trainer, hrl_error *error);

/* Between two units of work: checks that all ranks' agents are identical, and shares
 * requests to stop. */
hrl_status hrlp_ranks_agree(hrl_trainer *trainer, bool *stop, hrl_error *error);

/* At the end, after what only one rank does: that all came so far. */
hrl_status hrlp_ranks_end(hrl_trainer *trainer, hrl_error *error);

#endif
