/* socketio/server.h - the parts of Socket.IO put together. */
#ifndef SERVE_SOCKETIO_SERVER_H
#define SERVE_SOCKETIO_SERVER_H

#include "serve/http/request.h"
#include "serve/socketio/session.h"

/* Clients on long-polling and on WebSockets; the carrier of the settings is set here.
 * NULL: out of memory. */
struct sessions *socketio_create(const struct sessions_settings *settings);

/* Handles a request for /socket.io/; `data` are the sessions. */
void socketio_handle(void *data, struct request *request);

#endif
