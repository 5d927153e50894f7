/* train/report.h - tells on standard output and standard error how a training goes. */
#ifndef CLI_TRAIN_REPORT_H
#define CLI_TRAIN_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <hrl/trainer.h>

#include "common/options.h"
#include "train/progress_bar.h"

enum train_form { TRAIN_FORM_TEXT, TRAIN_FORM_JSON, TRAIN_FORM_QUIET };

/* What is told how, and what was heard on the way. Written by the thread that trains,
 * read once it has ended. */
struct train_report {
  enum train_form form;
  const char
      *pretrained; /* the pair that the run begins from, as it is called, or NULL */
  uint64_t every;  /* episodes between two lines of text */
  struct progress_bar bar;
  bool bar_is_among_lines; /* standard output is that terminal too */
  uint64_t checkpoint_episode;
  bool end_is_in_checkpoint; /* of a completed run */
  char *checkpoint;          /* the newest that can be resumed from, or NULL */
  bool has_evaluation;
  hrl_evaluation evaluation; /* of the end */
  bool holds;                /* remarks are held back */
  char *held;                /* those, each with its line's end, or NULL */
};

/* Chooses the form from the options; one that does not speak is quiet. */
void train_report_begin(struct train_report *report, const struct command_line *line,
                        bool speaks);

/* The listener; `data` is the report. Stops the trainer once standard output is lost. */
void train_report_notify(const hrl_event *event, void *data);

/* The library's remarks; `data` is the report. */
void train_report_log(const char *message, void *data);

/* From now on remarks are held back, until it is known whether they are of use: `tell`
 * them then, or forget them. */
void train_report_hold(struct train_report *report);
void train_report_release(struct train_report *report, bool tell);

/* What a signal handler may write to standard error, static; NULL: nothing. A `shared`
 * run is not ended at once by a second signal. */
const char *train_report_announcement(const struct train_report *report, bool shared);

/* Tells a failure; `advice` follows the message on standard error. */
void train_report_failure(struct train_report *report, const hrl_error *error,
                          const char *advice);

/* Frees what was heard. */
void train_report_free(struct train_report *report);

#endif
