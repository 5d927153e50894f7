/* Raw bytes against the service's real event loop, over a socket pair: heads, bodies,
 * upgrades, frames, polls, half-closes. The input is pieces with 0xfe between them; the
 * loop runs after each. Its first byte says how the client leaves. Nothing may crash,
 * every answer is HTTP, and no connection, WebSocket or request is left behind. */
#include "fuzz.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/service.h"

#define PIECE_END 0xfe
/* Turns of the loop in which all that was sent is dealt with. */
#define TURNS 6

/* It lives as long as the process, as the service does. */
static void begin_service(struct service *service) {
  static char any[] = "*";
  /* no folder, and none that root could make */
  static const char nowhere[] = "/dev/null/nowhere";
  static struct serve_options options = {.scenarios = nowhere,
                                         .models = nowhere,
                                         .results = nowhere,
                                         .reports = nowhere,
                                         .cors_origin = any,
                                         .max_clients = 100,
                                         .threads = 1,
                                         .ping_interval = 25000000,
                                         .ping_timeout = 20000000,
                                         .client_timeout = 60000000};
  PROMISE(service_begin(service, &options, 100));
}

/* Runs the loop, and checks what comes back; *received counts it. */
static void run_loop(struct service *service, int client, size_t *received) {
  char answer[65536];
  for (int i = 0; i < TURNS; i++) {
    PROMISE(loop_turn(service->loop, false));
    ssize_t length;
    while ((length = recv(client, answer, sizeof answer, MSG_DONTWAIT)) > 0) {
      if (*received == 0) PROMISE(length >= 7 && memcmp(answer, "HTTP/1.", 7) == 0);
      *received += (size_t)length;
    }
  }
}

static void close_session(struct session *session, void *data) {
  (void)data;
  session_close(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct service service;
  static const struct sockaddr_in peer = {.sin_family = AF_INET};
  if (service.loop == NULL) begin_service(&service);
  int ends[2];
  size_t received = 0;
  uint8_t leaving = size > 0 ? data[0] : 0;
  PROMISE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  connections_add(service.connections, ends[0], (const struct sockaddr *)&peer,
                  sizeof peer);
  PROMISE(connections_count(service.connections) == 1);
  for (size_t at = 1; at < size;) {
    const uint8_t *end = memchr(data + at, PIECE_END, size - at);
    size_t length = end == NULL ? size - at : (size_t)(end - data) - at;
    (void)send(ends[1], data + at, length, MSG_NOSIGNAL); /* it may be closed by now */
    run_loop(&service, ends[1], &received);
    at += length + 1;
  }
  if (leaving % 2 == 1) {
    shutdown(ends[1], SHUT_WR);
    run_loop(&service, ends[1], &received);
  }
  close(ends[1]);
  sessions_each(service.sessions, close_session, NULL);
  for (int i = 0; i < 20 && connections_count(service.connections) > 0; i++)
    PROMISE(loop_turn(service.loop, false));
  PROMISE(connections_count(service.connections) == 0);
  PROMISE(connections_busy(service.connections) == 0);
  PROMISE(sessions_count(service.sessions) == 0);
  return 0;
}
