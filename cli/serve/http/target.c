/* http/target.c - the target of a request: its path and the values of its query. */
#include <stdlib.h>
#include <string.h>

#include "serve/http/request.h"

/* The value of two hexadecimal digits, or -1. */
static int read_escape(const char *text) {
  int value = 0;
  for (int i = 0; i < 2; i++) {
    char c = text[i];
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') digit = (c | 0x20) - 'a' + 10;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/* Decodes a path. False: an invalid escape, or one for zero. */
static bool decode_path(const char *text, size_t length, char path[REQUEST_PATH_MAX]) {
  size_t n = 0;
  for (size_t i = 0; i < length; i++) {
    int c = (unsigned char)text[i];
    if (c == '%') {
      c = length - i > 2 ? read_escape(text + i + 1) : -1;
      if (c <= 0) return false;
      if (c == '/')
        c = '%'; /* and its digits behind it: it stays as it is */
      else
        i += 2;
    }
    /* one that is too long is none of ours */
    if (n < REQUEST_PATH_MAX) path[n++] = (char)c;
  }
  path[n < REQUEST_PATH_MAX ? n : 0] = '\0';
  return true;
}

bool request_set_target(struct request *request, const char *target) {
  /* "http://host/path" is what proxies send, and every server takes it (RFC 9112, 3.2.2)
   */
  size_t scheme = strspn(target, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  bool has_host = scheme > 0 && strncmp(target + scheme, "://", 3) == 0;
  if (has_host) {
    target += scheme + 3;
    target += strcspn(target, "/?");
  }
  size_t length = strcspn(target, "?#");
  bool is_path = target[0] == '/' || strcmp(target, "*") == 0; /* that of OPTIONS */
  bool decoded = decode_path(target, length, request->path);
  request->malformed = !decoded || !(is_path || (has_host && length == 0));
  if (has_host && length == 0) strcpy(request->path, "/");
  if (target[length] != '?') return true;
  request->query = strdup(target + length + 1);
  return request->query != NULL;
}

/* Decodes a value of the query. What is no escape stays as it is, as does one for zero.
 */
static void decode_value(const char *value, size_t length, char *text, size_t size) {
  size_t n = 0;
  for (size_t i = 0; i < length && n + 1 < size; i++) {
    int c = value[i] == '+' ? ' ' : value[i];
    int escape = c == '%' && length - i > 2 ? read_escape(value + i + 1) : -1;
    if (escape > 0) {
      c = escape;
      i += 2;
    }
    text[n++] = (char)c;
  }
  text[n] = '\0';
}

bool request_query(const struct request *request, const char *name, char *text,
                   size_t size) {
  size_t name_length = strlen(name);
  const char *pair = request->query;
  text[0] = '\0';
  while (pair != NULL && *pair != '\0') {
    size_t length = strcspn(pair, "&");
    if (length > name_length && strncmp(pair, name, name_length) == 0 &&
        pair[name_length] == '=') {
      decode_value(pair + name_length + 1, length - name_length - 1, text, size);
      return true;
    }
    pair += length + (pair[length] == '&');
  }
  return false;
}
