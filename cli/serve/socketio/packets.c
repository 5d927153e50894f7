#include "serve/socketio/packets.h"

#include <string.h>

bool engine_packet_parse(const char *text, size_t length, struct engine_packet *packet) {
  bool binary = length > 0 && text[0] == 'b';
  if (length == 0 || (!binary && (text[0] < '0' || text[0] > '6'))) return false;
  packet->type = binary ? ENGINE_BINARY : (enum engine_packet_type)(text[0] - '0');
  packet->data = text + 1;
  packet->length = length - 1;
  return true;
}

bool engine_payload_next(struct engine_payload *payload, struct engine_packet *packet,
                         bool *bad) {
  *bad = false;
  if (payload->ended) return false;
  const char *end = payload->length == 0
                        ? NULL
                        : memchr(payload->text, ENGINE_SEPARATOR, payload->length);
  size_t length = end == NULL ? payload->length : (size_t)(end - payload->text);
  *bad = !engine_packet_parse(payload->text, length, packet);
  if (end == NULL) {
    payload->ended = true;
  } else {
    payload->text = end + 1;
    payload->length -= length + 1;
  }
  return !*bad;
}

/* "/name," in front of the rest; without the comma the name takes all of it. */
static bool parse_space(const char **text, size_t *length, struct socket_packet *packet) {
  packet->space = "/";
  packet->space_length = 1;
  if (*length == 0 || **text != '/') return true;
  const char *comma = memchr(*text, ',', *length);
  size_t name = comma == NULL ? *length : (size_t)(comma - *text);
  if (name > SOCKET_NAMESPACE_MAX) return false;
  packet->space = *text;
  /* a query behind the name was allowed by older protocols and means nothing here */
  const char *query = memchr(*text, '?', name);
  packet->space_length = query == NULL ? name : (size_t)(query - *text);
  size_t taken = comma == NULL ? name : name + 1;
  *text += taken;
  *length -= taken;
  return true;
}

/* Clients count their acknowledgements from 0; 15 digits are exact in every language. */
static bool parse_id(const char **text, size_t *length, struct socket_packet *packet) {
  size_t digits = 0;
  packet->id = 0;
  while (digits < *length && (*text)[digits] >= '0' && (*text)[digits] <= '9') {
    if (digits == 15) return false;
    packet->id = packet->id * 10 + (uint64_t)((*text)[digits] - '0');
    digits++;
  }
  packet->has_id = digits > 0;
  *text += digits;
  *length -= digits;
  return true;
}

bool socket_packet_parse(const char *text, size_t length, struct socket_packet *packet) {
  if (length == 0 || text[0] < '0' || text[0] > '6') return false;
  packet->type = (enum socket_packet_type)(text[0] - '0');
  text++;
  length--;
  if (!parse_space(&text, &length, packet) || !parse_id(&text, &length, packet))
    return false;
  packet->data = text;
  packet->length = length;
  return true;
}

bool socket_packet_is_default(const struct socket_packet *packet) {
  return packet->space_length == 1 && packet->space[0] == '/';
}
