#include "train/report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/console.h"
#include "train/json.h"
#include "train/options.h"
#include "train/text.h"

void train_report_begin(struct train_report *report, const struct command_line *line,
                        bool speaks) {
  *report = (struct train_report){.every = line->values[TRAIN_PROGRESS_EVERY].number};
  if (line->values[TRAIN_QUIET].given || !speaks)
    report->form = TRAIN_FORM_QUIET;
  else if (line->values[TRAIN_JSON].given)
    report->form = TRAIN_FORM_JSON;
  report->bar_is_among_lines = isatty(STDOUT_FILENO);
  /* one line for every episode leaves no room for a bar between them */
  bool crowded = report->form == TRAIN_FORM_JSON && report->bar_is_among_lines;
  if (report->form != TRAIN_FORM_QUIET && !crowded) progress_bar_enable(&report->bar);
}

/* The best one so far may be older than where the run stands. */
static bool is_best_checkpoint(const char *path) {
  const char *slash = strrchr(path, '/');
  return strcmp(slash != NULL ? slash + 1 : path, "checkpoint_best") == 0;
}

/* Keeps what is needed once the run has ended. */
static void take_note(struct train_report *report, const hrl_event *event) {
  if (event->path != NULL && !is_best_checkpoint(event->path)) {
    free(report->checkpoint);
    report->checkpoint = strdup(event->path);
    report->checkpoint_episode = event->episode;
  }
  if (event->type != HRL_EVENT_COMPLETED) return;
  report->end_is_in_checkpoint = report->checkpoint_episode == event->episode;
  report->has_evaluation = event->evaluation != NULL;
  if (report->has_evaluation) report->evaluation = *event->evaluation;
}

static bool has_line(const struct train_report *report, const hrl_progress *progress) {
  return progress->episode % report->every == 0 ||
         progress->episode == progress->total_episodes;
}

static void print_text(struct train_report *report, const hrl_event *event) {
  hrl_trainer_status status = {.size = sizeof status};
  hrl_trainer_get_status(event->trainer, &status);
  if (event->type == HRL_EVENT_STARTED) {
    train_text_header(event->scenario, &status, report->pretrained);
  } else if (event->type == HRL_EVENT_PROGRESS && has_line(report, event->progress)) {
    if (report->bar_is_among_lines) progress_bar_hide(&report->bar);
    train_text_progress(event->progress);
  } else if (event->type == HRL_EVENT_STOPPED) {
    train_text_stopped(&status);
  } else if (event->type == HRL_EVENT_COMPLETED) {
    train_text_completed(event);
  }
}

static void move_bar(struct progress_bar *bar, const hrl_event *event) {
  switch (event->type) {
    case HRL_EVENT_STARTED:
      progress_bar_begin(bar, event->episode);
      break;
    case HRL_EVENT_PROGRESS:
      progress_bar_draw(bar, event->episode, event->total_episodes);
      break;
    case HRL_EVENT_COMPLETED:
    case HRL_EVENT_STOPPED:
    case HRL_EVENT_ERROR:
    case HRL_EVENT_PAUSED:
      progress_bar_hide(bar);
      break;
    case HRL_EVENT_CHECKPOINT:
    case HRL_EVENT_EVALUATED:
    case HRL_EVENT_RESUMED:
      break;
  }
}

void train_report_notify(const hrl_event *event, void *data) {
  struct train_report *report = data;
  take_note(report, event);
  bool is_last = event->type == HRL_EVENT_COMPLETED || event->type == HRL_EVENT_STOPPED ||
                 event->type == HRL_EVENT_ERROR;
  if (is_last) move_bar(&report->bar, event);
  if (report->form == TRAIN_FORM_TEXT) print_text(report, event);
  if (report->form == TRAIN_FORM_JSON) train_json_event(event);
  /* Line by line, for whoever reads along; without a reader there is no point in going
   * on, and what was trained is saved by stopping. */
  if (!console_flush()) hrl_trainer_stop(event->trainer);
  if (!is_last) move_bar(&report->bar, event);
  if (event->type == HRL_EVENT_PAUSED) {
    /* all threads stop here, until the shell's fg or bg; a signal for the process, not
     * for this thread, could stop it a moment later, when the run already goes on */
    raise(SIGSTOP);
    hrl_trainer_resume(event->trainer);
  }
}

/* Keeps a remark; false: there is no memory. */
static bool hold(struct train_report *report, const char *message) {
  const char *before = report->held != NULL ? report->held : "";
  char *held = NULL;
  if (asprintf(&held, "%s%s\n", before, message) < 0) return false;
  free(report->held);
  report->held = held;
  return true;
}

void train_report_log(const char *message, void *data) {
  struct train_report *report = data;
  if (report->form == TRAIN_FORM_QUIET) return;
  if (report->holds && hold(report, message)) return;
  progress_bar_hide(&report->bar);
  console_error("note: %s", message);
}

void train_report_hold(struct train_report *report) { report->holds = true; }

void train_report_release(struct train_report *report, bool tell) {
  char *rest = report->held;
  char *line;
  report->holds = false;
  while (tell && (line = strsep(&rest, "\n")) != NULL)
    if (line[0] != '\0') train_report_log(line, report);
  free(report->held);
  report->held = NULL;
}

const char *train_report_announcement(const struct train_report *report, bool shared) {
#define CLEAR_THE_BAR "\r\033[K"
  static const char alone[] = CLEAR_THE_BAR
      "hrl-train: stopping after the current batch; a second signal exits at once\n";
  static const char together[] =
      CLEAR_THE_BAR "hrl-train-mpi: stopping on all ranks after the current batch\n";
  const char *text = shared ? together : alone;
  if (report->form == TRAIN_FORM_QUIET) return NULL;
  return report->bar.enabled ? text : text + strlen(CLEAR_THE_BAR);
}

void train_report_failure(struct train_report *report, const hrl_error *error,
                          const char *advice) {
  progress_bar_hide(&report->bar);
  if (report->form == TRAIN_FORM_JSON) train_json_error(error->status, error->message);
  console_flush();
  console_error("%s%s", error->message, advice);
}

void train_report_free(struct train_report *report) {
  free(report->checkpoint);
  free(report->held);
}
