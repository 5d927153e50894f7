#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "storage/archive.h"
#include "storage/archive_open.h"
#include "storage/pickle.h"

/* The fixed parts of a ZIP: what an entry takes before its data and in the directory at
 * the end of the file, and what ends that. */
#define LOCAL_HEADER_SIZE 30
#define DIRECTORY_HEADER_SIZE 46
#define END_SIZE 22

/* The one version of the format that exists. */
#define VERSION "3\n"

struct entry {
  const char *name; /* libzip's */
  zip_uint64_t index;
  size_t length;
  char *bytes;
};

struct reader {
  const char *file;
  size_t file_length;
  zip_t *zip;
  struct entry *entries; /* [count] */
  size_t count;
  size_t top_length; /* of "TOP/", with which every name begins */
  hrl_error *error;
};

static hrl_status fail_entry(const struct reader *reader, hrl_status status,
                             const char *name, const char *reason) {
  char shown[HRLP_PRINTABLE_SIZE];
  hrlp_printable(shown, name, strlen(name));
  return hrlp_fail_at(reader->error, status, reader->file, 0, 0, "entry '%s' %s", shown,
                      reason);
}

static hrl_status fail_memory(const struct reader *reader) {
  return hrlp_fail_memory(reader->error, "the content of an archive");
}

static hrl_status fail_open(const struct reader *reader, zip_error_t *reason,
                            bool starts_as_zip) {
  switch (zip_error_code_zip(reason)) {
    case ZIP_ER_MEMORY:
    case ZIP_ER_OK: /* libzip leaves some failed allocations without a code */
      return fail_memory(reader);
    case ZIP_ER_EXISTS:
      return hrlp_fail_at(reader->error, HRL_ERROR_CORRUPT, reader->file, 0, 0,
                          "two entries have the same name");
    case ZIP_ER_NOZIP:
      if (!starts_as_zip) {
        return hrlp_fail_at(reader->error, HRL_ERROR_FORMAT, reader->file, 0, 0,
                            "not a PyTorch archive, which is a ZIP file");
      }
      return hrlp_fail_at(reader->error, HRL_ERROR_CORRUPT, reader->file, 0, 0,
                          "cut short: the directory at its end is missing");
    default:
      return hrlp_fail_at(reader->error, HRL_ERROR_CORRUPT, reader->file, 0, 0,
                          "damaged ZIP structure: %s", zip_error_strerror(reason));
  }
}

static hrl_status open_zip(struct reader *reader, const void *bytes) {
  if (reader->file_length > HRLP_ARCHIVE_MAX_BYTES) {
    return hrlp_fail_at(reader->error, HRL_ERROR_LIMIT, reader->file, 0, 0,
                        "%zu bytes, at most %zu are read", reader->file_length,
                        HRLP_ARCHIVE_MAX_BYTES);
  }
  if (reader->file_length == 0) {
    return hrlp_fail_at(reader->error, HRL_ERROR_FORMAT, reader->file, 0, 0,
                        "empty, expected a PyTorch archive");
  }
  bool starts_as_zip = reader->file_length >= 4 && memcmp(bytes, "PK\003\004", 4) == 0;
  zip_error_t reason;
  zip_error_init(&reason);
  zip_source_t *source = zip_source_buffer_create(bytes, reader->file_length, 0, &reason);
  if (source != NULL) {
    /* checks the header before every entry against the directory, and names for
     * duplicates */
    reader->zip = hrlp_archive_open(source, ZIP_RDONLY | ZIP_CHECKCONS, &reason);
  }
  hrl_status status = HRL_OK;
  if (reader->zip == NULL) {
    status = fail_open(reader, &reason, starts_as_zip);
    zip_source_free(source);
  }
  zip_error_fini(&reason);
  return status;
}

/* Whether a name is relative and stays below its folder on every system. */
static bool name_is_safe(const char *name) {
  if (name[0] == '/' || strpbrk(name, "\\:") != NULL) return false;
  for (const char *part = name;; part++) {
    size_t length = strcspn(part, "/");
    if (length == 2 && part[0] == '.' && part[1] == '.') return false;
    part += length;
    if (*part == '\0') return true;
  }
}

/* Looks at one entry without reading it. `room` is what is left of the file for it and
 * the entries after it, so that entries which share bytes do not fit. */
static hrl_status check_entry(struct reader *reader, zip_uint64_t index,
                              struct entry *entry, size_t *room) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  const char *name = zip_get_name(reader->zip, index, ZIP_FL_ENC_RAW);
  if (name == NULL || zip_stat_index(reader->zip, index, 0, &stat) != 0) {
    return hrlp_fail_at(reader->error, HRL_ERROR_CORRUPT, reader->file, 0, 0,
                        "entry %llu: %s", (unsigned long long)index,
                        zip_strerror(reader->zip));
  }
  if (!name_is_safe(name)) {
    return fail_entry(reader, HRL_ERROR_FORMAT, name,
                      "has a name that leaves its folder");
  }
  if (stat.encryption_method != ZIP_EM_NONE) {
    return fail_entry(reader, HRL_ERROR_FORMAT, name, "is encrypted");
  }
  if (stat.comp_method != ZIP_CM_STORE) {
    return fail_entry(reader, HRL_ERROR_FORMAT, name,
                      "is compressed, expected stored as torch.save does");
  }
  size_t headers = LOCAL_HEADER_SIZE + DIRECTORY_HEADER_SIZE + 2 * strlen(name);
  if (stat.size != stat.comp_size || headers > *room || stat.size > *room - headers) {
    return fail_entry(reader, HRL_ERROR_CORRUPT, name,
                      "overlaps others or is larger than the file");
  }
  *room -= headers + stat.size;
  *entry = (struct entry){.name = name, .index = index, .length = stat.size};
  return HRL_OK;
}

/* Checks that all names lie under one top folder. */
static hrl_status check_names(struct reader *reader) {
  const char *first = reader->entries[0].name;
  /* every entry has a name by now: where one had none, hrlp_fail_at did not give HRL_OK
   */
  /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
  size_t top = strcspn(first, "/");
  if (first[top] == '\0') {
    return fail_entry(reader, HRL_ERROR_FORMAT, first,
                      "lies outside a folder, expected FOLDER/data.pkl and others");
  }
  reader->top_length = top + 1;
  for (size_t i = 1; i < reader->count; i++) {
    const char *name = reader->entries[i].name;
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): names are there */
    if (strncmp(name, first, reader->top_length) != 0) {
      return fail_entry(reader, HRL_ERROR_FORMAT, name,
                        "lies outside the folder of the other entries");
    }
  }
  return HRL_OK;
}

static hrl_status list_entries(struct reader *reader) {
  zip_int64_t count = zip_get_num_entries(reader->zip, 0);
  if (count <= 0) {
    return hrlp_fail_at(reader->error, HRL_ERROR_FORMAT, reader->file, 0, 0,
                        "an empty ZIP file, expected a PyTorch archive");
  }
  if (count > HRLP_ARCHIVE_MAX_ENTRIES) {
    return hrlp_fail_at(reader->error, HRL_ERROR_LIMIT, reader->file, 0, 0,
                        "%lld entries, at most %d are read", (long long)count,
                        HRLP_ARCHIVE_MAX_ENTRIES);
  }
  reader->entries = calloc((size_t)count, sizeof *reader->entries);
  if (reader->entries == NULL) return fail_memory(reader);
  size_t room = reader->file_length - END_SIZE;
  for (zip_int64_t i = 0; i < count; i++) {
    hrl_status status = check_entry(reader, (zip_uint64_t)i, &reader->entries[i], &room);
    if (status != HRL_OK) return status;
  }
  reader->count = (size_t)count;
  return check_names(reader);
}

/* Reads an entry to its end, where libzip compares the checksum. */
static hrl_status read_entry(struct reader *reader, struct entry *entry) {
  entry->bytes = malloc(entry->length + 1);
  if (entry->bytes == NULL) return fail_memory(reader);
  zip_file_t *source = zip_fopen_index(reader->zip, entry->index, 0);
  if (source == NULL) {
    if (zip_error_code_zip(zip_get_error(reader->zip)) == ZIP_ER_MEMORY) {
      return fail_memory(reader);
    }
    return fail_entry(reader, HRL_ERROR_CORRUPT, entry->name, zip_strerror(reader->zip));
  }
  /* one byte more than there is: a read of 0 bytes would not see the end */
  zip_int64_t count = zip_fread(source, entry->bytes, entry->length + 1);
  char rest;
  bool whole =
      count >= 0 && (size_t)count == entry->length && zip_fread(source, &rest, 1) == 0;
  zip_fclose(source);
  if (whole) return HRL_OK;
  return fail_entry(reader, HRL_ERROR_CORRUPT, entry->name,
                    "is damaged: its content does not match its checksum");
}

/* The entry "TOP/FOLDER/NAME", or NULL. */
static const struct entry *find_entry(const struct reader *reader, const char *folder,
                                      const char *name) {
  size_t folder_length = strlen(folder);
  for (size_t i = 0; i < reader->count; i++) {
    const char *found = reader->entries[i].name + reader->top_length;
    if (strncmp(found, folder, folder_length) == 0 &&
        strcmp(found + folder_length, name) == 0) {
      return &reader->entries[i];
    }
  }
  return NULL;
}

static bool find_storage(const void *context, const char *key,
                         struct hrlp_storage *storage) {
  const struct entry *entry = find_entry(context, "data/", key);
  if (entry == NULL) return false;
  *storage = (struct hrlp_storage){entry->bytes, entry->length};
  return true;
}

static bool entry_is(const struct entry *entry, const char *text) {
  return entry->length == strlen(text) && memcmp(entry->bytes, text, entry->length) == 0;
}

static hrl_status check_format(const struct reader *reader) {
  const struct entry *version = find_entry(reader, "", "version");
  if (version == NULL) {
    return hrlp_fail_at(reader->error, HRL_ERROR_FORMAT, reader->file, 0, 0,
                        "the entry 'version' is missing, expected a PyTorch archive");
  }
  if (!entry_is(version, VERSION)) {
    return fail_entry(reader, HRL_ERROR_VERSION, version->name,
                      "names another version of the format, expected 3");
  }
  const struct entry *byteorder = find_entry(reader, "", "byteorder");
  if (byteorder != NULL && !entry_is(byteorder, "little")) {
    return fail_entry(reader, HRL_ERROR_FORMAT, byteorder->name,
                      "names another byte order, expected 'little'");
  }
  return HRL_OK;
}

static hrl_status read_zip(struct reader *reader, struct hrlp_value **root) {
  hrl_status status = list_entries(reader);
  for (size_t i = 0; status == HRL_OK && i < reader->count; i++) {
    status = read_entry(reader, &reader->entries[i]);
  }
  if (status == HRL_OK) status = check_format(reader);
  if (status != HRL_OK) return status;
  const struct entry *pickle = find_entry(reader, "", "data.pkl");
  if (pickle == NULL) {
    return hrlp_fail_at(reader->error, HRL_ERROR_FORMAT, reader->file, 0, 0,
                        "the entry 'data.pkl' is missing, expected a PyTorch archive");
  }
  return hrlp_pickle_read(reader->file, pickle->bytes, pickle->length, find_storage,
                          reader, root, reader->error);
}

hrl_status hrlp_archive_read(const char *file, const void *bytes, size_t length,
                             struct hrlp_value **root, hrl_error *error) {
  struct reader reader = {.file = file, .file_length = length, .error = error};
  *root = NULL;
  hrl_status status = open_zip(&reader, bytes);
  if (status == HRL_OK) {
    status = read_zip(&reader, root);
    zip_discard(reader.zip);
  }
  for (size_t i = 0; i < reader.count; i++) free(reader.entries[i].bytes);
  free(reader.entries);
  return status;
}

hrl_status hrlp_archive_load(const char *path, struct hrlp_value **root,
                             hrl_error *error) {
  char *bytes = NULL;
  size_t length = 0;
  *root = NULL;
  hrl_status status =
      hrlp_file_read(path, HRLP_ARCHIVE_MAX_BYTES, &bytes, &length, error);
  if (status == HRL_OK) status = hrlp_archive_read(path, bytes, length, root, error);
  free(bytes);
  return status;
}
