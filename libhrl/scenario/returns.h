/* scenario/returns.h - how a household's portfolio earns, in every model. */
#ifndef HRLP_SCENARIO_RETURNS_H
#define HRLP_SCENARIO_RETURNS_H

enum hrlp_return_type {
  HRLP_RETURN_NONE = 0,
  HRLP_RETURN_FIXED = 1,
  HRLP_RETURN_STOCHASTIC = 2
};

#endif
