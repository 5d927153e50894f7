/* hrl/scenario.h - households and training parameters, read from YAML.
 *
 * A scenario is made by one of the functions below, may be changed with
 * hrl_scenario_set while nothing else uses it, and is otherwise read-only: any number
 * of trainers, policies and threads may then share it. Trainers and environments take a
 * copy, so that a scenario may be destroyed as soon as they are created.
 * hrl-scenario(5) describes the file.
 */
#ifndef HRL_SCENARIO_H
#define HRL_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>

HRL_BEGIN_DECLS

/** A household, its rewards and the parameters of its training. Opaque. */
typedef struct hrl_scenario hrl_scenario;

/** Loads a scenario.
 *  @param name_or_path a path if it contains '/' or ends in .yaml or .yml; otherwise
 *         a name, looked up by hrl_scenario_find.
 *  @param scenario receives the scenario, NULL on failure. Freed with
 *         hrl_scenario_destroy.
 *  Errors: HRL_ERROR_NOT_FOUND (the message lists the known names and the nearest),
 *  HRL_ERROR_IO, HRL_ERROR_LIMIT (larger than 1 MiB or nested too deep),
 *  HRL_ERROR_SYNTAX, HRL_ERROR_KEY, HRL_ERROR_TYPE, HRL_ERROR_RANGE (each with file,
 *  line and column), HRL_ERROR_MEMORY. Since 0.1. */
HRL_API hrl_status hrl_scenario_load(const char *name_or_path, hrl_scenario **scenario,
                                     hrl_error *error);

/** Reads a scenario from memory.
 *  @param text YAML in UTF-8, `length` bytes; not kept.
 *  @param name name of models trained on it, sanitised by hrl_name_sanitize; used as the file
 *  name in errors.
 *  Errors as hrl_scenario_load. Since 0.1. */
HRL_API hrl_status hrl_scenario_parse(const char *text, size_t length, const char *name,
                                      hrl_scenario **scenario, hrl_error *error);

/** Frees a scenario. NULL is ignored. */
HRL_API void hrl_scenario_destroy(hrl_scenario *scenario);

/** The name of its models and folders: the file name without ending, sanitised. Valid as long
 *  as the scenario. */
HRL_API const char *hrl_scenario_name(const hrl_scenario *scenario);

/** The model of the household: "budget", or "lifecycle" where the file says so. Static.
 *  Since 0.2. */
HRL_API const char *hrl_scenario_model(const hrl_scenario *scenario);

/** The path it was read from, or "". Valid as long as the scenario. */
HRL_API const char *hrl_scenario_source(const hrl_scenario *scenario);

/** The file's `description`, or "". Valid as long as the scenario. */
HRL_API const char *hrl_scenario_description(const hrl_scenario *scenario);

/** Notes on the file that was read: a line, with a line feed, for each value that has no
 *  effect or is probably a mistake; "" if there are none. Later changes are not included.
 *  Valid as long as the scenario. Since 0.2. */
HRL_API const char *hrl_scenario_remarks(const hrl_scenario *scenario);

/** The effective scenario, every key with its value, as YAML that loads to an equal one.
 *  @param text receives zero-terminated text, freed with hrl_free; NULL on failure. */
HRL_API hrl_status hrl_scenario_format(const hrl_scenario *scenario, char **text,
                                       hrl_error *error);

/** Not 0 if the scenario is a family of households: some keys are ranges, as in
 *  `income: {from: 1200, to: 15000, scale: log}`, and `require` may name conditions
 *  between keys. hrl_scenario_get gives the middle of a range. Since 0.2. */
HRL_API int hrl_scenario_is_family(const hrl_scenario *scenario);

/** Draws a household of a family for evaluation; training on the family never draws it.
 *  @param number which; the household is a function of (family, seed, number), number
 *         below 2^55.
 *  @param household receives a scenario without ranges, of the family's name; freed with
 *         hrl_scenario_destroy; NULL on failure.
 *  Errors: HRL_ERROR_ARGUMENT where the scenario has no ranges or the number is too large,
 *  HRL_ERROR_RANGE where no
 *  household meets its conditions, HRL_ERROR_MEMORY. Since 0.2. */
HRL_API hrl_status hrl_scenario_draw(const hrl_scenario *family, uint64_t seed,
                                     uint64_t number, hrl_scenario **household,
                                     hrl_error *error);

/** Type of a key's value. */
typedef enum hrl_key_type {
  HRL_KEY_NUMBER = 0,  /**< a number */
  HRL_KEY_INTEGER = 1, /**< a whole number */
  HRL_KEY_CHOICE = 2   /**< one of `choices`; its value is the place in that list */
} hrl_key_type;

/** One key of a scenario file. Reader, writer, messages and manual use the same tables. */
typedef struct hrl_scenario_key {
  const char *section;  /**< "environment", "training", "reward", "utility" */
  const char *name;     /**< such as "income" */
  const char *alias;    /**< other accepted spelling, or NULL */
  hrl_key_type type;    /**< type of the value */
  int required;         /**< not 0 if the file must have it */
  double default_value; /**< value if the file does not have it */
  double minimum;       /**< smallest accepted value */
  double maximum;       /**< largest accepted value */
  int minimum_open;     /**< not 0 if `minimum` itself is rejected */
  const char *choices;  /**< words separated by one space, or NULL */
  const char *unit;     /**< such as "euro/month"; "" if none */
  const char *text;     /**< one sentence on what it means */
} hrl_scenario_key;

/** Number of keys of the model "budget". */
HRL_API size_t hrl_scenario_key_count(void);

/** Key `index` of the model "budget", static; NULL past the end. */
HRL_API const hrl_scenario_key *hrl_scenario_key_at(size_t index);

/** Number of models. Since 0.2. */
HRL_API size_t hrl_model_count(void);

/** Name of model `index`, static; NULL past the end. Since 0.2. */
HRL_API const char *hrl_model_name(size_t index);

/** Number of keys of a model, in all its sections; 0 if there is no such model.
 *  Since 0.2. */
HRL_API size_t hrl_model_key_count(const char *model);

/** Key `index` of a model, static; NULL past the end, and where there is no such model.
 *  Since 0.2. */
HRL_API const hrl_scenario_key *hrl_model_key_at(const char *model, size_t index);

/** Reads one value.
 *  @param key "section.name", such as "environment.income".
 *  Errors: HRL_ERROR_KEY with the nearest known key. */
HRL_API hrl_status hrl_scenario_get(const hrl_scenario *scenario, const char *key,
                                    double *value, hrl_error *error);

/** Changes one value, checked like one in a file. As in a file, while
 *  environment.investment_return_type was given neither there nor here, it follows from
 *  the values of investment_return_mean and investment_return_std. In a family the value
 *  replaces the key's range; with the last range it becomes a household.
 *  Errors: HRL_ERROR_KEY, HRL_ERROR_TYPE (a fraction for a whole number, NaN),
 *  HRL_ERROR_RANGE (in a family also where other ranges or conditions no longer fit),
 *  HRL_ERROR_MEMORY; the scenario is unchanged then. */
HRL_API hrl_status hrl_scenario_set(hrl_scenario *scenario, const char *key, double value,
                                    hrl_error *error);

/** Present state of a household. Begin with HRL_SITUATION_INIT. Since 0.2. */
typedef struct hrl_situation {
  size_t size;      /**< sizeof(hrl_situation) */
  uint64_t month;   /**< the month to decide, 1..max_months */
  double cash;      /**< euro before that month's income and expenses, 0..1e12 */
  double portfolio; /**< euro invested, 0..1e12 */
  int unemployed;   /**< not 0: without a job; model "lifecycle" only */
} hrl_situation;

/** Initialiser: month 1, no money. */
#define HRL_SITUATION_INIT { sizeof(hrl_situation), 1, 0.0, 0.0, 0 }

/** Lets a household begin at a later month: all functions that play the scenario from then on
 *  (hrl_household_create, hrl_evaluate_..., hrl_percentiles_..., hrl_policy_advise) play the
 *  remaining months. Prices have risen since the start. In the model "lifecycle", income and
 *  expenses of the month to decide have their expected values. Returns are sums and certainty
 *  equivalents means over the remaining months.
 *  The situation is not a key: hrl_scenario_format does not write it, and hrl_trainer_create
 *  rejects such a scenario.
 *  @param now copied; NULL: the household begins at its start again.
 *  Errors: HRL_ERROR_ARGUMENT (a family; a month past the horizon; an amount that is negative
 *  or not a number; `unemployed` in the model "budget"); the scenario is unchanged then. Since
 *  0.2. */
HRL_API hrl_status hrl_scenario_begin_at(hrl_scenario *scenario, const hrl_situation *now,
                                         hrl_error *error);

/** The path of the scenario called `name`: NAME.yaml (then NAME.yml) in each folder of
 * the environment variable HRL_SCENARIO_PATH (separated by ':'), in ./scenarios, in the
 *  folder that the library was installed with; the first that exists.
 *  @param path receives text, freed with hrl_free; NULL on failure.
 *  Errors: HRL_ERROR_NOT_FOUND lists the known names and the nearest one;
 *  HRL_ERROR_ARGUMENT where the name is not a valid one. */
HRL_API hrl_status hrl_scenario_find(const char *name, char **path, hrl_error *error);

/** The names that hrl_scenario_find knows, sorted, each once.
 *  @param names receives a NULL-terminated array in one block, freed with one hrl_free;
 *         NULL on failure.
 *  @param count receives the number of names; may be NULL. */
HRL_API hrl_status hrl_scenario_list(char ***names, size_t *count, hrl_error *error);

/** Size that is sufficient for every sanitised name. */
#define HRL_NAME_SIZE 201

/** Makes a name safe to build file names from: the part after the last '/'; characters
 *  other than ASCII letters, digits, '_', '-' and '.' become '_'; a leading '.' becomes
 *  '_'. (Then `folder/name.yaml` always lies inside `folder`.)
 *  Errors: HRL_ERROR_ARGUMENT if nothing or only one '_' remains, or it is longer than 200
 *  characters. */
HRL_API hrl_status hrl_name_sanitize(const char *raw, char name[HRL_NAME_SIZE],
                                     hrl_error *error);

HRL_END_DECLS

#endif
