#include "storage/checkpoint_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "storage/checkpoint.h"

#define METADATA_LIMIT ((size_t)4 << 20)

static bool is_same_run(const struct hrlp_checkpoint_entry *a,
                        const struct hrlp_checkpoint_entry *b) {
  return a->seed == b->seed && strcmp(a->start_time, b->start_time) == 0;
}

static hrl_status read_entry(const char *folder, uint64_t episode,
                             struct hrlp_checkpoint_entry *entry, hrl_error *error) {
  char name[64];
  char *data = NULL;
  size_t length = 0;
  struct stat info;
  snprintf(name, sizeof name, "checkpoint_episode_%llu", (unsigned long long)episode);
  *entry = (struct hrlp_checkpoint_entry){.episode = episode,
                                          .path = hrlp_path_join(folder, name)};
  char *metadata =
      entry->path == NULL ? NULL : hrlp_path_join(entry->path, "metadata.json");
  if (metadata == NULL) return hrlp_fail_memory(error, "the list of checkpoints");
  if (stat(metadata, &info) == 0)
    entry->written = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
  if (hrlp_file_read(metadata, METADATA_LIMIT, &data, &length, NULL) == HRL_OK)
    entry->readable =
        hrlp_metadata_run(data, length, &entry->seed, entry->start_time, entry->raw_name);
  free(data);
  free(metadata);
  return HRL_OK;
}

struct run {
  const struct hrlp_checkpoint_entry *first; /* any of its entries */
  int64_t written;                           /* when anything of it was, last */
};

/* The run of an entry among `count`, or `count`. */
static size_t find_run(const struct run *runs, size_t count,
                       const struct hrlp_checkpoint_entry *entry) {
  size_t i = 0;
  while (i < count && !is_same_run(runs[i].first, entry)) i++;
  return i;
}

static int compare_runs(const void *a, const void *b) {
  int64_t x = ((const struct run *)a)->written;
  int64_t y = ((const struct run *)b)->written;
  return x > y ? -1 : x < y;
}

/* Numbers the runs by when they were written to; those that cannot be read are no run. */
static hrl_status number_runs(struct hrlp_checkpoint_list *list, hrl_error *error) {
  struct run *runs = calloc(list->count + 1, sizeof *runs);
  size_t count = 0;
  if (runs == NULL) return hrlp_fail_memory(error, "the list of checkpoints");
  for (size_t i = 0; i < list->count; i++) {
    const struct hrlp_checkpoint_entry *entry = &list->entries[i];
    if (!entry->readable) continue;
    size_t run = find_run(runs, count, entry);
    if (run == count) runs[count++] = (struct run){entry, entry->written};
    if (entry->written > runs[run].written) runs[run].written = entry->written;
  }
  qsort(runs, count, sizeof *runs, compare_runs);
  for (size_t i = 0; i < list->count; i++)
    list->entries[i].run = find_run(runs, count, &list->entries[i]);
  free(runs);
  return HRL_OK;
}

static int compare_entries(const void *a, const void *b) {
  const struct hrlp_checkpoint_entry *x = a;
  const struct hrlp_checkpoint_entry *y = b;
  if (x->run != y->run) return x->run < y->run ? -1 : 1;
  return x->episode > y->episode ? -1 : x->episode < y->episode;
}

/* Where those that cannot be read stand: before the newest run, or behind all. */
static void place_unreadable(struct hrlp_checkpoint_list *list) {
  uint64_t newest = 0;
  for (size_t i = 0; i < list->count; i++)
    if (list->entries[i].readable && list->entries[i].run == 0 &&
        list->entries[i].episode > newest)
      newest = list->entries[i].episode;
  for (size_t i = 0; i < list->count; i++)
    if (!list->entries[i].readable)
      list->entries[i].run = list->entries[i].episode > newest ? 0 : SIZE_MAX;
}

hrl_status hrlp_checkpoint_list_runs(const char *folder,
                                     struct hrlp_checkpoint_list *list,
                                     hrl_error *error) {
  uint64_t *episodes = NULL;
  size_t count = 0;
  *list = (struct hrlp_checkpoint_list){0};
  hrl_status status = hrlp_checkpoint_list(folder, &episodes, &count, error);
  if (status != HRL_OK) return status;
  list->entries = calloc(count + 1, sizeof *list->entries);
  if (list->entries == NULL) {
    free(episodes);
    return hrlp_fail_memory(error, "the list of checkpoints");
  }
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    status = read_entry(folder, episodes[i], &list->entries[i], error);
    list->count++;
  }
  free(episodes);
  if (status == HRL_OK) status = number_runs(list, error);
  if (status != HRL_OK) {
    hrlp_checkpoint_list_free(list);
    return status;
  }
  place_unreadable(list);
  qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
  return HRL_OK;
}

void hrlp_checkpoint_list_free(struct hrlp_checkpoint_list *list) {
  for (size_t i = 0; i < list->count; i++) free(list->entries[i].path);
  free(list->entries);
  *list = (struct hrlp_checkpoint_list){0};
}

char *hrlp_checkpoint_newest(const char *folder) {
  struct hrlp_checkpoint_list list;
  if (hrlp_checkpoint_list_runs(folder, &list, NULL) != HRL_OK) return NULL;
  char *path = NULL;
  for (size_t i = 0; i < list.count && path == NULL; i++) {
    if (!list.entries[i].readable) continue;
    path = list.entries[i].path;
    list.entries[i].path = NULL;
  }
  hrlp_checkpoint_list_free(&list);
  return path;
}
