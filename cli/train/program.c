#include "train/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/memory.h>
#include <hrl/policy.h>
#include <hrl/scenario.h>
#include <hrl/trainer.h>

#include "common/console.h"
#include "common/pretrained.h"
#include "train/beginning.h"
#include "train/options.h"
#include "train/report.h"
#include "train/signals.h"
#include "train/text.h"

/* One run of the program. */
struct run {
  const struct train_program *program;
  const struct command_line *line;
  struct train_report report;
  hrl_error failure;  /* that prevented the start; HRL_OK: none, or already printed */
  const char *advice; /* static, follows it */
  bool tells;         /* of the ranks that cannot begin, this is the first */
  hrl_scenario *scenario;
  hrl_policy *pretrained; /* NULL: the run begins from nothing */
  hrl_trainer *trainer;
  const char *resumed; /* what --resume says, where a run was found there; or NULL */
  double min_improvement;
  double target;
};

/* Whether this process speaks for the run: it is alone, or rank 0. */
static bool speaks(const struct run *run) {
  const hrl_communicator *ranks = run->program->communicator;
  return ranks == NULL || ranks->rank == 0;
}

/* Before the run: what all ranks do at once, and most fail at alike. One will tell. */
static int refuse(struct run *run, const hrl_error *error, const char *advice,
                  int exit_code) {
  run->failure = *error;
  run->advice = advice;
  return exit_code;
}

/* --help, --version, --list. */
#define NOTHING_TO_DO (-1)

/* Whether all ranks can start: returns the exit code of the first that cannot, which
 * prints the reason. All ranks must call this. */
static int agree_to_begin(struct run *run, int exit_code) {
  const hrl_communicator *ranks = run->program->communicator;
  uint32_t own = ranks == NULL ? 0 : ranks->rank;
  uint32_t count = ranks == NULL ? 1 : ranks->ranks;
  uint32_t first = 0;
  int *codes = calloc(count, sizeof *codes);
  if (codes == NULL) {
    console_error("out of memory");
    if (ranks != NULL) ranks->give_up(ranks->data);
    return EXIT_FAILED;
  }
  codes[own] = exit_code;
  bool met = ranks == NULL || ranks->gather(ranks->data, codes, sizeof *codes) == 0;
  while (met && first < count && codes[first] == EXIT_DONE) first++;
  exit_code = !met ? EXIT_FAILED : first < count ? codes[first] : EXIT_DONE;
  free(codes);
  run->tells = first == own && exit_code != EXIT_DONE;
  if (run->tells && run->failure.status != HRL_OK)
    train_report_failure(&run->report, &run->failure, run->advice);
  return exit_code;
}

static int fail(struct run *run, const hrl_error *error, const char *advice,
                int exit_code) {
  const hrl_communicator *ranks = run->program->communicator;
  /* the rank that failed prints its error; one rank prints that all others end because of
   * it */
  if (error->status == HRL_ERROR_RANKS && !speaks(run)) return exit_code;
  if (ranks != NULL) ranks->give_up(ranks->data);
  train_report_failure(&run->report, error, advice);
  return exit_code;
}

static hrl_status create_trainer(struct run *run, hrl_error *error) {
  const struct option_value *values = run->line->values;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = values[TRAIN_EPISODES].number;
  options.seed = values[TRAIN_SEED].number;
  options.save_interval = values[TRAIN_SAVE_INTERVAL].number;
  options.eval_episodes = (uint32_t)values[TRAIN_EVAL_EPISODES].number;
  options.threads = (uint32_t)values[TRAIN_THREADS].number;
  options.keep = values[TRAIN_KEEP].number;
  options.output = values[TRAIN_OUTPUT].text;
#ifdef RECORDS_RUNS /* otherwise the library could only say that it cannot */
  options.record = !values[TRAIN_NO_RECORD].given;
#endif
  options.patience = (uint32_t)values[TRAIN_PATIENCE].number;
  options.min_improvement = run->min_improvement;
  options.min_episodes = values[TRAIN_MIN_EPISODES].number;
  options.has_target = values[TRAIN_TARGET].given;
  options.target = run->target;
  options.pretrained = run->pretrained;
  options.tensorboard = values[TRAIN_TENSORBOARD].text;
  options.communicator = run->program->communicator;
  if (speaks(run)) options.log = train_report_log;
  options.log_data = &run->report;
  hrl_status status = hrl_trainer_create(run->scenario, &options, &run->trainer, error);
  if (status == HRL_OK)
    status =
        hrl_trainer_add_listener(run->trainer, train_report_notify, &run->report, error);
  return status;
}

/* --resume auto: the latest run in the folder that this one would write to, or a new one.
 */
static hrl_status resume_latest(struct run *run, hrl_error *error) {
  const struct option_value *seed = &run->line->values[TRAIN_SEED];
  const uint64_t number = seed->number;
  int found = 0;
  hrl_status status = hrl_trainer_load_latest(
      run->trainer, NULL, seed->given ? &number : NULL, &found, error);
  if (status == HRL_OK && !found && speaks(run))
    console_error(
        "--resume auto: nothing to resume in %s/checkpoints/%s%s; the run starts anew",
        run->line->values[TRAIN_OUTPUT].text, hrl_scenario_name(run->scenario),
        seed->given ? " with this seed" : "");
  return status;
}

static hrl_status load(struct run *run, const char *folder, hrl_error *error) {
  return strcmp(folder, "auto") == 0 ? resume_latest(run, error)
                                     : hrl_trainer_load(run->trainer, folder, error);
}

/* Whether it is not known yet how the run to resume was started. One from scratch, as
 * those of 0.1 were, is resumed as such; that it does not match the default pretrained
 * model is no error then, and what was noted until then not true. */
static bool tries_pretrained(const struct run *run) {
  const struct option_value *values = run->line->values;
  return values[TRAIN_RESUME].given && run->pretrained != NULL &&
         !values[TRAIN_PRETRAINED].given;
}

/* Takes over the run of a checkpoint where --resume asks for one. Gives an exit code. */
static int resume(struct run *run) {
  const struct option_value *values = run->line->values;
  const char *folder = values[TRAIN_RESUME].text;
  if (folder == NULL) return EXIT_DONE;
  hrl_error error = HRL_ERROR_INIT;
  bool tries = tries_pretrained(run);
  hrl_status status = load(run, folder, &error);
  if (tries) train_report_release(&run->report, status == HRL_OK);
  if (status != HRL_OK && tries) {
    hrl_error problem = HRL_ERROR_INIT;
    hrl_policy_destroy(run->pretrained);
    hrl_trainer_destroy(run->trainer);
    run->pretrained = NULL;
    run->trainer = NULL;
    status = create_trainer(run, &problem);
    if (status == HRL_OK) status = load(run, folder, &problem);
    error = problem;
  }
  if (status == HRL_ERROR_NOT_FOUND || status == HRL_ERROR_FORMAT)
    return refuse(run, &error, "; omit --resume to start anew", EXIT_FAILED);
  if (status != HRL_OK) return refuse(run, &error, "", EXIT_FAILED);

  hrl_trainer_status now = {.size = sizeof now};
  hrl_trainer_get_status(run->trainer, &now);
  if (now.episode > 0) run->resumed = folder;
  if (values[TRAIN_SEED].given && values[TRAIN_SEED].number != now.seed) {
    if (speaks(run))
      console_error("--seed: the run to resume has seed %" PRIu64 ", not %" PRIu64
                    "; omit --seed",
                    now.seed, values[TRAIN_SEED].number);
    return EXIT_USAGE;
  }
  return EXIT_DONE;
}

/* How to go on with a run that ended early, to be put behind a message. Freed with free;
 * NULL: out of memory. */
static char *advise_to_go_on(const struct run *run) {
  /* a run that goes on and has saved nothing yet can go on from the same place again */
  const char *checkpoint =
      run->report.checkpoint != NULL ? run->report.checkpoint : run->resumed;
  if (checkpoint == NULL) return strdup("; there is no checkpoint to resume from");
  char *command = train_resume_command(run->line, run->program->resume, checkpoint);
  char *advice = NULL;
  if (command != NULL && asprintf(&advice, "; resume with: %s", command) < 0)
    advice = NULL;
  free(command);
  return advice;
}

static int conclude_stopped(struct run *run, int signal_number) {
  if (run->report.form == TRAIN_FORM_TEXT)
    train_text_saved(run->line->values[TRAIN_OUTPUT].text,
                     hrl_scenario_name(run->scenario), run->report.checkpoint);
  char *advice = advise_to_go_on(run);
  const char *how = advice != NULL ? advice : "";
  bool stdout_lost = !console_flush();
  if (stdout_lost && !console_reader_left()) {
    console_error("cannot write to standard output: %s; stopped and saved%s",
                  console_flush_reason(), how);
    console_forgive();
  } else {
    console_error("stopped and saved%s", how);
  }
  free(advice);
  return stdout_lost && signal_number == 0 ? EXIT_FAILED : 128 + signal_number;
}

static int conclude_completed(struct run *run) {
  const struct option_value *values = run->line->values;
  const struct train_report *report = &run->report;
  if (report->form == TRAIN_FORM_TEXT) {
    if (report->has_evaluation) train_text_evaluation(&report->evaluation);
    /* a comparison that nobody reads is not made */
    if (console_flush())
      train_text_comparison(values[TRAIN_OUTPUT].text, run->scenario,
                            (uint32_t)values[TRAIN_THREADS].number);
    train_text_saved(values[TRAIN_OUTPUT].text, hrl_scenario_name(run->scenario),
                     report->checkpoint);
  }
  if (report->end_is_in_checkpoint) return EXIT_DONE;
  console_error(
      "the trained agents are saved in %s, but the last checkpoint is not; free space "
      "there and continue with --resume auto",
      values[TRAIN_OUTPUT].text);
  return EXIT_FAILED;
}

/* Trains to the end, whatever it is. */
static int train(struct run *run) {
  hrl_error error = HRL_ERROR_INIT;
  bool shared = run->program->communicator != NULL;
  train_signals_watch(run->trainer, train_report_announcement(&run->report, shared),
                      shared);
  hrl_status status = hrl_trainer_start(run->trainer, &error);
  bool started = status == HRL_OK;
  if (started) status = hrl_trainer_wait(run->trainer, &error);
  int signal_number = train_signals_end();
  if (!started) {
    bool is_place = status == HRL_ERROR_IO || status == HRL_ERROR_LOCKED ||
                    status == HRL_ERROR_NOT_FOUND;
    return fail(run, &error, is_place ? "; choose another folder with --output" : "",
                EXIT_FAILED);
  }
  if (status != HRL_OK) {
    char *advice = advise_to_go_on(run);
    fail(run, &error, advice != NULL ? advice : "", EXIT_FAILED);
    free(advice);
    return EXIT_FAILED;
  }
  hrl_trainer_status end = {.size = sizeof end};
  hrl_trainer_get_status(run->trainer, &end);
  if (!speaks(run)) return EXIT_DONE;
  if (end.state == HRL_TRAINER_STOPPED) return conclude_stopped(run, signal_number);
  return conclude_completed(run);
}

/* All that comes before the run. */
static int prepare(struct run *run) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrl_scenario_load(run->line->arguments[0], &run->scenario, &error);
  if (status != HRL_OK)
    return refuse(run, &error, "", status == HRL_ERROR_MEMORY ? EXIT_FAILED : EXIT_USAGE);
  if (!run->line->values[TRAIN_QUIET].given && speaks(run))
    console_notes(hrl_scenario_remarks(run->scenario));
  char *note = NULL;
  status = beginning_choose(run->line, run->scenario, &run->pretrained, &note, &error);
  if (note != NULL && speaks(run)) train_report_log(note, &run->report);
  hrl_free(note);
  if (status != HRL_OK)
    return refuse(run, &error, "; use --pretrained none to start from scratch",
                  EXIT_FAILED);
  if (tries_pretrained(run)) train_report_hold(&run->report);
  status = create_trainer(run, &error);
  const struct option_value *named = &run->line->values[TRAIN_PRETRAINED];
  if (run->pretrained != NULL) /* which creating may have left out */
    run->report.pretrained = named->given ? named->text : GENERALIST;
  if (status != HRL_OK)
    return refuse(run, &error, "",
                  status == HRL_ERROR_NUMERIC || status == HRL_ERROR_ARGUMENT
                      ? EXIT_USAGE
                      : EXIT_FAILED);
  return resume(run);
}

/* Reads the command line. False: nothing else to do, with *exit_code; messages were
 * printed. */
static bool read_line(const struct train_program *program, int argc, char **argv,
                      struct command_line *line, struct run *run, int *exit_code) {
  struct command command = train_command;
  command.program = program->name;
  if (!options_parse(&command, argc, argv, line, exit_code)) return false;
  *exit_code = EXIT_USAGE;
  if (line->values[TRAIN_LIST].given) {
    *exit_code = train_text_list();
    return false;
  }
  if (line->arguments[0] == NULL) {
    console_error(
        "SCENARIO is missing; 'hrl-train --list' shows known scenarios, 'hrl-train "
        "--help' the options");
    return false;
  }
  run->min_improvement = HRL_MIN_IMPROVEMENT_DEFAULT;
  return (!line->values[TRAIN_MIN_IMPROVEMENT].given ||
          train_number(line, TRAIN_MIN_IMPROVEMENT, &run->min_improvement)) &&
         (!line->values[TRAIN_TARGET].given ||
          train_number(line, TRAIN_TARGET, &run->target));
}

int train_program_run(const struct train_program *program, int argc, char **argv) {
  console_begin(program->voice);
  struct command_line line;
  struct run run = {.program = program, .line = &line};
  int exit_code = EXIT_DONE;
  console_silence(!speaks(&run)); /* what was typed is mostly the same on all ranks */
  bool goes_on = read_line(program, argc, argv, &line, &run, &exit_code);
  console_silence(false);
  if (goes_on) {
    train_report_begin(&run.report, &line, speaks(&run));
    exit_code = prepare(&run);
  } else if (exit_code == EXIT_DONE) {
    exit_code = NOTHING_TO_DO;
  }
  exit_code = agree_to_begin(&run, exit_code);
  if (exit_code == EXIT_DONE)
    exit_code = train(&run);
  else if (exit_code == NOTHING_TO_DO)
    exit_code = EXIT_DONE;
  else if (run.tells && !goes_on && !speaks(&run))
    read_line(program, argc, argv, &line, &run, &exit_code); /* now it is told */
  hrl_trainer_destroy(run.trainer);
  hrl_policy_destroy(run.pretrained);
  hrl_scenario_destroy(run.scenario);
  train_report_free(&run.report);
  return console_end(exit_code);
}
