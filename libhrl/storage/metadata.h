/* storage/metadata.h - metadata.json of a checkpoint folder. */
#ifndef HRLP_METADATA_H
#define HRLP_METADATA_H

#include "agents/agents.h"
#include "storage/run.h"

#define HRLP_METADATA_FORMAT 1
#define HRLP_METADATA_FILES 3

/* A file of the folder, as metadata.json vouches for it. */
struct hrlp_file_seal {
  const char *name; /* static */
  size_t bytes;
  uint32_t checksum; /* CRC-32 */
};

/* The JSON text; freed by the caller with hrlp_text_free. */
hrl_status hrlp_metadata_format(const struct hrl_scenario *scenario,
                                const struct hrlp_agents *agents,
                                const struct hrlp_run *run,
                                const struct hrlp_file_seal seals[HRLP_METADATA_FILES],
                                struct hrlp_text *json, hrl_error *error);

/* What metadata.json says. */
struct hrlp_metadata {
  char scenario[HRL_NAME_SIZE];
  char raw_name[HRLP_RAW_NAME_SIZE]; /* "" in files of 0.1, which do not say */
  struct hrlp_file_seal seals[HRLP_METADATA_FILES]; /* in: names; out: the rest */
  uint64_t updates, strategist_steps, executor_steps;
  struct hrlp_return_scale strategist_scale, executor_scale;
};

/* Reads metadata.json: into `metadata`, and into all of `run` but the entries of its
 * history. `file` names it in errors. */
hrl_status hrlp_metadata_parse(const char *file, const char *json, size_t length,
                               struct hrlp_metadata *metadata, struct hrlp_run *run,
                               hrl_error *error);

/* Only which run and scenario it belongs to, unchecked; false where it does not say. */
bool hrlp_metadata_run(const char *json, size_t length, uint64_t *seed,
                       char start_time[HRL_TIME_SIZE], char raw_name[HRLP_RAW_NAME_SIZE]);

/* Compares the outputs of `agents` with the example that metadata.json carries:
 * HRL_ERROR_MISMATCH where the weights are not those that it was written for. */
hrl_status hrlp_metadata_check_example(const char *file, const char *json, size_t length,
                                       const struct hrlp_agents *agents,
                                       hrl_error *error);

/* CRC-32 of some bytes. */
uint32_t hrlp_checksum(const void *bytes, size_t length);

#endif
