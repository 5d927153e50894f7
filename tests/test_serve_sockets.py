"""Handshakes, packets and frames that nobody's client sends: hrl-serve closes, and goes on."""
import json
import struct
import threading
import time

import serve_harness as harness
from hostile_case import KEY, POLL, WEBSOCKET, HostileCase, body_of, status_of


def frame(opcode, data, final=True, masked=True):
    """A frame as clients send it; its mask is all zeros."""
    head = bytes([opcode | (0x80 if final else 0)])
    size = len(data)
    mask = 0x80 if masked else 0
    if size < 126:
        head += bytes([mask | size])
    elif size < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", size)
    return head + (b"\0\0\0\0" if masked else b"") + data


class Sockets(HostileCase):
    def test_upgrades_that_fail_half_way(self):
        """Each header of an upgrade absent, empty, doubled, too long."""
        wrong = {
            "Host": (None, ""),
            "Sec_WebSocket_Key": (None, "", "x", KEY[:-1], KEY + "=", "*" + KEY[1:],
                                  "a" * 300, "a" * 3000, (KEY, KEY)),
            "Sec_WebSocket_Version": (None, "", "12", "013", "1" * 300, ("13", "12")),
        }
        for name, values in wrong.items():
            for value in values:
                answer = self.handshake(**{name: value})
                self.assertEqual(status_of(answer), 400, (name, value, answer))
                self.assertIn(b"detail", answer)
        # what is offered beside it is not taken, and does not matter
        for name in ("Sec_WebSocket_Protocol", "Sec_WebSocket_Extensions"):
            for value in ("x", "x, y", ("x", "y"), "a" * 3000):
                answer = self.handshake(**{name: value})
                self.assertEqual(status_of(answer), 101, (name, value, answer))
                self.assertNotIn(name.replace("_", "-").lower(), answer.decode("latin-1").lower())
        # the answer may be an upgrade or a refusal, as long as the service goes on
        anything = (None, "", "x", "a" * 300, "a" * 3000, ("x", "x"))
        for name in ("Host", "Upgrade", "Connection", "Origin", "Cookie", "Expect",
                     "Authorization", "Content_Length", "Transfer_Encoding",
                     "Sec_WebSocket_Protocol", "Sec_WebSocket_Extensions",
                     "Sec_WebSocket_Key", "Sec_WebSocket_Version"):
            for value in anything:
                self.handshake(**{name: value})
        for upgrade in ("websocket, h2c", "WebSocket", "h2c", "raw", "websocket\twebsocket"):
            self.handshake(Upgrade=upgrade)
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT"):
            for version in ("0.9", "1.0", "1.1", "2.0"):
                self.handshake(method, version)
                self.handshake(method, version, Sec_WebSocket_Key=None)
        for path in ("/", "/health", "/api/training/start", "*", "http://x/socket.io/"):
            self.handshake(path=path, Sec_WebSocket_Key=None)

    def test_handshakes(self):
        for query in ("EIO=3&transport=polling", "transport=polling", "EIO=4",
                      "EIO=4&transport=carrier-pigeon", "EIO=4&transport=polling&sid=zz",
                      "EIO=4&transport=polling&sid=" + "a" * 32,
                      "EIO=4&transport=polling&sid=" + "a" * 1000,
                      "EIO=4&transport=websocket"):
            answer = self.request("GET", "/socket.io/?" + query)
            self.assertEqual(status_of(answer), 400, query)
            self.assertIn("message", json.loads(body_of(answer)))
        self.assertEqual(status_of(self.request("POST", POLL, b"40")), 400)
        for query in ("EIO=3&transport=websocket", "EIO=4&transport=polling",
                      "EIO=4&transport=websocket&sid=" + "a" * 32):
            connection, answer = self.websocket(query)
            connection.close()
            self.assertEqual(status_of(answer), 400, query)

    def test_packets(self):
        for text in (b"", b"9", b"4", b"47", b"4" + b"{" * 50,
                     b"451-[\"x\",{\"_placeholder\":true,\"num\":0}]", b"42[", b"42{}",
                     b"42[5]", b"42/admin,[\"x\"]", b"429999999999999999999[\"x\"]",
                     b"40/" + b"n" * 1000 + b",", b"5", b"2probe", b"0{}",
                     b"3\x1e", b"42" + b"[" * 10000, b"\x1e\x1e\x1e"):
            sid = self.open_session()
            self.assertEqual(status_of(self.packets(sid, text)), 400, text[:20])
            self.assertEqual(status_of(self.packets(sid, b"3")), 400, text[:20])
        sid = self.open_session()
        self.assertEqual(status_of(self.packets(sid, b"40\x1e42[\"x\"]\x1e6\x1e3")), 200)
        # a binary event is ignored like every event that is not known
        binary = b"451-[\"x\",{\"_placeholder\":true,\"num\":0}]\x1ebAAEC\x1e3"
        self.assertEqual(status_of(self.packets(sid, binary)), 200)
        self.assertTrue(self.is_alive(sid))
        sid = self.open_session()
        self.assertEqual(body_of(self.packets(sid, b"1")), b"ok")
        self.assertFalse(self.is_alive(sid))

    def test_two_polls_at_once(self):
        sid = self.open_session()
        answers = []
        first = threading.Thread(target=lambda: answers.append(
            self.request("GET", POLL + "&sid=" + sid)))
        first.start()
        time.sleep(0.1)
        answers.append(self.request("GET", POLL + "&sid=" + sid))
        first.join()
        self.assertEqual([status_of(a) for a in answers], [400, 400])
        self.assertFalse(self.is_alive(sid))

    def test_a_poll_that_was_given_up(self):
        """The client left, and polls anew: that is one poll, not two at once."""
        sid = self.open_session()
        with self.service.connect() as connection:
            connection.sendall(f"GET {POLL}&sid={sid} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.assertTrue(harness.wait_until(lambda: self.is_alive(sid)))
        self.assertTrue(harness.wait_until(lambda: "499" in self.service.log()))
        answer = self.request("GET", POLL + "&sid=" + sid)
        self.assertEqual((status_of(answer), body_of(answer)), (200, b"2"))

    def test_pings_are_wanted_back(self):
        sid = self.open_session()
        self.packets(sid, b"40")
        answer = self.request("GET", POLL + "&sid=" + sid)
        while status_of(answer) == 200 and body_of(answer) != b"1":
            answer = self.request("GET", POLL + "&sid=" + sid)
        self.assertIn((status_of(answer), body_of(answer)[:1]), ((200, b"1"), (400, b"{")))
        connection, _ = self.websocket()
        connection.settimeout(10)
        self.assertIn(b"\x88", harness.read_all(connection))  # a close frame
        connection.close()

    def test_websocket_frames(self):
        for data in (frame(2, b"40"), frame(1, b"9"), frame(1, b"b"), frame(1, b""),
                     frame(1, b"\xff\xfe"), frame(1, b"4" + b"x" * 1100000),
                     frame(1, b"4", False) + frame(0, b"x" * 1100000),
                     frame(3, b"x"), b"\x81\x02ab", frame(1, b"2probe"),
                     frame(1, b"42[\"x\"]"), b"\xff" * 1000,
                     b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff" + b"\0" * 100):
            connection, answer = self.websocket()
            self.assertEqual(status_of(answer), 101)
            connection.settimeout(20)
            try:
                connection.sendall(data)
                harness.read_all(connection)  # ends: it is closed
            except (ConnectionError, BrokenPipeError):
                pass
            connection.close()
        # one that sends pings and reads no answers is not read on, and costs little
        connection, _ = self.websocket()
        connection.settimeout(1)
        before = self.service.memory()
        try:
            connection.sendall(frame(9, b"x" * 125) * 200000)
        except (ConnectionError, TimeoutError):
            pass
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - before, 8192)
        connection.close()
        # a message in pieces is one message
        connection, _ = self.websocket()
        connection.sendall(frame(1, b"4", False) + frame(9, b"ping") + frame(0, b"0"))
        connection.settimeout(10)
        received = b""
        while b"connection_established" not in received:
            received += connection.recv(4096)
        connection.close()

    def test_upgrade_that_never_finishes(self):
        sid = self.open_session()
        self.packets(sid, b"40")
        connection, answer = self.websocket("EIO=4&transport=websocket&sid=" + sid)
        self.assertEqual(status_of(answer), 101)
        second, answer = self.websocket("EIO=4&transport=websocket&sid=" + sid)
        second.close()
        self.assertEqual(status_of(answer), 400)
        # polling goes on meanwhile, and afterwards
        end = time.monotonic() + 12
        while time.monotonic() < end:
            answer = self.request("GET", POLL + "&sid=" + sid)
            self.assertEqual(status_of(answer), 200)
            if b"2" in body_of(answer).split(b"\x1e"):
                self.assertTrue(self.is_alive(sid))
        connection.settimeout(10)
        self.assertTrue(harness.read_all(connection).startswith(b"\x88"))
        connection.close()

    def test_early_frames_without_a_mask(self):
        """The same of frames that come together with the handshake."""
        with self.service.connect() as connection:
            connection.settimeout(20)
            connection.sendall(
                f"GET {WEBSOCKET} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n".encode() + frame(1, b"40", masked=False))
            received = harness.read_all(connection)
        self.assertTrue(received.endswith(b"\x88\x02" + struct.pack(">H", 1002)), received)

    def test_frames_without_a_mask(self):
        """They are closed with 1002 (RFC 6455, 5.1), whatever was right before them."""
        good = frame(1, b"40")
        for before in (b"", good, frame(1, b"4", False) + frame(0, b"0"),
                       frame(9, b"x" * 125), good + frame(1, b'42["x"]' + b" " * 70000)):
            for bad in (frame(1, b"40", masked=False), frame(9, b"", masked=False),
                        frame(8, b"", masked=False), frame(1, b"x" * 300, masked=False)):
                connection, _ = self.websocket()
                connection.settimeout(20)
                connection.sendall(before + bad)
                received = harness.read_all(connection)
                connection.close()
                self.assertEqual(received[-4:], b"\x88\x02" + struct.pack(">H", 1002))


if __name__ == "__main__":
    harness.main()
