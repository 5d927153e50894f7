/* gather - what it takes to gather blocks of some sizes: mpirun -n N build/tests/gather
 *
 * Through the communicator of hrl-train-mpi, its copies and its look for ranks that have
 * given up included. A table on standard output: bytes of a block, microseconds (the
 * least of nine rounds' means), and what a rank receives in a second. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "mpi/ranks.h"

#define ROUNDS 9
#define LARGEST ((size_t)16 << 20)

int main(int argc, char **argv) {
  if (!ranks_begin(&argc, &argv)) return EXIT_FAILURE;
  const hrl_communicator *ranks = ranks_communicator();
  char *blocks = calloc(ranks->ranks, LARGEST);
  if (blocks == NULL) ranks->give_up(ranks->data);
  if (ranks->rank == 0) printf("%10s %10s %10s\n", "bytes", "us", "GB/s");
  int failed = blocks == NULL;
  for (size_t bytes = 64; !failed && bytes <= LARGEST; bytes *= 4) {
    size_t calls = bytes < ((size_t)1 << 16)   ? 2000
                   : bytes < ((size_t)1 << 20) ? 200
                                               : 20;
    double least = 1e9;
    for (int round = 0; !failed && round < ROUNDS; round++) {
      double begun = MPI_Wtime();
      for (size_t i = 0; !failed && i < calls; i++)
        failed = ranks->gather(ranks->data, blocks, bytes) != 0;
      double mean = (MPI_Wtime() - begun) / (double)calls;
      if (mean < least) least = mean;
    }
    if (ranks->rank == 0)
      printf("%10zu %10.1f %10.2f\n", bytes, 1e6 * least,
             1e-9 * (double)bytes * (double)(ranks->ranks - 1) / least);
  }
  free(blocks);
  return ranks_end(failed ? EXIT_FAILURE : EXIT_SUCCESS);
}
