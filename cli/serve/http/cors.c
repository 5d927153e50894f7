#include "serve/http/cors.h"

#include <string.h>

#include "serve/http/origins.h"

/* An origin that is longer is nobody's. */
#define ORIGIN_MAX 511

/* "" where none was sent, or one that is too long to look at. */
static const char *origin_of(const struct request *request) {
  const char *origin = request_header(request, "origin");
  return origin == NULL || strlen(origin) > ORIGIN_MAX ? "" : origin;
}

bool cors_is_foreign(const struct request *request) {
  const char *given = request_header(request, "origin");
  const char *origin = origin_of(request);
  const char *allowed = request->access->origins;
  if (given == NULL || given[0] == '\0') return false;
  if (origin[0] == '\0') return strcmp(allowed, "*") != 0;
  if (cors_allowed_origin(allowed, origin) != NULL) return false;
  const char *host = request_header(request, "host");
  const char *own = strstr(origin, "://");
  return host == NULL || own == NULL || strcmp(own + 3, host) != 0;
}

bool cors_preflight(struct request *request) {
  const char *origin = origin_of(request);
  if (request->method != METHOD_OPTIONS || origin[0] == '\0' ||
      request_header(request, "access-control-request-method") == NULL)
    return false;
  request->preflight = cors_allowed_origin(request->access->origins, origin) != NULL;
  if (request->preflight)
    request_reply(request, 200, TYPE_TEXT, "OK", 2);
  else
    request_reply_detail(request, 400, "Disallowed CORS origin");
  return true;
}

void cors_answer_headers(const struct request *request,
                         void (*add)(void *data, const char *name, const char *value),
                         void *data) {
  const char *origin = origin_of(request);
  const char *allowed = cors_allowed_origin(request->access->origins, origin);
  if (allowed == NULL) return;
  /* a preflight answer names its origin even if any is allowed; so must answers to
   * requests with cookies, for which browsers reject "*" */
  bool named = request->preflight || strcmp(allowed, "*") != 0 ||
               request_header(request, "cookie") != NULL;
  add(data, "access-control-allow-origin", named ? origin : allowed);
  add(data, "access-control-allow-credentials", "true");
  if (named) add(data, "vary", "Origin");
  if (!request->preflight) {
    /* what a page's script may read beside the body */
    add(data, "access-control-expose-headers",
        "etag, location, retry-after, x-total-count");
    return;
  }
  add(data, "access-control-allow-methods",
      "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  add(data, "access-control-max-age", "600");
  const char *wanted = request_header(request, "access-control-request-headers");
  if (wanted != NULL && wanted[0] != '\0' && strlen(wanted) <= ORIGIN_MAX)
    add(data, "access-control-allow-headers", wanted);
}

/* Takes as long for a wrong token as for the right one. */
static bool equal_in_constant_time(const char *given, const char *wanted) {
  size_t given_length = strlen(given), wanted_length = strlen(wanted);
  unsigned char different = given_length != wanted_length;
  for (size_t i = 0; i < TOKEN_MAX; i++) {
    int a = i < given_length ? given[i] : '\0';
    int b = i < wanted_length ? wanted[i] : '\0';
    different |= (unsigned char)(a ^ b);
  }
  return different == 0;
}

bool token_is_right(const struct request *request) {
  const char *wanted = request->access->token;
  if (wanted[0] == '\0') return true;
  char given[TOKEN_MAX + 16];
  const char *authorization = request_header(request, "authorization");
  if (authorization != NULL && strncasecmp(authorization, "Bearer ", 7) == 0)
    return equal_in_constant_time(authorization + 7, wanted);
  return request_query(request, "token", given, sizeof given) &&
         equal_in_constant_time(given, wanted);
}
