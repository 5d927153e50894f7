/* Targets, queries and headers of requests, as hrl-serve reads them. */
#include <string.h>

#include "serve/http/cors.h"
#include "serve/http/request.h"
#include "serve/http/upgrade.h"
#include "suite.h"

START_TEST(paths) {
  static const struct {
    const char *target;
    const char *path; /* NULL: malformed */
  } cases[] = {
      {"/", "/"},
      {"/health", "/health"},
      {"/%68ealth?x=%zz", "/health"},
      {"/a%2fb", "/a%2fb"},
      {"/a%2Fb", "/a%2Fb"},
      {"//a", "//a"},
      {"/a#b", "/a"},
      {"http://x/health", "/health"},
      {"HTTP://x:1?a", "/"},
      {"http://x", "/"},
      {"*", "*"},
      {"/%", NULL},
      {"/%4", NULL},
      {"/%zz", NULL},
      {"/a%00", NULL},
      {"", NULL},
      {"health", NULL},
      {"?a", NULL},
      {"*a", NULL},
      {"://x/", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct request request = {0};
    ck_assert(request_set_target(&request, cases[i].target));
    ck_assert_msg(request.malformed == (cases[i].path == NULL), "%s", cases[i].target);
    if (!request.malformed) ck_assert_str_eq(request.path, cases[i].path);
    request_clear(&request);
  }
}
END_TEST

/* One that is too long is no path at all, not the beginning of one. */
START_TEST(long_paths) {
  for (size_t length = REQUEST_PATH_MAX - 2; length < REQUEST_PATH_MAX + 2; length++) {
    char target[REQUEST_PATH_MAX + 2] = "/";
    struct request request = {0};
    memset(target + 1, 'a', length - 1);
    ck_assert(request_set_target(&request, target));
    ck_assert(!request.malformed);
    ck_assert_uint_eq(strlen(request.path), length < REQUEST_PATH_MAX ? length : 0);
    request_clear(&request);
  }
}
END_TEST

START_TEST(queries) {
  static const struct {
    const char *query;
    const char *value; /* NULL: there is none */
  } cases[] = {
      {"sid=a", "a"},
      {"x=1&sid=b+c%26&sid=d", "b c&"},
      {"sid=", ""},
      {"sid=%00a", "%00a"},
      {"sid=%zz%", "%zz%"},
      {"asid=1&sid=2", "2"},
      {"sid", NULL},
      {"side=1", NULL},
      {"", NULL},
      {"&&=&sid=x", "x"},
      {"sid=0123456789", "0123456"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char target[64], value[8];
    struct request request = {0};
    snprintf(target, sizeof target, "/?%s", cases[i].query);
    ck_assert(request_set_target(&request, target));
    bool found = request_query(&request, "sid", value, sizeof value);
    ck_assert_msg(found == (cases[i].value != NULL), "%s", cases[i].query);
    if (found) ck_assert_str_eq(value, cases[i].value);
    request_clear(&request);
  }
}
END_TEST

START_TEST(headers) {
  static const struct header list[] = {
      {"Connection", "keep-alive ,Upgrade"}, {"X", "upgraded"}, {"x", "a,, b"}};
  const struct request request = {.headers = list, .header_count = 3};
  ck_assert(request_header_has(&request, "connection", "upgrade"));
  ck_assert(request_header_has(&request, "CONNECTION", "Keep-Alive"));
  ck_assert(!request_header_has(&request, "x", "upgrade"));
  ck_assert(request_header_has(&request, "x", "b"));
  ck_assert_uint_eq(request_header_count(&request, "X"), 2);
  ck_assert_str_eq(request_header(&request, "x"), "upgraded");
  ck_assert_ptr_null(request_header(&request, "y"));
}
END_TEST

START_TEST(tags) {
  static const char tag[] = "\"abc-12\"";
  static const struct {
    const char *list;
    bool weakly, strictly;
  } cases[] = {{"\"abc-12\"", true, true},
               {"*", true, true},
               {" , \"x\",\t\"abc-12\" ", true, true},
               {"W/\"abc-12\"", true, false},
               {"\"x\", W/\"abc-12\"", true, false},
               {NULL, false, false},
               {"", false, false},
               {"\"", false, false},
               {"\"abc", false, false},
               {"\"abc-1", false, false},
               {"\"abc-12\"3", false, false},
               {"abc-12", false, false},
               {"w/\"abc-12\"", false, false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ck_assert_msg(etag_matches(cases[i].list, tag, true) == cases[i].weakly, "%zu", i);
    ck_assert_msg(etag_matches(cases[i].list, tag, false) == cases[i].strictly, "%zu", i);
  }
}
END_TEST

START_TEST(offers) {
  static const struct header list[] = {{"Host", "x"},
                                       {"Upgrade", "h2c, WebSocket"},
                                       {"Connection", "upgrade"},
                                       {"Sec-WebSocket-Version", "13"},
                                       {"Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg=="},
                                       {"Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg=="}};
  struct request request = {.headers = list, .header_count = 5};
  ck_assert(upgrade_is_offered(&request));
  ck_assert_ptr_null(upgrade_fault(&request));
  request.header_count = 6; /* the key twice */
  ck_assert_ptr_nonnull(upgrade_fault(&request));
  request.header_count = 4;
  ck_assert_ptr_nonnull(upgrade_fault(&request));
  request.header_count = 2; /* without Connection it is none */
  ck_assert(!upgrade_is_offered(&request));
  request = (struct request){.headers = list, .header_count = 5, .old = true};
  ck_assert(!upgrade_is_offered(&request));
  request = (struct request){.headers = list, .header_count = 5, .method = METHOD_POST};
  ck_assert(!upgrade_is_offered(&request));
}
END_TEST

/* A token that was cut or decoded to less is not the token. */
START_TEST(tokens) {
  static const struct {
    const char *target;
    bool right;
  } cases[] = {{"/?token=abc", true},
               {"/?token=%61bc", true},
               {"/?token=abc%00", false},
               {"/?token=abc%00d", false},
               {"/?token=ab", false},
               {"/?token=abcd", false},
               {"/", false}};
  const struct access_policy access = {.origins = "*", .token = "abc"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct request request = {.access = &access};
    ck_assert(request_set_target(&request, cases[i].target));
    ck_assert_msg(token_is_right(&request) == cases[i].right, "%s", cases[i].target);
    request_clear(&request);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("serve_request");
  TCase *tcase = tcase_create("request");
  tcase_add_test(tcase, paths);
  tcase_add_test(tcase, long_paths);
  tcase_add_test(tcase, queries);
  tcase_add_test(tcase, headers);
  tcase_add_test(tcase, tags);
  tcase_add_test(tcase, offers);
  tcase_add_test(tcase, tokens);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
