#include "serve/origins.h"

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
