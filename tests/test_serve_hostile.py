"""What nobody's client does: hrl-serve gives the documented answer or closes, goes on,
and has its memory and descriptors back afterwards. Raw sockets only."""
import json
import re
import socket
import struct
import time

import serve_harness as harness
from hostile_case import POLL, HostileCase, body_of, status_of


class Hostile(HostileCase):
    def test_malformed_bodies(self):
        for body in (b"{", b"\x00", b"[" * 60000, b"{\"a\":" * 10000, b"\xff\xfe",
                     b"{\"scenario_name\":1e999}", b"{\"scenario_name\":" + b"9" * 5000,
                     b"{\"scenario_name\": \"\\ud800\"}"):
            self.assertEqual(status_of(self.start(body)), 422, body[:20])

    def test_large_bodies(self):
        for path, headers in (("/api/training/start", "Content-Type: application/json\r\n"),
                              (POLL + "&sid=x", "")):
            answer = self.request("POST", path, b" " * (10 << 20), headers)
            self.assertEqual(status_of(answer), 413, path)
        answer = self.request("POST", "/api/training/start", None,
                              "Content-Length: 99999999999\r\n")
        self.assertEqual(status_of(answer), 413)

    def test_requests_sent_too_early(self):
        """Requests behind each other are answered one after the other, in their order."""
        body = b'{"scenario_name":"zz"}'
        post = (b"POST /api/training/start HTTP/1.1\r\nHost: x\r\nContent-Type: "
                b"application/json\r\nContent-Length: %d\r\n\r\n" % len(body)) + body
        chunked = (b"POST /api/training/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
                   b"\r\n\r\n5\r\n{\"a\":\r\n2;x=y\r\n1}\r\n0\r\nTrailer: x\r\n\r\n")
        last = b"GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        health = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        for data, statuses in ((post * 3 + last, [404, 404, 404, 404]),
                               (health + chunked + post + last, [200, 422, 404, 404]),
                               (chunked * 2 + health + last, [422, 422, 200, 404]),
                               (health + b"z" * 5000, [200]),
                               (post + b"z z\r\n\r\n", [404, 400])):
            answer = self.service.exchange(data, timeout=20)
            found = [int(piece[:3]) for piece in answer.split(b"HTTP/1.1 ")[1:]]
            self.assertEqual(found[:len(statuses)], statuses, data[:30])
        # one that waits is not read on meanwhile
        used = self.service.processor()
        connection = self.service.connect()
        connection.settimeout(1)
        poll = f"GET {POLL}&sid={self.open_session()} HTTP/1.1\r\nHost: x\r\n\r\n"
        try:
            connection.sendall(poll.encode() + post + b"z" * (20 << 20))
        except (ConnectionError, TimeoutError):
            pass
        connection.close()
        self.assertLess(self.service.processor() - used, 0.5)

    def test_requests_that_two_servers_would_read_differently(self):
        post = b"POST /nope HTTP/1.1\r\nHost: x\r\n"
        for headers, status in (
                (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                (b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
                (b"Content-Length : 5\r\n\r\nxxxxx", 400),
                (b"Content-Length: +5\r\n\r\nxxxxx", 400),
                (b"Content-Length: 5, 5\r\n\r\nxxxxx", 400),
                (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                 b"0\r\n\r\n", 501),
                (b"Transfer-Encoding: gzip\r\n\r\nx", 501),
                (b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
                (b"Host: y\r\n\r\n", 400),
                (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
                (b"Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", 400),
                (b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
                (b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n", 413)):
            # were a body taken for a request, that would be answered, too
            answer = self.service.exchange(post + headers + b"GET /health HTTP/1.1\r\n\r\n",
                                           timeout=20)
            self.assertEqual(status_of(answer), status, headers)
            self.assertNotIn(b"200 OK", answer, headers)
        answer = self.service.exchange(b"POST /nope HTTP/1.0\r\n"
                                       b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", timeout=20)
        self.assertEqual(status_of(answer), 400)

    def test_chunks(self):
        """A body in chunks has the limits of one with a length."""
        def chunked(path, size, kind="application/json"):
            head = (f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: "
                    f"{kind}\r\nTransfer-Encoding: chunked\r\n\r\n")
            return self.service.exchange(head.encode() + (b"3e8\r\n" + b" " * 1000 + b"\r\n")
                                         * (size // 1000) + b"0\r\n\r\n")
        self.assertEqual(status_of(chunked("/api/training/start", 60000)), 422)
        self.assertEqual(status_of(chunked("/api/training/start", 70000)), 413)
        self.assertEqual(status_of(chunked(POLL + "&sid=x", 1100000)), 413)
        self.assertEqual(status_of(chunked("/api/training/start", 10 << 20)), 413)
        sid = self.open_session()
        answer = self.service.exchange(
            f"POST {POLL}&sid={sid} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            "Transfer-Encoding: chunked\r\n\r\n2\r\n40\r\n0\r\n\r\n".encode())
        self.assertEqual(body_of(answer), b"ok")

    def test_paths(self):
        """A route has one spelling, beside escapes of what needs none."""
        for path, status in (("/health", 200), ("/%68ealth", 200), ("/health?a=%zz&b", 200),
                             ("http://x/health", 200), ("HTTPS://x:1/health?a", 200),
                             ("http://x", 200), ("/api%2ftraining%2Fstatus", 404),
                             ("/api/training%2fstatus", 404), ("//health", 404), ("//", 404),
                             ("/api//training/status", 404), ("/health%2f", 404),
                             ("/./health", 404), ("/x/../health", 404), ("/health%20", 404),
                             ("/health%00", 400), ("/%zz", 400), ("/%", 400), ("/%2", 400),
                             ("/a%0g", 400), ("health", 400), ("/health/%00", 400),
                             ("/" + "a" * 300, 404), ("/%2e%2e/etc/passwd", 404)):
            answer = self.request("GET", path)
            self.assertEqual(status_of(answer), status, path)
            if status != 200:
                self.assertIn("detail", json.loads(body_of(answer)))
        self.assertEqual(status_of(self.request("GET", POLL.replace("transport", "%74ransport"))),
                         400)
        self.assertEqual(status_of(self.request("GET", POLL.replace("polling", "p%6flling"))), 200)

    def test_names(self):
        for name, status in (("../../etc/passwd", 404), ("a\\u0000b", 404),
                             ("x" * 10000, 400), ("..", 404), ("/", 400),
                             ("%2e%2e%2fx", 404), ("bologna_coppia.json", 404)):
            answer = self.start(f'{{"scenario_name":"{name}"}}'.encode())
            self.assertEqual(status_of(answer), status, name[:20])
            self.assertNotIn(b"root:", answer)

    def test_strange_requests(self):
        close = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        offer = b" HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\n"
        for data, allowed in (
                (b"\r\n\r\n", {0, 400}), (b"\x16\x03\x01\x02\x00\x01", {0, 400}),
                (b"BREW /" + close + b"\r\n", {405}), (b"TRACE /health" + close + b"\r\n", {405}),
                (b"BREW /nope" + close + b"\r\n", {404}),
                (b"GET nowhere" + close + b"\r\n", {400}),
                (b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n", {0, 414}),
                (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", {431}),
                (b"GET / HTTP/1.1\r\nX: " + b"a" * 100000 + b"\r\n\r\n", {0, 431}),
                (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", {431}),
                (b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 1500 + b"\r\n", {431}),
                (b"GET /\r\n\r\n", {0, 400}), (b"GET / HTTP/3.0\r\n\r\n", {505}),
                (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", {400}),
                (b"GET /%00%ff HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
                (b"GET /%ff HTTP/1.1\r\nConnection: close\r\n\r\n", {404}),
                (b"GET /../../etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", {404}),
                (b"POST /api/training/stop" + close + b"Content-Length: -5\r\n\r\n", {400}),
                (b"POST /api/training/stop" + close + b"Content-Length: x\r\n\r\n", {400}),
                (b"POST /api/training/stop" + close + b"\r\n", {400}),
                (b"POST /api/training/stop" + close + b"Transfer-Encoding: chunked\r\n\r\n"
                 b"0\r\n\r\n", {400}),
                (b"GET /" + offer + b"Upgrade: h2c\r\n\r\n", {200}),
                (b"POST /api/training/start" + offer + b"Upgrade: h2c\r\n"
                 b"Content-Length: 2\r\n\r\n{}", {422}),
                (b"POST /api/training/stop" + offer + b"Upgrade: h2c\r\n\r\n", {400}),
                (b"GET /nope" + offer + b"Upgrade: TLS/1.0\r\n\r\n", {404}),
                (b"GET /health" + offer + b"Upgrade: websocket\r\n\r\n", {200}),
                (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505})):
            answer = self.service.exchange(data + b"", timeout=20)
            self.assertIn(status_of(answer), allowed, data[:40])
            self.assertNotIn(b"root:", answer)

    def test_half_requests_and_vanishing_clients(self):
        self.request("GET", "/health")
        before = self.service.descriptors()
        slow = []
        for data in (b"", b"G", b"GET /health HTTP/1.1\r\nHost:",
                     b"POST /api/training/start HTTP/1.1\r\nContent-Length: 50\r\n\r\n{"):
            for _ in range(50):
                connection = self.service.connect()
                connection.sendall(data)
                slow.append(connection)
        # others are served meanwhile
        self.assertEqual(status_of(self.request("GET", "/health")), 200)
        # headers and bodies that do not go on are not waited for
        # not even if they go on, but never end
        drip = self.service.connect()
        end = time.monotonic() + 40
        try:
            while time.monotonic() < end:
                drip.sendall(b"G")
                time.sleep(0.5)
            self.fail("a head that takes for ever is waited for")
        except ConnectionError:
            drip.close()
        for connection in slow[50::50]:
            connection.settimeout(40)
            answer = harness.read_all(connection)
        self.assertEqual(status_of(answer), 408)  # the one that had begun its body
        self.assertEqual(json.loads(body_of(answer)), {"detail": "Request Timeout"})
        for connection in slow:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
            connection.close()  # with a reset
        for _ in range(20):
            sid = self.open_session()
            connection = self.service.connect()
            connection.sendall(f"GET {POLL}&sid={sid} HTTP/1.1\r\n\r\n".encode())
            connection.close()
            connection, _ = self.websocket()
            connection.close()
        self.assertTrue(harness.wait_until(
            lambda: self.service.descriptors() <= before, 10),
            (before, self.service.descriptors()))

    def test_memory_comes_back(self):
        def visit():
            for _ in range(300):
                sid = self.open_session()
                self.packets(sid, b"40\x1e420[\"subscribe_training\",\"" +
                             b"x" * 20000 + b"\"]")
                self.packets(sid, b"1")
                self.start(b"{\"scenario_name\": " + b"[" * 1000)
        visit()
        before = self.service.memory()
        visit()
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - before, 2048)


class Silent(HostileCase):
    options = ("--ping-interval", "400", "--ping-timeout", "400", "--max-clients", "3")

    def test_clients_that_answer_no_pings_make_room(self):
        for _ in range(9):  # three times as many as there is room for
            self.assertTrue(harness.wait_until(
                lambda: status_of(self.request("GET", POLL)) == 200))


class Full(HostileCase):
    options = ("--max-clients", "5")

    def test_too_many_clients(self):
        sids = [self.open_session() for _ in range(5)]
        self.assertEqual(status_of(self.request("GET", POLL)), 503)
        connection, answer = self.websocket()
        connection.close()
        self.assertEqual(status_of(answer), 503)
        self.packets(sids[0], b"1")  # one leaves
        self.open_session()
        self.assertEqual(status_of(self.request("GET", POLL)), 503)


class Slow(harness.ServiceCase):
    """A client that does not read is closed and costs little; others notice nothing."""
    options = ("--client-timeout", "2000")

    def clients(self):
        answer = self.service.exchange(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return int(re.search(rb"^hrl_clients (\d+)", answer, re.MULTILINE).group(1))

    def test_one_that_does_not_read(self):
        sockets = self.service.sockets()
        connection = self.service.connect()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
            b"MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            b"\x81\x82\0\0\0\0" b"40")
        time.sleep(0.5)
        body = b'{"scenario_name": "bologna_coppia", "num_episodes": 1000000}'
        self.service.exchange(
            b"POST /api/training/start HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body)
        before = self.service.memory()
        self.assertEqual(self.clients(), 1)
        self.assertTrue(harness.wait_until(lambda: self.clients() == 0), self.service.log())
        self.assertTrue(harness.wait_until(lambda: self.service.sockets() == sockets), self.service.log())
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - before, 16384)
        connection.close()
        answer = self.service.exchange(
            b"POST /api/training/stop HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Length: 0\r\n\r\n")
        self.assertEqual(status_of(answer), 200)


if __name__ == "__main__":
    harness.main()
