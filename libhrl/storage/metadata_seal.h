/* storage/metadata_seal.h - what metadata.json's writer and reader share. */
#ifndef HRLP_METADATA_SEAL_H
#define HRLP_METADATA_SEAL_H

#include <jansson.h>
#include <stdbool.h>

/* Figures of an episode among the recent ones, in the order of struct hrlp_episode. */
#define HRLP_EPISODE_FIGURES 12

/* A checksum of everything in the object but its `checksum`, in a form that does not
 * depend on layout. False where memory is short. */
bool hrlp_metadata_seal(const json_t *root, json_int_t *seal);

#endif
