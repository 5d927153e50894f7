#include "storage/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "scenario/family.h"
#include "scenario/keys.h"
#include "storage/agent_file.h"
#include "storage/archive.h"
#include "storage/owner.h"

/* Beginning of a folder's name while it is being written. */
#define TEMPORARY ".tmp_"
#define METADATA "metadata.json"
#define NUMBERED "checkpoint_episode_"

/* Largest metadata.json and training_history.json that are read. */
#define METADATA_LIMIT ((size_t)4 << 20)
#define HISTORY_LIMIT ((size_t)16 << 20)

enum { HIGH_AGENT, LOW_AGENT, HISTORY };
static const char *const file_names[HRLP_METADATA_FILES] = {
    "high_agent.pt", "low_agent.pt", "training_history.json"};

static hrl_status take_history(struct hrlp_snapshot *snapshot, const struct hrlp_run *run,
                               hrl_error *error) {
  struct hrlp_text text;
  hrl_status status = hrlp_history_format(&run->history, &text, error);
  if (status != HRL_OK) return status;
  snapshot->files[HISTORY] = text.data;
  snapshot->lengths[HISTORY] = text.length;
  return HRL_OK;
}

static hrl_status take_metadata(struct hrlp_snapshot *snapshot,
                                const struct hrl_scenario *scenario,
                                const struct hrlp_agents *agents,
                                const struct hrlp_run *run, hrl_error *error) {
  struct hrlp_file_seal seals[HRLP_METADATA_FILES];
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++)
    seals[i] =
        (struct hrlp_file_seal){file_names[i], snapshot->lengths[i],
                                hrlp_checksum(snapshot->files[i], snapshot->lengths[i])};
  struct hrlp_text text;
  hrl_status status = hrlp_metadata_format(scenario, agents, run, seals, &text, error);
  if (status != HRL_OK) return status;
  snapshot->metadata = text.data;
  snapshot->metadata_length = text.length;
  return HRL_OK;
}

hrl_status hrlp_snapshot_take(struct hrlp_snapshot *snapshot,
                              const struct hrl_scenario *scenario,
                              const struct hrlp_agents *agents,
                              const struct hrlp_run *run, hrl_error *error) {
  *snapshot = (struct hrlp_snapshot){0};
  char *yaml = NULL;
  hrl_status status = hrl_scenario_format(scenario, &yaml, error);
  static const enum hrlp_agent_kind kinds[] = {HRLP_STRATEGIST, HRLP_EXECUTOR};
  for (int i = HIGH_AGENT; i <= LOW_AGENT && status == HRL_OK; i++)
    status = hrlp_agent_file_write(agents, kinds[i], scenario, yaml, run->episode,
                                   &snapshot->files[i], &snapshot->lengths[i], error);
  if (status == HRL_OK) status = take_history(snapshot, run, error);
  if (status == HRL_OK) status = take_metadata(snapshot, scenario, agents, run, error);
  free(yaml);
  if (status != HRL_OK) hrlp_snapshot_free(snapshot);
  return status;
}

void hrlp_snapshot_free(struct hrlp_snapshot *snapshot) {
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++) free(snapshot->files[i]);
  free(snapshot->metadata);
  *snapshot = (struct hrlp_snapshot){0};
}

static hrl_status write_file(const char *folder, const char *name, const char *data,
                             size_t length, hrl_error *error) {
  char *path = hrlp_path_join(folder, name);
  if (path == NULL) return hrlp_fail_memory(error, "a file name");
  hrl_status status = hrlp_file_write(path, data, length, error);
  free(path);
  return status;
}

static hrl_status write_content(const char *folder, const struct hrlp_snapshot *snapshot,
                                hrl_error *error) {
  hrl_status status = hrlp_folder_create(folder, error);
  for (size_t i = 0; i < HRLP_METADATA_FILES && status == HRL_OK; i++)
    status = write_file(folder, file_names[i], snapshot->files[i], snapshot->lengths[i],
                        error);
  if (status == HRL_OK)
    status = write_file(folder, METADATA, snapshot->metadata, snapshot->metadata_length,
                        error);
  if (status == HRL_OK) status = hrlp_folder_sync(folder, error);
  return status;
}

/* Whether a folder is a checkpoint, or what is left of one: nothing but its files. */
static bool is_replaceable(const char *folder) {
  struct hrlp_names names;
  if (hrlp_is_checkpoint(folder)) return true;
  if (hrlp_folder_list(folder, &names, NULL) != HRL_OK) return false;
  bool ours = true;
  for (size_t i = 0; i < names.count && ours; i++) {
    ours = false;
    for (size_t j = 0; j < HRLP_METADATA_FILES; j++)
      ours = ours || strcmp(names.names[i], file_names[j]) == 0;
  }
  hrlp_names_free(&names);
  return ours;
}

/* Puts the finished folder `beside` in the place of `folder`. Where that is taken, the
 * two change places in one step. */
static hrl_status put_in_place(const char *beside, const char *folder, hrl_error *error) {
  if (rename(beside, folder) == 0) return HRL_OK;
  if (errno != ENOTEMPTY && errno != EEXIST)
    return hrlp_fail_errno(error, errno, folder, "cannot put the checkpoint in place");
  if (!is_replaceable(folder))
    return hrlp_fail_at(error, HRL_ERROR_IO, folder, 0, 0,
                        "exists and is not a checkpoint; name another folder");
  if (renameat2(AT_FDCWD, beside, AT_FDCWD, folder, RENAME_EXCHANGE) != 0)
    return hrlp_fail_errno(error, errno, folder, "cannot replace the checkpoint");
  return HRL_OK;
}

/* "PARENT/.tmp_NAME" for "PARENT/NAME", and PARENT. */
static hrl_status split_folder(const char *folder, char **parent, char **beside,
                               hrl_error *error) {
  char *copy = hrlp_copy_text(folder);
  if (copy == NULL) return hrlp_fail_memory(error, "a folder name");
  size_t length = strlen(copy);
  while (length > 1 && copy[length - 1] == '/') copy[--length] = '\0';
  char *slash = strrchr(copy, '/');
  const char *name = slash == NULL ? copy : slash + 1;
  size_t room = length + sizeof TEMPORARY + 2;
  *beside = malloc(room);
  *parent = slash == NULL   ? hrlp_copy_text(".")
            : slash == copy ? hrlp_copy_text("/")
                            : strndup(copy, (size_t)(slash - copy));
  if (*beside != NULL && *parent != NULL)
    snprintf(*beside, room, "%s/%s%s", *parent, TEMPORARY, name);
  free(copy);
  if (*beside != NULL && *parent != NULL) return HRL_OK;
  free(*beside);
  free(*parent);
  return hrlp_fail_memory(error, "a folder name");
}

hrl_status hrlp_checkpoint_write(const char *folder, const struct hrlp_snapshot *snapshot,
                                 hrl_error *error) {
  char *parent = NULL;
  char *beside = NULL;
  hrl_status status = split_folder(folder, &parent, &beside, error);
  if (status != HRL_OK) return status;
  /* NOLINTBEGIN(clang-analyzer-unix.Malloc): hrlp_fail_memory never gives HRL_OK */
  status = hrlp_folder_create(parent, error);
  if (status == HRL_OK) status = hrlp_folder_remove(beside, error);
  if (status == HRL_OK) status = write_content(beside, snapshot, error);
  if (status == HRL_OK) status = put_in_place(beside, folder, error);
  if (status == HRL_OK) status = hrlp_folder_sync(parent, error);
  /* what failed, or the old one: that goes only when the new one is surely in its place.
   * What cannot be removed, the next run will */
  hrlp_folder_remove(beside, NULL);
  free(beside);
  /* NOLINTEND(clang-analyzer-unix.Malloc) */
  free(parent);
  return status;
}

bool hrlp_is_checkpoint(const char *folder) {
  /* longer ones are no names; on the stack, so that want of memory does not look like no
   */
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/%s", folder, METADATA);
  return length > 0 && (size_t)length < sizeof path && hrlp_is_file(path);
}

/* Reads a file of a checkpoint and holds it to its seal. */
static hrl_status read_sealed(const char *folder, const struct hrlp_file_seal *seal,
                              size_t limit, char **path, char **data, size_t *length,
                              hrl_error *error) {
  *path = hrlp_path_join(folder, seal->name);
  if (*path == NULL) return hrlp_fail_memory(error, "a file name");
  hrl_status status = hrlp_file_read(*path, limit, data, length, error);
  if (status == HRL_OK &&
      (*length != seal->bytes || hrlp_checksum(*data, *length) != seal->checksum))
    status = hrlp_fail_at(error, HRL_ERROR_CORRUPT, *path, 0, 0,
                          "is not the file that %s was written for (size or checksum "
                          "differ); it is damaged, use another checkpoint",
                          METADATA);
  return status;
}

/* The stored scenario of a program's own task, which must be the same one. */
static hrl_status parse_task(const char *path, const char *yaml,
                             const struct hrl_scenario *scenario,
                             struct hrl_scenario **stored, hrl_error *error) {
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status =
      hrlp_scenario_parse_task(yaml, scenario->definition, stored, &problem);
  if (status == HRL_OK) return status;
  /* the place in that text is of no use to whoever sees the file */
  const char *text = strstr(problem.message, ": ");
  return hrlp_fail_at(error, status, path, 0, 0, "%s",
                      text == NULL ? problem.message : text + 2);
}

/* What a model was trained on must be what is to be trained on: the same name, the same
 * values but for the number of episodes. */
static hrl_status compare_scenarios(const char *path, const struct hrlp_value *root,
                                    const struct hrl_scenario *scenario,
                                    hrl_error *error) {
  const char *yaml = NULL;
  hrl_status status =
      hrlp_value_find_text(root, "config/scenario_yaml", path, &yaml, error);
  if (status != HRL_OK) return status;
  struct hrl_scenario *stored = NULL;
  const char *model = hrl_scenario_model(scenario);
  if (scenario->definition != NULL)
    status = parse_task(path, yaml, scenario, &stored, error);
  else
    status = hrl_scenario_parse(yaml, strlen(yaml), scenario->name, &stored, error);
  if (status == HRL_OK && stored->model != scenario->model)
    status =
        hrlp_fail_at(error, HRL_ERROR_MISMATCH, path, 0, 0,
                     "was trained with model %s, the scenario has %s; resume with the "
                     "scenario it was trained on or start a new run",
                     hrl_scenario_model(stored), model);
  for (size_t i = 0; status == HRL_OK && i < hrl_model_key_count(model); i++) {
    const hrl_scenario_key *key = hrl_model_key_at(model, i);
    char name[128];
    double then = 0.0;
    double now = 0.0;
    snprintf(name, sizeof name, "%s.%s", key->section, key->name);
    hrl_scenario_get(stored, name, &then, NULL);
    hrl_scenario_get(scenario, name, &now, NULL);
    if (then == now || strcmp(name, "training.num_episodes") == 0) continue;
    char before[HRLP_NUMBER_SIZE];
    char here[HRLP_NUMBER_SIZE];
    hrlp_key_show(key, then, before);
    hrlp_key_show(key, now, here);
    status = hrlp_fail_at(error, HRL_ERROR_MISMATCH, path, 0, 0,
                          "was trained with %s %s, the scenario has %s; resume with the "
                          "scenario it was trained on or start a new run",
                          name, before, here);
  }
  if (status == HRL_OK && !hrlp_family_equals(stored->family, scenario->family))
    status = hrlp_fail_at(
        error, HRL_ERROR_MISMATCH, path, 0, 0,
        "was trained with other ranges or conditions than the scenario "
        "has; resume with the scenario it was trained on or start a new run");
  hrl_scenario_destroy(stored);
  return status;
}

static hrl_status read_agent(const char *folder, const struct hrlp_file_seal *seal,
                             enum hrlp_agent_kind kind,
                             const struct hrl_scenario *scenario,
                             struct hrlp_agents *agents, hrl_error *error) {
  char *path = NULL;
  char *data = NULL;
  size_t length = 0;
  struct hrlp_value *root = NULL;
  struct hrlp_actor_critic *agent =
      kind == HRLP_STRATEGIST ? &agents->strategist : &agents->executor;
  hrl_status status =
      read_sealed(folder, seal, HRLP_ARCHIVE_MAX_BYTES, &path, &data, &length, error);
  if (status == HRL_OK) status = hrlp_archive_read(path, data, length, &root, error);
  if (status == HRL_OK) status = compare_scenarios(path, root, scenario, error);
  if (status == HRL_OK)
    status = hrlp_agent_file_read(path, root, kind, agent, true, error);
  hrlp_value_free(root);
  free(data);
  free(path);
  return status;
}

static hrl_status read_history(const char *folder, const struct hrlp_file_seal *seal,
                               struct hrlp_run *run, hrl_error *error) {
  char *path = NULL;
  char *data = NULL;
  size_t length = 0;
  hrl_status status =
      read_sealed(folder, seal, HISTORY_LIMIT, &path, &data, &length, error);
  if (status == HRL_OK)
    status = hrlp_history_parse(&run->history, path, data, length, error);
  free(data);
  free(path);
  return status;
}

static hrl_status read_parts(const char *folder, const char *path, const char *json,
                             size_t length, const struct hrl_scenario *scenario,
                             struct hrlp_agents *agents, struct hrlp_run *run,
                             hrl_error *error) {
  struct hrlp_metadata metadata = {0};
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++) metadata.seals[i].name = file_names[i];
  hrl_status status = hrlp_metadata_parse(path, json, length, &metadata, run, error);
  if (status == HRL_OK && strcmp(metadata.scenario, scenario->name) != 0)
    status = hrlp_fail_at(error, HRL_ERROR_MISMATCH, path, 0, 0,
                          "belongs to the scenario '%s', not to '%s'", metadata.scenario,
                          scenario->name);
  if (status == HRL_OK)
    status = hrlp_owner_compare(path, metadata.raw_name, scenario, error);
  if (status == HRL_OK)
    status = read_agent(folder, &metadata.seals[HIGH_AGENT], HRLP_STRATEGIST, scenario,
                        agents, error);
  if (status == HRL_OK)
    status = read_agent(folder, &metadata.seals[LOW_AGENT], HRLP_EXECUTOR, scenario,
                        agents, error);
  if (status == HRL_OK)
    status = read_history(folder, &metadata.seals[HISTORY], run, error);
  if (status == HRL_OK)
    status = hrlp_metadata_check_example(path, json, length, agents, error);
  if (status != HRL_OK) return status;
  agents->seed = run->seed;
  agents->updates = metadata.updates;
  agents->strategist.steps = metadata.strategist_steps;
  agents->executor.steps = metadata.executor_steps;
  agents->strategist_scale = metadata.strategist_scale;
  agents->executor_scale = metadata.executor_scale;
  return HRL_OK;
}

hrl_status hrlp_checkpoint_read(const char *folder, const struct hrl_scenario *scenario,
                                struct hrlp_agents *agents, struct hrlp_run *run,
                                hrl_error *error) {
  if (!hrlp_is_folder(folder))
    return hrlp_fail_at(error, HRL_ERROR_NOT_FOUND, folder, 0, 0,
                        "is not a folder; a checkpoint folder was expected");
  if (!hrlp_is_checkpoint(folder))
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, folder, 0, 0,
                        "is not a checkpoint: it holds no %s", METADATA);
  char *path = hrlp_path_join(folder, METADATA);
  if (path == NULL) return hrlp_fail_memory(error, "a file name");
  char *json = NULL;
  size_t length = 0;
  hrl_status status = hrlp_file_read(path, METADATA_LIMIT, &json, &length, error);
  if (status == HRL_OK)
    status = read_parts(folder, path, json, length, scenario, agents, run, error);
  free(json);
  free(path);
  return status;
}

static int compare_counts(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a;
  uint64_t y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

hrl_status hrlp_checkpoint_list(const char *folder, uint64_t **episodes, size_t *count,
                                hrl_error *error) {
  *episodes = NULL;
  *count = 0;
  if (!hrlp_is_folder(folder)) return HRL_OK;
  struct hrlp_names names;
  hrl_status status = hrlp_folder_list(folder, &names, error);
  if (status != HRL_OK) return status;
  uint64_t *found = calloc(names.count + 1, sizeof *found);
  if (found == NULL) {
    hrlp_names_free(&names);
    return hrlp_fail_memory(error, "the list of checkpoints");
  }
  for (size_t i = 0; i < names.count; i++) {
    const char *name = names.names[i];
    if (strncmp(name, NUMBERED, strlen(NUMBERED)) != 0) continue;
    const char *digits = name + strlen(NUMBERED);
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 18 || digits[length] != '\0') continue;
    if (digits[0] == '0' && length > 1) continue; /* not a name that we write */
    found[(*count)++] = strtoull(digits, NULL, 10);
  }
  hrlp_names_free(&names);
  qsort(found, *count, sizeof *found, compare_counts);
  *episodes = found;
  return HRL_OK;
}

hrl_status hrlp_checkpoint_clean(const char *folder, size_t *count, hrl_error *error) {
  struct hrlp_names names;
  *count = 0;
  hrl_status status = hrlp_folder_list(folder, &names, error);
  if (status != HRL_OK) return status;
  for (size_t i = 0; i < names.count && status == HRL_OK; i++) {
    if (strncmp(names.names[i], TEMPORARY, strlen(TEMPORARY)) != 0) continue;
    char *path = hrlp_path_join(folder, names.names[i]);
    status = path == NULL ? hrlp_fail_memory(error, "a file name")
                          : hrlp_folder_remove(path, error);
    free(path);
    if (status == HRL_OK) (*count)++;
  }
  hrlp_names_free(&names);
  return status;
}
