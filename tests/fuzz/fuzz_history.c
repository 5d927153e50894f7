/* The reader of training_history.json. What it accepts must be written as a file that
 * reads as the same, also after the run went on. */
#include "fuzz.h"
#include "storage/history.h"

static struct hrlp_history make_history(void) {
  struct hrlp_history history;
  PROMISE(hrlp_history_create(&history, NULL) == HRL_OK);
  return history;
}

static struct hrlp_text format(const struct hrlp_history *history) {
  hrl_error error = HRL_ERROR_INIT;
  struct hrlp_text text;
  hrl_status status = hrlp_history_format(history, &text, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  return text;
}

static void check_bounds(const struct hrlp_history *history) {
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++)
    PROMISE(history->series[i].count < HRLP_HISTORY_ENTRIES);
}

/* Compares texts, not entries: an entry that is no number is none in both. */
static void write_and_read(const struct hrlp_history *history) {
  struct hrlp_text first = format(history);
  struct hrlp_history again = make_history();
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status =
      hrlp_history_parse(&again, "fuzz.json", first.data, first.length, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    PROMISE(again.series[i].count == history->series[i].count);
    again.series[i].stride = history->series[i].stride; /* metadata.json has it */
  }
  struct hrlp_text second = format(&again);
  PROMISE(first.length == second.length);
  PROMISE(memcmp(first.data, second.data, first.length) == 0);
  hrlp_text_free(&first);
  hrlp_text_free(&second);
  hrlp_history_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct hrlp_history history = make_history();
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status =
      hrlp_history_parse(&history, "fuzz.json", (const char *)data, size, &error);
  promise_error(status, &error);
  check_bounds(&history);
  if (status == HRL_OK) {
    write_and_read(&history);
    struct hrlp_episode episode = {.reward = -1.5, .months = 12, .wealth = 1e300};
    hrlp_history_add_episode(&history, &episode, 0.25);
    hrlp_history_add_losses(&history, 0.1, 1e-40);
    check_bounds(&history);
    write_and_read(&history);
  }
  hrlp_history_destroy(&history);
  return 0;
}
