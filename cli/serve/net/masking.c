#include "serve/net/masking.h"

#include <stdbool.h>

#define KEY_SIZE 4
#define MASKED 0x80u

/* The content's length is known: what follows is the key, then the content. */
static void end_head(struct masking *masking) {
  masking->skip = KEY_SIZE + masking->length;
  /* no frame is so long, and wslay will say so */
  if (masking->skip < masking->length) masking->skip = UINT64_MAX;
  masking->head = 0;
}

/* False: it tells of no mask. */
static bool take_second(struct masking *masking, uint8_t byte) {
  if ((byte & MASKED) == 0) return false;
  unsigned length = byte & 0x7fu;
  masking->length = length < 126 ? length : 0;
  masking->length_end = length < 126 ? 0 : length == 126 ? 2 + 2 : 2 + 8;
  if (masking->length_end == 0) end_head(masking);
  return true;
}

size_t masking_follow(struct masking *masking, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count;) {
    if (masking->skip > 0) {
      size_t skipped = masking->skip < count - i ? (size_t)masking->skip : count - i;
      masking->skip -= skipped;
      i += skipped;
      continue;
    }
    masking->head++;
    if (masking->head == 2) {
      if (!take_second(masking, bytes[i])) return i;
    } else if (masking->head > 2) {
      masking->length = masking->length << 8 | bytes[i];
      if (masking->head == masking->length_end) end_head(masking);
    }
    i++;
  }
  return count;
}
