/* net/websocket.h - the messages of one WebSocket (RFC 6455). */
#ifndef SERVE_NET_WEBSOCKET_H
#define SERVE_NET_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serve/net/loop.h"

/* Why one is closed (RFC 6455, 7.4.1). */
enum websocket_code {
  WEBSOCKET_NORMAL = 1000,
  WEBSOCKET_GOING_AWAY = 1001,
  WEBSOCKET_PROTOCOL_ERROR = 1002,
  WEBSOCKET_POLICY_VIOLATION = 1008,
  WEBSOCKET_TOO_LARGE = 1009,
};

struct websocket;

/* Callbacks of its owner. None of these may be NULL once it has an owner. */
struct websocket_owner {
  /* a whole text; others are ignored. It may be closed meanwhile */
  void (*take)(void *owner, const char *text, size_t length);
  /* more can be sent, after websocket_want was called */
  void (*writable)(void *owner);
  /* it has ended without websocket_close */
  void (*gone)(void *owner);
};

/* Takes over a connected socket that `release` gives back. `early` has come already.
 * NULL: out of memory; `release` is not called then. */
struct websocket_settings {
  struct loop *loop;
  int descriptor;
  size_t message_max; /* of a client's message; 1009 beyond */
  const void *early;
  size_t early_length;
  void (*release)(void *data); /* the socket is not used any more */
  void *release_data;
};
struct websocket *websocket_create(const struct websocket_settings *settings);

/* Who owns it from now on. */
void websocket_own(struct websocket *websocket, const struct websocket_owner *owner,
                   void *data);

/* Takes what came early. To be called once it has its owner; it may be gone afterwards.
 */
void websocket_start(struct websocket *websocket);

/* Has the owner told when the socket can take more. */
void websocket_want(struct websocket *websocket);

/* Whether the socket could not take all of what was sent yet. */
bool websocket_is_choked(const struct websocket *websocket);

/* Sends a text. False: out of memory, or it is closing. */
bool websocket_send(struct websocket *websocket, const char *text, size_t length);

/* Says goodbye and leaves: the owner hears no more of it. The client has a few seconds to
 * answer. */
void websocket_close(struct websocket *websocket, enum websocket_code code);

/* Ends it at once. The owner hears no more of it. */
void websocket_destroy(struct websocket *websocket);

#endif
