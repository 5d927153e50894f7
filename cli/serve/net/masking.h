/* net/masking.h - whether the frames that a client sends are masked, as they have to be
 * (RFC 6455, 5.1): wslay takes others, too, and does not tell. */
#ifndef SERVE_NET_MASKING_H
#define SERVE_NET_MASKING_H

#include <stddef.h>
#include <stdint.h>

/* Where in a frame the bytes are. All zero: before the first. */
struct masking {
  uint64_t skip;       /* bytes of the key and the content that follow */
  unsigned head;       /* bytes of the head that came */
  unsigned length_end; /* where the length that has bytes of its own ends; 0: none has */
  uint64_t length;
};

/* Follows the bytes as they come; gives how many come before the end of the first head
 * that tells of no mask: all of them where there is none such. Then it is to be followed
 * no more. */
size_t masking_follow(struct masking *masking, const uint8_t *bytes, size_t count);

#endif
