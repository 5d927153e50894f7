/* tensorboard/tensorboard.h - event files for TensorBoard: scalars over episodes, and a
 * text.
 *
 * A file only grows, by whole records in one write each, so that whoever reads it meets
 * at most one that is cut off, at its end, which readers expect. A run that is gone on
 * with has one file for each part; each begins with a mark by which readers drop what an
 * earlier part wrote of later episodes. */
#ifndef HRLP_TENSORBOARD_H
#define HRLP_TENSORBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct hrlp_tensorboard;

struct hrlp_scalar {
  const char *tag; /* "group/name" */
  double value;    /* left out where it is not finite */
};

/* Whether the library was built with it. */
bool hrlp_tensorboard_exists(void);

/* Makes the folder where it is missing, and a new file in it, for episodes after
 * `episode`. `configuration` is text of the run. *board is NULL after a failure. */
hrl_status hrlp_tensorboard_create(const char *folder, uint64_t episode,
                                   const char *configuration,
                                   struct hrlp_tensorboard **board, hrl_error *error);

/* Appends scalars of one moment. */
hrl_status hrlp_tensorboard_write(struct hrlp_tensorboard *board, uint64_t episode,
                                  const struct hrlp_scalar *scalars, size_t count,
                                  hrl_error *error);

/* Has what was appended on disk. */
hrl_status hrlp_tensorboard_sync(struct hrlp_tensorboard *board, hrl_error *error);

/* Closes. NULL is ignored. */
void hrlp_tensorboard_destroy(struct hrlp_tensorboard *board);

#endif
