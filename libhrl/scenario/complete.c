#include "scenario/complete.h"

#include <stdio.h>

#include "scenario/keys.h"

/* A key without effect while another has a certain value. A new key that is switched off
 * by another needs a row here. */
struct without_effect {
  const char *section, *key;
  const char *switch_section, *switch_key;
  double off; /* the other key's value */
  const char *advice;
};

#define NO_RETURNS "set it to fixed or stochastic, or leave the line out"
#define NO_STRATEGIST "leave the line out"
static const struct without_effect rows[] = {
    {"environment", "investment_return_mean", "environment", "investment_return_type",
     HRLP_RETURN_NONE, NO_RETURNS},
    {"environment", "investment_return_std", "environment", "investment_return_type",
     HRLP_RETURN_NONE, NO_RETURNS},
    {"environment", "investment_return_std", "environment", "investment_return_type",
     HRLP_RETURN_FIXED, "set it to stochastic, or leave the line out"},
    {"training", "gamma_high", "training", "strategist", 0, NO_STRATEGIST},
    {"training", "learning_rate_high", "training", "strategist", 0, NO_STRATEGIST},
    {"training", "batch_size_high", "training", "strategist", 0, NO_STRATEGIST},
    {"training", "epochs_high", "training", "strategist", 0, NO_STRATEGIST},
    {"training", "gae_lambda_high", "training", "strategist", 0, NO_STRATEGIST},
    {"training", "exploration_high", "training", "strategist", 0, NO_STRATEGIST},
    {"reward", "beta", "environment", "safety_threshold", 0,
     "set a threshold, or leave the line out"},
};

/* A mean alone means returns of that mean every month, a deviation a normal draw. */
static void imply_returns(struct hrl_scenario *scenario, const int *key_lines) {
  struct hrlp_budget_config *config = &scenario->environment;
  if (key_lines[hrlp_key_find("environment", "investment_return_type")] != 0) return;
  if (config->investment_return_std != 0.0)
    config->investment_return_type = HRLP_RETURN_STOCHASTIC;
  else if (config->investment_return_mean != 0.0)
    config->investment_return_type = HRLP_RETURN_FIXED;
}

/* A key's value as it would be written. */
static void show_value(size_t index, double value, char shown[HRLP_NUMBER_SIZE]) {
  const hrl_scenario_key *key = hrl_scenario_key_at(index);
  size_t length = 0;
  const char *word = key->type == HRL_KEY_CHOICE
                         ? hrlp_choice_at(key->choices, (size_t)value, &length)
                         : NULL;
  if (word != NULL)
    snprintf(shown, HRLP_NUMBER_SIZE, "%.*s", (int)length, word);
  else
    hrlp_format_number(shown, value);
}

void hrlp_scenario_complete(struct hrl_scenario *scenario, const int *key_lines,
                            struct hrlp_text *remarks) {
  imply_returns(scenario, key_lines);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct without_effect *row = &rows[i];
    size_t key = hrlp_key_find(row->section, row->key);
    size_t by = hrlp_key_find(row->switch_section, row->switch_key);
    double value = hrlp_key_get(scenario, key);
    char shown[HRLP_NUMBER_SIZE];
    char off[HRLP_NUMBER_SIZE];
    /* the effective scenario gives every key, most of them at their defaults */
    if (key_lines[key] == 0 || value == hrl_scenario_key_at(key)->default_value ||
        hrlp_key_get(scenario, by) != row->off)
      continue;
    show_value(key, value, shown);
    show_value(by, row->off, off);
    hrlp_text_format(remarks, "line %d: %s.%s: %s has no effect while %s.%s is %s; %s\n",
                     key_lines[key], row->section, row->key, shown, row->switch_section,
                     row->switch_key, off, row->advice);
  }
}
