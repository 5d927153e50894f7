#include "report/utf8.h"

#include <stdlib.h>
#include <string.h>

size_t utf8_length(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  if (at[0] < 0x80)
    return (at[0] >= 0x20 && at[0] != 0x7f) || at[0] == '\n' || at[0] == '\t' ? 1 : 0;
  size_t length = at[0] < 0xc2   ? 0
                  : at[0] < 0xe0 ? 2
                  : at[0] < 0xf0 ? 3
                  : at[0] < 0xf5 ? 4
                                 : 0;
  for (size_t i = 1; i < length; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  /* controls; too long; surrogates; U+FFFE and U+FFFF; beyond the last */
  if (length == 2 && at[0] == 0xc2 && at[1] < 0xa0) return 0;
  if (length == 3 &&
      ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
       (at[0] == 0xef && at[1] == 0xbf && at[2] > 0xbd)))
    return 0;
  if (length == 4 && ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f)))
    return 0;
  return length;
}

char *utf8_clean(const char *text) {
  size_t most = strlen(text);
  char *clean = calloc(most + 1, 3);
  if (clean == NULL) return NULL;
  char *out = clean;
  while (*text != '\0') {
    size_t length = utf8_length(text);
    memcpy(out, length > 0 ? text : UTF8_REPLACEMENT, length > 0 ? length : 3);
    out += length > 0 ? length : 3;
    text += length > 0 ? length : 1;
  }
  return clean;
}
