/* http/assets.h - the files of the page, which are a part of the program. */
#ifndef SERVE_HTTP_ASSETS_H
#define SERVE_HTTP_ASSETS_H

#include "serve/http/request.h"

/* One file, compressed when the program was built. */
struct asset {
  const char *name;
  const char *type;
  const char *etag; /* with its quotes */
  const unsigned char *gzip;
  size_t gzip_length;
  size_t length; /* of the file itself */
};

/* Written by serve/web/embed.py; none where the program was built without the page. */
extern const struct asset assets[];
extern const size_t asset_count;

/* Whether there is a page and the client a browser, which names HTML among what it
 * takes. */
bool assets_wanted(const struct request *request);

/* Answers with a file of the page, or 404. */
void assets_reply(struct request *request, const char *name);

#endif
