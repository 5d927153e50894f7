/* near.h - comparisons for long loops. Check's own assertions note their place in a file
 * each time that they hold, which takes longer than most of what is compared here. */
#ifndef TEST_NEAR_H
#define TEST_NEAR_H

#include <check.h>
#include <math.h>

/* As ck_assert_msg, silent while the condition holds. */
#define CHECK(condition, ...)                    \
  do {                                           \
    if (!(condition)) ck_abort_msg(__VA_ARGS__); \
  } while (0)

/* |actual - expected| <= tolerance; a NaN is never near. */
#define NEAR(actual, expected, tolerance)                                      \
  do {                                                                         \
    double near_actual = (double)(actual), near_expected = (double)(expected); \
    double near_tolerance = (double)(tolerance);                               \
    CHECK(fabs(near_actual - near_expected) <= near_tolerance,                 \
          "%s is %.17g, expected %.17g within %.3g", #actual, near_actual,     \
          near_expected, near_tolerance);                                      \
  } while (0)

#endif
