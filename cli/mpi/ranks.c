#include "mpi/ranks.h"

#include <mpi.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Bytes of a rank's block that are exchanged at a time: they bound the memory, and keep
 * counts far from what an int of MPI holds. */
#define CHUNK ((size_t)1 << 20)

/* Turns of a busy wait before yielding the processor, and before sleeping between turns:
 * rank 0 may be writing, or paused. */
#define SPINS 200
#define YIELDS 20000

/* Messages beside the collective calls. */
enum { GIVEN_UP = 1, READY_TO_END = 2 };

/* What is exchanged lies in memory that is never freed: MPI may still write into it when
 * a call was left because a rank has given up. */
static struct {
  MPI_Comm data;    /* collective calls */
  MPI_Comm control; /* messages */
  int rank, ranks;
  bool given_up; /* this rank or another */
  char *memory;  /* [ranks, CHUNK] */
  hrl_communicator communicator;
  bool measured;             /* HRL_MPI_TIMES is set */
  double seconds, processor; /* waited in calls, and of that at work */
  uint64_t calls, bytes;
} world;

static void pass_time(int turn) {
  if (turn < SPINS) return;
  if (turn < YIELDS) {
    sched_yield();
    return;
  }
  struct timespec while_longer = {.tv_nsec = 200000};
  nanosleep(&while_longer, NULL);
}

/* Waits for a collective call. False where MPI or a rank has failed. */
static bool await_call(MPI_Request *request) {
  for (int turn = 0; !world.given_up; turn += turn < YIELDS) {
    int done = 0;
    int told = 0;
    if (MPI_Test(request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
    if (done) return true;
    if (MPI_Iprobe(MPI_ANY_SOURCE, GIVEN_UP, world.control, &told, MPI_STATUS_IGNORE) !=
        MPI_SUCCESS)
      return false;
    world.given_up = world.given_up || told != 0;
    pass_time(turn);
  }
  return false;
}

/* await_call tests each request until it is done, which the checker does not follow.
 * NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker) */
static bool gather_chunk(char *blocks, size_t stride, size_t bytes) {
  MPI_Request request;
  memcpy(world.memory + (size_t)world.rank * bytes, blocks + (size_t)world.rank * stride,
         bytes);
  if (MPI_Iallgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, world.memory, (int)bytes,
                     MPI_BYTE, world.data, &request) != MPI_SUCCESS ||
      !await_call(&request))
    return false;
  for (int i = 0; i < world.ranks; i++)
    if (i != world.rank)
      memcpy(blocks + (size_t)i * stride, world.memory + (size_t)i * bytes, bytes);
  return true;
}

/* Seconds that this process has worked. */
static double processor_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* When a call began. */
struct call {
  double clock, processor;
};

static struct call begin_call(void) {
  return world.measured ? (struct call){MPI_Wtime(), processor_time()} : (struct call){0};
}

static int end_call(struct call begun, size_t bytes, bool met) {
  if (world.measured) {
    world.seconds += MPI_Wtime() - begun.clock;
    world.processor += processor_time() - begun.processor;
  }
  world.calls++;
  world.bytes += bytes;
  return met ? 0 : -1;
}

static int gather(void *data, void *blocks, size_t bytes) {
  (void)data;
  struct call begun = begin_call();
  bool met = !world.given_up;
  for (size_t at = 0; met && at < bytes; at += CHUNK)
    met =
        gather_chunk((char *)blocks + at, bytes, bytes - at < CHUNK ? bytes - at : CHUNK);
  return end_call(begun, bytes, met);
}

static int broadcast(void *data, uint32_t root, void *buffer, size_t bytes) {
  (void)data;
  struct call begun = begin_call();
  bool met = !world.given_up;
  for (size_t at = 0; met && at < bytes; at += CHUNK) {
    size_t part = bytes - at < CHUNK ? bytes - at : CHUNK;
    MPI_Request request;
    if (root == (uint32_t)world.rank) memcpy(world.memory, (char *)buffer + at, part);
    met = MPI_Ibcast(world.memory, (int)part, MPI_BYTE, (int)root, world.data,
                     &request) == MPI_SUCCESS &&
          await_call(&request);
    if (met && root != (uint32_t)world.rank)
      memcpy((char *)buffer + at, world.memory, part);
  }
  return end_call(begun, bytes, met);
}

static int barrier(void *data) {
  (void)data;
  struct call begun = begin_call();
  MPI_Request request;
  bool met = !world.given_up && MPI_Ibarrier(world.data, &request) == MPI_SUCCESS &&
             await_call(&request);
  return end_call(begun, 0, met);
}

/* NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker) */

/* Nothing but the fact: MPI sends that without waiting for who receives it. */
static void send_to(int rank, int what) {
  static char nothing;
  (void)MPI_Send(&nothing, 0, MPI_BYTE, rank, what, world.control);
}

static void give_up(void *data) {
  (void)data;
  if (world.given_up) return; /* the others know from who gave up first */
  world.given_up = true;
  for (int i = 0; i < world.ranks; i++)
    if (i != world.rank) send_to(i, GIVEN_UP);
}

bool ranks_begin(int *argc, char ***argv) {
  int level = MPI_THREAD_SINGLE;
  /* one thread at a time, but not always the same: the trainer has its own */
  if (MPI_Init_thread(argc, argv, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS ||
      level < MPI_THREAD_SERIALIZED) {
    fprintf(stderr,
            "hrl-train-mpi: this MPI cannot be called by more than one thread "
            "(MPI_THREAD_SERIALIZED)\n");
    return false;
  }
  MPI_Comm_dup(MPI_COMM_WORLD, &world.data);
  MPI_Comm_dup(MPI_COMM_WORLD, &world.control);
  MPI_Comm_set_errhandler(world.data, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler(world.control, MPI_ERRORS_RETURN);
  MPI_Comm_rank(world.data, &world.rank);
  MPI_Comm_size(world.data, &world.ranks);
  if (world.ranks > HRL_RANKS_MAX) {
    if (world.rank == 0)
      fprintf(stderr, "hrl-train-mpi: found %d ranks, expected at most %d\n", world.ranks,
              HRL_RANKS_MAX);
    MPI_Finalize();
    return false;
  }
  world.memory = malloc((size_t)world.ranks * CHUNK);
  if (world.memory == NULL) {
    fprintf(stderr, "hrl-train-mpi: rank %d: out of memory\n", world.rank);
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    return false;
  }
  world.measured = getenv("HRL_MPI_TIMES") != NULL;
  world.communicator = (hrl_communicator){.size = sizeof world.communicator,
                                          .rank = (uint32_t)world.rank,
                                          .ranks = (uint32_t)world.ranks,
                                          .gather = gather,
                                          .broadcast = broadcast,
                                          .barrier = barrier,
                                          .give_up = give_up};
  return true;
}

const hrl_communicator *ranks_communicator(void) { return &world.communicator; }

/* A rank has given up, and all ranks know. Rank 0 waits until the others have printed
 * their messages, then aborts all, because pending MPI calls cannot be cancelled. */
static int end_all(int exit_code) {
  int told = 0;
  if (world.rank > 0) send_to(0, READY_TO_END);
  for (int turn = 0; world.rank > 0 || told + 1 < world.ranks; turn += turn < YIELDS) {
    int found = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, READY_TO_END, world.control, &found, MPI_STATUS_IGNORE);
    if (found != 0)
      MPI_Recv(NULL, 0, MPI_BYTE, MPI_ANY_SOURCE, READY_TO_END, world.control,
               MPI_STATUS_IGNORE);
    told += found != 0;
    pass_time(turn);
  }
  MPI_Abort(MPI_COMM_WORLD, exit_code == EXIT_SUCCESS ? EXIT_FAILURE : exit_code);
  return EXIT_FAILURE;
}

int ranks_end(int exit_code) {
  if (world.measured && world.rank == 0)
    fprintf(
        stderr,
        "hrl-train-mpi: %d ranks exchanged %llu times %.3f MB a rank in %.3f s; rank 0 "
        "worked %.3f s, and %.3f s in exchanges\n",
        world.ranks, (unsigned long long)world.calls, 1e-6 * (double)world.bytes,
        world.seconds, processor_time() - world.processor, world.processor);
  if (barrier(NULL) != 0) return end_all(exit_code);
  free(world.memory);
  MPI_Comm_free(&world.data);
  MPI_Comm_free(&world.control);
  MPI_Finalize();
  return exit_code;
}
