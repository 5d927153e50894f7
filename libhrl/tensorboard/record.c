#include "tensorboard/record.h"

/* The polynomial with its bits reversed. */
#define CASTAGNOLI 0x82f63b78U
/* A checksum is stored masked, since data may hold checksums, too. */
#define MASK_DELTA 0xa282ead8U

uint32_t hrlp_crc32c(const void *data, size_t length) {
  const uint8_t *bytes = data;
  uint32_t crc = 0xffffffffU;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? CASTAGNOLI : 0);
  }
  return ~crc;
}

static void put_little(uint8_t *to, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) to[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t mask(uint32_t crc) { return (crc >> 15 | crc << 17) + MASK_DELTA; }

void hrlp_record_frame(uint8_t *record, size_t length) {
  put_little(record, length, 8);
  put_little(record + 8, mask(hrlp_crc32c(record, 8)), 4);
  uint8_t *content = record + HRLP_RECORD_HEAD;
  put_little(content + length, mask(hrlp_crc32c(content, length)), 4);
}
