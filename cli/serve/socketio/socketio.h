/* socketio/socketio.h - Socket.IO: the default namespace and its events. */
#ifndef SERVE_SOCKETIO_SOCKETIO_H
#define SERVE_SOCKETIO_SOCKETIO_H

#include <jansson.h>

#include "serve/socketio/session.h"

/* A message of a client. False: it breaks the protocol. */
bool socketio_take(struct session *session, const char *text, size_t length);

/* An event as a message for many clients; takes over the payload. NULL: out of memory. */
struct message *socketio_event(enum message_kind kind, const char *event,
                               json_t *payload);

/* Sends an event of a run (0: of none) to every client in the default namespace that
 * subscribed to it; takes over the payload. */
void socketio_tell(struct sessions *sessions, enum message_kind kind, uint64_t run,
                   const char *event, json_t *payload);

/* How many clients hear of a run. */
unsigned socketio_listeners(struct sessions *sessions, uint64_t run);

/* Sends an event of no run; takes over the payload. */
void socketio_broadcast(struct sessions *sessions, enum message_kind kind,
                        const char *event, json_t *payload);

#endif
