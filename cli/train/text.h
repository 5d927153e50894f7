/* train/text.h - the lines that hrl-train prints for people. */
#ifndef CLI_TRAIN_TEXT_H
#define CLI_TRAIN_TEXT_H

#include <stdint.h>

#include <hrl/scenario.h>
#include <hrl/trainer.h>

void train_text_header(const char *scenario, const hrl_trainer_status *status,
                       const char *pretrained);
void train_text_progress(const hrl_progress *progress);
void train_text_stopped(const hrl_trainer_status *status);

/* Why a run ended early; nothing where all episodes are done. */
void train_text_completed(const hrl_event *event);

void train_text_evaluation(const hrl_evaluation *evaluation);

/* The files that lie in `output`, and the newest checkpoint where it is known. */
void train_text_saved(const char *output, const char *scenario, const char *checkpoint);

/* How the agents just written do beside the best constant share. Prints nothing where
 * that would take long. */
void train_text_comparison(const char *output, const hrl_scenario *scenario,
                           uint32_t threads);

/* Every known scenario with its description. Gives the exit code. */
int train_text_list(void);

#endif
