/* environments/lifecycle/lifecycle.h - the lifecycle household behind the seam. */
#ifndef HRLP_LIFECYCLE_H
#define HRLP_LIFECYCLE_H

#include "environments/environment.h"

extern const struct hrlp_environment hrlp_lifecycle;

#endif
