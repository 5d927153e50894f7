#include "report/contents.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <hrl/version.h>

#include "common/rule_text.h"
#include "common/worth.h"
#include "report/filter.h"
#include "report/run.h"
#include "report/scale.h"

#define TEXT_SIZE 1024

const char *player_name(enum player_place place) {
  static const char *const names[PLAYERS] = {"Trained agents", "Best simple rule",
                                             "Optimum"};
  return names[place];
}

/* ---- summary ---- */

static void tell_verdict(const struct report *report, struct report_writer *writer) {
  const struct yardsticks *yardsticks = &report->yardsticks;
  char text[TEXT_SIZE];
  char rule[256];
  double skill = yardsticks->skill;
  rule_describe(&report->yardsticks.rule, report->is_lifecycle, rule, sizeof rule);
  if (!isfinite(skill))
    snprintf(text, sizeof text,
             "The skill is not defined: %.500s. The best simple rule, chosen in "
             "hindsight, is: %s.",
             yardsticks->absent, rule);
  else if (skill < 0.0)
    snprintf(text, sizeof text,
             "The agents are worse than the best simple rule, chosen in hindsight: %s. "
             "Their skill is %.2f, where 0 is that rule and 1 the optimum.",
             rule, skill);
  else
    snprintf(text, sizeof text,
             "The agents go %.0f %% of the way from the best simple rule to the optimum. "
             "The rule, chosen in hindsight, is: %s.",
             100.0 * skill, rule);
  writer->paragraph(writer, text);
  if (report->differences != NULL) {
    snprintf(text, sizeof text,
             "The household lies outside what the agents were trained on, so the results "
             "may be worse: %.800s.",
             report->differences);
    writer->paragraph(writer, text);
  }
}

static void tell_tiles(const struct report *report, struct report_writer *writer) {
  const struct yardsticks *yardsticks = &report->yardsticks;
  const hrl_evaluation *policy = &yardsticks->policy;
  const double *wealth = report->players[PLAYER_AGENTS].final_wealth;
  char low[SCALE_LABEL];
  char high[SCALE_LABEL];
  struct tile tiles[4] = {{.label = "Skill"},
                          {.label = "Certainty equivalent"},
                          {.label = "Wealth at the end"},
                          {.label = "Ever needed help"}};
  format_number(yardsticks->skill, 2, tiles[0].value);
  snprintf(tiles[0].note, sizeof tiles[0].note, "0: best simple rule, 1: optimum");
  format_number(evaluation_worth(policy), report->is_lifecycle ? 0 : 1, low);
  format_number(evaluation_worth_stderr(policy), report->is_lifecycle ? 1 : 2, high);
  snprintf(tiles[1].value, sizeof tiles[1].value, "%s", low);
  snprintf(tiles[1].note, sizeof tiles[1].note, "%s \u00b1 %s",
           report->is_lifecycle ? "real euro a month" : "mean of an episode", high);
  format_number(wealth[50], 0, tiles[2].value);
  format_number(wealth[5], 0, low);
  format_number(wealth[95], 0, high);
  snprintf(tiles[2].note, sizeof tiles[2].note, "euro; nine in ten: %s to %s", low, high);
  format_percent(policy->rescued, tiles[3].value);
  snprintf(tiles[3].note, sizeof tiles[3].note, "of the households");
  if (!report->is_lifecycle) {
    tiles[1].label = "Strategic return";
    tiles[3].label = "Solvent to the end";
    format_percent(policy->solvent, tiles[3].value);
  }
  writer->tiles(writer, tiles, 4);
}

/* The figures of the table, by model. */
#define COLUMNS 7

static void format_row(const struct report *report, enum player_place place,
                       char cells[COLUMNS][CELL_SIZE]) {
  const hrl_evaluation *figures = report_evaluation(report, place);
  const struct {
    double value;
    int decimals;
  } budget[] = {{figures->strategic_return, 2}, {figures->strategic_return_stderr, 2},
                {100.0 * figures->solvent, 1},  {100.0 * figures->stability, 1},
                {figures->invested, 0},         {figures->wealth, 0}},
    life[] = {
        {figures->certainty_equivalent, 2}, {figures->certainty_equivalent_stderr, 2},
        {figures->consumption, 0},          {100.0 * figures->rescued, 1},
        {figures->final_cash, 0},           {figures->wealth, 0}};
  snprintf(cells[0], CELL_SIZE, "%s", player_name(place));
  for (size_t i = 1; i < COLUMNS; i++)
    if (report->is_lifecycle)
      format_number(life[i - 1].value, life[i - 1].decimals, cells[i]);
    else
      format_number(budget[i - 1].value, budget[i - 1].decimals, cells[i]);
}

static void tell_yardsticks(const struct report *report, struct report_writer *writer) {
  static const char *const budget[COLUMNS] = {"",
                                              "Return",
                                              "\u00b1",
                                              "Solvent, %",
                                              "Months above 0, %",
                                              "Invested, euro",
                                              "Wealth, euro"};
  static const char *const life[COLUMNS] = {"",
                                            "Certainty equivalent",
                                            "\u00b1",
                                            "Consumption, euro",
                                            "Needed help, %",
                                            "Cash at the end, euro",
                                            "Wealth, euro"};
  writer->table_begin(writer, report->is_lifecycle ? life : budget, COLUMNS, 1);
  for (int place = 0; place < PLAYERS; place++) {
    char cells[COLUMNS][CELL_SIZE];
    const char *row[COLUMNS];
    if (!report->players[place].present) continue;
    format_row(report, (enum player_place)place, cells);
    for (size_t i = 0; i < COLUMNS; i++) row[i] = cells[i];
    writer->table_row(writer, row);
  }
  writer->table_end(writer);
}

static void tell_summary(const void *subject, struct report_writer *writer) {
  const struct report *report = subject;
  writer->section(writer, "Summary", false);
  tell_verdict(report, writer);
  tell_tiles(report, writer);
  tell_yardsticks(report, writer);
  writer->paragraph(
      writer,
      report->is_lifecycle
          ? "The certainty equivalent is the constant consumption a month, at the prices "
            "of the start, that is worth as much as the lives simulated. Consumption is "
            "the monthly mean, at the same prices."
          : "The strategic return adds up what the model rewards: investing, staying "
            "above the safety threshold and out of debt, and wealth.");
}

/* ---- scenario ---- */

void tell_scenario(const void *subject, struct report_writer *writer) {
  const struct report *report = subject;
  static const char *const headings[] = {"Section", "Key", "Value", "Unit", "Meaning"};
  writer->section(writer, "Scenario", false);
  if (report->description[0] != '\0') writer->paragraph(writer, report->description);
  writer->table_begin(writer, headings, 5, 5);
  for (size_t i = 0; i < report->key_count; i++) {
    const struct report_key *key = &report->keys[i];
    if (strcmp(key->section, "training") == 0) continue;
    const char *row[] = {key->section, key->name, key->value, key->unit, key->text};
    writer->table_row(writer, row);
  }
  writer->table_end(writer);
}

/* ---- training ---- */

static void tell_curves(const struct report *report, struct report_writer *writer) {
  const struct report_course *course = &report->course;
  bool varies = false;
  struct chart reward = {
      .title = "Learning curve",
      .note = report->is_lifecycle
                  ? "The utility of an episode during training, with exploration: the "
                    "median and the middle half of each interval."
                  : "The reward of an episode during training, with exploration: the "
                    "median and the middle half of each interval.",
      .x_label = "episodes",
      .x = course->episode,
      .count = course->count,
  };
  chart_add_line(&reward, course->reward[1], INK_AGENTS, "Reward of an episode (median)");
  chart_add_band(&reward, course->reward[0], course->reward[2], INK_AGENTS_INNER,
                 "Middle half");
  writer->chart(writer, &reward);
  struct chart stability = {
      .title =
          report->is_lifecycle ? "Months without help" : "Months with cash above zero",
      .note = "The mean share of an episode's months, with exploration.",
      .x_label = "episodes",
      .x = course->episode,
      .count = course->count,
      .y_unit = UNIT_PERCENT,
  };
  chart_add_line(&stability, course->stability, INK_AGENTS, "Share of months");
  for (size_t i = 1; i < course->count; i++)
    varies = varies || course->stability[i] != course->stability[0];
  if (varies) writer->chart(writer, &stability);
}

void tell_training(const void *subject, struct report_writer *writer) {
  const struct report *report = subject;
  static const char *const headings[] = {"Key", "Value", "Meaning"};
  char text[TEXT_SIZE];
  char episodes[SCALE_LABEL];
  writer->section(writer, "Training", report->course.count > 1);
  if (report->course.count > 1) {
    format_number(report->course.episodes, 0, episodes);
    snprintf(text, sizeof text, "The agents were trained for %s episodes.", episodes);
    writer->paragraph(writer, text);
    tell_curves(report, writer);
  } else {
    writer->paragraph(writer, "The history of the training is missing.");
  }
  writer->table_begin(writer, headings, 3, 3);
  for (size_t i = 0; i < report->key_count; i++) {
    const struct report_key *key = &report->keys[i];
    const char *row[] = {key->name, key->value, key->text};
    if (strcmp(key->section, "training") == 0) writer->table_row(writer, row);
  }
  writer->table_end(writer);
}

/* ---- all ---- */

void tell_part(unsigned parts, unsigned part, struct report_writer *writer,
               void (*tell)(const void *subject, struct report_writer *writer),
               const void *subject) {
  bool texts = parts == 0 || (parts & part & ~(unsigned)PART_CHARTS) != 0;
  bool charts = parts == 0 || (parts & PART_CHARTS) != 0;
  if (!texts && !(charts && (part & PART_CHARTS) != 0)) return;
  struct filter_writer filter = filter_writer_on(writer, texts, charts);
  tell(subject, &filter.writer);
}

static void tell_method(const struct report *report, struct report_writer *writer) {
  char text[TEXT_SIZE];
  char episodes[SCALE_LABEL];
  format_number((double)report->episodes, 0, episodes);
  writer->section(writer, "Method", false);
  snprintf(text, sizeof text,
           "All policies played the same %s episodes, whose noise training has not seen "
           "(seed %" PRIu64
           "), and the agents did not explore. Percentiles are computed separately for "
           "each month, so that a household may be at different percentiles in different "
           "months. The best rule is chosen in hindsight, on the episodes shown; the "
           "optimum is computed by backward induction. Made by libhrl %s.",
           episodes, report->seed, hrl_version());
  writer->paragraph(writer, text);
}

static void tell_all(const void *subject, struct report_writer *writer) {
  const struct report *report = subject;
  const unsigned parts = report->parts;
  char text[TEXT_SIZE];
  snprintf(text, sizeof text, "%s household \u00b7 trained agents %.300s \u00b7 %s",
           report->is_lifecycle ? "Lifecycle" : "Budget", report->model, report->created);
  writer->title(writer, report->title != NULL ? report->title : report->scenario, text);
  tell_part(parts, PART_SUMMARY, writer, tell_summary, report);
  if (report->run != NULL) tell_part(parts, PART_RESULTS, writer, tell_run, report->run);
  tell_part(parts, PART_RESULTS | PART_CHARTS, writer, tell_results, report);
  tell_part(parts, PART_STRATEGY | PART_CHARTS, writer, tell_strategy, report);
  tell_part(parts, PART_TRAINING | PART_CHARTS, writer, tell_training, report);
  tell_part(parts, PART_SCENARIO, writer, tell_scenario, report);
  tell_method(report, writer);
}

struct report_document report_document(const struct report *report) {
  return (struct report_document){report->scenario, tell_all, report};
}
