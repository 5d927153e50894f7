/* hrl/version.h - which libhrl this is.
 *
 * Versions are MAJOR.MINOR.PATCH. While MAJOR is 0, MINOR may change the API and then
 * changes the soname; PATCH never does. Within one soname: functions and status codes
 * are only added, never removed or renumbered; option and result structs (those that
 * begin with `size`) only grow at their end; hrl_error never changes.
 */
#ifndef HRL_VERSION_H
#define HRL_VERSION_H

#include <hrl/export.h>

HRL_BEGIN_DECLS

#define HRL_VERSION_MAJOR 0 /**< 0 while the API may still change */
#define HRL_VERSION_MINOR 2 /**< grows with the API */
#define HRL_VERSION_PATCH 0 /**< grows with everything else */
/** The version as text, of the headers that a program was compiled with. */
#define HRL_VERSION_STRING "0.2.0"
/** The version as one number that grows: 0.2.0 is 200. */
#define HRL_VERSION_NUMBER \
  (HRL_VERSION_MAJOR * 10000 + HRL_VERSION_MINOR * 100 + HRL_VERSION_PATCH)

/** The version, as text, of the library that a program runs with. Static text. */
HRL_API const char *hrl_version(void);

/** The version, as HRL_VERSION_NUMBER, of the library that a program runs with. */
HRL_API int hrl_version_number(void);

HRL_END_DECLS

#endif
