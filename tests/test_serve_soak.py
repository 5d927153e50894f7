"""Clients come and go, politely or not, while training starts and stops: memory and
descriptors of hrl-serve end where they were. HRL_SOAK_SECONDS says for how long (10)."""
import os
import random
import sys
import time

import serve_harness as harness

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench"))
import serve_load  # noqa: E402

SECONDS = float(os.environ.get("HRL_SOAK_SECONDS", "10"))


class Soak(harness.ServiceCase):
    visits = 0

    def visit(self, seconds, chance):
        port = self.service.port
        clients = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if len(clients) < 40:
                self.visits += 1
                clients.append(serve_load.Client(port, chance.random() < 0.5))
            if chance.random() < 0.1:
                serve_load.request(port, "POST", "/api/training/start", {
                    "scenario_name": serve_load.SCENARIO, "num_episodes": 100000})
            if chance.random() < 0.1:
                serve_load.request(port, "POST", "/api/training/stop")
            if clients and chance.random() < 0.5:
                client = clients.pop(chance.randrange(len(clients)))
                if client.polling and chance.random() < 0.5:
                    client.exchange("POST", "1")
                client.socket.close()
        for client in clients:
            client.socket.close()
        serve_load.request(port, "POST", "/api/training/stop")

    def test_nothing_grows(self):
        chance = random.Random(1)
        self.visit(3, chance)
        self.assertTrue(harness.wait_until(self.is_empty, 10))
        descriptors, memory = self.service.descriptors(), self.service.memory()
        self.visit(SECONDS, chance)
        self.assertTrue(harness.wait_until(
            lambda: self.is_empty() and self.service.descriptors() <= descriptors, 10),
            (descriptors, self.service.descriptors()))
        print(f"{self.visits} clients; descriptors {descriptors} -> "
              f"{self.service.descriptors()}, memory {memory} -> {self.service.memory()} KiB")
        # what the allocator keeps for later is not growth; a leak grows with the time
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - memory, 8192)

    def is_empty(self):
        status = serve_load.request(self.service.port, "GET", "/api/training/status")
        return not status["is_training"]

    options = ("--ping-interval", "1000", "--ping-timeout", "1000", "--threads", "1")


if __name__ == "__main__":
    harness.main()
