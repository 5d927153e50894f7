/* socketio/session.h - Engine.IO sessions: one for each Socket.IO client, whatever
 * carries it.
 *
 * A session begins on long-polling and may move to a WebSocket, or begins on one. What is
 * sent waits in its queue until the client polls or its socket can take more.
 */
#ifndef SERVE_SOCKETIO_SESSION_H
#define SERVE_SOCKETIO_SESSION_H

#include "serve/net/loop.h"
#include "serve/socketio/packets.h"
#include "serve/socketio/queue.h"
#include "serve/socketio/subscription.h"

struct request;
struct websocket;

/* The largest message or long-polling body from a client, as the handshake tells it. */
#define SOCKETIO_BODY_MAX 1000000

#define SESSION_ID_SIZE 33

enum session_transport {
  TRANSPORT_POLLING,
  TRANSPORT_PROBING, /* on polling; a WebSocket is being tried */
  TRANSPORT_WEBSOCKET,
};

struct session {
  struct session *next;           /* in its bucket */
  struct session *ahead, *behind; /* in the line of those with something to send */
  bool in_line;
  struct sessions *sessions;
  char id[SESSION_ID_SIZE];
  enum session_transport transport;
  struct request *poll;        /* waits for something to send, or NULL */
  struct websocket *websocket; /* or NULL */
  bool probe_arrived;          /* "2probe" came: the answer is to be written */
  bool doomed;                 /* it takes nothing: the next look at timeouts closes it */
  struct queue queue;
  int64_t stranger_since; /* when it began, or left the default namespace */
  int64_t ping_at;        /* when the next ping is due */
  int64_t pong_by;        /* when the answer to the last one is due; 0: it came */
  int64_t upgrade_by;     /* when a WebSocket that is being tried is given up */

  /* of Socket.IO */
  bool joined; /* it is in the default namespace */
  char socket_id[SESSION_ID_SIZE];
  struct subscription subscription;
};

/* Functions that carry sessions and read their messages. They are passed in at the start,
 * because those parts have a higher level. */
struct session_carrier {
  /* long-polling: answers the poll that waits, if one does, with what waits in the queue;
   * with a no-op; with what waits and the end of the session */
  void (*poll_flush)(struct session *session);
  void (*poll_release)(struct session *session);
  void (*poll_close)(struct session *session);
  /* a WebSocket: sends what waits as it can take it; its last messages, if the socket has
   * room for them, and its end; its end alone */
  void (*websocket_flush)(struct session *session);
  void (*websocket_leave)(struct session *session);
  void (*websocket_give_up)(struct session *session);
  /* a message of the client; false: it breaks the protocol */
  bool (*take_message)(struct session *session, const char *text, size_t length);
};

struct sessions_settings {
  struct loop *loop;
  const struct session_carrier *carrier;
  unsigned max_clients;
  int64_t ping_interval; /* microseconds, as all that follow */
  int64_t ping_timeout;
  int64_t client_timeout;
};

/* NULL: out of memory. */
struct sessions *sessions_create(const struct sessions_settings *settings);
/* Without ending any session's connection. NULL is ignored. */
void sessions_destroy(struct sessions *sessions);

unsigned sessions_count(const struct sessions *sessions);
/* Whether there can be no more. */
bool sessions_are_full(const struct sessions *sessions);
/* There will be no more. */
void sessions_end(struct sessions *sessions);

/* A new session; NULL where there are too many or no memory. */
struct session *session_create(struct sessions *sessions,
                               enum session_transport transport);

/* Finds a session; NULL: there is none. */
struct session *session_find(struct sessions *sessions, const char *id);

/* Ends a session and frees it. What still waits goes out if the client can take it now.
 */
void session_close(struct session *session);

/* Queues a message, which stays the caller's; the client gets it when it can. A client
 * that takes nothing at all is closed, though not before this returns. */
void session_send(struct session *session, struct message *message);

/* The same for text made for this client alone. */
void session_send_text(struct session *session, const char *prefix, const char *text);

/* Its subscription holds progress since `now`: it is sent once it is due. */
void session_hold(struct session *session, int64_t now);

/* A packet of the client. False: it breaks the protocol; the session must be closed. */
bool session_take_packet(struct session *session, const struct engine_packet *packet);

/* The text of the first packet of a session. */
void session_handshake(const struct session *session, char *text, size_t size);
#define HANDSHAKE_SIZE 256

/* Calls `visit` for every session; it may close the one it is given. */
void sessions_each(struct sessions *sessions,
                   void (*visit)(struct session *session, void *data), void *data);

/* Characters that nobody can guess. */
void session_make_id(char id[SESSION_ID_SIZE]);

#endif
