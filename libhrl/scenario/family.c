#include "scenario/family.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "scenario/complete.h"
#include "scenario/content.h"
#include "scenario/keys.h"
#include "base/error.h"

/* Households that are tried until conditions hold, and of how many at least one must be
 * worth it when the family is read. */
#define TRIES 100000
#define CHECKED 2000
#define CHECKED_LEAST 10

/* Steps of random numbers from here on decide whether a range is drawn. */
#define CHANCE_STEPS 0x80000000U

static struct hrlp_family *create(void) { return calloc(1, sizeof(struct hrlp_family)); }

hrl_status hrlp_family_begin(struct hrl_scenario *scenario, hrl_error *error) {
  if (scenario->family == NULL) scenario->family = create();
  return scenario->family != NULL ? HRL_OK : hrlp_fail_memory(error, "a family");
}

/* The value of a key at `part` 0..1 of its range, for a household whose earlier keys are
 * known: a whole number where the key wants one, each as likely. */
static double value_at(const struct hrl_scenario *household,
                       const struct hrlp_range *range, double part) {
  const hrl_scenario_key *key = hrlp_keys_at(hrlp_keys_of(household), range->key);
  bool is_share = range->base != HRLP_KEY_NONE;
  bool whole = key->type == HRL_KEY_INTEGER;
  double end = whole && !is_share ? range->to + 1.0 : range->to;
  double value = range->is_log ? range->from * exp(part * log(end / range->from))
                               : range->from + part * (end - range->from);
  if (is_share) value *= hrlp_key_get(household, range->base);
  if (whole) value = floor(value);
  double low = range->from;
  double high = range->to;
  if (is_share) return value;
  return value < low ? low : value > high ? high : value;
}

const struct hrlp_range *hrlp_family_range(const struct hrl_scenario *scenario,
                                           size_t key) {
  const struct hrlp_family *family = scenario->family;
  for (size_t i = 0; family != NULL && i < family->range_count; i++)
    if (family->ranges[i].key == key) return &family->ranges[i];
  return NULL;
}

void hrlp_family_bounds(const struct hrl_scenario *scenario, size_t key, double *low,
                        double *high) {
  const struct hrlp_range *range = hrlp_family_range(scenario, key);
  if (range == NULL) {
    *low = *high = hrlp_key_get(scenario, key);
    return;
  }
  *low = range->from;
  *high = range->to;
  if (range->base == HRLP_KEY_NONE) return;
  double base[2];
  hrlp_family_bounds(scenario, range->base, &base[0], &base[1]);
  const double ends[] = {range->from * base[0], range->from * base[1],
                         range->to * base[0], range->to * base[1]};
  *low = *high = ends[0];
  for (size_t i = 1; i < sizeof ends / sizeof ends[0]; i++) {
    if (ends[i] < *low) *low = ends[i];
    if (ends[i] > *high) *high = ends[i];
  }
  if (hrlp_keys_at(hrlp_keys_of(scenario), key)->type != HRL_KEY_INTEGER) return;
  *low = floor(*low);
  *high = floor(*high);
}

hrl_status hrlp_family_add_range(struct hrl_scenario *scenario,
                                 const struct hrlp_range *range, hrl_error *error) {
  hrl_status status = hrlp_family_begin(scenario, error);
  if (status != HRL_OK) return status;
  struct hrlp_family *family = scenario->family;
  struct hrlp_range *grown =
      hrlp_resize(family->ranges, family->range_count + 1, sizeof *grown);
  if (grown == NULL) return hrlp_fail_memory(error, "a family");
  grown[family->range_count++] = *range;
  family->ranges = grown;
  return HRL_OK;
}

void hrlp_family_destroy(struct hrlp_family *family) {
  if (family == NULL) return;
  for (size_t i = 0; i < family->condition_count; i++) free(family->conditions[i].text);
  free(family->ranges);
  free(family);
}

hrl_status hrlp_family_copy(const struct hrlp_family *family, struct hrlp_family **copy,
                            hrl_error *error) {
  *copy = NULL;
  if (family == NULL) return HRL_OK;
  struct hrlp_family *made = create();
  if (made == NULL) return hrlp_fail_memory(error, "a family");
  *made = *family;
  made->condition_count = 0;
  made->ranges = hrlp_resize(NULL, family->range_count, sizeof *made->ranges);
  bool failed = made->ranges == NULL;
  if (!failed)
    memcpy(made->ranges, family->ranges, family->range_count * sizeof *made->ranges);
  for (size_t i = 0; i < family->condition_count && !failed; i++) {
    made->conditions[i].text = hrlp_copy_text(family->conditions[i].text);
    failed = made->conditions[i].text == NULL;
    made->condition_count = i + 1;
  }
  if (failed) {
    hrlp_family_destroy(made);
    return hrlp_fail_memory(error, "a family");
  }
  *copy = made;
  return HRL_OK;
}

bool hrlp_family_equals(const struct hrlp_family *a, const struct hrlp_family *b) {
  if (a == NULL || b == NULL) return a == b;
  if (a->range_count != b->range_count || a->condition_count != b->condition_count)
    return false;
  for (size_t i = 0; i < a->range_count; i++) {
    const struct hrlp_range *x = &a->ranges[i];
    const struct hrlp_range *y = &b->ranges[i];
    if (x->key != y->key || x->from != y->from || x->to != y->to ||
        x->is_log != y->is_log || x->base != y->base || x->chance != y->chance)
      return false;
  }
  for (size_t i = 0; i < a->condition_count; i++)
    if (strcmp(a->conditions[i].text, b->conditions[i].text) != 0) return false;
  return true;
}

struct hrl_scenario hrlp_family_middle(const struct hrl_scenario *scenario) {
  struct hrl_scenario middle = *scenario;
  if (scenario->family == NULL) return middle;
  size_t key = hrlp_key_find(hrlp_keys_of(scenario), "environment", "max_months");
  double low = 0.0;
  double high = 0.0;
  hrlp_family_bounds(scenario, key, &low, &high);
  hrlp_key_put(&middle, key, floor(high));
  middle.family = NULL;
  return middle;
}

/* Whether a range can be drawn once those before `place` are: it is a share of none that
 * comes later. */
static bool is_ready(const struct hrlp_family *family, size_t place, size_t i) {
  for (size_t j = place; j < family->range_count; j++)
    if (family->ranges[j].key == family->ranges[i].base) return false;
  return true;
}

size_t hrlp_family_arrange(struct hrl_scenario *scenario) {
  struct hrlp_family *family = scenario->family;
  for (size_t place = 0; place < family->range_count; place++) {
    size_t next = family->range_count;
    for (size_t i = place; i < family->range_count; i++)
      if (is_ready(family, place, i) &&
          (next == family->range_count ||
           family->ranges[i].key < family->ranges[next].key))
        next = i;
    if (next == family->range_count) return family->ranges[place].key;
    struct hrlp_range range = family->ranges[next];
    family->ranges[next] = family->ranges[place];
    family->ranges[place] = range;
    hrlp_key_put(scenario, range.key, value_at(scenario, &range, 0.5));
  }
  return HRLP_KEY_NONE;
}

/* Whether a key of the household matters: how to train is not what it is. */
static bool is_of_household(const struct hrl_scenario *household,
                            const hrl_scenario_key *key) {
  if (strcmp(key->section, "training") == 0) return false;
  /* known by what mean and deviation say */
  if (strcmp(key->name, "investment_return_type") == 0) return false;
  bool has_returns =
      household->model == HRLP_MODEL_LIFECYCLE
          ? household->lifecycle.investment_return_type != HRLP_RETURN_NONE
          : household->environment.investment_return_type != HRLP_RETURN_NONE;
  return has_returns || strncmp(key->name, "investment_return_", 18) != 0;
}

/* Appends what is wrong with a key's value beside its range, or its one value. */
static void compare_key(const struct hrl_scenario *family, size_t index,
                        const struct hrl_scenario *household, struct hrlp_text *text) {
  const hrl_scenario_key *key = hrlp_keys_at(hrlp_keys_of(family), index);
  const struct hrlp_range *range = hrlp_family_range(family, index);
  double value = hrlp_key_get(household, index);
  double base = range != NULL && range->base != HRLP_KEY_NONE
                    ? hrlp_key_get(household, range->base)
                    : 1.0;
  double low = range != NULL ? range->from * base : hrlp_key_get(family, index);
  double high = range != NULL ? range->to * base : low;
  if (range != NULL && key->type == HRL_KEY_INTEGER) { /* as they are drawn */
    low = floor(low);
    high = floor(high);
  }
  double slack = 1e-9 * (fabs(low) + fabs(high));
  if (value >= low - slack && value <= high + slack) return;
  if (range != NULL && range->chance < 1.0 && value == key->default_value) return;
  hrlp_text_format(text, "%s%s is %.6g, %s %.6g", text->length > 0 ? "; " : "", key->name,
                   value, value < low ? "below" : "above", value < low ? low : high);
}

void hrlp_family_outside(const struct hrl_scenario *family,
                         const struct hrl_scenario *household, struct hrlp_text *text) {
  const hrl_scenario_key *key;
  for (size_t i = 0; (key = hrlp_keys_at(hrlp_keys_of(family), i)) != NULL; i++)
    if (is_of_household(household, key)) compare_key(family, i, household, text);
}

static bool holds(const struct hrlp_condition *condition,
                  const struct hrl_scenario *household) {
  double sum = condition->constant;
  for (size_t i = 0; i < condition->count; i++)
    sum += condition->terms[i].factor * hrlp_key_get(household, condition->terms[i].key);
  return condition->is_strict ? sum < 0.0 : sum <= 0.0;
}

#define ALL_HOLD SIZE_MAX

/* The condition that does not hold; their count where the household's values do not go
 * together, of which `problem` tells; ALL_HOLD. */
static size_t first_broken(const struct hrlp_family *family,
                           const struct hrl_scenario *household, const char **key,
                           hrl_error *problem) {
  for (size_t i = 0; i < family->condition_count; i++)
    if (!holds(&family->conditions[i], household)) return i;
  if (household->model == HRLP_MODEL_LIFECYCLE &&
      hrlp_lifecycle_keys_check(&household->lifecycle, key, problem) != HRL_OK)
    return family->condition_count;
  return ALL_HOLD;
}

/* Whether this household draws range i, whose chance is below 1. */
static bool is_drawn(const struct hrlp_range *range, uint64_t seed, uint64_t index,
                     uint32_t step, size_t i) {
  uint32_t words[4];
  hrlp_random_words(seed, HRLP_RANDOM_HOUSEHOLD, index, CHANCE_STEPS + step, words);
  return hrlp_random_uniform(words[i % 4]) < range->chance;
}

/* Draws the keys once. */
static void draw_keys(const struct hrl_scenario *scenario, uint64_t seed, uint64_t index,
                      uint32_t attempt, struct hrl_scenario *household) {
  const struct hrlp_family *family = scenario->family;
  uint32_t words[4] = {0};
  uint32_t blocks = (uint32_t)((family->range_count + 3) / 4);
  for (size_t i = 0; i < family->range_count; i++) {
    const struct hrlp_range *range = &family->ranges[i];
    uint32_t step = attempt * blocks + (uint32_t)(i / 4);
    if (i % 4 == 0) hrlp_random_words(seed, HRLP_RANDOM_HOUSEHOLD, index, step, words);
    double value = value_at(household, range, hrlp_random_uniform(words[i % 4]));
    if (range->chance < 1.0 && !is_drawn(range, seed, index, step, i))
      value = hrlp_keys_at(hrlp_keys_of(scenario), range->key)->default_value;
    hrlp_key_put(household, range->key, value);
  }
  hrlp_scenario_imply(household);
}

hrl_status hrlp_family_draw(const struct hrl_scenario *scenario, uint64_t seed,
                            enum hrlp_family_part part, uint64_t number,
                            struct hrl_scenario *household, hrl_error *error) {
  const struct hrlp_family *family = scenario->family;
  const char *key;
  uint64_t index = 2 * number + (uint64_t)part;
  for (uint32_t attempt = 0; attempt < TRIES; attempt++) {
    draw_keys(scenario, seed, index, attempt, household);
    if (first_broken(family, household, &key, NULL) != ALL_HOLD) continue;
    household->family = NULL;
    return HRL_OK;
  }
  return hrlp_fail(error, HRL_ERROR_RANGE,
                   "require: none of %d households drawn meets the conditions", TRIES);
}

hrl_status hrlp_family_check(const struct hrl_scenario *scenario, const char **key,
                             hrl_error *error) {
  const struct hrlp_family *family = scenario->family;
  struct hrl_scenario household = *scenario;
  hrl_error problem = HRL_ERROR_INIT;
  size_t broken[HRLP_CONDITIONS_MAX + 1] = {0};
  size_t kept = 0;
  *key = NULL;
  for (uint32_t i = 0; i < CHECKED; i++) {
    draw_keys(scenario, 0, i, 0, &household);
    size_t first = first_broken(family, &household, key, &problem);
    if (first == ALL_HOLD)
      kept++;
    else
      broken[first]++;
  }
  if (kept >= CHECKED_LEAST) return HRL_OK;
  size_t worst = 0;
  for (size_t i = 1; i <= family->condition_count; i++)
    if (broken[i] > broken[worst]) worst = i;
  if (worst == family->condition_count)
    return hrlp_fail(error, HRL_ERROR_RANGE,
                     "%s; %zu of %d households drawn have values that go together, "
                     "expected at least %d",
                     problem.message, kept, CHECKED, CHECKED_LEAST);
  *key = NULL;
  return hrlp_fail(error, HRL_ERROR_RANGE,
                   "require: %zu of %d households drawn meet the conditions, expected at "
                   "least %d; most fail '%s'",
                   kept, CHECKED, CHECKED_LEAST, family->conditions[worst].text);
}

hrl_status hrlp_family_check_ends(const struct hrl_scenario *scenario,
                                  const struct hrlp_range *range, hrl_error *error) {
  const hrl_scenario_key *key = hrlp_keys_at(hrlp_keys_of(scenario), range->key);
  double ends[2];
  hrlp_family_bounds(scenario, range->key, &ends[0], &ends[1]);
  for (size_t i = 0; i < 2; i++) {
    hrl_status status = hrlp_key_check(key, ends[i]);
    if (status == HRL_OK) continue;
    char expected[HRLP_KEY_EXPECTED_SIZE];
    hrlp_key_expected(key, expected);
    return hrlp_fail(error, status, "%s.%s: found a range that gives %.10g, expected %s",
                     key->section, key->name, ends[i], expected);
  }
  return HRL_OK;
}

hrl_status hrlp_family_fix(struct hrl_scenario *scenario, size_t key, hrl_error *error) {
  struct hrlp_family *family = scenario->family;
  const char *amiss = NULL;
  hrl_status status = HRL_OK;
  size_t count = 0;
  for (size_t i = 0; i < family->range_count; i++)
    if (family->ranges[i].key != key) family->ranges[count++] = family->ranges[i];
  family->range_count = count;
  hrlp_family_arrange(scenario);
  for (size_t i = 0; i < count && status == HRL_OK; i++)
    status = hrlp_family_check_ends(scenario, &family->ranges[i], error);
  if (status != HRL_OK) return status;
  if (count > 0) return hrlp_family_check(scenario, &amiss, error);
  for (size_t i = 0; i < family->condition_count; i++)
    if (!holds(&family->conditions[i], scenario))
      return hrlp_fail(error, HRL_ERROR_RANGE,
                       "require: the household does not meet '%s'",
                       family->conditions[i].text);
  hrlp_family_destroy(family);
  scenario->family = NULL;
  return HRL_OK;
}
