/* serve/cors.h - which web pages may use the service, and whether a token is right. */
#ifndef SERVE_CORS_H
#define SERVE_CORS_H

#include "serve/request.h"

/* Whether the origin that a request names is neither allowed nor the service's own. Such
 * a page could not read the answer, but would cause what the request asks for. */
bool cors_is_foreign(const struct server *server, struct lws *wsi);

/* Answers a preflight. False: the request is none. */
bool cors_preflight(struct request *request);

/* Whether a request carries the token, or none is wanted. */
bool token_is_right(const struct server *server, struct lws *wsi);

#endif
