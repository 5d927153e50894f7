/* hrl/memory.h - giving back what the library allocated for its caller. */
#ifndef HRL_MEMORY_H
#define HRL_MEMORY_H

#include <hrl/export.h>

HRL_BEGIN_DECLS

/** Frees memory that a libhrl function handed to its caller (each such function says
 *  so). NULL is ignored. Callable from any thread. */
HRL_API void hrl_free(void *memory);

HRL_END_DECLS

#endif
