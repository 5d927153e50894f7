#include "serve/net/connection.h"

#include <stdlib.h>

#include "serve/http/log.h"

void connection_end_request(struct connection *connection, bool answered) {
  struct request *request = connection->request;
  struct access_record record = {
      .client = connection->client,
      .method = http_method_name(request->method),
      .path = request->path,
      .status = answered ? request->status : 499,
      .bytes = answered ? request->reply_length : 0,
      .duration = clock_now() - connection->begun_at,
  };
  log_access(&record, connection->connections->settings.log_json);
  const struct router *router = connection->connections->settings.router;
  router->ended(router->ended_data, request, record.status, record.duration);
  if (!request->replied && request->gone != NULL) request->gone(request);
  free((void *)(uintptr_t)request->headers);
  request_clear(request);
  free(request);
  connection->request = NULL;
}

void connections_run_soon(struct connections *connections) {
  timer_start(connections->settings.loop, &connections->again, 0);
}
