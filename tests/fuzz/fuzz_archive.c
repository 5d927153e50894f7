/* The archive reader, and the reader of agents in one. What it accepts must survive being
 * written and read again.
 *
 * Each input is tried as it is and with its checksums put right: a change of a byte would
 * otherwise never get past them, and an attacker can compute checksums as well. */
#include <math.h>
#include <zlib.h>

#include "../archive_sample.h"
#include "environments/budget/features.h"
#include "fuzz.h"
#include "storage/agent_file.h"
#include "storage/archive.h"

#define END_SIZE 22
#define ENTRY_SIZE 46
#define LOCAL_SIZE 30
/* A hidden layer that agents are made for; larger ones only cost time. */
#define HIDDEN_MAX 16

static uint32_t number(const uint8_t *bytes, int size) {
  uint32_t value = 0;
  for (int i = size; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

static void put_checksum(uint8_t *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

/* The checksum of one entry of the directory, there and before its data. */
static void repair_entry(uint8_t *zip, size_t size, uint8_t *entry) {
  size_t length = number(entry + 20, 4);
  size_t local = number(entry + 42, 4);
  if (local > size || size - local < LOCAL_SIZE) return;
  size_t data =
      local + LOCAL_SIZE + number(zip + local + 26, 2) + number(zip + local + 28, 2);
  if (data > size || length > size - data) return;
  uint32_t checksum = (uint32_t)crc32_z(crc32_z(0, NULL, 0), zip + data, length);
  put_checksum(entry + 16, checksum);
  put_checksum(zip + local + 14, checksum);
}

static void repair(uint8_t *zip, size_t size) {
  if (size < END_SIZE) return;
  size_t end = size - END_SIZE;
  while (end > 0 && memcmp(zip + end, "PK\005\006", 4) != 0) end--;
  size_t at = number(zip + end + 16, 4);
  for (unsigned left = number(zip + end + 10, 2); left > 0; left--) {
    if (at > size || size - at < ENTRY_SIZE) return;
    repair_entry(zip, size, zip + at);
    at += ENTRY_SIZE + number(zip + at + 28, 2) + number(zip + at + 30, 2) +
          number(zip + at + 32, 2);
  }
}

static void write_and_read(const struct hrlp_value *root) {
  hrl_error error = HRL_ERROR_INIT;
  char *bytes = NULL;
  size_t length = 0;
  hrl_status status = hrlp_archive_write(root, "fuzz", &bytes, &length, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  struct hrlp_value *again = NULL;
  status = hrlp_archive_read("fuzz.pt", bytes, length, &again, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  PROMISE(same_tree(root, again));
  hrlp_value_free(again);
  free(bytes);
}

static void check_agent(const struct hrlp_actor_critic *agent) {
  for (size_t i = 0; i < agent->count; i++) PROMISE(isfinite(agent->parameters[i]));
  for (size_t i = 0; i < agent->count; i++) PROMISE(isfinite(agent->moment1[i]));
  for (size_t i = 0; i < agent->count; i++) PROMISE(isfinite(agent->moment2[i]));
}

/* Reads the tree as an agent, as hrl_policy_load and hrl_trainer_load do. */
static void read_agent(const struct hrlp_value *root, enum hrlp_agent_kind kind,
                       bool with_optimizer) {
  hrl_error error = HRL_ERROR_INIT;
  size_t hidden = 0;
  hrl_status status = hrlp_agent_file_hidden("fuzz.pt", root, &hidden, &error);
  promise_error(status, &error);
  if (status != HRL_OK || hidden == 0 || hidden > HIDDEN_MAX) return;
  bool high = kind == HRLP_STRATEGIST;
  struct hrlp_actor_critic agent;
  status = hrlp_actor_critic_create(
      &agent, high ? HRLP_BUDGET_STRATEGIST_OBSERVATIONS : HRLP_BUDGET_EXECUTOR_OBSERVATIONS,
      high ? HRLP_BUDGET_STRATEGIST_ACTIONS : HRLP_BUDGET_EXECUTOR_ACTIONS, hidden, HRLP_TANH, 0.0f, 1,
      1, &error);
  PROMISE(status == HRL_OK);
  status = hrlp_agent_file_read("fuzz.pt", root, kind, &agent, with_optimizer, &error);
  promise_error(status, &error);
  check_agent(&agent);
  hrlp_actor_critic_destroy(&agent);
}

static void try_bytes(const uint8_t *data, size_t size) {
  hrl_error error = HRL_ERROR_INIT;
  struct hrlp_value *root = NULL;
  hrl_status status = hrlp_archive_read("fuzz.pt", data, size, &root, &error);
  promise_error(status, &error);
  PROMISE((status == HRL_OK) == (root != NULL));
  if (root == NULL) return;
  write_and_read(root);
  for (int i = 0; i < 4; i++)
    read_agent(root, i % 2 == 0 ? HRLP_STRATEGIST : HRLP_EXECUTOR, i < 2);
  hrlp_value_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  try_bytes(data, size);
  uint8_t *repaired = malloc(size > 0 ? size : 1);
  PROMISE(repaired != NULL);
  memcpy(repaired, data, size);
  repair(repaired, size);
  if (memcmp(repaired, data, size) != 0) try_bytes(repaired, size);
  free(repaired);
  return 0;
}
