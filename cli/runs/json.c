#include "runs/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/console.h"
#include "common/json_text.h"

bool runs_print_json(json_t *json, size_t flags) {
  char *text = json_print(json, flags);
  if (text != NULL)
    puts(text);
  else
    console_error("out of memory");
  free(text);
  json_decref(json);
  return text != NULL;
}
