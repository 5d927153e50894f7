/* trial.h - what the tests of trainers, checkpoints and policies share: a folder of their
 * own, a small household that trains in milliseconds, and comparing what runs leave. */
#ifndef TEST_TRIAL_H
#define TEST_TRIAL_H

#include "suite.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hrl/hrl.h>

#include "base/file.h"

#define OK(call)                                                     \
  do {                                                               \
    hrl_error error = HRL_ERROR_INIT;                                \
    ck_assert_msg((call) == HRL_OK, "%s: %s", #call, error.message); \
    ck_assert_int_eq(error.status, HRL_OK);                          \
  } while (0)

/* `call` must fail with this status and a message that holds this text. */
#define FAILS(call, expected, text)                                                  \
  do {                                                                               \
    hrl_error error = HRL_ERROR_INIT;                                                \
    hrl_status found = (call);                                                       \
    ck_assert_msg(found == (expected), "%s: %s: %s", #call, hrl_status_name(found),  \
                  error.message);                                                    \
    ck_assert_int_eq(error.status, expected);                                        \
    ck_assert_msg(strstr(error.message, text) != NULL, "%s: '%s' lacks '%s'", #call, \
                  error.message, text);                                              \
  } while (0)

/* ---- a folder of the test's own, which it runs in ---- */

extern char trial_room[64];

void enter_room(void);

void remove_tree(const char *path);

void leave_room(void);

/* ---- a household ---- */

extern const char trial_yaml[];

hrl_scenario *make_scenario(void);

/* The household with one key changed. */
hrl_scenario *make_other(const char *key, double value);

/* ---- trainers ---- */

/* Options for short runs: a save point every 10 episodes, one thread. */
hrl_trainer_options short_run(uint64_t episodes, const char *output);

hrl_trainer *make_trainer(const hrl_trainer_options *options);

/* Steps until the run has ended. */
void step_to_end(hrl_trainer *trainer);

/* A whole run into `output`. */
void run_into(const char *output, uint64_t episodes);

hrl_trainer_status status_of(const hrl_trainer *trainer);

/* ---- what lies in folders ---- */

char *read_whole(const char *path, size_t *length);

void assert_same_file(const char *a, const char *b);

bool same_file(const char *a, const char *b);

/* metadata.json but for the lines that tell times, and the checksum over them. */
char *read_timeless(const char *path);

/* Two checkpoint folders hold the same moment of the same run. */
void assert_same_checkpoint(const char *a, const char *b);

/* Two output folders hold the same model and the same checkpoint of `episode`. */
void assert_same_output(const char *a, const char *b, uint64_t episode);

bool exists(const char *path);

/* ---- remarks ---- */

/* Pass remember_remark as `log` and one of these as `log_data`. */
struct remarks {
  char text[8192];
};

void remember_remark(const char *message, void *data);

/* Whether `text` was among them so far; others may be made meanwhile. */
bool was_remarked(const struct remarks *remarks, const char *text);

#endif
