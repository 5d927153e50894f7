/* hrl/error.h - how every function of libhrl reports what went wrong.
 *
 * Every function that can fail returns an hrl_status: 0 (HRL_OK) means success. Many
 * also take an `hrl_error *error` as their last argument. It is owned by the caller,
 * may be NULL, and is written only on failure. The first error wins: an hrl_error that
 * already holds one is left as it is, so a sequence of calls can share one.
 *
 *     hrl_error error = HRL_ERROR_INIT;
 *     if (hrl_scenario_load("bologna_coppia", &scenario, &error) != HRL_OK)
 *       fprintf(stderr, "%s\n", error.message);
 *
 * The library never exits, aborts or prints.
 */
#ifndef HRL_ERROR_H
#define HRL_ERROR_H

#include <hrl/export.h>

HRL_BEGIN_DECLS

/** All status codes: X(name, value, text). Values never change; gaps are
 *  left so that related codes can be added beside each other. */
#define HRL_STATUS_TABLE(X)                                              \
  X(HRL_OK, 0, "success")                                                \
  /* the caller */                                                       \
  X(HRL_ERROR_ARGUMENT, 10, "invalid argument")                          \
  X(HRL_ERROR_STATE, 11, "not possible in this state")                   \
  /* the machine */                                                      \
  X(HRL_ERROR_MEMORY, 20, "out of memory")                               \
  X(HRL_ERROR_THREAD, 21, "thread could not be created")                 \
  X(HRL_ERROR_IO, 22, "input or output failed")                          \
  X(HRL_ERROR_NOT_FOUND, 23, "not found")                                \
  X(HRL_ERROR_LOCKED, 24, "in use by another run")                       \
  X(HRL_ERROR_RANKS, 25, "another rank has failed or cannot be reached") \
  /* what a file says */                                                 \
  X(HRL_ERROR_SYNTAX, 30, "malformed text")                              \
  X(HRL_ERROR_KEY, 31, "unknown, duplicate or missing key")              \
  X(HRL_ERROR_TYPE, 32, "value of the wrong type")                       \
  X(HRL_ERROR_RANGE, 33, "value out of bounds")                          \
  X(HRL_ERROR_LIMIT, 34, "larger than the library accepts")              \
  /* stored runs and models */                                           \
  X(HRL_ERROR_FORMAT, 40, "not a file of the expected format")           \
  X(HRL_ERROR_CORRUPT, 41, "damaged file")                               \
  X(HRL_ERROR_VERSION, 42, "written by a newer version")                 \
  X(HRL_ERROR_MISMATCH, 43, "belongs to something else")                 \
  /* numbers */                                                          \
  X(HRL_ERROR_NUMERIC, 50, "a computed number is not finite")            \
  /* what a program brings along */                                      \
  X(HRL_ERROR_TASK, 60, "a program's own task has failed")

/** Status codes; see HRL_STATUS_TABLE for their values and texts. */
typedef enum hrl_status {
#define HRL_STATUS_ENUM(name, value, text) name = (value),
  HRL_STATUS_TABLE(HRL_STATUS_ENUM)
#undef HRL_STATUS_ENUM
} hrl_status;

/** Room for a message, terminating zero included. Longer messages are cut. */
#define HRL_ERROR_MESSAGE_SIZE 1024
/** Room for a file name, terminating zero included. Longer names keep their end. */
#define HRL_ERROR_FILE_SIZE 512

/** What went wrong and where. The layout is frozen. */
typedef struct hrl_error {
  hrl_status status;              /**< HRL_OK while no error is held. */
  int line;                       /**< 1-based line in `file`, 0 where there is none. */
  int column;                     /**< 1-based column in `file`, 0 where there is none. */
  char file[HRL_ERROR_FILE_SIZE]; /**< File concerned, or "". */
  char message[HRL_ERROR_MESSAGE_SIZE]; /**< One line: place, what was found, what was
                                           expected, what to do. Ready to print. */
} hrl_error;

/** Initialiser: an hrl_error that holds nothing. */
#define HRL_ERROR_INIT \
  { HRL_OK, 0, 0, "", "" }

/** Empties `error` so that it can take the next one. NULL is ignored. */
HRL_API void hrl_error_clear(hrl_error *error);

/** Name of a status, such as "HRL_ERROR_RANGE"; "HRL_ERROR_UNKNOWN" for other values.
 *  The text is static. */
HRL_API const char *hrl_status_name(hrl_status status);

/** One short English phrase for a status. The text is static. */
HRL_API const char *hrl_status_text(hrl_status status);

HRL_END_DECLS

#endif
