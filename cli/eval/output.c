#include "eval/output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void eval_format_exact(char text[EXACT_SIZE], double value) {
  text[0] = '\0';
  if (!isfinite(value)) return;
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, EXACT_SIZE, "%.*g", digits, value);
    if (strtod(text, NULL) == value) return;
  }
}

void eval_print_csv(const struct eval_report *report) {
  printf("row,share");
  for (size_t f = 0; f < FIGURE_COUNT; f++) printf(",%s", eval_figures[f].name);
  printf(",skill\n");
  for (int place = 0; place < ROW_COUNT; place++) {
    const struct eval_row *row = &report->rows[place];
    if (!row->present) continue;
    char number[EXACT_SIZE];
    eval_format_exact(number, row->share);
    printf("%s,%s", eval_row_name((enum eval_place)place), number);
    for (size_t f = 0; f < FIGURE_COUNT; f++) {
      eval_format_exact(number, eval_figure_get(row, f));
      printf(",%s", number);
    }
    eval_format_exact(number, place == ROW_POLICY ? report->skill : NAN);
    printf(",%s\n", number);
  }
}

#define CELL_SIZE 48

/* Text of a row's first column. */
static void format_label(char label[CELL_SIZE], const struct eval_report *report,
                         enum eval_place place) {
  switch (place) {
    case ROW_POLICY:
      snprintf(label, CELL_SIZE, "trained agents");
      break;
    case ROW_CONSTANT:
      snprintf(label, CELL_SIZE, "best constant share, %.0f %%",
               100.0 * report->rows[place].share);
      break;
    case ROW_NOTHING:
      snprintf(label, CELL_SIZE, "invest nothing");
      break;
    case ROW_OPTIMUM:
      snprintf(label, CELL_SIZE, "optimum");
      break;
    default:
      snprintf(label, CELL_SIZE, "invest %.0f %%", 100.0 * report->rows[place].share);
  }
}

/* Text of a row's figure. */
static void format_cell(char cell[CELL_SIZE], const struct eval_row *row, size_t figure) {
  double value = eval_figure_get(row, figure);
  if (isfinite(value))
    snprintf(cell, CELL_SIZE, "%.*f", eval_figures[figure].decimals, value);
  else
    snprintf(cell, CELL_SIZE, "%s", eval_figures[figure].absent);
}

static void print_heading(const size_t widths[FIGURE_COUNT], size_t label_width) {
  printf("%-*s", (int)label_width, "");
  for (size_t f = 0; f < FIGURE_COUNT; f++)
    printf("  %*s", (int)widths[f], eval_figures[f].heading);
  putchar('\n');
}

static void print_rows(const struct eval_report *report,
                       const size_t widths[FIGURE_COUNT], size_t label_width) {
  char cell[CELL_SIZE];
  for (int place = 0; place < ROW_COUNT; place++) {
    if (!report->rows[place].present) continue;
    format_label(cell, report, (enum eval_place)place);
    printf("%-*s", (int)label_width, cell);
    for (size_t f = 0; f < FIGURE_COUNT; f++) {
      format_cell(cell, &report->rows[place], f);
      printf("  %*s", (int)widths[f], cell);
    }
    putchar('\n');
  }
}

void eval_print_table(const struct eval_report *report) {
  size_t label_width = 0;
  size_t widths[FIGURE_COUNT];
  for (size_t f = 0; f < FIGURE_COUNT; f++) widths[f] = strlen(eval_figures[f].heading);
  for (int place = 0; place < ROW_COUNT; place++) {
    if (!report->rows[place].present) continue;
    char cell[CELL_SIZE];
    format_label(cell, report, (enum eval_place)place);
    if (strlen(cell) > label_width) label_width = strlen(cell);
    for (size_t f = 0; f < FIGURE_COUNT; f++) {
      format_cell(cell, &report->rows[place], f);
      if (strlen(cell) > widths[f]) widths[f] = strlen(cell);
    }
  }
  printf("model %s  scenario %s  episodes %" PRIu64 "  seed %" PRIu64 "\n\n",
         report->model, report->scenario, report->episodes, report->seed);
  print_heading(widths, label_width);
  print_rows(report, widths, label_width);
  if (report->skill_absent == NULL)
    printf("\nskill %.3f  (0: the best constant share, 1: the optimum)\n", report->skill);
  else
    printf("\nskill not defined: %s\n", report->skill_absent);
}
