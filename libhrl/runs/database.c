#include "runs/database.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "runs/schema.h"

_Static_assert(sizeof hrlp_runs_steps / sizeof hrlp_runs_steps[0] == HRLP_RUNS_SCHEMA,
               "a step for each schema");

/* Bounds on what a file from elsewhere can ask for. */
#define LARGEST_VALUE (4 << 20)
#define LARGEST_STATEMENT 100000000 /* operations of SQLite's machine */
#define OPERATIONS 100000

static hrl_status status_of(int result) {
  switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return HRL_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return HRL_ERROR_LOCKED;
    case SQLITE_NOMEM:
      return HRL_ERROR_MEMORY;
    case SQLITE_NOTADB:
      return HRL_ERROR_FORMAT;
    case SQLITE_CORRUPT:
      return HRL_ERROR_CORRUPT;
    case SQLITE_TOOBIG:
    case SQLITE_INTERRUPT:
      return HRL_ERROR_LIMIT;
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
    case SQLITE_AUTH:
      return HRL_ERROR_FORMAT; /* tables are not as this library makes them */
    default:
      return HRL_ERROR_IO;
  }
}

static const char *advice_for(hrl_status status) {
  switch (status) {
    case HRL_ERROR_LOCKED:
      return "; another program has locked it, try again";
    case HRL_ERROR_FORMAT:
    case HRL_ERROR_CORRUPT:
    case HRL_ERROR_LIMIT:
      return "; move the file aside to start a new one";
    default:
      return "";
  }
}

static hrl_status fail_result(const struct hrlp_database *database, int result,
                              hrl_error *error) {
  hrl_status status = status_of(result);
  if (status == HRL_ERROR_MEMORY) return hrlp_fail_memory(error, "the record of runs");
  const char *text =
      database->handle != NULL && sqlite3_extended_errcode(database->handle) == result
          ? sqlite3_errmsg(database->handle)
          : sqlite3_errstr(result);
  return hrlp_fail_at(error, status, database->path, 0, 0, "the run database: %s%s", text,
                      advice_for(status));
}

hrl_status hrlp_database_fail(const struct hrlp_database *database, hrl_error *error) {
  int result = sqlite3_extended_errcode(database->handle);
  return fail_result(database, status_of(result) == HRL_OK ? SQLITE_ERROR : result,
                     error);
}

static int bind(sqlite3_stmt *statement, int place, char type, va_list *arguments) {
  if (type == 'i')
    return sqlite3_bind_int64(statement, place, va_arg(*arguments, int64_t));
  if (type == 'd')
    return sqlite3_bind_double(statement, place, va_arg(*arguments, double));
  if (type == 't')
    return sqlite3_bind_text(statement, place, va_arg(*arguments, const char *), -1,
                             SQLITE_STATIC);
  const void *bytes = va_arg(*arguments, const void *);
  return sqlite3_bind_blob64(statement, place, bytes, va_arg(*arguments, size_t),
                             SQLITE_STATIC);
}

static hrl_status prepare(struct hrlp_database *database, sqlite3_stmt **made,
                          hrl_error *error, const char *sql, const char *types,
                          va_list *arguments) {
  sqlite3_stmt *statement = NULL;
  *made = NULL;
  database->operations = LARGEST_STATEMENT;
  int result = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
  for (int i = 0; result == SQLITE_OK && types[i] != '\0'; i++)
    result = bind(statement, i + 1, types[i], arguments);
  if (result == SQLITE_OK) {
    *made = statement;
    return HRL_OK;
  }
  hrl_status status = hrlp_database_fail(database, error);
  sqlite3_finalize(statement);
  return status;
}

hrl_status hrlp_database_prepare(struct hrlp_database *database, sqlite3_stmt **statement,
                                 hrl_error *error, const char *sql, const char *types,
                                 ...) {
  va_list arguments;
  va_start(arguments, types);
  hrl_status status = prepare(database, statement, error, sql, types, &arguments);
  va_end(arguments);
  return status;
}

hrl_status hrlp_database_end(struct hrlp_database *database, sqlite3_stmt *statement,
                             int result, hrl_error *error) {
  hrl_status status = HRL_OK;
  if (status_of(result) != HRL_OK) status = hrlp_database_fail(database, error);
  sqlite3_finalize(statement);
  return status;
}

hrl_status hrlp_database_run(struct hrlp_database *database, hrl_error *error,
                             const char *sql, const char *types, ...) {
  sqlite3_stmt *statement = NULL;
  va_list arguments;
  va_start(arguments, types);
  hrl_status status = prepare(database, &statement, error, sql, types, &arguments);
  va_end(arguments);
  if (status != HRL_OK) return status;
  return hrlp_database_end(database, statement, sqlite3_step(statement), error);
}

/* ---- opening ---- */

/* File systems that other machines share, where memory for WAL cannot be shared. */
static bool is_shared(const char *folder) {
  static const unsigned long kinds[] = {
      0x6969 /* NFS */,      0x517b /* SMB */,       0xff534d42 /* CIFS */,
      0xfe534d42 /* SMB2 */, 0x01021997 /* 9P */,    0x65735546 /* FUSE */,
      0x5346414f /* AFS */,  0x00c36400 /* Ceph */,  0x0bd00bd0 /* Lustre */,
      0x01161970 /* GFS2 */, 0x7461636f /* OCFS2 */, 0x47504653 /* GPFS */};
  struct statfs info;
  if (statfs(folder, &info) != 0) return false;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (((unsigned long)info.f_type & 0xffffffffUL) == kinds[i]) return true;
  return false;
}

/* Breaks a statement off that never ends. */
static int count_operations(void *data) {
  int *left = data;
  *left -= OPERATIONS;
  return *left < 0;
}

static hrl_status harden(struct hrlp_database *database, hrl_error *error) {
  sqlite3 *handle = database->handle;
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, LARGEST_VALUE);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_progress_handler(handle, OPERATIONS, count_operations, &database->operations);
  return hrlp_database_run(database, error, "PRAGMA cell_size_check=ON", "");
}

static hrl_status read_number(struct hrlp_database *database, const char *sql,
                              int64_t *number, hrl_error *error) {
  sqlite3_stmt *statement = NULL;
  hrl_status status = hrlp_database_prepare(database, &statement, error, sql, "");
  if (status != HRL_OK) return status;
  int result = sqlite3_step(statement);
  *number = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  return hrlp_database_end(database, statement, result, error);
}

/* What tells whose database it is. */
struct identity {
  int64_t application, schema, tables;
};

static hrl_status read_numbers(struct hrlp_database *database, struct identity *identity,
                               hrl_error *error) {
  hrl_status status =
      read_number(database, "PRAGMA application_id", &identity->application, error);
  if (status == HRL_OK)
    status = read_number(database, "PRAGMA user_version", &identity->schema, error);
  if (status == HRL_OK)
    status = read_number(database, "SELECT count(*) FROM sqlite_master",
                         &identity->tables, error);
  return status;
}

/* All of one moment: another writer may be about to make the tables. */
static hrl_status read_identity(struct hrlp_database *database, struct identity *identity,
                                hrl_error *error) {
  if (!sqlite3_get_autocommit(database->handle))
    return read_numbers(database, identity, error);
  hrl_status status = hrlp_database_run(database, error, "BEGIN", "");
  if (status != HRL_OK) return status;
  status = read_numbers(database, identity, error);
  if (status == HRL_OK) status = hrlp_database_run(database, error, "COMMIT", "");
  if (status != HRL_OK) hrlp_database_run(database, NULL, "ROLLBACK", "");
  return status;
}

/* Whose database it is, and of which schema; an empty one is 0. */
static hrl_status read_schema(struct hrlp_database *database, int64_t *schema,
                              hrl_error *error) {
  struct identity found = {0};
  hrl_status status = read_identity(database, &found, error);
  if (status != HRL_OK) return status;
  *schema = found.schema;
  bool is_empty = found.application == 0 && found.schema == 0 && found.tables == 0;
  if (is_empty || (found.application == HRLP_RUNS_APPLICATION && found.schema > 0 &&
                   found.schema <= HRLP_RUNS_SCHEMA))
    return HRL_OK;
  if (found.application != HRLP_RUNS_APPLICATION || found.schema <= 0)
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, database->path, 0, 0,
                        "is a database, but not a run database; move it aside");
  return hrlp_fail_at(error, HRL_ERROR_VERSION, database->path, 0, 0,
                      "the run database has schema %lld, this library knows schemas up "
                      "to %d; use a newer version",
                      (long long)found.schema, HRLP_RUNS_SCHEMA);
}

/* The steps from `schema` on, and the number of the newest. */
static hrl_status take_steps(struct hrlp_database *database, int64_t schema,
                             hrl_error *error) {
  int result = SQLITE_OK;
  for (int64_t i = schema; i < HRLP_RUNS_SCHEMA && result == SQLITE_OK; i++)
    result = sqlite3_exec(database->handle, hrlp_runs_steps[i], NULL, NULL, NULL);
  char sql[96];
  sqlite3_snprintf((int)sizeof sql, sql,
                   "PRAGMA application_id=%d; PRAGMA user_version=%d",
                   HRLP_RUNS_APPLICATION, HRLP_RUNS_SCHEMA);
  if (result == SQLITE_OK) result = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
  return result == SQLITE_OK ? HRL_OK : hrlp_database_fail(database, error);
}

/* Brings the tables to the newest schema, all or nothing; two writers may both want to.
 */
static hrl_status migrate(struct hrlp_database *database, hrl_error *error) {
  int64_t schema = 0;
  hrl_status status = read_schema(database, &schema, error);
  if (status != HRL_OK || schema == HRLP_RUNS_SCHEMA) return status;
  status = hrlp_database_run(database, error, "BEGIN IMMEDIATE", "");
  if (status != HRL_OK) return status;
  status = read_schema(database, &schema, error);
  if (status == HRL_OK && schema < HRLP_RUNS_SCHEMA)
    status = take_steps(database, schema, error);
  if (status == HRL_OK) status = hrlp_database_run(database, error, "COMMIT", "");
  if (status != HRL_OK) hrlp_database_run(database, NULL, "ROLLBACK", "");
  return status;
}

/* Between two attempts to choose a journal. */
#define JOURNAL_MS 5

/* WAL lets others read while a run writes. Where it does not work, SQLite keeps its
 * rollback journal by itself, but for file systems of networks, where it cannot know. */
static hrl_status choose_journal(struct hrlp_database *database, int patience_ms,
                                 hrl_error *error) {
  const char *mode = is_shared(database->folder) ? "PRAGMA journal_mode=DELETE"
                                                 : "PRAGMA journal_mode=WAL";
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status = hrlp_database_run(database, &problem, mode, "");
  /* This reads before it writes. SQLite waits for nobody then, lest two wait for each
   * other: it fails at once while another process writes, such as one that makes the
   * tables. */
  for (int waited = 0; status == HRL_ERROR_LOCKED && waited < patience_ms;
       waited += JOURNAL_MS) {
    sqlite3_sleep(JOURNAL_MS);
    hrl_error_clear(&problem);
    status = hrlp_database_run(database, &problem, mode, "");
  }
  if (status != HRL_OK && error != NULL && error->status == HRL_OK) *error = problem;
  /* a power cut may take the last moments of a record, nothing else */
  return status == HRL_OK
             ? hrlp_database_run(database, error, "PRAGMA synchronous=NORMAL", "")
             : status;
}

/* One attempt to open the file with `flags`. */
static hrl_status open_with(struct hrlp_database *database, const char *name, int flags,
                            int patience_ms, hrl_error *error) {
  int result = sqlite3_open_v2(name, &database->handle, flags, NULL);
  if (result != SQLITE_OK) {
    hrl_status status = fail_result(database, result, error);
    sqlite3_close(database->handle);
    database->handle = NULL;
    return status;
  }
  sqlite3_busy_timeout(database->handle, patience_ms);
  database->writable = (flags & SQLITE_OPEN_READWRITE) != 0 &&
                       !sqlite3_db_readonly(database->handle, "main");
  return harden(database, error);
}

static void close_handle(struct hrlp_database *database) {
  sqlite3_close(database->handle);
  database->handle = NULL;
}

/* A folder that cannot be written holds no memory for WAL; a file that nobody can change
 * can be read without. */
static hrl_status open_unchanging(struct hrlp_database *database, hrl_error *error) {
  char *name = sqlite3_mprintf("%s-wal", database->path);
  bool has_wal = name != NULL && access(name, F_OK) == 0;
  sqlite3_free(name);
  if (has_wal || access(database->path, R_OK) != 0)
    return hrlp_fail_at(
        error, HRL_ERROR_IO, database->path, 0, 0,
        "cannot be read without writing; copy the folder to a writable place");
  struct hrlp_text uri = {0};
  hrlp_text_append(&uri, "file:", 5);
  for (const char *c = database->path; *c != '\0'; c++)
    hrlp_text_format(&uri, strchr("?#%", *c) != NULL ? "%%%02x" : "%c",
                     (unsigned char)*c);
  hrlp_text_append(&uri, "?immutable=1", 12);
  hrl_status status = uri.failed
                          ? hrlp_fail_memory(error, "the record of runs")
                          : open_with(database, uri.data,
                                      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, 0, error);
  hrlp_text_free(&uri);
  return status;
}

/* An older schema that cannot be brought forward where it is: in memory, then. */
static hrl_status copy_to_memory(struct hrlp_database *database, hrl_error *error) {
  struct hrlp_database copy = *database;
  hrl_status status = open_with(&copy, ":memory:", SQLITE_OPEN_READWRITE, 0, error);
  if (status != HRL_OK) return status;
  sqlite3_backup *backup =
      sqlite3_backup_init(copy.handle, "main", database->handle, "main");
  if (backup != NULL) sqlite3_backup_step(backup, -1);
  if (backup == NULL || sqlite3_backup_finish(backup) != SQLITE_OK)
    status = hrlp_database_fail(&copy, error);
  if (status == HRL_OK) status = migrate(&copy, error);
  if (status != HRL_OK) {
    close_handle(&copy);
    return status;
  }
  close_handle(database);
  database->handle = copy.handle;
  sqlite3_progress_handler(database->handle, OPERATIONS, count_operations,
                           &database->operations);
  return HRL_OK;
}

/* One of the ways to read a file: as one that may be written, as one that may not, and as
 * one that nobody changes. */
static hrl_status open_in_way(struct hrlp_database *database, int way, int patience_ms,
                              hrl_error *error) {
  static const int flags[] = {SQLITE_OPEN_READWRITE, SQLITE_OPEN_READONLY};
  int64_t schema = 0;
  hrl_status status =
      way < 2 ? open_with(database, database->path, flags[way] | SQLITE_OPEN_NOMUTEX,
                          patience_ms, error)
              : open_unchanging(database, error);
  if (status == HRL_OK && database->writable) return migrate(database, error);
  if (status == HRL_OK) status = read_schema(database, &schema, error);
  return status == HRL_OK && schema < HRLP_RUNS_SCHEMA ? copy_to_memory(database, error)
                                                       : status;
}

static hrl_status open_to_read(struct hrlp_database *database, int patience_ms,
                               hrl_error *error) {
  if (access(database->path, F_OK) != 0 && errno == ENOENT)
    return hrlp_fail_at(error, HRL_ERROR_NOT_FOUND, database->path, 0, 0,
                        "no runs are recorded here; name another folder");
  hrl_error problem = HRL_ERROR_INIT;
  for (int way = 0; way < 3; way++) {
    hrl_error_clear(&problem);
    if (open_in_way(database, way, patience_ms, &problem) == HRL_OK) return HRL_OK;
    close_handle(database);
    if (problem.status != HRL_ERROR_IO) break;
  }
  if (error != NULL && error->status == HRL_OK) *error = problem;
  return problem.status;
}

static hrl_status open_to_write(struct hrlp_database *database, int patience_ms,
                                hrl_error *error) {
  hrl_status status =
      open_with(database, database->path,
                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                patience_ms, error);
  int64_t schema = 0;
  /* not a byte of a file that is somebody else's is changed */
  if (status == HRL_OK) status = read_schema(database, &schema, error);
  if (status == HRL_OK) status = choose_journal(database, patience_ms, error);
  if (status == HRL_OK) status = migrate(database, error);
  if (status == HRL_OK && !database->writable)
    status = hrlp_fail_at(error, HRL_ERROR_IO, database->path, 0, 0,
                          "the run database cannot be written");
  return status;
}

static hrl_status name_files(struct hrlp_database *database, const char *path,
                             hrl_error *error) {
  bool is_folder = hrlp_is_folder(path);
  const char *slash = strrchr(path, '/');
  database->path =
      is_folder ? hrlp_path_join(path, HRLP_RUNS_FILE) : hrlp_copy_text(path);
  if (is_folder)
    database->folder = hrlp_copy_text(path);
  else if (slash == NULL)
    database->folder = hrlp_copy_text(".");
  else
    database->folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
  return database->path == NULL || database->folder == NULL
             ? hrlp_fail_memory(error, "the record of runs")
             : HRL_OK;
}

hrl_status hrlp_database_open(struct hrlp_database *database, const char *path,
                              bool create, int patience_ms, hrl_error *error) {
  *database = (struct hrlp_database){.liveness = -1, .operations = LARGEST_STATEMENT};
  hrl_status status = name_files(database, path, error);
  if (status == HRL_OK)
    status = create ? open_to_write(database, patience_ms, error)
                    : open_to_read(database, patience_ms, error);
  if (status != HRL_OK) hrlp_database_close(database);
  return status;
}

void hrlp_database_close(struct hrlp_database *database) {
  close_handle(database);
  if (database->liveness >= 0) close(database->liveness);
  free(database->path);
  free(database->folder);
  *database = (struct hrlp_database){.liveness = -1};
}
