#include "environments/custom/check_run.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "environments/custom/call.h"

/* Steps that a goal holds. */
#define PERIOD 6

static const char *const array_names[] = {
    "states",  "batch->episodes", "observations", "goals",      "actions", "goals",
    "actions", "potentials",      "rewards",      "departures", "ends"};

#define TELL(run, kind, function, ...)                                                   \
  do {                                                                                   \
    if ((run)->request.findings != NULL)                                                 \
      hrlp_finding((run)->request.findings, HRLP_FINDING_##kind, function, __VA_ARGS__); \
  } while (0)

static void *data_of(const struct hrlp_check_run *run, enum hrlp_check_array array) {
  return hrlp_guarded_data(&run->arrays[array]);
}

/* ---- a call ---- */

static size_t used_bytes(const struct hrlp_check_run *run, enum hrlp_check_array array) {
  return run->arrays[array].used * run->arrays[array].width;
}

/* What a function may read and must leave alone. */
static const enum hrlp_check_array inputs[] = {HRLP_CHECK_STATES, HRLP_CHECK_EPISODES,
                                               HRLP_CHECK_GOALS, HRLP_CHECK_ACTIONS};
#define INPUTS (sizeof inputs / sizeof inputs[0])

static void keep_inputs(struct hrlp_check_run *run) {
  uint8_t *next = run->before;
  for (size_t k = 0; k < INPUTS; k++) {
    size_t bytes = used_bytes(run, inputs[k]);
    memcpy(next, data_of(run, inputs[k]), bytes);
    next += bytes;
  }
}

static void compare_inputs(struct hrlp_check_run *run, enum hrlp_task_function function,
                           bool moves_states) {
  const uint8_t *next = run->before;
  for (size_t k = 0; k < INPUTS; k++) {
    size_t bytes = used_bytes(run, inputs[k]);
    bool may = inputs[k] == HRLP_CHECK_STATES && moves_states;
    if (!may && memcmp(next, data_of(run, inputs[k]), bytes) != 0) {
      TELL(run, INPUT, function, "changed %s, which is read-only",
           array_names[inputs[k]]);
      memcpy(data_of(run, inputs[k]), next, bytes);
    }
    next += bytes;
  }
}

/* After a call with `result`: what it returned, the guards, and what it was only to read.
 */
static bool survived(struct hrlp_check_run *run, enum hrlp_task_function function,
                     int result, const hrl_task_batch *given) {
  bool moves_states = function == HRLP_OF_STEP || function == HRLP_OF_RESET;
  if (result != 0) {
    TELL(run, FAILED, function, "returned %d, after %zu step(s); 0 means success", result,
         run->batch.step);
    run->broken = true;
  }
  for (size_t k = 0; k < HRLP_CHECK_ARRAYS; k++) {
    if (hrlp_guarded_intact(&run->arrays[k])) continue;
    TELL(run, GUARD, function,
         "wrote beyond the %zu row(s) of %s, of %zu bytes each (or before them)",
         run->batch.count, array_names[k], run->arrays[k].width);
    run->broken = true;
  }
  compare_inputs(run, function, moves_states);
  if (given->count != run->batch.count || given->states != run->batch.states ||
      given->episodes != run->batch.episodes || given->seed != run->batch.seed ||
      given->step != run->batch.step)
    TELL(run, INPUT, function, "changed the batch itself, which is read-only");
  return !run->broken;
}

/* What is in an array before a function is to fill it: a NaN that no arithmetic makes. */
static const uint32_t float_mark = 0x7fc0dead;
static const uint64_t double_mark = UINT64_C(0x7ff8dead0000beef);

static void mark_doubles(double *values, size_t count) {
  for (size_t k = 0; k < count; k++) memcpy(&values[k], &double_mark, sizeof *values);
}

static bool is_marked(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits == double_mark;
}

static bool is_marked_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits == float_mark;
}

/* Whether a function wrote a finite number. */
static bool check_double(struct hrlp_check_run *run, enum hrlp_task_function function,
                         const char *what, size_t slot, double *value) {
  if (isfinite(*value)) return true;
  const uint64_t *episodes = data_of(run, HRLP_CHECK_EPISODES);
  if (is_marked(*value))
    TELL(run, UNWRITTEN, function, "left %s of row %zu unwritten, after %zu step(s)",
         what, slot, run->batch.step);
  else
    TELL(run, FINITE, function, "gave %g as %s of episode %" PRIu64 ", after %zu step(s)",
         *value, what, episodes[slot], run->batch.step);
  run->broken = true;
  return false;
}

/* ---- the functions ---- */

static void observe(struct hrlp_check_run *run) {
  const hrl_task *task = run->request.task;
  size_t width = task->observations;
  float *seen = data_of(run, HRLP_CHECK_OBSERVATIONS);
  const uint64_t *episodes = data_of(run, HRLP_CHECK_EPISODES);
  for (size_t k = 0; k < run->batch.count * width; k++)
    memcpy(&seen[k], &float_mark, sizeof *seen);
  hrl_task_batch given = run->batch;
  keep_inputs(run);
  if (!survived(run, HRLP_OF_OBSERVE, task->observe(task->data, &given, seen), &given))
    return;
  for (size_t k = 0; k < run->batch.count * width; k++) {
    if (isfinite(seen[k])) continue;
    if (is_marked_float(seen[k]))
      TELL(run, UNWRITTEN, HRLP_OF_OBSERVE, "left observation %zu of row %zu unwritten",
           k % width, k / width);
    else
      TELL(run, FINITE, HRLP_OF_OBSERVE,
           "gave %g as observation %zu of episode %" PRIu64 ", after %zu step(s)",
           (double)seen[k], k % width, episodes[k / width], run->batch.step);
    run->broken = true;
    return;
  }
  hrlp_check_trace_observe(run->request.trace, width, seen, run->index, run->batch.count,
                           run->batch.step);
}

/* Takes the textbook's numbers for what they are: they are looked at, not followed. */
static void judge_advice(struct hrlp_check_run *run, enum hrlp_task_function function,
                         const hrl_task_quantity *quantities, size_t width,
                         double *values) {
  size_t which = function == HRLP_OF_CHOOSE_ACTIONS;
  for (size_t k = 0; k < run->batch.count * width; k++) {
    const hrl_task_quantity *quantity = &quantities[k % width];
    if (!check_double(run, function, quantity->name, k / width, &values[k])) return;
    run->advised[which]++;
    run->beyond[which] +=
        values[k] < quantity->minimum || values[k] > quantity->maximum ? 1 : 0;
  }
}

static void ask_textbook(struct hrlp_check_run *run) {
  const hrl_task *task = run->request.task;
  double *goals = data_of(run, HRLP_CHECK_GOAL_ADVICE);
  double *actions = data_of(run, HRLP_CHECK_ACTION_ADVICE);
  hrl_task_batch given = run->batch;
  mark_doubles(goals, run->batch.count * task->goals);
  mark_doubles(actions, run->batch.count * task->actions);
  keep_inputs(run);
  if (task->choose_goals != NULL &&
      survived(run, HRLP_OF_CHOOSE_GOALS, task->choose_goals(task->data, &given, goals),
               &given))
    judge_advice(run, HRLP_OF_CHOOSE_GOALS, task->goal, task->goals, goals);
  if (task->choose_actions == NULL || run->broken) return;
  int result =
      task->choose_actions(task->data, &given, data_of(run, HRLP_CHECK_GOALS), actions);
  if (survived(run, HRLP_OF_CHOOSE_ACTIONS, result, &given))
    judge_advice(run, HRLP_OF_CHOOSE_ACTIONS, task->action, task->actions, actions);
}

static void weigh(struct hrlp_check_run *run) {
  const hrl_task *task = run->request.task;
  struct hrlp_check_trace *trace = run->request.trace;
  double *potentials = data_of(run, HRLP_CHECK_POTENTIALS);
  if (task->potential == NULL) return;
  hrl_task_batch given = run->batch;
  mark_doubles(potentials, run->batch.count);
  keep_inputs(run);
  if (!survived(run, HRLP_OF_POTENTIAL, task->potential(task->data, &given, potentials),
                &given))
    return;
  for (size_t slot = 0; slot < run->batch.count; slot++) {
    if (!check_double(run, HRLP_OF_POTENTIAL, "the potential", slot, &potentials[slot]))
      return;
    trace->potentials[run->index[slot] * trace->steps + run->batch.step] =
        potentials[slot];
  }
}

/* Goals and actions within their bounds, the bounds themselves among them. */
static void draw(struct hrlp_check_run *run, uint64_t seed,
                 const hrl_task_quantity *quantities, size_t width, uint32_t block,
                 double *values) {
  const uint64_t *episodes = data_of(run, HRLP_CHECK_EPISODES);
  for (size_t slot = 0; slot < run->batch.count; slot++) {
    uint32_t words[4];
    hrlp_random_words(seed, HRLP_RANDOM_TASK_CHECK, episodes[slot], block, words);
    for (size_t j = 0; j < width; j++)
      values[slot * width + j] = hrlp_quantity_value(
          &quantities[j], 1.25 * hrlp_random_uniform(words[j]) - 0.125);
  }
}

/* Puts the textbook's numbers, brought within bounds, in the place of those drawn. */
static void follow(struct hrlp_check_run *run, enum hrlp_check_array advice,
                   enum hrlp_check_array array, const hrl_task_quantity *quantities,
                   size_t width) {
  const double *from = data_of(run, advice);
  double *to = data_of(run, array);
  for (size_t k = 0; k < run->batch.count * width; k++)
    to[k] = hrlp_quantity_value(&quantities[k % width],
                                hrlp_quantity_place(&quantities[k % width], from[k]));
}

static void follow_textbook(struct hrlp_check_run *run) {
  const hrl_task *task = run->request.task;
  if (!run->request.follow) return;
  if (task->choose_goals != NULL)
    follow(run, HRLP_CHECK_GOAL_ADVICE, HRLP_CHECK_GOALS, task->goal, task->goals);
  if (task->choose_actions != NULL)
    follow(run, HRLP_CHECK_ACTION_ADVICE, HRLP_CHECK_ACTIONS, task->action,
           task->actions);
}

static bool play(struct hrlp_check_run *run) {
  const hrl_task *task = run->request.task;
  hrl_task_result result = {data_of(run, HRLP_CHECK_REWARDS),
                            data_of(run, HRLP_CHECK_DEPARTURES),
                            data_of(run, HRLP_CHECK_ENDS)};
  hrl_task_result kept = result;
  hrl_task_batch given = run->batch;
  memset(result.rewards, 0, used_bytes(run, HRLP_CHECK_REWARDS));
  memset(result.departures, 0, used_bytes(run, HRLP_CHECK_DEPARTURES));
  memset(result.ends, 0, used_bytes(run, HRLP_CHECK_ENDS));
  keep_inputs(run);
  int returned = task->step(task->data, &given, data_of(run, HRLP_CHECK_GOALS),
                            data_of(run, HRLP_CHECK_ACTIONS), &result);
  if (!survived(run, HRLP_OF_STEP, returned, &given)) return false;
  for (size_t slot = 0; slot < run->batch.count; slot++) {
    double departure = kept.departures[slot];
    if (!check_double(run, HRLP_OF_STEP, "the reward", slot, &kept.rewards[slot]) ||
        !check_double(run, HRLP_OF_STEP, "the departure", slot, &kept.departures[slot]))
      return false;
    if (departure < 0.0) {
      TELL(run, SCALE, HRLP_OF_STEP, "gave %g as a departure, expected 0 or more",
           departure);
      run->broken = true;
    }
    if (kept.ends[slot] > HRL_TASK_TRUNCATED) {
      TELL(run, END, HRLP_OF_STEP,
           "gave %d as an end, expected HRL_TASK_GOES_ON, HRL_TASK_TERMINATED or "
           "HRL_TASK_TRUNCATED",
           kept.ends[slot]);
      run->broken = true;
    }
  }
  return !run->broken;
}

/* ---- the course ---- */

static void keep_row(struct hrlp_check_run *run, size_t slot) {
  struct hrlp_check_trace *trace = run->request.trace;
  size_t at = run->index[slot] * trace->steps + run->batch.step;
  trace->rewards[at] = ((double *)data_of(run, HRLP_CHECK_REWARDS))[slot];
  trace->departures[at] = ((double *)data_of(run, HRLP_CHECK_DEPARTURES))[slot];
  trace->ends[at] = ((uint8_t *)data_of(run, HRLP_CHECK_ENDS))[slot];
  trace->lengths[run->index[slot]] = run->batch.step + 1;
  if (run->request.onward)
    trace->states[at] = hrlp_check_digest(
        (uint8_t *)data_of(run, HRLP_CHECK_STATES) + slot * run->request.task->state_size,
        run->request.task->state_size);
}

static void move_row(struct hrlp_check_run *run, enum hrlp_check_array array, size_t to,
                     size_t from) {
  uint8_t *rows = data_of(run, array);
  size_t width = run->arrays[array].width;
  if (to != from) memcpy(rows + to * width, rows + from * width, width);
}

/* Keeps what the step gave, and moves those that go on together. */
static void gather(struct hrlp_check_run *run) {
  const uint8_t *ends = data_of(run, HRLP_CHECK_ENDS);
  size_t still = 0;
  for (size_t slot = 0; slot < run->batch.count; slot++) {
    keep_row(run, slot);
    bool goes_on = ends[slot] == HRL_TASK_GOES_ON ||
                   (ends[slot] == HRL_TASK_TRUNCATED && run->request.onward);
    if (!goes_on) continue;
    move_row(run, HRLP_CHECK_STATES, still, slot);
    move_row(run, HRLP_CHECK_EPISODES, still, slot);
    move_row(run, HRLP_CHECK_GOALS, still, slot);
    run->index[still++] = run->index[slot];
  }
  run->batch.count = still;
  for (size_t k = 0; k < HRLP_CHECK_ARRAYS; k++) hrlp_guarded_use(&run->arrays[k], still);
}

bool hrlp_check_run_step(struct hrlp_check_run *run) {
  const hrl_task *task = run->request.task;
  if (run->broken || run->batch.count == 0 || run->batch.step >= task->steps)
    return false;
  uint32_t step = (uint32_t)run->batch.step;
  if (step % PERIOD == 0)
    draw(run, run->request.goals, task->goal, task->goals,
         step / PERIOD | UINT32_C(1) << 16, data_of(run, HRLP_CHECK_GOALS));
  draw(run, run->request.actions, task->action, task->actions, step,
       data_of(run, HRLP_CHECK_ACTIONS));
  observe(run);
  if (!run->broken) ask_textbook(run);
  if (!run->broken) weigh(run);
  if (run->broken) return false;
  follow_textbook(run);
  if (!play(run)) return false;
  gather(run);
  run->batch.step++;
  return run->batch.count > 0 && run->batch.step < task->steps;
}

static bool create_arrays(struct hrlp_check_run *run) {
  const hrl_task *task = run->request.task;
  const size_t widths[HRLP_CHECK_ARRAYS] = {task->state_size,
                                            sizeof(uint64_t),
                                            task->observations * sizeof(float),
                                            task->goals * sizeof(double),
                                            task->actions * sizeof(double),
                                            task->goals * sizeof(double),
                                            task->actions * sizeof(double),
                                            sizeof(double),
                                            sizeof(double),
                                            sizeof(double),
                                            1};
  size_t count = run->request.count;
  bool made = true;
  for (size_t k = 0; k < HRLP_CHECK_ARRAYS; k++) {
    made =
        hrlp_guarded_create(&run->arrays[k], count, widths[k], run->request.fill) && made;
    if (run->arrays[k].block != NULL) hrlp_guarded_use(&run->arrays[k], count);
  }
  size_t kept = 0;
  for (size_t k = 0; k < INPUTS; k++) kept += widths[inputs[k]];
  run->before = hrlp_alloc(count, kept);
  run->index = hrlp_alloc(count, sizeof *run->index);
  return made && run->before != NULL && run->index != NULL;
}

bool hrlp_check_run_create(struct hrlp_check_run *run,
                           const struct hrlp_check_request *request) {
  const hrl_task *task = request->task;
  *run = (struct hrlp_check_run){.request = *request};
  if (!create_arrays(run)) return false;
  uint64_t *episodes = data_of(run, HRLP_CHECK_EPISODES);
  for (size_t i = 0; i < request->count; i++) {
    episodes[i] = request->first + i;
    run->index[i] = request->row + i;
  }
  run->batch = (hrl_task_batch){.count = request->count,
                                .states = data_of(run, HRLP_CHECK_STATES),
                                .episodes = episodes,
                                .seed = request->seed};
  memset(run->batch.states, 0, used_bytes(run, HRLP_CHECK_STATES));
  memset(data_of(run, HRLP_CHECK_GOALS), 0, used_bytes(run, HRLP_CHECK_GOALS));
  memset(data_of(run, HRLP_CHECK_ACTIONS), 0, used_bytes(run, HRLP_CHECK_ACTIONS));
  hrl_task_batch given = run->batch;
  keep_inputs(run);
  survived(run, HRLP_OF_RESET, task->reset(task->data, &given), &given);
  return true;
}

void hrlp_check_run_free(struct hrlp_check_run *run) {
  for (size_t k = 0; k < HRLP_CHECK_ARRAYS; k++) hrlp_guarded_free(&run->arrays[k]);
  hrlp_free(run->before);
  hrlp_free(run->index);
}

bool hrlp_check_run_play(const struct hrlp_check_request *request, bool *broken) {
  struct hrlp_check_run run;
  bool made = hrlp_check_run_create(&run, request);
  while (made && hrlp_check_run_step(&run)) {
  }
  *broken = made && run.broken;
  hrlp_check_run_free(&run);
  return made;
}
