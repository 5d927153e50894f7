/* A database of runs that somebody else made. Every question gets an answer or an error,
 * in bounded time; what is answered can be printed and leads to no other folder. */
#include <math.h>
#include <unistd.h>

#include <hrl/runs.h>

#include "base/file.h"
#include "fuzz.h"

/* A folder in memory, made once; each input replaces what the last one left in it. */
static char room[64];
static char path[96];

static void remove_leftovers(void) {
  static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
  char name[128];
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    snprintf(name, sizeof name, "%s%s", path, endings[i]);
    unlink(name);
  }
}

static void leave_room(void) {
  remove_leftovers();
  rmdir(room);
}

static void make_room(void) {
  if (room[0] != '\0') return;
  snprintf(room, sizeof room, "%s/hrl-fuzz-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  PROMISE(mkdtemp(room) != NULL);
  snprintf(path, sizeof path, "%s/runs.db", room);
  atexit(leave_room);
}

static void promise_text(const char *text, size_t room_of_it) {
  PROMISE(memchr(text, '\0', room_of_it) != NULL);
  PROMISE(hrlp_is_text(text, strlen(text)));
  for (; *text != '\0'; text++) PROMISE((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static int look_at_run(const hrl_run *run, void *data) {
  uint64_t *id = data;
  *id = run->id;
  PROMISE(run->id > 0);
  PROMISE(strcmp(hrl_run_state_name(run->state), "unknown") != 0);
  promise_text(run->scenario, sizeof run->scenario);
  PROMISE(strchr(run->scenario, '/') == NULL && run->scenario[0] != '.');
  promise_text(run->scenario_hash, sizeof run->scenario_hash);
  promise_text(run->library_version, sizeof run->library_version);
  promise_text(run->host, sizeof run->host);
  promise_text(run->start_time, sizeof run->start_time);
  promise_text(run->end_time, sizeof run->end_time);
  promise_text(run->error, sizeof run->error);
  PROMISE(!isinf(run->elapsed_time) && !isinf(run->best_return));
  return 0;
}

static int look_at_point(const hrl_progress *point, void *data) {
  size_t *count = data;
  PROMISE(!isinf(point->avg_reward) && !isinf(point->elapsed_time));
  return ++*count > 10000;
}

static int look_at_evaluation(uint64_t episode, const hrl_evaluation *evaluation,
                              void *data) {
  size_t *count = data;
  (void)episode;
  PROMISE(!isinf(evaluation->strategic_return));
  return ++*count > 10000;
}

/* SQLite 3.40 calls some damaged schemas "out of memory"; the size of what it asks for is
 * bounded all the same. */
static void promise(hrl_status status, hrl_error *error) {
  if (status == HRL_ERROR_MEMORY)
    PROMISE(error->status == status && error->message[0] != '\0');
  else
    promise_error(status, error);
  hrl_error_clear(error);
}

static void ask(hrl_runs *runs) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  char *model = NULL;
  uint64_t id = 1;
  uint64_t count = 0;
  size_t points = 0;
  double difference = 0.0;
  double spread = 0.0;
  promise(hrl_runs_list(runs, NULL, look_at_run, &id, &error), &error);
  promise(hrl_runs_count(runs, NULL, &count, &error), &error);
  promise(hrl_runs_progress(runs, id, 7, look_at_point, &points, &error), &error);
  promise(hrl_runs_evaluations(runs, id, look_at_evaluation, &points, &error), &error);
  promise(hrl_runs_scenario(runs, id, &scenario, &error), &error);
  hrl_scenario_destroy(scenario);
  promise(hrl_runs_difference(runs, id, 1, &count, &difference, &spread, &error), &error);
  hrl_status status = hrl_runs_model(runs, id, &model, &error);
  PROMISE(status != HRL_OK && model == NULL); /* there are no checkpoints */
  promise(status, &error);
  promise(hrl_runs_delete(runs, id, &error), &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_runs *runs = NULL;
  make_room();
  remove_leftovers();
  FILE *file = fopen(path, "wb");
  PROMISE(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0);
  hrl_status status = hrl_runs_open(path, &runs, &error);
  PROMISE((status == HRL_OK) == (runs != NULL));
  promise(status, &error);
  if (status == HRL_OK) ask(runs);
  hrl_runs_close(runs);
  return 0;
}
