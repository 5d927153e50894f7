/* socketio/polling.h - Engine.IO over long-polling. */
#ifndef SERVE_SOCKETIO_POLLING_H
#define SERVE_SOCKETIO_POLLING_H

#include "serve/http/request.h"
#include "serve/socketio/session.h"

/* Handles a request for /socket.io/ that is no WebSocket. */
void polling_handle(struct sessions *sessions, struct request *request);

/* Answers the poll that waits with what waits in the queue, where both do. */
void polling_flush(struct session *session);

/* Answers the poll that waits, if one does, with a no-op. */
void polling_release(struct session *session);

/* Answers the poll that waits, if one does, with what waits and the end of the session.
 */
void polling_close(struct session *session);

/* Answers as Engine.IO servers do: a code and a text. */
enum engine_error {
  ENGINE_UNKNOWN_TRANSPORT = 0,
  ENGINE_UNKNOWN_SESSION = 1,
  ENGINE_BAD_METHOD = 2,
  ENGINE_BAD_REQUEST = 3,
  ENGINE_FORBIDDEN = 4,
  ENGINE_BAD_VERSION = 5,
};
void polling_refuse(struct request *request, enum engine_error error);

#endif
