/* tensorboard/record.h - TFRecord: how event files are cut into records. */
#ifndef HRLP_TFRECORD_H
#define HRLP_TFRECORD_H

#include <stddef.h>
#include <stdint.h>

/* Bytes before and behind the content of a record. */
#define HRLP_RECORD_HEAD 12
#define HRLP_RECORD_TAIL 4

/* CRC-32C (Castagnoli). */
uint32_t hrlp_crc32c(const void *data, size_t length);

/* Puts head and tail around `length` bytes at record + HRLP_RECORD_HEAD. */
void hrlp_record_frame(uint8_t *record, size_t length);

#endif
