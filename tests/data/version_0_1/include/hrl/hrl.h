/* hrl/hrl.h - all of libhrl's public headers. */
#ifndef HRL_HRL_H
#define HRL_HRL_H

#include <hrl/error.h>
#include <hrl/evaluate.h>
#include <hrl/household.h>
#include <hrl/memory.h>
#include <hrl/policy.h>
#include <hrl/scenario.h>
#include <hrl/trainer.h>
#include <hrl/version.h>

#endif
