/* serve/request.h - one HTTP request, from its headers to the last byte of its answer.
 *
 * Whoever handles a request answers it once with one of the request_reply functions, now
 * or later: later, when the event loop brings news. A request that waits has a `gone`
 * function that is told when the client leaves first.
 */
#ifndef SERVE_REQUEST_H
#define SERVE_REQUEST_H

#include <jansson.h>

#include "serve/server.h"

enum http_method {
  METHOD_GET,
  METHOD_HEAD,
  METHOD_POST,
  METHOD_PUT,
  METHOD_PATCH,
  METHOD_DELETE,
  METHOD_OPTIONS,
  METHOD_OTHER,
};

const char *http_method_name(enum http_method method);

/* Content types of answers. */
#define TYPE_JSON "application/json"
#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_TEXT "text/plain; charset=UTF-8"

#define REQUEST_PATH_MAX 256
#define REQUEST_HEADER_MAX 512

struct request {
  struct request *next, *previous; /* in server.requests */
  struct server *server;
  struct lws *wsi;
  enum http_method method;
  char path[REQUEST_PATH_MAX]; /* without the query; "" where it was longer */
  char client[64];
  char origin[REQUEST_HEADER_MAX]; /* "" where none was sent */
  int64_t begun_at;                /* monotonic microseconds */

  bool reading; /* its body is still arriving */
  bool too_large;
  size_t body_limit;
  size_t length;
  char *body; /* zero-terminated, or NULL */

  bool replied;
  bool head_written;
  unsigned status;
  const char *type;
  char allow[64];       /* value of the Allow header, or "" */
  char location[2 * REQUEST_PATH_MAX]; /* of the Location header, or "" */
  bool preflight;       /* the answer says what a page may send */
  unsigned char *reply; /* behind LWS_PRE bytes */
  size_t reply_length;

  void (*gone)(struct request *request); /* the client left before the answer */
  void *owner;                           /* for `gone` */
  struct request *waiting;               /* next of those that wait for the same thing */
};

/* The request whose headers `wsi` has just received, added to the server's. NULL: out of
 * memory. */
struct request *request_create(struct server *server, struct lws *wsi);

/* Takes it out of the server; tells `gone` where it was not answered; logs it. */
void request_destroy(struct request *request);

/* Adds a piece of the body. False: out of memory. */
bool request_take_body(struct request *request, const char *piece, size_t length);

/* A header, or false where it is absent or longer than `size` allows. */
bool request_header(struct lws *wsi, enum lws_token_indexes token, char *text,
                    size_t size);

/* A value of the query, decoded, or false where there is none. One that is too long is
 * cut: make `size` larger than what is wanted. */
bool request_query(struct lws *wsi, const char *name, char *text, size_t size);

/* Answers with `length` bytes of text, which are copied. */
void request_reply(struct request *request, unsigned status, const char *type,
                   const char *text, size_t length);

/* Answers with JSON; takes over the reference. NULL becomes a 500. */
void request_reply_json(struct request *request, unsigned status, json_t *json);

/* Answers {"detail": text}. */
void request_reply_detail(struct request *request, unsigned status, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));

/* Answers with a redirection to a path of the service, the query behind it. */
void request_redirect(struct request *request, const char *path);

/* Writes what can be written now. Other than 0: the connection is to be closed. *done is
 * set when the answer is out; the request may then be destroyed. */
int request_write(struct request *request, bool *done);

#endif
