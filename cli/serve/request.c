#include "serve/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"

#include "serve/log.h"
#include "serve/origins.h"

static const struct {
  const char *name;
  enum lws_token_indexes token;
} methods[] = {
    [METHOD_GET] = {"GET", WSI_TOKEN_GET_URI},
    [METHOD_HEAD] = {"HEAD", WSI_TOKEN_HEAD_URI},
    [METHOD_POST] = {"POST", WSI_TOKEN_POST_URI},
    [METHOD_PUT] = {"PUT", WSI_TOKEN_PUT_URI},
    [METHOD_PATCH] = {"PATCH", WSI_TOKEN_PATCH_URI},
    [METHOD_DELETE] = {"DELETE", WSI_TOKEN_DELETE_URI},
    [METHOD_OPTIONS] = {"OPTIONS", WSI_TOKEN_OPTIONS_URI},
    [METHOD_OTHER] = {"OTHER", WSI_TOKEN_CONNECT},
};

const char *http_method_name(enum http_method method) { return methods[method].name; }

bool request_header(struct lws *wsi, enum lws_token_indexes token, char *text,
                    size_t size) {
  text[0] = '\0';
  return lws_hdr_copy(wsi, text, (int)size, token) > 0;
}

bool request_query(struct lws *wsi, const char *name, char *text, size_t size) {
  char pair[HEADERS_MAX];
  size_t name_length = strlen(name);
  for (int i = 0;; i++) {
    int length = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
    if (length <= 0) return false;
    if (lws_hdr_copy_fragment(wsi, pair, sizeof pair, WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
      continue;
    if (strncmp(pair, name, name_length) != 0 || pair[name_length] != '=') continue;
    const char *value = pair + name_length + 1;
    snprintf(text, size, "%s", value);
    return true;
  }
}

/* Appends text with what has a meaning in an address percent-encoded, but for `kept`. */
static void append_encoded(char *target, size_t size, const char *text,
                           const char *kept) {
  size_t length = strlen(target);
  for (; *text != '\0' && length + 4 < size; text++) {
    unsigned char c = (unsigned char)*text;
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (c >= '0' && c <= '9') || strchr("-._~", c) != NULL ||
                 strchr(kept, c) != NULL;
    length +=
        (size_t)snprintf(target + length, size - length, plain ? "%c" : "%%%02X", c);
  }
}

void request_redirect(struct request *request, const char *path) {
  char pair[REQUEST_PATH_MAX];
  request->location[0] = '\0';
  append_encoded(request->location, sizeof request->location, path, "/");
  for (int i = 0; lws_hdr_fragment_length(request->wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0;
       i++) {
    if (lws_hdr_copy_fragment(request->wsi, pair, sizeof pair, WSI_TOKEN_HTTP_URI_ARGS,
                              i) < 0)
      continue;
    append_encoded(request->location, sizeof request->location, i == 0 ? "?" : "&", "?&");
    append_encoded(request->location, sizeof request->location, pair, "=");
  }
  request_reply(request, 307, TYPE_TEXT, "", 0);
}

struct request *request_create(struct server *server, struct lws *wsi) {
  struct request *request = calloc(1, sizeof *request);
  if (request == NULL) return NULL;
  request->server = server;
  request->wsi = wsi;
  request->begun_at = lws_now_usecs();
  request->method = METHOD_OTHER;
  for (size_t i = 0; i < METHOD_OTHER; i++)
    if (lws_hdr_total_length(wsi, methods[i].token) > 0)
      request->method = (enum http_method)i;
  enum lws_token_indexes method = methods[request->method].token;
  request_header(wsi, method, request->path, sizeof request->path);
  /* a path with a zero inside is none of ours */
  if ((int)strlen(request->path) != lws_hdr_total_length(wsi, method))
    request->path[0] = '\0';
  request_header(wsi, WSI_TOKEN_ORIGIN, request->origin, sizeof request->origin);
  lws_get_peer_simple(wsi, request->client, sizeof request->client);
  request->next = server->requests;
  if (request->next != NULL) request->next->previous = request;
  server->requests = request;
  server_watch(server);
  return request;
}

static void log_request(const struct request *request, bool answered) {
  struct access_record record = {
      .client = request->client,
      .method = http_method_name(request->method),
      .path = request->path,
      .status = answered ? request->status : 499,
      .bytes = answered ? request->reply_length : 0,
      .duration = lws_now_usecs() - request->begun_at,
  };
  log_access(&record, request->server->options.log_json);
}

void request_destroy(struct request *request) {
  if (!request->replied && request->gone != NULL) request->gone(request);
  log_request(request, request->head_written);
  if (request->previous != NULL)
    request->previous->next = request->next;
  else
    request->server->requests = request->next;
  if (request->next != NULL) request->next->previous = request->previous;
  free(request->body);
  free(request->reply);
  free(request);
}

bool request_take_body(struct request *request, const char *piece, size_t length) {
  if (request->too_large || length > request->body_limit - request->length) {
    /* the rest is read and forgotten, so that the client gets to read the answer */
    request->too_large = true;
    free(request->body);
    request->body = NULL;
    return true;
  }
  char *body = realloc(request->body, request->length + length + 1);
  if (body == NULL) return false;
  if (length > 0) memcpy(body + request->length, piece, length);
  request->body = body;
  request->length += length;
  body[request->length] = '\0';
  return true;
}

void request_reply(struct request *request, unsigned status, const char *type,
                   const char *text, size_t length) {
  if (request->replied) return;
  request->replied = true;
  request->status = status;
  request->type = type;
  request->reply = malloc(LWS_PRE + length + 1);
  if (request->reply == NULL) {
    request->status = 500;
  } else {
    memcpy(request->reply + LWS_PRE, text, length);
    request->reply_length = length;
  }
  lws_rx_flow_control(request->wsi, 1);
  /* one that does not read its answer is not waited for */
  lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, 30);
  lws_callback_on_writable(request->wsi);
}

void request_reply_json(struct request *request, unsigned status, json_t *json) {
  char *text = json_print(json, JSON_COMPACT | JSON_ENCODE_ANY);
  json_decref(json);
  if (text == NULL) {
    static const char failure[] = "{\"detail\":\"out of memory\"}";
    request_reply(request, 500, TYPE_JSON, failure, sizeof failure - 1);
    return;
  }
  request_reply(request, status, TYPE_JSON, text, strlen(text));
  free(text);
}

void request_reply_detail(struct request *request, unsigned status, const char *format,
                          ...) {
  char detail[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(detail, sizeof detail, format, arguments);
  va_end(arguments);
  json_t *text = json_string(detail);
  if (text == NULL) text = json_string("the message is not valid UTF-8");
  request_reply_json(request, status, json_pack("{s:o}", "detail", text));
}

/* Where the head of an answer is put together. */
struct head {
  struct lws *wsi;
  unsigned char *at, *end;
  bool failed;
};

static void add_header(struct head *head, const char *name, const char *value) {
  if (value[0] == '\0') return;
  if (lws_add_http_header_by_name(head->wsi, (const unsigned char *)name,
                                  (const unsigned char *)value, (int)strlen(value),
                                  &head->at, head->end) != 0)
    head->failed = true;
}

static void add_cors_headers(struct head *head, const struct request *request) {
  const char *configured = request->server->options.cors_origin;
  const char *allowed = cors_allowed_origin(configured, request->origin);
  if (allowed == NULL) return;
  /* a preflight answers for its one origin even where any is allowed, and so must whoever
   * answers a page that sent its cookies: browsers refuse "*" then */
  bool named = request->preflight || strcmp(allowed, "*") != 0 ||
               lws_hdr_total_length(request->wsi, WSI_TOKEN_HTTP_COOKIE) > 0;
  add_header(head, "access-control-allow-origin:", named ? request->origin : allowed);
  add_header(head, "access-control-allow-credentials:", "true");
  if (named) add_header(head, "vary:", "Origin");
  if (!request->preflight) return;
  add_header(head, "access-control-allow-methods:",
             "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  add_header(head, "access-control-max-age:", "600");
  char wanted[REQUEST_HEADER_MAX];
  if (request_header(request->wsi, WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, wanted,
                     sizeof wanted))
    add_header(head, "access-control-allow-headers:", wanted);
}

static int write_head(struct request *request) {
  unsigned char buffer[LWS_PRE + 4096];
  unsigned char *start = buffer + LWS_PRE;
  struct head head = {request->wsi, start, buffer + sizeof buffer, false};
  if (lws_add_http_header_status(head.wsi, request->status, &head.at, head.end) != 0)
    return -1;
  add_header(&head, "content-type:", request->type);
  add_header(&head, "cache-control:", "no-store");
  add_header(&head, "x-content-type-options:", "nosniff");
  add_header(&head, "allow:", request->allow);
  add_header(&head, "location:", request->location);
  if (request->status == 401) add_header(&head, "www-authenticate:", "Bearer");
  add_header(&head, "connection:", "close");
  add_cors_headers(&head, request);
  if (head.failed || lws_add_http_header_content_length(head.wsi, request->reply_length,
                                                        &head.at, head.end) != 0)
    return -1;
  return lws_finalize_write_http_header(head.wsi, start, &head.at, head.end);
}

int request_write(struct request *request, bool *done) {
  *done = false;
  if (!request->replied) return 0;
  bool has_body = request->reply_length > 0 && request->method != METHOD_HEAD;
  if (!request->head_written) {
    if (write_head(request) != 0) return -1;
    request->head_written = true;
    *done = !has_body;
    if (has_body) lws_callback_on_writable(request->wsi);
    return 0;
  }
  if (lws_write(request->wsi, request->reply + LWS_PRE, request->reply_length,
                LWS_WRITE_HTTP_FINAL) < 0)
    return -1;
  *done = true;
  return 0;
}
