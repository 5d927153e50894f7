#include "common/run_filter.h"

#include <string.h>

#include <hrl/runs.h>

unsigned run_states_parse(const char *text) {
  unsigned states = 0;
  while (*text != '\0') {
    size_t length = strcspn(text, ",");
    unsigned found = 0;
    for (int state = 0; state < HRL_RUN_STATE_COUNT; state++) {
      const char *name = hrl_run_state_name((hrl_run_state)state);
      if (strlen(name) == length && strncmp(name, text, length) == 0) found = 1U << state;
    }
    if (found == 0) return 0;
    states |= found;
    text += length + (text[length] == ',');
  }
  return states;
}

bool run_time_is_valid(const char *text) {
  static const char form[] = "0000-00-00T00:00:00.000000";
  size_t length = strlen(text);
  if (length < 4 || length >= sizeof form) return false;
  for (size_t i = 0; i < length; i++) {
    bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
  }
  return true;
}

size_t run_ids_parse(const char *text, uint64_t *ids, size_t most) {
  size_t count = 0;
  for (;;) {
    size_t length = strspn(text, "0123456789");
    uint64_t id = 0;
    if (length == 0 || count == most) return 0;
    for (size_t i = 0; i < length; i++) {
      unsigned digit = (unsigned)(text[i] - '0');
      if (id > ((uint64_t)INT64_MAX - digit) / 10) return 0;
      id = id * 10 + digit;
    }
    if (id == 0) return 0;
    ids[count++] = id;
    if (text[length] == '\0') return count;
    if (text[length] != ',') return 0;
    text += length + 1;
  }
}
