/* storage/model.h - a trained pair as files beside each other:
 *
 *     FOLDER/NAME_high_agent.pt  NAME_low_agent.pt  NAME_history.json  NAME_metadata.json
 *
 * The last is a checkpoint's metadata.json and vouches for the others; loading does
 * without. Four files cannot be replaced in one step, so a set is first written as a
 * whole checkpoint folder FOLDER/.NAME_pending, which appears in one step. While that is
 * there, it is the model; then the four files are replaced one by one, and it goes in one
 * step. Whoever reads through here sees one whole set, the old one or the new one, also
 * after a kill or a full disk at any instant. Whoever reads the files alone may meet two
 * sets in that moment, and can tell by their identities (agent_file.h). */
#ifndef HRLP_MODEL_H
#define HRLP_MODEL_H

#include "storage/checkpoint.h"

/* Replaces the set. If that is interrupted, the set in FOLDER/.NAME_pending is valid, and
 * hrlp_model_settle completes the replacement. */
hrl_status hrlp_model_write(const char *folder, const char *name,
                            const struct hrlp_snapshot *snapshot, hrl_error *error);

/* Ends what an interrupted hrlp_model_write left. Only by the one writer of these. */
hrl_status hrlp_model_settle(const char *folder, const char *name, bool *settled,
                             hrl_error *error);

/* Where a model's files are: `folder` and the three names in it, malloc'ed. */
struct hrlp_model_place {
  bool is_checkpoint; /* a checkpoint folder, or a set that is pending */
  char *folder;
  char *names[HRLP_METADATA_FILES];
};

/* `model`: a name in ./models, a prefix FOLDER/NAME, or a checkpoint folder. Fails only
 * where memory is short: the files may be missing. */
/* FOLDER/NAME, malloc'ed; NULL: memory is short. */
char *hrlp_model_prefix(const char *model);
hrl_status hrlp_model_find(const char *model, struct hrlp_model_place *place,
                           hrl_error *error);
void hrlp_model_place_free(struct hrlp_model_place *place);

#endif
