/* hrl/export.h - symbol visibility and C/C++ linkage. */
#ifndef HRL_EXPORT_H
#define HRL_EXPORT_H

#ifdef __cplusplus
/** Begins declarations with C linkage. */
#define HRL_BEGIN_DECLS extern "C" {
/** Ends them. */
#define HRL_END_DECLS }
#else
#define HRL_BEGIN_DECLS
#define HRL_END_DECLS
#endif

#if defined(__GNUC__)
/** Marks a function that the shared library exports. */
#define HRL_API __attribute__((visibility("default")))
/** Lets the compiler check printf-like arguments. */
#define HRL_PRINTF(format_index, first_argument) \
  __attribute__((format(printf, format_index, first_argument)))
#else
#define HRL_API
#define HRL_PRINTF(format_index, first_argument)
#endif

#endif
