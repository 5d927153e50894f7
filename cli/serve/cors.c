#include "serve/cors.h"

#include <string.h>

#include "serve/origins.h"

bool cors_is_foreign(const struct server *server, struct lws *wsi) {
  char origin[REQUEST_HEADER_MAX], host[REQUEST_HEADER_MAX];
  if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0) return false;
  /* one that is too long to look at is nobody's own */
  if (!request_header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin))
    return strcmp(server->options.cors_origin, "*") != 0;
  if (cors_allowed_origin(server->options.cors_origin, origin) != NULL) return false;
  if (!request_header(wsi, WSI_TOKEN_HOST, host, sizeof host)) return true;
  const char *own = strstr(origin, "://");
  return own == NULL || strcmp(own + 3, host) != 0;
}

bool cors_preflight(struct request *request) {
  static const char name[] = "access-control-request-method:";
  if (request->method != METHOD_OPTIONS || request->origin[0] == '\0' ||
      lws_hdr_custom_length(request->wsi, name, (int)sizeof name - 1) < 0)
    return false;
  const char *allowed = request->server->options.cors_origin;
  request->preflight = cors_allowed_origin(allowed, request->origin) != NULL;
  if (request->preflight)
    request_reply(request, 200, TYPE_TEXT, "OK", 2);
  else
    request_reply_detail(request, 400, "Disallowed CORS origin");
  return true;
}

/* Takes as long for a wrong token as for the right one. */
static bool equal_in_constant_time(const char *given, const char *wanted) {
  size_t given_length = strlen(given), wanted_length = strlen(wanted);
  unsigned char different = given_length != wanted_length;
  for (size_t i = 0; i < TOKEN_MAX; i++) {
    int a = i < given_length ? given[i] : '\0';
    int b = i < wanted_length ? wanted[i] : '\0';
    different |= (unsigned char)(a ^ b);
  }
  return different == 0;
}

bool token_is_right(const struct server *server, struct lws *wsi) {
  const char *wanted = server->options.token;
  if (wanted[0] == '\0') return true;
  char given[TOKEN_MAX + 16];
  if (request_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, given, sizeof given) &&
      strncasecmp(given, "Bearer ", 7) == 0)
    return equal_in_constant_time(given + 7, wanted);
  return request_query(wsi, "token", given, sizeof given) &&
         equal_in_constant_time(given, wanted);
}
