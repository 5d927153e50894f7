#include "serve/api/live_runs.h"

#include <stdio.h>
#include <stdlib.h>

struct run *runs_find(struct run *runs, uint64_t id) {
  while (runs != NULL && runs->id != id) runs = runs->next;
  return runs;
}

struct run *runs_enter(struct run **runs, uint64_t id, const char *name) {
  struct run *run = runs_find(*runs, id);
  if (run != NULL && run->phase != RUN_GONE) return run;
  if (run == NULL) {
    run = calloc(1, sizeof *run);
    if (run == NULL) return NULL;
    run->next = *runs;
    *runs = run;
  }
  /* one that is gone, and not forgotten yet, comes back as another */
  *run = (struct run){.next = run->next, .id = id, .end = RUN_ENDS};
  snprintf(run->name, sizeof run->name, "%s", name);
  return run;
}

void runs_forget(struct run **runs, bool all) {
  struct run **link = runs;
  while (*link != NULL) {
    struct run *run = *link;
    if (run->phase == RUN_GONE || all) {
      *link = run->next;
      free(run);
    } else {
      link = &run->next;
    }
  }
}

const struct run *runs_latest(const struct run *runs) {
  const struct run *latest = NULL;
  for (; runs != NULL; runs = runs->next)
    if (runs->phase != RUN_GONE && runs->begun > (latest != NULL ? latest->begun : 0))
      latest = runs;
  return latest;
}

unsigned runs_count(const struct run *runs) {
  unsigned count = 0;
  for (; runs != NULL; runs = runs->next) count += runs->phase != RUN_GONE;
  return count;
}

unsigned runs_count_training(const struct run *runs) {
  unsigned count = 0;
  for (; runs != NULL; runs = runs->next) count += runs->phase == RUN_TRAINING;
  return count;
}

unsigned runs_count_held(const struct run *runs) {
  unsigned count = 0;
  for (; runs != NULL; runs = runs->next)
    count += runs->phase == RUN_TRAINING && runs->held;
  return count;
}
