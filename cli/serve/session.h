/* serve/session.h - Engine.IO sessions: one for each Socket.IO client, whatever carries
 * it.
 *
 * A session begins on long-polling and may move to a WebSocket, or begins on one. What is
 * sent waits in its queue until the client polls or its socket can take more.
 */
#ifndef SERVE_SESSION_H
#define SERVE_SESSION_H

#include "serve/server.h"
#include "serve/packets.h"
#include "serve/queue.h"

#define SESSION_ID_SIZE 33

enum session_transport {
  TRANSPORT_POLLING,
  TRANSPORT_PROBING, /* on polling; a WebSocket is being tried */
  TRANSPORT_WEBSOCKET,
};

struct session {
  struct session *next; /* in its bucket */
  lws_dll2_t line;      /* its place in server.line, while it waits there */
  struct server *server;
  char id[SESSION_ID_SIZE];
  enum session_transport transport;
  struct request *poll;  /* waits for something to send, or NULL */
  struct lws *websocket; /* or NULL */
  bool probe_arrived;    /* "2probe" came: the answer is to be written */
  bool doomed;           /* it takes nothing: the next look at timeouts closes it */
  struct queue queue;
  int64_t stranger_since; /* when it began, or left the default namespace */
  int64_t ping_at;        /* when the next ping is due */
  int64_t pong_by;        /* when the answer to the last one is due; 0: it came */
  int64_t upgrade_by;     /* when a WebSocket that is being tried is given up */

  /* of Socket.IO */
  bool joined; /* it is in the default namespace */
  char socket_id[SESSION_ID_SIZE];
};

/* What carries sessions, and who reads their messages: handed down at the start, since those
 * parts stand above this one. */
struct session_carrier {
  /* long-polling: answers the poll that waits, if one does, with what waits in the queue;
   * with a no-op; with what waits and the end of the session */
  void (*poll_flush)(struct session *session);
  void (*poll_release)(struct session *session);
  void (*poll_close)(struct session *session);
  /* a WebSocket: its last messages, if the socket has room for them, and its end; or its
   * end alone, with a code */
  void (*websocket_leave)(struct session *session);
  void (*websocket_give_up)(struct session *session, int code);
  /* a message of the client; false: it breaks the protocol */
  bool (*take_message)(struct session *session, const char *text, size_t length);
};

/* A new session; NULL where there are too many or no memory. */
struct session *session_create(struct server *server, enum session_transport transport);

/* Finds a session; NULL: there is none. */
struct session *session_find(struct server *server, const char *id);

/* Ends a session and frees it. What still waits goes out if the client can take it now.
 */
void session_close(struct session *session);

/* Queues a message, which stays the caller's; the client gets it when it can. A client
 * that takes nothing at all is closed, though not before this returns. */
void session_send(struct session *session, struct message *message);

/* The same for text made for this client alone. */
void session_send_text(struct session *session, const char *prefix, const char *text);

/* A packet of the client. False: it breaks the protocol; the session must be closed. */
bool session_take_packet(struct session *session, const struct engine_packet *packet);

/* The text of the first packet of a session. */
void session_handshake(const struct session *session, char *text, size_t size);
#define HANDSHAKE_SIZE 256

/* Sends and closes what is due. The session may be gone afterwards. */
void session_check_timeouts(struct session *session, int64_t now);

/* Calls `visit` for every session; it may close the one it is given. */
void session_each(struct server *server,
                  void (*visit)(struct session *session, void *data), void *data);

/* Characters that nobody can guess. */
void session_make_id(char id[SESSION_ID_SIZE]);

#endif
