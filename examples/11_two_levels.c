/* 11 - A task of one's own that needs two levels: through a door.
 *
 * A walker is to get from the left half of a room to a place in the right half; the wall
 * between has a door, from 7 to 8.5 of its 10. Every six steps the strategist names a
 * point to go to, at first the place itself; the executor takes the steps. The same is
 * then learned by the executor alone, which has nobody to tell it of doors.
 *
 * Usage: 11_two_levels [EPISODES] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

#define STRIDE 0.5
#define WALL 5.0

struct walker {
  double x, y, to_x, to_y;
};

static int reset(void *data, const hrl_task_batch *batch) {
  struct walker *walkers = batch->states;
  for (size_t i = 0; i < batch->count; i++) {
    double u[4];
    hrl_task_draw_uniforms(batch, i, 0, u);
    walkers[i] = (struct walker){4.0 * u[0], 10.0 * u[1], 6.0 + 4.0 * u[2], 10.0 * u[3]};
  }
  return (void)data, 0;
}

static int observe(void *data, const hrl_task_batch *batch, float *seen) {
  const struct walker *walkers = batch->states;
  for (size_t i = 0; i < batch->count; i++, seen += 6) {
    seen[0] = (float)(walkers[i].x / 5.0 - 1.0);
    seen[1] = (float)(walkers[i].y / 5.0 - 1.0);
    seen[2] = (float)(walkers[i].to_x / 5.0 - 1.0);
    seen[3] = (float)(walkers[i].to_y / 5.0 - 1.0);
    seen[4] = walkers[i].x < WALL ? -1.0f : 1.0f;
    seen[5] = 1.0f - (float)batch->step / 60.0f;
  }
  return (void)data, 0;
}

static int step(void *data, const hrl_task_batch *batch, const double *goals,
                const double *actions, hrl_task_result *result) {
  for (size_t i = 0; i < batch->count; i++, goals += 2, actions += 2) {
    struct walker *now = (struct walker *)batch->states + i;
    double far = hypot(goals[0] - now->x, goals[1] - now->y);
    double length = fmax(hypot(actions[0], actions[1]) / STRIDE, 1.0);
    double x = fmin(fmax(now->x + actions[0] / length, 0.0), 10.0);
    double y = fmin(fmax(now->y + actions[1] / length, 0.0), 10.0);
    double at = now->y + (y - now->y) * (WALL - now->x) / (x - now->x);
    if ((x < WALL) != (now->x < WALL) && (at < 7.0 || at > 8.5)) x = now->x;
    now->x = x, now->y = y;
    /* a stride nearer to the goal is all that can be asked for */
    double nearer = far - hypot(goals[0] - x, goals[1] - y);
    result->departures[i] = 0.5 * fmax(0.0, fmin(far, STRIDE) - nearer);
    result->rewards[i] = -1.0;
    if (hypot(now->to_x - x, now->to_y - y) < STRIDE)
      result->ends[i] = HRL_TASK_TERMINATED;
  }
  return (void)data, 0;
}

static int choose_goals(void *data, const hrl_task_batch *batch, double *goals) {
  const struct walker *walkers = batch->states;
  for (size_t i = 0; i < batch->count; i++, goals += 2)
    goals[0] = walkers[i].to_x, goals[1] = walkers[i].to_y;
  return (void)data, 0;
}

static int choose_actions(void *data, const hrl_task_batch *batch, const double *goals,
                          double *actions) {
  const struct walker *walkers = batch->states;
  for (size_t i = 0; i < batch->count; i++, goals += 2, actions += 2)
    actions[0] = goals[0] - walkers[i].x, actions[1] = goals[1] - walkers[i].y;
  return (void)data, 0;
}

/* clang-format off */
static const hrl_task_quantity point[] = {{"x", 0.0, 10.0}, {"y", 0.0, 10.0}};
static const hrl_task_quantity stride[] = {{"right", -STRIDE, STRIDE}, {"up", -STRIDE, STRIDE}};
static const hrl_task task = {
    .size = sizeof task, .name = "door", .version = 1, .steps = 60, .observations = 6,
    .goals = 2, .goal = point, .actions = 2, .action = stride,
    .state_size = sizeof(struct walker), .reset = reset, .observe = observe, .step = step,
    .choose_goals = choose_goals, .choose_actions = choose_actions};
/* clang-format on */

static void hear(const hrl_event *event, void *who) {
  if (event->type == HRL_EVENT_EVALUATED)
    printf("%s after %llu episodes: %.1f steps\n", (const char *)who,
           (unsigned long long)event->episode, -event->evaluation->strategic_return);
}

int main(int argc, char **argv) {
  char who[2][20] = {"two levels", "the executor alone"};
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = argc > 1 ? strtoull(argv[1], NULL, 10) : 5000;
  options.save_interval = (options.episodes + 1) / 2;
  options.eval_episodes = 1000;
  for (int k = 0; k < 2 && error.status == HRL_OK; k++) {
    const char *training = k == 0 ? NULL : "training: {strategist: off}";
    hrl_scenario *scenario = NULL;
    hrl_trainer *trainer = NULL;
    if (hrl_task_make_scenario(&task, training, &scenario, &error) ||
        hrl_trainer_create(scenario, &options, &trainer, &error) ||
        hrl_trainer_add_listener(trainer, hear, who[k], &error) ||
        hrl_trainer_start(trainer, &error) || hrl_trainer_wait(trainer, &error))
      fprintf(stderr, "11_two_levels: %s\n", error.message);
    hrl_trainer_destroy(trainer);
    hrl_scenario_destroy(scenario);
  }
  return error.status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
