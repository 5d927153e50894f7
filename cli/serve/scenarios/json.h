/* scenarios/json.h - scenarios as clients see them. */
#ifndef SERVE_SCENARIOS_JSON_H
#define SERVE_SCENARIOS_JSON_H

#include <hrl/scenario.h>
#include <jansson.h>
#include <stdbool.h>

/* Adds model, is_family, and every key in its section, ranges as objects, `require` where
 * it has conditions. False: memory is short. */
bool scenario_json_add(json_t *object, const hrl_scenario *scenario);

/* The figures of a list's row. False: memory is short. */
bool scenario_json_summarize(json_t *row, const hrl_scenario *scenario);

/* A key's value as `given`, a number or a word, has it; NaN: a range, or no value. */
double scenario_key_number(const hrl_scenario_key *key, const json_t *given);

/* A value of a key as JSON: a number or a word. */
json_t *scenario_key_json(const hrl_scenario_key *key, double value);

#endif
