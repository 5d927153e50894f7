/* runs/query.h - an open record, as the files of this folder see it. */
#ifndef HRLP_RUNS_QUERY_H
#define HRLP_RUNS_QUERY_H

#include <hrl/runs.h>

#include "runs/database.h"

struct hrl_runs {
  struct hrlp_database database;
};

/* Opens a record as hrl_runs_open does; with `create` makes it where it is missing. */
hrl_status hrlp_runs_open_as(const char *path, bool create, hrl_runs **runs,
                             hrl_error *error);

#endif
