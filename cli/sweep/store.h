/* sweep/store.h - what is done, on disk. */
#ifndef CLI_SWEEP_STORE_H
#define CLI_SWEEP_STORE_H

#include "sweep/sweep.h"

/* Makes OUTPUT/sweep. */
bool store_open(const struct sweep *sweep, hrl_error *error);

/* Reads what `run` came to after so many episodes. An outcome that is not there is not
 * `done`; one of another plan is an error. */
bool store_read(const struct sweep *sweep, const struct sweep_run *run, uint64_t episodes,
                struct outcome *outcome, hrl_error *error);
bool store_write(const struct sweep *sweep, const struct sweep_run *run,
                 uint64_t episodes, const struct outcome *outcome, hrl_error *error);

/* Takes the lock of a run: a descriptor to close; -1: somebody else has it, -2: an error.
 * With `wait` it sleeps until it is free. */
int store_lock(const struct sweep *sweep, const struct sweep_run *run, bool wait,
               hrl_error *error);

#endif
