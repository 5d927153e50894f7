#include <stdbool.h>
#include <string.h>

#include <hrl/scenario.h>

#include "base/error.h"
#include "scenario/value.h"

static bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '_' || c == '-' || c == '.';
}

hrl_status hrl_name_sanitize(const char *raw, char name[HRL_NAME_SIZE],
                             hrl_error *error) {
  if (raw == NULL || name == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "a name is needed");
  const char *slash = strrchr(raw, '/');
  if (slash != NULL) raw = slash + 1;
  size_t length = 0;
  name[0] = '\0';
  for (const unsigned char *c = (const unsigned char *)raw; *c != '\0'; c++) {
    /* one '_' for a letter such as é, not one for each of its bytes */
    if ((*c & 0xc0) == 0x80 && c != (const unsigned char *)raw && c[-1] >= 0x80) continue;
    if (length == HRL_NAME_SIZE - 1) {
      name[0] = '\0';
      return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                       "a name of more than %d characters is not accepted",
                       HRL_NAME_SIZE - 1);
    }
    bool kept = is_plain((char)*c) && !(length == 0 && *c == '.');
    name[length++] = (char)(kept ? *c : '_');
  }
  name[length] = '\0';
  if (length > 0 && strcmp(name, "_") != 0) return HRL_OK;
  name[0] = '\0';
  char shown[HRLP_FOUND_SIZE];
  hrlp_value_show(raw, shown);
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "%s is not a name; use letters, digits, '_', '-' and '.'", shown);
}
