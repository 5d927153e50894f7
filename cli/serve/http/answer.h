/* http/answer.h - the head of an answer. */
#ifndef SERVE_HTTP_ANSWER_H
#define SERVE_HTTP_ANSWER_H

#include "serve/http/request.h"

/* Calls `add` for each header of the answer, but for those about how it travels. */
void answer_headers(const struct request *request,
                    void (*add)(void *data, const char *name, const char *value),
                    void *data);

#endif
