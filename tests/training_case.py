"""What the tests of runs in hrl-serve share: a service, a client that hears all, and requests."""
import unittest

import serve_harness as harness
from serve_peers import RUNS, Api, Client, has_record

LONG = {"scenario_name": "bologna_coppia", "num_episodes": 10 ** 6}
OTHER = {"scenario_name": "torino_single", "num_episodes": 10 ** 6}
SHORT = {"num_episodes": 40, "save_interval": 10, "eval_episodes": 5}

RECORDS = bool(harness.PROGRAM) and has_record()
recorded = unittest.skipUnless(RECORDS, "built without the record of runs")


class Case(harness.ServiceCase):
    def setUp(self):
        self.api = Api(self.service)
        self.client = Client(self.service.url, ["websocket"])
        self.client.wait_for("connection_established")

    def tearDown(self):
        for run in self.api.get(RUNS, state="queued,paused,running").json()["runs"]:
            self.api.change(run["id"], "stop")
        self.client.socket.disconnect()

    def begin(self, body=LONG):
        """A plain start; gives the run's number, which its event has."""
        count = len(self.client.of("training_started"))
        answer = self.api.start(**body)
        self.assertEqual(answer.status_code, 202, answer.text)
        (started,) = self.client.wait_for("training_started", count + 1)
        return started["run_id"]

    def heard(self, event, run):
        """Waits for an event of a run; gives its payload."""
        def found():
            return [e[1] for e in self.client.of(event) if e[1].get("run_id") == run]
        self.assertTrue(harness.wait_until(found), (event, run))
        return found()[0]
