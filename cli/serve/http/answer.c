#include "serve/http/answer.h"

#include <stdio.h>

#include "serve/http/cors.h"

void answer_headers(const struct request *request,
                    void (*add)(void *data, const char *name, const char *value),
                    void *data) {
  add(data, "server", "hrl-serve");
  if (request->status == 101) return;
  char number[32];
  /* caches take over what a 304 says: of the file it says nothing but its tag */
  if (request->status != 304) add(data, "content-type", request->type);
  /* what has a tag may be kept, if its keeper asks each time whether it is still so */
  add(data, "cache-control", request->etag[0] != '\0' ? "no-cache" : "no-store");
  if (request->etag[0] != '\0') add(data, "etag", request->etag);
  if (request->counted) {
    snprintf(number, sizeof number, "%zu", request->total);
    add(data, "x-total-count", number);
  }
  if (request->retry_after > 0) {
    snprintf(number, sizeof number, "%u", request->retry_after);
    add(data, "retry-after", number);
  }
  add(data, "x-content-type-options", "nosniff");
  if (request->encoding != NULL) add(data, "content-encoding", request->encoding);
  if (request->vary != NULL) add(data, "vary", request->vary);
  if (request->disposition != NULL)
    add(data, "content-disposition", request->disposition);
  if (request->policy != NULL) {
    add(data, "content-security-policy", request->policy);
    add(data, "referrer-policy", "no-referrer");
    add(data, "cross-origin-opener-policy", "same-origin");
  }
  if (request->allow[0] != '\0') add(data, "allow", request->allow);
  if (request->location != NULL) add(data, "location", request->location);
  if (request->status == 401) add(data, "www-authenticate", "Bearer");
  cors_answer_headers(request, add, data);
}
