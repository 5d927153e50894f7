#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "advise/output.h"
#include "common/rule_text.h"

#define EURO_SIZE 32

/* Whole euro with the thousands apart: 12,345. */
static const char *euro(char text[EURO_SIZE], double value) {
  char digits[EURO_SIZE];
  int length = snprintf(digits, sizeof digits, "%.0f", fabs(value));
  if (!isfinite(value) || length >= 20) return isfinite(value) ? "..." : "-";
  char *next = text;
  if (value < -0.5) *next++ = '-'; /* what rounds to 0 has no sign */
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) *next++ = ',';
    *next++ = digits[i];
  }
  *next = '\0';
  return text;
}

/* Three digits, and no power of ten in the place of thousands that can be read. */
static const char *figure(char text[EURO_SIZE], double value) {
  if (fabs(value) >= 999.5 && fabs(value) < 1e15) return euro(text, value);
  snprintf(text, EURO_SIZE, "%.3g", value);
  return text;
}

static void print_head(const struct answer *answer) {
  const struct advice *advice = &answer->advice;
  char cash[EURO_SIZE];
  char portfolio[EURO_SIZE];
  double last = (double)answer->situation.month + advice->now.now.months_remaining - 1.0;
  printf("%s  month %" PRIu64 " of %.0f  cash %s  portfolio %s%s\n\n",
         hrl_scenario_name(answer->scenario), answer->situation.month, last,
         euro(cash, answer->situation.cash), euro(portfolio, answer->situation.portfolio),
         answer->situation.unemployed ? "  without a job" : "");
}

static void print_month_budget(const hrl_advice *now) {
  char a[EURO_SIZE];
  char b[EURO_SIZE];
  double expected = now->now.fixed_expenses + now->now.variable_expense;
  printf("This month, of an income of %s euro\n", euro(a, now->amount));
  printf("  spend   %10s   expected expenses are %s\n", euro(a, now->consume),
         euro(b, expected));
  printf("  keep    %10s   in cash\n", euro(a, now->save));
  printf("  invest  %10s\n\n", euro(a, now->invest));
  printf("Goal, for %zu month%s: invest %.0f %% of income, keep %s euro of cash\n\n",
         now->months_of_goal, now->months_of_goal == 1 ? "" : "s",
         100.0 * now->goal.target_invest_ratio, euro(a, now->goal.safety_buffer));
}

static void print_month_lifecycle(const hrl_advice *now) {
  char a[EURO_SIZE];
  char b[EURO_SIZE];
  double expected = now->now.fixed_expenses + now->now.variable_expense;
  double trade = now->invest - now->now.portfolio;
  printf("This month, of %s euro: cash and portfolio, an income of ",
         euro(a, now->amount));
  printf("%s, committed expenses of %s\n", euro(a, now->now.income), euro(b, expected));
  printf("  spend   %10s   in addition to those expenses\n", euro(a, now->consume));
  printf("  keep    %10s   in cash\n", euro(a, now->save));
  printf("  invest  %10s   ", euro(a, now->invest));
  if (fabs(trade) < 0.5)
    printf("in the portfolio, as it is\n\n");
  else
    printf("in the portfolio: %s %s\n\n", trade > 0.0 ? "buy" : "sell",
           euro(a, fabs(trade)));
  printf(
      "Goal, for %zu month%s: hold %.0f %% of savings in the portfolio, keep %s euro in "
      "reserve (at the prices of the start)\n\n",
      now->months_of_goal, now->months_of_goal == 1 ? "" : "s",
      100.0 * now->goal.target_invest_ratio, euro(a, now->goal.safety_buffer));
}

static void print_future(const struct advice_month *month) {
  char a[EURO_SIZE];
  char b[EURO_SIZE];
  char c[EURO_SIZE];
  printf("  %9" PRIu64 "  %12s %12s %12s", month->month, euro(a, month->wealth[LEVEL_5]),
         euro(b, month->wealth[LEVEL_50]), euro(c, month->wealth[LEVEL_95]));
  printf("  %10s %10s %10s\n", euro(a, month->consumption[LEVEL_5]),
         euro(b, month->consumption[LEVEL_50]), euro(c, month->consumption[LEVEL_95]));
}

/* A quarter, a year, and on to the end. */
static void print_futures(const struct answer *answer) {
  static const uint64_t ahead[] = {3, 12, 36, 60, 120, 240};
  const struct advice *advice = &answer->advice;
  uint64_t first = answer->situation.month;
  size_t lived_through = advice->count; /* by any of them: later months are nobody's */
  while (lived_through > 1 && advice->months[lived_through - 1].share_left <= 0.0)
    lived_through--;
  const struct advice_month *end = &advice->months[lived_through - 1];
  const char *spent = advice->is_lifecycle ? "spent in it" : "expenses in it";
  printf("What may follow, in %" PRIu64
         " simulated futures: 5th, 50th and 95th percentile\n",
         advice->futures);
  printf("  %9s  %38s  %32s\n", "month", "wealth after it", spent);
  for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++)
    if (first + ahead[i] - 1 < end->month)
      print_future(advice_month_at(advice, first + ahead[i] - 1));
  print_future(end);
  double lived = advice->months[advice->count - 1].share_left;
  if (lived < 1.0)
    printf("  %.1f %% become insolvent before the last month\n", 100.0 * (1.0 - lived));
  if (!advice->is_lifecycle && advice->policy.solvent < lived)
    printf("  %.1f %% overdraw the account in the last month, where the model ends\n",
           100.0 * (lived - advice->policy.solvent));
  if (advice->is_lifecycle && advice->policy.rescued > 0.0)
    printf("  %.1f %% need help at some time\n", 100.0 * advice->policy.rescued);
  putchar('\n');
}

/* What the rule would do this month. */
static void print_decision(const struct advice *advice) {
  const struct advice_decision *rule = &advice->rule_now;
  char consume[EURO_SIZE];
  char save[EURO_SIZE];
  char invest[EURO_SIZE];
  euro(consume, rule->consume);
  euro(save, rule->save);
  euro(invest, rule->invest);
  if (advice->is_lifecycle)
    printf("  this month the rule would spend %s, keep %s in cash, invest %s\n", consume,
           save, invest);
  else
    printf("  this month the rule would invest %s\n", invest);
}

static void print_comparison(const struct advice *advice) {
  char rule[RULE_TEXT_SIZE];
  double low = advice->lead - 1.96 * advice->lead_stderr;
  double high = advice->lead + 1.96 * advice->lead_stderr;
  const char *unit = advice->is_lifecycle ? "euro a month" : "of return";
  rule_describe(&advice->rule, advice->is_lifecycle, rule, sizeof rule);
  printf("Against the best simple rule (%s):\n", rule);
  if (advice->is_lifecycle)
    printf("  certainty equivalent %.0f euro a month, the rule %.0f\n",
           advice->policy.certainty_equivalent, advice->best_rule.certainty_equivalent);
  else
    printf("  return %.1f, the rule %.1f\n", advice->policy.strategic_return,
           advice->best_rule.strategic_return);
  print_decision(advice);
  char a[EURO_SIZE];
  char b[EURO_SIZE];
  char c[EURO_SIZE];
  if (low > 0.0)
    printf("  better by %s %s (95 %% confidence: %s to %s)\n", figure(a, advice->lead),
           unit, figure(b, low), figure(c, high));
  else if (high < 0.0)
    printf(
        "  WORSE by %s %s (95 %% confidence: %s to %s): follow the rule, or train on "
        "this household (hrl-train)\n",
        figure(a, -advice->lead), unit, figure(b, -high), figure(c, -low));
  else
    printf("  no significant difference: %s%s %s (95 %% confidence: %s to %s)\n",
           advice->lead < 0.0 ? "" : "+", figure(a, advice->lead), unit, figure(b, low),
           figure(c, high));
}

/* ---- what if ---- */

#define COLUMN 16

struct line {
  const char *name;
  double (*value)(const struct advice *advice);
};

static double get_consume(const struct advice *advice) { return advice->now.consume; }
static double get_save(const struct advice *advice) { return advice->now.save; }
static double get_invest(const struct advice *advice) { return advice->now.invest; }
static double get_year(const struct advice *advice) {
  return advice_month_at(advice, advice->months[0].month + 11)->wealth[LEVEL_50];
}
static double get_end(const struct advice *advice) {
  return advice->months[advice->count - 1].wealth[LEVEL_50];
}
static double get_low(const struct advice *advice) {
  return advice->months[advice->count - 1].wealth[LEVEL_5];
}
static double get_spent(const struct advice *advice) {
  return advice->policy.consumption;
}
static double get_worth(const struct advice *advice) {
  return advice->policy.certainty_equivalent;
}
static double get_solvent(const struct advice *advice) {
  return 100.0 * advice->policy.solvent;
}

static const struct line common_lines[] = {{"spend this month", get_consume},
                                           {"keep in cash", get_save},
                                           {"invest", get_invest},
                                           {"wealth in a year, median", get_year},
                                           {"final wealth, median", get_end},
                                           {"final wealth, lowest 5 %", get_low}};
static const struct line lifecycle_lines[] = {{"consumption a month", get_spent},
                                              {"certainty equivalent", get_worth}};
static const struct line budget_lines[] = {{"solvent at the end, %", get_solvent}};

static void print_lines(const struct line *lines, size_t count,
                        const struct answer *answers, size_t columns) {
  for (size_t i = 0; i < count; i++) {
    printf("  %-26s", lines[i].name);
    for (size_t k = 0; k < columns; k++) {
      char text[EURO_SIZE];
      printf(" %*s", COLUMN, euro(text, lines[i].value(&answers[k].advice)));
    }
    putchar('\n');
  }
}

static void print_what_if(const struct answer *answers, size_t count) {
  printf("\nWhat if\n");
  for (size_t k = 1; k < count; k++) printf("  %zu: %s\n", k, answers[k].label);
  printf("  %-26s %*s", "", COLUMN, answers[0].label);
  for (size_t k = 1; k < count; k++) printf(" %*zu", COLUMN, k);
  putchar('\n');
  print_lines(common_lines, sizeof common_lines / sizeof common_lines[0], answers, count);
  if (answers[0].advice.is_lifecycle)
    print_lines(lifecycle_lines, sizeof lifecycle_lines / sizeof lifecycle_lines[0],
                answers, count);
  else
    print_lines(budget_lines, sizeof budget_lines / sizeof budget_lines[0], answers,
                count);
}

void advise_print_text(const struct question *question, const struct answer *answers,
                       size_t count) {
  (void)question;
  print_head(&answers[0]);
  if (answers[0].advice.is_lifecycle)
    print_month_lifecycle(&answers[0].advice.now);
  else
    print_month_budget(&answers[0].advice.now);
  print_futures(&answers[0]);
  print_comparison(&answers[0].advice);
  if (count > 1) print_what_if(answers, count);
}
