/* archive_zip.h - writes ZIP files with any fault one likes, which no library would. */
#ifndef TEST_ARCHIVE_ZIP_H
#define TEST_ARCHIVE_ZIP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <zlib.h>

#include "base/text.h"

/* One entry; what is left 0 is set as it should be. */
struct zip_entry {
  const char *name;
  const char *data;
  size_t length;
  unsigned method; /* 8: deflated */
  unsigned flags;  /* 1: encrypted */
  size_t size;     /* claimed size of the content once unpacked */
  size_t stored;   /* claimed size in the file */
  uint32_t crc;
  uint32_t offset; /* where the directory says its header is; 1 stands for 0 */
};

/* Appends `size` bytes of a number, little-endian. */
static inline void zip_number(struct hrlp_text *zip, uint64_t number, int size) {
  for (int i = 0; i < size; i++) {
    char byte = (char)(i < 8 ? number >> (8 * i) & 0xff : 0);
    hrlp_text_append(zip, &byte, 1);
  }
}

/* What the header before an entry and the directory have in common. */
static inline void zip_fields(struct hrlp_text *zip, const struct zip_entry *entry) {
  size_t stored = entry->stored != 0 ? entry->stored : entry->length;
  uint32_t crc = entry->crc;
  if (crc == 0) crc = (uint32_t)crc32(0, (const Bytef *)entry->data, (uInt)entry->length);
  zip_number(zip, 20, 2);
  zip_number(zip, entry->flags, 2);
  zip_number(zip, entry->method, 2);
  zip_number(zip, 0x00210000, 4);
  zip_number(zip, crc, 4);
  zip_number(zip, stored, 4);
  zip_number(zip, entry->size != 0 ? entry->size : stored, 4);
  zip_number(zip, strlen(entry->name), 2);
  zip_number(zip, 0, 2);
}

/* Appends a ZIP file of entries[0..count) to `zip`, which is empty. */
static inline void zip_build(struct hrlp_text *zip, const struct zip_entry *entries,
                             size_t count) {
  uint32_t *offsets = calloc(count, sizeof *offsets);
  ck_assert_ptr_nonnull(offsets);
  for (size_t i = 0; i < count; i++) {
    offsets[i] = (uint32_t)zip->length;
    if (entries[i].offset != 0)
      offsets[i] = entries[i].offset == 1 ? 0 : entries[i].offset;
    zip_number(zip, 0x04034b50, 4);
    zip_fields(zip, &entries[i]);
    hrlp_text_append(zip, entries[i].name, strlen(entries[i].name));
    hrlp_text_append(zip, entries[i].data, entries[i].length);
  }
  size_t directory = zip->length;
  for (size_t i = 0; i < count; i++) {
    zip_number(zip, 0x02014b50, 4);
    zip_number(zip, 20, 2);
    zip_fields(zip, &entries[i]);
    zip_number(zip, 0, 10);
    zip_number(zip, offsets[i], 4);
    hrlp_text_append(zip, entries[i].name, strlen(entries[i].name));
  }
  free(offsets);
  size_t length = zip->length - directory;
  zip_number(zip, 0x06054b50, 4);
  zip_number(zip, 0, 4);
  zip_number(zip, count, 2);
  zip_number(zip, count, 2);
  zip_number(zip, length, 4);
  zip_number(zip, directory, 4);
  zip_number(zip, 0, 2);
}

#endif
