#include <math.h>
#include <stdio.h>

#include "common/worth.h"
#include "report/contents.h"
#include "report/scale.h"
#include "report/spread.h"

static const enum ink inks[PLAYERS] = {INK_AGENTS, INK_RULE, INK_OPTIMUM};

static struct chart over_time(const struct report *report, const char *title,
                              const char *note, enum chart_unit unit) {
  return (struct chart){.title = title,
                        .note = note,
                        .x_label = report->in_years ? "years" : "months",
                        .x = report->time,
                        .x_from_zero = true,
                        .count = report->months,
                        .y_unit = unit};
}

/* The agents' fan, and everybody's median. */
static void add_fan(const struct report *report, enum figure figure,
                    struct chart *chart) {
  double *const *agents = report->players[PLAYER_AGENTS].values[figure];
  for (int place = 0; place < PLAYERS; place++)
    if (report->players[place].present)
      chart_add_line(chart, report->players[place].values[figure][P50], inks[place],
                     player_name((enum player_place)place));
  chart_add_band(chart, agents[P5], agents[P95], INK_AGENTS_OUTER, "9 in 10");
  chart_add_band(chart, agents[P25], agents[P75], INK_AGENTS_INNER, "half");
}

/* Months of decisions: after a life's last one nothing is earned, so that how it is kept
 * means nothing. */
static size_t decisions(const struct report *report) {
  return report->is_lifecycle && report->months > 1 ? report->months - 1 : report->months;
}

static void mark_retirement(const struct report *report, struct chart *chart) {
  if (report->retirement > 0.0 && report->retirement < (double)report->months)
    chart_add_mark(chart, report->retirement / (report->in_years ? 12.0 : 1.0), true,
                   "retirement");
}

/* The most that nineteen in twenty of anybody's households have of it. */
static double find_most(const struct report *report, enum figure figure) {
  double most = 0.0;
  for (int place = 0; place < PLAYERS; place++)
    for (size_t i = 0; report->players[place].present && i < decisions(report); i++)
      most = fmax(most, report->players[place].values[figure][P95][i]);
  return most;
}

/* Whether anybody has it: as much as half a euro, and as is seen beside their wealth. */
static bool is_anywhere(const struct report *report, enum figure figure) {
  return find_most(report, figure) > fmax(0.5, 0.005 * find_most(report, WEALTH));
}

/* ---- results ---- */

#define BINS 32

/* False where all end alike. */
static bool tell_distribution(const struct report *report, struct report_writer *writer) {
  double low = INFINITY;
  double high = -INFINITY;
  double x[BINS];
  double y[PLAYERS][BINS];
  static const double zero[BINS];
  for (int place = 0; place < PLAYERS; place++) {
    if (!report->players[place].present) continue;
    low = fmin(low, report->players[place].final_wealth[1]);
    high = fmax(high, report->players[place].final_wealth[99]);
  }
  if (!(high - low > 1.0)) return false; /* euro */
  double width = (high - low) / BINS;
  for (int i = 0; i < BINS; i++) x[i] = low + width * (i + 0.5);
  for (int place = 0; place < PLAYERS; place++)
    spread_shares(report->players[place].final_wealth, WHOLE_LEVELS, low, high, BINS,
                  y[place]);
  char note[256];
  char wide[SCALE_LABEL];
  format_number(width, 0, wide);
  snprintf(note, sizeof note,
           "Distribution of the final wealth in steps of %s euro, without the lowest and "
           "the highest per cent.",
           wide);
  struct chart chart = {.title = "Wealth at the end",
                        .note = note,
                        .x_label = "euro",
                        .x_unit = UNIT_EURO,
                        .y_unit = UNIT_PERCENT,
                        .from_zero = true,
                        .x = x,
                        .count = BINS};
  for (int place = 0; place < PLAYERS; place++)
    if (report->players[place].present)
      chart_add_line(&chart, y[place], inks[place],
                     player_name((enum player_place)place));
  chart_add_band(&chart, zero, y[PLAYER_AGENTS], INK_AGENTS_INNER, NULL);
  writer->chart(writer, &chart);
  return true;
}

static void tell_final_wealth(const struct report *report, struct report_writer *writer) {
  static const char *const headings[] = {
      "Wealth at the end, euro", "5 %", "25 %", "median", "75 %", "95 %"};
  static const size_t places[LEVELS] = {5, 25, 50, 75, 95};
  writer->table_begin(writer, headings, 6, 1);
  for (int place = 0; place < PLAYERS; place++) {
    char cells[LEVELS][CELL_SIZE];
    const char *row[LEVELS + 1] = {player_name((enum player_place)place)};
    if (!report->players[place].present) continue;
    for (size_t k = 0; k < LEVELS; k++) {
      format_number(report->players[place].final_wealth[places[k]], 0, cells[k]);
      row[k + 1] = cells[k];
    }
    writer->table_row(writer, row);
  }
  writer->table_end(writer);
}

static void tell_survival(const struct report *report, struct report_writer *writer) {
  bool all = true;
  for (int place = 0; place < PLAYERS; place++)
    if (report->players[place].present)
      all = all && report->players[place].solvent[report->months - 1] >= 1.0;
  if (all) return;
  struct chart chart = over_time(
      report, "Still solvent",
      "The share of households whose cash has not fallen below zero.", UNIT_PERCENT);
  for (int place = 0; place < PLAYERS; place++)
    if (report->players[place].present)
      chart_add_line(&chart, report->players[place].solvent, inks[place],
                     player_name((enum player_place)place));
  writer->chart(writer, &chart);
}

static void tell_fan(const struct report *report, struct report_writer *writer,
                     const char *title, enum figure figure) {
  static const char note[] =
      "Lines are medians; the bands hold nine in ten, and half, of the households that "
      "follow the agents.";
  if (!is_anywhere(report, figure)) return;
  struct chart chart = over_time(report, title, note, UNIT_EURO);
  if (figure != WEALTH) chart.count = decisions(report);
  add_fan(report, figure, &chart);
  if (figure == CASH && report->threshold > 0.0)
    chart_add_mark(&chart, report->threshold, false, "safety threshold");
  mark_retirement(report, &chart);
  writer->chart(writer, &chart);
}

void tell_results(const void *subject, struct report_writer *writer) {
  const struct report *report = subject;
  writer->section(writer, "Results", true);
  tell_fan(report, writer, "Wealth, euro", WEALTH);
  if (is_anywhere(report, PORTFOLIO) && is_anywhere(report, CASH)) {
    tell_fan(report, writer, "Cash, euro", CASH);
    tell_fan(report, writer, "Portfolio, euro", PORTFOLIO);
  }
  tell_survival(report, writer);
  if (tell_distribution(report, writer)) tell_final_wealth(report, writer);
}

/* ---- strategy ---- */

static void tell_shares(const struct report *report, struct report_writer *writer) {
  if (!is_anywhere(report, PORTFOLIO)) return;
  struct chart chart = over_time(
      report, report->is_lifecycle ? "Held in the portfolio" : "Invested",
      report->is_lifecycle
          ? "Share of savings in the portfolio: medians, and the agents' spread over "
            "households."
          : "Share of income invested: medians, and the agents' spread over households.",
      UNIT_PERCENT);
  chart.from_zero = true;
  chart.count = decisions(report);
  add_fan(report, SHARE, &chart);
  mark_retirement(report, &chart);
  writer->chart(writer, &chart);
}

static void tell_consumption(const struct report *report, struct report_writer *writer) {
  struct chart chart =
      over_time(report, "Consumption, euro a month",
                "Consumption beyond committed expenses, at the month's prices: medians, "
                "and the agents' spread over households.",
                UNIT_EURO);
  chart.from_zero = true;
  add_fan(report, CONSUMPTION, &chart);
  mark_retirement(report, &chart);
  writer->chart(writer, &chart);
}

static void tell_reserves(const struct report *report, struct report_writer *writer) {
  double months[RESERVES];
  double worth[RESERVES];
  double low[RESERVES];
  double high[RESERVES];
  size_t count = report->reserve_count;
  if (count < 2) return;
  for (size_t i = 0; i < count; i++) {
    const struct report_reserve *reserve = &report->reserves[i];
    months[i] = reserve->months;
    worth[i] = reserve->worth;
    low[i] = reserve->worth - 2.0 * reserve->worth_stderr;
    high[i] = reserve->worth + 2.0 * reserve->worth_stderr;
  }
  struct chart chart = {
      .title = "What a reserve is worth",
      .note =
          "Certainty equivalent of the best rule with a reserve of this many months of "
          "income (0: it spends all), with two standard errors.",
      .x_label = "months of income kept in reserve",
      .y_unit = UNIT_EURO,
      .x = months,
      .count = count};
  chart_add_line(&chart, worth, INK_RULE, "Certainty equivalent, real euro a month");
  chart.lines[0].dots = true;
  chart_add_band(&chart, low, high, INK_AGENTS_OUTER, "two standard errors");
  chart_add_mark(&chart, evaluation_worth(&report->yardsticks.policy), false,
                 "trained agents");
  if (report->yardsticks.has_optimum)
    chart_add_mark(&chart, evaluation_worth(&report->yardsticks.optimum), false,
                   "optimum");
  writer->chart(writer, &chart);
}

/* One line of the table of advice. */
static void tell_advice(const struct report *report, struct report_writer *writer,
                        size_t month, enum player_place place, bool first) {
  const struct report_player *player = &report->players[place];
  char time[CELL_SIZE];
  char cells[4][CELL_SIZE];
  snprintf(time, sizeof time, "%zu", month + 1);
  format_percent(player->values[SHARE][P50][month], cells[0]);
  format_number(player->values[CASH][P50][month], 0, cells[1]);
  format_number(player->values[PORTFOLIO][P50][month], 0, cells[2]);
  format_number(player->values[CONSUMPTION][P50][month], 0, cells[3]);
  const char *row[] = {first ? time : "", player_name(place), cells[0],
                       cells[1],          cells[2],           cells[3]};
  writer->table_row(writer, row);
}

static void tell_advice_table(const struct report *report, struct report_writer *writer) {
  static const char *const life[] = {"Month",
                                     "",
                                     "Held in the portfolio",
                                     "Cash, euro",
                                     "Portfolio, euro",
                                     "Consumption, euro"};
  static const char *const budget[] = {
      "Month", "", "Invested", "Cash, euro", "Portfolio, euro", "Expenses, euro"};
  enum { SHOWN = 5 };
  writer->table_begin(writer, report->is_lifecycle ? life : budget, 6, 2);
  size_t last = SIZE_MAX;
  for (size_t i = 0; i < SHOWN; i++) {
    size_t month = i * (decisions(report) - 1) / (SHOWN - 1);
    if (month == last) continue;
    last = month;
    bool first = true;
    for (int place = 0; place < PLAYERS; place++) {
      if (!report->players[place].present) continue;
      tell_advice(report, writer, month, (enum player_place)place, first);
      first = false;
    }
  }
  writer->table_end(writer);
}

void tell_strategy(const void *subject, struct report_writer *writer) {
  const struct report *report = subject;
  writer->section(writer, "Strategy", true);
  tell_shares(report, writer);
  if (report->is_lifecycle) tell_consumption(report, writer);
  tell_reserves(report, writer);
  writer->paragraph(writer, "Decisions at five times, medians:");
  tell_advice_table(report, writer);
}
