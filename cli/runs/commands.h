/* runs/commands.h - what hrl-runs does. Each gives an exit code and tells what failed. */
#ifndef CLI_RUNS_COMMANDS_H
#define CLI_RUNS_COMMANDS_H

#include <hrl/runs.h>

#include "runs/options.h"

int runs_list(hrl_runs *runs, const struct command_line *line);
int runs_show(hrl_runs *runs, const struct command_line *line);
int runs_compare(hrl_runs *runs, const struct command_line *line);
int runs_delete(hrl_runs *runs, const struct command_line *line);
int runs_export(hrl_runs *runs, const struct command_line *line);

/* The commands of the queue; the record need not be there yet. */
int runs_queue(const struct command_line *line);
int runs_queue_work(const struct command_line *line);

#endif
