/* The record of runs where the database, or its file system, is not as it should be. */
#include "recorded.h"
#include "runs/query.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The linker puts these in the place of the system's: a file system of a network. statfs
 * is one of the two names, whatever the width of file offsets. */
static bool on_network;
static sem_t *looked; /* posted by whoever asks, where it is not NULL */

#define WRAP_STATFS(name)                                    \
  int __real_##name(const char *path, struct statfs *info);  \
  int __wrap_##name(const char *path, struct statfs *info);  \
  int __wrap_##name(const char *path, struct statfs *info) { \
    int result = __real_##name(path, info);                  \
    if (looked != NULL) sem_post(looked);                    \
    if (on_network) info->f_type = 0x6969;                   \
    return result;                                           \
  }
WRAP_STATFS(statfs)
WRAP_STATFS(statfs64)

/* ---- databases that are not as they should be ---- */

/* A run into "out" completes, and this is what it says. */
static void assert_run_survives(const char *remark) {
  struct remarks remarks = {""};
  run_into("plain", 24);
  record_into("out", 24, &remarks);
  assert_same_output("plain", "out", 24);
  ck_assert_msg(strstr(remarks.text, remark) != NULL, "'%s' lacks '%s'", remarks.text,
                remark);
  ck_assert_ptr_nonnull(strstr(remarks.text, "the record of this run is incomplete"));
}

START_TEST(a_file_of_another_kind_is_left_alone) {
  static const char text[] =
      "This is not a database, though it is long enough to be one. "
      "It is somebody's notes, and they are to be kept as they are.";
  OK(hrlp_folder_create("out", &error));
  OK(hrlp_file_write("out/runs.db", text, sizeof text, &error));
  assert_run_survives("not a database");
  size_t length = 0;
  char *kept = read_whole("out/runs.db", &length);
  ck_assert(length == sizeof text && memcmp(kept, text, length) == 0);
  free(kept);
  FAILS(hrl_runs_open("out", &(hrl_runs *){NULL}, &error), HRL_ERROR_FORMAT, "runs.db");
}
END_TEST

START_TEST(a_database_of_something_else_is_left_alone) {
  OK(hrlp_folder_create("out", &error));
  execute("out/runs.db", "CREATE TABLE recipes(name)");
  size_t length = 0;
  size_t found_length = 0;
  char *before = read_whole("out/runs.db", &length);
  assert_run_survives("not a run database");
  char *found = read_whole("out/runs.db", &found_length);
  ck_assert(length == found_length && memcmp(found, before, length) == 0);
  free(before);
  free(found);
}
END_TEST

START_TEST(a_newer_schema_is_left_alone) {
  record_into("out", 8, NULL);
  execute("out/runs.db", "PRAGMA user_version=1000000");
  assert_run_survives("has schema 1000000");
  ck_assert_str_eq(ask("out/runs.db", "SELECT count(*) FROM runs"), "1");
  FAILS(hrl_runs_open("out", &(hrl_runs *){NULL}, &error), HRL_ERROR_VERSION,
        "use a newer version");
}
END_TEST

/* A record that 0.2 wrote before it knew of early stopping. */
START_TEST(an_older_schema_is_brought_forward) {
  size_t length = 0;
  char *data = read_whole(TEST_DATA "/runs/schema_1.db", &length);
  OK(hrlp_folder_create("out", &error));
  OK(hrlp_file_write("out/runs.db", data, length, &error));
  free(data);
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA user_version"), "1");
  hrl_run run = get_run("out", 1);
  ck_assert_str_eq(run.scenario, "torino_single");
  ck_assert_int_eq(run.state, HRL_RUN_COMPLETED);
  ck_assert_str_eq(run.reason, "");
  ck_assert(run.patience == 0 && isnan(run.target) && isnan(run.min_improvement));
  ck_assert_uint_eq(progress_of("out", 1, 0).count, 8);
  record_into("out", 8, NULL);
  ck_assert_str_eq(get_run("out", 2).reason, "episodes");
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA user_version"), "4");
}
END_TEST

START_TEST(a_folder_in_its_place) {
  OK(hrlp_folder_create("out/runs.db", &error));
  assert_run_survives("unable to open database file");
}
END_TEST

START_TEST(a_damaged_database) {
  for (int i = 0; i < 4; i++) record_into("out", 16, NULL);
  size_t length = 0;
  char *data = read_whole("out/runs.db", &length);
  memset(data + 4096, 0x5a, length - 4096);
  OK(hrlp_file_write("out/runs.db", data, length, &error));
  free(data);
  assert_run_survives("malformed");
}
END_TEST

START_TEST(a_locked_database_costs_a_remark) {
  record_into("out", 8, NULL);
  sqlite3 *other = NULL;
  ck_assert_int_eq(sqlite3_open("out/runs.db", &other), SQLITE_OK);
  ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  assert_run_survives("locked");
  sqlite3_close(other);
  ck_assert_uint_eq(count_runs("out"), 1);
}
END_TEST

static void release(const hrl_event *event, void *data) {
  if (event->type == HRL_EVENT_CHECKPOINT && event->episode == 20)
    sqlite3_exec(data, "ROLLBACK", NULL, NULL, NULL);
}

START_TEST(a_lock_that_ends_costs_nothing) {
  record_into("out", 8, NULL);
  sqlite3 *other = NULL;
  ck_assert_int_eq(sqlite3_open("out/runs.db", &other), SQLITE_OK);
  ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  struct remarks remarks = {""};
  hrl_trainer_options options = recorded_run(24, "out", &remarks);
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_add_listener(trainer, release, other, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  sqlite3_close(other);
  ck_assert_ptr_null(strstr(remarks.text, "not complete"));
  ck_assert_int_eq(get_run("out", 2).state, HRL_RUN_COMPLETED);
  ck_assert_uint_eq(progress_of("out", 2, 0).count, 24);
}
END_TEST

static void *open_to_write(void *status) {
  hrl_runs *runs = NULL;
  *(hrl_status *)status = hrlp_runs_open_as("out", true, &runs, NULL);
  hrl_runs_close(runs);
  return NULL;
}

/* While another process is about to write to a new database, its journal cannot be
 * chosen, and SQLite does not wait for that by itself. */
START_TEST(whoever_makes_the_database_is_waited_for) {
  sqlite3 *other = NULL;
  pthread_t opener;
  sem_t asked;
  hrl_status status = HRL_ERROR_STATE;
  OK(hrlp_folder_create("out", &error));
  ck_assert_int_eq(sqlite3_open("out/runs.db", &other), SQLITE_OK);
  ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  sem_init(&asked, 0, 0);
  looked = &asked;
  ck_assert_int_eq(pthread_create(&opener, NULL, open_to_write, &status), 0);
  sem_wait(&asked); /* the next that it does is to choose */
  usleep(20000);    /* passes without this as well; with it, the first attempt fails */
  sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
  pthread_join(opener, NULL);
  looked = NULL;
  sqlite3_close(other);
  ck_assert_int_eq(status, HRL_OK);
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA journal_mode"), "wal");
  sem_destroy(&asked);
}
END_TEST

START_TEST(a_schema_runs_no_programs) {
  record_into("out", 8, NULL);
  execute("out/runs.db",
          "CREATE TABLE trap(x);"
          "CREATE TRIGGER t AFTER UPDATE ON runs BEGIN INSERT INTO trap VALUES(1); END;"
          "CREATE TRIGGER u AFTER INSERT ON progress BEGIN DELETE FROM runs; END");
  record_into("out", 8, NULL);
  ck_assert_uint_eq(count_runs("out"), 2);
  ck_assert_str_eq(ask("out/runs.db", "SELECT count(*) FROM trap"), "0");
}
END_TEST

START_TEST(names_of_runs_stay_in_the_folder) {
  record_into("out", 8, NULL);
  execute("out/runs.db", "UPDATE runs SET scenario = '../../etc'");
  hrl_runs *runs = open_runs("out");
  hrl_run run = {.size = sizeof run};
  FAILS(hrl_runs_get(runs, 1, &run, &error), HRL_ERROR_CORRUPT, "an invalid state (4)");
  hrl_runs_close(runs);
}
END_TEST

START_TEST(a_shared_file_system_has_a_rollback_journal) {
  on_network = true;
  record_into("out", 8, NULL);
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA journal_mode"), "delete");
  on_network = false;
  record_into("out", 8, NULL);
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA journal_mode"), "wal");
  on_network = true; /* a folder that was moved there */
  record_into("out", 8, NULL);
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA journal_mode"), "delete");
  on_network = false;
  ck_assert_uint_eq(count_runs("out"), 3);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("runs_bad");
  TCase *cases = tcase_create("runs_bad");
  tcase_set_timeout(cases, 60);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_test(cases, a_file_of_another_kind_is_left_alone);
  tcase_add_test(cases, a_database_of_something_else_is_left_alone);
  tcase_add_test(cases, a_newer_schema_is_left_alone);
  tcase_add_test(cases, an_older_schema_is_brought_forward);
  tcase_add_test(cases, a_folder_in_its_place);
  tcase_add_test(cases, a_damaged_database);
  tcase_add_test(cases, a_locked_database_costs_a_remark);
  tcase_add_test(cases, a_lock_that_ends_costs_nothing);
  tcase_add_test(cases, whoever_makes_the_database_is_waited_for);
  tcase_add_test(cases, a_schema_runs_no_programs);
  tcase_add_test(cases, names_of_runs_stay_in_the_folder);
  tcase_add_test(cases, a_shared_file_system_has_a_rollback_journal);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
