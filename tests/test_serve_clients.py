"""python-socketio against hrl-serve, as a user of the reference service has it: polling
only, WebSocket only, and the upgrade from one to the other."""
import os
import threading
import unittest

import serve_harness as harness
from serve_peers import Client, requests, socketio

# Fewer than the progress that may wait for a client: all of it arrives, however slow that is.
EPISODES = 200
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}
PROGRESS = {"episode", "total_episodes", "avg_reward", "avg_duration", "avg_cash",
            "avg_invested", "stability", "goal_adherence", "elapsed_time"}


class Clients(harness.ServiceCase):
    def post(self, path, **options):
        return requests.post(self.service.url + path, timeout=harness.PATIENCE, **options)

    def each(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                client = Client(self.service.url, transports)
                wanted = "polling" if name == "polling" else "websocket"
                self.assertEqual(client.socket.transport(), wanted)
                yield client
                client.socket.disconnect()

    def test_training_to_its_end(self):
        for client in self.each():
            (hello,) = client.wait_for("connection_established")
            self.assertEqual(set(hello), {"message", "sid"})
            self.assertEqual(hello["sid"], client.socket.get_sid())
            answer = self.post("/api/training/start", json={
                "scenario_name": "bologna_coppia", "num_episodes": EPISODES,
                "save_interval": 50, "eval_episodes": 5})
            self.assertEqual(answer.status_code, 202)
            (completed,) = client.wait_for("training_completed")
            (started,) = client.wait_for("training_started")
            self.assertEqual(started, {
                "scenario_name": "bologna_coppia", "num_episodes": EPISODES,
                "start_time": answer.json()["data"]["start_time"],
                "run_id": started["run_id"]})
            # each event has a thread of its own in this client, so that neighbours may
            # change places; test_serve_node.js looks at the order
            client.wait_for("training_progress", EPISODES)
            progress = sorted((data for _, data in client.of("training_progress")),
                              key=lambda data: data["episode"])
            self.assertEqual([p["episode"] for p in progress],
                             list(range(1, EPISODES + 1)))
            self.assertTrue(all(set(p) == PROGRESS | {"run_id"} for p in progress))
            self.assertEqual({p["run_id"] for p in progress + [completed]},
                             {started["run_id"]})
            self.assertEqual(completed["scenario_name"], "bologna_coppia")
            self.assertEqual(completed["episodes_completed"], EPISODES)
            self.assertEqual(set(completed["final_metrics"]),
                             {"avg_reward", "avg_duration", "stability"})
            self.assertEqual(completed["final_metrics"]["avg_reward"],
                             progress[-1]["avg_reward"])

    def test_a_long_run(self):
        for client in self.each():
            self.post("/api/training/start", json={
                "scenario_name": "bologna_coppia", "num_episodes": 1000,
                "save_interval": 100, "eval_episodes": 10})
            (completed,) = client.wait_for("training_completed")
            self.assertEqual(completed["episodes_completed"], 1000)

            def seen():
                return sorted(data["episode"] for _, data in client.of("training_progress"))
            # a client that falls behind loses some of it, but neither order nor the last
            self.assertTrue(harness.wait_until(lambda: seen()[-1:] == [1000], 10))
            self.assertEqual(len(seen()), len(set(seen())))
            files = set(os.listdir(self.service.models))
            self.assertLessEqual({"bologna_coppia_high_agent.pt", "bologna_coppia_low_agent.pt",
                                  "bologna_coppia_history.json", "bologna_coppia_metadata.json"},
                                 files)
            kept = os.listdir(os.path.join(self.service.models, "checkpoints", "bologna_coppia"))
            self.assertIn("checkpoint_episode_1000", kept)

    def test_start_and_stop(self):
        for client in self.each():
            self.post("/api/training/start", json={"scenario_name": "bologna_coppia",
                                                   "num_episodes": 100000})
            client.wait_for("training_progress", 20)
            answer = self.post("/api/training/stop")
            self.assertEqual(answer.status_code, 200)
            (stopped,) = client.wait_for("training_stopped")
            self.assertEqual(stopped, {
                "scenario_name": "bologna_coppia",
                "episodes_completed": answer.json()["data"]["episodes_completed"],
                "run_id": stopped["run_id"]})
            self.assertEqual(client.of("training_completed"), [])

    def test_subscription_and_acknowledgement(self):
        for client in self.each():
            client.socket.emit("subscribe_training", {"scenario": "x"})
            (confirmed,) = client.wait_for("subscription_confirmed")
            self.assertEqual(set(confirmed), {"message"})
            client.socket.emit("subscribe_training")
            client.wait_for("subscription_confirmed", 2)
            self.assertIsNone(client.socket.call("subscribe_training", 1))
            self.assertIsNone(client.socket.call("unheard_of", "é€😀"))

    def test_other_namespaces_are_refused(self):
        for transports in TRANSPORTS.values():
            client = socketio.Client(reconnection=False)
            with self.assertRaises(socketio.exceptions.ConnectionError):
                client.connect(self.service.url, transports=transports,
                               namespaces=["/admin"])


class Pings(harness.ServiceCase):
    options = ("--ping-interval", "300", "--ping-timeout", "600")

    def test_clients_that_answer_stay(self):
        clients = [Client(self.service.url, t) for t in TRANSPORTS.values()]
        threading.Event().wait(2.5)
        for client in clients:
            self.assertEqual(client.of("disconnect"), [])
            client.socket.emit("subscribe_training")
            client.wait_for("subscription_confirmed")
            client.socket.disconnect()


class Endings(unittest.TestCase):
    def test_clients_are_closed_and_told(self):
        service = harness.Service()
        clients = [Client(service.url, t) for t in TRANSPORTS.values()]
        requests.post(service.url + "/api/training/start",
                      json={"scenario_name": "bologna_coppia", "num_episodes": 100000},
                      timeout=harness.PATIENCE)
        for client in clients:
            client.wait_for("training_progress")
        code, seconds = service.stop()
        self.assertEqual(code, 0, service.log())
        self.assertLess(seconds, 5)
        for client in clients:
            client.wait_for("training_stopped")
            client.wait_for("disconnect")
        service.remove()

    def test_failures_are_told(self):
        service = harness.Service()
        clients = [Client(service.url, t) for t in TRANSPORTS.values()]
        with open(service.models, "w"):
            pass  # a file where the folder should be
        answer = requests.post(service.url + "/api/training/start",
                               json={"scenario_name": "bologna_coppia"},
                               timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, 500)
        for client in clients:
            (error,) = client.wait_for("training_error")
            self.assertEqual(set(error), {"message", "details", "run_id"})
            client.socket.disconnect()
        self.assertEqual(service.stop()[0], 0)
        service.remove()


if __name__ == "__main__":
    harness.main()
