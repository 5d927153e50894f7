/* fuzz.h - what the fuzz targets share.
 *
 * A target is one file with one function. Linked with libFuzzer it hunts for inputs that
 * break a promise; linked with replay.c it is a plain program that tries the inputs of
 * corpus/NAME again, which is what `make check` runs. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/error.h>

#include "base/text.h"
#include "storage/value.h"

/* The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the code under test. abort and not assert: libFuzzer keeps the input of a
 * process that dies of a signal, and NDEBUG must not remove it. */
#define PROMISE(condition)                                                            \
  do {                                                                                \
    if (!(condition)) {                                                               \
      fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                        \
    }                                                                                 \
  } while (0)

/* What every function of the library promises about its error, whatever was read: it
 * holds what was returned, and one line of UTF-8 that can be printed. */
static inline void promise_error(hrl_status status, const hrl_error *error) {
  PROMISE(status == error->status);
  PROMISE((status == HRL_OK) == (error->message[0] == '\0'));
  PROMISE(memchr(error->message, '\0', sizeof error->message) != NULL);
  for (const char *c = error->message; *c != '\0'; c++)
    PROMISE((unsigned char)*c >= 0x20 && *c != 0x7f);
  PROMISE(hrlp_is_text(error->message, strlen(error->message)));
  /* nothing that is read makes memory run out: the bounds are far below what there is */
  PROMISE(status != HRL_ERROR_MEMORY);
}

#endif
