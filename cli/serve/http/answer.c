#include "serve/http/answer.h"

#include "serve/http/cors.h"

void answer_headers(const struct request *request,
                    void (*add)(void *data, const char *name, const char *value),
                    void *data) {
  add(data, "server", "hrl-serve");
  if (request->status == 101) return;
  add(data, "content-type", request->type);
  add(data, "cache-control", "no-store");
  add(data, "x-content-type-options", "nosniff");
  if (request->allow[0] != '\0') add(data, "allow", request->allow);
  if (request->location != NULL) add(data, "location", request->location);
  if (request->status == 401) add(data, "www-authenticate", "Bearer");
  cors_answer_headers(request, add, data);
}
