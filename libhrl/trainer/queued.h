/* trainer/queued.h - what a queue does to a trainer before it starts it. */
#ifndef HRLP_TRAINER_QUEUED_H
#define HRLP_TRAINER_QUEUED_H

#include <hrl/trainer.h>

#include "base/error.h"

/* The run is recorded in `folder`, where its number is `id`, wherever its files are. */
hrl_status hrlp_trainer_enter(hrl_trainer *trainer, const char *folder, int64_t id,
                              hrl_error *error);

/* Takes over the newest checkpoint of the trainer's own folder that has its seed and
 * `start_time` (NULL: any); where there is none, it begins anew. */
hrl_status hrlp_trainer_load_own(hrl_trainer *trainer, const char *start_time,
                                 hrl_error *error);

#endif
