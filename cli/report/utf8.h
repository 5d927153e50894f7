/* report/utf8.h - text from files and arguments, made fit to be shown. */
#ifndef CLI_REPORT_UTF8_H
#define CLI_REPORT_UTF8_H

#include <stddef.h>

/* U+FFFD, for what cannot be shown. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the character that begins at `text`, which is not at its end; 0 where there is
 * none that may be shown: no valid UTF-8, a control character, not a character. */
size_t utf8_length(const char *text);

/* A copy in which each byte that is not part of one is U+FFFD. NULL: out of memory. Freed
 * with free. */
char *utf8_clean(const char *text);

#endif
