/* common/json_text.h - values for JSON output that jansson alone would refuse. */
#ifndef CLI_JSON_TEXT_H
#define CLI_JSON_TEXT_H

#include <jansson.h>

/* A number, or null where it is not finite: JSON has no NaN. NULL: out of memory. */
json_t *json_number(double value);

/* Text; bytes that are not UTF-8, which a file's name may have, become '?'. NULL text
 * becomes null. NULL: out of memory. */
json_t *json_text(const char *text);

/* json_loadb of what other programs wrote, a zero behind it: NaN, Infinity and -Infinity, which JSON does not
 * have, are null. NULL: it is no JSON, or memory is short. */
json_t *json_read(const char *text, size_t length);

/* json_dumps with the shortest numbers that read back the same: 22.2, where jansson alone
 * writes 22.199999999999999. NULL: out of memory, or `json` is NULL. Freed with free. */
char *json_print(const json_t *json, size_t flags);

#endif
