/* What is said of a stored simulation. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <hrl/version.h>

#include "report/contents.h"
#include "report/run.h"

#define TEXT_SIZE 1024

/* ---- tables ---- */

void tell_run(const void *subject, struct report_writer *writer) {
  static const char *const headings[] = {"At the end", "Mean", "Deviation"};
  static const char *const names[RUN_FIGURES] = {
      "Months",          "Cash, euro",   "Put into the portfolio, euro",
      "Portfolio, euro", "Wealth, euro", "Gained by investing, euro"};
  const struct report_run *run = subject;
  char text[TEXT_SIZE], episodes[SCALE_LABEL], seed[SCALE_LABEL];
  writer->section(writer, "Simulation", false);
  format_number(run->episodes, 0, episodes);
  if (isfinite(run->seed))
    snprintf(seed, sizeof seed, ", seed %.0f", run->seed);
  else
    seed[0] = '\0';
  snprintf(text, sizeof text, "%.300s, %.10s: %s episodes%s.", run->id, run->time,
           episodes, seed);
  writer->paragraph(writer, text);
  writer->table_begin(writer, headings, 3, 1);
  for (int i = 0; i < RUN_FIGURES; i++) {
    char mean[SCALE_LABEL], deviation[SCALE_LABEL];
    format_number(run->mean[i], i == RUN_DURATION ? 1 : 0, mean);
    format_number(run->deviation[i], i == RUN_DURATION ? 1 : 0, deviation);
    const char *row[] = {names[i], mean, deviation};
    writer->table_row(writer, row);
  }
  writer->table_end(writer);
}

static void tell_tiles(const void *subject, struct report_writer *writer) {
  static const struct {
    const char *label;
    enum run_figure figure;
  } shown[4] = {{"Months", RUN_DURATION},
                {"Wealth at the end", RUN_WEALTH},
                {"Cash at the end", RUN_CASH},
                {"Gained by investing", RUN_GAINS}};
  const struct report_run *run = subject;
  struct tile tiles[4];
  writer->section(writer, "Summary", false);
  if (run->reason != NULL) writer->paragraph(writer, run->reason);
  for (int i = 0; i < 4; i++) {
    enum run_figure figure = shown[i].figure;
    char deviation[SCALE_LABEL];
    int decimals = figure == RUN_DURATION ? 1 : 0;
    tiles[i] = (struct tile){.label = shown[i].label};
    format_number(run->mean[figure], decimals, tiles[i].value);
    format_number(run->deviation[figure], decimals, deviation);
    snprintf(tiles[i].note, sizeof tiles[i].note, "%s \u00b1 %s",
             figure == RUN_DURATION ? "of the episodes" : "euro", deviation);
  }
  writer->tiles(writer, tiles, 4);
}

static void tell_shares(const void *subject, struct report_writer *writer) {
  static const char *const headings[] = {"Of income, mean of all months", "Share"};
  static const char *const names[3] = {"Invested", "Saved", "Consumed"};
  const struct report_run *run = subject;
  writer->section(writer, "Strategy", false);
  writer->table_begin(writer, headings, 2, 1);
  for (int i = 0; i < 3; i++) {
    char share[SCALE_LABEL];
    format_percent(run->shares[i], share);
    const char *row[] = {names[i], share};
    writer->table_row(writer, row);
  }
  writer->table_end(writer);
}

/* ---- charts ---- */

/* Whether a figure is anything but 0. */
static bool is_anywhere(const struct report_run *run, size_t figure) {
  for (size_t i = 0; i < run->months; i++)
    if (fabs(run->values[figure][P95][i]) > 0.5) return true;
  return false;
}

static void tell_fan(const struct report_run *run, struct report_writer *writer,
                     const char *title, size_t figure) {
  double *const *values = run->values[figure];
  if (!is_anywhere(run, figure)) return;
  struct chart chart = {.title = title,
                        .note =
                            "The line is the median; the bands hold nine in ten, and "
                            "half, of the episodes.",
                        .x_label = "months",
                        .x = run->at,
                        .x_from_zero = true,
                        .count = run->months,
                        .y_unit = UNIT_EURO};
  chart_add_line(&chart, values[P50], INK_AGENTS, "Trained agents");
  chart_add_band(&chart, values[P5], values[P95], INK_AGENTS_OUTER, "9 in 10");
  chart_add_band(&chart, values[P25], values[P75], INK_AGENTS_INNER, "half");
  writer->chart(writer, &chart);
}

#define BINS 24

static void tell_distribution(const struct report_run *run,
                              struct report_writer *writer) {
  static const double zero[BINS];
  double x[BINS], y[BINS] = {0};
  size_t count = run->final_count;
  if (count < 10) return;
  double low = run->final_wealth[0];
  double width = (run->final_wealth[count - 1] - low) / BINS;
  if (!(width > 0.05)) return;
  for (size_t i = 0; i < BINS; i++) x[i] = low + width * ((double)i + 0.5);
  for (size_t i = 0; i < count; i++) {
    size_t bin = (size_t)((run->final_wealth[i] - low) / width);
    y[bin < BINS ? bin : BINS - 1] += 1.0 / (double)count;
  }
  struct chart chart = {
      .title = "Wealth at the end",
      .note = "Distribution of the final wealth of the stored episodes.",
      .x_label = "euro",
      .x_unit = UNIT_EURO,
      .y_unit = UNIT_PERCENT,
      .from_zero = true,
      .x = x,
      .count = BINS};
  chart_add_line(&chart, y, INK_AGENTS, "Trained agents");
  chart_add_band(&chart, zero, y, INK_AGENTS_INNER, NULL);
  writer->chart(writer, &chart);
}

static void tell_charts(const void *subject, struct report_writer *writer) {
  const struct report_run *run = subject;
  if (run->months < 2) return;
  writer->section(writer, "Results", true);
  tell_fan(run, writer, "Wealth, euro", 2);
  tell_fan(run, writer, "Cash, euro", 0);
  tell_fan(run, writer, "Portfolio, euro", 1);
  tell_distribution(run, writer);
}

/* ---- all ---- */

static void tell_all(const void *subject, struct report_writer *writer) {
  const struct report_run *run = subject;
  const unsigned parts = run->parts;
  char text[TEXT_SIZE];
  snprintf(text, sizeof text, "Trained agents %.300s \u00b7 %s", run->model,
           run->created);
  writer->title(writer, run->title != NULL ? run->title : run->scenario, text);
  tell_part(parts, PART_SUMMARY, writer, tell_tiles, run);
  tell_part(parts, PART_RESULTS, writer, tell_run, run);
  tell_part(parts, PART_CHARTS, writer, tell_charts, run);
  tell_part(parts, PART_STRATEGY, writer, tell_shares, run);
  if (run->details != NULL) {
    tell_part(parts, PART_TRAINING, writer, tell_training, run->details);
    tell_part(parts, PART_SCENARIO, writer, tell_scenario, run->details);
  }
  writer->section(writer, "Method", false);
  snprintf(text, sizeof text,
           "From the stored results of the simulation. Made by libhrl "
           "%s.",
           hrl_version());
  writer->paragraph(writer, text);
}

struct report_document run_document(const struct report_run *run) {
  return (struct report_document){run->scenario, tell_all, run};
}
