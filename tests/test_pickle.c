/* What the pickle reader refuses, and what it takes. Pickles are written out opcode by
 * opcode; octal escapes, since hexadecimal ones would swallow letters. */
#include "suite.h"

#include <stdint.h>
#include <stdio.h>

#include "archive_sample.h"
#include "base/memory.h"
#include "storage/pickle.h"

#define PROTO "\200\2"
#define TEXT1(c) "X\1\0\0\0" c
#define DICT_CLASS "ccollections\nOrderedDict\n"
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"
/* storage "0": six floats, 0 to 5 */
#define STORAGE_ID(key, elements) \
  "(X\7\0\0\0storagectorch\nFloatStorage\n" TEXT1(key) "X\3\0\0\0cpu" elements "t"
#define STORAGE STORAGE_ID("0", "K\6") "Q"
#define TENSOR(storage, offset, sizes, strides) \
  REBUILD "(" storage offset sizes strides "\211" DICT_CLASS ")RtR"
#define LONG8(bytes) "\212\10" bytes

static float six[6] = {0, 1, 2, 3, 4, 5};

static bool find_storage(const void *context, const char *key,
                         struct hrlp_storage *storage) {
  (void)context;
  if (strcmp(key, "0") != 0) return false;
  *storage = (struct hrlp_storage){six, sizeof six};
  return true;
}

static struct hrlp_value *read_ok(const char *bytes, size_t length) {
  struct hrlp_value *root = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrlp_pickle_read("test.pt", bytes, length, find_storage, NULL, &root, &error);
  ck_assert_str_eq(error.message, "");
  ck_assert_ptr_nonnull(root);
  return root;
}

/* Reads what must fail with a status and a message that holds `part`. The bytes are
 * copied to a block of exactly their size, so that sanitizers see any step beyond. */
static void refused(hrl_status status, const char *part, const char *bytes,
                    size_t length) {
  char *copy = malloc(length == 0 ? 1 : length);
  ck_assert_ptr_nonnull(copy);
  memcpy(copy, bytes, length);
  struct hrlp_value *root = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrl_status got =
      hrlp_pickle_read("test.pt", copy, length, find_storage, NULL, &root, &error);
  ck_assert_msg(got == status, "%s, expected %s: %s", hrl_status_name(got),
                hrl_status_name(status), error.message);
  ck_assert_ptr_null(root);
  ck_assert_msg(strncmp(error.message, "test.pt: data.pkl: ", 19) == 0, "%s",
                error.message);
  ck_assert_msg(strstr(error.message, part) != NULL, "'%s' is not in '%s'", part,
                error.message);
  free(copy);
}
#define REFUSED(status, part, literal) \
  refused(status, part, PROTO literal, sizeof PROTO literal - 1)

START_TEST(globals_outside_the_list_are_refused_by_name) {
  REFUSED(HRL_ERROR_FORMAT, "global 'os.system' is not allowed in a model file",
          "cos\nsystem\nX\4\0\0\0true\205R.");
  REFUSED(HRL_ERROR_FORMAT, "global 'builtins.eval' is not allowed",
          "cbuiltins\neval\n.");
  REFUSED(HRL_ERROR_FORMAT, "global '?.?x' is not", "c\33\n\377x\n.");
  REFUSED(HRL_ERROR_FORMAT, "global 'torch.FloatStorag' is not",
          "ctorch\nFloatStorag\n.");
  REFUSED(HRL_ERROR_FORMAT, "global 'torch.HalfStorage' is not",
          "ctorch\nHalfStorage\n.");
  REFUSED(HRL_ERROR_FORMAT, "a class outside a tensor", "ctorch\nFloatStorage\n.");
  REFUSED(HRL_ERROR_CORRUPT, "ends too early", "ccollections\nOrderedDict");
}
END_TEST

START_TEST(opcodes_outside_the_list_are_refused) {
  static const char allowed[] = "().GJKMNQRX]abcehjqrstu}\200\205\206\207\210\211\212";
  for (int opcode = 0; opcode < 256; opcode++) {
    char pickle[] = {(char)0x80, 2, (char)opcode, '.'};
    char part[32];
    snprintf(part, sizeof part, "opcode 0x%02x is not allowed", opcode);
    bool is_proto = opcode == 0x80; /* only at the beginning */
    if (is_proto || memchr(allowed, opcode, sizeof allowed - 1) == NULL) {
      refused(HRL_ERROR_FORMAT, part, pickle, sizeof pickle);
    }
  }
}
END_TEST

START_TEST(every_opcode_checks_the_stack) {
  static const struct {
    const char *bytes;
    size_t length;
    size_t needs; /* objects on the stack */
  } opcodes[] = {{"Q", 1, 1},   {"R", 1, 2},       {"a", 1, 2},    {"b", 1, 2},
                 {"s", 1, 3},   {"\205", 1, 1},    {"\206", 1, 2}, {"\207", 1, 3},
                 {"q\0", 2, 1}, {"r\0\0\0", 5, 1}, {".", 1, 1}};
  for (size_t i = 0; i < sizeof opcodes / sizeof *opcodes; i++) {
    for (size_t have = 0; have < opcodes[i].needs; have++) {
      /* with nothing below, and with something below a mark, which is out of reach */
      for (size_t below = 2; below <= 4; below += 2) {
        char pickle[16] = "\200\2N(NN";
        size_t length = below + have;
        memset(pickle + below, 'N', have);
        memcpy(pickle + length, opcodes[i].bytes, opcodes[i].length);
        refused(HRL_ERROR_CORRUPT, "needs more than the stack holds", pickle,
                length + opcodes[i].length);
      }
    }
  }
  REFUSED(HRL_ERROR_CORRUPT, "a mark is missing", "t.");
  REFUSED(HRL_ERROR_CORRUPT, "a mark is missing", "e.");
  REFUSED(HRL_ERROR_CORRUPT, "a mark is missing", "u.");
  REFUSED(HRL_ERROR_CORRUPT, "a mark is missing", "]NNe.");
  REFUSED(HRL_ERROR_CORRUPT, "needs more than the stack holds", "(Ne.");
  REFUSED(HRL_ERROR_CORRUPT, "needs more than the stack holds", "(NNu.");
  REFUSED(HRL_ERROR_CORRUPT, "needs more than the stack holds", "N(.");
  REFUSED(HRL_ERROR_CORRUPT, "more than one object left", "NN.");
  REFUSED(HRL_ERROR_CORRUPT, "more than one object left", "(N.");
}
END_TEST

START_TEST(frames_are_checked) {
  refused(HRL_ERROR_CORRUPT, "ends too early", "", 0);
  refused(HRL_ERROR_CORRUPT, "ends too early", "\200", 1);
  refused(HRL_ERROR_FORMAT, "protocol 2", "\200\4N.", 4);
  refused(HRL_ERROR_FORMAT, "protocol 2", "(dp0\n.", 6);
  REFUSED(HRL_ERROR_CORRUPT, "ends too early", "N");
  REFUSED(HRL_ERROR_CORRUPT, "bytes after the end", "N.N");
  REFUSED(HRL_ERROR_CORRUPT, "ends too early", "X\377\377\377\377abc.");
  REFUSED(HRL_ERROR_CORRUPT, "not UTF-8", "X\2\0\0\0\300\200.");
  REFUSED(HRL_ERROR_CORRUPT, "not UTF-8", "X\3\0\0\0\355\240\200.");
  REFUSED(HRL_ERROR_CORRUPT, "not UTF-8", "X\1\0\0\0\0.");
  REFUSED(HRL_ERROR_LIMIT, "an integer of 9 bytes", "\212\11\0\0\0\0\0\0\0\0\1.");
  REFUSED(HRL_ERROR_CORRUPT, "the memo has no place 5", "h\5.");
  REFUSED(HRL_ERROR_CORRUPT, "the memo has no place 3", "Nq\4h\3.");
  REFUSED(HRL_ERROR_CORRUPT, "the memo has no place 4294967295", "j\377\377\377\377.");
  REFUSED(HRL_ERROR_LIMIT, "more than 1048576 objects", "Nr\377\377\377\377.");
}
END_TEST

START_TEST(constructions_are_checked) {
  REFUSED(HRL_ERROR_FORMAT, "items for a dict, expected a list", "}Na.");
  REFUSED(HRL_ERROR_FORMAT, "items for a tuple, expected a list", ")Na.");
  REFUSED(HRL_ERROR_FORMAT, "items for a list, expected a dict", "]NNs.");
  REFUSED(HRL_ERROR_FORMAT, "items for None, expected a dict", "N(NNu.");
  REFUSED(HRL_ERROR_CORRUPT, "a dict key without a value", "}(Nu.");
  REFUSED(HRL_ERROR_FORMAT, "a dict key that is None", "}NNs.");
  REFUSED(HRL_ERROR_FORMAT, "a dict key that is a bool", "}\210Ns.");
  REFUSED(HRL_ERROR_CORRUPT, "the same key twice", "}(K\1NK\1Nu.");
  REFUSED(HRL_ERROR_CORRUPT, "the same key twice", "}(" TEXT1("a") "N" TEXT1("a") "Nu.");
  REFUSED(HRL_ERROR_FORMAT, "a call of None", "N)R.");
  REFUSED(HRL_ERROR_FORMAT, "a call of a class with a list", DICT_CLASS "]R.");
  REFUSED(HRL_ERROR_FORMAT, "a call of a class with a tuple", DICT_CLASS "]\205R.");
  REFUSED(HRL_ERROR_FORMAT, "a call of a class", "ctorch\nFloatStorage\n)R.");
  REFUSED(HRL_ERROR_FORMAT, "a dict as attributes of a list", "]}b.");
  REFUSED(HRL_ERROR_FORMAT, "a tuple as attributes of an ordered dict",
          DICT_CLASS ")R)b.");
  struct hrlp_value *root = read_ok(PROTO DICT_CLASS ")R}b.", sizeof DICT_CLASS + 6);
  ck_assert(root->kind == HRLP_DICT && root->ordered);
  hrlp_value_free(root);
}
END_TEST

START_TEST(storages_are_checked) {
  REFUSED(HRL_ERROR_FORMAT, "a persistent id that is not", "NQ.");
  REFUSED(HRL_ERROR_FORMAT, "a persistent id that is not", "X\7\0\0\0storage\205Q.");
  REFUSED(HRL_ERROR_FORMAT, "a persistent id that is not", "(NNNNNtQ.");
  REFUSED(HRL_ERROR_FORMAT, "items of the wrong type", "(X\7\0\0\0storageNNNNtQ.");
  REFUSED(HRL_ERROR_FORMAT, "items of the wrong type", STORAGE_ID("0", "N") "Q.");
  REFUSED(HRL_ERROR_CORRUPT, "the storage 'data/7' is not", STORAGE_ID("7", "K\6") "Q.");
  REFUSED(HRL_ERROR_CORRUPT, "has 24 bytes, expected 7 elements of 4",
          STORAGE_ID("0", "K\7") "Q.");
  REFUSED(HRL_ERROR_CORRUPT, "has 24 bytes, expected -1 elements",
          STORAGE_ID("0", "J\377\377\377\377") "Q.");
  /* 2^62 + 6 elements: times 4 that is 24 modulo 2^64 */
  REFUSED(HRL_ERROR_CORRUPT, "has 24 bytes, expected 4611686018427387910",
          STORAGE_ID("0", LONG8("\6\0\0\0\0\0\0\100")) "Q.");
  REFUSED(HRL_ERROR_FORMAT, "a storage outside a tensor", STORAGE ".");
}
END_TEST

START_TEST(views_are_checked) {
  static const char outside[] = "reaches outside its storage of 6 elements";
  REFUSED(HRL_ERROR_CORRUPT, outside, TENSOR(STORAGE, "K\0", "K\7\205", "K\1\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside, TENSOR(STORAGE, "K\1", "K\6\205", "K\1\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside, TENSOR(STORAGE, "K\0", "K\4\205", "K\2\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside, TENSOR(STORAGE, "K\6", ")", ")") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside, TENSOR(STORAGE, "K\7", "K\0\205", "K\1\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside,
          TENSOR(STORAGE, "J\377\377\377\377", "K\1\205", "K\1\205") ".");
  /* one element repeated to look like seven */
  REFUSED(HRL_ERROR_CORRUPT, outside, TENSOR(STORAGE, "K\0", "K\7\205", "K\0\205") ".");
  /* 2^60 elements; 2^32 * 2^32 = 0 modulo 2^64; the same beside a size of 0 */
#define TWO_60 LONG8("\0\0\0\0\0\0\0\20")
#define TWO_32 LONG8("\0\0\0\0\1\0\0\0")
  REFUSED(HRL_ERROR_CORRUPT, outside,
          TENSOR(STORAGE, "K\0", TWO_60 "\205", "K\1\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside,
          TENSOR(STORAGE, "K\0", TWO_60 "\205", "K\0\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside,
          TENSOR(STORAGE, "K\0", TWO_32 TWO_32 "\206", "K\0K\0\206") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside,
          TENSOR(STORAGE, "K\0", "K\0" TWO_32 TWO_32 "\207", "K\0K\0K\0\207") ".");
  REFUSED(HRL_ERROR_CORRUPT, outside,
          TENSOR(STORAGE, LONG8("\377\377\377\377\377\377\377\177"), "K\2\205",
                 "K\1\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, "strides with the negative number -1",
          TENSOR(STORAGE, "K\0", "K\2\205", "J\377\377\377\377\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, "sizes with the negative number -2",
          TENSOR(STORAGE, "K\0", "J\376\377\377\377\205", "K\1\205") ".");
  REFUSED(HRL_ERROR_CORRUPT, "1 sizes and 0 strides",
          TENSOR(STORAGE, "K\0", "K\1\205", ")") ".");
  REFUSED(HRL_ERROR_FORMAT, "sizes with None",
          TENSOR(STORAGE, "K\0", "N\205", "K\1\205") ".");
  REFUSED(HRL_ERROR_FORMAT, "sizes is a list",
          TENSOR(STORAGE, "K\0", "]", "K\1\205") ".");
  REFUSED(HRL_ERROR_FORMAT, "storage is None", TENSOR("N", "K\0", ")", ")") ".");
  REFUSED(HRL_ERROR_LIMIT, "a tensor of 9 dimensions",
          TENSOR(STORAGE, "K\0", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t",
                 "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t") ".");
  REFUSED(HRL_ERROR_FORMAT, "without its 6 arguments", REBUILD ")R.");
  REFUSED(HRL_ERROR_FORMAT, "hooks, expected none",
          REBUILD "(" STORAGE "K\0))\211" DICT_CLASS ")RK\1NstR.");
}
END_TEST

START_TEST(views_are_gathered_in_row_major_order) {
  static const char transposed[] =
      PROTO TENSOR(STORAGE, "K\0", "K\3K\2\206", "K\1K\3\206") ".";
  struct hrlp_value *root = read_ok(transposed, sizeof transposed - 1);
  static const float expected[6] = {0, 3, 1, 4, 2, 5};
  ck_assert_mem_eq(root->tensor.data, expected, sizeof expected);
  hrlp_value_free(root);
  /* a stride along a size of 1 is never taken, whatever it is */
  static const char part[] =
      PROTO TENSOR(STORAGE, "K\1", "K\1K\2\206",
                   LONG8("\377\377\377\377\377\377\377\177") "K\3\206") ".";
  root = read_ok(part, sizeof part - 1);
  static const float steps[2] = {1, 4};
  ck_assert_mem_eq(root->tensor.data, steps, sizeof steps);
  hrlp_value_free(root);
}
END_TEST

/* PROTO, then `opening` and `closing`, each `count` times, STOP. */
static void nested(const char *opening, const char *closing, size_t count,
                   const char *part) {
  struct hrlp_text pickle = {0};
  hrlp_text_append(&pickle, PROTO, 2);
  for (size_t i = 0; i < count; i++) hrlp_text_append(&pickle, opening, strlen(opening));
  for (size_t i = 1; i < count; i++) hrlp_text_append(&pickle, closing, strlen(closing));
  hrlp_text_append(&pickle, ".", 1);
  ck_assert(!pickle.failed);
  refused(HRL_ERROR_LIMIT, part, pickle.data, pickle.length);
  hrlp_text_free(&pickle);
}

START_TEST(deep_nesting_is_refused) {
  nested("]", "a", 1000000, "nested deeper than 64 levels");
  nested("]", "a", 65, "nested deeper than 64 levels");
  nested("K\1", "", 2000000, "more than 1048576 objects");
  nested("(", "", 2000000, "more than 1048576 objects");
  struct hrlp_text tuples = {0};
  hrlp_text_append(&tuples, PROTO "N", 3);
  for (int i = 0; i < 1000000; i++) hrlp_text_append(&tuples, "\205", 1);
  hrlp_text_append(&tuples, ".", 1);
  refused(HRL_ERROR_LIMIT, "nested deeper", tuples.data, tuples.length);
  hrlp_text_free(&tuples);
  struct hrlp_value *root = read_ok(PROTO "]]]aa.", 8);
  ck_assert_ptr_nonnull(hrlp_value_get_at(hrlp_value_get_at(root, 0), 0));
  hrlp_value_free(root);
}
END_TEST

START_TEST(shared_references_are_bounded) {
  REFUSED(HRL_ERROR_LIMIT, "inside themselves", "]q\0h\0a.");
  REFUSED(HRL_ERROR_LIMIT, "inside themselves", "}q\0K\1h\0s.");
  /* 40 pairs of the pair before: 2^40 values */
  struct hrlp_text pickle = {0};
  hrlp_text_append(&pickle, PROTO "Nq\0", 5);
  for (int i = 0; i < 40; i++) {
    char step[] = {'h', (char)i, (char)0x86, 'q', (char)(i + 1)};
    if (i == 0) hrlp_text_append(&pickle, "h\0\206q\1", 5);
    if (i > 0) hrlp_text_append(&pickle, step, sizeof step);
  }
  hrlp_text_append(&pickle, ".", 1);
  refused(HRL_ERROR_LIMIT, "more than 262144 values", pickle.data, pickle.length);
  hrlp_text_free(&pickle);
  /* one text of 16 MiB, 20 times */
  hrlp_text_append(&pickle, PROTO "]X\0\0\0\1", 8);
  for (int i = 0; i < 1 << 16; i++) hrlp_text_format(&pickle, "%0256d", 0);
  hrlp_text_append(&pickle, "q\0a", 3);
  for (int i = 0; i < 20; i++) hrlp_text_append(&pickle, "h\0a", 3);
  hrlp_text_append(&pickle, ".", 1);
  refused(HRL_ERROR_LIMIT, "take more than 268435456 bytes", pickle.data, pickle.length);
  hrlp_text_free(&pickle);
}
END_TEST

START_TEST(large_dicts_are_refused) {
  struct hrlp_text pickle = {0};
  hrlp_text_append(&pickle, PROTO "}(", 4);
  for (int i = 0; i < HRLP_VALUE_MAX_KEYS + 1; i++) {
    char pair[] = {'M', (char)(i & 0xff), (char)(i >> 8), 'N'};
    hrlp_text_append(&pickle, pair, sizeof pair);
  }
  hrlp_text_append(&pickle, "u.", 2);
  refused(HRL_ERROR_LIMIT, "a dict of 1025 keys", pickle.data, pickle.length);
  hrlp_text_free(&pickle);
  hrlp_text_append(&pickle, PROTO "}X\0\1\0\0", 8);
  hrlp_text_format(&pickle, "%0256d", 0);
  hrlp_text_append(&pickle, "Ns.", 3);
  refused(HRL_ERROR_LIMIT, "a dict key of 256 bytes", pickle.data, pickle.length);
  hrlp_text_free(&pickle);
}
END_TEST

START_TEST(integers_take_as_few_bytes_as_in_python) {
  static const char expected[] =
      "\200\2](K\377M\0\1J\377\377\377\377J\0\0\1\0\212\5\0\0\0\200\0"
      "\212\5\0\0\0\0\200\212\6\0\0\0\0\200\0e.";
  static const int64_t integers[] = {255,       256,          -1,       65536,
                                     1LL << 31, -(1LL << 39), 1LL << 39};
  struct hrlp_value *list = hrlp_value_list();
  for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
    hrlp_value_append(list, hrlp_value_int(integers[i]));
  }
  struct hrlp_pickle pickle = {0};
  ck_assert_int_eq(hrlp_pickle_write(list, &pickle, NULL), HRL_OK);
  ck_assert_uint_eq(pickle.bytes.length, sizeof expected - 1);
  ck_assert_mem_eq(pickle.bytes.data, expected, sizeof expected - 1);
  hrlp_pickle_free(&pickle);
  hrlp_value_free(list);
}
END_TEST

/* The tensors of a pickle as its storages. */
static bool find_written(const void *context, const char *key,
                         struct hrlp_storage *storage) {
  const struct hrlp_pickle *pickle = context;
  size_t number = (size_t)atoi(key);
  if (number >= pickle->tensor_count) return false;
  const struct hrlp_tensor *tensor = pickle->tensors[number];
  *storage =
      (struct hrlp_storage){tensor->data, tensor->count * hrlp_dtype_size(tensor->dtype)};
  return true;
}

START_TEST(damaged_pickles_never_crash) {
  struct hrlp_value *sample = sample_tree();
  struct hrlp_pickle pickle = {0};
  ck_assert_int_eq(hrlp_pickle_write(sample, &pickle, NULL), HRL_OK);
  struct hrlp_value *root = NULL;
  for (size_t length = 0; length < pickle.bytes.length; length++) {
    char *cut = malloc(length + 1);
    ck_assert_ptr_nonnull(cut);
    memcpy(cut, pickle.bytes.data, length);
    ck_assert_int_eq(
        hrlp_pickle_read("cut", cut, length, find_written, &pickle, &root, NULL),
        HRL_ERROR_CORRUPT);
    free(cut);
  }
  for (size_t bit = 0; bit < 8 * pickle.bytes.length; bit++) {
    pickle.bytes.data[bit / 8] ^= (char)(1 << bit % 8);
    hrlp_pickle_read("flipped", pickle.bytes.data, pickle.bytes.length, find_written,
                     &pickle, &root, NULL);
    hrlp_value_free(root);
    pickle.bytes.data[bit / 8] ^= (char)(1 << bit % 8);
  }
  hrlp_pickle_free(&pickle);
  hrlp_value_free(sample);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("pickle");
  TCase *test = tcase_create("pickle");
  tcase_set_timeout(test, 120);
  tcase_add_test(test, globals_outside_the_list_are_refused_by_name);
  tcase_add_test(test, opcodes_outside_the_list_are_refused);
  tcase_add_test(test, every_opcode_checks_the_stack);
  tcase_add_test(test, frames_are_checked);
  tcase_add_test(test, constructions_are_checked);
  tcase_add_test(test, storages_are_checked);
  tcase_add_test(test, views_are_checked);
  tcase_add_test(test, views_are_gathered_in_row_major_order);
  tcase_add_test(test, deep_nesting_is_refused);
  tcase_add_test(test, shared_references_are_bounded);
  tcase_add_test(test, large_dicts_are_refused);
  tcase_add_test(test, integers_take_as_few_bytes_as_in_python);
  tcase_add_test(test, damaged_pickles_never_crash);
  suite_add_tcase(suite, test);
  return run_suite(suite);
}
