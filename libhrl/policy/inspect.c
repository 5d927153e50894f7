/* Describes a model or a checkpoint as JSON. Reads every file completely, so that it
 * reports the damage that loading would find. */
#include <hrl/policy.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "policy/policy.h"
#include "storage/archive.h"
#include "storage/model.h"

#define METADATA "metadata.json"
#define METADATA_LIMIT ((size_t)4 << 20)

/* ---- JSON ---- */

static void put_text(struct hrlp_text *json, const char *text) {
  if (text == NULL) {
    hrlp_text_format(json, "null");
    return;
  }
  bool is_unicode = hrlp_is_text(text, strlen(text));
  hrlp_text_append(json, "\"", 1);
  for (const char *c = text; *c != '\0'; c++) {
    if ((unsigned char)*c >= 0x80 && !is_unicode)
      hrlp_text_append(json, "?", 1); /* a path may be any bytes, JSON may not */
    else if ((unsigned char)*c < 0x20)
      hrlp_text_format(json, "\\u%04x", (unsigned)(unsigned char)*c);
    else if (*c == '"' || *c == '\\')
      hrlp_text_format(json, "\\%c", *c);
    else
      hrlp_text_append(json, c, 1);
  }
  hrlp_text_append(json, "\"", 1);
}

static void put_member(struct hrlp_text *json, const char *key, const char *text) {
  hrlp_text_format(json, "\"%s\": ", key);
  put_text(json, text);
}

static void put_number(struct hrlp_text *json, const char *key, double value) {
  char number[HRLP_NUMBER_SIZE] = "null"; /* JSON knows no NaN */
  if (value - value == 0.0) hrlp_format_number(number, value);
  hrlp_text_format(json, ", \"%s\": %s", key, number);
}

/* ---- parts ---- */

static void put_progress(struct hrlp_text *json, const struct hrlp_run *run) {
  if (run->recent_count == 0) {
    hrlp_text_format(json, ", \"progress\": null");
    return;
  }
  hrl_progress progress = hrlp_run_progress(run);
  hrlp_text_format(json, ", \"progress\": {\"episode\": %" PRIu64, progress.episode);
  put_number(json, "avg_reward", progress.avg_reward);
  put_number(json, "avg_duration", progress.avg_duration);
  put_number(json, "avg_cash", progress.avg_cash);
  put_number(json, "avg_invested", progress.avg_invested);
  put_number(json, "stability", progress.stability);
  put_number(json, "goal_adherence", progress.goal_adherence);
  hrlp_text_format(json, "}");
}

static void put_run(struct hrlp_text *json, const struct hrlp_run *run,
                    const struct hrlp_metadata *metadata) {
  hrlp_text_format(json,
                   "{\"episode\": %" PRIu64 ", \"total_episodes\": %" PRIu64
                   ", \"seed\": %" PRIu64 ", \"updates\": %" PRIu64 ", ",
                   run->episode, run->total_episodes, run->seed, metadata->updates);
  put_member(json, "start_time", run->start_time);
  put_number(json, "elapsed_time", run->elapsed);
  if (run->has_best)
    put_number(json, "best_score", run->best_score);
  else
    hrlp_text_format(json, ", \"best_score\": null");
  put_progress(json, run);
  hrlp_text_format(json, "}");
}

/* The tensor of a state dict, or NULL. */
static const struct hrlp_tensor *tensor_of(const struct hrlp_value *dict,
                                           const char *name) {
  const struct hrlp_value *value = hrlp_value_get(dict, name);
  return value != NULL && value->kind == HRLP_TENSOR ? &value->tensor : NULL;
}

/* Elements of all tensors of a state dict. */
static size_t count_elements(const struct hrlp_value *dict) {
  size_t count = 0;
  if (dict == NULL || dict->kind != HRLP_DICT) return 0;
  for (size_t i = 0; i < dict->count; i++)
    if (dict->members[i].value->kind == HRLP_TENSOR)
      count += dict->members[i].value->tensor.count;
  return count;
}

static const char *text_of(const struct hrlp_value *dict, const char *name) {
  const struct hrlp_value *value = hrlp_value_get(dict, name);
  return value != NULL && value->kind == HRLP_TEXT ? value->text : NULL;
}

static void put_width(struct hrlp_text *json, const char *key,
                      const struct hrlp_tensor *tensor, int axis) {
  if (tensor != NULL && tensor->rank == 2)
    hrlp_text_format(json, ", \"%s\": %lld", key, (long long)tensor->shape[axis]);
  else
    hrlp_text_format(json, ", \"%s\": null", key);
}

static void put_agent(struct hrlp_text *json, const char *agent, const char *file,
                      const struct hrlp_value *root) {
  const struct hrlp_value *policy = hrlp_value_get(root, "policy_network_state_dict");
  const struct hrlp_tensor *first = tensor_of(policy, "network.0.weight");
  const struct hrlp_tensor *last = tensor_of(policy, "network.4.weight");
  const struct hrlp_tensor *log_std = tensor_of(root, "log_std");
  size_t parameters = count_elements(policy) +
                      count_elements(hrlp_value_get(root, "value_network_state_dict")) +
                      (log_std != NULL ? log_std->count : 0);
  hrlp_text_format(json, "{\"agent\": \"%s\", ", agent);
  put_member(json, "file", file);
  put_width(json, "observations", first, 1);
  put_width(json, "actions", last, 0);
  put_width(json, "hidden", first, 0);
  hrlp_text_format(
      json, ", \"parameters\": %zu, \"optimizer\": %s, ", parameters,
      hrlp_value_get(root, "optimizer_state_dict") != NULL ? "true" : "false");
  put_member(json, "library_version",
             text_of(hrlp_value_get(root, "config"), "library_version"));
  hrlp_text_format(json, "}");
}

/* ---- files ---- */

/* What is found out before anything is written. */
struct inspection {
  struct hrlp_model_place place;
  struct hrlp_metadata metadata;
  struct hrlp_run run;
  struct hrlp_value *roots[2]; /* the agents' contents, or NULL */
  size_t bytes[HRLP_METADATA_FILES];
  bool found[HRLP_METADATA_FILES];
  hrl_error problems[HRLP_METADATA_FILES]; /* HRL_OK where a file is intact */
};

static hrl_status check_file(struct inspection *inspection, size_t i, hrl_error *error) {
  hrl_error *problem = &inspection->problems[i];
  char *path = hrlp_path_join(inspection->place.folder, inspection->place.names[i]);
  char *data = NULL;
  if (path == NULL) return hrlp_fail_memory(error, "a file name");
  *problem = (hrl_error)HRL_ERROR_INIT;
  const struct hrlp_file_seal *seal = &inspection->metadata.seals[i];
  hrl_status status =
      hrlp_file_read(path, HRLP_ARCHIVE_MAX_BYTES, &data, &inspection->bytes[i], problem);
  inspection->found[i] = status == HRL_OK;
  if (status == HRL_OK && inspection->place.is_checkpoint &&
      (inspection->bytes[i] != seal->bytes ||
       hrlp_checksum(data, inspection->bytes[i]) != seal->checksum))
    status = hrlp_fail_at(problem, HRL_ERROR_CORRUPT, path, 0, 0,
                          "size or checksum differ from what " METADATA " says");
  /* the archive carries checksums of its own */
  if (status == HRL_OK && i < 2)
    status = hrlp_archive_read(path, data, inspection->bytes[i], &inspection->roots[i],
                               problem);
  free(data);
  free(path);
  return status == HRL_ERROR_MEMORY ? hrlp_fail_memory(error, "an inspection") : HRL_OK;
}

static void put_files(struct hrlp_text *json, const struct inspection *inspection) {
  const char *between = "";
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++) {
    const hrl_error *problem = &inspection->problems[i];
    /* a model may have lost its history */
    if (!inspection->found[i] && !inspection->place.is_checkpoint && i == 2) continue;
    hrlp_text_format(json, "%s\n    {", between);
    put_member(json, "name", inspection->place.names[i]);
    if (inspection->found[i])
      hrlp_text_format(json, ", \"bytes\": %zu", inspection->bytes[i]);
    else
      hrlp_text_format(json, ", \"bytes\": null");
    hrlp_text_format(json, ", \"intact\": %s, ",
                     problem->status == HRL_OK ? "true" : "false");
    put_member(json, "problem", problem->status == HRL_OK ? NULL : problem->message);
    hrlp_text_format(json, "}");
    between = ",";
  }
}

/* FOLDER and names of a model's files, or a checkpoint and its metadata. */
static hrl_status locate(struct inspection *inspection, const char *model,
                         hrl_error *error) {
  static const char *const checkpoint[] = {"high_agent.pt", "low_agent.pt",
                                           "training_history.json"};
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++)
    inspection->metadata.seals[i].name = checkpoint[i];
  return hrlp_model_find(model, &inspection->place, error);
}

static hrl_status read_metadata(struct inspection *inspection, const char *model,
                                hrl_error *error) {
  if (!hrlp_is_checkpoint(model))
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, model, 0, 0,
                        "is not a checkpoint: it holds no " METADATA);
  char *path = hrlp_path_join(model, METADATA);
  if (path == NULL) return hrlp_fail_memory(error, "a file name");
  char *data = NULL;
  size_t length = 0;
  hrl_status status = hrlp_history_create(&inspection->run.history, error);
  if (status == HRL_OK)
    status = hrlp_file_read(path, METADATA_LIMIT, &data, &length, error);
  if (status == HRL_OK)
    status = hrlp_metadata_parse(path, data, length, &inspection->metadata,
                                 &inspection->run, error);
  free(data);
  free(path);
  return status;
}

static void put_all(struct hrlp_text *json, const char *model,
                    const struct inspection *inspection) {
  static const char *const agents[] = {"strategist", "executor"};
  const struct hrlp_value *either =
      inspection->roots[0] != NULL ? inspection->roots[0] : inspection->roots[1];
  const char *scenario = text_of(hrlp_value_get(either, "config"), "scenario");
  hrlp_text_format(json, "{\n  ");
  put_member(json, "path", model);
  hrlp_text_format(json, ",\n  \"kind\": \"%s\",\n  ",
                   inspection->place.is_checkpoint ? "checkpoint" : "model");
  put_member(json, "scenario",
             inspection->place.is_checkpoint ? inspection->metadata.scenario : scenario);
  hrlp_text_format(json, ",\n  \"run\": ");
  if (inspection->place.is_checkpoint)
    put_run(json, &inspection->run, &inspection->metadata);
  else
    hrlp_text_format(json, "null");
  hrlp_text_format(json, ",\n  \"agents\": [");
  const char *between = "";
  for (size_t i = 0; i < 2; i++) {
    if (inspection->roots[i] == NULL) continue;
    hrlp_text_format(json, "%s\n    ", between);
    put_agent(json, agents[i], inspection->place.names[i], inspection->roots[i]);
    between = ",";
  }
  hrlp_text_format(json, "],\n  \"files\": [");
  put_files(json, inspection);
  hrlp_text_format(json, "]\n}\n");
}

static void forget(struct inspection *inspection) {
  hrlp_history_destroy(&inspection->run.history);
  for (size_t i = 0; i < 2; i++) hrlp_value_free(inspection->roots[i]);
  hrlp_model_place_free(&inspection->place);
}

hrl_status hrl_inspect(const char *model, char **json, hrl_error *error) {
  if (json != NULL) *json = NULL;
  if (model == NULL || model[0] == '\0' || json == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_inspect: expected a model and room for the text");
  struct inspection inspection = {0};
  struct hrlp_text text = {0};
  hrl_status status = locate(&inspection, model, error);
  if (status == HRL_OK && inspection.place.is_checkpoint)
    status = read_metadata(&inspection, inspection.place.folder, error);
  for (size_t i = 0; i < HRLP_METADATA_FILES && status == HRL_OK; i++)
    status = check_file(&inspection, i, error);
  if (status == HRL_OK && !inspection.place.is_checkpoint && !inspection.found[0] &&
      !inspection.found[1])
    status = hrlp_fail(error, HRL_ERROR_NOT_FOUND,
                       "no model '%s': there are no files %s and %s in %s", model,
                       inspection.place.names[0], inspection.place.names[1],
                       inspection.place.folder);
  if (status == HRL_OK) {
    put_all(&text, model, &inspection);
    if (text.failed) status = hrlp_fail_memory(error, "an inspection");
  }
  forget(&inspection);
  if (status == HRL_OK)
    *json = text.data;
  else
    hrlp_text_free(&text);
  return status;
}

hrl_status hrl_policy_find(const char *model, char **prefix, hrl_error *error) {
  if (prefix != NULL) *prefix = NULL;
  if (model == NULL || prefix == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "expected a model and room for its prefix");
  struct hrlp_model_place place;
  hrl_status status = hrlp_model_find(model, &place, error);
  if (status != HRL_OK) return status;
  char *path = hrlp_path_join(place.folder, place.names[0]);
  bool found = path != NULL && hrlp_is_file(path);
  free(path);
  hrlp_model_place_free(&place);
  if (!found) return hrlp_fail(error, HRL_ERROR_NOT_FOUND, "no model '%s'", model);
  *prefix = hrlp_model_prefix(model);
  return *prefix == NULL ? hrlp_fail_memory(error, "a file name") : HRL_OK;
}
