/* Short memory: each allocation of a call fails in turn, and the call must answer
 * HRL_ERROR_MEMORY and give everything back. Then libzip's allocations fail: some of
 * them it reports as damage and some blocks it loses, so only that the call fails, or
 * does without, is asked. This program's malloc takes the place of the C library's.
 * Sanitizers bring a malloc of their own: nothing is tested then. */
#include "suite.h"

#include <errno.h>
#include <stdbool.h>

#include "archive_sample.h"
#include "base/file.h"
#include "sanitizer.h"
#include "storage/archive.h"

#ifdef SANITIZED
int main(void) { return EXIT_SUCCESS; }
#else

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static bool counting;
static bool fails_once; /* one allocation fails, or all from that one on */
static bool fails_ours; /* our allocations fail, or libzip's */
static long allowed;    /* allocations that still succeed */
static long held;       /* blocks not given back */
static bool same;       /* the last call failed, or gave what it should */

/* Where this program, with the static library in it, lies in memory. */
extern char __executable_start;
extern char etext;

static bool is_allowed(const void *caller) {
  if (!counting) return true;
  uintptr_t address = (uintptr_t)caller;
  bool ours = address >= (uintptr_t)&__executable_start && address < (uintptr_t)&etext;
  if (ours != fails_ours) return true;
  allowed--;
  return fails_once ? allowed != -1 : allowed >= 0;
}

static void *count_block(void *memory) {
  if (counting && memory != NULL) held++;
  if (memory == NULL) errno = ENOMEM;
  return memory;
}

/* libzip must find these; the project hides names by default. */
#define VISIBLE __attribute__((visibility("default")))

VISIBLE void *malloc(size_t size) {
  return count_block(is_allowed(__builtin_return_address(0)) ? __libc_malloc(size)
                                                             : NULL);
}

VISIBLE void *calloc(size_t count, size_t size) {
  return count_block(is_allowed(__builtin_return_address(0)) ? __libc_calloc(count, size)
                                                             : NULL);
}

VISIBLE void *aligned_alloc(size_t alignment, size_t size) {
  return count_block(
      is_allowed(__builtin_return_address(0)) ? __libc_memalign(alignment, size) : NULL);
}

VISIBLE void *realloc(void *old, size_t size) {
  void *memory =
      is_allowed(__builtin_return_address(0)) ? __libc_realloc(old, size) : NULL;
  return old == NULL ? count_block(memory) : memory;
}

VISIBLE void free(void *memory) {
  if (counting && memory != NULL) held--;
  __libc_free(memory);
}

typedef hrl_status (*call)(hrl_error *error);

/* Calls until no allocation fails: the first fails, then the second, the third ...
 * Returns how many there are. */
static long exhaust(call function) {
  for (long count = 0;; count++) {
    hrl_error error = HRL_ERROR_INIT;
    allowed = count;
    held = 0;
    counting = true;
    hrl_status status = function(&error);
    counting = false;
    ck_assert_int_eq(error.status, status);
    ck_assert(same);
    if (allowed >= 0) {
      ck_assert_msg(status == HRL_OK && held == 0, "%s", error.message);
      return count;
    }
    if (fails_ours) {
      ck_assert_msg(held == 0, "%ld blocks are lost after allocation %ld", held, count);
      ck_assert_msg(status == HRL_ERROR_MEMORY, "allocation %ld: %s", count,
                    error.message);
    }
    ck_assert_int_lt(count, 10000);
  }
}

static struct hrlp_value *sample;
static char *bytes; /* the sample, written */
static size_t length;

static hrl_status write_sample(hrl_error *error) {
  char *written = NULL;
  size_t written_length = 0;
  struct hrlp_value *root = sample_tree();
  hrl_status status =
      hrlp_archive_write(root, "sample", &written, &written_length, error);
  same = status != HRL_OK ||
         (written_length == length && memcmp(written, bytes, length) == 0);
  free(written);
  hrlp_value_free(root);
  return status;
}

static hrl_status read_sample(hrl_error *error) {
  struct hrlp_value *root = NULL;
  hrl_status status = hrlp_archive_read("sample.pt", bytes, length, &root, error);
  same = status != HRL_OK || same_tree(sample, root);
  hrlp_value_free(root);
  return status;
}

/* Of reading and writing, in all ways to fail. */
START_TEST(calls_answer_and_lose_nothing) {
  sample = sample_tree();
  ck_assert_int_eq(hrlp_archive_write(sample, "sample", &bytes, &length, NULL), HRL_OK);
  fails_ours = _i % 2 == 0;
  fails_once = _i / 2 % 2 == 0;
  ck_assert_int_gt(exhaust(_i / 4 == 0 ? write_sample : read_sample), 100);
  free(bytes);
  hrlp_value_free(sample);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("archive memory");
  TCase *memory = tcase_create("memory");
  tcase_set_timeout(memory, 120);
  tcase_add_loop_test(memory, calls_answer_and_lose_nothing, 0, 8);
  suite_add_tcase(suite, memory);
  return run_suite(suite);
}

#endif
