/* api/task.h - a request that is answered by a worker.
 *
 * A handler hands its request to task_begin; the task's function, on a worker's thread,
 * makes the answer; the loop sends it, if the client is still there.
 */
#ifndef SERVE_API_TASK_H
#define SERVE_API_TASK_H

#include <jansson.h>

#include "serve/api/workers.h"
#include "serve/http/request.h"

struct task {
  /* given */
  void *owner; /* whose function it is; what is in there has its own lock */
  char parameter[REQUEST_PATH_MAX]; /* of the path, decoded */
  json_t *values;                   /* of the body or the query, or NULL */
  bool is_get;
  char *if_match, *if_none_match; /* headers, or NULL */
  /* the answer */
  unsigned status;
  const char *type;
  char *text;
  size_t length;
  char etag[REQUEST_ETAG_SIZE];
  bool counted; /* it is a part of a list of `total` */
  size_t total;
  unsigned retry_after; /* seconds, or 0 */
  char *disposition;    /* of a file, malloc'ed, or NULL; as in struct request */
  const char *policy;   /* the same */
  void *kept;           /* from `run` for `then`, malloc'ed; freed with the task */
  /* the rest is task.c's */
  void (*run)(struct task *task);
  void (*then)(struct task *task); /* or NULL */
  struct job job;
  struct request *request; /* NULL: its client has left */
};

/* Has `run` answer the request, or answers it with 503. `values` may be NULL. */
void task_begin(struct workers *workers, struct request *request, json_t *values,
                void (*run)(struct task *task), void *owner);

/* The same; `then` is called on the loop after `run`, and may answer otherwise. */
void task_begin_then(struct workers *workers, struct request *request, json_t *values,
                     void (*run)(struct task *task), void (*then)(struct task *task),
                     void *owner);

/* Whoever is sent away may come again after so many seconds: a file's turn comes within
 * milliseconds, a simulation's within seconds. */
#define TASK_RETRY_SECONDS 2

/* The answers, for `run`. JSON is taken over; NULL: memory is short. */
void task_reply_json(struct task *task, unsigned status, json_t *json);
/* Text that was made by malloc is taken over, too. */
void task_reply_text(struct task *task, unsigned status, const char *type, char *text,
                     size_t length);
/* {"detail": text} */
void task_reply_detail(struct task *task, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* {"detail": {"error": code, "message": text, "timestamp": now}} */
void task_reply_error(struct task *task, unsigned status, const char *code,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Sets the answer's tag. True: the client has that already, and was answered so. */
bool task_is_known(struct task *task, const char *etag);

/* Whether a change is meant for something else than what there is ("" : nothing), by
 * If-Match or If-None-Match; answered then. */
bool task_is_stale(struct task *task, const char *etag);

/* A page of a list: `limit` and `offset` of the query. */
size_t task_number(const struct task *task, const char *name);

#endif
