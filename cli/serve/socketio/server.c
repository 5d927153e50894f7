#include "serve/socketio/server.h"

#include "serve/http/upgrade.h"
#include "serve/socketio/polling.h"
#include "serve/socketio/socketio.h"
#include "serve/socketio/websocket.h"

static const struct session_carrier carrier = {.poll_flush = polling_flush,
                                               .poll_release = polling_release,
                                               .poll_close = polling_close,
                                               .websocket_flush = websocket_flush,
                                               .websocket_leave = websocket_leave,
                                               .websocket_give_up = websocket_give_up,
                                               .take_message = socketio_take};

struct sessions *socketio_create(const struct sessions_settings *settings) {
  struct sessions_settings whole = *settings;
  whole.carrier = &carrier;
  return sessions_create(&whole);
}

void socketio_handle(void *data, struct request *request) {
  if (upgrade_is_offered(request))
    websocket_handle(data, request);
  else
    polling_handle(data, request);
}
