/* storage/archive_open.h - libzip's first step, for writing and reading. */
#ifndef HRLP_ARCHIVE_OPEN_H
#define HRLP_ARCHIVE_OPEN_H

#include <zip.h>

/* zip_open_from_source, by one thread at a time. */
zip_t *hrlp_archive_open(zip_source_t *source, int flags, zip_error_t *reason);

#endif
