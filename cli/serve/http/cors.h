/* http/cors.h - which web pages may use the service, and whether a token is right. */
#ifndef SERVE_HTTP_CORS_H
#define SERVE_HTTP_CORS_H

#include "serve/http/request.h"

#define TOKEN_MAX 256

struct access_policy {
  const char *origins; /* with commas between them, or "*" */
  const char *token;   /* "": none is wanted */
};

/* Whether the origin that a request names is neither allowed nor the service's own. Such
 * a page could not read the answer, but would cause what the request asks for. */
bool cors_is_foreign(const struct request *request);

/* Answers a preflight. False: the request is none. */
bool cors_preflight(struct request *request);

/* The headers of an answer that tell a browser which page may read it. */
void cors_answer_headers(const struct request *request,
                         void (*add)(void *data, const char *name, const char *value),
                         void *data);

/* Whether a request carries the token, or none is wanted. */
bool token_is_right(const struct request *request);

#endif
