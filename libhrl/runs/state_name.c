#include <hrl/runs.h>

const char *hrl_run_state_name(hrl_run_state state) {
  switch (state) {
    case HRL_RUN_QUEUED:
      return "queued";
    case HRL_RUN_RUNNING:
      return "running";
    case HRL_RUN_PAUSED:
      return "paused";
    case HRL_RUN_STOPPED:
      return "stopped";
    case HRL_RUN_COMPLETED:
      return "completed";
    case HRL_RUN_FAILED:
      return "failed";
    case HRL_RUN_INTERRUPTED:
      return "interrupted";
  }
  return "unknown";
}
