/* bad_checkpoint.h - a checkpoint, copies of it with a file changed, and that they are
 * refused. */
#ifndef TEST_BAD_CHECKPOINT_H
#define TEST_BAD_CHECKPOINT_H

#include "trial.h"

static const char *const names[] = {"high_agent.pt", "low_agent.pt",
                                    "training_history.json", "metadata.json"};

static hrl_trainer *trainer;
static hrl_trainer_status before;

/* "good" is a checkpoint inside a batch; `trainer` could load it. */
static void set_up(void) {
  enter_room();
  run_into("out", 12);
  ck_assert_int_eq(rename("out/checkpoints/trial/checkpoint_episode_12", "good"), 0);
  hrl_trainer_options options = short_run(40, NULL);
  trainer = make_trainer(&options);
  before = status_of(trainer);
}

/* Nothing that was refused has left a trace: the good one loads and trains. */
static void tear_down(void) {
  hrl_trainer_status after = status_of(trainer);
  ck_assert_mem_eq(&after, &before, sizeof after);
  OK(hrl_trainer_load(trainer, "good", &error));
  OK(hrl_trainer_save(trainer, "copy", &error));
  assert_same_file("good/high_agent.pt", "copy/high_agent.pt");
  assert_same_file("good/training_history.json", "copy/training_history.json");
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  leave_room();
}

/* A copy of the good checkpoint, "bad", with some bytes in place of one of its files. */
static void make_bad(const char *name, const char *data, size_t length) {
  remove_tree("bad");
  OK(hrlp_folder_create("bad", &error));
  for (size_t i = 0; i < 4; i++) {
    char from[64];
    char to[64];
    snprintf(from, sizeof from, "../good/%s", names[i]);
    snprintf(to, sizeof to, "bad/%s", names[i]);
    if (strcmp(name, names[i]) != 0) ck_assert_int_eq(symlink(from, to), 0);
    /* in place, without the sync that hrlp_file_write does: there are thousands */
    if (strcmp(name, names[i]) != 0 || data == NULL) continue;
    FILE *file = fopen(to, "wb");
    ck_assert_uint_eq(fwrite(data, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
  }
}

/* "bad" must be refused, and the message begin with the file's name. */
static void assert_refused(const char *name, const char *what) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrl_trainer_load(trainer, "bad", &error);
  ck_assert_msg(status != HRL_OK, "%s %s was loaded", name, what);
  ck_assert_int_eq(status, error.status);
  ck_assert_msg(status == HRL_ERROR_CORRUPT || status == HRL_ERROR_FORMAT ||
                    status == HRL_ERROR_VERSION || status == HRL_ERROR_MISMATCH ||
                    status == HRL_ERROR_NOT_FOUND || status == HRL_ERROR_IO,
                "%s %s: %s", name, what, error.message);
  char beginning[64];
  snprintf(beginning, sizeof beginning, "bad/%s", name);
  ck_assert_msg(strncmp(error.message, beginning, strlen(beginning)) == 0 ||
                    strncmp(error.message, "bad: is neither a checkpoint", 28) == 0,
                "%s %s: '%s'", name, what, error.message);
  ck_assert_ptr_null(strchr(error.message, '\n'));
  hrl_trainer_status after = status_of(trainer);
  ck_assert_mem_eq(&after, &before, sizeof after);
}

#endif
