/* hrl/scenario.h - a household and how to train on it, read from YAML.
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

#include <hrl/error.h>

HRL_BEGIN_DECLS

/** A household, its rewards and the parameters of its training. Opaque. */
typedef struct hrl_scenario hrl_scenario;

/** Loads a scenario.
 *  @param name_or_path a path where it contains '/' or ends in .yaml or .yml; otherwise
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
 *  @param name what models trained on it are called; sanitised as by hrl_name_sanitize.
 *         Stands for the file's name in errors.
 *  Errors as hrl_scenario_load. Since 0.1. */
HRL_API hrl_status hrl_scenario_parse(const char *text, size_t length, const char *name,
                                      hrl_scenario **scenario, hrl_error *error);

/** Frees a scenario. NULL is ignored. */
HRL_API void hrl_scenario_destroy(hrl_scenario *scenario);

/** The name that its models and folders carry: the file's name without its ending,
 *  sanitised. Valid as long as the scenario. */
HRL_API const char *hrl_scenario_name(const hrl_scenario *scenario);

/** The path it was read from, or "". Valid as long as the scenario. */
HRL_API const char *hrl_scenario_source(const hrl_scenario *scenario);

/** The file's `description`, or "". Valid as long as the scenario. */
HRL_API const char *hrl_scenario_description(const hrl_scenario *scenario);

/** The effective scenario, every key with its value, as YAML that loads to an equal one.
 *  @param text receives zero-terminated text, freed with hrl_free; NULL on failure. */
HRL_API hrl_status hrl_scenario_format(const hrl_scenario *scenario, char **text,
                                       hrl_error *error);

/** What the value of a key is. */
typedef enum hrl_key_type {
  HRL_KEY_NUMBER = 0,  /**< a number */
  HRL_KEY_INTEGER = 1, /**< a whole number */
  HRL_KEY_CHOICE = 2   /**< one of `choices`; its value is the place in that list */
} hrl_key_type;

/** One key of a scenario file. The one table of these feeds the reader, the writer,
 *  error texts and the manual. */
typedef struct hrl_scenario_key {
  const char *section; /**< "environment", "training" or "reward" */
  const char *name;    /**< such as "income" */
  const char *alias;   /**< other accepted spelling, or NULL */
  hrl_key_type type;   /**< what the value is */
  int required;        /**< not 0 where the file must have it */
  double default_value; /**< value where the file does not have it */
  double minimum;      /**< least accepted value */
  double maximum;      /**< greatest accepted value */
  int minimum_open;    /**< not 0 where `minimum` itself is refused */
  const char *choices; /**< words separated by one space, or NULL */
  const char *unit;    /**< such as "euro/month"; "" where it has none */
  const char *text;    /**< one sentence on what it means */
} hrl_scenario_key;

/** Number of keys. */
HRL_API size_t hrl_scenario_key_count(void);

/** Key `index`, static; NULL past the end. */
HRL_API const hrl_scenario_key *hrl_scenario_key_at(size_t index);

/** Reads one value.
 *  @param key "section.name", such as "environment.income".
 *  Errors: HRL_ERROR_KEY with the nearest known key. */
HRL_API hrl_status hrl_scenario_get(const hrl_scenario *scenario, const char *key,
                                    double *value, hrl_error *error);

/** Changes one value, checked like one in a file.
 *  Errors: HRL_ERROR_KEY, HRL_ERROR_TYPE (a fraction for a whole number, NaN),
 *  HRL_ERROR_RANGE; the scenario is unchanged then. */
HRL_API hrl_status hrl_scenario_set(hrl_scenario *scenario, const char *key, double value,
                                    hrl_error *error);

/** The path of the scenario called `name`: NAME.yaml (then NAME.yml) in each folder of the
 *  environment variable HRL_SCENARIO_PATH (separated by ':'), in ./scenarios, in the
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

/** Room that is always enough for a sanitised name. */
#define HRL_NAME_SIZE 201

/** Makes a name safe to build file names from: the part after the last '/'; characters
 *  other than ASCII letters, digits, '_', '-' and '.' become '_'; a leading '.' becomes
 *  '_'. (Then `folder/name.yaml` always lies inside `folder`.)
 *  Errors: HRL_ERROR_ARGUMENT where nothing or only one '_' is left, or it is longer than
 *  200 characters. */
HRL_API hrl_status hrl_name_sanitize(const char *raw, char name[HRL_NAME_SIZE],
                                     hrl_error *error);

HRL_END_DECLS

#endif
