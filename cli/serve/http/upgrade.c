#include "serve/http/upgrade.h"

#include <string.h>

/* 16 bytes in base64, and the 22 digits of them that are not padding. */
#define KEY_DIGITS 22
static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool upgrade_is_offered(const struct request *request) {
  return request->method == METHOD_GET && !request->old && request->length == 0 &&
         request_header_has(request, "upgrade", "websocket") &&
         request_header_has(request, "connection", "upgrade");
}

/* The value of a header that must be there once. */
static const char *only(const struct request *request, const char *name) {
  const char *value = request_header(request, name);
  return request_header_count(request, name) == 1 && value[0] != '\0' ? value : NULL;
}

const char *upgrade_fault(const struct request *request) {
  const char *version = only(request, "sec-websocket-version");
  const char *key = only(request, "sec-websocket-key");
  if (only(request, "host") == NULL) return "Missing Host";
  if (version == NULL || strcmp(version, "13") != 0)
    return "Sec-WebSocket-Version must be 13";
  if (key == NULL || strspn(key, base64) != KEY_DIGITS ||
      strcmp(key + KEY_DIGITS, "==") != 0)
    return "Sec-WebSocket-Key must be 16 bytes in base64";
  return NULL;
}
