/* What waits for one client, what waits for the loop, and how often progress goes out. */
#include <stdio.h>
#include <string.h>

#include "serve/api/inbox.h"
#include "serve/api/rate_limit.h"
#include "serve/socketio/queue.h"
#include "serve/socketio/subscription.h"
#include "suite.h"

static struct message *make(enum message_kind kind, uint64_t run, int number) {
  char text[16];
  snprintf(text, sizeof text, "%d", number);
  struct message *message = message_create(kind, "", text, strlen(text));
  message->run = run;
  return message;
}

static bool push_of(struct queue *queue, enum message_kind kind, uint64_t run,
                    int number) {
  struct message *message = make(kind, run, number);
  bool pushed = queue_push(queue, message, 0);
  message_release(message);
  return pushed;
}

static bool push(struct queue *queue, enum message_kind kind, int number, int64_t now) {
  struct message *message = make(kind, 0, number);
  bool pushed = queue_push(queue, message, now);
  message_release(message);
  return pushed;
}

static int pop(struct queue *queue, int64_t now) {
  struct message *message = queue_first(queue);
  if (message == NULL) return -1;
  int number = atoi(message->text);
  queue_pop(queue, now);
  return number;
}

START_TEST(keeps_order) {
  struct queue queue = {0};
  ck_assert_ptr_null(queue_first(&queue));
  queue_pop(&queue, 0);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 100; i++)
      ck_assert(push(&queue, i % 7 == 0 ? MESSAGE_CONTROL : MESSAGE_PROGRESS, i, 0));
    for (int i = 0; i < 100; i++) ck_assert_int_eq(pop(&queue, 0), i);
    ck_assert_int_eq(pop(&queue, 0), -1);
  }
  queue_clear(&queue);
}
END_TEST

START_TEST(merges_progress) {
  struct queue queue = {0};
  const int many = QUEUE_PROGRESS_MAX * 5 / 2;
  ck_assert(push(&queue, MESSAGE_LIFECYCLE, 100000, 0)); /* a run begins */
  for (int i = 1; i <= many; i++) ck_assert(push(&queue, MESSAGE_PROGRESS, i, 0));
  ck_assert(push(&queue, MESSAGE_LIFECYCLE, 100001, 0)); /* and ends; another begins */
  ck_assert(push(&queue, MESSAGE_LIFECYCLE, 100002, 0));
  for (int i = 1; i <= many; i++) ck_assert(push(&queue, MESSAGE_PROGRESS, i, 0));
  ck_assert_uint_le(queue.count, QUEUE_PROGRESS_MAX + 4);
  ck_assert_int_eq(pop(&queue, 0), 100000);
  int last = 0, number;
  while ((number = pop(&queue, 0)) < 100000) {
    ck_assert_int_gt(number, last);
    last = number;
  }
  ck_assert_int_eq(last, many); /* how far the first run came */
  ck_assert_int_eq(number, 100001);
  ck_assert_int_eq(pop(&queue, 0), 100002);
  for (last = 0; queue.count > 0; last = number) {
    number = pop(&queue, 0);
    ck_assert_int_gt(number, last);
  }
  ck_assert_int_eq(last, many);
  queue_clear(&queue);
}
END_TEST

/* Progress gives way to newer of its own run alone, and a run's last before it pauses
 * stays. */
START_TEST(merges_progress_of_each_run) {
  struct queue queue = {0};
  ck_assert(push_of(&queue, MESSAGE_PROGRESS, 1, 1));
  ck_assert(push_of(&queue, MESSAGE_PROGRESS, 2, 2));
  ck_assert(push_of(&queue, MESSAGE_PROGRESS, 2, 3));
  ck_assert(push_of(&queue, MESSAGE_LIFECYCLE, 2, 4));
  ck_assert(push_of(&queue, MESSAGE_PROGRESS, 2, 5));
  ck_assert(push_of(&queue, MESSAGE_LIFECYCLE, 3, 6));
  for (int i = 0; i <= QUEUE_PROGRESS_MAX; i++)
    ck_assert(push_of(&queue, MESSAGE_PROGRESS, 7, 100 + i));
  static const int kept[] = {1, 3, 4, 5, 6};
  for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
    ck_assert_int_eq(pop(&queue, 0), kept[i]);
  ck_assert_int_gt(pop(&queue, 0), 100);
  queue_clear(&queue);
}
END_TEST

START_TEST(many_runs_are_bounded) {
  struct queue queue = {0};
  for (int i = 0; i < 100000; i++)
    ck_assert(push_of(&queue, MESSAGE_PROGRESS, 1 + (uint64_t)i % QUEUE_RUNS_MAX, i));
  ck_assert_uint_le(queue.count, QUEUE_PROGRESS_MAX + QUEUE_RUNS_MAX);
  int last = -1;
  while (queue.count > 0) {
    int number = pop(&queue, 0);
    ck_assert_int_gt(number, last);
    last = number;
  }
  ck_assert_int_eq(last, 99999);
  queue_clear(&queue);
}
END_TEST

static bool read_wish(const char *text, struct subscription *subscription) {
  char problem[128] = "";
  json_t *wish = json_loads(text, JSON_DECODE_ANY, NULL);
  bool read = subscription_read(wish, subscription, problem, sizeof problem);
  ck_assert_int_eq(read, problem[0] == '\0');
  json_decref(wish);
  return read;
}

START_TEST(subscriptions_are_read) {
  static const char *const everything[] = {"1",
                                           "\"x\"",
                                           "null",
                                           "[]",
                                           "{}",
                                           "{\"scenario\": 5}",
                                           "{\"run_id\": null}",
                                           "nope",
                                           "{\"interval_ms\": 0}"};
  static const char *const wrong[] = {
      "{\"run_id\": 0}",       "{\"run_id\": -1}",      "{\"run_id\": \"1\"}",
      "{\"run_id\": 1.0}",     "{\"run_id\": [1]}",     "{\"run_id\": true}",
      "{\"interval_ms\": -1}", "{\"interval_ms\": {}}", "{\"interval_ms\": 3600001}"};
  struct subscription got;
  for (size_t i = 0; i < sizeof everything / sizeof everything[0]; i++) {
    ck_assert(read_wish(everything[i], &got));
    ck_assert(got.run == 0 && got.interval == 0 && got.feeds == NULL);
  }
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    ck_assert_msg(!read_wish(wrong[i], &got), "%s", wrong[i]);
  ck_assert(read_wish("{\"run_id\": 7, \"interval_ms\": 250}", &got));
  ck_assert(got.run == 7 && got.interval == 250000);
  ck_assert(subscription_wants(&got, 7) && subscription_wants(&got, 0));
  ck_assert(!subscription_wants(&got, 8));
}
END_TEST

/* Gives the number of what was held, -1 where nothing was. */
static int number_of(struct message *held) {
  int number = held == NULL ? -1 : atoi(held->text);
  if (held != NULL) ck_assert_uint_eq(held->holders, 1);
  message_release(held);
  return number;
}

static bool allows(struct subscription *subscription, uint64_t run, int number,
                   int64_t now) {
  struct message *progress = make(MESSAGE_PROGRESS, run, number);
  bool allowed = subscription_allows(subscription, progress, now);
  message_release(progress);
  return allowed;
}

START_TEST(subscriptions_hold_progress) {
  struct subscription all = {0};
  for (int i = 0; i < 100; i++) ck_assert(allows(&all, 1, i, 0));
  struct subscription slow = {.interval = 1000};
  ck_assert(allows(&slow, 1, 1, 5000));
  ck_assert(!allows(&slow, 1, 2, 5400));
  ck_assert(allows(&slow, 2, 3, 5400)); /* another run's */
  ck_assert(!allows(&slow, 1, 4, 5999));
  ck_assert_int_eq(subscription_next(&slow), 6000);
  ck_assert_int_eq(number_of(subscription_due(&slow, 5999)), -1);
  ck_assert_int_eq(number_of(subscription_due(&slow, 6000)), 4);
  ck_assert_int_eq(number_of(subscription_due(&slow, 6000)), -1);
  ck_assert_int_eq(subscription_next(&slow), SUBSCRIPTION_NEVER);
  ck_assert(!allows(&slow, 1, 5, 6999));
  ck_assert(allows(&slow, 1, 6, 7000)); /* what was held is older */
  ck_assert_int_eq(number_of(subscription_due(&slow, 9000)), -1);
  ck_assert(!allows(&slow, 1, 7, 7001));
  ck_assert_int_eq(number_of(subscription_flush(&slow, 1)), 7); /* it ends */
  ck_assert_int_eq(number_of(subscription_flush(&slow, 1)), -1);
  ck_assert(allows(&slow, 1, 8, 7002)); /* and begins again */
  ck_assert(!allows(&slow, 1, 9, 7003));
  ck_assert_int_eq(number_of(subscription_take(&slow)), 9);
  ck_assert_int_eq(number_of(subscription_take(&slow)), -1);
  ck_assert(allows(&slow, 1, 10, 8000) && !allows(&slow, 1, 11, 8000));
  subscription_clear(&slow);
  ck_assert(slow.feeds == NULL && slow.interval == 0);
}
END_TEST

START_TEST(is_bounded) {
  struct queue queue = {0};
  for (int i = 0; i < QUEUE_OTHERS_MAX; i++)
    ck_assert(push(&queue, MESSAGE_CONTROL, i, 0));
  ck_assert(!push(&queue, MESSAGE_CONTROL, 0, 0));
  ck_assert(!push(&queue, MESSAGE_LIFECYCLE, 0, 0));
  queue_clear(&queue);
}
END_TEST

START_TEST(knows_who_is_behind) {
  struct queue queue = {0};
  ck_assert(!queue_is_behind(&queue, 1000, 10));
  push(&queue, MESSAGE_CONTROL, 1, 1000);
  ck_assert(!queue_is_behind(&queue, 1009, 10));
  ck_assert(queue_is_behind(&queue, 1010, 10));
  push(&queue, MESSAGE_CONTROL, 2, 1010);
  pop(&queue, 1010); /* it takes something: not behind */
  ck_assert(!queue_is_behind(&queue, 1019, 10));
  pop(&queue, 1019);
  /* one that always takes something but never catches up is behind as well */
  int64_t now = 2000;
  while (queue.merging_since == 0) push(&queue, MESSAGE_PROGRESS, 1, now);
  for (; now < 2009; now++) {
    for (int i = 0; i < 10; i++) push(&queue, MESSAGE_PROGRESS, 1, now);
    pop(&queue, now);
    ck_assert(!queue_is_behind(&queue, now, 10));
  }
  pop(&queue, now);
  ck_assert(queue_is_behind(&queue, 2010, 10));
  while (pop(&queue, now) != -1) continue;
  ck_assert_int_eq(queue.merging_since, 0);
  queue_clear(&queue);
}
END_TEST

START_TEST(messages_are_shared) {
  struct queue one = {0}, two = {0};
  struct message *message = message_create(MESSAGE_PROGRESS, "42", "[]", 2);
  ck_assert(queue_push(&one, message, 0) && queue_push(&two, message, 0));
  ck_assert_uint_eq(message->holders, 3);
  message_release(message);
  ck_assert_ptr_eq(queue_first(&one), queue_first(&two));
  ck_assert_str_eq(queue_first(&one)->text, "42[]");
  queue_clear(&one);
  ck_assert_uint_eq(queue_first(&two)->holders, 1);
  queue_clear(&two);
}
END_TEST

static void count_wake(void *data) { ++*(int *)data; }

static bool put(struct inbox *inbox, uint64_t run, const hrl_event *event) {
  static int wakes;
  const hrl_queue_event told = {.size = sizeof told,
                                .type = HRL_QUEUE_TRAINING,
                                .run = run,
                                .event = event,
                                .scenario = "torino"};
  return inbox_put(inbox, &told, count_wake, &wakes);
}

static bool put_progress(struct inbox *inbox, uint64_t run, uint64_t episode) {
  const hrl_progress progress = {.episode = episode};
  return put(inbox, run,
             &(hrl_event){.type = HRL_EVENT_PROGRESS,
                          .episode = episode,
                          .total_episodes = 5000,
                          .progress = &progress});
}

START_TEST(inbox_is_bounded) {
  static struct inbox inbox;
  struct news news;
  struct news_text text;
  inbox_begin(&inbox);
  hrl_error error = HRL_ERROR_INIT;
  strcpy(error.message, "no more numbers");
  ck_assert(put(&inbox, 1,
                &(hrl_event){.type = HRL_EVENT_STARTED,
                             .start_time = "2026-01-02T03:04:05.000006"}));
  for (uint64_t i = 1; i <= 5000; i++) {
    ck_assert(!put_progress(&inbox, 1, i));
    if (i % 100 == 0) put_progress(&inbox, 2, i);
  }
  ck_assert(!put(&inbox, 1, &(hrl_event){.type = HRL_EVENT_CHECKPOINT}));
  ck_assert(put(&inbox, 1, /* always told at once */
                &(hrl_event){.type = HRL_EVENT_ERROR, .episode = 5000, .error = &error}));
  ck_assert(inbox_take(&inbox, &news, &text));
  ck_assert(news.type == NEWS_STARTED && news.run == 1);
  ck_assert_str_eq(text.start_time, "2026-01-02T03:04:05.000006");
  ck_assert_str_eq(text.scenario, "torino");
  ck_assert_str_eq(text.error, "");
  uint64_t last[3] = {0};
  while (inbox_take(&inbox, &news, &text) && news.type == NEWS_PROGRESS) {
    ck_assert_uint_gt(news.progress.episode, last[news.run]);
    last[news.run] = news.progress.episode;
    ck_assert_uint_eq(news.total, 5000);
  }
  ck_assert_uint_eq(last[1], 5000);
  ck_assert_uint_eq(last[2], 5000);
  ck_assert_int_eq(news.type, NEWS_FAILED);
  ck_assert_str_eq(text.error, error.message);
  ck_assert(!inbox_take(&inbox, &news, &text));
  inbox_set_quiet(&inbox, true);
  ck_assert(!put_progress(&inbox, 1, 1));
  inbox_set_quiet(&inbox, false);
  ck_assert(inbox_take(&inbox, &news, &text) && put_progress(&inbox, 1, 1));
  inbox_end(&inbox);
}
END_TEST

/* What is older than a run's other news stays before them. */
START_TEST(inbox_keeps_order) {
  static struct inbox inbox;
  struct news news;
  struct news_text text;
  inbox_begin(&inbox);
  for (uint64_t i = 1; i <= INBOX_PROGRESS_MAX; i++) put_progress(&inbox, 1, i);
  put(&inbox, 1, &(hrl_event){.type = HRL_EVENT_PAUSED});
  put_progress(&inbox, 1, 2000);
  for (uint64_t i = 1; i <= INBOX_PROGRESS_MAX; i++) {
    ck_assert(inbox_take(&inbox, &news, &text) && news.type == NEWS_PROGRESS);
    ck_assert_uint_eq(news.episode, i);
  }
  ck_assert(inbox_take(&inbox, &news, &text) && news.type == NEWS_PAUSED);
  ck_assert(!inbox_take(&inbox, &news, &text));
  inbox_end(&inbox);
}
END_TEST

/* What a queue tells of runs that this process has not taken is told by who asked. */
START_TEST(inbox_takes_what_the_queue_tells) {
  static const struct {
    hrl_queue_event_type type;
    int news; /* -1: none */
  } cases[] = {{HRL_QUEUE_ADDED, -1},
               {HRL_QUEUE_PAUSED, NEWS_PAUSED},
               {HRL_QUEUE_RESUMED, NEWS_QUEUED},
               {HRL_QUEUE_CANCELLED, NEWS_STOPPED},
               {HRL_QUEUE_FAILED, NEWS_FAILED},
               {HRL_QUEUE_ENDED, NEWS_ENDED}};
  static struct inbox inbox;
  struct news news;
  struct news_text text;
  int wakes = 0;
  inbox_begin(&inbox);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    hrl_queue_event event = {.type = cases[i].type, .run = 7};
    ck_assert(!inbox_put(&inbox, &event, count_wake, &wakes));
    event.scenario = "torino";
    ck_assert_int_eq(inbox_put(&inbox, &event, count_wake, &wakes), cases[i].news >= 0);
    ck_assert_int_eq(inbox_take(&inbox, &news, &text), cases[i].news >= 0);
    if (cases[i].news >= 0)
      ck_assert(news.run == 7 && (int)news.type == cases[i].news &&
                strcmp(text.scenario, "torino") == 0);
  }
  ck_assert_int_eq(wakes, 0);
  inbox_end(&inbox);
}
END_TEST

static void *put_many(void *data) {
  for (uint64_t i = 1; i <= 3 * INBOX_OTHERS_MAX; i++)
    put(data, i, &(hrl_event){.type = HRL_EVENT_STARTED});
  return NULL;
}

/* A run waits where the loop is far behind, and no longer than there is a loop. */
START_TEST(inbox_loses_no_event_of_a_run) {
  static struct inbox inbox;
  struct news news;
  struct news_text text;
  pthread_t thread;
  inbox_begin(&inbox);
  ck_assert_int_eq(pthread_create(&thread, NULL, put_many, &inbox), 0);
  for (uint64_t i = 1; i <= 2 * INBOX_OTHERS_MAX;)
    if (inbox_take(&inbox, &news, &text)) ck_assert_uint_eq(news.run, i++);
  inbox_close(&inbox);
  pthread_join(thread, NULL);
  inbox_end(&inbox);
}
END_TEST

START_TEST(pace_gives_few_clients_everything) {
  struct rate_limit pace = {0};
  int64_t now = 1000000000;
  for (int i = 0; i < 1000; i++) {
    ck_assert(rate_limit_allows(&pace, 0, 5, now));
    now += 10;
  }
  /* one more, and the budget counts */
  int sent = 0;
  for (int i = 0; i < 100000; i++, now += 10) sent += rate_limit_allows(&pace, 0, 6, now);
  ck_assert_int_ge(sent, 2000);
  ck_assert_int_le(sent, 4001);
}
END_TEST

START_TEST(pace_spares_the_processor) {
  struct rate_limit pace = {0};
  int64_t now = 1000000000;
  int sent = 0;
  for (int ms = 0; ms < 10000; ms++, now += 1000)
    sent += rate_limit_allows(&pace, 0, 1000, now);
  ck_assert_int_ge(sent, 20);
  ck_assert_int_le(sent, 23);
  /* after the wait that it names, it allows one */
  while (rate_limit_allows(&pace, 0, 1000, now)) continue;
  now += rate_limit_wait(&pace, 0, 1000, now) + 1;
  ck_assert(rate_limit_allows(&pace, 0, 1000, now));
  /* more clients than frames in a second still get their turn */
  int many = 0;
  for (int s = 0; s < 100; s++, now += 1000000)
    many += rate_limit_allows(&pace, 0, 20000, now);
  ck_assert_int_ge(many, 9);
}
END_TEST

START_TEST(pace_keeps_the_interval) {
  struct rate_limit pace = {.interval = 50000};
  int64_t now = 1000000000;
  ck_assert(rate_limit_allows(&pace, 0, 1, now));
  ck_assert(!rate_limit_allows(&pace, now, 1, now + 49999));
  ck_assert_int_eq(rate_limit_wait(&pace, now, 1, now + 20000), 30000);
  ck_assert(rate_limit_allows(&pace, 0, 1, now + 1)); /* another run's */
  ck_assert(rate_limit_allows(&pace, now, 1, now + 50000));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("serve_queue");
  TCase *tcase = tcase_create("queue");
  tcase_add_test(tcase, keeps_order);
  tcase_add_test(tcase, merges_progress);
  tcase_add_test(tcase, merges_progress_of_each_run);
  tcase_add_test(tcase, many_runs_are_bounded);
  tcase_add_test(tcase, subscriptions_are_read);
  tcase_add_test(tcase, subscriptions_hold_progress);
  tcase_add_test(tcase, is_bounded);
  tcase_add_test(tcase, knows_who_is_behind);
  tcase_add_test(tcase, messages_are_shared);
  tcase_add_test(tcase, inbox_is_bounded);
  tcase_add_test(tcase, inbox_keeps_order);
  tcase_add_test(tcase, inbox_takes_what_the_queue_tells);
  tcase_add_test(tcase, inbox_loses_no_event_of_a_run);
  tcase_add_test(tcase, pace_gives_few_clients_everything);
  tcase_add_test(tcase, pace_spares_the_processor);
  tcase_add_test(tcase, pace_keeps_the_interval);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
