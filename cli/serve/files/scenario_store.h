/* files/scenario_store.h - the scenarios that the service has: those of a folder of its
 * own, and those that it reads where the library looks for them. */
#ifndef SERVE_FILES_SCENARIO_STORE_H
#define SERVE_FILES_SCENARIO_STORE_H

#include <hrl/scenario.h>
#include <pthread.h>

#include "serve/files/folder.h"

#define SCENARIO_FILE_MAX ((size_t)1 << 20) /* what the library accepts */

struct scenario_store {
  char *folder;         /* what is written is in there */
  bool searches;        /* others are found where the library looks */
  pthread_mutex_t lock; /* of whoever reads in order to write */
};

/* `folder`: NULL: the first one that the library looks in, and others it finds. False:
 * memory is short. */
bool scenario_store_begin(struct scenario_store *store, const char *folder);
void scenario_store_end(struct scenario_store *store);

/* One scenario's file. */
struct scenario_file {
  struct file file;
  char name[FILE_NAME_SIZE]; /* of the file, in the store's folder */
  bool shipped;              /* it is elsewhere, and may only be read */
};

/* A name as clients give it, which may end as its file does, without that and safe to
 * make file names of. False: it is none; *error says why. */
bool scenario_name_read(const char *given, size_t length, char name[HRL_NAME_SIZE],
                        hrl_error *error);

/* 0 or a number of errno. Freed with free(found->file.text). */
int scenario_store_read(const struct scenario_store *store, const char *name,
                        struct scenario_file *found);

/* Loads one for playing it. *scenario is NULL where that fails; *missing: there is none
 * of that name, otherwise *error says what is wrong. */
bool scenario_store_load(const struct scenario_store *store, const char *name,
                         hrl_scenario **scenario, bool *missing, hrl_error *error);

/* All of them, the newest first. `name` of an entry is the scenario's. */
struct scenario_entry {
  char name[FILE_NAME_SIZE];
  size_t size;
  int64_t modified;
  bool shipped;
};
int scenario_store_list(const struct scenario_store *store,
                        struct scenario_entry **entries, size_t *count);

#endif
