/* hrl/distributed.h - one run on several ranks: processes of one or many machines.
 *
 * The library does not use MPI itself. A program that does (or threads, in a test) makes
 * an hrl_communicator on each rank and puts it into hrl_trainer_options.communicator. Each rank
 * makes a trainer of the same scenario and options, loads the same checkpoint if any, and
 * starts
 * or steps it. Results are those of one rank, to the bit, on any number of ranks and threads,
 * checkpoints included: episodes and gradients are cut into shards that depend on neither, each
 * rank computes some of them, and they are added up in the order of the shards.
 *
 * RANK 0 alone writes files and the record of runs; the others need an output folder only to
 * load from. Listeners are called on all ranks; register them on rank 0 only to get each event
 * once. Checkpoint events occur on rank 0 only.
 *
 * STOP. hrl_trainer_stop on any rank stops all of them after the same unit of work. A pause on
 * one
 * rank makes the others wait for it.
 *
 * ERRORS. A rank that fails calls `give_up`; the others then fail with HRL_ERROR_RANKS instead
 * of waiting for it. Ranks with different runs (another scenario, option or episode), or whose
 * agents differ, fail with HRL_ERROR_MISMATCH.
 */
#ifndef HRL_DISTRIBUTED_H
#define HRL_DISTRIBUTED_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/export.h>

HRL_BEGIN_DECLS

/** Most ranks of a run. */
#define HRL_RANKS_MAX 4096

/** How a rank reaches the others. Copied by the trainer; `data` is the host's and must outlive
 *  it. A trainer calls one function at a time, from the thread that makes it, then from the one
 *  that runs it (hrl_trainer_start's own, or the caller of hrl_trainer_step); `give_up` too.
 *  On all
 *  ranks the calls are the same, in the same order, with the same sizes, until one aborts. They
 *  return 0, or anything else where the others cannot be reached or one of them has aborted:
 *  they
 *  must not wait for a rank that has aborted. All that a rank wrote before a call is there for
 *  the
 *  others after it. */
typedef struct hrl_communicator {
  size_t size;    /**< sizeof(hrl_communicator) */
  uint32_t rank;  /**< of this process, 0 for the first */
  uint32_t ranks; /**< 1..HRL_RANKS_MAX */
  void *data;     /**< passed to the functions */
  /** `blocks` has `ranks` blocks of `bytes`. Block `rank` is given; the call fills the others
   *  with those of the other ranks. */
  int (*gather)(void *data, void *blocks, size_t bytes);
  /** Copies `buffer` of rank `root` to all ranks. */
  int (*broadcast)(void *data, uint32_t root, void *buffer, size_t bytes);
  /** Returns when all ranks have called it. */
  int (*barrier)(void *data);
  /** Raises the flag of all ranks that this one has given up: their calls, those that wait now
   *  included, fail from now on. Returns at once; may be called more than once. */
  void (*give_up)(void *data);
} hrl_communicator;

HRL_END_DECLS

#endif
