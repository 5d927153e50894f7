/* Raw bytes against the service's real event loop, over a socket pair: heads, bodies, upgrades,
 * frames, polls, half-closes. The input is pieces with 0xfe between them; the loop runs after
 * each. Its first byte says how the client leaves. Nothing may crash, every answer is HTTP, and
 * no connection, WebSocket or request is left behind. */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "serve/context.h"
#include "serve/loop.h"
#include "serve/session.h"
#include "serve/training.h"

#define PIECE_END 0xfe
/* Turns of the loop in which all that was sent is dealt with. */
#define TURNS 6

/* It lives as long as the process, as the service does. */
static struct server *begin_server(void) {
  static char any[] = "*";
  struct server *server = calloc(1, sizeof *server);
  PROMISE(server != NULL);
  server->options = (struct serve_options){.scenarios = "/nonexistent",
                                           .models = "/nonexistent",
                                           .cors_origin = any,
                                           .max_clients = 100,
                                           .threads = 1,
                                           .ping_interval = 25000000,
                                           .ping_timeout = 20000000,
                                           .client_timeout = 60000000};
  server->connections_max = 100;
  lws_set_log_level(0, NULL);
  PROMISE(context_create(server));
  server->training = training_create(server);
  PROMISE(server->training != NULL);
  return server;
}

/* Runs the loop, and checks what comes back; *received counts it. */
static void run_loop(struct server *server, int client, size_t *received) {
  char answer[65536];
  for (int i = 0; i < TURNS; i++) {
    lws_service(server->context, -1);
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
  static struct server *server;
  if (server == NULL) server = begin_server();
  int ends[2];
  size_t received = 0;
  uint8_t leaving = size > 0 ? data[0] : 0;
  PROMISE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  if (lws_adopt_socket_vhost(server->vhost, ends[0]) == NULL) {
    close(ends[1]); /* libwebsockets has closed its own */
    return 0;
  }
  for (size_t at = 1; at < size;) {
    const uint8_t *end = memchr(data + at, PIECE_END, size - at);
    size_t length = end == NULL ? size - at : (size_t)(end - data) - at;
    (void)send(ends[1], data + at, length, MSG_NOSIGNAL); /* it may be closed by now */
    run_loop(server, ends[1], &received);
    at += length + 1;
  }
  if (leaving % 2 == 1) {
    shutdown(ends[1], SHUT_WR);
    run_loop(server, ends[1], &received);
  }
  close(ends[1]);
  session_each(server, close_session, NULL);
  for (int i = 0; i < 20 && server->connections > 0; i++)
    lws_service(server->context, -1);
  PROMISE(server->connections == 0);
  PROMISE(server->websockets == 0);
  PROMISE(server->requests == NULL);
  PROMISE(server->session_count == 0);
  return 0;
}
