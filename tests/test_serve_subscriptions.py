"""What clients of hrl-serve hear of runs, and how a subscription narrows it."""
import serve_harness as harness
from serve_peers import RUNS, Client
from training_case import LONG, OTHER, Case, recorded


@recorded
class Subscriptions(Case):
    options = ("--concurrency", "2")

    def subscribe(self, *wish):
        client = Client(self.service.url, self.transports)
        self.addCleanup(client.socket.disconnect)
        client.wait_for("connection_established")
        client.socket.emit("subscribe_training", *wish)
        return client

    def check_subscriptions(self, transports):
        self.transports = transports
        newest = self.api.get(RUNS, limit=1).json()["runs"]
        first = newest[0]["id"] + 1 if newest else 1
        second = first + 1
        one = self.subscribe({"run_id": second})
        (confirmed,) = one.wait_for("subscription_confirmed")
        self.assertEqual(confirmed, {"message": "Subscribed to training updates",
                                     "run_id": second})
        slow = self.subscribe({"interval_ms": 3600000, "run_id": first})
        self.assertEqual(slow.wait_for("subscription_confirmed")[0],
                         {"message": "Subscribed to training updates", "run_id": first,
                          "interval_ms": 3600000})
        every = self.subscribe({"scenario": "x"})
        self.assertEqual(every.wait_for("subscription_confirmed")[0],
                         {"message": "Subscribed to training updates"})
        started = [self.api.start(**body).json()["run_id"] for body in (LONG, OTHER)]
        self.assertEqual(started, [first, second])
        for client in (one, slow, every):
            client.wait_for("training_progress")
        one.wait_for("training_progress", 100)
        reached = self.api.change(first, "stop").json()["data"]["episodes_completed"]
        (stopped,) = slow.wait_for("training_stopped")
        self.assertEqual(stopped["run_id"], first)
        # one at once, and how far it came before its end
        self.assertTrue(harness.wait_until(lambda: len(slow.of("training_progress")) == 2))
        self.assertEqual(max(e[1]["episode"] for e in slow.of("training_progress")), reached)
        self.api.change(second, "stop")
        every.wait_for("training_stopped", 2)
        one.wait_for("training_stopped")
        for client, runs in ((one, {second}), (slow, {first}), (every, {first, second})):
            heard = {e[1]["run_id"] for e in client.events
                     if e[0].startswith("training_")}
            self.assertEqual(heard, runs)

    def test_by_websocket(self):
        self.check_subscriptions(["websocket"])

    def test_by_polling(self):
        self.check_subscriptions(["polling"])

    def test_an_interval_lets_progress_through(self):
        self.transports = ["websocket"]
        run = self.api.start(**LONG).json()["run_id"]
        client = self.subscribe({"interval_ms": 200})
        client.wait_for("subscription_confirmed")
        before = len(client.of("training_progress"))  # it heard everything until then
        client.wait_for("training_progress", before + 4)
        episodes = [e[1]["episode"] for e in client.of("training_progress")[before:before + 4]]
        self.assertGreater(episodes[-1] - episodes[0], 3)  # some are left out
        client.socket.emit("subscribe_training")  # everything again
        client.wait_for("subscription_confirmed", 2)
        client.wait_for("training_progress", len(client.of("training_progress")) + 100)
        self.api.change(run, "stop")

    def test_what_is_held_goes_out_in_its_time(self):
        """Nothing else comes while a run evaluates: the last before that is not forgotten."""
        self.transports = ["websocket"]
        clients = [self.subscribe({"interval_ms": interval}) for interval in (50, 50, 120)]
        for client in clients:
            client.wait_for("subscription_confirmed")
        self.api.start(scenario_name="bologna_coppia", num_episodes=64, save_interval=32,
                       eval_episodes=30000)
        for client in clients:
            def episodes(client=client):
                return [e[1]["episode"] for e in client.of("training_progress")]
            self.assertTrue(harness.wait_until(lambda: max(episodes(), default=0) >= 32))
            self.assertIn(32, episodes())

    def test_what_is_not_wanted_any_more_is_not_sent(self):
        """Neither when another run is asked for, nor afterwards."""
        self.transports = ["websocket"]
        client = self.subscribe({"interval_ms": 3600000})
        client.wait_for("subscription_confirmed")
        run = self.begin()
        client.wait_for("training_progress")
        self.client.wait_for("training_progress", 50)  # the others are held
        client.socket.emit("subscribe_training", {"run_id": run + 1})
        client.wait_for("subscription_confirmed", 2)
        self.api.change(run, "stop")
        self.client.wait_for("training_stopped")
        self.assertIsNone(client.socket.call("subscribe_training", {"run_id": run + 1}))
        self.assertEqual(len(client.of("training_progress")), 1)

    def test_what_is_no_subscription(self):
        self.transports = ["websocket"]
        client = self.subscribe({"run_id": "1"})
        wrong = ({"run_id": 0}, {"run_id": -1}, {"run_id": 1.5}, {"run_id": [1]},
                 {"run_id": True}, {"run_id": "x" * 9999}, {"interval_ms": -1},
                 {"interval_ms": "1"}, {"interval_ms": 10 ** 9}, {"run_id": {"run_id": 1}})
        for wish in wrong:
            client.socket.emit("subscribe_training", wish)
        client.wait_for("subscription_refused", len(wrong) + 1)
        self.assertEqual(client.of("subscription_confirmed"), [])
        self.assertTrue(all(set(e[1]) == {"message"} and "expected" in e[1]["message"]
                            for e in client.of("subscription_refused")))
        for wish in (1, "x", None, [], {"run_id": None}, {"x": {"run_id": 0}}):
            client.socket.emit("subscribe_training", wish)
        client.wait_for("subscription_confirmed", 6)
        self.assertIsNone(client.socket.call("subscribe_training", {"run_id": 10 ** 6}))
        # nothing of other runs from now on
        run = self.api.start(**LONG).json()["run_id"]
        self.heard("training_started", run)
        self.assertEqual(client.of("training_started"), [])


if __name__ == "__main__":
    harness.main()
