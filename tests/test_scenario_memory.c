/* Short memory: each allocation of a call fails in turn, and the call must answer
 * HRL_ERROR_MEMORY and give everything back. libyaml's allocations count too, since this
 * program's malloc takes the place of the C library's. Sanitizers bring a malloc of
 * their own: nothing is tested then. */
#include "suite.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <hrl/memory.h>

#include "base/file.h"
#include "sanitizer.h"
#include "scenario/scenario.h"

#ifdef SANITIZED
int main(void) { return EXIT_SUCCESS; }
#else

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

/* The program hides its names otherwise, and libyaml would not meet them. */
#define VISIBLE __attribute__((visibility("default")))

static bool counting;
static long allowed; /* allocations that still succeed */
static long held;    /* blocks not given back */

static bool fails_once; /* or from then on */

static bool is_allowed(void) {
  if (!counting) return true;
  long left = allowed--;
  if (fails_once ? left != 0 : left > 0) return true;
  errno = ENOMEM; /* as opendir expects of malloc */
  return false;
}

VISIBLE void *malloc(size_t size) {
  void *memory = is_allowed() ? __libc_malloc(size) : NULL;
  if (counting && memory != NULL) held++;
  return memory;
}

VISIBLE void *calloc(size_t count, size_t size) {
  void *memory = is_allowed() ? __libc_calloc(count, size) : NULL;
  if (counting && memory != NULL) held++;
  return memory;
}

VISIBLE void *realloc(void *old, size_t size) {
  void *memory = is_allowed() ? __libc_realloc(old, size) : NULL;
  if (counting && memory != NULL && old == NULL) held++;
  return memory;
}

VISIBLE void free(void *memory) {
  if (counting && memory != NULL) held--;
  __libc_free(memory);
}

typedef hrl_status (*call)(hrl_error *error);

/* Calls until no allocation fails: the first fails, then the second, the third ...
 * Returns how many there are. */
static long exhaust(call function, bool once, hrl_error *last) {
  for (long count = 0;; count++) {
    hrl_error_clear(last);
    fails_once = once;
    allowed = count;
    held = 0;
    counting = true;
    hrl_status status = function(last);
    counting = false;
    ck_assert_msg(held == 0, "%ld blocks are lost after allocation %ld", held, count);
    ck_assert_int_eq(last->status, status);
    if (allowed >= 0) return count;
    ck_assert_msg(status == HRL_ERROR_MEMORY, "allocation %ld: %s", count, last->message);
    ck_assert_int_lt(count, 10000);
  }
}

static const char *text; /* what parse reads */
static size_t text_length;

static hrl_status parse(hrl_error *error) {
  hrl_scenario *scenario = NULL;
  hrl_status status = hrl_scenario_parse(text, text_length, "x", &scenario, error);
  hrl_scenario_destroy(scenario);
  return status;
}

static hrl_scenario *given;

static hrl_status copy(hrl_error *error) {
  hrl_scenario *made = NULL;
  hrl_status status = hrlp_scenario_copy(given, &made, error);
  hrl_scenario_destroy(made);
  return status;
}

static hrl_status format(hrl_error *error) {
  char *written = NULL;
  hrl_status status = hrl_scenario_format(given, &written, error);
  hrl_free(written);
  return status;
}

static hrl_status list(hrl_error *error) {
  char **names = NULL;
  hrl_status status = hrl_scenario_list(&names, NULL, error);
  hrl_free(names);
  return status;
}

static hrl_status load(hrl_error *error) {
  hrl_scenario *scenario = NULL;
  hrl_status status = hrl_scenario_load("bologna_coppia", &scenario, error);
  hrl_scenario_destroy(scenario);
  return status;
}

static hrl_status load_unknown(hrl_error *error) {
  hrl_scenario *scenario = NULL;
  hrl_status status = hrl_scenario_load("bologna_copia", &scenario, error);
  hrl_scenario_destroy(scenario);
  return status;
}

static const struct {
  call function;
  hrl_status status; /* with all the memory it wants */
} calls[] = {{copy, HRL_OK},
             {format, HRL_OK},
             {list, HRL_OK},
             {load, HRL_OK},
             {load_unknown, HRL_ERROR_NOT_FOUND}};
#define CALL_COUNT (sizeof calls / sizeof calls[0])

START_TEST(calls_answer_and_lose_nothing) {
  hrl_error error = HRL_ERROR_INIT;
  setenv("HRL_SCENARIO_PATH", SOURCE_ROOT "/scenarios", 1);
  ck_assert_int_eq(hrl_scenario_load("bologna_coppia", &given, NULL), HRL_OK);
  exhaust(calls[_i].function, false, &error);
  exhaust(calls[_i].function, true, &error);
  ck_assert_msg(error.status == calls[_i].status, "%s", error.message);
  hrl_scenario_destroy(given);
}
END_TEST

static const char *const folders[] = {"valid", "invalid"};

START_TEST(all_files_are_read_and_lose_nothing) {
  char folder[1000];
  struct hrlp_names files;
  snprintf(folder, sizeof folder, TEST_DATA "/scenarios/%s", folders[_i / 2]);
  ck_assert_int_eq(hrlp_folder_list(folder, &files, NULL), HRL_OK);
  long most = 0;
  for (size_t i = 0; i < files.count; i++) {
    char *path = hrlp_path_join(folder, files.names[i]);
    char *content = NULL;
    hrl_error error = HRL_ERROR_INIT;
    ck_assert_int_eq(hrlp_file_read(path, 1 << 20, &content, &text_length, NULL), HRL_OK);
    text = content;
    /* the test of the limits would take the square of its ten thousand allocations */
    long count = text_length < 10000 ? exhaust(parse, _i % 2 == 1, &error) : 0;
    if (count > most) most = count;
    free(content);
    free(path);
  }
  ck_assert_int_gt(most, 50); /* libyaml's are met */
  hrlp_names_free(&files);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("scenario memory");
  TCase *memory = tcase_create("memory");
  tcase_set_timeout(memory, 120);
  tcase_add_loop_test(memory, calls_answer_and_lose_nothing, 0, (int)CALL_COUNT);
  tcase_add_loop_test(memory, all_files_are_read_and_lose_nothing, 0, 4);
  suite_add_tcase(suite, memory);
  return run_suite(suite);
}

#endif
