/* base/error.h - filling the caller's hrl_error. */
#ifndef HRLP_ERROR_H
#define HRLP_ERROR_H

#include <hrl/error.h>

/* Both return `status`, so that a failing function can end with `return hrlp_fail(...)`.
 * `error` may be NULL; one that already holds an error is left alone. */
hrl_status hrlp_fail(hrl_error *error, hrl_status status, const char *format, ...)
    HRL_PRINTF(3, 4);

/* The same for a place in a file. The message becomes "file:line:column: text"; line or
 * column 0 are left out. */
hrl_status hrlp_fail_at(hrl_error *error, hrl_status status, const char *file, int line,
                        int column, const char *format, ...) HRL_PRINTF(6, 7);

/* The same for a failed system call on `file`; appends the text of `errno_value` and
 * maps it to a status (ENOENT: not found, ENOMEM: memory, otherwise input/output). */
hrl_status hrlp_fail_errno(hrl_error *error, int errno_value, const char *file,
                           const char *what);

/* "out of memory", with what for. */
hrl_status hrlp_fail_memory(hrl_error *error, const char *what);

#endif
