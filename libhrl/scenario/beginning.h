/* scenario/beginning.h - where the simulation of a household begins, other than at its first
 * month. */
#ifndef HRLP_SCENARIO_BEGINNING_H
#define HRLP_SCENARIO_BEGINNING_H

#include <stdbool.h>
#include <stdint.h>

/* Part of a household's config, though no key of a file: nothing that depends on the
 * scenario alone (what agents are told of it, the grids of its optimum) moves with it. */
struct hrlp_beginning {
  int64_t month; /* the first to be decided, 1..max_months; 0: none is set, the household
                    begins as its scenario says */
  double cash, portfolio; /* euro, before the month */
  bool unemployed;        /* model `lifecycle` only */
};

#endif
