/* The whole trainer as its users run it: the hierarchy with default parameters, what a
 * callback costs, checkpoints. */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"
#include "scenario/scenario.h"

/* The library's calls of fsync come here, so that saving can be measured without them. */
static bool sync_is_off;
int fsync(int descriptor);
int fsync(int descriptor) {
  return sync_is_off ? 0 : (int)syscall(SYS_fsync, descriptor);
}

/* ---- training ---- */

struct run {
  const struct bench *bench;
  uint64_t episodes;
  size_t threads;
  hrl_listener_fn listener; /* or NULL */
  FILE *output;             /* for that listener */
  double months;            /* lived, counted by `count_months` */
};

static hrl_trainer *make_trainer(const struct run *run) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer *trainer = NULL;
  options.episodes = run->episodes;
  options.threads = (uint32_t)run->threads;
  must(hrl_trainer_create(run->bench->scenario, &options, &trainer, &error), &error);
  return trainer;
}

static void step_to_end(hrl_trainer *trainer) {
  hrl_error error = HRL_ERROR_INIT;
  int more = 1;
  while (more) must(hrl_trainer_step(trainer, &more, &error), &error);
}

static void train(void *context) {
  struct run *run = context;
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer *trainer = make_trainer(run);
  if (run->listener != NULL)
    must(hrl_trainer_add_listener(trainer, run->listener, run, &error), &error);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

/* avg_duration is the mean of the last ten episodes: every tenth tells of all. */
static void count_months(const hrl_event *event, void *data) {
  struct run *run = data;
  if (event->type == HRL_EVENT_PROGRESS && event->progress->episode % 10 == 0)
    run->months += 10.0 * event->progress->avg_duration;
}

static void bench_hierarchy(struct bench *bench) {
  static const uint64_t lengths[] = {1000, 10000};
  heading("The hierarchy with default parameters");
  for (int all = 0; all < bench->kinds; all++)
    for (size_t i = 0; i < (bench->brief ? 1 : sizeof lengths / sizeof *lengths); i++) {
      struct run run = {.bench = bench,
                        .episodes = bench->brief ? 20 : lengths[i],
                        .threads = all ? bench->threads : 1,
                        .listener = count_months};
      train(&run);
      double months = run.months;
      run.listener = NULL;
      int runs = lengths[i] > 1000 ? 1 : bench->runs;
      struct timing timing = time_runs(runs, train, &run);
      char name[80];
      snprintf(name, sizeof name, "%llu episodes", (unsigned long long)run.episodes);
      report_span(bench, name, run.threads, timing);
      report_rate(bench, name, run.threads, timing, months, "months/s", 0.0);
    }
  report_value(bench, "peak memory up to here", bench->threads, peak_memory(), "MiB");
}

/* ---- a callback for each episode ---- */

static void write_line(const hrl_event *event, void *data) {
  const struct run *run = data;
  if (event->type != HRL_EVENT_PROGRESS) return;
  const hrl_progress *p = event->progress;
  fprintf(run->output,
          "{\"episode\": %llu, \"total_episodes\": %llu, \"avg_reward\": %.17g, "
          "\"avg_duration\": %.17g, \"avg_cash\": %.17g, \"avg_invested\": %.17g, "
          "\"stability\": %.17g, \"goal_adherence\": %.17g, \"elapsed_time\": %.17g}\n",
          (unsigned long long)p->episode, (unsigned long long)p->total_episodes,
          p->avg_reward, p->avg_duration, p->avg_cash, p->avg_invested, p->stability,
          p->goal_adherence, p->elapsed_time);
}

static void hear(const hrl_event *event, void *data) {
  (void)event;
  (void)data;
}

/* Runs with and without take turns, so that whatever else the machine does meets both. */
static void bench_callback(struct bench *bench) {
  static const struct {
    const char *name;
    hrl_listener_fn listener;
  } kinds[] = {{"a callback each episode costs", hear},
               {"a JSON line each episode costs", write_line}};
  heading("Progress");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    struct run run = {.bench = bench,
                      .episodes = bench->brief ? 20 : 1000,
                      .threads = 1,
                      .output = fopen("/dev/null", "w")};
    double ratios[100];
    for (int r = 0; r < bench->runs; r++) {
      run.listener = NULL;
      double without = time_runs(1, train, &run).best;
      run.listener = kinds[i].listener;
      ratios[r] = time_runs(1, train, &run).best / without;
    }
    report_value(bench, kinds[i].name, 1,
                 100.0 * (summarize(ratios, bench->runs).median - 1.0), "% of the run");
    if (run.output != NULL) fclose(run.output);
  }
}

/* ---- files ---- */

struct files {
  hrl_trainer *trainer;
  struct run *run;
  char folder[64];
};

static void save(void *context) {
  struct files *files = context;
  hrl_error error = HRL_ERROR_INIT;
  must(hrl_trainer_save(files->trainer, files->folder, &error), &error);
}

static void load(void *context) {
  struct files *files = context;
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer *trainer = make_trainer(files->run);
  must(hrl_trainer_load(trainer, files->folder, &error), &error);
  hrl_trainer_destroy(trainer);
}

static void bench_files(struct bench *bench) {
  struct run run = {.bench = bench, .episodes = bench->brief ? 20 : 1000, .threads = 1};
  struct files files = {.trainer = make_trainer(&run), .run = &run};
  char root[] = "/tmp/hrl-throughput-XXXXXX";
  char command[128];
  heading("Files");
  step_to_end(files.trainer);
  if (mkdtemp(root) == NULL) {
    perror("throughput: cannot make a temporary folder");
    exit(1);
  }
  snprintf(files.folder, sizeof files.folder, "%s/checkpoint", root);
  report_span(bench, "checkpoint, save", 1, time_runs(bench->runs, save, &files));
  sync_is_off = true;
  report_span(bench, "checkpoint, save without fsync", 1,
              time_runs(bench->runs, save, &files));
  sync_is_off = false;
  report_span(bench, "checkpoint, load into a new trainer", 1,
              time_runs(bench->runs, load, &files));
  hrl_trainer_destroy(files.trainer);
  snprintf(command, sizeof command, "rm -rf '%s'", root);
  if (system(command) != 0) fprintf(stderr, "throughput: %s is left\n", root);
}

void bench_trainer(struct bench *bench) {
  bench_hierarchy(bench);
  bench_callback(bench);
  bench_files(bench);
}
