/* serve/websocket.h - Engine.IO over a WebSocket. */
#ifndef SERVE_WEBSOCKET_H
#define SERVE_WEBSOCKET_H

#include "serve/request.h"
#include "serve/session.h"

/* What is wrong with the headers of an upgrade (RFC 6455, section 4.2.1), or NULL. To be
 * asked before libwebsockets looks at them: it drops the connection without an answer. */
const char *websocket_handshake_fault(struct lws *wsi);

/* Looks at a request to become a WebSocket. True: it may; false: `request` was answered.
 */
bool websocket_check(struct request *request);

/* The WebSocket is open. Other than 0: it is to be closed, as with the others. */
int websocket_open(struct connection *connection, struct lws *wsi);

/* A piece of a message arrived. */
int websocket_take(struct connection *connection, struct lws *wsi, const char *piece,
                   size_t length);

/* Writes; the socket can take at least one more frame. */
int websocket_write(struct connection *connection, struct lws *wsi);

/* The WebSocket is gone. */
void websocket_gone(struct connection *connection);

/* Of struct session_carrier. */
void websocket_leave(struct session *session);
void websocket_give_up(struct session *session, int code);

#endif
