/* socketio/packets.h - Engine.IO 4 and Socket.IO 5 packets as text, without any I/O.
 *
 * Parsing borrows: what a packet points to lies in the text that was parsed.
 */
#ifndef SERVE_SOCKETIO_PACKETS_H
#define SERVE_SOCKETIO_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Between the packets of one long-polling body. */
#define ENGINE_SEPARATOR '\x1e'

/* What an Engine.IO packet is; its first character is '0' plus this. */
enum engine_packet_type {
  ENGINE_OPEN = 0,
  ENGINE_CLOSE = 1,
  ENGINE_PING = 2,
  ENGINE_PONG = 3,
  ENGINE_MESSAGE = 4,
  ENGINE_UPGRADE = 5,
  ENGINE_NOOP = 6,
  ENGINE_BINARY, /* 'b' and base64, in a long-polling body */
};

struct engine_packet {
  enum engine_packet_type type;
  const char *data; /* behind the type, not zero-terminated */
  size_t length;
};

/* Reads one packet. False: empty, or an unknown type. */
bool engine_packet_parse(const char *text, size_t length, struct engine_packet *packet);

/* A long-polling body that is being taken apart. */
struct engine_payload {
  const char *text;
  size_t length;
  bool ended;
};

/* Takes the next packet of a body. False at its end, or, with `*bad` set, at a packet
 * that engine_packet_parse refuses. */
bool engine_payload_next(struct engine_payload *payload, struct engine_packet *packet,
                         bool *bad);

/* What a Socket.IO packet is; its first character is '0' plus this. */
enum socket_packet_type {
  SOCKET_CONNECT = 0,
  SOCKET_DISCONNECT = 1,
  SOCKET_EVENT = 2,
  SOCKET_ACK = 3,
  SOCKET_CONNECT_ERROR = 4,
  SOCKET_BINARY_EVENT = 5,
  SOCKET_BINARY_ACK = 6,
};

/* The longest namespace, '/' included, that is looked at; longer ones are malformed. */
#define SOCKET_NAMESPACE_MAX 128

struct socket_packet {
  enum socket_packet_type type;
  const char *space; /* namespace with its '/', not zero-terminated; "/" where none */
  size_t space_length;
  bool has_id;
  uint64_t id;      /* that an acknowledgement repeats */
  const char *data; /* JSON, not zero-terminated, maybe empty */
  size_t length;
};

/* Reads the data of an Engine.IO message. False where it is malformed. Whether `data` is
 * JSON is not looked at. */
bool socket_packet_parse(const char *text, size_t length, struct socket_packet *packet);

/* Whether the packet is for the default namespace. */
bool socket_packet_is_default(const struct socket_packet *packet);

#endif
