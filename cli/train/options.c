#include "train/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/console.h"

static const struct option_spec table[] = {
    [TRAIN_EPISODES] = {"episodes", "N", "total episodes to train",
                        "the scenario's training.num_episodes", 1, 1000000000},
    [TRAIN_SEED] = {"seed", "S", "seed of all random numbers", "0", 0, OPTION_NUMBER_MAX},
    [TRAIN_SAVE_INTERVAL] = {"save-interval", "N",
                             "episodes between checkpoints, each with an evaluation",
                             "100", 1, 1000000000},
    [TRAIN_EVAL_EPISODES] = {"eval-episodes", "N", "episodes per evaluation", "10", 1,
                             100000},
    [TRAIN_THREADS] = {"threads", "N", "threads to use; the result does not depend on it",
                       "one per processor", 1, 256},
    [TRAIN_OUTPUT] = {"output", "DIR", "output folder", "models", 0, 0},
    [TRAIN_KEEP] = {"keep", "K", "checkpoints to keep besides the best; 0 keeps all", "0",
                    0, 1000000000},
    [TRAIN_RESUME] =
        {"resume", "DIR",
         "resume from this checkpoint folder, or from the newest intact checkpoint in a "
         "folder of them; 'auto' looks where this run writes its own",
         NULL, 0, 0},
    [TRAIN_PRETRAINED] =
        {"pretrained", "MODEL",
         "start from the weights of this model; 'none' starts from scratch",
         "the generalist, if it is installed and knows the household", 0, 0},
    [TRAIN_PROGRESS_EVERY] = {"progress-every", "N", "episodes between lines of progress",
                              "10", 1, 1000000000},
    [TRAIN_NO_RECORD] = {"no-record", NULL,
                         "do not record the run in runs.db, which hrl-runs shows", NULL,
                         0, 0},
    [TRAIN_PATIENCE] = {"patience", "N",
                        "end early when the last N evaluations improved by less than "
                        "--min-improvement, with 95 % confidence",
                        NULL, 1, 1000},
    [TRAIN_MIN_IMPROVEMENT] =
        {"min-improvement", "X",
         "improvement of the strategic return that --patience requires",
         "0.1; on a household of the model lifecycle 0.001", 0, 0},
    [TRAIN_MIN_EPISODES] = {"min-episodes", "N",
                            "episodes before --patience or --target may end the run", "0",
                            0, 1000000000},
    [TRAIN_TARGET] = {"target", "X",
                      "end early when the strategic return of an evaluation reaches X",
                      NULL, 0, 0},
    [TRAIN_TENSORBOARD] = {"tensorboard", "DIR",
                           "write event files for TensorBoard below DIR", NULL, 0, 0},
    [TRAIN_JSON] = {"json", NULL, "print events as JSON, one object per line", NULL, 0,
                    0},
    [TRAIN_QUIET] = {"quiet", NULL, "print only errors", NULL, 0, 0},
    [TRAIN_LIST] = {"list", NULL, "list known scenarios and exit", NULL, 0, 0},
    OPTION_HELP_AND_VERSION,
};

const struct command train_command = {
    "hrl-train",
    "Trains the two agents of a household and writes them to files. SCENARIO describes "
    "the household: a name from --list, or a path that contains '/' or ends in .yaml or "
    ".yml.",
    "SCENARIO",
    1,
    table,
    sizeof table / sizeof table[0],
    "Examples:\n"
    "  hrl-train bologna_coppia --episodes 1000\n"
    "  hrl-train bologna_coppia --resume auto --episodes 2000\n"
    "\n"
    "Ctrl-C stops after the current batch, saves, and prints the command to resume;\n"
    "a second Ctrl-C exits at once. Exit code: 0 success, 1 failure, 2 wrong usage\n"
    "or invalid scenario, 130 stopped by Ctrl-C.\n"
    "More: man hrl-train, man 5 hrl-scenario\n",
};

bool train_number(const struct command_line *line, enum train_option option,
                  double *number) {
  const char *text = line->values[option].text;
  char *end = NULL;
  *number = strtod(text, &end);
  bool is_number = end != text && *end == '\0' && isfinite(*number) &&
                   text[strspn(text, "0123456789.eE+-")] == '\0' &&
                   (option == TRAIN_TARGET || *number >= 0.0);
  if (!is_number)
    console_error("--%s: '%s' is not a number%s", table[option].name, text,
                  option == TRAIN_TARGET ? "" : " of at least 0");
  return is_number;
}

/* Text as one word of a shell command. */
static void put_word(FILE *stream, const char *text) {
  static const char plain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:+@%=";
  if (*text != '\0' && text[strspn(text, plain)] == '\0') {
    fputs(text, stream);
    return;
  }
  fputc('\'', stream);
  for (; *text != '\0'; text++) {
    if (*text == '\'')
      fputs("'\\''", stream);
    else
      fputc(*text, stream);
  }
  fputc('\'', stream);
}

char *train_resume_command(const struct command_line *line, const char *program,
                           const char *checkpoint) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  if (stream == NULL) return NULL;
  const char *scenario = line->arguments[0];
  bool looks_like_option = scenario[0] == '-';
  fprintf(stream, "%s ", program);
  if (!looks_like_option) {
    put_word(stream, scenario);
    fputc(' ', stream);
  }
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    /* the run brings its own seed */
    if (!line->values[i].given || i == TRAIN_SEED || i == TRAIN_RESUME) continue;
    fprintf(stream, "--%s ", table[i].name);
    if (table[i].argument == NULL) continue;
    put_word(stream, line->values[i].text);
    fputc(' ', stream);
  }
  fputs("--resume ", stream);
  put_word(stream, checkpoint);
  if (looks_like_option) {
    fputs(" -- ", stream);
    put_word(stream, scenario);
  }
  bool failed = ferror(stream);
  if (fclose(stream) != 0 || failed) {
    free(text);
    return NULL;
  }
  return text;
}
