/* http/upgrade.h - requests that offer to become a WebSocket (RFC 6455, section 4.2.1).
 */
#ifndef SERVE_HTTP_UPGRADE_H
#define SERVE_HTTP_UPGRADE_H

#include "serve/http/request.h"

/* Whether it is offered. Offers of other protocols may be ignored (RFC 9110, 7.8), as the
 * subprotocols and extensions of this one. */
bool upgrade_is_offered(const struct request *request);

/* What is wrong with the headers of an offer, or NULL. */
const char *upgrade_fault(const struct request *request);

#endif
