/* The packets of Engine.IO and Socket.IO, as hrl-serve reads them. */
#include <string.h>

#include "serve/socketio/packets.h"
#include "suite.h"

static bool parse_engine(const char *text, struct engine_packet *packet) {
  return engine_packet_parse(text, strlen(text), packet);
}

static bool parse_socket(const char *text, struct socket_packet *packet) {
  return socket_packet_parse(text, strlen(text), packet);
}

START_TEST(engine_packets) {
  struct engine_packet packet;
  ck_assert(parse_engine("2probe", &packet));
  ck_assert_int_eq(packet.type, ENGINE_PING);
  ck_assert_uint_eq(packet.length, 5);
  ck_assert(parse_engine("6", &packet));
  ck_assert_int_eq(packet.type, ENGINE_NOOP);
  ck_assert_uint_eq(packet.length, 0);
  ck_assert(!parse_engine("", &packet));
  ck_assert(!parse_engine("7", &packet));
  ck_assert(parse_engine("bAAEC", &packet));
  ck_assert_int_eq(packet.type, ENGINE_BINARY);
  ck_assert(!engine_packet_parse("\0", 1, &packet));
}
END_TEST

/* Takes a body apart; gives the number of packets, or -1 where one is bad. */
static int count_packets(const char *text, size_t length) {
  struct engine_payload payload = {text, length, false};
  struct engine_packet packet;
  bool bad;
  int count = 0;
  while (engine_payload_next(&payload, &packet, &bad)) count++;
  return bad ? -1 : count;
}

START_TEST(engine_payloads) {
  static const struct {
    const char *text;
    int packets;
  } cases[] = {
      {"3", 1},
      {"3\x1e"
       "40",
       2},
      {"42[\"a\"]\x1e"
       "42[\"b\"]\x1e"
       "3",
       3},
      {"", -1},
      {"\x1e", -1},
      {"3\x1e", -1},
      {"\x1e"
       "3",
       -1},
      {"3\x1e"
       "bAAEC\x1e"
       "3",
       3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    ck_assert_int_eq(count_packets(cases[i].text, strlen(cases[i].text)),
                     cases[i].packets);
  struct engine_payload payload = {
      "3\x1e"
      "4x",
      4, false};
  struct engine_packet packet;
  bool bad;
  ck_assert(engine_payload_next(&payload, &packet, &bad));
  ck_assert(engine_payload_next(&payload, &packet, &bad));
  ck_assert(packet.type == ENGINE_MESSAGE && packet.length == 1 && *packet.data == 'x');
}
END_TEST

START_TEST(socket_packets) {
  struct socket_packet packet;
  ck_assert(parse_socket("0", &packet));
  ck_assert_int_eq(packet.type, SOCKET_CONNECT);
  ck_assert(socket_packet_is_default(&packet) && !packet.has_id && packet.length == 0);
  ck_assert(parse_socket("0{\"token\":1}", &packet));
  ck_assert_mem_eq(packet.data, "{\"token\":1}", packet.length);
  ck_assert(parse_socket("212[\"x\",1]", &packet));
  ck_assert(packet.has_id && packet.id == 12);
  ck_assert_mem_eq(packet.data, "[\"x\",1]", packet.length);
  ck_assert(parse_socket("2/admin,7[\"x\"]", &packet));
  ck_assert(!socket_packet_is_default(&packet) && packet.id == 7);
  ck_assert_uint_eq(packet.space_length, 6);
  ck_assert_mem_eq(packet.space, "/admin", 6);
  ck_assert(parse_socket("0/admin", &packet));
  ck_assert(packet.space_length == 6 && packet.length == 0);
  ck_assert(parse_socket("0/?a=b,", &packet));
  ck_assert(socket_packet_is_default(&packet));
}
END_TEST

START_TEST(bad_socket_packets) {
  struct socket_packet packet;
  char space[SOCKET_NAMESPACE_MAX + 3] = "0/";
  ck_assert(!parse_socket("", &packet));
  ck_assert(!parse_socket("7", &packet));
  ck_assert(!parse_socket("x", &packet));
  ck_assert(parse_socket("2999999999999999[]", &packet));
  ck_assert(!parse_socket("29999999999999999[]", &packet));
  memset(space + 2, 'n', sizeof space - 3);
  ck_assert(!parse_socket(space, &packet));
  space[sizeof space - 2] = '\0';
  ck_assert(parse_socket(space, &packet));
}
END_TEST

/* Nothing is read past the end, whatever the bytes are: each input is a block of its own,
 * which the sanitizers watch. */
START_TEST(noise) {
  static const char alphabet[] = "0123456789b/,?[]{}\"\x1e\xff";
  unsigned state = 1;
  for (int round = 0; round < 20000; round++) {
    size_t length = (size_t)round % 24;
    char *text = malloc(length + 1);
    for (size_t i = 0; i < length; i++) {
      state = state * 1664525 + 1013904223;
      text[i] = alphabet[(state >> 16) % (sizeof alphabet - 1)];
    }
    char *exact = realloc(text, length == 0 ? 1 : length);
    struct engine_payload payload = {exact, length, false};
    struct engine_packet packet;
    struct socket_packet inner;
    bool bad;
    while (engine_payload_next(&payload, &packet, &bad)) {
      if (!socket_packet_parse(packet.data, packet.length, &inner)) continue;
      ck_assert(inner.data + inner.length == packet.data + packet.length);
    }
    free(exact);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("serve_packets");
  TCase *tcase = tcase_create("packets");
  tcase_add_test(tcase, engine_packets);
  tcase_add_test(tcase, engine_payloads);
  tcase_add_test(tcase, socket_packets);
  tcase_add_test(tcase, bad_socket_packets);
  tcase_add_test(tcase, noise);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
