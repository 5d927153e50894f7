#include "serve/net/respond.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "serve/http/answer.h"
#include "serve/net/tunnel.h"

static void add_header(void *data, const char *name, const char *value) {
  /* one that cannot be a header is left out */
  (void)MHD_add_response_header(data, name, value);
}

enum MHD_Result respond(struct connection *connection) {
  struct request *request = connection->request;
  struct MHD_Response *response =
      request->status == 101
          ? tunnel_response(request)
          : MHD_create_response_from_buffer(request->reply_length, request->reply,
                                            MHD_RESPMEM_MUST_FREE);
  if (response == NULL) return MHD_NO;
  if (request->status != 101) request->reply = NULL; /* it is the response's */
  answer_headers(request, add_header, response);
  enum MHD_Result result = MHD_queue_response(connection->mhd, request->status, response);
  MHD_destroy_response(response);
  return result;
}

/* A head that is being written. */
struct head_text {
  char text[2048];
  size_t length;
};

static void add_line(void *data, const char *name, const char *value) {
  struct head_text *head = data;
  size_t room = sizeof head->text - head->length;
  int length = snprintf(head->text + head->length, room, "%s: %s\r\n", name, value);
  /* one that has no room is left out */
  if (length > 0 && (size_t)length < room) head->length += (size_t)length;
}

void respond_raw(struct connection *connection, unsigned status, const char *detail) {
  char text[2560];
  struct head_text head = {.length = 0};
  connection->request->status = status;
  connection->request->type = TYPE_JSON;
  answer_headers(connection->request, add_line, &head);
  connection->told = true;
  size_t body = strlen("{\"detail\":\"\"}") + strlen(detail);
  int length = snprintf(text, sizeof text,
                        "HTTP/1.1 %u %s\r\n%.*sconnection: close\r\n"
                        "content-length: %zu\r\n\r\n{\"detail\":\"%s\"}",
                        status, detail, (int)head.length, head.text, body, detail);
  connection->request->reply_length = body;
  const union MHD_ConnectionInfo *tls =
      MHD_get_connection_info(connection->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  /* a client that does not take these few bytes gets none */
  if (tls != NULL && tls->tls_session != NULL)
    (void)!gnutls_record_send(tls->tls_session, text, (size_t)length);
  else
    (void)!send(connection->watch.descriptor, text, (size_t)length,
                MSG_NOSIGNAL | MSG_DONTWAIT);
}

void respond_close(struct connection *connection) {
  /* the library sees its end, and closes */
  (void)shutdown(connection->watch.descriptor, SHUT_RDWR);
}
