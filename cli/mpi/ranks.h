/* mpi/ranks.h - the ranks of MPI_COMM_WORLD as an hrl_communicator. */
#ifndef CLI_MPI_RANKS_H
#define CLI_MPI_RANKS_H

#include <stdbool.h>

#include <hrl/distributed.h>

/* First of all in main. False, with a message on standard error, where MPI cannot begin.
 */
bool ranks_begin(int *argc, char ***argv);

/* Valid until ranks_end. */
const hrl_communicator *ranks_communicator(void);

/* The last call on every rank: waits for the others and returns the exit code. If a rank
 * has given up, ends all of them once each has printed its message. */
int ranks_end(int exit_code);

#endif
