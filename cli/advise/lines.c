/* advise/lines.c - the futures of others than the pair: their middles, month by month. */
#include <hrl/percentiles.h>
#include <math.h>

#include "advise/advice.h"

static const double middle = 50.0;

struct line {
  struct advice *advice;
  size_t which;
};

static int keep_point(const hrl_percentiles *month, void *data) {
  struct line *line = data;
  struct advice *advice = line->advice;
  if (advice->count == 0 || month->month < advice->months[0].month) return 0;
  size_t i = (size_t)(month->month - advice->months[0].month);
  if (i >= advice->count) return 0;
  advice->months[i].lines[line->which] =
      (struct advice_point){month->wealth[0], month->consumption[0]};
  return 0;
}

hrl_status advice_draw_lines(struct advice *advice, const struct advice_request *request,
                             const hrl_evaluate_options *options, hrl_error *error) {
  for (size_t i = 0; i < advice->count; i++)
    for (size_t which = 0; which < ADVICE_LINES; which++)
      advice->months[i].lines[which] = (struct advice_point){NAN, NAN};
  struct line line = {advice, ADVICE_RULE};
  hrl_percentiles_request wanted = HRL_PERCENTILES_REQUEST_INIT;
  wanted.levels = &middle;
  wanted.count = 1;
  wanted.hear = keep_point;
  wanted.data = &line;
  hrl_status status =
      hrl_percentiles_rule(request->scenario, &advice->rule, options, &wanted, error);
  if (status != HRL_OK) return status;
  line.which = ADVICE_OPTIMUM;
  status = hrl_percentiles_optimum(request->scenario, options, &wanted, error);
  if (status == HRL_ERROR_MEMORY) return status;
  /* a household whose optimum cannot be had is advised all the same */
  hrl_error_clear(error);
  return HRL_OK;
}
