/* Reports from figures alone: numbers as text, axes, charts of values that are not there,
 * and whole reports whose texts and figures are bad. */
#include "suite.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/canvas_svg.h"
#include "report/chart.h"
#include "report/contents.h"
#include "report/html.h"
#include "report/pdf.h"
#include "report/scale.h"
#include "report/spread.h"
#include "report/utf8.h"

/* ---- text ---- */

START_TEST(numbers_have_commas) {
  static const struct {
    double value;
    int decimals;
    const char *text;
  } cases[] = {{0, 0, "0"},
               {12, 0, "12"},
               {999.5, 1, "999.5"},
               {1000, 0, "1,000"},
               {-1234567.891, 2, "-1,234,567.89"},
               {123456, 0, "123,456"},
               {-0.001, 2, "0.00"},
               {NAN, 2, "-"},
               {INFINITY, 0, "-"},
               {1e15, 0, "1e+15"},
               {-1e300, 2, "-1e+300"},
               {999999999999999.0, 0, "999,999,999,999,999"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[SCALE_LABEL];
    format_number(cases[i].value, cases[i].decimals, text);
    ck_assert_str_eq(text, cases[i].text);
  }
}
END_TEST

START_TEST(axes_have_round_ticks) {
  static const struct {
    double low, high, step;
    enum chart_unit unit;
    double value;
    const char *text;
  } cases[] = {{0, 100, 20, UNIT_PLAIN, 40, "40"},
               {0, 0.93, 0.2, UNIT_PERCENT, 0.4, "40 %"},
               {0, 0.004, 0.001, UNIT_PERCENT, 0.002, "0.2 %"},
               {0, 140000, 50000, UNIT_EURO, 50000, "50 k"},
               {0, 5e6, 1e6, UNIT_EURO, 2e6, "2 M"},
               {-10, 12000, 2500, UNIT_EURO, 2500, "2,500"},
               {0, 3e9, 1e9, UNIT_EURO, 1e9, "1 bn"},
               {0, 140000, 50000, UNIT_EURO, 0, "0"},
               {0.01, 0.05, 0.01, UNIT_PLAIN, 0.02, "0.02"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct scale scale = scale_make(cases[i].low, cases[i].high, 5, true, 0.0, 100.0);
    char text[SCALE_LABEL];
    ck_assert_double_eq_tol(scale.step, cases[i].step, 1e-9 * cases[i].step);
    ck_assert_double_le(scale.low, cases[i].low);
    ck_assert_double_ge(scale.high, cases[i].high * (1.0 - 1e-12));
    scale_format(&scale, cases[i].unit, cases[i].value, text);
    ck_assert_str_eq(text, cases[i].text);
  }
}
END_TEST

/* Nothing to show, one value, the largest numbers: an axis all the same, with few ticks.
 */
START_TEST(axes_take_any_range) {
  static const double ends[][2] = {
      {NAN, NAN},      {0, 0},        {5, 5}, {-3, -3},       {1e300, 1e300},
      {-1e300, 1e300}, {INFINITY, 3}, {2, 1}, {1, 1 + 1e-15}, {-5e-324, 5e-324}};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    for (int round = 0; round < 2; round++) {
      struct scale scale = scale_make(ends[i][0], ends[i][1], 5, round != 0, 0.0, 100.0);
      ck_assert(isfinite(scale.low) && isfinite(scale.high) && scale.high > scale.low);
      ck_assert(scale.step > 0.0 && isfinite(scale.step));
      ck_assert_double_le((scale.high - scale.first) / scale.step, 20.0);
      double place = scale_place(&scale, ends[i][0]);
      ck_assert(isnan(ends[i][0]) || (place >= 0.0 && place <= 100.0));
    }
}
END_TEST

static char *escape(const char *text) {
  char *escaped = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&escaped, &size);
  write_escaped(file, text);
  fclose(file);
  return escaped;
}

START_TEST(text_is_escaped_and_valid) {
#define BAD "\xef\xbf\xbd"
  static const struct {
    const char *text, *escaped;
  } cases[] = {{"a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"},
               {"caff\xc3\xa8 \xe2\x82\xac \xf0\x9f\x8f\xa0",
                "caff\xc3\xa8 \xe2\x82\xac \xf0\x9f\x8f\xa0"},
               {"\x01\x1b[31m\x7f", BAD BAD "[31m" BAD},
               {"\xff\xc3", BAD BAD},
               {"\xc3(", BAD "("},
               {"\xc0\xaf", BAD BAD},                 /* too long */
               {"\xe0\x80\xaf", BAD BAD BAD},         /* too long */
               {"\xed\xa0\x80", BAD BAD BAD},         /* a surrogate */
               {"\xef\xbf\xbf", BAD BAD BAD},         /* not a character */
               {"\xf4\x90\x80\x80", BAD BAD BAD BAD}, /* beyond the last */
               {"\xc2\x85", BAD BAD},                 /* a control character */
               {"a\nb\tc", "a\nb\tc"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char *found = escape(cases[i].text);
    ck_assert_str_eq(found, cases[i].escaped);
    free(found);
  }
  char *clean = utf8_clean("<\xff>");
  ck_assert_str_eq(clean, "<" BAD ">");
  free(clean);
}
END_TEST

/* ---- charts ---- */

static char *draw_at(const struct chart *chart, const struct chart_size *drawn) {
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  struct canvas_svg svg = canvas_svg_on(file);
  chart_draw(chart, drawn, &svg.canvas);
  fclose(file);
  ck_assert_ptr_null(strstr(text, "nan"));
  ck_assert_ptr_null(strstr(text, "inf"));
  return text;
}

static char *draw(const struct chart *chart) { return draw_at(chart, &chart_wide); }

static size_t count_of(const char *text, const char *part) {
  size_t count = 0;
  for (; (text = strstr(text, part)) != NULL; text += strlen(part)) count++;
  return count;
}

START_TEST(lines_have_gaps_where_there_is_nothing) {
  static const double x[] = {1, 2, 3, 4, 5, 6, 7};
  static const double y[] = {1, 2, NAN, 4, 5, INFINITY, 7};
  struct chart chart = {.title = "t", .note = "n", .x_label = "x", .x = x, .count = 7};
  chart_add_line(&chart, y, INK_AGENTS, NULL);
  char *text = draw(&chart);
  ck_assert_uint_eq(count_of(text, "<path class=\"a\""), 2);
  ck_assert_uint_eq(count_of(text, "<circle class=\"ad\""),
                    1); /* the last stands alone */
  free(text);
  chart.count = 0;
  text = draw(&chart);
  ck_assert_uint_eq(count_of(text, "<path class=\"a\""), 0);
  free(text);
}
END_TEST

/* A point at 2, 4 is where the axes say. */
START_TEST(points_are_where_the_axes_say) {
  static const double x[] = {0, 2, 4};
  static const double y[] = {0, 4, 8};
  struct chart chart = {.title = "t", .note = "n", .x_label = "x", .x = x, .count = 3};
  chart_add_line(&chart, y, INK_RULE, "a name");
  char *text = draw(&chart);
  /* from 0 to 4 over 66 ... 702, from 0 to 8 over 254 ... 66 */
  ck_assert_ptr_nonnull(
      strstr(text, "<path class=\"r\" d=\"M66.0 254.0L384.0 160.0 702.0 66.0\"/>"));
  ck_assert_ptr_nonnull(strstr(text, ">a name</text>"));
  free(text);
}
END_TEST

/* A telephone's: names take as many lines as they need, and the axes give way. */
START_TEST(narrow_charts_have_room_for_their_names) {
  static const double x[] = {0, 2, 4};
  static const double y[] = {0, 4, 8};
  struct chart chart = {.title = "t", .note = "n", .x_label = "x", .x = x, .count = 3};
  chart_add_line(&chart, y, INK_RULE, "the first of the names");
  chart_add_line(&chart, y, INK_AGENTS, "the second of the names");
  chart_add_band(&chart, y, y, INK_AGENTS_OUTER, "a short one");
  char *text = draw_at(&chart, &chart_narrow);
  ck_assert_ptr_nonnull(
      strstr(text, "x=\"26.0\" y=\"42.0\" text-anchor=\"start\">the first"));
  ck_assert_ptr_nonnull(
      strstr(text, "x=\"26.0\" y=\"60.0\" text-anchor=\"start\">the second"));
  ck_assert_ptr_nonnull(strstr(text, "y=\"60.0\" text-anchor=\"start\">a short one"));
  /* from 0 to 8 over 264 ... 84 */
  ck_assert_ptr_nonnull(
      strstr(text, "<path class=\"a\" d=\"M66.0 264.0L199.0 174.0 332.0 84.0\"/>"));
  free(text);
}
END_TEST

START_TEST(long_lines_are_thinned_but_whole) {
  static double x[5000];
  static double y[5000];
  for (int i = 0; i < 5000; i++) {
    x[i] = i;
    y[i] = i;
  }
  struct chart chart = {.title = "t", .note = "n", .x_label = "x", .x = x, .count = 5000};
  chart_add_line(&chart, y, INK_OPTIMUM, NULL);
  chart_add_band(&chart, y, y, INK_AGENTS_INNER, NULL);
  char *text = draw(&chart);
  ck_assert_uint_eq(count_of(text, "<path class=\"o\""), 1);
  ck_assert_uint_lt(strlen(text), 30000);
  ck_assert_ptr_nonnull(strstr(text, "702.0 66.0\"/>")); /* the last of all */
  free(text);
}
END_TEST

/* ---- whole reports ---- */

#define MONTHS 50

/* Every figure is `value`, every text is `text`. */
struct sample {
  double time[MONTHS], figures[MONTHS];
  struct report_key key;
  struct report report;
};

static void fill(struct sample *sample, const char *text, double value, bool lifecycle) {
  struct report *report = &sample->report;
  hrl_evaluation same = {sizeof same, 5,     value, value, value, value, value, value,
                         value,       value, value, value, value, value, value, value};
  *report = (struct report){.model = text,
                            .scenario = text,
                            .description = text,
                            .differences = text,
                            .created = text,
                            .is_lifecycle = lifecycle,
                            .episodes = 5,
                            .months = MONTHS,
                            .time = sample->time,
                            .in_years = true,
                            .income = value,
                            .threshold = value,
                            .retirement = 10.0,
                            .reserve_count = RESERVES,
                            .keys = &sample->key,
                            .key_count = 1};
  report->yardsticks = (struct yardsticks){.policy = same,
                                           .rule = {sizeof(hrl_rule), 0.5, 0.5, 2.0, 3.0},
                                           .best_rule = same,
                                           .has_optimum = true,
                                           .optimum = same,
                                           .skill = value};
  snprintf(report->yardsticks.absent, sizeof report->yardsticks.absent, "%s", text);
  sample->key = (struct report_key){"training", "key", "unit", "text", ""};
  snprintf(sample->key.value, sizeof sample->key.value, "%.20s", text);
  for (int i = 0; i < MONTHS; i++) {
    sample->time[i] = i / 12.0;
    sample->figures[i] = value;
  }
  for (int i = 0; i < RESERVES; i++)
    report->reserves[i] = (struct report_reserve){i, value, value};
  for (int place = 0; place < PLAYERS; place++) {
    struct report_player *player = &report->players[place];
    player->present = true;
    player->solvent = sample->figures;
    for (int f = 0; f < FIGURES; f++)
      for (int k = 0; k < LEVELS; k++) player->values[f][k] = sample->figures;
    for (int k = 0; k < WHOLE_LEVELS; k++) player->final_wealth[k] = value + k * 1000.0;
  }
  report->course =
      (struct report_course){MONTHS,
                             MONTHS,
                             1.0,
                             sample->time,
                             {sample->figures, sample->figures, sample->figures},
                             sample->figures};
}

static const char hostile[] = "</style><script>x</script>\"'&\xff\x01";

START_TEST(shares_of_households_that_end_alike) {
  enum { LEVELS_HERE = 101, STEPS = 4 };
  double even[LEVELS_HERE], none[LEVELS_HERE], all[LEVELS_HERE], some[LEVELS_HERE];
  double shares[STEPS];
  for (int i = 0; i < LEVELS_HERE; i++) {
    even[i] = i * 10.0;
    none[i] = 0.0;
    all[i] = 1000.0;
    some[i] = i <= 60 ? 0.0 : 1000.0;
  }
  spread_shares(even, LEVELS_HERE, 0.0, 1000.0, STEPS, shares);
  for (int i = 0; i < STEPS; i++) ck_assert_double_eq_tol(shares[i], 0.25, 1e-9);
  spread_shares(even, LEVELS_HERE, 100.0, 900.0, STEPS, shares);
  for (int i = 0; i < STEPS; i++) ck_assert_double_eq_tol(shares[i], 0.2, 1e-9);
  /* those with nothing are in the first step, those with the most in the last */
  spread_shares(none, LEVELS_HERE, 0.0, 1000.0, STEPS, shares);
  for (int i = 0; i < STEPS; i++) ck_assert_double_eq(shares[i], i == 0 ? 1.0 : 0.0);
  spread_shares(all, LEVELS_HERE, 0.0, 1000.0, STEPS, shares);
  for (int i = 0; i < STEPS; i++) ck_assert_double_eq(shares[i], i == 3 ? 1.0 : 0.0);
  spread_shares(some, LEVELS_HERE, 0.0, 1000.0, STEPS, shares);
  ck_assert_double_eq_tol(shares[0], 0.6025, 1e-9);
  ck_assert_double_eq_tol(shares[3], 0.3925, 1e-9);
}
END_TEST

START_TEST(any_figures_and_texts_make_a_page) {
  static const double values[] = {0,         1,     -1,     NAN,   INFINITY,
                                  -INFINITY, 1e308, -1e308, 5e-324};
  static struct sample sample;
  char *long_text = calloc(5001, 1);
  memset(long_text, 'w', 5000);
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    for (int kind = 0; kind < 4; kind++) {
      char *text = NULL;
      size_t size = 0;
      fill(&sample, kind % 2 == 0 ? hostile : long_text, values[i], kind < 2);
      FILE *file = open_memstream(&text, &size);
      const struct report_document document = report_document(&sample.report);
      report_write_html(&document, file);
      report_write_svg(&document, file);
      fclose(file);
      ck_assert_ptr_null(strstr(text, "<script"));
      ck_assert_ptr_null(strstr(text, "\xff"));
      ck_assert_ptr_null(strstr(text, "\x01"));
      ck_assert_ptr_null(strstr(text, ">nan"));
      ck_assert_ptr_null(strstr(text, "Mnan"));
      ck_assert_uint_eq(count_of(text, "</html>"), 1);
      ck_assert_uint_eq(count_of(text, "<svg"), count_of(text, "</svg>"));
      ck_assert_uint_eq(count_of(text, "<figure"), count_of(text, "</figure>"));
      free(text);
    }
  free(long_text);
}
END_TEST

START_TEST(any_figures_and_texts_make_a_pdf) {
  static const double values[] = {0, 12345.678, NAN, INFINITY, 1e308};
  static struct sample sample;
  hrl_error error = HRL_ERROR_INIT;
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    char *text = NULL;
    size_t size = 0;
    fill(&sample, hostile, values[i], i % 2 == 0);
    FILE *file = open_memstream(&text, &size);
    const struct report_document document = report_document(&sample.report);
    hrl_status status = report_write_pdf(&document, file, &error);
    fclose(file);
    if (report_pdf_absent() != NULL) {
      ck_assert_int_eq(status, HRL_ERROR_STATE);
      ck_assert_str_eq(error.message, report_pdf_absent());
      ck_assert_uint_eq(size, 0);
    } else {
      ck_assert_msg(status == HRL_OK, "%s", error.message);
      ck_assert_uint_gt(size, 1000);
      ck_assert_mem_eq(text, "%PDF-", 5);
    }
    free(text);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("report");
  TCase *cases = tcase_create("report");
  tcase_set_timeout(cases, 60);
  tcase_add_test(cases, numbers_have_commas);
  tcase_add_test(cases, axes_have_round_ticks);
  tcase_add_test(cases, axes_take_any_range);
  tcase_add_test(cases, text_is_escaped_and_valid);
  tcase_add_test(cases, lines_have_gaps_where_there_is_nothing);
  tcase_add_test(cases, points_are_where_the_axes_say);
  tcase_add_test(cases, narrow_charts_have_room_for_their_names);
  tcase_add_test(cases, long_lines_are_thinned_but_whole);
  tcase_add_test(cases, shares_of_households_that_end_alike);
  tcase_add_test(cases, any_figures_and_texts_make_a_page);
  tcase_add_test(cases, any_figures_and_texts_make_a_pdf);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
