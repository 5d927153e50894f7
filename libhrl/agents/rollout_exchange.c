#include "agents/rollout_exchange.h"

#include <string.h>

#include "base/memory.h"

/* An array of which each episode has as many bytes. */
struct column {
  char *data;
  size_t bytes;
};

/* All that a batch leaves behind: its episodes, and six arrays, two of nodes and two of
 * ends for each of two agents. */
struct columns {
  struct column items[1 + 2 * 10];
  size_t count;
  size_t bytes; /* of an episode in all of them */
};

static void add_column(struct columns *columns, void *data, size_t bytes) {
  columns->items[columns->count++] = (struct column){data, bytes};
  columns->bytes += bytes;
}

static void add_trajectories(struct columns *columns,
                             struct hrlp_trajectories *trajectories,
                             const struct hrlp_actor_critic *agent) {
  size_t row = trajectories->steps * sizeof(float);
  size_t nodes = row * trajectories->nodes;
  add_column(columns, trajectories->lengths, sizeof *trajectories->lengths);
  add_column(columns, trajectories->observations, row * agent->observations);
  add_column(columns, trajectories->offsets, row * agent->actions);
  add_column(columns, trajectories->actions, row * agent->actions);
  add_column(columns, trajectories->log_probabilities, row);
  add_column(columns, trajectories->rewards, row);
  if (nodes > 0) {
    add_column(columns, trajectories->node_observations, nodes * agent->observations);
    add_column(columns, trajectories->node_weights, nodes);
  }
  if (trajectories->truncated == NULL) return;
  add_column(columns, trajectories->truncated, sizeof *trajectories->truncated);
  add_column(columns, trajectories->last_observations,
             agent->observations * sizeof(float));
}

static void copy_episode(const struct columns *columns, size_t episode, char *memory,
                         bool pack) {
  for (size_t i = 0; i < columns->count; i++) {
    const struct column *column = &columns->items[i];
    char *data = column->data + episode * column->bytes;
    memcpy(pack ? memory : data, pack ? data : memory, column->bytes);
    memory += column->bytes;
  }
}

hrl_status hrlp_rollout_exchange(const struct hrlp_rollout_request *request, size_t shard,
                                 struct hrlp_share share, struct hrlp_group *group,
                                 hrl_error *error) {
  struct columns columns = {.count = 0};
  add_column(&columns, request->episodes, sizeof *request->episodes);
  if (request->buffer != NULL) {
    add_trajectories(&columns, &request->buffer->strategist,
                     &request->agents->strategist);
    add_trajectories(&columns, &request->buffer->executor, &request->agents->executor);
  }
  size_t first = share.first * shard;
  size_t end = share.end * shard < request->count ? share.end * shard : request->count;
  size_t bytes = share.block * shard * columns.bytes;
  char *memory = hrlp_group_reserve(group, bytes);
  if (memory == NULL) return hrlp_fail_memory(error, "the episodes of all ranks");
  /* blocks follow each other without gaps: episode i is at i * columns.bytes */
  for (size_t i = first; i < end; i++)
    copy_episode(&columns, i, memory + i * columns.bytes, true);
  hrl_status status = hrlp_group_gather(group, "episodes", memory, bytes, error);
  for (size_t i = 0; i < request->count && status == HRL_OK; i++)
    if (i < first || i >= end)
      copy_episode(&columns, i, memory + i * columns.bytes, false);
  return status;
}
