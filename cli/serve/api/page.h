/* api/page.h - lists: a page of each, by `limit` and `offset` of the query, and a tag. */
#ifndef SERVE_API_PAGE_H
#define SERVE_API_PAGE_H

#include "serve/api/task.h"

/* Entries `begin` to `end` (not included) of a list. */
struct page {
  size_t begin, end;
};

/* What a request wants of `total` entries; its answer will tell how many there are. */
struct page page_of(struct task *task, size_t total);

/* Answers with JSON, taken over, whose tag is made of what it says. */
void page_reply(struct task *task, json_t *json);

/* The query of every list. */
extern const struct schema page_query_schema;

#endif
