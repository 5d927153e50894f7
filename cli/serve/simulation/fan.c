#include "serve/simulation/fan.h"

#include <hrl/percentiles.h>
#include <math.h>
#include <stdlib.h>

#include "common/json_text.h"

static const double levels[] = {5, 25, 50, 75, 95};
#define LEVELS (sizeof levels / sizeof levels[0])

#define FIGURES 5
static const char *const names[FIGURES] = {"cash", "portfolio", "wealth", "consumption",
                                           "share"};

struct sink {
  size_t months, step; /* every so many are told, and the last one */
  json_t *times, *alive;
  json_t *values[FIGURES][LEVELS];
};

/* Cents, or a share's ten-thousandths, are enough. */
static json_t *rounded(double value, double scale) {
  return json_number(round(value * scale) / scale);
}

static int hear_month(const hrl_percentiles *month, void *data) {
  struct sink *sink = data;
  const double *figures[FIGURES] = {month->cash, month->portfolio, month->wealth,
                                    month->consumption, month->share};
  if (month->month % sink->step != 0 && month->month != sink->months) return 0;
  json_array_append_new(sink->times, json_integer((json_int_t)month->month));
  json_array_append_new(sink->alive, json_integer((json_int_t)month->episodes));
  for (size_t f = 0; f < FIGURES; f++)
    for (size_t k = 0; k < LEVELS; k++)
      json_array_append_new(sink->values[f][k],
                            rounded(figures[f][k], f + 1 == FIGURES ? 1e4 : 1e2));
  return 0;
}

hrl_status fan_make(const struct play_request *request,
                    const hrl_evaluate_options *options, size_t months, json_t **fan,
                    hrl_error *error) {
  struct sink sink = {.months = months, .step = (months + PLAY_POINTS - 1) / PLAY_POINTS};
  hrl_percentiles_request wanted = HRL_PERCENTILES_REQUEST_INIT;
  wanted.levels = levels;
  wanted.count = LEVELS;
  wanted.hear = hear_month;
  wanted.data = &sink;
  if (sink.step == 0) sink.step = 1;
  *fan = json_object();
  json_t *shown = json_array();
  for (size_t k = 0; k < LEVELS; k++) json_array_append_new(shown, json_real(levels[k]));
  json_object_set_new(*fan, "levels", shown);
  json_object_set_new(*fan, "months", sink.times = json_array());
  json_object_set_new(*fan, "alive", sink.alive = json_array());
  for (size_t f = 0; f < FIGURES; f++) {
    json_t *figure = json_array();
    for (size_t k = 0; k < LEVELS; k++)
      json_array_append_new(figure, sink.values[f][k] = json_array());
    json_object_set_new(*fan, names[f], figure);
  }
  hrl_status status = hrl_percentiles_policy(request->policy, request->household, options,
                                             &wanted, error);
  if (status == HRL_OK) return HRL_OK;
  json_decref(*fan);
  *fan = NULL;
  return status;
}
