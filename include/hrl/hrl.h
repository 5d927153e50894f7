/* hrl/hrl.h - all of libhrl's public headers. */
#ifndef HRL_HRL_H
#define HRL_HRL_H

#include <hrl/distributed.h>
#include <hrl/error.h>
#include <hrl/evaluate.h>
#include <hrl/household.h>
#include <hrl/memory.h>
#include <hrl/percentiles.h>
#include <hrl/policy.h>
#include <hrl/queue.h>
#include <hrl/runs.h>
#include <hrl/scenario.h>
#include <hrl/task.h>
#include <hrl/trainer.h>
#include <hrl/version.h>

#endif
