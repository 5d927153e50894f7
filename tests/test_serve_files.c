/* The files of one folder, as the service reads and writes them: whole or not at all, and
 * nothing outside. */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/files/folder.h"

static char folder[64];

static void make_folder(void) {
  strcpy(folder, "/tmp/hrl-files-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void) {
  char command[128];
  ck_assert_int_eq(chdir("/"), 0);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  ck_assert_int_eq(system(command), 0);
}

static void check_content(const char *name, const char *text) {
  struct file file;
  ck_assert_int_eq(folder_read("in", name, 1000, &file), 0);
  ck_assert_str_eq(file.text, text);
  ck_assert_uint_eq(file.length, strlen(text));
  ck_assert_int_le(file.created, file.modified);
  free(file.text);
}

static size_t count_entries(const char *ending) {
  struct entries entries;
  ck_assert_int_eq(folder_list("in", ending, &entries), 0);
  free(entries.items);
  return entries.count;
}

/* What lies in the folder, hidden files included, is `count`. */
static void check_count(const char *count) {
  char command[128];
  snprintf(command, sizeof command, "test \"$(ls -A in | wc -l)\" -eq %s", count);
  ck_assert_int_eq(system(command), 0);
}

START_TEST(files_are_created_once) {
  ck_assert_int_eq(folder_create("in/deep/er", "a.x", "1", 1), 0);
  ck_assert_int_eq(folder_create("in", "a.x", "one", 3), 0);
  ck_assert_int_eq(folder_create("in", "a.x", "two", 3), EEXIST);
  check_content("a.x", "one");
  ck_assert_int_eq(folder_replace("in", "a.x", "three", 5), 0);
  check_content("a.x", "three");
  ck_assert_int_eq(folder_create("in", "b.x", "", 0), 0);
  check_content("b.x", "");
  check_count("3");
  ck_assert_int_eq(folder_remove("in", "b.x"), 0);
  ck_assert_int_eq(folder_remove("in", "b.x"), ENOENT);
  ck_assert_int_eq(folder_remove("nowhere", "b.x"), ENOENT);
}
END_TEST

START_TEST(files_are_moved_onto_none) {
  ck_assert_int_eq(folder_create("in", "a.x", "one", 3), 0);
  ck_assert_int_eq(folder_create("in", "b.x", "two", 3), 0);
  ck_assert_int_eq(folder_move("in", "a.x", "b.x", "new", 3), EEXIST);
  check_content("a.x", "one");
  check_content("b.x", "two");
  ck_assert_int_eq(folder_move("in", "a.x", "c.x", "new", 3), 0);
  check_content("c.x", "new");
  ck_assert(!folder_has("in", "a.x") && folder_has("in", "c.x"));
  check_count("2");
}
END_TEST

START_TEST(nothing_outside_is_reached) {
  struct file file;
  struct entry entry;
  static const char *const names[] = {"",         ".",   "..",  ".hidden",
                                      "../out.x", "a/b", "/etc"};
  ck_assert_int_eq(folder_create(".", "out.x", "secret", 6), 0);
  ck_assert_int_eq(folder_create("in", "a.x", "one", 3), 0);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    ck_assert_int_eq(folder_read("in", names[i], 1000, &file), EINVAL);
    ck_assert_int_eq(folder_create("in", names[i], "x", 1), EINVAL);
    ck_assert_int_eq(folder_replace("in", names[i], "x", 1), EINVAL);
    ck_assert_int_eq(folder_move("in", "a.x", names[i], "x", 1), EINVAL);
    ck_assert_int_eq(folder_move("in", names[i], "y.x", "x", 1), EINVAL);
    ck_assert_int_eq(folder_remove("in", names[i]), EINVAL);
    ck_assert(!folder_has("in", names[i]));
  }
  ck_assert_int_eq(symlink("../out.x", "in/out.x"), 0);
  ck_assert_int_eq(symlink("a.x", "in/near.x"), 0);
  ck_assert_int_eq(symlink("round.x", "in/round.x"), 0);
  ck_assert_int_eq(folder_read("in", "out.x", 1000, &file), ENOENT);
  ck_assert_int_eq(folder_read("in", "round.x", 1000, &file), ENOENT);
  check_content("near.x", "one");
  ck_assert_int_eq(mkfifo("in/pipe.x", 0600), 0);
  ck_assert_int_eq(folder_read("in", "pipe.x", 1000, &file), EINVAL);
  ck_assert_int_eq(folder_look("in", "pipe.x", &entry), ENOENT);
  ck_assert_int_eq(folder_replace("in", "out.x", "mine", 4), 0); /* the link goes */
  check_content("out.x", "mine");
  ck_assert_int_eq(folder_read(".", "out.x", 1000, &file), 0);
  ck_assert_str_eq(file.text, "secret");
  free(file.text);
}
END_TEST

START_TEST(reading_is_bounded) {
  struct file file;
  ck_assert_int_eq(folder_create("in", "a.x", "12345", 5), 0);
  ck_assert_int_eq(folder_read("in", "a.x", 5, &file), 0);
  free(file.text);
  ck_assert_int_eq(folder_read("in", "a.x", 4, &file), EFBIG);
  ck_assert_ptr_null(file.text);
  ck_assert_int_eq(folder_read_start("in", "a.x", 4, &file), 0);
  ck_assert_str_eq(file.text, "1234");
  free(file.text);
  ck_assert_int_eq(folder_read("in", "b.x", 5, &file), ENOENT);
}
END_TEST

START_TEST(lists_have_the_newest_first) {
  struct entries entries;
  static const char *const names[] = {"b.x", "a.x", "c.y", "d.x"};
  ck_assert_uint_eq(count_entries(".x"), 0); /* there is no folder yet */
  for (size_t i = 0; i < 4; i++) {
    char path[16];
    struct timespec times[2] = {{1000 - (long)(i / 2), 0}, {1000 - (long)(i / 2), 0}};
    ck_assert_int_eq(folder_create("in", names[i], "x", 1), 0);
    snprintf(path, sizeof path, "in/%s", names[i]);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
  }
  ck_assert_int_eq(mkdir("in/folder.x", 0700), 0);
  ck_assert_int_eq(folder_list("in", ".x", &entries), 0);
  ck_assert_uint_eq(entries.count, 3);
  ck_assert_str_eq(entries.items[0].name, "a.x"); /* as old as b.x */
  ck_assert_str_eq(entries.items[1].name, "b.x");
  ck_assert_str_eq(entries.items[2].name, "d.x");
  free(entries.items);
}
END_TEST

START_TEST(tags_are_of_the_content) {
  char one[FILE_ETAG_SIZE], other[FILE_ETAG_SIZE];
  static const char *const texts[] = {"", "a", "b", "ab", "ba", "aa"};
  for (size_t i = 0; i < 6; i++)
    for (size_t k = 0; k < 6; k++) {
      file_etag(one, texts[i], strlen(texts[i]));
      file_etag(other, texts[k], strlen(texts[k]));
      ck_assert_int_eq(strcmp(one, other) == 0, i == k);
    }
  ck_assert(one[0] == '"' && one[strlen(one) - 1] == '"');
}
END_TEST

START_TEST(times_are_texts) {
  char text[FILE_TIME_SIZE];
  static const int64_t times[] = {0, 1, 1700000000123456, -5, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
    file_time_text(text, times[i]);
    ck_assert_msg(
        strlen(text) >= 26 && strchr(text, 'T') != NULL && text[strlen(text) - 7] == '.',
        "%s", text);
  }
  file_time_text(text, 1700000000123456);
  ck_assert_str_eq(text + 19, ".123456");
}
END_TEST

START_TEST(messages_name_no_folder) {
  char text[] = "/srv/m/a.pt: bad; /srv/m/b.pt is not /srv/mm/c.pt";
  hide_folder(text, "/srv/m/");
  ck_assert_str_eq(text, "a.pt: bad; b.pt is not /srv/mm/c.pt");
  ck_assert_str_eq(file_reason(ENOSPC), "the disk is full");
  ck_assert(file_is_full(EFBIG) && !file_is_full(EACCES));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("serve_files");
  TCase *cases = tcase_create("files");
  tcase_add_checked_fixture(cases, make_folder, remove_folder);
  tcase_add_test(cases, files_are_created_once);
  tcase_add_test(cases, files_are_moved_onto_none);
  tcase_add_test(cases, nothing_outside_is_reached);
  tcase_add_test(cases, reading_is_bounded);
  tcase_add_test(cases, lists_have_the_newest_first);
  tcase_add_test(cases, tags_are_of_the_content);
  tcase_add_test(cases, times_are_texts);
  tcase_add_test(cases, messages_name_no_folder);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
