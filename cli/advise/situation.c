#include "advise/situation.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 64

#define INITIAL_CASH "environment.initial_cash"

static hrl_status fail(hrl_error *error, hrl_status status, const char *format, ...)
    HRL_PRINTF(3, 4);

static hrl_status fail(hrl_error *error, hrl_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  error->status = status;
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return status;
}

bool situation_number(const char *text, double *value) {
  char *end;
  if (strspn(text, "+-.0123456789eE") != strlen(text)) return false; /* no nan, no hex */
  *value = strtod(text, &end);
  return end != text && *end == '\0' && isfinite(*value);
}

/* "income" is "environment.income"; of two keys of a name the one of the household. */
static const hrl_scenario_key *find_key(const hrl_scenario *scenario, const char *name) {
  const char *model = hrl_scenario_model(scenario);
  const hrl_scenario_key *found = NULL;
  for (size_t i = 0; i < hrl_model_key_count(model); i++) {
    const hrl_scenario_key *key = hrl_model_key_at(model, i);
    if (strcmp(key->section, "training") == 0) continue;
    bool named = strcmp(key->name, name) == 0 ||
                 (key->alias != NULL && strcmp(key->alias, name) == 0);
    if (named && (found == NULL || strcmp(key->section, "environment") == 0)) found = key;
  }
  return found;
}

hrl_status situation_change(hrl_scenario *scenario, struct situation *situation,
                            const char *name, double value, hrl_error *error) {
  if (strcmp(name, "cash") == 0) {
    situation->has_cash = true;
    situation->now.cash = value;
    return HRL_OK;
  }
  if (strcmp(name, "portfolio") == 0) {
    situation->now.portfolio = value;
    return HRL_OK;
  }
  if (strcmp(name, "month") == 0) {
    if (!(value >= 1.0 && value <= 1e6 && value == floor(value)))
      return fail(error, HRL_ERROR_RANGE,
                  "month: found %g, expected a whole number from 1", value);
    situation->now.month = (uint64_t)value;
    return HRL_OK;
  }
  const hrl_scenario_key *key = find_key(scenario, name);
  bool is_initial_cash =
      strcmp(name, "initial_cash") == 0 || strcmp(name, INITIAL_CASH) == 0;
  if (is_initial_cash && (situation->has_cash || situation->now.month > 1))
    return fail(error, HRL_ERROR_ARGUMENT,
                "%s: no longer applies where the present cash is given, or after the "
                "first month; change cash in its place",
                name);
  if (key == NULL) return hrl_scenario_set(scenario, name, value, error);
  char full[2 * NAME_MAX_LENGTH];
  snprintf(full, sizeof full, "%s.%s", key->section, key->name);
  return hrl_scenario_set(scenario, full, value, error);
}

hrl_status situation_change_by(hrl_scenario *scenario, struct situation *situation,
                               const char *text, hrl_error *error) {
  while (*text != '\0') {
    size_t length = strcspn(text, ",");
    const char *sign = memchr(text, '=', length);
    char name[NAME_MAX_LENGTH];
    char number[NAME_MAX_LENGTH];
    double value;
    size_t name_length = sign == NULL ? length : (size_t)(sign - text);
    size_t number_length = sign == NULL ? 0 : length - name_length - 1;
    if (sign == NULL || name_length == 0 || name_length >= sizeof name ||
        number_length >= sizeof number)
      return fail(error, HRL_ERROR_ARGUMENT,
                  "'%.*s': expected KEY=VALUE, such as income=1500", (int)length, text);
    snprintf(name, sizeof name, "%.*s", (int)name_length, text);
    snprintf(number, sizeof number, "%.*s", (int)number_length, sign + 1);
    if (!situation_number(number, &value))
      return fail(error, HRL_ERROR_ARGUMENT, "%s: '%s' is not a finite number", name,
                  number);
    hrl_status status = situation_change(scenario, situation, name, value, error);
    if (status != HRL_OK) return status;
    text += length;
    if (*text == ',') text++;
  }
  return HRL_OK;
}

hrl_status situation_apply(hrl_scenario *scenario, struct situation *situation,
                           hrl_error *error) {
  hrl_status status = HRL_OK;
  if (!situation->has_cash && situation->now.month > 1)
    return fail(error, HRL_ERROR_ARGUMENT,
                "cash is missing: in month %llu the scenario's initial_cash no longer "
                "applies; give the present cash",
                (unsigned long long)situation->now.month);
  if (!situation->has_cash)
    status = hrl_scenario_get(scenario, INITIAL_CASH, &situation->now.cash, error);
  return status == HRL_OK ? hrl_scenario_begin_at(scenario, &situation->now, error)
                          : status;
}
