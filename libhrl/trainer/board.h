/* trainer/board.h - what TensorBoard is shown of a run. All do nothing where
 * options.tensorboard is NULL. What goes wrong is remarked upon once, and is no failure
 * of the run. */
#ifndef HRLP_BOARD_H
#define HRLP_BOARD_H

#include "trainer/state.h"

/* Takes a copy of the folder's name. */
hrl_status hrlp_board_prepare(hrl_trainer *trainer, hrl_error *error);

/* A part of the run begins. */
void hrlp_board_begin(hrl_trainer *trainer);

void hrlp_board_progressed(hrl_trainer *trainer, const hrl_progress *progress);
void hrlp_board_evaluated(hrl_trainer *trainer, const hrl_evaluation *evaluation);

/* Both agents have learned. */
void hrlp_board_learned(hrl_trainer *trainer, const struct hrlp_update_report *report);

void hrlp_board_end(hrl_trainer *trainer);

#endif
