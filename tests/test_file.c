/* Files, folders and locks, each test in a folder of its own that is removed after it. */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char room[64]; /* the folder; tests run inside it */

static void enter_room(void) {
  snprintf(room, sizeof room, "/tmp/hrl-file-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(room));
  ck_assert_int_eq(chdir(room), 0);
}

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *walk) {
  (void)info, (void)kind, (void)walk;
  return remove(path);
}

static void leave_room(void) {
  ck_assert_int_eq(chdir("/"), 0);
  nftw(room, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define OK(call)                                                     \
  do {                                                               \
    hrl_error error = HRL_ERROR_INIT;                                \
    ck_assert_msg((call) == HRL_OK, "%s: %s", #call, error.message); \
    ck_assert_int_eq(error.status, HRL_OK);                          \
  } while (0)

/* `call` must fail with this status and a message that begins so. */
#define FAILS(call, expected, beginning)                                             \
  do {                                                                               \
    hrl_error error = HRL_ERROR_INIT;                                                \
    ck_assert_int_eq(call, expected);                                                \
    ck_assert_int_eq(error.status, expected);                                        \
    ck_assert_msg(strncmp(error.message, beginning, strlen(beginning)) == 0, "'%s'", \
                  error.message);                                                    \
  } while (0)

static void assert_content(const char *path, const char *expected) {
  char *data = NULL;
  size_t length = 0;
  OK(hrlp_file_read(path, 1000, &data, &length, &error));
  ck_assert_uint_eq(length, strlen(expected));
  ck_assert_str_eq(data, expected);
  free(data);
}

static void assert_no_leftover(void) {
  struct hrlp_names names;
  OK(hrlp_folder_list(".", &names, &error));
  for (size_t i = 0; i < names.count; i++)
    ck_assert_ptr_null(strstr(names.names[i], ".tmp"));
  hrlp_names_free(&names);
}

/* ---- files ---- */

START_TEST(what_is_written_is_read) {
  char *data = NULL;
  size_t length = 0;
  OK(hrlp_file_write("a", "x\0y\xff", 4, &error));
  OK(hrlp_file_read("a", 4, &data, &length, &error));
  ck_assert_uint_eq(length, 4);
  ck_assert_mem_eq(data, "x\0y\xff", 5); /* a zero follows */
  free(data);
  OK(hrlp_file_write("a", "", 0, &error));
  OK(hrlp_file_read("a", 0, &data, &length, &error));
  ck_assert_uint_eq(length, 0);
  ck_assert_str_eq(data, "");
  free(data);
}
END_TEST

START_TEST(reading_has_its_limits) {
  char *data = (char *)&data;
  size_t length = 7;
  OK(hrlp_file_write("five", "12345", 5, &error));
  FAILS(hrlp_file_read("five", 4, &data, &length, &error), HRL_ERROR_LIMIT,
        "five: holds 5 bytes, at most 4 are accepted");
  ck_assert_ptr_null(data);
  ck_assert_uint_eq(length, 0);
  FAILS(hrlp_file_read("none", 4, &data, &length, &error), HRL_ERROR_NOT_FOUND,
        "none: cannot open the file: No such file or directory");
  FAILS(hrlp_file_read("", 4, &data, &length, &error), HRL_ERROR_NOT_FOUND,
        "cannot open");
  FAILS(hrlp_file_read(".", 4, &data, &length, &error), HRL_ERROR_IO,
        ".: is a folder, a file was expected");
  ck_assert_int_eq(mkfifo("pipe", 0600), 0);
  FAILS(hrlp_file_read("pipe", 4, &data, &length, &error), HRL_ERROR_IO,
        "pipe: is not a regular file"); /* and does not wait for a writer */
  FAILS(hrlp_file_read("/dev/zero", 4, &data, &length, &error), HRL_ERROR_IO,
        "/dev/zero: is not a regular file");
}
END_TEST

START_TEST(readers_see_the_old_file_or_the_new_one) {
  char seen[16] = "";
  OK(hrlp_file_replace("a", "first", 5, &error));
  assert_content("a", "first");
  int reader = open("a", O_RDONLY);
  OK(hrlp_file_replace("a", "2nd", 3, &error));
  assert_content("a", "2nd");
  ck_assert_int_eq(read(reader, seen, sizeof seen),
                   5); /* who had it open keeps it whole */
  ck_assert_str_eq(seen, "first");
  close(reader);
  char path[100];
  snprintf(path, sizeof path, "%s/b", room);
  OK(hrlp_file_replace(path, "absolute", 8, &error));
  assert_content("b", "absolute");
  assert_no_leftover();
}
END_TEST

START_TEST(a_failed_replacement_leaves_what_was) {
  OK(hrlp_folder_create("folder", &error));
  FAILS(hrlp_file_replace("folder", "x", 1, &error), HRL_ERROR_IO,
        "folder: cannot rename the new file");
  ck_assert(hrlp_is_folder("folder"));
  FAILS(hrlp_file_replace("none/a", "x", 1, &error), HRL_ERROR_NOT_FOUND,
        "none/a.tmp: cannot create the file");
  OK(hrlp_file_write("a", "kept", 4, &error));
  /* a full disk, as the limit on the size of files plays it */
  struct rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, before.rlim_max});
  static const char zeros[1000];
  FAILS(hrlp_file_replace("a", zeros, sizeof zeros, &error), HRL_ERROR_IO,
        "a.tmp: cannot write the file");
  FAILS(hrlp_file_write("b", zeros, sizeof zeros, &error), HRL_ERROR_IO,
        "b: cannot write the file");
  setrlimit(RLIMIT_FSIZE, &before);
  assert_content("a", "kept");
  ck_assert(!hrlp_is_file("b"));
  assert_no_leftover();
}
END_TEST

/* ---- folders ---- */

START_TEST(folders_are_made_with_those_above) {
  OK(hrlp_folder_create("a/b/c", &error));
  ck_assert(hrlp_is_folder("a/b/c"));
  OK(hrlp_folder_create("a/b/c", &error));
  OK(hrlp_folder_create("a//d/", &error));
  ck_assert(hrlp_is_folder("a/d"));
  OK(hrlp_folder_create("./e/../f", &error));
  ck_assert(hrlp_is_folder("e") && hrlp_is_folder("f"));
  OK(hrlp_folder_create(".", &error));
  OK(hrlp_folder_create("/", &error));
  char path[100];
  snprintf(path, sizeof path, "%s/g/h", room);
  OK(hrlp_folder_create(path, &error));
  ck_assert(hrlp_is_folder("g/h"));
  ck_assert_int_eq(symlink("a", "link"), 0);
  OK(hrlp_folder_create("link/i", &error));
  ck_assert(hrlp_is_folder("a/i"));
}
END_TEST

START_TEST(folders_that_cannot_be_made_are_errors) {
  OK(hrlp_file_write("file", "x", 1, &error));
  FAILS(hrlp_folder_create("file", &error), HRL_ERROR_IO,
        "file: is not a folder; name another place or remove it");
  FAILS(hrlp_folder_create("file/below", &error), HRL_ERROR_IO, "file: is not a folder");
  assert_content("file", "x");
  ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
  FAILS(hrlp_folder_create("dangling", &error), HRL_ERROR_IO,
        "dangling: is not a folder");
  char name[400];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  FAILS(hrlp_folder_create(name, &error), HRL_ERROR_IO, "nnnn");
  FAILS(hrlp_folder_sync("none", &error), HRL_ERROR_NOT_FOUND, "none: cannot open");
}
END_TEST

START_TEST(folders_are_listed_in_order) {
  static const char *const expected[] = {".hidden", "B", "a", "a1", "a10", "a2"};
  OK(hrlp_folder_create("f", &error));
  static const char *const made[] = {"f/a2", "f/a", "f/B", "f/a10", "f/.hidden"};
  for (size_t i = 0; i < 5; i++) OK(hrlp_file_write(made[i], "", 0, &error));
  OK(hrlp_folder_create("f/a1", &error));
  struct hrlp_names names;
  OK(hrlp_folder_list("f", &names, &error));
  ck_assert_uint_eq(names.count, 6);
  for (size_t i = 0; i < 6; i++) ck_assert_str_eq(names.names[i], expected[i]);
  hrlp_names_free(&names);
  OK(hrlp_folder_list("f/a1", &names, &error));
  ck_assert_uint_eq(names.count, 0);
  hrlp_names_free(&names);
  FAILS(hrlp_folder_list("none", &names, &error), HRL_ERROR_NOT_FOUND,
        "none: cannot read the folder");
  ck_assert_uint_eq(names.count, 0);
}
END_TEST

START_TEST(folders_are_removed_with_what_is_ours) {
  OK(hrlp_folder_remove("none", &error));
  OK(hrlp_folder_create("f/one", &error));
  OK(hrlp_folder_create("beside", &error));
  OK(hrlp_file_write("beside/kept", "k", 1, &error));
  OK(hrlp_file_write("f/a", "a", 1, &error));
  OK(hrlp_file_write("f/one/b", "b", 1, &error));
  ck_assert_int_eq(symlink("../beside", "f/link"), 0);
  OK(hrlp_folder_remove("f", &error));
  ck_assert(!hrlp_is_folder("f"));
  assert_content("beside/kept", "k"); /* the link went, not what it named */
  OK(hrlp_folder_create("g/one/two", &error));
  FAILS(hrlp_folder_remove("g", &error), HRL_ERROR_IO, "g/one/two: cannot remove");
  ck_assert(hrlp_is_folder("g/one/two"));
  OK(hrlp_folder_remove("beside/kept", &error)); /* a file is no folder: left alone */
  assert_content("beside/kept", "k");
}
END_TEST

START_TEST(kinds_and_names) {
  OK(hrlp_file_write("file", "", 0, &error));
  ck_assert(hrlp_is_file("file") && !hrlp_is_folder("file"));
  ck_assert(!hrlp_is_file(".") && hrlp_is_folder("."));
  ck_assert(!hrlp_is_file("none") && !hrlp_is_folder("none"));
  static const char *const rows[][3] = {
      {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}};
  for (size_t i = 0; i < 4; i++) {
    char *path = hrlp_path_join(rows[i][0], rows[i][1]);
    ck_assert_str_eq(path, rows[i][2]);
    free(path);
  }
}
END_TEST

/* ---- locks ---- */

START_TEST(one_holder_at_a_time) {
  struct hrlp_lock first;
  struct hrlp_lock second;
  OK(hrlp_lock_take(&first, "lock", &error));
  FAILS(hrlp_lock_take(&second, "lock", &error), HRL_ERROR_LOCKED,
        "lock: another run holds this lock");
  ck_assert_int_eq(second.descriptor, -1);
  hrlp_lock_release(&second);
  FAILS(hrlp_lock_take(&second, "lock", &error), HRL_ERROR_LOCKED, "lock: ");
  hrlp_lock_release(&first);
  ck_assert_int_eq(first.descriptor, -1);
  OK(hrlp_lock_take(&second, "lock", &error));
  hrlp_lock_release(&first); /* releasing twice does not take the other's */
  FAILS(hrlp_lock_take(&first, "lock", &error), HRL_ERROR_LOCKED, "lock: ");
  hrlp_lock_release(&second);
  FAILS(hrlp_lock_take(&first, "none/lock", &error), HRL_ERROR_NOT_FOUND,
        "none/lock: cannot create the lock file");
  ck_assert_int_eq(first.descriptor, -1);
}
END_TEST

/* What taking the lock in a process of its own gives; that process then ends without
 * releasing it. */
static int take_in_child(void) {
  pid_t child = fork();
  if (child == 0) {
    struct hrlp_lock lock;
    _exit((int)hrlp_lock_take(&lock, "lock", NULL));
  }
  int status = -1;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFEXITED(status));
  return WEXITSTATUS(status);
}

START_TEST(locks_hold_between_processes_and_die_with_their_holder) {
  struct hrlp_lock lock;
  ck_assert_int_eq(take_in_child(), HRL_OK);
  OK(hrlp_lock_take(&lock, "lock", &error)); /* the child's end released it */
  ck_assert_int_eq(take_in_child(), HRL_ERROR_LOCKED);
  ck_assert_int_eq(fcntl(lock.descriptor, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  hrlp_lock_release(&lock);
  ck_assert_int_eq(take_in_child(), HRL_OK);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("file");
  TCase *files = tcase_create("files");
  tcase_set_timeout(files, 60);
  tcase_add_checked_fixture(files, enter_room, leave_room);
  tcase_add_test(files, what_is_written_is_read);
  tcase_add_test(files, reading_has_its_limits);
  tcase_add_test(files, readers_see_the_old_file_or_the_new_one);
  tcase_add_test(files, a_failed_replacement_leaves_what_was);
  tcase_add_test(files, folders_are_made_with_those_above);
  tcase_add_test(files, folders_that_cannot_be_made_are_errors);
  tcase_add_test(files, folders_are_listed_in_order);
  tcase_add_test(files, folders_are_removed_with_what_is_ours);
  tcase_add_test(files, kinds_and_names);
  tcase_add_test(files, one_holder_at_a_time);
  tcase_add_test(files, locks_hold_between_processes_and_die_with_their_holder);
  suite_add_tcase(suite, files);
  return run_suite(suite);
}
