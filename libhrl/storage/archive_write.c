#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "base/text.h"
#include "storage/archive.h"
#include "storage/archive_open.h"
#include "storage/pickle.h"

/* The fixed parts of a ZIP entry's header before the data, and where PyTorch wants
 * tensors to start. */
#define LOCAL_HEADER_SIZE 30
#define EXTRA_HEADER_SIZE 4
#define ALIGNMENT 64

/* The extra field that PyTorch pads with: 'F', 'B'. */
#define PADDING_ID 0x4246

/* 1980-01-01 00:00, the first date a ZIP can hold: the bytes depend on the tree only. */
#define FIXED_TIME 0x0000
#define FIXED_DATE 0x0021

/* data.pkl, byteorder and version beside the tensors. */
#define OTHER_ENTRIES 3

struct writer {
  zip_t *zip;
  const char *top;
  size_t position; /* where the next entry's header will start */
  hrl_error *error;
};

static hrl_status fail_zip(const struct writer *writer, zip_error_t *reason) {
  /* libzip leaves some failed allocations without a code */
  if (zip_error_code_zip(reason) == ZIP_ER_MEMORY ||
      zip_error_code_zip(reason) == ZIP_ER_OK) {
    return hrlp_fail_memory(writer->error, "an archive");
  }
  return hrlp_fail(writer->error, HRL_ERROR_IO, "archive: %s",
                   zip_error_strerror(reason));
}

/* Sets what libzip would choose by itself, and pads the header so that the data starts on
 * a boundary. */
static bool dress(struct writer *writer, zip_uint64_t entry, size_t name_length) {
  static const zip_uint8_t zeros[ALIGNMENT + EXTRA_HEADER_SIZE];
  size_t start = writer->position + LOCAL_HEADER_SIZE + name_length + EXTRA_HEADER_SIZE;
  size_t padding = (ALIGNMENT - start % ALIGNMENT) % ALIGNMENT;
  writer->position = start + padding;
  return zip_set_file_compression(writer->zip, entry, ZIP_CM_STORE, 0) == 0 &&
         zip_file_set_dostime(writer->zip, entry, FIXED_TIME, FIXED_DATE, 0) == 0 &&
         zip_file_extra_field_set(writer->zip, entry, PADDING_ID, ZIP_EXTRA_FIELD_NEW,
                                  zeros, (zip_uint16_t)padding, ZIP_FL_LOCAL) == 0;
}

/* Adds the entry "TOP/NAME". The bytes must stay until the archive is closed: libzip
 * may free what it is given even where it fails, so it is given nothing. */
static hrl_status add_entry(struct writer *writer, const char *name, const void *bytes,
                            size_t length) {
  struct hrlp_text path = {0};
  hrlp_text_format(&path, "%s/%s", writer->top, name);
  if (path.failed) {
    hrlp_text_free(&path);
    return hrlp_fail_memory(writer->error, "an archive");
  }
  zip_int64_t entry = -1;
  zip_source_t *source = zip_source_buffer(writer->zip, bytes, length, 0);
  if (source != NULL) {
    entry = zip_file_add(writer->zip, path.data, source, ZIP_FL_ENC_UTF_8);
    if (entry < 0) zip_source_free(source);
  }
  bool added = entry >= 0 && dress(writer, (zip_uint64_t)entry, path.length);
  writer->position += length;
  hrlp_text_free(&path);
  return added ? HRL_OK : fail_zip(writer, zip_get_error(writer->zip));
}

/* Adds the tensors; `content` is theirs, one after the other, little-endian. */
static hrl_status add_tensors(struct writer *writer, const struct hrlp_pickle *pickle,
                              const char *content) {
  for (size_t i = 0; i < pickle->tensor_count; i++) {
    const struct hrlp_tensor *tensor = pickle->tensors[i];
    size_t length = tensor->count * hrlp_dtype_size(tensor->dtype);
    char name[32];
    snprintf(name, sizeof name, "data/%zu", i);
    hrl_status status = add_entry(writer, name, content, length);
    if (status != HRL_OK) return status;
    content += length;
  }
  return HRL_OK;
}

static hrl_status add_entries(struct writer *writer, const struct hrlp_pickle *pickle,
                              const char *content) {
  const struct hrlp_text *program = &pickle->bytes;
  hrl_status status = add_entry(writer, "data.pkl", program->data, program->length);
  if (status == HRL_OK) status = add_entry(writer, "byteorder", "little", 6);
  if (status == HRL_OK) status = add_tensors(writer, pickle, content);
  return status == HRL_OK ? add_entry(writer, "version", "3\n", 2) : status;
}

/* The bytes of all tensors, as the file holds them; NULL when memory is short. */
static char *gather_content(const struct hrlp_pickle *pickle) {
  size_t total = 0; /* bounded by HRLP_VALUE_MAX_BYTES */
  for (size_t i = 0; i < pickle->tensor_count; i++) {
    total += pickle->tensors[i]->count * hrlp_dtype_size(pickle->tensors[i]->dtype);
  }
  char *content = malloc(total + 1);
  if (content == NULL) return NULL;
  char *at = content;
  for (size_t i = 0; i < pickle->tensor_count; i++) {
    const struct hrlp_tensor *tensor = pickle->tensors[i];
    size_t size = hrlp_dtype_size(tensor->dtype);
    hrlp_copy_little_endian(at, tensor->data, tensor->count, size);
    at += tensor->count * size;
  }
  return content;
}

/* Copies what libzip wrote out of its own memory. */
static hrl_status take_bytes(const struct writer *writer, zip_source_t *target,
                             char **bytes, size_t *length) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_source_stat(target, &stat) != 0 || zip_source_open(target) != 0) {
    return fail_zip(writer, zip_source_error(target));
  }
  hrl_status status = HRL_OK;
  char *copy = malloc(stat.size);
  if (copy == NULL) {
    status = hrlp_fail_memory(writer->error, "an archive");
  } else if (zip_source_read(target, copy, stat.size) != (zip_int64_t)stat.size) {
    status = fail_zip(writer, zip_source_error(target));
  }
  zip_source_close(target);
  if (status == HRL_OK) {
    *bytes = copy;
    *length = stat.size;
  } else {
    free(copy);
  }
  return status;
}

static hrl_status write_zip(struct writer *writer, const struct hrlp_pickle *pickle,
                            const char *content, char **bytes, size_t *length) {
  zip_error_t reason;
  zip_error_init(&reason);
  zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &reason);
  hrl_status status = HRL_OK;
  if (target != NULL) writer->zip = hrlp_archive_open(target, ZIP_TRUNCATE, &reason);
  if (writer->zip == NULL) {
    status = fail_zip(writer, &reason);
    zip_source_free(target);
    zip_error_fini(&reason);
    return status;
  }
  zip_source_keep(target);
  status = add_entries(writer, pickle, content);
  if (status == HRL_OK && zip_close(writer->zip) == 0) {
    status = take_bytes(writer, target, bytes, length);
  } else {
    if (status == HRL_OK) status = fail_zip(writer, zip_get_error(writer->zip));
    zip_discard(writer->zip);
  }
  zip_source_free(target);
  zip_error_fini(&reason);
  return status;
}

hrl_status hrlp_archive_write(const struct hrlp_value *root, const char *top,
                              char **bytes, size_t *length, hrl_error *error) {
  *bytes = NULL;
  *length = 0;
  if (top[0] == '\0' || strpbrk(top, "/\\:") != NULL || strcmp(top, ".") == 0 ||
      strcmp(top, "..") == 0 || !hrlp_is_text(top, strlen(top))) {
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "archive: '%s' cannot be the name of its folder", top);
  }
  struct hrlp_pickle pickle = {0};
  hrl_status status = hrlp_pickle_write(root, &pickle, error);
  if (status == HRL_OK &&
      pickle.tensor_count > HRLP_ARCHIVE_MAX_ENTRIES - OTHER_ENTRIES) {
    status =
        hrlp_fail(error, HRL_ERROR_LIMIT, "archive: %zu tensors, at most %d are possible",
                  pickle.tensor_count, HRLP_ARCHIVE_MAX_ENTRIES - OTHER_ENTRIES);
  }
  char *content = status == HRL_OK ? gather_content(&pickle) : NULL;
  if (status == HRL_OK && content == NULL) status = hrlp_fail_memory(error, "an archive");
  struct writer writer = {.top = top, .error = error};
  if (status == HRL_OK) status = write_zip(&writer, &pickle, content, bytes, length);
  free(content);
  hrlp_pickle_free(&pickle);
  return status;
}
