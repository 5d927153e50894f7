/* http/request.h - one HTTP request and the answer to it, without how they travel.
 *
 * Whoever handles a request answers it once with one of the request_reply functions, now
 * or later: later, when the event loop brings an event. A request that waits has a `gone`
 * function that is told when the client leaves first.
 */
#ifndef SERVE_HTTP_REQUEST_H
#define SERVE_HTTP_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

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
enum http_method http_method_find(const char *name);

/* Content types of answers. */
#define TYPE_JSON "application/json"
#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_TEXT "text/plain; charset=UTF-8"

#define REQUEST_PATH_MAX 256
#define REQUEST_ETAG_SIZE 72

struct access_policy;
struct websocket;

/* Text belongs to whoever brings the request. */
struct header {
  const char *name;
  const char *value;
};

struct request {
  enum http_method method;
  bool old;                    /* HTTP/1.0, which knows no upgrades */
  char path[REQUEST_PATH_MAX]; /* decoded, without the query; "" where it was longer */
  bool malformed;              /* its path is none */
  char parameter[REQUEST_PATH_MAX]; /* what stands for "{...}" of its route, or "" */
  char *query;                      /* as it was sent, or NULL */
  const struct header *headers;
  size_t header_count;
  const struct access_policy *access; /* who may use the service */

  const char *route; /* the path of the route that answers it, or NULL: there is none */
  size_t body_limit;
  bool too_large;
  size_t length;
  char *body; /* zero-terminated, or NULL */

  bool replied;
  unsigned status;
  const char *type;
  char *reply; /* or NULL */
  size_t reply_length;
  char allow[64];               /* value of the Allow header, or "" */
  char *location;               /* of the Location header, or NULL */
  char *disposition;            /* of the Content-Disposition header, or NULL */
  bool preflight;               /* the answer says what a page may send */
  const char *encoding;         /* of the body, or NULL: as it is */
  const char *vary;             /* headers that the answer depends on, or NULL */
  const char *policy;           /* what the page may load and run, or NULL */
  char etag[REQUEST_ETAG_SIZE]; /* of what the answer shows, with its quotes, or "" */
  unsigned retry_after;         /* seconds, or 0 */
  bool counted;                 /* the answer is a part of a list of `total` */
  size_t total;
  /* status 101: told of the WebSocket that the connection has become */
  void (*upgraded)(struct request *request, struct websocket *websocket);

  void (*gone)(struct request *request); /* the client left before the answer */
  void *owner;                           /* for `gone` and `upgraded` */
  struct request *waiting;               /* next of those that wait for the same thing */

  void (*answered)(struct request *request); /* brings the answer to the client */
  void *carrier;                             /* for `answered` */
};

/* Sets path and query to those of a request's target: a path, or an address with one.
 * False: out of memory. A path whose escapes are none, or stand for zero, is malformed;
 * an encoded '/' stays encoded, since it separates nothing. */
bool request_set_target(struct request *request, const char *target);

/* Frees what the request holds. */
void request_clear(struct request *request);

/* Adds a piece of the body. False: out of memory. */
bool request_take_body(struct request *request, const char *piece, size_t length);

/* The value of a header, or NULL where it is absent; the first of several. */
const char *request_header(const struct request *request, const char *name);

/* How often a header is there. */
size_t request_header_count(const struct request *request, const char *name);

/* Whether a header's value, a list with commas, has a word; in any case. */
bool request_header_has(const struct request *request, const char *name,
                        const char *word);

/* A value of the query, decoded, or false where there is none. One that is too long is
 * cut: make `size` larger than what is wanted. */
bool request_query(const struct request *request, const char *name, char *text,
                   size_t size);

/* Answers with `length` bytes of text, which are copied. */
void request_reply(struct request *request, unsigned status, const char *type,
                   const char *text, size_t length);

/* The same with memory that is taken over. */
void request_reply_owned(struct request *request, unsigned status, const char *type,
                         char *text, size_t length);

/* Whether the value of a header that lists ETags, or is "*", has this one; NULL has none.
 * `weakly`: W/ means nothing. */
bool etag_matches(const char *list, const char *etag, bool weakly);

/* Answers with JSON; takes over the reference. NULL becomes a 500. */
void request_reply_json(struct request *request, unsigned status, json_t *json);

/* Answers {"detail": text}. */
void request_reply_detail(struct request *request, unsigned status, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));

/* Answers with a redirection to a path of the service, the query behind it. */
void request_redirect(struct request *request, const char *path);

/* Agrees to become a WebSocket. */
void request_upgrade(struct request *request,
                     void (*upgraded)(struct request *request,
                                      struct websocket *websocket));

#endif
