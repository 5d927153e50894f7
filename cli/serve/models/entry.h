/* models/entry.h - a trained pair as its files are. */
#ifndef SERVE_MODELS_ENTRY_H
#define SERVE_MODELS_ENTRY_H

#include <hrl/scenario.h>
#include <stdbool.h>
#include <stdint.h>

/* The files of a pair, which begin with its name; the first two make it one. */
enum model_file { MODEL_HIGH, MODEL_LOW, MODEL_HISTORY, MODEL_METADATA, MODEL_FILES };
#define MODEL_ENDING_SIZE 20
extern const char *const model_endings[MODEL_FILES];

/* One pair as its files are. */
struct model_entry {
  char name[HRL_NAME_SIZE];
  const char *folder; /* the store's */
  bool shipped;
  struct {
    bool present;
    size_t size;
    int64_t modified;
  } files[MODEL_FILES];
  int64_t trained; /* when the newer one of the two was written */
};

#endif
