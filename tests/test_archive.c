/* PyTorch archives: round trips, files recorded from PyTorch, and damaged or hostile
 * files. test_pickle.c has the hostile pickles. */
#include "suite.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <zip.h>

#include "archive_sample.h"
#include "archive_zip.h"
#include "base/file.h"
#include "base/memory.h"
#include "storage/archive.h"

#define GOLDEN(name) TEST_DATA "/archives/" name

static void write_ok(const struct hrlp_value *root, char **bytes, size_t *length) {
  hrl_error error = HRL_ERROR_INIT;
  hrlp_archive_write(root, "sample", bytes, length, &error);
  ck_assert_str_eq(error.message, "");
}

static struct hrlp_value *load_ok(const char *path) {
  struct hrlp_value *root = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrlp_archive_load(path, &root, &error);
  ck_assert_str_eq(error.message, "");
  return root;
}

static const struct hrlp_value *found(const struct hrlp_value *root, const char *path) {
  const struct hrlp_value *value = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrlp_value_find(root, path, "golden", &value, &error);
  ck_assert_str_eq(error.message, "");
  return value;
}

START_TEST(a_tree_comes_back) {
  struct hrlp_value *sample = sample_tree();
  char *bytes = NULL;
  size_t length = 0;
  write_ok(sample, &bytes, &length);
  struct hrlp_value *root = NULL;
  ck_assert_int_eq(hrlp_archive_read("sample.pt", bytes, length, &root, NULL), HRL_OK);
  ck_assert(same_tree(sample, root));
  hrlp_value_free(root);
  free(bytes);
  hrlp_value_free(sample);
}
END_TEST

START_TEST(the_same_tree_gives_the_same_bytes) {
  struct hrlp_value *sample = sample_tree();
  char *first = NULL;
  char *second = NULL;
  size_t first_length = 0;
  size_t second_length = 0;
  write_ok(sample, &first, &first_length);
  setenv("TZ", "Asia/Tokyo", 1);
  tzset();
  write_ok(sample, &second, &second_length);
  ck_assert_uint_eq(first_length, second_length);
  ck_assert_mem_eq(first, second, first_length);
  free(first);
  free(second);
  hrlp_value_free(sample);
}
END_TEST

START_TEST(tensors_are_aligned_and_the_rest_is_small) {
  struct hrlp_value *root = hrlp_value_dict(false);
  static const char *const names[3] = {"a", "some.longer.name", "c"};
  for (int i = 0; i < 3; i++) {
    float *data = hrlp_alloc(30000, sizeof *data);
    ck_assert_ptr_nonnull(data);
    for (int k = 0; k < 30000; k++) data[k] = (float)(i + 1) + (float)k / 32768;
    hrlp_value_set(root, names[i],
                   hrlp_value_tensor(HRLP_FLOAT32, 1, (const int64_t[]){30000}, data));
    hrlp_free(data);
  }
  char *bytes = NULL;
  size_t length = 0;
  write_ok(root, &bytes, &length);
  ck_assert_uint_lt(length, 3 * 30000 * sizeof(float) * 101 / 100);
  for (int i = 0; i < 3; i++) {
    const struct hrlp_tensor *tensor = &hrlp_value_get(root, names[i])->tensor;
    const char *place = memmem(bytes, length, tensor->data, 30000 * sizeof(float));
    ck_assert_ptr_nonnull(place);
    ck_assert_int_eq((place - bytes) % 64, 0);
  }
  free(bytes);
  hrlp_value_free(root);
}
END_TEST

/* Writes what must be refused. The tree is freed. */
static void not_written(struct hrlp_value *root, const char *top, hrl_status status,
                        const char *part) {
  char *bytes = NULL;
  size_t length = 0;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrlp_archive_write(root, top, &bytes, &length, &error), status);
  ck_assert_ptr_null(bytes);
  ck_assert_msg(strstr(error.message, part) != NULL, "'%s' is not in '%s'", part,
                error.message);
  hrlp_value_free(root);
}

START_TEST(what_could_not_be_read_is_not_written) {
  static const char *const tops[] = {"", ".", "..", "a/b", "a\\b", "C:", "\xff"};
  for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
    not_written(hrlp_value_dict(false), tops[i], HRL_ERROR_ARGUMENT, "folder");
  }
  not_written(NULL, "t", HRL_ERROR_MEMORY, "memory");
  struct hrlp_value *root = hrlp_value_list();
  hrlp_value_append(root, NULL);
  not_written(root, "t", HRL_ERROR_MEMORY, "memory");
  not_written(hrlp_value_text("\xc3"), "t", HRL_ERROR_ARGUMENT, "not UTF-8");

  root = hrlp_value_list();
  struct hrlp_value *inner = root;
  for (int i = 0; i < 1000000; i++) inner = hrlp_value_append(inner, hrlp_value_list());
  not_written(root, "t", HRL_ERROR_LIMIT, "nested deeper than 64 levels");

  root = hrlp_value_dict(false);
  for (int i = 0; i <= HRLP_VALUE_MAX_KEYS; i++) {
    hrlp_value_set_at(root, i, hrlp_value_none());
  }
  not_written(root, "t", HRL_ERROR_LIMIT, "1025 keys");
  char key[HRLP_VALUE_MAX_KEY_LENGTH + 2];
  memset(key, 'k', sizeof key);
  key[sizeof key - 1] = '\0';
  root = hrlp_value_dict(false);
  hrlp_value_set(root, key, hrlp_value_none());
  not_written(root, "t", HRL_ERROR_LIMIT, "a dict key of 256 bytes");
  root = hrlp_value_list();
  for (size_t i = 0; i < HRLP_VALUE_MAX_COUNT; i++) {
    hrlp_value_append(root, hrlp_value_none());
  }
  not_written(root, "t", HRL_ERROR_LIMIT, "more than 262144 values");
  root = hrlp_value_list();
  for (int i = 0; i < HRLP_ARCHIVE_MAX_ENTRIES - 2; i++) {
    hrlp_value_append(root, hrlp_value_tensor(HRLP_INT64, 0, NULL, NULL));
  }
  not_written(root, "t", HRL_ERROR_LIMIT, "4094 tensors, at most 4093");
}
END_TEST

START_TEST(the_largest_trees_come_back) {
  struct hrlp_value *root = hrlp_value_list();
  struct hrlp_value *inner = root;
  for (int i = 1; i < HRLP_VALUE_MAX_DEPTH; i++) {
    inner = hrlp_value_append(inner, hrlp_value_list());
  }
  for (size_t i = HRLP_VALUE_MAX_DEPTH; i < HRLP_VALUE_MAX_COUNT - 4093; i++) {
    hrlp_value_append(inner, hrlp_value_int(1));
  }
  for (int i = 0; i < 4093; i++) {
    hrlp_value_append(inner, hrlp_value_tensor(HRLP_INT64, 0, NULL, NULL));
  }
  char *bytes = NULL;
  size_t length = 0;
  write_ok(root, &bytes, &length);
  struct hrlp_value *back = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrlp_archive_read("large.pt", bytes, length, &back, &error);
  ck_assert_str_eq(error.message, "");
  ck_assert(same_tree(root, back));
  free(bytes);
  hrlp_value_free(root);
  hrlp_value_free(back);
}
END_TEST

START_TEST(plain_values_of_torch) {
  struct hrlp_value *root = load_ok(GOLDEN("plain.pt"));
  ck_assert_int_eq(found(root, "none")->kind, HRLP_NONE);
  ck_assert(found(root, "true")->boolean);
  ck_assert_int_eq(found(root, "false")->kind, HRLP_BOOL);
  ck_assert_int_eq(found(root, "byte")->integer, 200);
  ck_assert_int_eq(found(root, "short")->integer, 1000);
  ck_assert_int_eq(found(root, "int")->integer, -5);
  ck_assert_int_eq(found(root, "long")->integer, 1LL << 40);
  ck_assert_int_eq(found(root, "longest")->integer, INT64_MIN);
  ck_assert_double_eq(found(root, "float")->number, 0.1);
  ck_assert_str_eq(found(root, "text")->text, "Famiglia \xc3\xa8 \xe2\x82\xac");
  ck_assert_str_eq(found(root, "empty")->text, "");
  ck_assert_double_eq(found(root, "list/1/0")->number, 2.5);
  ck_assert_int_eq(found(root, "tuple")->kind, HRLP_TUPLE);
  ck_assert_int_eq(found(root, "long_tuple/3")->integer, 4);
  ck_assert_uint_eq(found(root, "empty_dict")->count, 0);
  ck_assert_str_eq(found(root, "by_number/0")->text, "zero");
  ck_assert_str_eq(hrlp_value_get_at(found(root, "by_number"), -3)->text, "minus three");
  ck_assert_str_eq(found(root, "same/1/0")->text, "shared");
  ck_assert(found(root, "ordered")->ordered && !found(root, "by_number")->ordered);
  ck_assert_str_eq(found(root, "ordered")->members[0].name, "b");
  hrlp_value_free(root);
}
END_TEST

/* Checks a tensor of the golden files. */
static void is_tensor(const struct hrlp_value *root, const char *path,
                      enum hrlp_dtype dtype, int rank, const int64_t *shape,
                      const void *data) {
  const struct hrlp_tensor *tensor = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrlp_value_find_tensor(root, path, "golden", dtype, rank, shape, &tensor, &error);
  ck_assert_str_eq(error.message, "");
  size_t length = tensor->count * hrlp_dtype_size(dtype);
  ck_assert_msg(memcmp(tensor->data, data, length) == 0, "%s has other elements", path);
}

START_TEST(a_network_of_torch) {
  struct hrlp_value *root = load_ok(GOLDEN("network.pt"));
  static const char *const paths[2] = {"policy_network_state_dict/0.weight",
                                       "optimizer_state_dict/state/0/exp_avg"};
  float weights[6];
  for (int i = 0; i < 6; i++) weights[i] = (float)sample_element(i);
  for (int i = 0; i < 2; i++) {
    is_tensor(root, paths[i], HRLP_FLOAT32, 2, (const int64_t[]){2, 3}, weights);
  }
  float step = 1.0f;
  is_tensor(root, "optimizer_state_dict/state/3/step", HRLP_FLOAT32, 0, NULL, &step);
  ck_assert_uint_eq(found(root, "policy_network_state_dict")->count, 4);
  double number = 0;
  ck_assert_int_eq(hrlp_value_find_float(root, "optimizer_state_dict/param_groups/0/lr",
                                         "golden", &number, NULL),
                   HRL_OK);
  ck_assert_double_eq(number, 0.0003);
  ck_assert_int_eq(
      hrlp_value_find_float(root, "optimizer_state_dict/param_groups/0/weight_decay",
                            "golden", &number, NULL),
      HRL_OK);
  ck_assert_double_eq(number, 0);
  hrlp_value_free(root);
}
END_TEST

START_TEST(tensors_of_torch) {
  struct hrlp_value *root = load_ok(GOLDEN("tensors.pt"));
  static const int64_t shape_12[] = {12};
  static const float base[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  static const float scalar = 2.5f;
  is_tensor(root, "scalar", HRLP_FLOAT32, 0, NULL, &scalar);
  static const double doubles[] = {0.1, -1e300};
  is_tensor(root, "doubles", HRLP_FLOAT64, 1, (const int64_t[]){2}, doubles);
  static const int64_t integers[] = {1, -2, 1LL << 62, INT64_MIN};
  is_tensor(root, "integers", HRLP_INT64, 2, (const int64_t[]){2, 2}, integers);
  static const float transposed[] = {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11};
  is_tensor(root, "transposed", HRLP_FLOAT32, 2, (const int64_t[]){4, 3}, transposed);
  is_tensor(root, "part", HRLP_FLOAT32, 1, (const int64_t[]){4}, base + 4);
  static const float steps[] = {1, 4, 7, 10};
  is_tensor(root, "steps", HRLP_FLOAT32, 1, (const int64_t[]){4}, steps);
  static const float permuted[] = {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11};
  is_tensor(root, "permuted", HRLP_FLOAT32, 3, (const int64_t[]){2, 2, 3}, permuted);
  is_tensor(root, "empty", HRLP_FLOAT32, 2, (const int64_t[]){0, 3}, base);
  is_tensor(root, "requires_grad", HRLP_FLOAT32, 1, (const int64_t[]){1}, base + 1);
  is_tensor(root, "twice/0", HRLP_FLOAT32, 1, shape_12, base);
  is_tensor(root, "twice/1", HRLP_FLOAT32, 1, shape_12, base);
  ck_assert_ptr_ne(found(root, "twice/0")->tensor.data,
                   found(root, "twice/1")->tensor.data);
  hrlp_value_free(root);
}
END_TEST

START_TEST(the_layout_of_torch_2) {
  struct hrlp_value *root = load_ok(GOLDEN("torch2_layout.pt"));
  static const float weight[] = {1, 2, 3};
  is_tensor(root, "weight", HRLP_FLOAT32, 1, (const int64_t[]){3}, weight);
  hrlp_value_free(root);
}
END_TEST

START_TEST(lookups_say_what_is_wrong) {
  struct hrlp_value *root = sample_tree();
  hrl_error error = HRL_ERROR_INIT;
  const struct hrlp_tensor *tensor = NULL;
  const char *text = NULL;
  bool boolean = false;
  int64_t integer = 0;
#define FAILS(status, expected, call)          \
  do {                                         \
    hrl_error_clear(&error);                   \
    ck_assert_int_eq(call, status);            \
    ck_assert_str_eq(error.message, expected); \
  } while (0)
  FAILS(HRL_ERROR_KEY, "a.pt: the key 'optimizer_state_dict/state/9' is missing",
        hrlp_value_find_int(root, "optimizer_state_dict/state/9/step", "a.pt", &integer,
                            &error));
  FAILS(HRL_ERROR_TYPE, "a.pt: 'config/gamma' is a number, expected an integer",
        hrlp_value_find_int(root, "config/gamma", "a.pt", &integer, &error));
  FAILS(HRL_ERROR_TYPE, "a.pt: 'config/yes' is a bool, expected a text",
        hrlp_value_find_text(root, "config/yes", "a.pt", &text, &error));
  FAILS(HRL_ERROR_TYPE, "a.pt: 'config/name' is a text, expected a bool",
        hrlp_value_find_bool(root, "config/name", "a.pt", &boolean, &error));
  FAILS(HRL_ERROR_TYPE, "a.pt: 'config/name' is a text, expected a dict with the key 'x'",
        hrlp_value_find_text(root, "config/name/x", "a.pt", &text, &error));
  FAILS(
      HRL_ERROR_MISMATCH,
      "a.pt: 'policy_network_state_dict/network.0.weight' is a float32 tensor of shape "
      "[2, 3], expected float32 [any, 4]",
      hrlp_value_find_tensor(root, "policy_network_state_dict/network.0.weight", "a.pt",
                             HRLP_FLOAT32, 2, (const int64_t[]){-1, 4}, &tensor, &error));
  FAILS(HRL_ERROR_MISMATCH,
        "a.pt: 'counts' is a int64 tensor of shape [5], expected "
        "float32 [5]",
        hrlp_value_find_tensor(root, "counts", "a.pt", HRLP_FLOAT32, 1,
                               (const int64_t[]){5}, &tensor, &error));
  ck_assert_int_eq(hrlp_value_find_text(root, "config/name", "a.pt", &text, NULL),
                   HRL_OK);
  ck_assert_int_eq(hrlp_value_find_bool(root, "config/yes", "a.pt", &boolean, NULL),
                   HRL_OK);
  ck_assert(boolean);
  hrlp_value_free(root);
}
END_TEST

START_TEST(values_keep_their_rules) {
  struct hrlp_value *root = hrlp_value_dict(false);
  hrlp_value_set(root, "a", hrlp_value_int(1));
  hrlp_value_set(root, "b", hrlp_value_int(2));
  hrlp_value_set(root, "a", hrlp_value_int(3));
  ck_assert_uint_eq(root->count, 2);
  ck_assert_int_eq(hrlp_value_get(root, "a")->integer, 3);
  ck_assert_ptr_null(hrlp_value_get(root, "c"));
  ck_assert_ptr_null(hrlp_value_get_at(root, 0));
  ck_assert(!root->incomplete);
  ck_assert_ptr_null(hrlp_value_append(root, hrlp_value_none()));
  ck_assert(root->incomplete);
  ck_assert_ptr_null(hrlp_value_set(NULL, "a", hrlp_value_text("lost")));
  ck_assert_ptr_null(hrlp_value_get(NULL, "a"));
  hrlp_value_free(root);
  hrlp_value_free(NULL);
  ck_assert_ptr_null(hrlp_value_tensor(HRLP_FLOAT32, 9, NULL, NULL));
  ck_assert_ptr_null(hrlp_value_tensor(HRLP_FLOAT32, 1, (const int64_t[]){-1}, NULL));
  ck_assert_ptr_null(hrlp_value_tensor(HRLP_FLOAT32, 3,
                                       (const int64_t[]){0, 1LL << 32, 1LL << 32}, NULL));
  ck_assert_ptr_null(
      hrlp_value_tensor(HRLP_FLOAT32, 1, (const int64_t[]){1LL << 62}, NULL));
}
END_TEST

/* ---- threads ---- */

/* The library's calls of zip_open_from_source come here: how many were within at once. */
static atomic_int within;
static atomic_int most_within;
static atomic_bool lingers;

zip_t *zip_open_from_source(zip_source_t *source, int flags, zip_error_t *reason) {
  zip_t *(*next)(zip_source_t *, int, zip_error_t *) = NULL;
  *(void **)&next = dlsym(RTLD_NEXT, "zip_open_from_source");
  int now = atomic_fetch_add(&within, 1) + 1;
  int most = atomic_load(&most_within);
  while (now > most && !atomic_compare_exchange_weak(&most_within, &most, now)) continue;
  if (atomic_load(&lingers)) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  zip_t *zip = next(source, flags, reason);
  atomic_fetch_sub(&within, 1);
  return zip;
}

static void *write_and_read(void *data) {
  struct hrlp_value *root = sample_network();
  struct hrlp_value *back = NULL;
  char *bytes = NULL;
  size_t length = 0;
  hrl_error *error = data;
  if (hrlp_archive_write(root, "sample", &bytes, &length, error) == HRL_OK)
    hrlp_archive_read("sample", bytes, length, &back, error);
  hrlp_value_free(back);
  hrlp_value_free(root);
  free(bytes);
  return NULL;
}

/* libzip would fail one of two threads that open their first archive together. */
START_TEST(threads_open_one_after_the_other) {
  pthread_t threads[4];
  hrl_error errors[4] = {HRL_ERROR_INIT, HRL_ERROR_INIT, HRL_ERROR_INIT, HRL_ERROR_INIT};
  atomic_store(&lingers, true);
  for (size_t i = 0; i < 4; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, write_and_read, &errors[i]), 0);
  for (size_t i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  for (size_t i = 0; i < 4; i++) ck_assert_str_eq(errors[i].message, "");
  int most = atomic_load(&most_within);
  ck_assert_int_eq(most, 1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("archive");
  TCase *test = tcase_create("archive");
  tcase_set_timeout(test, 120);
  tcase_add_test(test, a_tree_comes_back);
  tcase_add_test(test, the_same_tree_gives_the_same_bytes);
  tcase_add_test(test, tensors_are_aligned_and_the_rest_is_small);
  tcase_add_test(test, what_could_not_be_read_is_not_written);
  tcase_add_test(test, the_largest_trees_come_back);
  tcase_add_test(test, plain_values_of_torch);
  tcase_add_test(test, a_network_of_torch);
  tcase_add_test(test, tensors_of_torch);
  tcase_add_test(test, the_layout_of_torch_2);
  tcase_add_test(test, lookups_say_what_is_wrong);
  tcase_add_test(test, values_keep_their_rules);
  tcase_add_test(test, threads_open_one_after_the_other);
  suite_add_tcase(suite, test);
  return run_suite(suite);
}
