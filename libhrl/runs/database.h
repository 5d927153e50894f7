/* runs/database.h - runs.db: opening, its schema, statements; SQLite is known to this
 * folder.
 *
 * A database may come from anybody: triggers, views and functions of its schema are
 * disabled, sizes are bounded, and statements that take too long are interrupted. */
#ifndef HRLP_DATABASE_H
#define HRLP_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/error.h"

#define HRLP_RUNS_FILE "runs.db"
/* The newest schema that this library knows: PRAGMA user_version. */
#define HRLP_RUNS_SCHEMA 4
/* PRAGMA application_id: "hrlr" */
#define HRLP_RUNS_APPLICATION 0x68726c72

struct hrlp_database {
  sqlite3 *handle;
  char *path;
  char *folder;
  int liveness; /* descriptor of runs.lock, or -1 */
  bool writable;
  int operations; /* of SQLite's machine that the statement in hand may still take */
};

/* Opens FOLDER/runs.db and brings it to the newest schema; with `create` makes folder's
 * database where it is missing, otherwise that is HRL_ERROR_NOT_FOUND. Waits
 * `patience_ms` for others. What cannot be written is read where that is possible. */
hrl_status hrlp_database_open(struct hrlp_database *database, const char *path,
                              bool create, int patience_ms, hrl_error *error);
void hrlp_database_close(struct hrlp_database *database);

/* The error of the last call of SQLite, as the caller's. */
hrl_status hrlp_database_fail(const struct hrlp_database *database, hrl_error *error);

/* Prepares a statement and binds its parameters: a letter of `types` for each, i
 * (int64_t), d (double; NaN becomes NULL), t (text or NULL), b (bytes and a size_t, not
 * copied). NULL on failure. */
hrl_status hrlp_database_prepare(struct hrlp_database *database, sqlite3_stmt **statement,
                                 hrl_error *error, const char *sql, const char *types,
                                 ...);

/* The same, for a statement that gives no rows: done at once. */
hrl_status hrlp_database_run(struct hrlp_database *database, hrl_error *error,
                             const char *sql, const char *types, ...);

/* Ends a statement: `result` is what sqlite3_step gave last. */
hrl_status hrlp_database_end(struct hrlp_database *database, sqlite3_stmt *statement,
                             int result, hrl_error *error);

/* ---- which runs are at work ---- */

/* A run at work holds a lock on byte `id` of runs.lock, which dies with its process.
 * False where that cannot be had. */
bool hrlp_liveness_take(struct hrlp_database *database, int64_t id);
void hrlp_liveness_release(struct hrlp_database *database, int64_t id);

/* A queue holds a lock of its own on a run that it has taken, from before the run begins
 * until its end is recorded. */
bool hrlp_liveness_claim(struct hrlp_database *database, int64_t id);
void hrlp_liveness_unclaim(struct hrlp_database *database, int64_t id);

/* Whether somebody holds a run's lock or has claimed it; has claimed it. */
bool hrlp_liveness_held(const struct hrlp_database *database, int64_t id);
bool hrlp_liveness_claimed(const struct hrlp_database *database, int64_t id);

#endif
