#include "storage/agent_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <hrl/version.h>

#include "base/memory.h"
#include "math/vector.h"
#include "storage/archive.h"
#include "storage/metadata.h"

/* Returns that a scale read from a file counts for: about as many as a batch has. */
#define KEPT_RETURNS 1000.0

const char *hrlp_agent_kind_name(enum hrlp_agent_kind kind) {
  return kind == HRLP_STRATEGIST ? "strategist" : "executor";
}

static const struct hrlp_actor_critic *agent_of(const struct hrlp_agents *agents,
                                                enum hrlp_agent_kind kind) {
  return kind == HRLP_STRATEGIST ? &agents->strategist : &agents->executor;
}

/* The parameters one by one, as PyTorch knows them. */
struct piece {
  char name[32];  /* in its state dict; "" for log_std */
  size_t offset;  /* in the flat array */
  size_t in, out; /* a weight is [in, out] here and [out, in] there; biases have in = 0 */
};
#define MAX_PIECES (4 * HRLP_MLP_MAX_LAYERS + 1)

static size_t list_network(const struct hrlp_mlp *mlp, size_t base,
                           struct piece *pieces) {
  size_t count = 0;
  for (size_t layer = 0; layer < mlp->layers; layer++) {
    size_t in = mlp->widths[layer];
    size_t out = mlp->widths[layer + 1];
    size_t offset = base + hrlp_mlp_layer_offset(mlp, layer);
    struct piece weight = {.offset = offset, .in = in, .out = out};
    struct piece bias = {.offset = offset + in * out, .out = out};
    /* the activations between the layers have numbers of their own */
    snprintf(weight.name, sizeof weight.name, "network.%zu.weight", 2 * layer);
    snprintf(bias.name, sizeof bias.name, "network.%zu.bias", 2 * layer);
    pieces[count++] = weight;
    pieces[count++] = bias;
  }
  return count;
}

/* Policy, value, log_std: the order of the optimiser's parameters. */
static size_t list_pieces(const struct hrlp_actor_critic *agent, struct piece *pieces,
                          size_t *policy_count) {
  size_t count = list_network(&agent->actor, 0, pieces);
  *policy_count = count;
  count += list_network(&agent->critic, agent->critic_offset, pieces + count);
  pieces[count++] =
      (struct piece){.offset = agent->log_std_offset, .out = agent->actions};
  return count;
}

static int piece_shape(const struct piece *piece, int64_t shape[2]) {
  shape[0] = (int64_t)piece->out;
  shape[1] = (int64_t)piece->in;
  return piece->in > 0 ? 2 : 1;
}

/* A piece of `flat` as a tensor, transposed to PyTorch's order. */
static struct hrlp_value *make_tensor(const float *flat, const struct piece *piece) {
  int64_t shape[2];
  int rank = piece_shape(piece, shape);
  struct hrlp_value *value = hrlp_value_tensor(HRLP_FLOAT32, rank, shape, NULL);
  if (value == NULL) return NULL;
  float *target = value->tensor.data;
  const float *source = flat + piece->offset;
  if (rank == 1) {
    memcpy(target, source, piece->out * sizeof(float));
    return value;
  }
  for (size_t i = 0; i < piece->in; i++)
    for (size_t j = 0; j < piece->out; j++)
      target[j * piece->in + i] = source[i * piece->out + j];
  return value;
}

static void take_tensor(float *flat, const struct piece *piece,
                        const struct hrlp_tensor *tensor) {
  const float *source = tensor->data;
  float *target = flat + piece->offset;
  if (piece->in == 0) {
    memcpy(target, source, piece->out * sizeof(float));
    return;
  }
  for (size_t i = 0; i < piece->in; i++)
    for (size_t j = 0; j < piece->out; j++)
      target[i * piece->out + j] = source[j * piece->in + i];
}

/* A number of Adam's as a scalar tensor: torch.load(weights_only=True) of PyTorch 1.13,
 * the one in Debian 12, accepts no plain floats, and Adam computes with either. */
static struct hrlp_value *make_scalar(double number) {
  return hrlp_value_tensor(HRLP_FLOAT64, 0, NULL, &number);
}

/* torch.optim.Adam's state_dict(). */
static void add_optimizer(struct hrlp_value *root, const struct hrlp_actor_critic *agent,
                          double rate, const struct piece *pieces, size_t count) {
  struct hrlp_value *optimizer =
      hrlp_value_set(root, "optimizer_state_dict", hrlp_value_dict(false));
  struct hrlp_value *state = hrlp_value_set(optimizer, "state", hrlp_value_dict(false));
  /* before its first step Adam has no state */
  for (size_t i = 0; agent->steps > 0 && i < count; i++) {
    struct hrlp_value *entry =
        hrlp_value_set_at(state, (int64_t)i, hrlp_value_dict(false));
    /* an integer, as older versions have it: newer ones make a tensor of it when they
     * load, and it takes a tenth of a tensor's room */
    hrlp_value_set(entry, "step", hrlp_value_int((int64_t)agent->steps));
    hrlp_value_set(entry, "exp_avg", make_tensor(agent->moment1, &pieces[i]));
    hrlp_value_set(entry, "exp_avg_sq", make_tensor(agent->moment2, &pieces[i]));
  }
  struct hrlp_value *group =
      hrlp_value_append(hrlp_value_set(optimizer, "param_groups", hrlp_value_list()),
                        hrlp_value_dict(false));
  hrlp_value_set(group, "lr", make_scalar(rate));
  struct hrlp_value *betas = hrlp_value_set(group, "betas", hrlp_value_tuple());
  hrlp_value_append(betas, make_scalar(0.9));
  hrlp_value_append(betas, make_scalar(0.999));
  hrlp_value_set(group, "eps", make_scalar(1e-5));
  hrlp_value_set(group, "weight_decay", hrlp_value_int(0));
  hrlp_value_set(group, "amsgrad", hrlp_value_bool(false));
  hrlp_value_set(group, "maximize", hrlp_value_bool(false));
  hrlp_value_set(group, "foreach", hrlp_value_none());
  hrlp_value_set(group, "capturable", hrlp_value_bool(false));
  struct hrlp_value *params = hrlp_value_set(group, "params", hrlp_value_list());
  for (size_t i = 0; i < count; i++)
    hrlp_value_append(params, hrlp_value_int((int64_t)i));
}

/* A checksum as text. */
static void format_checksum(char text[HRLP_IDENTITY_SIZE], uint32_t first,
                            uint32_t second) {
  snprintf(text, HRLP_IDENTITY_SIZE, "%08x%08x", (unsigned)first, (unsigned)second);
}

/* Nothing random is in it: the same run has the same files. */
static void add_identity(struct hrlp_value *config, const struct hrlp_agents *agents,
                         const char *scenario_yaml, uint64_t episode) {
  const struct hrlp_actor_critic *high = &agents->strategist;
  const struct hrlp_actor_critic *low = &agents->executor;
  char text[HRLP_IDENTITY_SIZE];
  format_checksum(text, hrlp_checksum(scenario_yaml, strlen(scenario_yaml)),
                  hrlp_checksum(&agents->seed, sizeof agents->seed));
  hrlp_value_set(config, "run", hrlp_value_text(text));
  hrlp_value_set(config, "episode", hrlp_value_int((int64_t)episode));
  format_checksum(text, hrlp_checksum(high->parameters, high->count * sizeof(float)),
                  hrlp_checksum(low->parameters, low->count * sizeof(float)));
  hrlp_value_set(config, "pair", hrlp_value_text(text));
}

static bool read_text(const struct hrlp_value *config, const char *key,
                      char text[HRLP_IDENTITY_SIZE]) {
  const struct hrlp_value *value = hrlp_value_get(config, key);
  if (value == NULL || value->kind != HRLP_TEXT) return false;
  snprintf(text, HRLP_IDENTITY_SIZE, "%s", value->text);
  return true;
}

static int64_t read_count(const struct hrlp_value *config, const char *key) {
  const struct hrlp_value *value = hrlp_value_get(config, key);
  return value != NULL && value->kind == HRLP_INT ? value->integer : -1;
}

struct hrlp_agent_identity hrlp_agent_file_identity(const struct hrlp_value *root) {
  const struct hrlp_value *config = hrlp_value_get(root, "config");
  struct hrlp_agent_identity identity = {.seed = read_count(config, "seed"),
                                         .episode = read_count(config, "episode")};
  identity.known = read_text(config, "run", identity.run) &&
                   read_text(config, "pair", identity.pair) && identity.episode >= 0;
  return identity;
}

bool hrlp_agent_identity_equals(const struct hrlp_agent_identity *a,
                                const struct hrlp_agent_identity *b) {
  return a->known == b->known && a->episode == b->episode &&
         strcmp(a->run, b->run) == 0 && strcmp(a->pair, b->pair) == 0;
}

struct hrlp_return_scale hrlp_agent_file_scale(const struct hrlp_value *root) {
  const struct hrlp_value *scale =
      hrlp_value_get(hrlp_value_get(root, "config"), "return_scale");
  if (scale == NULL || scale->kind != HRLP_FLOAT || !(scale->number > 0.0) ||
      !isfinite(scale->number))
    return (struct hrlp_return_scale){0};
  return (struct hrlp_return_scale){KEPT_RETURNS,
                                    KEPT_RETURNS * scale->number * scale->number};
}

static void add_config(struct hrlp_value *root, const struct hrlp_agents *agents,
                       enum hrlp_agent_kind kind, const struct hrl_scenario *scenario,
                       const char *scenario_yaml, uint64_t episode) {
  const struct hrlp_actor_critic *agent = agent_of(agents, kind);
  struct hrlp_value *config = hrlp_value_set(root, "config", hrlp_value_dict(false));
  hrlp_value_set(config, "format_version", hrlp_value_int(HRLP_AGENT_FORMAT));
  hrlp_value_set(config, "library_version", hrlp_value_text(HRL_VERSION_STRING));
  hrlp_value_set(config, "agent", hrlp_value_text(hrlp_agent_kind_name(kind)));
  hrlp_value_set(config, "observations", hrlp_value_int((int64_t)agent->observations));
  hrlp_value_set(config, "actions", hrlp_value_int((int64_t)agent->actions));
  hrlp_value_set(config, "hidden", hrlp_value_int((int64_t)agent->actor.widths[1]));
  hrlp_value_set(config, "activation", hrlp_value_text("tanh"));
  hrlp_value_set(config, "scenario", hrlp_value_text(scenario->name));
  hrlp_value_set(config, "scenario_raw_name", hrlp_value_text(scenario->raw_name));
  hrlp_value_set(config, "scenario_yaml", hrlp_value_text(scenario_yaml));
  if (agents->context > 0) { /* whose critic goes on in warm starts */
    const struct hrlp_return_scale *scale =
        kind == HRLP_STRATEGIST ? &agents->strategist_scale : &agents->executor_scale;
    hrlp_value_set(config, "return_scale",
                   hrlp_value_float(hrlp_return_scale_get(scale)));
  }
  hrlp_value_set(config, "seed", hrlp_value_int((int64_t)agents->seed));
  add_identity(config, agents, scenario_yaml, episode);
}

hrl_status hrlp_agent_file_write(const struct hrlp_agents *agents,
                                 enum hrlp_agent_kind kind,
                                 const struct hrl_scenario *scenario,
                                 const char *scenario_yaml, uint64_t episode,
                                 char **bytes, size_t *length, hrl_error *error) {
  const struct hrlp_actor_critic *agent = agent_of(agents, kind);
  struct piece pieces[MAX_PIECES];
  size_t policy_count = 0;
  size_t count = list_pieces(agent, pieces, &policy_count);
  struct hrlp_value *root = hrlp_value_dict(false);
  struct hrlp_value *policy =
      hrlp_value_set(root, "policy_network_state_dict", hrlp_value_dict(true));
  struct hrlp_value *value =
      hrlp_value_set(root, "value_network_state_dict", hrlp_value_dict(true));
  for (size_t i = 0; i + 1 < count; i++)
    hrlp_value_set(i < policy_count ? policy : value, pieces[i].name,
                   make_tensor(agent->parameters, &pieces[i]));
  hrlp_value_set(root, "log_std", make_tensor(agent->parameters, &pieces[count - 1]));
  add_optimizer(
      root, agent,
      kind == HRLP_STRATEGIST ? agents->config.rate_high : agents->config.rate_low,
      pieces, count);
  add_config(root, agents, kind, scenario, scenario_yaml, episode);
  /* the folder inside the archive has a fixed name, so that a checkpoint's file and a
   * model's, which hold the same, are the same bytes */
  hrl_status status =
      hrlp_archive_write(root, hrlp_agent_kind_name(kind), bytes, length, error);
  hrlp_value_free(root);
  return status;
}

static hrl_status read_piece(const char *file, const struct hrlp_value *root,
                             const char *path, const struct piece *piece, float *flat,
                             hrl_error *error) {
  int64_t shape[2];
  int rank = piece_shape(piece, shape);
  const struct hrlp_tensor *tensor = NULL;
  hrl_status status =
      hrlp_value_find_tensor(root, path, file, HRLP_FLOAT32, rank, shape, &tensor, error);
  if (status != HRL_OK) return status;
  if (!hrlp_all_finite(tensor->data, tensor->count))
    return hrlp_fail_at(error, HRL_ERROR_NUMERIC, file, 0, 0,
                        "%s holds a number that is not finite; the model is damaged, use "
                        "another checkpoint",
                        path);
  take_tensor(flat, piece, tensor);
  return HRL_OK;
}

/* Adam's moments and step. PyTorch 1.13 and later store the step as a scalar tensor,
 * earlier ones as an integer. */
static hrl_status read_optimizer(const char *file, const struct hrlp_value *root,
                                 const struct piece *pieces, size_t count,
                                 struct hrlp_actor_critic *agent, hrl_error *error) {
  const struct hrlp_value *optimizer = hrlp_value_get(root, "optimizer_state_dict");
  const struct hrlp_value *state = hrlp_value_get(optimizer, "state");
  agent->steps = 0;
  if (state != NULL && state->kind == HRLP_DICT && state->count == 0) return HRL_OK;
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    char path[64];
    snprintf(path, sizeof path, "optimizer_state_dict/state/%zu/exp_avg", i);
    status = read_piece(file, root, path, &pieces[i], agent->moment1, error);
    snprintf(path, sizeof path, "optimizer_state_dict/state/%zu/exp_avg_sq", i);
    if (status == HRL_OK)
      status = read_piece(file, root, path, &pieces[i], agent->moment2, error);
  }
  if (status != HRL_OK) return status;
  const struct hrlp_value *step = hrlp_value_get(hrlp_value_get_at(state, 0), "step");
  double steps = -1.0;
  if (step != NULL && step->kind == HRLP_INT) steps = (double)step->integer;
  if (step != NULL && step->kind == HRLP_TENSOR && step->tensor.dtype == HRLP_FLOAT32 &&
      step->tensor.count == 1)
    steps = (double)*(const float *)step->tensor.data;
  if (!(steps >= 0.0 && steps < 9e15))
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, file, 0, 0,
                        "optimizer_state_dict/state/0/step: expected a count of steps");
  agent->steps = (uint64_t)steps;
  return HRL_OK;
}

hrl_status hrlp_agent_file_hidden(const char *file, const struct hrlp_value *root,
                                  size_t *hidden, hrl_error *error) {
  const struct hrlp_tensor *bias = NULL;
  const int64_t any = -1;
  hrl_status status =
      hrlp_value_find_tensor(root, "policy_network_state_dict/network.0.bias", file,
                             HRLP_FLOAT32, 1, &any, &bias, error);
  if (status == HRL_OK) *hidden = bias->count;
  return status;
}

static hrl_status check_config(const char *file, const struct hrlp_value *root,
                               enum hrlp_agent_kind kind, hrl_error *error) {
  const struct hrlp_value *config = hrlp_value_get(root, "config");
  if (hrlp_value_get(config, "format_version") != NULL) {
    int64_t version = 0;
    hrl_status status =
        hrlp_value_find_int(root, "config/format_version", file, &version, error);
    if (status != HRL_OK) return status;
    if (version > HRLP_AGENT_FORMAT)
      return hrlp_fail_at(
          error, HRL_ERROR_VERSION, file, 0, 0,
          "has format %lld, this library reads up to %d; use a newer libhrl",
          (long long)version, HRLP_AGENT_FORMAT);
  }
  const struct hrlp_value *agent = hrlp_value_get(config, "agent");
  if (agent != NULL && agent->kind == HRLP_TEXT &&
      strcmp(agent->text, hrlp_agent_kind_name(kind)) != 0)
    return hrlp_fail_at(error, HRL_ERROR_MISMATCH, file, 0, 0,
                        "holds the agent '%s', expected the %s", agent->text,
                        hrlp_agent_kind_name(kind));
  return HRL_OK;
}

hrl_status hrlp_agent_file_read(const char *file, const struct hrlp_value *root,
                                enum hrlp_agent_kind kind,
                                struct hrlp_actor_critic *agent, bool with_optimizer,
                                hrl_error *error) {
  struct piece pieces[MAX_PIECES];
  size_t policy_count = 0;
  size_t count = list_pieces(agent, pieces, &policy_count);
  /* into a copy first: the agent changes as a whole or not at all */
  struct hrlp_actor_critic read = *agent;
  float *memory = hrlp_alloc(3 * agent->count, sizeof(float));
  if (memory == NULL) return hrlp_fail_memory(error, "an agent");
  read.parameters = memory;
  read.moment1 = memory + agent->count;
  read.moment2 = memory + 2 * agent->count;
  memcpy(read.parameters, agent->parameters, agent->count * sizeof(float));
  hrl_status status = check_config(file, root, kind, error);
  for (size_t i = 0; i + 1 < count && status == HRL_OK; i++) {
    char path[80];
    bool policy = i < policy_count;
    if (!policy && !with_optimizer &&
        hrlp_value_get(root, "value_network_state_dict") == NULL)
      continue; /* the reference has no critics, and advice needs none */
    snprintf(path, sizeof path, "%s_network_state_dict/%.31s",
             policy ? "policy" : "value", pieces[i].name);
    status = read_piece(file, root, path, &pieces[i], read.parameters, error);
  }
  if (status == HRL_OK && (with_optimizer || hrlp_value_get(root, "log_std") != NULL))
    status =
        read_piece(file, root, "log_std", &pieces[count - 1], read.parameters, error);
  if (status == HRL_OK && with_optimizer)
    status = read_optimizer(file, root, pieces, count, &read, error);
  if (status == HRL_OK) {
    memcpy(agent->parameters, read.parameters, agent->count * sizeof(float));
    memcpy(agent->moment1, read.moment1, agent->count * sizeof(float));
    memcpy(agent->moment2, read.moment2, agent->count * sizeof(float));
    agent->steps = read.steps;
  }
  hrlp_free(memory);
  return status;
}
