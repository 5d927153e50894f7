/* net/exchange.h - one request and its answer on a connection, as the library reports
 * them. */
#ifndef SERVE_NET_EXCHANGE_H
#define SERVE_NET_EXCHANGE_H

#include "serve/net/connection.h"

/* The first line of a request has come. */
void *exchange_begin(void *data, const char *target, struct MHD_Connection *mhd);

/* Its head, then its body piece by piece, then its end. */
enum MHD_Result exchange_take(void *data, struct MHD_Connection *mhd, const char *path,
                              const char *method, const char *version, const char *piece,
                              size_t *length, void **context);

/* The answer is out, or never will be. */
void exchange_end(void *data, struct MHD_Connection *mhd, void **context,
                  enum MHD_RequestTerminationCode code);

/* Ends what is overdue. */
void exchange_check(struct connection *connection, int64_t now);

/* The service ends: nothing waits any more. */
void exchange_abandon(struct connection *connection);

#endif
