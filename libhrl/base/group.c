#include "base/group.h"

#include <string.h>

#include "base/memory.h"

struct hrlp_group {
  hrl_communicator communicator;
  bool aborted;
  void *memory; /* [ranks, room] bytes, or NULL */
  size_t room;
};

hrl_status hrlp_group_create(const hrl_communicator *communicator,
                             struct hrlp_group **result, hrl_error *error) {
  *result = NULL;
  if (communicator == NULL) return HRL_OK;
  if (communicator->size < sizeof *communicator)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "communicator: found a size of %zu bytes, expected "
                     "sizeof(hrl_communicator)",
                     communicator->size);
  if (communicator->ranks < 1 || communicator->ranks > HRL_RANKS_MAX ||
      communicator->rank >= communicator->ranks)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "communicator: found rank %u of %u, expected one of 1 to %d ranks, "
                     "counted from 0",
                     (unsigned)communicator->rank, (unsigned)communicator->ranks,
                     HRL_RANKS_MAX);
  if (communicator->ranks == 1) return HRL_OK;
  if (communicator->gather == NULL || communicator->broadcast == NULL ||
      communicator->barrier == NULL || communicator->give_up == NULL)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "communicator: expected all of gather, broadcast, barrier and give_up");
  struct hrlp_group *group = hrlp_alloc(1, sizeof *group);
  if (group == NULL) return hrlp_fail_memory(error, "the ranks of a run");
  memcpy(&group->communicator, communicator, sizeof group->communicator);
  *result = group;
  return HRL_OK;
}

void hrlp_group_destroy(struct hrlp_group *group) {
  if (group == NULL) return;
  hrlp_free(group->memory);
  hrlp_free(group);
}

size_t hrlp_group_rank(const struct hrlp_group *group) {
  return group == NULL ? 0 : group->communicator.rank;
}

size_t hrlp_group_ranks(const struct hrlp_group *group) {
  return group == NULL ? 1 : group->communicator.ranks;
}

struct hrlp_share hrlp_group_share(const struct hrlp_group *group, size_t count) {
  size_t ranks = hrlp_group_ranks(group);
  if (ranks == 1 || count < 2) return (struct hrlp_share){0, count, count, false};
  size_t block = (count + ranks - 1) / ranks;
  size_t first = block * hrlp_group_rank(group);
  size_t end = first + block;
  return (struct hrlp_share){first < count ? first : count, end < count ? end : count,
                             block, true};
}

size_t hrlp_group_sharers(const struct hrlp_group *group, size_t count) {
  size_t block = hrlp_group_share(group, count).block;
  return (count + block - 1) / block;
}

/* What a call of the host's came to. */
static hrl_status check(const struct hrlp_group *group, const char *what, int failure,
                        hrl_error *error) {
  if (failure == 0) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_RANKS,
                   "rank %zu of %zu could not exchange %s: another rank has failed or "
                   "cannot be reached; its own message says why, and a run with "
                   "checkpoints can be resumed",
                   hrlp_group_rank(group), hrlp_group_ranks(group), what);
}

hrl_status hrlp_group_gather(struct hrlp_group *group, const char *what, void *blocks,
                             size_t bytes, hrl_error *error) {
  if (group == NULL) return HRL_OK;
  const hrl_communicator *host = &group->communicator;
  return check(group, what, host->gather(host->data, blocks, bytes), error);
}

hrl_status hrlp_group_broadcast(struct hrlp_group *group, const char *what, size_t root,
                                void *buffer, size_t bytes, hrl_error *error) {
  if (group == NULL) return HRL_OK;
  const hrl_communicator *host = &group->communicator;
  return check(group, what, host->broadcast(host->data, (uint32_t)root, buffer, bytes),
               error);
}

hrl_status hrlp_group_barrier(struct hrlp_group *group, const char *what,
                              hrl_error *error) {
  if (group == NULL) return HRL_OK;
  const hrl_communicator *host = &group->communicator;
  return check(group, what, host->barrier(host->data), error);
}

void *hrlp_group_reserve(struct hrlp_group *group, size_t bytes) {
  if (bytes <= group->room) return group->memory;
  void *memory = hrlp_alloc(group->communicator.ranks, bytes);
  if (memory == NULL) return NULL;
  hrlp_free(group->memory);
  group->memory = memory;
  group->room = bytes;
  return memory;
}

void hrlp_group_abort(struct hrlp_group *group) {
  if (group == NULL || group->aborted) return;
  group->aborted = true;
  group->communicator.give_up(group->communicator.data);
}
