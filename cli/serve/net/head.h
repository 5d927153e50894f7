/* net/head.h - the head of a request, and what is wrong with it. */
#ifndef SERVE_NET_HEAD_H
#define SERVE_NET_HEAD_H

#include <microhttpd.h>

#include "serve/http/request.h"

/* Gives the request its headers, in one block that is to be freed. False: out of memory.
 */
bool head_read(struct MHD_Connection *mhd, struct request *request);

/* What is wrong with a head, with the status of the answer, or NULL. What two servers
 * could read in two ways is refused, not guessed (RFC 9112, 6.3 and 11.2). */
const char *head_fault(struct MHD_Connection *mhd, const struct request *request,
                       unsigned *status);

#endif
