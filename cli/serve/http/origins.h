/* http/origins.h - the list of origins whose pages may use the service. */
#ifndef SERVE_HTTP_ORIGINS_H
#define SERVE_HTTP_ORIGINS_H

#include <stdbool.h>
#include <stddef.h>

/* Value of access-control-allow-origin for a page of `origin`: "*", the origin, or NULL
 * where the page may not read answers. */
const char *cors_allowed_origin(const char *allowed, const char *origin);

/* Brings a list of origins, with commas between them, to the form in which browsers send
 * them, in place: no spaces, scheme and host in small letters, neither a '/' behind it
 * nor the scheme's own port. False: `wrong` is the first that can never match. */
bool origins_normalise(char *list, char *wrong, size_t size);

#endif
