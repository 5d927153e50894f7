#include "serve/net/head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/net/settings.h"

struct collection {
  struct header *headers;
  size_t count;
};

static enum MHD_Result collect(void *data, enum MHD_ValueKind kind, const char *name,
                               const char *value) {
  struct collection *collection = data;
  (void)kind;
  collection->headers[collection->count++] =
      (struct header){name, value == NULL ? "" : value};
  return MHD_YES;
}

bool head_read(struct MHD_Connection *mhd, struct request *request) {
  int count = MHD_get_connection_values(mhd, MHD_HEADER_KIND, NULL, NULL);
  struct collection collection = {calloc((size_t)count + 1, sizeof(struct header)), 0};
  if (collection.headers == NULL) return false;
  (void)MHD_get_connection_values(mhd, MHD_HEADER_KIND, collect, &collection);
  request->headers = collection.headers;
  request->header_count = collection.count;
  return true;
}

/* Names are tokens (RFC 9110, 5.6.2): with a space before the colon they are none. */
static bool names_are_right(const struct request *request) {
  for (size_t i = 0; i < request->header_count; i++) {
    const char *name = request->headers[i].name;
    if (name[0] == '\0') return false;
    for (const char *c = name; *c != '\0'; c++)
      if (*c <= ' ' || *c == 0x7f || strchr("\"(),/:;<=>?@[\\]{}", *c) != NULL)
        return false;
  }
  return true;
}

const char *head_fault(struct MHD_Connection *mhd, const struct request *request,
                       unsigned *status) {
  size_t size =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
  size_t lengths = request_header_count(request, "content-length");
  size_t encodings = request_header_count(request, "transfer-encoding");
  *status = 431;
  if (size > HEAD_MAX) return "Request header fields too large";
  *status = 400;
  if (!names_are_right(request)) return "Invalid header name";
  if (request_header_count(request, "host") > 1) return "More than one Host";
  if (lengths > 1) return "More than one Content-Length";
  if (encodings == 0) return NULL;
  if (lengths > 0) return "Content-Length and Transfer-Encoding";
  if (request->old) return "Transfer-Encoding in HTTP/1.0";
  *status = 501;
  if (encodings > 1 ||
      strcasecmp(request_header(request, "transfer-encoding"), "chunked") != 0)
    return "Transfer-Encoding is not chunked";
  return NULL;
}
