/* train/program.h - what hrl-train and hrl-train-mpi do. */
#ifndef CLI_TRAIN_PROGRAM_H
#define CLI_TRAIN_PROGRAM_H

#include <hrl/distributed.h>

/* Which of them. */
struct train_program {
  const char *name;
  const char *voice;                    /* what its messages begin with */
  const char *resume;                   /* how a command begins that goes on with a run */
  const hrl_communicator *communicator; /* ranks that share the run, or NULL */
};

/* The program from its arguments to its exit code. Of several ranks the first speaks and
 * writes; the others tell only their own failures, and end with 0 where the run does not
 * fail. */
int train_program_run(const struct train_program *program, int argc, char **argv);

#endif
