"""Runs in hrl-serve that pause, wait for their turn, go several at a time, and outlive it."""
import os
import random
import sqlite3
import unittest

import serve_harness as harness
from serve_peers import RUNS, Api, Client
from training_case import LONG, OTHER, RECORDS, SHORT, Case, recorded


@recorded
class OneAtATime(Case):
    def test_old_answers_are_as_they_were(self):
        """To the byte: no number of a run, and nothing else that is new."""
        answer = self.api.start(**LONG)
        time = answer.json()["data"]["start_time"]
        self.assertEqual(
            answer.text,
            '{"message":"Training started for scenario: bologna_coppia",'
            '"scenario_name":"bologna_coppia","data":{"scenario_name":"bologna_coppia",'
            f'"num_episodes":1000000,"start_time":"{time}","status":"started"}}}}')
        again = self.api.start(**OTHER, priority=5)
        self.assertEqual((again.status_code, again.text), (
            400, '{"detail":"Training already in progress for scenario: bologna_coppia"}'))
        status = self.api.get("/api/training/status")
        self.assertEqual(list(status.json()), [
            "is_training", "scenario_name", "current_episode", "total_episodes", "start_time",
            "latest_progress"])
        answer = self.api.post("/api/training/stop")
        done = answer.json()["data"]["episodes_completed"]
        self.assertEqual(
            answer.text,
            '{"message":"Training stopped for scenario: bologna_coppia","data":'
            f'{{"scenario_name":"bologna_coppia","episodes_completed":{done},'
            '"status":"stopped","total_episodes":1000000}}')

    def test_pause_and_resume(self):
        run = self.begin()
        paused = self.api.post("/api/training/pause")
        self.assertEqual(paused.status_code, 200, paused.text)
        data = paused.json()["data"]
        self.assertEqual(set(data), {"scenario_name", "episodes_completed", "status",
                                     "total_episodes", "run_id"})
        self.assertEqual((data["status"], data["run_id"]), ("paused", run))
        self.assertEqual(self.heard("training_paused", run), {
            "scenario_name": "bologna_coppia", "run_id": run,
            "episodes_completed": data["episodes_completed"]})
        status = self.api.status()
        self.assertIs(status["is_training"], True)
        self.assertEqual(status["current_episode"], data["episodes_completed"])
        self.assertEqual(self.api.run(run)["state"], "paused")
        again = self.api.change(run, "pause")
        self.assertEqual((again.status_code, again.json()["data"]), (200, data))
        self.assertEqual(self.api.start(**LONG).status_code, 400)
        self.assertEqual(self.api.status()["current_episode"], data["episodes_completed"])
        resumed = self.api.post("/api/training/resume")
        self.assertEqual((resumed.status_code, resumed.json()["data"]["status"]),
                         (200, "resumed"))
        self.heard("training_resumed", run)
        self.assertTrue(harness.wait_until(
            lambda: self.api.status()["current_episode"] > data["episodes_completed"]))
        self.assertEqual(self.api.change(run, "resume").json()["data"]["status"], "resumed")

    def test_a_paused_run_can_be_stopped(self):
        run = self.begin()
        self.assertEqual(self.api.change(run, "pause").status_code, 200)
        stopped = self.api.post("/api/training/stop")
        self.assertEqual(stopped.status_code, 200)
        self.heard("training_stopped", run)
        self.assertEqual(self.api.run(run)["state"], "stopped")
        self.assertIs(self.api.status()["is_training"], False)

    def test_a_stop_may_come_too_late(self):
        """The last evaluation is not interrupted. The answer tells how the run ended."""
        last = {"scenario_name": "bologna_coppia", "num_episodes": 8, "eval_episodes": 100000}
        for named in (False, True):
            run = self.begin(last)
            self.assertTrue(harness.wait_until(
                lambda: self.api.status()["current_episode"] == 8))
            answer = self.api.change(run, "stop") if named else self.api.post(
                "/api/training/stop")
            self.assertEqual(answer.status_code, 200, answer.text)
            data = answer.json()["data"]
            self.assertEqual((data["status"], data["episodes_completed"]), ("completed", 8))
            self.assertEqual("run_id" in data, named)
            self.assertEqual(answer.json()["message"],
                             "Training completed for scenario: bologna_coppia")
            self.heard("training_completed", run)
            self.assertEqual(self.api.run(run)["state"], "completed")
        self.assertEqual(self.client.of("training_stopped"), [])

    def test_a_stop_that_cannot_save(self):
        checkpoints = os.path.join(self.service.models, "checkpoints")
        run = self.begin()
        os.rename(checkpoints, checkpoints + ".away")
        with open(checkpoints, "w"):
            pass
        try:
            answer = self.api.change(run, "stop")
            self.assertEqual(answer.status_code, 500, answer.text)
            self.assertRegex(answer.json()["detail"], "^Training failed: .*checkpoints")
            self.heard("training_error", run)
            self.assertEqual(self.api.run(run)["state"], "failed")
        finally:
            os.unlink(checkpoints)
            os.rename(checkpoints + ".away", checkpoints)

    def test_a_queued_run_waits_and_begins(self):
        first = self.begin()
        second, status = self.api.queue(**OTHER, priority=3)
        self.assertEqual(status, "queued")
        self.assertEqual(self.heard("training_queued", second), {
            "scenario_name": "torino_single", "num_episodes": 10 ** 6, "priority": 3,
            "run_id": second})
        run = self.api.run(second)
        self.assertEqual((run["state"], run["queue"]["waits"], run["queue"]["priority"]),
                         ("queued", True, 3))
        self.assertIsNone(run["start_time"])
        self.assertEqual(self.api.status()["scenario_name"], "bologna_coppia")
        self.assertEqual(self.api.post("/api/training/stop").status_code, 200)
        self.heard("training_started", second)
        self.assertEqual(self.api.run(first)["state"], "stopped")
        self.assertEqual(self.api.status()["scenario_name"], "torino_single")
        self.assertEqual(self.api.change(second, "stop").json()["data"]["status"], "stopped")

    def test_a_queued_run_begins_where_nothing_runs(self):
        run, status = self.api.queue(**LONG)
        self.assertEqual(status, "started")
        self.heard("training_started", run)
        self.assertEqual(self.client.of("training_queued"), [])
        self.assertEqual(self.api.start(**LONG).status_code, 400)

    def test_the_highest_priority_is_first(self):
        self.begin()
        body = {"scenario_name": "torino_single", "num_episodes": 5}
        runs = [self.api.queue(**body, priority=p)[0] for p in (-1, 7, 0, 7)]
        self.api.post("/api/training/stop")
        for run in runs:
            self.api.wait_for_state(run, "completed")
        begun = [self.api.run(run)["start_time"] for run in runs]
        self.assertEqual(sorted(begun), [begun[i] for i in (1, 3, 2, 0)])

    def test_who_waits_can_be_held_and_taken_out(self):
        self.begin()
        held, _ = self.api.queue(**OTHER)
        out, _ = self.api.queue(**OTHER)
        self.assertEqual(self.api.change(held, "pause").json()["data"]["status"], "paused")
        self.heard("training_paused", held)
        self.assertEqual(self.api.run(held)["state"], "paused")
        self.assertEqual(self.api.change(held, "pause").json()["data"]["status"], "paused")
        stopped = self.api.change(out, "stop").json()["data"]
        self.assertEqual((stopped["status"], stopped["episodes_completed"]), ("stopped", 0))
        self.assertEqual(self.heard("training_stopped", out)["episodes_completed"], 0)
        self.assertEqual(len(self.client.of("training_paused")), 1)
        self.assertEqual(self.api.run(out)["state"], "stopped")
        self.api.post("/api/training/stop")
        self.assertEqual(self.api.run(held)["state"], "paused")
        self.assertEqual(self.api.post("/api/training/resume").json()["data"]["run_id"], held)
        self.heard("training_started", held)

    def test_a_stopped_run_goes_on(self):
        run = self.begin({**LONG, "seed": 3})
        self.api.post("/api/training/stop")
        reached = self.api.run(run)["episode"]
        resumed = self.api.change(run, "resume")
        self.assertEqual((resumed.status_code, resumed.json()["data"]["status"]),
                         (200, "resumed"), resumed.text)
        self.assertTrue(harness.wait_until(
            lambda: self.api.status()["current_episode"] > reached))
        # the record is half a second behind
        self.assertTrue(harness.wait_until(lambda: self.api.run(run)["parts"] == 2))
        other, _ = self.api.queue(**OTHER)
        self.api.change(other, "stop")
        waits = self.api.change(other, "resume")
        self.assertEqual(waits.json()["data"]["status"], "queued")
        self.assertEqual(self.api.run(other)["state"], "queued")

    def test_what_cannot_be_changed(self):
        for what in ("pause", "resume", "stop"):
            for name in ("999999", "0", "x", "-1", "1" * 40):
                answer = self.api.post(f"{RUNS}/{name}/{what}")
                self.assertEqual((answer.status_code, answer.json()),
                                 (404, {"detail": f"Run '{name}' not found"}))
            answer = self.api.post(f"/api/training/{what}")
            self.assertEqual((answer.status_code, answer.json()),
                             (400, {"detail": "No training in progress"}), what)
        run, _ = self.api.queue(scenario_name="torino_single", **SHORT)
        self.api.wait_for_state(run, "completed")
        for what in ("pause", "resume", "stop"):
            answer = self.api.change(run, what)
            self.assertEqual(answer.status_code, 409, what)
            self.assertIn("completed", answer.json()["detail"])

    def test_deletion(self):
        run = self.begin()
        path = f"{RUNS}/{run}"
        answer = self.api.request("DELETE", path)
        self.assertEqual(answer.status_code, 409, answer.text)
        self.assertNotIn(self.service.folder, answer.text)
        waiting, _ = self.api.queue(**OTHER)
        self.assertEqual(self.api.request("DELETE", f"{RUNS}/{waiting}").status_code, 200)
        self.api.post("/api/training/stop")
        answer = self.api.request("DELETE", path)
        self.assertEqual((answer.status_code, answer.json()["run_id"]), (200, run))
        for number in (run, waiting):
            for method in ("GET", "DELETE"):
                answer = self.api.request(method, f"{RUNS}/{number}")
                self.assertEqual(answer.status_code, 404)
        self.assertTrue(os.path.exists(
            os.path.join(self.service.models, "bologna_coppia_high_agent.pt")))

    def test_early_stopping(self):
        run, _ = self.api.queue(scenario_name="bologna_coppia", num_episodes=10 ** 6,
                                save_interval=10, eval_episodes=5, target=100.0)
        self.api.wait_for_state(run, "completed")
        found = self.api.run(run)
        self.assertEqual((found["reason"], found["options"]["target"]), ("target", 100.0))
        self.assertLess(found["episode"], 10 ** 6)
        options = {"patience": 3, "min_improvement": 0.5, "min_episodes": 100, "keep": 2}
        run, _ = self.api.queue(**LONG, **options)
        found = self.api.run(run)["options"]
        self.assertEqual({key: found[key] for key in options}, options)
        self.api.change(run, "stop")
        answer = self.api.start(**LONG, queue=True, patience=3, eval_episodes=2)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("eval_episodes", answer.json()["detail"])

    def test_bad_fields(self):
        for name, value, kind in (
                ("queue", "yes", "bool_type"), ("queue", 1, "bool_type"),
                ("queue", None, "bool_type"), ("priority", 10 ** 7, "less_than_equal"),
                ("priority", -10 ** 7, "greater_than_equal"), ("priority", 1.5, "int_from_float"),
                ("priority", [], "int_type"), ("keep", -1, "greater_than_equal"),
                ("patience", 1001, "less_than_equal"), ("patience", None, "int_type"),
                ("min_improvement", "much", "float_parsing"),
                ("min_improvement", -1, "greater_than_equal"),
                ("min_episodes", -1, "greater_than_equal"), ("target", "nan", "float_parsing"),
                ("target", {}, "float_type")):
            answer = self.api.start(**LONG, **{name: value})
            self.assertEqual(answer.status_code, 422, (name, value))
            (error,) = answer.json()["detail"]
            self.assertEqual((error["type"], error["loc"]), (kind, ["body", name]))


@recorded
class Several(Case):
    options = ("--concurrency", "2", "--threads", "2")

    def test_two_at_a_time(self):
        answer = self.api.start(**LONG)
        self.assertEqual(answer.status_code, 202)
        body = answer.json()
        first = body["run_id"]
        self.assertEqual(set(body), {"message", "scenario_name", "data", "run_id"})
        self.assertEqual(set(body["data"]), {"scenario_name", "num_episodes", "start_time",
                                             "status", "run_id"})
        self.assertEqual(body["data"]["status"], "started")
        second = self.api.start(**LONG).json()["data"]
        third = self.api.start(**OTHER).json()["data"]
        self.assertEqual([second["status"], third["status"]], ["started", "queued"])
        self.assertIsNone(third["start_time"])
        folders = {self.api.run(n)["folder"] for n in (first, second["run_id"])}
        self.assertEqual(folders, {".", f"runs/{second['run_id']}"})
        listed = self.api.get(RUNS, state="running").json()
        self.assertEqual(listed["total"], 2)
        for what in ("stop", "pause", "resume"):
            answer = self.api.post(f"/api/training/{what}")
            self.assertEqual(answer.status_code, 409, what)
            self.assertIn(str(first), answer.json()["detail"])
        metrics = self.api.get("/metrics").text
        self.assertIn("\nhrl_runs_running 2\n", metrics)
        for run in (first, second["run_id"]):
            self.assertTrue(harness.wait_until(lambda run=run: any(
                e[1]["run_id"] == run for e in self.client.of("training_progress"))))
        # a paused run makes room
        self.assertEqual(self.api.change(first, "pause").status_code, 200)
        self.heard("training_started", third["run_id"])
        waits = self.api.change(first, "resume").json()["data"]
        self.assertEqual((waits["status"], waits["run_id"]), ("queued", first))
        self.assertEqual(self.api.change(third["run_id"], "stop").status_code, 200)
        self.heard("training_resumed", first)

    def test_progress_of_each_to_its_end(self):
        runs = [self.api.queue(scenario_name=name, num_episodes=60)[0]
                for name in ("bologna_coppia", "torino_single", "milano_junior")]
        for run in runs:
            self.heard("training_completed", run)
        for run in runs:
            def episodes(run=run):
                return sorted(e[1]["episode"] for e in self.client.of("training_progress")
                              if e[1]["run_id"] == run)
            self.assertTrue(harness.wait_until(lambda: episodes() == list(range(1, 61))),
                            episodes())


@recorded
class TwoServices(Case):
    """Two that work on one folder: a run is one's alone, and in reach of both."""

    def test_changes_from_the_other(self):
        other = harness.Service("--models", self.service.models)
        self.addCleanup(other.remove)
        self.addCleanup(lambda: self.assertEqual(other.stop()[0], 0, other.log()))
        peer = Api(other)
        client = Client(other.url, ["websocket"])
        self.addCleanup(client.socket.disconnect)
        run = self.begin()
        self.assertEqual(peer.run(run)["state"], "running")
        self.assertIs(peer.status()["is_training"], False)
        for what, doing, event in (("pause", "pausing", "training_paused"),
                                   ("resume", "resuming", "training_resumed"),
                                   ("stop", "stopping", "training_stopped")):
            answer = peer.change(run, what)
            self.assertEqual((answer.status_code, answer.json()["data"]["status"]),
                             (202, doing))
            self.heard(event, run)
        # it is nobody's now, so that the other can take it
        self.api.wait_for_state(run, "stopped")
        answer = peer.change(run, "resume")
        self.assertEqual(answer.status_code, 200)
        self.api.wait_for_state(run, "running")
        self.assertTrue(harness.wait_until(
            lambda: self.api.status()["is_training"] + peer.status()["is_training"] == 1))
        heard = [e for e in client.events if e[0] in ("training_paused", "training_resumed",
                                                      "training_stopped")]
        self.assertEqual(heard, [])
        self.api.change(run, "stop")
        self.api.wait_for_state(run, "stopped")


class Unrecorded(Case):
    """A record that cannot be used, or none: runs wait in memory, and go on all the same."""

    def setUp(self):
        os.makedirs(self.service.models, exist_ok=True)
        with open(os.path.join(self.service.models, "runs.db"), "w") as file:
            file.write("no database at all" * 100)
        super().setUp()

    def tearDown(self):
        self.client.socket.disconnect()

    def test_runs_wait_pause_and_stop(self):
        first = self.begin()
        self.assertGreaterEqual(first, 2 ** 40)
        second, status = self.api.queue(**OTHER)
        self.assertEqual((second, status), (first + 1, "queued"))
        self.assertEqual(self.api.start(**OTHER).status_code, 400)
        answer = self.api.change(first, "pause")
        self.assertEqual((answer.status_code, answer.json()["data"]["status"]), (200, "paused"))
        self.heard("training_started", second)
        answer = self.api.change(first, "resume")
        self.assertEqual(answer.json()["data"]["status"], "queued")
        self.assertEqual(self.api.post("/api/training/stop").status_code, 409)
        self.assertEqual(self.api.change(second, "stop").status_code, 200)
        self.heard("training_stopped", second)
        self.heard("training_resumed", first)
        self.assertEqual(self.api.change(second, "pause").status_code, 404)
        stopped = self.api.post("/api/training/stop")
        self.assertEqual(stopped.json()["data"]["scenario_name"], "bologna_coppia")
        self.assertTrue(os.path.exists(
            os.path.join(self.service.models, "bologna_coppia_high_agent.pt")))
        for path in (RUNS, f"{RUNS}/{first}", f"{RUNS}/1", f"{RUNS}/1/progress",
                     "/api/training/compare?runs=1,2"):
            answer = self.api.get(path)
            self.assertEqual(answer.status_code, 500 if RECORDS else 501, path)
            self.assertNotIn(self.service.folder, answer.text)

    def test_the_record_fails_in_the_midst(self):
        os.unlink(os.path.join(self.service.models, "runs.db"))
        run = self.begin()
        self.assertEqual(run < 2 ** 40, RECORDS)
        if RECORDS:
            database = sqlite3.connect(os.path.join(self.service.models, "runs.db"), timeout=60)
            with database:
                database.execute("ALTER TABLE runs RENAME TO gone")
            database.close()
        answer = self.api.post("/api/training/stop")
        self.assertEqual(answer.status_code, 200, answer.text)
        self.heard("training_stopped", run)


@recorded
class Restarts(unittest.TestCase):
    def setUp(self):
        self.service = harness.Service()
        self.options = self.service.options
        self.api = Api(self.service)

    def tearDown(self):
        self.assertEqual(self.service.stop()[0], 0, self.service.log())
        self.service.remove()

    def restart(self, *options, end="kill"):
        getattr(self.service, end)()
        self.service.options = (*self.options, *options)
        self.service.begin(0)
        self.api = Api(self.service)

    def finals(self, runs):
        return [(self.api.run(run)["final"], self.api.run(run)["episode"]) for run in runs]

    def test_what_waited_waits_and_what_ran_goes_on(self):
        sizes = {"bologna_coppia": 3000, "torino_single": 200, "milano_junior": 200}

        def queue_all():
            return [self.api.queue(scenario_name=name, num_episodes=episodes, seed=5,
                                   save_interval=50, eval_episodes=5)[0]
                    for name, episodes in sizes.items()]
        rounds = []
        for end in ("kill", "stop"):
            runs = queue_all()
            rounds.append(runs)
            self.assertTrue(harness.wait_until(
                lambda: self.api.status()["current_episode"] > 100))
            self.api.change(runs[2], "pause")
            self.restart(end=end)
            self.assertTrue(harness.wait_until(lambda: self.api.status()["is_training"]))
            self.assertEqual(self.api.status()["scenario_name"], "bologna_coppia")
            self.assertEqual(self.api.run(runs[1])["state"], "queued")
            self.api.wait_for_state(runs[1], "completed")
            self.assertEqual(self.api.run(runs[0])["parts"], 2)
            self.assertEqual(self.api.run(runs[1])["parts"], 1)
            self.assertEqual(self.api.run(runs[2])["state"], "paused")
            self.api.change(runs[2], "resume")
            self.api.wait_for_state(runs[2], "completed")
        undisturbed = queue_all()
        self.api.wait_for_state(undisturbed[2], "completed")
        for runs in rounds:
            self.assertEqual(self.finals(runs), self.finals(undisturbed))

    def test_kills_at_any_time(self):
        """What was acknowledged is brought to its end, once. HRL_LONG=1 kills 100 times."""
        chance = random.Random(1)
        known = {}
        for _ in range(100 if os.environ.get("HRL_LONG") else 6):
            for _ in range(chance.randint(1, 4)):
                name = chance.choice(("bologna_coppia", "torino_single"))
                run, _ = self.api.queue(scenario_name=name, priority=chance.randint(0, 2),
                                        **{**SHORT, "num_episodes": 400})
                known[run] = "completed"
            if chance.random() < 0.5:
                run = chance.choice(sorted(known))
                answer = self.api.change(run, "stop")
                if answer.status_code == 200:
                    known[run] = answer.json()["data"]["status"]
            harness.wait_until(lambda: False, chance.random() * 0.3)
            self.restart("--concurrency", str(chance.randint(1, 3)))
        for run, state in known.items():
            self.api.wait_for_state(run, state)
        listed = self.api.get(RUNS, limit=1000).json()["runs"]
        self.assertEqual(len(listed), len({run["id"] for run in listed}))
        for run in listed:
            if run["id"] in known and run["state"] == "completed":
                points = self.api.get(f"{RUNS}/{run['id']}/progress").json()["progress"]
                episodes = [point["episode"] for point in points]
                self.assertEqual(episodes, sorted(set(episodes)))
                self.assertEqual((run["episode"], run["final"]["episode"]), (400, 400))


if __name__ == "__main__":
    harness.main()
