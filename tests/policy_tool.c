/* policy_tool AGENT_FILE KIND - prints what the policy network of an agent's file (KIND:
 * strategist or executor) answers: a line of outputs for each line of observations on
 * standard input. For test_policy_torch.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agents.h"
#include "environments/budget/features.h"
#include "storage/agent_file.h"
#include "storage/archive.h"

/* An agent of the file's own width, with the file's weights. */
static hrl_status read_agent(const char *file, enum hrlp_agent_kind kind,
                             struct hrlp_actor_critic *agent, hrl_error *error) {
  struct hrlp_value *root = NULL;
  size_t hidden = 0;
  hrl_status status = hrlp_archive_load(file, &root, error);
  if (status == HRL_OK) status = hrlp_agent_file_hidden(file, root, &hidden, error);
  bool high = kind == HRLP_STRATEGIST;
  if (status == HRL_OK)
    status = hrlp_actor_critic_create(
        agent, high ? HRLP_BUDGET_STRATEGIST_OBSERVATIONS : HRLP_BUDGET_EXECUTOR_OBSERVATIONS,
        high ? HRLP_BUDGET_STRATEGIST_ACTIONS : HRLP_BUDGET_EXECUTOR_ACTIONS, hidden, HRLP_TANH, 0.0f,
        0, 1, error);
  if (status == HRL_OK)
    status = hrlp_agent_file_read(file, root, kind, agent, true, error);
  hrlp_value_free(root);
  return status;
}

static int answer(const struct hrlp_actor_critic *agent) {
  float *x = calloc(agent->observations, sizeof *x);
  float *work = calloc(hrlp_mlp_workspace_size(&agent->actor, 1), sizeof *work);
  int outcome = x == NULL || work == NULL ? 1 : 0;
  while (outcome == 0) {
    size_t count = 0;
    while (count < agent->observations && scanf("%f", &x[count]) == 1) count++;
    if (count < agent->observations) {
      outcome = count == 0 ? 0 : 1;
      break;
    }
    const float *y = hrlp_mlp_forward(&agent->actor, agent->parameters, x, 1, work);
    for (size_t i = 0; i < agent->actions; i++) printf("%.9g ", (double)y[i]);
    printf("\n");
  }
  free(x);
  free(work);
  return outcome;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: policy_tool AGENT_FILE strategist|executor\n");
    return 2;
  }
  enum hrlp_agent_kind kind =
      strcmp(argv[2], "strategist") == 0 ? HRLP_STRATEGIST : HRLP_EXECUTOR;
  struct hrlp_actor_critic agent = {0};
  hrl_error error = HRL_ERROR_INIT;
  int outcome = 1;
  if (read_agent(argv[1], kind, &agent, &error) == HRL_OK)
    outcome = answer(&agent);
  else
    fprintf(stderr, "%s\n", error.message);
  hrlp_actor_critic_destroy(&agent);
  return outcome;
}
