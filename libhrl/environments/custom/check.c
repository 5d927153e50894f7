/* hrl_task_check: the same episodes in several ways, and what differs. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/thread.h"
#include "environments/custom/check_judge.h"
#include "environments/custom/check_run.h"

#define MOST_EPISODES 4096
/* What guards consist of: in no two playings the same. */
#define FILL_FIRST 0xa5
#define FILL_SECOND 0x3c

/* Episodes that are played alone. */
#define ALONE 8

#define THREADS 4
#define ROUNDS 4

struct checker {
  const hrl_task *task;
  struct hrlp_findings findings;
  uint64_t seed;
  size_t count;
  struct hrlp_check_trace first, again;
  bool broken;
};

static struct hrlp_check_request request_of(struct checker *checker,
                                            struct hrlp_check_trace *trace) {
  return (struct hrlp_check_request){.task = checker->task,
                                     .findings = &checker->findings,
                                     .seed = checker->seed,
                                     .goals = checker->seed,
                                     .actions = checker->seed,
                                     .count = checker->count,
                                     .fill = FILL_SECOND,
                                     .trace = trace};
}

static hrl_status fail_memory(hrl_error *error) {
  return hrlp_fail_memory(error, "trying a task");
}

/* Tells of the first of `count` episodes that came out different this time. */
static void compare_traces(struct checker *checker, enum hrlp_finding_kind kind,
                           size_t count, const char *why) {
  for (size_t i = 0; i < count; i++) {
    size_t step = 0;
    const char *what =
        hrlp_check_trace_differ(&checker->first, i, &checker->again, i, &step);
    if (what == NULL) continue;
    hrlp_finding(&checker->findings, kind, HRLP_OF_ALL, "%s of episode %zu, step %zu, %s",
                 what, i, step + 1, why);
    return;
  }
}

static hrl_status play_all(struct checker *checker,
                           const struct hrlp_check_request *request, hrl_error *error) {
  bool broken = false;
  if (!hrlp_check_run_play(request, &broken)) return fail_memory(error);
  checker->broken = checker->broken || broken;
  return HRL_OK;
}

static hrl_status check_repeat(struct checker *checker, hrl_error *error) {
  struct hrlp_check_request request = request_of(checker, &checker->again);
  hrl_status status = play_all(checker, &request, error);
  if (status == HRL_OK)
    compare_traces(
        checker, HRLP_FINDING_REPEAT, checker->count,
        "differed the second time: draw noise as a function of seed, episode and step, "
        "keep no data outside the states, and do not read beyond them");
  return status;
}

static const char alone_advice[] =
    "depends on the other episodes of the batch: a row may use only its own state and "
    "episode";

static hrl_status check_alone(struct checker *checker, hrl_error *error) {
  size_t count = checker->count < ALONE ? checker->count : ALONE;
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    struct hrlp_check_request request = request_of(checker, &checker->again);
    request.first = request.row = i;
    request.count = 1;
    status = play_all(checker, &request, error);
  }
  if (status == HRL_OK) compare_traces(checker, HRLP_FINDING_BATCH, count, alone_advice);
  return status;
}

/* Two batches take turns, as they may on several threads. */
static hrl_status check_turns(struct checker *checker, hrl_error *error) {
  struct hrlp_check_run runs[2];
  struct hrlp_check_request request = request_of(checker, &checker->again);
  size_t half = checker->count / 2;
  request.count = half;
  bool made = hrlp_check_run_create(&runs[0], &request);
  request.first = request.row = half;
  request.count = checker->count - half;
  made = hrlp_check_run_create(&runs[1], &request) && made;
  bool more = made;
  while (more) {
    bool first = hrlp_check_run_step(&runs[0]);
    more = hrlp_check_run_step(&runs[1]) || first;
  }
  for (size_t k = 0; k < 2; k++) {
    checker->broken = checker->broken || runs[k].broken;
    hrlp_check_run_free(&runs[k]);
  }
  if (!made) return fail_memory(error);
  compare_traces(checker, HRLP_FINDING_BATCH, checker->count, alone_advice);
  return HRL_OK;
}

/* A part of the episodes on each of several threads. */
struct parts {
  struct checker *checker;
  bool made[THREADS];
};

static void play_part(void *context, size_t part) {
  struct parts *parts = context;
  struct checker *checker = parts->checker;
  struct hrlp_check_request request = request_of(checker, &checker->again);
  bool broken = false;
  request.findings = NULL;
  request.first = request.row = part * checker->count / THREADS;
  request.count = (part + 1) * checker->count / THREADS - request.first;
  parts->made[part] = request.count == 0 || hrlp_check_run_play(&request, &broken);
}

static hrl_status check_threads(struct checker *checker, hrl_error *error) {
  struct hrlp_pool *pool = NULL;
  struct parts parts = {.checker = checker};
  hrl_status status = hrlp_pool_create(THREADS, &pool, error);
  for (int round = 0; round < ROUNDS && status == HRL_OK; round++) {
    memset(checker->again.lengths, 0, checker->count * sizeof *checker->again.lengths);
    hrlp_pool_run(pool, play_part, &parts, THREADS);
    for (size_t part = 0; part < THREADS && status == HRL_OK; part++)
      if (!parts.made[part]) status = fail_memory(error);
    if (status == HRL_OK)
      compare_traces(checker, HRLP_FINDING_THREAD, checker->count,
                     "differed on several threads at once: nothing may write to data");
  }
  hrlp_pool_destroy(pool);
  return status;
}

/* Whether anything that is rewarded, or ends an episode, is another now. */
static bool rewards_differ(const struct checker *checker) {
  const struct hrlp_check_trace *a = &checker->first;
  const struct hrlp_check_trace *b = &checker->again;
  for (size_t i = 0; i < checker->count; i++) {
    if (a->lengths[i] != b->lengths[i]) return true;
    for (size_t t = 0; t < a->lengths[i]; t++) {
      size_t at = i * a->steps + t;
      if (a->rewards[at] != b->rewards[at] || a->ends[at] != b->ends[at]) return true;
    }
  }
  return false;
}

static hrl_status check_effects(struct checker *checker, hrl_error *error) {
  struct hrlp_check_request request = request_of(checker, &checker->again);
  request.actions++;
  hrl_status status = play_all(checker, &request, error);
  bool differs = rewards_differ(checker);
  request.follow = true; /* where chance alone is paid for nothing, the textbook may be */
  if (status == HRL_OK && !differs) status = play_all(checker, &request, error);
  request.follow = false;
  if (status == HRL_OK && !checker->broken && !differs && !rewards_differ(checker))
    hrlp_finding(&checker->findings, HRLP_FINDING_EFFECT, HRLP_OF_STEP,
                 "other actions, and those of choose_actions, changed no reward and no "
                 "end in %zu episodes: there is nothing to learn",
                 checker->count);
  request.actions--;
  request.goals++;
  if (status == HRL_OK) status = play_all(checker, &request, error);
  if (status == HRL_OK && !checker->broken && rewards_differ(checker))
    hrlp_finding(&checker->findings, HRLP_FINDING_EFFECT, HRLP_OF_ALL,
                 "other goals changed rewards: agents would set goals that pay well; "
                 "goals may change departures only");
  return status;
}

static hrl_status check_courses(struct checker *checker,
                                struct hrlp_definition *definition, hrl_error *error) {
  struct hrlp_check_request request = request_of(checker, &checker->again);
  request.onward = true;
  hrl_status status = play_all(checker, &request, error);
  if (status != HRL_OK || checker->broken) return status;
  hrlp_check_scales(checker->task, &checker->first, &checker->findings);
  hrlp_check_ends(checker->task, &checker->first, &checker->again, &checker->findings);
  return hrlp_check_yardsticks(definition, checker->count, checker->seed,
                               &checker->findings, error);
}

/* What lies beyond the bounds at times is moved there; what always does is in other
 * units.
 */
static void judge_textbook(struct checker *checker, const struct hrlp_check_run *run) {
  static const enum hrlp_task_function functions[] = {HRLP_OF_CHOOSE_GOALS,
                                                      HRLP_OF_CHOOSE_ACTIONS};
  for (size_t k = 0; k < 2; k++)
    if (run->advised[k] > 0 && run->beyond[k] == run->advised[k])
      hrlp_finding(&checker->findings, HRLP_FINDING_TEXTBOOK, functions[k],
                   "none of %zu numbers was within its bounds; do the units match?",
                   run->advised[k]);
}

static hrl_status check_first(struct checker *checker, hrl_error *error) {
  struct hrlp_check_request request = request_of(checker, &checker->first);
  struct hrlp_check_run run;
  request.fill = FILL_FIRST;
  bool made = hrlp_check_run_create(&run, &request);
  while (made && hrlp_check_run_step(&run)) {
  }
  if (made) judge_textbook(checker, &run);
  checker->broken = run.broken;
  hrlp_check_run_free(&run);
  return made ? HRL_OK : fail_memory(error);
}

static hrl_status check_all(struct checker *checker, struct hrlp_definition *definition,
                            hrl_error *error) {
  hrl_status status = HRL_OK;
  if (!hrlp_check_trace_create(&checker->first, checker->task, checker->count, true) ||
      !hrlp_check_trace_create(&checker->again, checker->task, checker->count, false))
    return fail_memory(error);
  status = check_first(checker, error);
  /* where this went wrong, nothing else can be told */
  if (status == HRL_OK && !checker->broken) status = check_repeat(checker, error);
  bool repeats = !checker->broken && !hrlp_found(&checker->findings, HRLP_FINDING_REPEAT);
  if (status == HRL_OK && repeats) status = check_alone(checker, error);
  if (status == HRL_OK && repeats) status = check_turns(checker, error);
  bool alone = repeats && !hrlp_found(&checker->findings, HRLP_FINDING_BATCH);
  if (status == HRL_OK && alone) status = check_threads(checker, error);
  if (status == HRL_OK && alone) status = check_effects(checker, error);
  if (status == HRL_OK && !checker->broken)
    status = check_courses(checker, definition, error);
  return status;
}

static hrl_status check_options(const hrl_task_check_options *given,
                                struct checker *checker, hrl_error *error) {
  hrl_task_check_options options = HRL_TASK_CHECK_OPTIONS_INIT;
  if (given != NULL)
    memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
  checker->seed = options.seed;
  checker->count = (size_t)options.episodes;
  if (options.episodes >= 2 && options.episodes <= MOST_EPISODES) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "hrl_task_check: episodes: found %" PRIu64 ", expected 2 to %d",
                   options.episodes, MOST_EPISODES);
}

hrl_status hrl_task_check(const hrl_task *task, const hrl_task_check_options *options,
                          char **report, hrl_error *error) {
  if (report != NULL) *report = NULL;
  if (task == NULL || report == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_task_check: expected a task and room for the report");
  struct checker checker = {.task = NULL};
  struct hrlp_definition *definition = NULL;
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status = check_options(options, &checker, error);
  if (status != HRL_OK) return status;
  hrlp_text_append(&checker.findings.text, "", 0);
  status = hrlp_definition_create(task, &definition, &problem);
  if (status == HRL_OK) {
    checker.task = hrlp_definition_task(definition);
    status = check_all(&checker, definition, &problem);
  } else if (status != HRL_ERROR_MEMORY) {
    hrlp_finding(&checker.findings, HRLP_FINDING_SHAPE, HRLP_OF_ALL, "%s",
                 problem.message);
    status = HRL_OK;
  }
  hrlp_check_trace_free(&checker.first);
  hrlp_check_trace_free(&checker.again);
  hrlp_definition_release(definition);
  if (status == HRL_OK && checker.findings.text.failed)
    status = hrlp_fail_memory(&problem, "a report");
  if (status == HRL_OK) {
    *report = checker.findings.text.data;
    return HRL_OK;
  }
  hrlp_text_free(&checker.findings.text);
  if (error != NULL && error->status == HRL_OK) *error = problem;
  return status;
}
