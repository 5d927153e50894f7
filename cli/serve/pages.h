/* serve/pages.h - the service's description of itself. */
#ifndef SERVE_PAGES_H
#define SERVE_PAGES_H

#include <jansson.h>

/* The OpenAPI 3.1 document of the routes; NULL: out of memory. `locked`: a token is
 * wanted.
 */
json_t *openapi_document(int locked);

/* A page that shows that document and can send requests. It needs nothing from elsewhere.
 */
extern const char docs_page[];

#endif
