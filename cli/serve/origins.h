/* serve/origins.h - the list of origins whose pages may use the service. */
#ifndef SERVE_ORIGINS_H
#define SERVE_ORIGINS_H

/* Value of access-control-allow-origin for a page of `origin`: "*", the origin, or NULL
 * where the page may not read answers. */
const char *cors_allowed_origin(const char *allowed, const char *origin);

#endif
