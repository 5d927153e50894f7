/* api/pending.h - names of what is being made, and what became of what failed. */
#ifndef SERVE_API_PENDING_H
#define SERVE_API_PENDING_H

#include <hrl/scenario.h>
#include <pthread.h>
#include <stdbool.h>

/* What is being made, and the last that failed. */
#define PENDING_MAX 64

/* Why it failed: a status of HTTP (0: it did not), a word and a sentence. */
struct failure {
  unsigned status;
  const char *code;
  char message[HRL_ERROR_MESSAGE_SIZE];
};

/* Says that it failed; always false. */
bool failure_set(struct failure *failure, unsigned status, const char *code,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

struct pending {
  pthread_mutex_t lock; /* of what follows */
  struct pending_entry {
    char id[HRL_NAME_SIZE]; /* "" : free */
    bool is_on;
    struct failure failure;
  } entries[PENDING_MAX];
  size_t next; /* where a free place is looked for first */
};

void pending_begin(struct pending *pending);
void pending_end(struct pending *pending);

/* Gives the name number `copy`, from 1 on, of something. False: a file has it. */
typedef bool pending_name(const void *data, unsigned copy, char id[HRL_NAME_SIZE]);

/* Finds a name that is free, and keeps it until pending_release. False: too many are on.
 */
bool pending_reserve(struct pending *pending, pending_name *name, const void *data,
                     char id[HRL_NAME_SIZE]);
/* It has ended; one that failed is remembered for those who ask. */
void pending_release(struct pending *pending, const char *id,
                     const struct failure *failure);

/* A copy of what is known of something that is being made, or has failed of late; of
 * anything else an entry without id. To be asked before its files are looked for: they
 * are written before its name is given back, so that what is being made, or is there, is
 * never said to be absent. */
struct pending_entry pending_find(struct pending *pending, const char *id);

#endif
