#include "serve/http/origins.h"

#include <stdio.h>
#include <string.h>

const char *cors_allowed_origin(const char *allowed, const char *origin) {
  if (origin[0] == '\0') return NULL;
  size_t length = strlen(origin);
  while (*allowed != '\0') {
    size_t item = strcspn(allowed, ",");
    if (item == 1 && *allowed == '*') return "*";
    if (item == length && strncmp(allowed, origin, length) == 0) return origin;
    allowed += item + (allowed[item] == ',');
  }
  return NULL;
}

/* The length of one origin after it was normalised in place; 0: it can never match. */
static size_t normalise_one(char *origin, size_t length) {
  static const char marks[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  if (length == 1 && origin[0] == '*') return length;
  if (length == 4 && memcmp(origin, "null", 4) == 0) return length;
  for (size_t i = 0; i < length; i++)
    if (origin[i] >= 'A' && origin[i] <= 'Z') origin[i] = (char)(origin[i] - 'A' + 'a');
  if (length > 0 && origin[length - 1] == '/') length--;
  char *host = memmem(origin, length, "://", 3);
  if (host == NULL || host == origin) return 0;
  host += 3;
  size_t rest = length - (size_t)(host - origin);
  size_t name = 0;
  if (rest > 0 && host[0] == '[') { /* an address of IPv6 */
    while (name < rest && host[name] != ']') name++;
    if (name == rest) return 0;
    name++;
  } else {
    while (name < rest && strchr(marks, host[name]) != NULL) name++;
  }
  if (name == 0) return 0;
  if (name == rest) return length;
  size_t digits = rest - name - 1;
  if (host[name] != ':' || digits < 1 || digits > 5) return 0;
  for (size_t i = 0; i < digits; i++)
    if (host[name + 1 + i] < '0' || host[name + 1 + i] > '9') return 0;
  bool is_own = (memcmp(origin, "http:", 5) == 0 && digits == 2 &&
                 memcmp(host + name, ":80", 3) == 0) ||
                (memcmp(origin, "https:", 6) == 0 && digits == 3 &&
                 memcmp(host + name, ":443", 4) == 0);
  return is_own ? length - digits - 1 : length;
}

bool origins_normalise(char *list, char *wrong, size_t size) {
  char *to = list;
  for (char *from = list;;) {
    size_t whole = strcspn(from, ",");
    bool last = from[whole] == '\0';
    char *begin = from;
    size_t length = whole;
    while (length > 0 && (*begin == ' ' || *begin == '\t')) begin++, length--;
    while (length > 0 && (begin[length - 1] == ' ' || begin[length - 1] == '\t'))
      length--;
    snprintf(wrong, size, "%.*s", (int)length, begin);
    length = normalise_one(begin, length);
    if (length == 0) return false;
    if (to != list) *to++ = ',';
    memmove(to, begin, length);
    to += length;
    if (last) break;
    from += whole + 1;
  }
  *to = '\0';
  return true;
}
