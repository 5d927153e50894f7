/* quality - how good the policies are that training gives, over scenarios and seeds.
 *
 *     quality [--episodes N] [--seeds N] [--eval N] [--threads N] [--random N]
 *             [--set SECTION.KEY=VALUE]... [SCENARIO]...
 *
 * Trains each scenario with each seed 0 ... N-1 and prints the skill score (0: the best
 * constant share that hindsight can pick, 1: the optimum, all three on the same episodes,
 * which no training has seen), its median and minimum, and seconds of training. Without
 * scenarios: the five cities. --random N: N households drawn at random, one seed each.
 * --set changes a value in all scenarios: ablations are made with it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <hrl/hrl.h>

#define MAX_SEEDS 64
#define MAX_SETTINGS 32

struct plan {
  unsigned long episodes, seeds, evaluation, random;
  unsigned threads;
  const char *settings[MAX_SETTINGS];
  int setting_count;
  char folder[64]; /* temporary */
};

/* The yardsticks of a scenario. */
struct marks {
  double share, constant, optimum, constant_months;
};

static void fail(const hrl_error *error) {
  fprintf(stderr, "quality: %s\n", error->message);
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void apply_settings(const struct plan *plan, hrl_scenario *scenario) {
  hrl_error error = HRL_ERROR_INIT;
  for (int i = 0; i < plan->setting_count; i++) {
    char key[128];
    const char *equals = strchr(plan->settings[i], '=');
    if (equals == NULL || (size_t)(equals - plan->settings[i]) >= sizeof key) {
      fprintf(stderr, "quality: --set %s: expected SECTION.KEY=VALUE\n",
              plan->settings[i]);
      exit(2);
    }
    snprintf(key, sizeof key, "%.*s", (int)(equals - plan->settings[i]),
             plan->settings[i]);
    if (hrl_scenario_set(scenario, key, atof(equals + 1), &error) != HRL_OK) fail(&error);
  }
}

static struct marks measure_marks(const struct plan *plan, const hrl_scenario *scenario) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation constant = {.size = sizeof constant};
  hrl_evaluation optimum = {.size = sizeof optimum};
  hrl_error error = HRL_ERROR_INIT;
  struct marks marks;
  options.episodes = plan->evaluation;
  options.threads = plan->threads;
  if (hrl_evaluate_best_share(scenario, &options, &marks.share, &constant, &error) ||
      hrl_evaluate_optimum(scenario, &options, NULL, &optimum, &error))
    fail(&error);
  marks.constant = constant.strategic_return;
  marks.constant_months = constant.months;
  marks.optimum = optimum.strategic_return;
  return marks;
}

/* Trains with one seed and evaluates the files that were written, as a user would. */
static hrl_evaluation train(const struct plan *plan, const hrl_scenario *scenario,
                            unsigned long seed, double *elapsed) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_evaluate_options evaluation = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation result = {.size = sizeof result};
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer *trainer = NULL;
  hrl_policy *policy = NULL;
  char model[512];
  int more = 1;
  options.episodes = plan->episodes;
  options.seed = seed;
  options.save_interval = plan->episodes;
  options.threads = plan->threads;
  options.output = plan->folder;
  evaluation.episodes = plan->evaluation;
  evaluation.threads = plan->threads;
  double begun = seconds();
  if (hrl_trainer_create(scenario, &options, &trainer, &error) != HRL_OK) fail(&error);
  while (more)
    if (hrl_trainer_step(trainer, &more, &error) != HRL_OK) fail(&error);
  *elapsed = seconds() - begun;
  hrl_trainer_destroy(trainer);
  snprintf(model, sizeof model, "%s/%s", plan->folder, hrl_scenario_name(scenario));
  if (hrl_policy_load(model, &policy, &error) != HRL_OK ||
      hrl_evaluate_policy(policy, NULL, &evaluation, &result, &error) != HRL_OK)
    fail(&error);
  hrl_policy_destroy(policy);
  return result;
}

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double median(double *values, unsigned long count) {
  qsort(values, count, sizeof *values, compare_numbers);
  return count % 2 ? values[count / 2]
                   : (values[count / 2 - 1] + values[count / 2]) / 2.0;
}

static void run_scenario(const struct plan *plan, const char *name) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  if (hrl_scenario_load(name, &scenario, &error) != HRL_OK) fail(&error);
  apply_settings(plan, scenario);
  struct marks marks = measure_marks(plan, scenario);
  double skills[MAX_SEEDS];
  double total = 0.0;
  double adherence = 0.0;
  printf("%-28s %5.2f %8.2f %8.2f ", hrl_scenario_name(scenario), marks.share,
         marks.constant, marks.optimum);
  for (unsigned long seed = 0; seed < plan->seeds; seed++) {
    double elapsed = 0.0;
    hrl_evaluation result = train(plan, scenario, seed, &elapsed);
    skills[seed] = hrl_skill(result.strategic_return, marks.constant, marks.optimum);
    total += elapsed;
    adherence += result.goal_adherence;
    printf(" %5.2f", skills[seed]);
    fflush(stdout);
  }
  double middle = median(skills, plan->seeds);
  printf("  | %5.2f %5.2f | %6.3f %5.2f s\n", middle, skills[0],
         adherence / (double)plan->seeds, total / (double)plan->seeds);
  fflush(stdout);
  hrl_scenario_destroy(scenario);
}

/* A small generator of its own: the households must be the same on every machine. */
static double draw(uint64_t *state, double low, double high) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return low + (high - low) * (double)(*state >> 11) * 0x1p-53;
}

/* A household at random within wide bounds, as YAML. */
static void draw_household(uint64_t *state, char *yaml, size_t room) {
  double income = exp(draw(state, log(1200.0), log(15000.0)));
  double fixed = 0.0;
  double variable = 0.0;
  do {
    fixed = draw(state, 0.35, 0.70);
    variable = draw(state, 0.10, 0.35);
  } while (fixed + variable < 0.60 || fixed + variable > 1.02);
  double deviation = draw(state, 0.02, 0.12);
  double inflation = draw(state, 0.0, 0.05);
  double threshold = draw(state, 0.0, 3.0);
  double cash = draw(state, 0.0, 6.0);
  int months = (int)draw(state, 36.0, 240.99);
  double f[6];
  for (int i = 0; i < 6; i++) f[i] = exp2(draw(state, -1.0, 1.0));
  snprintf(yaml, room,
           "environment:\n  income: %.2f\n  fixed_expenses: %.2f\n"
           "  variable_expense_mean: %.2f\n  variable_expense_std: %.2f\n"
           "  inflation: %.4f\n  safety_threshold: %.2f\n  max_months: %d\n"
           "  initial_cash: %.2f\n  risk_tolerance: 0.5\n"
           "reward:\n  alpha: %.4f\n  beta: %.4f\n  gamma: %.4f\n  delta: %.4f\n"
           "  lambda: %.4f\n  mu: %.4f\n",
           income, fixed * income, variable * income, deviation * income, inflation,
           threshold * income, months, cash * income, 10.0 * f[0], 0.1 * f[1], 5.0 * f[2],
           20.0 * f[3], f[4], 0.5 * f[5]);
}

static void run_random(const struct plan *plan) {
  uint64_t state = 20240229;
  double *skills = calloc(plan->random, sizeof *skills);
  int collapsed = 0;
  if (skills == NULL) exit(1);
  for (unsigned long i = 0; i < plan->random; i++) {
    char yaml[1024];
    char name[32];
    hrl_scenario *scenario = NULL;
    hrl_error error = HRL_ERROR_INIT;
    double elapsed = 0.0;
    draw_household(&state, yaml, sizeof yaml);
    snprintf(name, sizeof name, "random_%02lu", i);
    if (hrl_scenario_parse(yaml, strlen(yaml), name, &scenario, &error) != HRL_OK)
      fail(&error);
    apply_settings(plan, scenario);
    struct marks marks = measure_marks(plan, scenario);
    hrl_evaluation result = train(plan, scenario, i % 5, &elapsed);
    skills[i] = hrl_skill(result.strategic_return, marks.constant, marks.optimum);
    int ruin = result.months < 12.0 && marks.constant_months >= 12.0;
    collapsed += ruin;
    printf(
        "%s  constant %.2f %9.2f  optimum %9.2f  trained %9.2f  months %5.1f (constant "
        "%5.1f)  skill %6.2f %5.2f s%s\n",
        name, marks.share, marks.constant, marks.optimum, result.strategic_return,
        result.months, marks.constant_months, skills[i], elapsed,
        ruin ? "  collapsed" : "");
    fflush(stdout);
    hrl_scenario_destroy(scenario);
  }
  double middle = median(skills, plan->random);
  printf("random households: median skill %.2f, minimum %.2f, collapsed %d of %lu\n",
         middle, skills[0], collapsed, plan->random);
  free(skills);
}

static unsigned long number(const char *option, const char *text) {
  char *end = NULL;
  unsigned long value = text == NULL ? 0 : strtoul(text, &end, 10);
  if (text == NULL || *end != '\0' || value == 0) {
    fprintf(stderr, "quality: %s: expected a number above 0\n", option);
    exit(2);
  }
  return value;
}

int main(int argc, char **argv) {
  static const char *const cities[] = {"milano_junior", "milano_senior", "roma_famiglia",
                                       "bologna_coppia", "torino_single"};
  struct plan plan = {.episodes = 1000,
                      .seeds = 5,
                      .evaluation = 4000,
                      .folder = "/tmp/hrl-quality-XXXXXX"};
  int names = argc;
  for (int i = 1; i < argc; i += 2) {
    const char *option = argv[i];
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(option, "--episodes") == 0)
      plan.episodes = number(option, value);
    else if (strcmp(option, "--seeds") == 0)
      plan.seeds = number(option, value);
    else if (strcmp(option, "--eval") == 0)
      plan.evaluation = number(option, value);
    else if (strcmp(option, "--threads") == 0)
      plan.threads = (unsigned)number(option, value);
    else if (strcmp(option, "--random") == 0)
      plan.random = number(option, value);
    else if (strcmp(option, "--set") == 0 && value != NULL &&
             plan.setting_count < MAX_SETTINGS)
      plan.settings[plan.setting_count++] = value;
    else {
      names = i;
      break;
    }
  }
  if (plan.seeds > MAX_SEEDS) plan.seeds = MAX_SEEDS;
  if (mkdtemp(plan.folder) == NULL) {
    perror("quality: cannot make a temporary folder");
    return 1;
  }
  if (plan.random > 0) {
    run_random(&plan);
  } else {
    printf(
        "%-28s %5s %8s %8s   skill of each seed ... | median, minimum | adherence, "
        "time\n",
        "scenario", "share", "constant", "optimum");
    for (size_t i = 0; names == argc && i < sizeof cities / sizeof *cities; i++)
      run_scenario(&plan, cities[i]);
    for (int i = names; i < argc; i++) run_scenario(&plan, argv[i]);
  }
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", plan.folder);
  return system(command) == 0 ? 0 : 1;
}
