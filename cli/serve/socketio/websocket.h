/* socketio/websocket.h - Engine.IO over a WebSocket. */
#ifndef SERVE_SOCKETIO_WEBSOCKET_H
#define SERVE_SOCKETIO_WEBSOCKET_H

#include "serve/http/request.h"
#include "serve/socketio/session.h"

/* Handles a request for /socket.io/ that offers to become a WebSocket. */
void websocket_handle(struct sessions *sessions, struct request *request);

/* Of struct session_carrier. */
void websocket_flush(struct session *session);
void websocket_leave(struct session *session);
void websocket_give_up(struct session *session);

#endif
