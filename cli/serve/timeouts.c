/* serve/timeouts.c - what time brings: clients that are overdue, and the end of the
 * server.
 */
#include "serve/log.h"
#include "serve/request.h"
#include "serve/session.h"
#include "serve/training.h"

/* How often it is looked whether something is overdue. */
#define CHECK_INTERVAL ((lws_usec_t)100 * LWS_US_PER_MS)
/* How long a request's body may take. */
#define BODY_TIME ((int64_t)30 * LWS_USEC_PER_SEC)
/* How long the end may take in all, and how long clients have to take their leave. */
#define END_TIME ((int64_t)4500 * LWS_US_PER_MS)
#define LEAVE_TIME ((int64_t)1000 * LWS_US_PER_MS)
#define HURRY_TIME ((int64_t)300 * LWS_US_PER_MS)

static void check_requests(struct server *server, int64_t now) {
  for (struct request *request = server->requests; request != NULL;
       request = request->next) {
    if (!request->reading) continue;
    /* libwebsockets would close without an answer, and before */
    lws_set_timeout(request->wsi, NO_PENDING_TIMEOUT, 0);
    if (now - request->begun_at < BODY_TIME) continue;
    request->reading = false;
    request_reply_detail(request, 408, "Request Timeout");
  }
}

static void check_one(struct session *session, void *now) {
  session_check_timeouts(session, *(int64_t *)now);
}

/* Closes a client that has everything and can be told now; `hurry`: any. */
static void close_one(struct session *session, void *hurry) {
  bool polling = session->transport != TRANSPORT_WEBSOCKET;
  bool ready = session->queue.count == 0 && (!polling || session->poll != NULL);
  if (ready || *(bool *)hurry) session_close(session);
}

/* One step of the end: training first, then the clients, then the loop. */
static void go_on_ending(struct server *server, int64_t now) {
  if (training_is_on(server->training) && now < server->give_up) return;
  if (!server->closing) {
    server->closing = true;
    if (server->give_up > now + LEAVE_TIME) server->give_up = now + LEAVE_TIME;
  }
  bool hurry = now >= server->give_up - HURRY_TIME;
  session_each(server, close_one, &hurry);
  bool busy =
      server->websockets > 0 || server->session_count > 0 || server->requests != NULL;
  if (busy && now < server->give_up) return;
  server->ended = true;
  lws_cancel_service(server->context);
}

static void check_all(lws_sorted_usec_list_t *entry) {
  struct server *server = lws_container_of(entry, struct server, timeouts);
  int64_t now = lws_now_usecs();
  server->checking = false;
  check_requests(server, now);
  session_each(server, check_one, &now);
  if (server->ending) go_on_ending(server, now);
  if (server->requests != NULL || server->session_count > 0 || server->ending)
    server_watch(server);
}

void server_watch(struct server *server) {
  if (server->checking) return;
  server->checking = true;
  lws_sul_schedule(server->context, 0, &server->timeouts, check_all, CHECK_INTERVAL);
}

void server_end(struct server *server) {
  if (server->ending) return;
  server->ending = true;
  server->give_up = lws_now_usecs() + END_TIME;
  training_stop(server->training);
  server_watch(server);
}
