#include "serve/http/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"

static const char *const methods[] = {
    [METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
    [METHOD_PUT] = "PUT",         [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
    [METHOD_OPTIONS] = "OPTIONS", [METHOD_OTHER] = "OTHER",
};

const char *http_method_name(enum http_method method) { return methods[method]; }

enum http_method http_method_find(const char *name) {
  size_t i = 0;
  while (i < METHOD_OTHER && strcmp(methods[i], name) != 0) i++;
  return (enum http_method)i;
}

const char *request_header(const struct request *request, const char *name) {
  for (size_t i = 0; i < request->header_count; i++)
    if (strcasecmp(request->headers[i].name, name) == 0) return request->headers[i].value;
  return NULL;
}

size_t request_header_count(const struct request *request, const char *name) {
  size_t count = 0;
  for (size_t i = 0; i < request->header_count; i++)
    count += strcasecmp(request->headers[i].name, name) == 0;
  return count;
}

static bool list_has(const char *list, const char *word) {
  size_t length = strlen(word);
  while (*list != '\0') {
    list += strspn(list, " \t,");
    size_t item = strcspn(list, ",");
    size_t text = item;
    while (text > 0 && (list[text - 1] == ' ' || list[text - 1] == '\t')) text--;
    if (text == length && strncasecmp(list, word, length) == 0) return true;
    list += item;
  }
  return false;
}

bool request_header_has(const struct request *request, const char *name,
                        const char *word) {
  for (size_t i = 0; i < request->header_count; i++)
    if (strcasecmp(request->headers[i].name, name) == 0 &&
        list_has(request->headers[i].value, word))
      return true;
  return false;
}

bool etag_matches(const char *list, const char *etag, bool weakly) {
  size_t length = strlen(etag);
  /* a tag is visible characters between quotes, a comma maybe among them; ours have none
   */
  for (const char *at = list; at != NULL && *at != '\0';) {
    at += strspn(at, " \t,");
    if (at[0] == '*') return true;
    bool weak = strncmp(at, "W/", 2) == 0;
    if (weak) at += 2;
    size_t item = strcspn(at, " \t,");
    if ((!weak || weakly) && item == length && strncmp(at, etag, length) == 0)
      return true;
    at += item;
  }
  return false;
}

void request_clear(struct request *request) {
  free(request->query);
  free(request->body);
  free(request->reply);
  free(request->location);
  free(request->disposition);
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

void request_reply_owned(struct request *request, unsigned status, const char *type,
                         char *text, size_t length) {
  if (request->replied) {
    free(text);
    return;
  }
  request->replied = true;
  request->status = status;
  request->type = type;
  request->reply = text;
  request->reply_length = length;
  request->answered(request);
}

void request_reply(struct request *request, unsigned status, const char *type,
                   const char *text, size_t length) {
  char *copy = length > 0 ? malloc(length) : NULL;
  if (copy != NULL) memcpy(copy, text, length);
  bool failed = copy == NULL && length > 0;
  request_reply_owned(request, failed ? 500 : status, type, copy, failed ? 0 : length);
}

void request_upgrade(struct request *request,
                     void (*upgraded)(struct request *request,
                                      struct websocket *websocket)) {
  request->upgraded = upgraded;
  request_reply(request, 101, NULL, NULL, 0);
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

void request_redirect(struct request *request, const char *path) {
  const char *query = request->query == NULL ? "" : request->query;
  size_t size = 3 * (strlen(path) + strlen(query)) + 2;
  char *location = malloc(size);
  if (location == NULL) {
    request_reply_json(request, 500, NULL);
    return;
  }
  size_t length = 0;
  for (; *path != '\0'; path++) {
    unsigned char c = (unsigned char)*path;
    bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                 strchr("/-._~", c) != NULL;
    length +=
        (size_t)snprintf(location + length, size - length, plain ? "%c" : "%%%02X", c);
  }
  /* the query stays as it was sent, but for what has no place in a header */
  if (request->query != NULL) location[length++] = '?';
  location[length] = '\0';
  for (; *query != '\0'; query++) {
    unsigned char c = (unsigned char)*query;
    const char *form = c > ' ' && c < 0x7f ? "%c" : "%%%02X";
    length += (size_t)snprintf(location + length, size - length, form, c);
  }
  request->location = location;
  request_reply(request, 307, TYPE_TEXT, "", 0);
}
