"""Events of hrl-serve for tests, by long polling with nothing but requests."""
import json
import time

import requests

import serve_harness as harness


class Events:
    """A Socket.IO client by long polling."""

    def __init__(self, url):
        self.url = url + "/socket.io/?EIO=4&transport=polling"
        self.url += "&sid=" + json.loads(self.poll()[0][1:])["sid"]
        requests.post(self.url, data="40", timeout=harness.PATIENCE)

    def poll(self):
        return requests.get(self.url, timeout=harness.PATIENCE).text.split("\x1e")

    def wait_for(self, name):
        end = time.monotonic() + harness.PATIENCE
        while time.monotonic() < end:
            for packet in self.poll():
                if packet == "2":
                    requests.post(self.url, data="3", timeout=harness.PATIENCE)
                if packet.startswith("42") and json.loads(packet[2:])[0] == name:
                    return json.loads(packet[2:])[1]
        raise AssertionError("no " + name)
