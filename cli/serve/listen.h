/* serve/listen.h - the socket that clients connect to. */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include <stdint.h>

/* A listening socket for `host` and `port`, or the one that the system's service manager
 * hands over. -1: an error was shown. */
int listen_open(const char *host, uint16_t port);

#define ADDRESS_TEXT_SIZE 96

/* "address:port" that a socket listens on. */
void listen_address(int listener, char text[ADDRESS_TEXT_SIZE]);

#endif
