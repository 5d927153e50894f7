#include "trainer/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/memory.h>

#include "base/memory.h"
#include "base/text.h"
#include "tensorboard/tensorboard.h"

/* Points of a curve, in a whole run; a picture shows no more. */
#define POINTS 2000

hrl_status hrlp_board_prepare(hrl_trainer *trainer, hrl_error *error) {
  const char *folder = trainer->options.tensorboard;
  if (folder == NULL) return HRL_OK;
  if (folder[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "tensorboard: found an empty name, expected a folder or NULL");
  if (!hrlp_tensorboard_exists())
    return hrlp_fail(error, HRL_ERROR_STATE,
                     "tensorboard: this library was built without event files; build it "
                     "with -Dtensorboard=enabled, which needs protobuf-c");
  trainer->tensorboard = hrlp_copy_text(folder);
  trainer->options.tensorboard = trainer->tensorboard;
  return trainer->tensorboard == NULL ? hrlp_fail_memory(error, "a folder's name")
                                      : HRL_OK;
}

static void check(hrl_trainer *trainer, hrl_status status, const hrl_error *problem) {
  if (status == HRL_OK) return;
  hrlp_trainer_log(trainer, "no more event files are written for TensorBoard: %s",
                   problem->message);
  hrlp_tensorboard_destroy(trainer->board);
  trainer->board = NULL;
}

/* "DIR/NAME_20261127T214829.402117": all parts of a run share it, since a run keeps the
 * moment when it first began. Runs begun in the same second are told apart. */
static char *name_folder(const hrl_trainer *trainer) {
  char moment[HRL_TIME_SIZE] = "";
  size_t length = 0;
  for (const char *c = trainer->run.start_time; *c != '\0'; c++)
    if (*c != '-' && *c != ':') moment[length++] = *c;
  char name[HRL_NAME_SIZE + HRL_TIME_SIZE];
  snprintf(name, sizeof name, "%s_%s", trainer->scenario->name, moment);
  return hrlp_path_join(trainer->tensorboard, name);
}

/* The run as Markdown. */
static void describe(const hrl_trainer *trainer, struct hrlp_text *text) {
  const hrl_trainer_options *options = &trainer->options;
  char *scenario = NULL;
  if (hrl_scenario_format(trainer->scenario, &scenario, NULL) != HRL_OK) {
    text->failed = true;
    return;
  }
  hrlp_text_format(text,
                   "| option | value |\n|---|---|\n| scenario | %s |\n| seed | %llu |\n"
                   "| episodes | %llu |\n| save_interval | %llu |\n"
                   "| eval_episodes | %u |\n| begun | %s |\n\n",
                   trainer->scenario->name, (unsigned long long)trainer->run.seed,
                   (unsigned long long)trainer->run.total_episodes,
                   (unsigned long long)options->save_interval,
                   (unsigned)options->eval_episodes, trainer->run.start_time);
  hrlp_text_format(text, "```yaml\n%s```\n", scenario);
  hrl_free(scenario);
}

void hrlp_board_begin(hrl_trainer *trainer) {
  if (trainer->tensorboard == NULL) return;
  hrlp_board_end(trainer); /* of an earlier part */
  hrl_error problem = HRL_ERROR_INIT;
  struct hrlp_text text = {0};
  char *folder = name_folder(trainer);
  describe(trainer, &text);
  hrl_status status = folder == NULL || text.failed
                          ? hrlp_fail_memory(&problem, "its configuration")
                          : hrlp_tensorboard_create(folder, trainer->run.episode,
                                                    text.data, &trainer->board, &problem);
  trainer->board_interval =
      trainer->run.total_episodes > POINTS ? trainer->run.total_episodes / POINTS : 1;
  trainer->board_next = trainer->run.episode + trainer->board_interval;
  trainer->board_learned = trainer->board_next;
  check(trainer, status, &problem);
  hrlp_text_free(&text);
  free(folder);
}

static void show(hrl_trainer *trainer, const struct hrlp_scalar *scalars, size_t count,
                 bool is_kept) {
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status = hrlp_tensorboard_write(trainer->board, trainer->run.episode,
                                             scalars, count, &problem);
  if (status == HRL_OK && is_kept)
    status = hrlp_tensorboard_sync(trainer->board, &problem);
  check(trainer, status, &problem);
}

void hrlp_board_progressed(hrl_trainer *trainer, const hrl_progress *progress) {
  if (trainer->board == NULL || progress->episode < trainer->board_next) return;
  trainer->board_next = progress->episode + trainer->board_interval;
  const struct hrlp_scalar scalars[] = {
      {"progress/avg_reward", progress->avg_reward},
      {"progress/avg_duration", progress->avg_duration},
      {"progress/avg_cash", progress->avg_cash},
      {"progress/avg_invested", progress->avg_invested},
      {"progress/stability", progress->stability},
      {"progress/goal_adherence", progress->goal_adherence},
      {"progress/elapsed_time", progress->elapsed_time}};
  show(trainer, scalars, sizeof scalars / sizeof *scalars, false);
}

void hrlp_board_evaluated(hrl_trainer *trainer, const hrl_evaluation *evaluation) {
  if (trainer->board == NULL) return;
  const struct hrlp_scalar scalars[] = {
      {"evaluation/strategic_return", evaluation->strategic_return},
      {"evaluation/strategic_return_stderr", evaluation->strategic_return_stderr},
      {"evaluation/reward", evaluation->reward},
      {"evaluation/months", evaluation->months},
      {"evaluation/solvent", evaluation->solvent},
      {"evaluation/stability", evaluation->stability},
      {"evaluation/final_cash", evaluation->final_cash},
      {"evaluation/invested", evaluation->invested},
      {"evaluation/wealth", evaluation->wealth},
      {"evaluation/goal_adherence", evaluation->goal_adherence},
      {"evaluation/certainty_equivalent", evaluation->certainty_equivalent},
      {"evaluation/consumption", evaluation->consumption},
      {"evaluation/rescued", evaluation->rescued}};
  /* as safe as the checkpoint that comes with it */
  show(trainer, scalars, sizeof scalars / sizeof *scalars, true);
}

void hrlp_board_learned(hrl_trainer *trainer, const struct hrlp_update_report *report) {
  uint64_t episode = trainer->run.episode;
  if (trainer->board == NULL || episode < trainer->board_learned) return;
  trainer->board_learned = episode + trainer->board_interval;
  const struct hrlp_ppo_report *strategist = &report->strategist;
  const struct hrlp_ppo_report *executor = &report->executor;
  const struct hrlp_scalar scalars[] = {
      {"strategist/loss", strategist->loss},
      {"strategist/policy_loss", strategist->policy_loss},
      {"strategist/value_loss", strategist->value_loss},
      {"strategist/entropy", strategist->entropy},
      {"strategist/divergence", strategist->divergence},
      {"strategist/clip_fraction", strategist->clip_fraction},
      {"executor/loss", executor->loss},
      {"executor/policy_loss", executor->policy_loss},
      {"executor/value_loss", executor->value_loss},
      {"executor/entropy", executor->entropy},
      {"executor/divergence", executor->divergence},
      {"executor/clip_fraction", executor->clip_fraction}};
  show(trainer, scalars, sizeof scalars / sizeof *scalars, false);
}

void hrlp_board_end(hrl_trainer *trainer) {
  if (trainer->board == NULL) return;
  hrl_error problem = HRL_ERROR_INIT;
  check(trainer, hrlp_tensorboard_sync(trainer->board, &problem), &problem);
  hrlp_tensorboard_destroy(trainer->board);
  trainer->board = NULL;
}
