/* sanitizer.h - whether a sanitizer is at work, which GCC and clang tell in different
 * ways. */
#ifndef TEST_SANITIZER_H
#define TEST_SANITIZER_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define OTHER_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__) && !defined(THREAD_SANITIZER)
#define THREAD_SANITIZER 1
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(OTHER_SANITIZER)
#define OTHER_SANITIZER 1
#endif
#if defined(THREAD_SANITIZER) || defined(OTHER_SANITIZER)
#define SANITIZED 1
#endif

#endif
