/* storage/owner.h - whose the files of a name are. Names of scenarios are made safe for
 * files
 * ("my house" and "my_house" are both my_house), and so may a file system that ignores
 * case do: what is kept there says which scenario it was trained on, so that no other one
 * takes its place in silence. */
#ifndef HRLP_OWNER_H
#define HRLP_OWNER_H

#include "base/error.h"
#include "scenario/content.h"

/* HRL_ERROR_MISMATCH where `raw_name`, that `path` carries, is another scenario's; files
 * of 0.1 carry none (""). */
hrl_status hrlp_owner_compare(const char *path, const char *raw_name,
                              const struct hrl_scenario *scenario, hrl_error *error);

#endif
