#include "serve/api/page.h"

#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/files/folder.h"
#include "serve/http/schema_types.h"

/* Entries of a page that does not say how many it wants, and of any page at most. */
#define PAGE_MAX 1000

struct page page_of(struct task *task, size_t total) {
  size_t limit = task_number(task, "limit"), begin = task_number(task, "offset");
  task->counted = true;
  task->total = total;
  if (begin > total) begin = total;
  return (struct page){begin, begin + (limit < total - begin ? limit : total - begin)};
}

void page_reply(struct task *task, json_t *json) {
  char etag[FILE_ETAG_SIZE];
  char *text = json_print(json, JSON_COMPACT);
  json_decref(json);
  if (text == NULL) {
    task_reply_json(task, 500, NULL);
    return;
  }
  file_etag(etag, text, strlen(text));
  if (task_is_known(task, etag))
    free(text);
  else
    task_reply_text(task, 200, TYPE_JSON, text, strlen(text));
}

static const struct field page_fields[] = {
    {.name = "limit",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = PAGE_MAX,
     .maximum = PAGE_MAX,
     .text = "entries at most"},
    {.name = "offset",
     .type = FIELD_INTEGER,
     .bounded = true,
     .has_default = true,
     .most = 1e9,
     .text = "entries to skip; X-Total-Count has the total"},
};
const struct schema page_query_schema = SCHEMA("Page", page_fields);
