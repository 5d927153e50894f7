#include "json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_text(const char *text) {
  if (text == NULL) return json_null();
  json_t *value = json_string(text);
  if (value != NULL) return value;
  char *plain = strdup(text);
  if (plain == NULL) return NULL;
  for (char *c = plain; *c != '\0'; c++)
    if ((unsigned char)*c >= 0x80) *c = '?';
  value = json_string(plain);
  free(plain);
  return value;
}
