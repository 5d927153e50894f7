/* trainer/output.h - the files of a run. All do nothing where there is no output folder.
 */
#ifndef HRLP_OUTPUT_H
#define HRLP_OUTPUT_H

#include "trainer/state.h"

/* Takes the folder's lock, and clears away what an interrupted run left. */
hrl_status hrlp_output_open(hrl_trainer *trainer, hrl_error *error);
void hrlp_output_close(hrl_trainer *trainer);

/* Begins the record of a part of the run, where it is asked for. Cannot fail: what goes
 * wrong is remarked upon. */
void hrlp_output_record(hrl_trainer *trainer);

/* Writes checkpoint_episode_N and, where `best`, checkpoint_best; notifies listeners;
 * removes what options.keep does not keep. */
hrl_status hrlp_output_checkpoint(hrl_trainer *trainer, bool best, hrl_error *error);

/* Writes the final model. */
hrl_status hrlp_output_finish(hrl_trainer *trainer, hrl_error *error);

/* "output/checkpoints/NAME/checkpoint_episode_N" for the present N; freed with free. */
char *hrlp_output_checkpoint_path(const hrl_trainer *trainer);

#endif
