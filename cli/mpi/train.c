/* hrl-train-mpi - trains the agents of a household on the ranks of MPI. */
#include <stdio.h>
#include <stdlib.h>

#include "mpi/ranks.h"
#include "train/program.h"

int main(int argc, char **argv) {
  if (!ranks_begin(&argc, &argv)) return EXIT_FAILURE;
  const hrl_communicator *ranks = ranks_communicator();
  char voice[64] = "hrl-train-mpi";
  char resume[64];
  if (ranks->rank > 0)
    snprintf(voice, sizeof voice, "hrl-train-mpi: rank %u", (unsigned)ranks->rank);
  snprintf(resume, sizeof resume, "mpirun -n %u hrl-train-mpi", (unsigned)ranks->ranks);
  /* one voice on standard output */
  if (ranks->rank > 0 && freopen("/dev/null", "w", stdout) == NULL)
    fprintf(stderr, "%s: cannot open /dev/null\n", voice);
  const struct train_program program = {"hrl-train-mpi", voice, resume, ranks};
  return ranks_end(train_program_run(&program, argc, argv));
}
