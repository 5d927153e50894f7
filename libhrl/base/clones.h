/* base/clones.h - plain loops for every vector width. */
#ifndef HRLP_CLONES_H
#define HRLP_CLONES_H

/* HRLP_CLONES before a function: it is compiled once for each instruction set, and the
 * dynamic linker picks. Without -ffast-math and fused multiply-adds (which the build
 * turns off), all of them give the same bits. Sanitizers run before the linker can pick,
 * and clang 14 has no such attribute: one version, then. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HRLP_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define HRLP_CLONES
#endif

/* Before a loop that is better left as it is. */
#if defined(__GNUC__) && !defined(__clang__)
#define HRLP_NOT_UNROLLED _Pragma("GCC unroll 1")
#else
#define HRLP_NOT_UNROLLED
#endif

/* Before a loop whose turns touch different elements, though the compiler cannot know. */
#if defined(__GNUC__) && !defined(__clang__)
#define HRLP_INDEPENDENT _Pragma("GCC ivdep")
#else
#define HRLP_INDEPENDENT
#endif

#endif
