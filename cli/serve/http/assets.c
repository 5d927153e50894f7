#include "serve/http/assets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Nothing but the page's own files runs, loads or is shown; no page of others frames it.
 * Where browsers know trusted types, text that is set as HTML goes through the page's own
 * policy, which escapes it. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";

bool assets_wanted(const struct request *request) {
  const char *accept = request_header(request, "accept");
  return asset_count > 0 && accept != NULL && strstr(accept, "text/html") != NULL;
}

/* The file as it was before it was compressed, or NULL. */
static char *expand(const struct asset *asset) {
  char *text = malloc(asset->length);
  z_stream stream = {.next_in = (Bytef *)asset->gzip,
                     .avail_in = (uInt)asset->gzip_length,
                     .next_out = (Bytef *)text,
                     .avail_out = (uInt)asset->length};
  if (text == NULL) return NULL;
  /* 16: the wrapping is gzip's */
  bool done = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK;
  if (done) {
    done = inflate(&stream, Z_FINISH) == Z_STREAM_END;
    (void)inflateEnd(&stream);
  }
  if (done) return text;
  free(text);
  return NULL;
}

static void reply_found(struct request *request, const struct asset *asset) {
  request->vary = "Accept, Accept-Encoding";
  request->policy = policy;
  snprintf(request->etag, sizeof request->etag, "%s", asset->etag);
  const char *known = request_header(request, "if-none-match");
  if (known != NULL && etag_matches(known, asset->etag, true)) {
    request_reply(request, 304, asset->type, NULL, 0);
  } else if (request_header_has(request, "accept-encoding", "gzip")) {
    request->encoding = "gzip";
    request_reply(request, 200, asset->type, (const char *)asset->gzip,
                  asset->gzip_length);
  } else {
    char *text = expand(asset);
    if (text == NULL)
      request_reply_detail(request, 500, "out of memory");
    else
      request_reply_owned(request, 200, asset->type, text, asset->length);
  }
}

void assets_reply(struct request *request, const char *name) {
  for (size_t i = 0; i < asset_count; i++)
    if (strcmp(assets[i].name, name) == 0) {
      reply_found(request, &assets[i]);
      return;
    }
  request_reply_detail(request, 404, "Not Found");
}
