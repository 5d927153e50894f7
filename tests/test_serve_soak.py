"""Clients come and go, politely or not, while training starts and stops, runs are queued, and
the page, simulations, reports and advice are asked for: memory and descriptors of hrl-serve end
where they were. HRL_SOAK_SECONDS says for how long (10)."""
import http.client
import os
import random
import sys
import time

import serve_harness as harness

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench"))
import serve_load  # noqa: E402

SECONDS = float(os.environ.get("HRL_SOAK_SECONDS", "10"))
PRETRAINED = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
RUNS = "/api/training/runs"


class Soak(harness.ServiceCase):
    visits = 0
    uses = 0

    @classmethod
    def settings(cls):
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}}

    def ask(self, method, path, body=None):
        return serve_load.request(self.service.port, method, path, body)

    def look_at_page(self):
        for path in ("/", "/metrics"):
            connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
            connection.request("GET", path, headers={"Accept": "text/html"})
            answer = connection.getresponse()
            self.assertEqual((answer.status, bool(answer.read())), (200, True))
            connection.close()
        for path in ("/api/scenarios", "/api/models", "/api/simulation/history",
                     "/api/reports/list", "/openapi.json"):
            self.ask("GET", path)

    def queue_runs(self):
        """Two are added; of those that have ended, files and rows are deleted."""
        for name in ("torino_single", "milano_junior"):
            self.ask("POST", "/api/training/start", {
                "scenario_name": name, "num_episodes": 40, "eval_episodes": 5, "queue": True})
        for run in self.ask("GET", RUNS + "?limit=20").get("runs", []):
            self.ask("GET", f"{RUNS}/{run['id']}/progress?points=50")
            if run["state"] in ("completed", "stopped"):
                self.ask("DELETE", f"{RUNS}/{run['id']}")

    def simulate(self):
        """A simulation and a report of it, which are deleted again."""
        made = self.ask("POST", "/api/simulation/run", {
            "model_name": "generalist", "scenario_name": "bologna_coppia", "num_episodes": 20})
        self.assertEqual(made["status"], "completed")
        report = self.ask("POST", "/api/reports/generate", {
            "simulation_id": made["simulation_id"], "report_type": "html"})
        self.ask("DELETE", "/api/reports/" + report["report_id"])
        self.ask("DELETE", "/api/simulation/results/" + made["simulation_id"])

    def advise(self):
        answer = self.ask("POST", "/api/advice", {
            "scenario_name": "bologna_coppia", "month": 3, "cash": 4000, "portfolio": 2500})
        self.assertIn("this_month", answer)

    def use(self, chance):
        """What a person at the page does."""
        self.uses += 1
        chance.choice((self.look_at_page, self.queue_runs, self.simulate, self.advise))()

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
            if chance.random() < 0.1:
                self.use(chance)
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
        for use in (self.look_at_page, self.queue_runs, self.simulate, self.advise):
            use()
        # what the threads' heaps keep is there after a minute
        self.visit(min(60, max(3, SECONDS / 10)), chance)
        self.assertTrue(harness.wait_until(self.is_empty, 10))
        descriptors, memory = self.service.descriptors(), self.service.memory()
        self.visit(SECONDS, chance)
        self.assertTrue(harness.wait_until(
            lambda: self.is_empty() and self.service.descriptors() <= descriptors, 10),
            (descriptors, self.service.descriptors()))
        print(f"{self.visits} clients, {self.uses} uses; descriptors {descriptors} -> "
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
