/* SQLite's own allocations and calls of the system fail, the n-th for n = 1, 2, 3 ..., or
 * all from the n-th. Whatever happens to its record, a run ends as one that is not
 * recorded, to the byte, and what is in the record can be read afterwards. */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include <hrl/runs.h>

enum { MEMORY = 1, CALLS = 2 };

static struct {
  int family;
  long n;
  bool onward;
  atomic_long calls;
} plan;

static bool fails(int family) {
  if (plan.family != family) return false;
  long call = atomic_fetch_add(&plan.calls, 1) + 1;
  return plan.onward ? call >= plan.n : call == plan.n;
}

/* ---- in the place of SQLite's own ---- */

static sqlite3_mem_methods real_memory;

static void *fail_malloc(int size) {
  return fails(MEMORY) ? NULL : real_memory.xMalloc(size);
}

static void *fail_realloc(void *memory, int size) {
  return fails(MEMORY) ? NULL : real_memory.xRealloc(memory, size);
}

static int fail_open(const char *path, int flags, int mode) {
  if (fails(CALLS)) {
    errno = EACCES;
    return -1;
  }
  return open(path, flags, mode);
}

static ssize_t fail_pwrite(int file, const void *data, size_t size, off_t place) {
  if (fails(CALLS)) {
    errno = ENOSPC;
    return -1;
  }
  return pwrite(file, data, size, place);
}

static ssize_t fail_pread(int file, void *data, size_t size, off_t place) {
  if (fails(CALLS)) {
    errno = EIO;
    return -1;
  }
  return pread(file, data, size, place);
}

static int fail_truncate(int file, off_t size) {
  if (fails(CALLS)) {
    errno = ENOSPC;
    return -1;
  }
  return ftruncate(file, size);
}

static void put_in_place(void) {
  sqlite3_mem_methods methods;
  ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory), SQLITE_OK);
  methods = real_memory;
  methods.xMalloc = fail_malloc;
  methods.xRealloc = fail_realloc;
  ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
  sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
  static const struct {
    const char *name;
    sqlite3_syscall_ptr function;
  } calls[] = {{"open", (sqlite3_syscall_ptr)fail_open},
               {"pwrite", (sqlite3_syscall_ptr)fail_pwrite},
               {"pwrite64", (sqlite3_syscall_ptr)fail_pwrite},
               {"pread", (sqlite3_syscall_ptr)fail_pread},
               {"pread64", (sqlite3_syscall_ptr)fail_pread},
               {"ftruncate", (sqlite3_syscall_ptr)fail_truncate}};
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    vfs->xSetSystemCall(vfs, calls[i].name, calls[i].function);
}

/* ---- a run ---- */

static void record(uint64_t seed) {
  hrl_trainer_options options = short_run(16, "out");
  options.record = 1;
  options.seed = seed;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

static int count_run(const hrl_run *run, void *data) {
  (void)run;
  (*(int *)data)++;
  return 0;
}

/* Reads all there is while calls fail: an answer or an error. */
static hrl_status read_all(hrl_error *problem) {
  hrl_runs *runs = NULL;
  int count = 0;
  hrl_status status = hrl_runs_open("out", &runs, problem);
  if (status == HRL_OK) status = hrl_runs_list(runs, NULL, count_run, &count, problem);
  hrl_runs_close(runs);
  ck_assert_int_eq(status, problem->status);
  ck_assert_int_eq(status == HRL_OK, problem->message[0] == '\0');
  return status;
}

static const struct {
  int family;
  bool onward;
} ways[] = {{MEMORY, false}, {MEMORY, true}, {CALLS, false}, {CALLS, true}};
#define WAYS 4

static long after(long n) {
  return n < 24 || getenv("HRL_LONG") != NULL ? n + 1 : n + n / 6;
}

static void arm(int way, long n) {
  plan.n = n;
  plan.onward = ways[way].onward;
  atomic_store(&plan.calls, 0);
  plan.family = ways[way].family;
}

static bool disarm(void) {
  plan.family = 0;
  return atomic_load(&plan.calls) < plan.n;
}

START_TEST(a_run_does_not_need_its_record) {
  put_in_place();
  run_into("plain", 16);
  bool done = false;
  for (long n = 1; !done; n = after(n)) {
    arm(_i, n);
    record(7);
    done = disarm();
    assert_same_output("plain", "out", 16);
    /* what got into the record is whole */
    hrl_error problem = HRL_ERROR_INIT;
    hrl_status status = read_all(&problem);
    ck_assert_msg(status == HRL_OK || status == HRL_ERROR_NOT_FOUND ||
                      (status == HRL_ERROR_FORMAT && !done),
                  "%s", problem.message);
    if (done) ck_assert_int_eq(status, HRL_OK);
    remove_tree("out");
  }
}
END_TEST

START_TEST(reading_answers_or_says_why_not) {
  put_in_place();
  record(1);
  record(2);
  bool done = false;
  long failed = 0;
  for (long n = 1; !done; n = after(n)) {
    hrl_error problem = HRL_ERROR_INIT;
    arm(_i, n);
    hrl_status status = read_all(&problem);
    done = disarm();
    failed += status != HRL_OK ? 1 : 0;
    if (done) ck_assert_int_eq(status, HRL_OK);
  }
  ck_assert_int_gt(failed, 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("runs_fail");
  TCase *cases = tcase_create("runs_fail");
  tcase_set_timeout(cases, 300);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_loop_test(cases, a_run_does_not_need_its_record, 0, WAYS);
  tcase_add_loop_test(cases, reading_answers_or_says_why_not, 0, WAYS);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
