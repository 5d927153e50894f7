#include "serve/simulation/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"

/* What comes before the long parts of a file. */
#define HEAD_SIZE 16384
/* Of a name in an id: two of them, and what is behind, make a name of a file. */
#define NAME_PART 80

void result_id(char id[RESULT_ID_SIZE], const char *model, const char *scenario,
               int64_t seconds, unsigned copy) {
  int length = snprintf(id, RESULT_ID_SIZE, "%.*s_%.*s_%lld", NAME_PART, model, NAME_PART,
                        scenario, (long long)seconds);
  if (copy > 1) snprintf(id + length, RESULT_ID_SIZE - (size_t)length, "_%u", copy);
}

bool result_id_read(const char *given, size_t length, char id[RESULT_ID_SIZE],
                    hrl_error *error) {
  static const char ending[] = ".json";
  const size_t tail = sizeof ending - 1;
  char *raw = malloc(length + 1);
  if (raw == NULL) return false;
  for (size_t i = 0; i < length; i++) raw[i] = (char)(given[i] == '\0' ? '_' : given[i]);
  raw[length] = '\0';
  if (length > tail && strcmp(raw + length - tail, ending) == 0)
    raw[length - tail] = '\0';
  hrl_status status = hrl_name_sanitize(raw, id, error);
  free(raw);
  return status == HRL_OK;
}

/* Where the first of the long parts begins; NULL: nowhere. */
static char *find_long_part(char *text) {
  char *episodes = strstr(text, "\"episodes\":");
  char *percentiles = strstr(text, "\"percentiles\":");
  return percentiles != NULL && (episodes == NULL || percentiles < episodes) ? percentiles
                                                                             : episodes;
}

json_t *result_head_parse(char *text) {
  char *end = find_long_part(text);
  if (end == NULL) return NULL;
  while (end > text && strchr(" \t\r\n,", end[-1]) != NULL) end--;
  *end = '}'; /* there was a ',' at least */
  return json_read(text, (size_t)(end - text) + 1);
}

json_t *result_head(const char *folder, const char *file_name) {
  struct file file;
  if (folder_read_start(folder, file_name, HEAD_SIZE, &file) != 0) return NULL;
  json_t *head = result_head_parse(file.text);
  free(file.text);
  bool has_time = json_is_string(json_object_get(head, "timestamp"));
  if (!has_time && folder_read(folder, file_name, RESULT_FILE_MAX, &file) == 0) {
    /* the members may be in another order */
    json_decref(head);
    head = json_read(file.text, file.length);
    free(file.text);
  }
  if (json_is_object(head)) return head;
  json_decref(head);
  return NULL;
}

json_t *result_row(const json_t *head, const char *id) {
  static const char *const texts[] = {"scenario_name", "model_name", "timestamp"};
  static const char *const others[] = {"num_episodes", "total_wealth_mean",
                                       "duration_mean"};
  json_t *row = json_pack("{s:s, s:s}", "simulation_id", id, "id", id);
  for (size_t i = 0; i < 3; i++) {
    json_t *text = json_object_get(head, texts[i]);
    if (!json_is_string(text)) {
      json_decref(row);
      return NULL;
    }
    json_object_set(row, texts[i], text);
  }
  json_object_set(row, "created_at", json_object_get(head, "timestamp"));
  for (size_t i = 0; i < 3; i++) {
    json_t *number = json_object_get(head, others[i]);
    json_object_set(row, others[i], json_is_number(number) ? number : json_null());
  }
  json_t *model = json_object_get(head, "model");
  json_object_set(row, "model", json_is_string(model) ? model : json_null());
  return row;
}
