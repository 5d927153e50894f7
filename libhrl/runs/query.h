/* runs/query.h - an open record, as the files of this folder see it. */
#ifndef HRLP_RUNS_QUERY_H
#define HRLP_RUNS_QUERY_H

#include <hrl/runs.h>

#include "runs/database.h"

struct hrl_runs {
  struct hrlp_database database;
};

#endif
