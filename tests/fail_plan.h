/* fail_plan.h - which calls of the library are to fail. The linker puts the functions of
 * fail_plan.c between the library and libc (--wrap), so that only the library's own calls
 * do. */
#ifndef TEST_FAIL_PLAN_H
#define TEST_FAIL_PLAN_H

#include <stdbool.h>

enum family { MEMORY = 1, DISK = 2, THREADS = 4 };

/* From now on fails, of these families, the n-th call, or with `onward` all from the
 * n-th. */
void arm(int families, long n, bool onward);

/* True where the plan has come to its end: nothing failed. */
bool disarm(void);

/* Between these two nothing fails: where the test itself works or asserts. */
int pause_plan(void);
void go_on(int families);

#endif
