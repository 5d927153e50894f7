/* net/listen.h - the sockets that clients connect to. */
#ifndef SERVE_NET_LISTEN_H
#define SERVE_NET_LISTEN_H

#include <stddef.h>
#include <stdint.h>

/* The most addresses to listen on. */
#define LISTENERS_MAX 16

/* Listening sockets for `hosts`, addresses with commas between them, and `port`, or those
 * that the system's service manager hands over. NULL: both loopback addresses, ::1 only
 * where there is IPv6. With port 0 all have the port that the system chose for the first.
 * Gives how many; 0: an error was shown. */
size_t listen_open(const char *hosts, uint16_t port, int listeners[LISTENERS_MAX]);

#define ADDRESS_TEXT_SIZE 96

/* "address:port" that a socket listens on. */
void listen_address(int listener, char text[ADDRESS_TEXT_SIZE]);

#endif
