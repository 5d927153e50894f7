"""What the tests of hostile clients share: a service, and raw sockets to it."""
import base64
import json
import os
import socket

import serve_harness as harness
from serve_harness import read_all

POLL = "/socket.io/?EIO=4&transport=polling"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
KEY = base64.b64encode(b"0123456789abcdef").decode()


def status_of(answer):
    """The number in a raw HTTP answer, 0 where there is none."""
    parts = answer.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[0].startswith(b"HTTP/") else 0


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2]


class HostileCase(harness.ServiceCase):
    options = ("--ping-interval", "400", "--ping-timeout", "400", "--max-clients", "50")

    def tearDown(self):
        self.assertEqual(status_of(self.request("GET", "/health")), 200,
                         self.service.log()[-2000:])

    def request(self, method, path, body=None, headers="", **options):
        length = "" if body is None else f"Content-Length: {len(body)}\r\n"
        head = (f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                f"{length}{headers}\r\n")
        return self.service.exchange(head.encode("latin-1") + (body or b""), **options)

    def start(self, body):
        return self.request("POST", "/api/training/start", body,
                            "Content-Type: application/json\r\n")

    def open_session(self):
        answer = body_of(self.request("GET", POLL))
        self.assertEqual(answer[:1], b"0", answer)
        return json.loads(answer[1:])["sid"]

    def packets(self, sid, text):
        return self.request("POST", POLL + "&sid=" + sid, text)

    def is_alive(self, sid):
        answer = self.packets(sid, b"3")
        return status_of(answer) == 200

    def websocket(self, query="EIO=4&transport=websocket"):
        """A WebSocket after its handshake, or the answer that refused it."""
        connection = self.service.connect()
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall((
            f"GET /socket.io/?{query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Version: 13\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = connection.recv(1)
            if not piece:
                break
            answer += piece
        return connection, answer

    def handshake(self, method="GET", version="1.1", path=None, **headers):
        """The raw answer to an upgrade; a header that is None is left out, one that is a
        tuple is sent once for each of its values."""
        lines = {"Host": "x", "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13"}
        lines.update({name.replace("_", "-"): value for name, value in headers.items()})
        head = f"{method} {path or WEBSOCKET} HTTP/{version}\r\n"
        for name, value in lines.items():
            for one in value if isinstance(value, tuple) else (value,):
                if one is not None:
                    head += f"{name}: {one}\r\n"
        with self.service.connect() as connection:
            connection.sendall(head.encode() + b"\r\n")
            connection.shutdown(socket.SHUT_WR)
            try:
                return read_all(connection)
            except ConnectionError:
                return b""
