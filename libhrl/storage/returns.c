#include "storage/returns.h"

#include <stdlib.h>
#include <string.h>

bool hrlp_returns_resize(struct hrlp_returns *returns, size_t capacity, size_t episodes) {
  if (returns->capacity == capacity && returns->episodes == episodes) return true;
  struct hrlp_returns resized = {
      .capacity = capacity, .episodes = episodes, .newest = returns->newest};
  if (capacity == 0) {
    hrlp_returns_free(returns);
    return true;
  }
  resized.values = calloc(capacity * episodes, sizeof *resized.values);
  if (resized.values == NULL) return false;
  if (episodes == returns->episodes && returns->values != NULL) {
    resized.count = returns->count < capacity ? returns->count : capacity;
    memcpy(resized.values, returns->values + (returns->count - resized.count) * episodes,
           resized.count * episodes * sizeof *resized.values);
  }
  if (resized.count == 0) resized.newest = 0;
  hrlp_returns_free(returns);
  *returns = resized;
  return true;
}

void hrlp_returns_add(struct hrlp_returns *returns, uint64_t episode,
                      const double *values) {
  const size_t row = returns->episodes;
  if (returns->capacity == 0 || (returns->count > 0 && returns->newest == episode))
    return;
  if (returns->count == returns->capacity) {
    returns->count--;
    memmove(returns->values, returns->values + row,
            returns->count * row * sizeof *returns->values);
  }
  memcpy(returns->values + returns->count * row, values, row * sizeof *returns->values);
  returns->count++;
  returns->newest = episode;
}

void hrlp_returns_free(struct hrlp_returns *returns) {
  free(returns->values);
  *returns = (struct hrlp_returns){0};
}
