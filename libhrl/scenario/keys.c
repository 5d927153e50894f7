/* The one table of keys, and what can be asked of it. A new key is one row here and one
 * member in the struct of its section; reader, writer, checks, messages and the manual
 * follow. */
#include "scenario/keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct row {
  hrl_scenario_key key;
  size_t offset;   /* of the member in struct hrl_scenario */
  bool is_integer; /* the member is an int64_t, otherwise a double */
};

/* Any other type of member does not compile. */
#define MEMBER(path)                                        \
  offsetof(struct hrl_scenario, path),                      \
      _Generic(((struct hrl_scenario *)NULL)->path, int64_t \
               : true, double                               \
               : false)

#define REQUIRED 1, 0.0
#define DEFAULT(value) 0, value
#define FROM(minimum, maximum) minimum, maximum, 0
#define ABOVE(minimum, maximum) minimum, maximum, 1

/* NOLINTBEGIN(bugprone-macro-parentheses): a member's name takes none */
#define NUMBER(section, member, need, bounds, unit, text)                      \
  {                                                                            \
    {#section, #member, NULL, HRL_KEY_NUMBER, need, bounds, NULL, unit, text}, \
        MEMBER(section.member)                                                 \
  }
#define INTEGER(section, member, need, bounds, unit, text)                      \
  {                                                                             \
    {#section, #member, NULL, HRL_KEY_INTEGER, need, bounds, NULL, unit, text}, \
        MEMBER(section.member)                                                  \
  }
/* NOLINTEND(bugprone-macro-parentheses) */

/* A billion a month is no household; what is larger is a slip. Sums that grow over the
 * months get more room. */
#define MOST_INCOME 1e9
#define MOST_MONEY 1e12
#define MOST_WEIGHT 1e6
/* a thousand years */
#define MOST_MONTHS 12000

static const struct row rows[] = {
    NUMBER(environment, income, REQUIRED, ABOVE(0, MOST_INCOME), "euro/month",
           "Net income."),
    NUMBER(environment, fixed_expenses, REQUIRED, FROM(0, MOST_MONEY), "euro/month",
           "Costs that are the same every month (rent, utilities, insurance), at the "
           "prices of the first month."),
    NUMBER(environment, variable_expense_mean, REQUIRED, FROM(0, MOST_MONEY),
           "euro/month",
           "Mean of the costs that change from month to month (food, leisure, repairs), "
           "at the prices of the first month."),
    NUMBER(environment, variable_expense_std, REQUIRED, FROM(0, MOST_MONEY), "euro/month",
           "Standard deviation of the costs that change from month to month."),
    NUMBER(environment, inflation, REQUIRED, FROM(-1, 1), "1/year",
           "Growth of all costs over a year, as a fraction; 0.02 is 2 %."),
    NUMBER(environment, safety_threshold, REQUIRED, FROM(0, MOST_MONEY), "euro",
           "Cash that the household wants to keep at hand; having less costs reward."),
    INTEGER(environment, max_months, REQUIRED, FROM(1, MOST_MONTHS), "months",
            "Length of an episode, unless the household runs out of cash before."),
    NUMBER(environment, initial_cash, DEFAULT(0), FROM(0, MOST_MONEY), "euro",
           "Cash at the start."),
    NUMBER(environment, risk_tolerance, REQUIRED, FROM(0, 1), "",
           "How willingly the household takes risks; the agents see it as a part of the "
           "state."),
    NUMBER(environment, investment_return_mean, DEFAULT(0), FROM(-1, 1), "1/month",
           "What the portfolio earns in a month on average, as a fraction."),
    NUMBER(environment, investment_return_std, DEFAULT(0), FROM(0, 1), "1/month",
           "Standard deviation of what the portfolio earns in a month."),
    {{"environment", "investment_return_type", NULL, HRL_KEY_CHOICE,
      DEFAULT(HRLP_RETURN_NONE), FROM(HRLP_RETURN_NONE, HRLP_RETURN_STOCHASTIC),
      "none fixed stochastic", "",
      "How the portfolio earns: not at all, the mean every month, or a normal draw. "
      "Where "
      "it is left out, a mean implies fixed, and a standard deviation stochastic."},
     MEMBER(environment.investment_return_type)},

    INTEGER(training, num_episodes, DEFAULT(5000), FROM(1, 1e9), "episodes",
            "How many episodes a training plays."),
    NUMBER(training, gamma_low, DEFAULT(0.98), ABOVE(0, 1), "1/month",
           "The executor's discount."),
    NUMBER(training, gamma_high, DEFAULT(0.99), ABOVE(0, 1), "1/decision",
           "The strategist's discount."),
    INTEGER(training, high_period, DEFAULT(6), FROM(1, MOST_MONTHS), "months",
            "Time between two goals of the strategist."),
    INTEGER(training, batch_size, DEFAULT(480), FROM(1, 1e6), "months",
            "Size of the executor's minibatch."),
    NUMBER(training, learning_rate_low, DEFAULT(2.5e-3), ABOVE(0, 1), "",
           "The executor's step size."),
    NUMBER(training, learning_rate_high, DEFAULT(2.5e-3), ABOVE(0, 1), "",
           "The strategist's step size."),
    INTEGER(training, batch_size_high, DEFAULT(160), FROM(1, 1e6), "decisions",
            "Size of the strategist's minibatch."),
    INTEGER(training, parallel_episodes, DEFAULT(8), FROM(1, 4096), "episodes",
            "Episodes that are played side by side for one update."),
    INTEGER(training, epochs_low, DEFAULT(4), FROM(1, 200), "",
            "Times that an update of the executor goes through its samples."),
    INTEGER(training, epochs_high, DEFAULT(4), FROM(1, 200), "",
            "Times that an update of the strategist goes through its samples."),
    INTEGER(training, hidden_low, DEFAULT(32), FROM(1, 512), "",
            "Width of the two hidden layers of the executor's networks."),
    INTEGER(training, hidden_high, DEFAULT(32), FROM(1, 512), "",
            "Width of the two hidden layers of the strategist's networks."),
    NUMBER(training, gae_lambda_low, DEFAULT(0.95), FROM(0, 1), "",
           "The executor's lambda of generalised advantage estimation."),
    NUMBER(training, gae_lambda_high, DEFAULT(0.95), FROM(0, 1), "",
           "The strategist's lambda of generalised advantage estimation."),
    NUMBER(training, clip_range, DEFAULT(0.2), ABOVE(0, 10), "",
           "How far an update may move a probability ratio from 1."),
    NUMBER(training, value_weight, DEFAULT(1), FROM(0, 100), "",
           "Weight of the critic's loss."),
    NUMBER(training, entropy_weight, DEFAULT(0), FROM(0, 10), "",
           "Weight of the policy's entropy."),
    NUMBER(training, max_gradient_norm, DEFAULT(0.5), ABOVE(0, 1e6), "",
           "Greatest norm of a gradient; larger ones are scaled down to it."),
    NUMBER(training, exploration_low, DEFAULT(0.1), ABOVE(0, 1), "of income",
           "Standard deviation of the executor's actions at the start."),
    NUMBER(training, exploration_high, DEFAULT(0.2), ABOVE(0, 1), "of income",
           "Standard deviation of the strategist's actions at the start."),
    NUMBER(training, exploration_end, DEFAULT(0.2), ABOVE(0, 1), "",
           "Share of the exploration that is left in the long run."),
    NUMBER(training, learning_rate_end, DEFAULT(0.05), FROM(0, 1), "",
           "Share of the learning rates that is left in the long run."),
    NUMBER(training, schedule_episodes, DEFAULT(150), ABOVE(0, 1e9), "episodes",
           "Episodes after which half of those two falls is behind."),
    NUMBER(training, goal_weight, DEFAULT(0.02), FROM(0, 1000), "",
           "What the executor pays for a deviation from its goal, in what the same share "
           "of income earns when invested."),
    {{"training", "strategist", NULL, HRL_KEY_CHOICE, 0, 1, 0, 1, 0, "off on", "",
      "Whether a strategist sets the goals; without one the executor always has the "
      "textbook goal (to measure what the strategist is worth)."},
     MEMBER(training.strategist)},

    NUMBER(reward, alpha, DEFAULT(10), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro invested."),
    NUMBER(reward, beta, DEFAULT(0.1), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro of cash below the safety threshold, as a penalty."),
    NUMBER(reward, gamma, DEFAULT(5), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro of expenses above income, as a penalty."),
    NUMBER(reward, delta, DEFAULT(20), FROM(0, MOST_WEIGHT), "",
           "Weight of a euro of cash below zero, as a penalty."),
    /* the older files' spelling is the one written, so that they and ours stay alike */
    {{"reward", "lambda_", "lambda", HRL_KEY_NUMBER, DEFAULT(1), FROM(0, MOST_WEIGHT),
      NULL, "",
      "Weight of a euro of wealth gained over one of the strategist's periods."},
     MEMBER(reward.lambda)},
    NUMBER(reward, mu, DEFAULT(0.5), FROM(0, MOST_WEIGHT), "",
           "Weight of a month that ends with cash above zero, for the strategist."),
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

const char *const hrlp_top_words[HRLP_TOP_WORD_COUNT] = {"environment", "training",
                                                         "reward", "description"};

size_t hrl_scenario_key_count(void) { return ROW_COUNT; }

const hrl_scenario_key *hrl_scenario_key_at(size_t index) {
  return index < ROW_COUNT ? &rows[index].key : NULL;
}

size_t hrlp_top_word_find(const char *word) {
  size_t i = 0;
  while (i < HRLP_TOP_WORD_COUNT && strcmp(hrlp_top_words[i], word) != 0) i++;
  return i;
}

static bool is_called(const hrl_scenario_key *key, const char *name) {
  return strcmp(key->name, name) == 0 ||
         (key->alias != NULL && strcmp(key->alias, name) == 0);
}

size_t hrlp_key_find(const char *section, const char *name) {
  for (size_t i = 0; i < ROW_COUNT; i++)
    if (strcmp(rows[i].key.section, section) == 0 && is_called(&rows[i].key, name))
      return i;
  return HRLP_KEY_NONE;
}

/* A key of any section that is called exactly so: it was put in the wrong place. */
static const hrl_scenario_key *find_elsewhere(const char *name) {
  for (size_t i = 0; i < ROW_COUNT; i++)
    if (is_called(&rows[i].key, name)) return &rows[i].key;
  return NULL;
}

/* The key of `section`, or of any where it is NULL, whose name is nearest. */
static const hrl_scenario_key *find_nearest(const char *section, const char *name) {
  const char *words[ROW_COUNT];
  const hrl_scenario_key *keys[ROW_COUNT];
  size_t count = 0;
  for (size_t i = 0; i < ROW_COUNT; i++) {
    if (section != NULL && strcmp(rows[i].key.section, section) != 0) continue;
    words[count] = rows[i].key.name;
    keys[count++] = &rows[i].key;
  }
  const char *nearest = hrlp_nearest_word(name, words, count);
  for (size_t i = 0; i < count; i++)
    if (words[i] == nearest) return keys[i];
  return NULL;
}

static void list_names(const char *section, char advice[HRLP_KEY_ADVICE_SIZE]) {
  size_t used = 0;
  const char *before = "; expected one of ";
  for (size_t i = 0; i < ROW_COUNT && used < HRLP_KEY_ADVICE_SIZE; i++) {
    if (strcmp(rows[i].key.section, section) != 0) continue;
    used += (size_t)snprintf(advice + used, HRLP_KEY_ADVICE_SIZE - used, "%s%s", before,
                             rows[i].key.name);
    before = ", ";
  }
}

static bool is_section(const char *word) {
  return hrlp_top_word_find(word) < HRLP_SECTION_COUNT;
}

void hrlp_key_advise(const char *section, const char *name,
                     char advice[HRLP_KEY_ADVICE_SIZE]) {
  const hrl_scenario_key *key = find_elsewhere(name);
  if (key == NULL && is_section(section)) key = find_nearest(section, name);
  if (key == NULL) key = find_nearest(NULL, name);
  if (key != NULL)
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; did you mean '%s.%s'?", key->section,
             key->name);
  else if (is_section(section))
    list_names(section, advice);
  else
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; expected section.name, such as '%s.%s'",
             rows[0].key.section, rows[0].key.name);
}

void hrlp_top_word_advise(const char *word, char advice[HRLP_KEY_ADVICE_SIZE]) {
  const hrl_scenario_key *key = find_elsewhere(word);
  const char *nearest =
      key == NULL ? hrlp_nearest_word(word, hrlp_top_words, HRLP_TOP_WORD_COUNT) : NULL;
  if (key != NULL)
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; '%s' belongs in the section '%s'", word,
             key->section);
  else if (nearest != NULL)
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; did you mean '%s'?", nearest);
  else
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; expected one of %s, %s, %s, %s",
             hrlp_top_words[0], hrlp_top_words[1], hrlp_top_words[2], hrlp_top_words[3]);
}

double hrlp_key_get(const struct hrl_scenario *scenario, size_t index) {
  const char *member = (const char *)scenario + rows[index].offset;
  return rows[index].is_integer ? (double)*(const int64_t *)(const void *)member
                                : *(const double *)(const void *)member;
}

void hrlp_key_put(struct hrl_scenario *scenario, size_t index, double value) {
  char *member = (char *)scenario + rows[index].offset;
  value += 0.0; /* never -0, which would be written as 0 */
  if (rows[index].is_integer)
    *(int64_t *)(void *)member = (int64_t)value;
  else
    *(double *)(void *)member = value;
}

hrl_status hrlp_key_check(size_t index, double value) {
  const hrl_scenario_key *key = &rows[index].key;
  if (isnan(value)) return HRL_ERROR_TYPE;
  if (key->type != HRL_KEY_NUMBER && value != trunc(value)) return HRL_ERROR_TYPE;
  bool too_small = key->minimum_open ? value <= key->minimum : value < key->minimum;
  return too_small || value > key->maximum ? HRL_ERROR_RANGE : HRL_OK;
}

const char *hrlp_choice_at(const char *choices, size_t place, size_t *length) {
  const char *word = choices;
  for (; place > 0; place--) {
    word = strchr(word, ' ');
    if (word == NULL) return NULL;
    word++;
  }
  *length = strcspn(word, " ");
  return word;
}

void hrlp_key_show(size_t index, double value, char shown[HRLP_NUMBER_SIZE]) {
  const hrl_scenario_key *key = &rows[index].key;
  size_t length = 0;
  const char *word = key->type == HRL_KEY_CHOICE
                         ? hrlp_choice_at(key->choices, (size_t)value, &length)
                         : NULL;
  if (word != NULL)
    snprintf(shown, HRLP_NUMBER_SIZE, "%.*s", (int)length, word);
  else
    hrlp_format_number(shown, value);
}

void hrlp_key_expected(size_t index, char expected[HRLP_KEY_EXPECTED_SIZE]) {
  const hrl_scenario_key *key = &rows[index].key;
  if (key->type == HRL_KEY_CHOICE) {
    size_t used = (size_t)snprintf(expected, HRLP_KEY_EXPECTED_SIZE, "one of ");
    for (const char *c = key->choices; *c != '\0' && used + 3 < HRLP_KEY_EXPECTED_SIZE;
         c++) {
      if (*c == ' ') expected[used++] = ',';
      expected[used++] = *c;
    }
    expected[used] = '\0';
    return;
  }
  char least[HRLP_NUMBER_SIZE];
  char most[HRLP_NUMBER_SIZE];
  hrlp_format_number(least, key->minimum);
  hrlp_format_number(most, key->maximum);
  snprintf(expected, HRLP_KEY_EXPECTED_SIZE,
           key->minimum_open ? "%s greater than %s and at most %s" : "%s from %s to %s",
           key->type == HRL_KEY_INTEGER ? "a whole number" : "a number", least, most);
}
