#include "trial.h"

#include <pthread.h>

#include "sanitizer.h"

#ifdef THREAD_SANITIZER
/* libzip asks mktime for the time. The C library holds a lock of its own around the time
 * zone, which ThreadSanitizer does not see. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) { return "race:tzset_internal\n"; }
#endif

/* ---- a folder of the test's own, which it runs in ---- */

char trial_room[64];

void enter_room(void) {
  /* in memory where that is offered: every checkpoint is synced, which disks take long
   * for */
  const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  snprintf(trial_room, sizeof trial_room, "%s/hrl-trial-XXXXXX", place);
  ck_assert_ptr_nonnull(mkdtemp(trial_room));
  ck_assert_int_eq(chdir(trial_room), 0);
}

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *walk) {
  (void)info, (void)kind, (void)walk;
  return remove(path);
}

void remove_tree(const char *path) { nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS); }

void leave_room(void) {
  ck_assert_int_eq(chdir("/"), 0);
  remove_tree(trial_room);
}

/* ---- a household ---- */

const char trial_yaml[] =
    "environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,\n"
    "  variable_expense_std: 120, inflation: 0.02, safety_threshold: 1000,\n"
    "  max_months: 12, initial_cash: 3000, risk_tolerance: 0.5}\n"
    "training: {num_episodes: 24, high_period: 4, parallel_episodes: 8, hidden_low: 8,\n"
    "  hidden_high: 8, batch_size: 32, batch_size_high: 8, epochs_low: 2,\n"
    "  epochs_high: 2}\n";

hrl_scenario *make_scenario(void) {
  hrl_scenario *scenario = NULL;
  OK(hrl_scenario_parse(trial_yaml, strlen(trial_yaml), "trial", &scenario, &error));
  return scenario;
}

hrl_scenario *make_other(const char *key, double value) {
  hrl_scenario *scenario = make_scenario();
  OK(hrl_scenario_set(scenario, key, value, &error));
  return scenario;
}

/* ---- trainers ---- */

hrl_trainer_options short_run(uint64_t episodes, const char *output) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = episodes;
  options.seed = 7;
  options.save_interval = 10;
  options.eval_episodes = 4;
  options.threads = 1;
  options.output = output;
  return options;
}

hrl_trainer *make_trainer(const hrl_trainer_options *options) {
  hrl_scenario *scenario = make_scenario();
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, options, &trainer, &error));
  hrl_scenario_destroy(scenario);
  return trainer;
}

void step_to_end(hrl_trainer *trainer) {
  for (int more = 1; more != 0;) OK(hrl_trainer_step(trainer, &more, &error));
}

void run_into(const char *output, uint64_t episodes) {
  hrl_trainer_options options = short_run(episodes, output);
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

hrl_trainer_status status_of(const hrl_trainer *trainer) {
  hrl_trainer_status status = {.size = sizeof status};
  ck_assert_int_eq(hrl_trainer_get_status(trainer, &status), HRL_OK);
  return status;
}

/* ---- what lies in folders ---- */

char *read_whole(const char *path, size_t *length) {
  char *data = NULL;
  OK(hrlp_file_read(path, (size_t)64 << 20, &data, length, &error));
  return data;
}

void assert_same_file(const char *a, const char *b) {
  size_t length = 0;
  size_t other_length = 0;
  char *data = read_whole(a, &length);
  char *other = read_whole(b, &other_length);
  ck_assert_msg(length == other_length && memcmp(data, other, length) == 0,
                "%s and %s differ", a, b);
  free(data);
  free(other);
}

bool same_file(const char *a, const char *b) {
  size_t length = 0;
  size_t other_length = 0;
  char *data = read_whole(a, &length);
  char *other = read_whole(b, &other_length);
  bool same = length == other_length && memcmp(data, other, length) == 0;
  free(data);
  free(other);
  return same;
}

char *read_timeless(const char *path) {
  size_t length = 0;
  char *text = read_whole(path, &length);
  char *kept = calloc(length + 1, 1);
  size_t used = 0;
  for (char *line = text; *line != '\0';) {
    size_t size = strcspn(line, "\n");
    size += line[size] == '\n' ? 1 : 0;
    char *end = line + size;
    char kept_byte = *end;
    *end = '\0';
    if (strstr(line, "\"start_time\"") == NULL &&
        strstr(line, "\"elapsed_time\"") == NULL &&
        strstr(line, "\"checksum\"") == NULL) {
      memcpy(kept + used, line, size);
      used += size;
    }
    *end = kept_byte;
    line = end;
  }
  free(text);
  return kept;
}

static void assert_same_entry(const char *a, const char *b, const char *name) {
  char *one = hrlp_path_join(a, name);
  char *other = hrlp_path_join(b, name);
  assert_same_file(one, other);
  free(one);
  free(other);
}

void assert_same_checkpoint(const char *a, const char *b) {
  static const char *const names[] = {"high_agent.pt", "low_agent.pt",
                                      "training_history.json"};
  for (size_t i = 0; i < 3; i++) assert_same_entry(a, b, names[i]);
  char *one = hrlp_path_join(a, "metadata.json");
  char *other = hrlp_path_join(b, "metadata.json");
  char *text = read_timeless(one);
  char *other_text = read_timeless(other);
  free(one);
  free(other);
  ck_assert_str_eq(text, other_text);
  free(text);
  free(other_text);
}

void assert_same_output(const char *a, const char *b, uint64_t episode) {
  static const char *const names[] = {"trial_high_agent.pt", "trial_low_agent.pt",
                                      "trial_history.json"};
  for (size_t i = 0; i < 3; i++) assert_same_entry(a, b, names[i]);
  char name[64];
  snprintf(name, sizeof name, "checkpoints/trial/checkpoint_episode_%llu",
           (unsigned long long)episode);
  char *one = hrlp_path_join(a, name);
  char *other = hrlp_path_join(b, name);
  assert_same_checkpoint(one, other);
  free(one);
  free(other);
}

bool exists(const char *path) { return access(path, F_OK) == 0; }

/* ---- remarks ---- */

static pthread_mutex_t remarking = PTHREAD_MUTEX_INITIALIZER;

void remember_remark(const char *message, void *data) {
  struct remarks *remarks = data;
  pthread_mutex_lock(&remarking);
  size_t used = strlen(remarks->text);
  snprintf(remarks->text + used, sizeof remarks->text - used, "%s\n", message);
  pthread_mutex_unlock(&remarking);
}

bool was_remarked(const struct remarks *remarks, const char *text) {
  pthread_mutex_lock(&remarking);
  bool found = strstr(remarks->text, text) != NULL;
  pthread_mutex_unlock(&remarking);
  return found;
}
