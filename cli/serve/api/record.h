/* api/record.h - the run database, read by a worker, because it may be slow or locked by
 * another process. */
#ifndef SERVE_API_RECORD_H
#define SERVE_API_RECORD_H

#include <hrl/runs.h>

#include "serve/api/task.h"
#include "serve/net/loop.h"

struct record;

/* The record of a folder, which need not be there yet. NULL: it cannot be made. */
struct record *record_create(struct loop *loop, const char *folder, bool log_json);
/* Waits for what is being read. NULL is ignored. */
void record_destroy(struct record *record);

/* Has `run` answer a request, with the record as the task's owner. */
void record_begin(struct record *record, struct request *request, json_t *values,
                  void (*run)(struct task *task));

/* ---- on the worker ---- */

/* The open record. NULL: nothing was recorded yet, and *answered is false; or it cannot
 * be read, and the task is answered. Closed with hrl_runs_close. */
hrl_runs *record_open(struct task *task, bool *answered);

/* Answers with what went wrong. Paths of this machine go into the log only. */
void record_reply_error(struct task *task, const hrl_error *error);

/* The run that the path names; 0: no run can have that number, and the task is answered.
 */
uint64_t record_run(struct task *task);

#endif
