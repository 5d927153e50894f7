/* http/docs.h - the page /docs. */
#ifndef SERVE_HTTP_DOCS_H
#define SERVE_HTTP_DOCS_H

/* Shows /openapi.json and can send requests. It needs nothing from elsewhere. */
extern const char docs_page[];

#endif
