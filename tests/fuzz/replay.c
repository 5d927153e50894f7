/* replay.c - the main function of a fuzz target without libFuzzer: tries every file that
 * is named, and every file of every folder. */

#include "base/file.h"
#include "fuzz.h"

#define LARGEST ((size_t)16 << 20)

static size_t tried;

static bool replay_file(const char *path) {
  char *text = NULL;
  size_t length = 0;
  hrl_error error = HRL_ERROR_INIT;
  if (hrlp_file_read(path, LARGEST, &text, &length, &error) != HRL_OK) {
    fprintf(stderr, "%s\n", error.message);
    return false;
  }
  /* in a block of exactly its size, so that a sanitizer sees any step beyond it */
  uint8_t *exact = malloc(length > 0 ? length : 1);
  PROMISE(exact != NULL);
  memcpy(exact, text, length);
  free(text);
  /* said before it is tried: the last line names the input that ended the process */
  printf("%s\n", path);
  fflush(stdout);
  LLVMFuzzerTestOneInput(exact, length);
  free(exact);
  tried++;
  return true;
}

static bool replay_folder(const char *path) {
  struct hrlp_names names;
  hrl_error error = HRL_ERROR_INIT;
  if (hrlp_folder_list(path, &names, &error) != HRL_OK) {
    fprintf(stderr, "%s\n", error.message);
    return false;
  }
  bool done = true;
  for (size_t i = 0; i < names.count; i++) {
    char *file = hrlp_path_join(path, names.names[i]);
    PROMISE(file != NULL);
    done = replay_file(file) && done;
    free(file);
  }
  hrlp_names_free(&names);
  return done;
}

int main(int argc, char **argv) {
  bool done = true;
  for (int i = 1; i < argc; i++)
    done =
        (hrlp_is_folder(argv[i]) ? replay_folder(argv[i]) : replay_file(argv[i])) && done;
  printf("%zu inputs\n", tried);
  /* an empty or mistyped folder is no success */
  return done && tried > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
