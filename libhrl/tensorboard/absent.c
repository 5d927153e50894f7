/* Event files in a library that was built without protobuf-c: they are refused. */
#include "tensorboard/tensorboard.h"

bool hrlp_tensorboard_exists(void) { return false; }

hrl_status hrlp_tensorboard_create(const char *folder, uint64_t episode,
                                   const char *configuration,
                                   struct hrlp_tensorboard **board, hrl_error *error) {
  (void)folder, (void)episode, (void)configuration;
  *board = NULL;
  return hrlp_fail(error, HRL_ERROR_STATE, "built without TensorBoard's event files");
}

hrl_status hrlp_tensorboard_write(struct hrlp_tensorboard *board, uint64_t episode,
                                  const struct hrlp_scalar *scalars, size_t count,
                                  hrl_error *error) {
  (void)board, (void)episode, (void)scalars, (void)count, (void)error;
  return HRL_OK;
}

hrl_status hrlp_tensorboard_sync(struct hrlp_tensorboard *board, hrl_error *error) {
  (void)board, (void)error;
  return HRL_OK;
}

void hrlp_tensorboard_destroy(struct hrlp_tensorboard *board) { (void)board; }
