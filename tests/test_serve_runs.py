"""The record of runs in hrl-serve: lists, single runs and their curves."""
import json
import os
import re
import sqlite3
import unittest

import serve_harness as harness

from serve_peers import RUNS, Api, has_record

RUN = {"id", "scenario", "scenario_hash", "state", "reason", "start_time", "end_time",
       "episode", "total_episodes", "elapsed_time", "parts", "best", "final", "options",
       "library_version", "host", "error", "folder", "queue"}


class Reading(harness.ServiceCase):
    """Runs that have ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.api = Api(cls.service)
        cls.empty = cls.api.get(RUNS), cls.api.get(f"{RUNS}/1")
        for scenario, seed in (("bologna_coppia", 1), ("torino_single", 2),
                               ("bologna_coppia", 3)):
            cls.api.train(scenario, 40, save_interval=10, eval_episodes=5, seed=seed)

    def test_before_the_first_run(self):
        listed, one = self.empty
        self.assertEqual((listed.status_code, listed.json()),
                         (200, {"runs": [], "total": 0, "limit": 50, "offset": 0}))
        self.assertEqual((one.status_code, one.json()), (404, {"detail": "Run '1' not found"}))

    def test_lists(self):
        answer = self.api.get(RUNS)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["x-total-count"], "3")
        body = answer.json()
        self.assertEqual([run["id"] for run in body["runs"]], [3, 2, 1])
        self.assertEqual((body["total"], body["limit"], body["offset"]), (3, 50, 0))
        for run in body["runs"]:
            self.assertEqual(set(run), RUN)
            self.assertEqual((run["state"], run["reason"]), ("completed", "episodes"))
            self.assertEqual((run["episode"], run["total_episodes"]), (40, 40))
            self.assertEqual(run["options"]["seed"], run["id"])

    def test_filters_and_pages(self):
        def found(**query):
            body = self.api.get(RUNS, **query).json()
            return [run["id"] for run in body["runs"]], body["total"]
        started = self.api.run(2)["start_time"]
        for query, ids, total in (
                ({"limit": 2}, [3, 2], 3), ({"limit": 2, "offset": 2}, [1], 3),
                ({"offset": 3}, [], 3), ({"scenario": "bologna_coppia"}, [3, 1], 2),
                ({"scenario": "bologna_coppia", "limit": 1, "offset": 1}, [1], 2),
                ({"scenario": "nowhere" * 20}, [], 0), ({"state": "completed"}, [3, 2, 1], 3),
                ({"state": "failed,completed"}, [3, 2, 1], 3), ({"state": "queued"}, [], 0),
                ({"since": started}, [3, 2], 2), ({"until": started[:4]}, [3, 2, 1], 3),
                ({"until": "2001"}, [], 0), ({"since": started, "limit": 1}, [3], 2)):
            self.assertEqual(found(**query), (ids, total), query)

    def test_bad_queries(self):
        for name, value, kind in (("state", "busy", "value_error"), ("state", "", None),
                                  ("since", "yesterday", "value_error"),
                                  ("until", "2026-1-1", "value_error"),
                                  ("scenario", "x" * 5000, None),
                                  ("limit", "0", "greater_than"),
                                  ("limit", "1001", "less_than_equal"),
                                  ("limit", "many", "int_parsing"),
                                  ("offset", "-1", "greater_than_equal"),
                                  ("offset", "1e9", "int_parsing")):
            answer = self.api.get(RUNS, **{name: value})
            if kind is None:
                self.assertIn(answer.status_code, (200, 422), (name, value))
                continue
            self.assertEqual(answer.status_code, 422, (name, value))
            (error,) = answer.json()["detail"]
            self.assertEqual((error["type"], error["loc"], error["input"]),
                             (kind, ["query", name], value))

    def test_one(self):
        run = self.api.run(2)
        self.assertEqual(set(run), RUN | {"scenario_text"})
        self.assertEqual((run["id"], run["scenario"]), (2, "torino_single"))
        self.assertIn("environment:", run["scenario_text"])

    def test_what_is_no_run(self):
        for name in ("4", "0", "-1", "1.0", "x", "1x", "%201", "9" * 30,
                     "9223372036854775807", "18446744073709551617", "..", "%ff"):
            for path in (f"{RUNS}/{name}", f"{RUNS}/{name}/progress"):
                answer = self.api.get(path)
                self.assertEqual(answer.status_code, 404, path)
                self.assertIn("detail", answer.json())

    def test_progress(self):
        body = self.api.get(f"{RUNS}/1/progress").json()
        self.assertEqual(set(body), {"run_id", "state", "episode", "total_episodes",
                                     "progress", "evaluations"})
        self.assertEqual((body["run_id"], body["episode"]), (1, 40))
        episodes = [point["episode"] for point in body["progress"]]
        self.assertEqual(episodes, list(range(1, 41)))
        self.assertEqual([e["episode"] for e in body["evaluations"]], [10, 20, 30, 40])
        for points in (1, 2, 7, 40, 1000):
            fewer = self.api.get(f"{RUNS}/1/progress", points=points).json()["progress"]
            self.assertLessEqual(len(fewer), points)
            self.assertGreaterEqual(len(fewer), min(points, 40) // 2)
            self.assertEqual(fewer[-1], body["progress"][-1])
        answer = self.api.get(f"{RUNS}/1/progress", points=0)
        self.assertEqual(answer.status_code, 422)

    def compare(self, **query):
        answer = self.api.get("/api/training/compare", **query)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def test_comparison(self):
        body = self.compare(runs="1,3,2", episodes=200)
        self.assertEqual([run["id"] for run in body["runs"]], [1, 3, 2])
        for run in body["runs"]:
            self.assertEqual(set(run), RUN | {"progress", "evaluations"})
            self.assertEqual(len(run["progress"]), 40)
            self.assertEqual([e["episode"] for e in run["evaluations"]], [10, 20, 30, 40])
        self.assertEqual(body["differences"]["seed"], [1, 3, 2])
        self.assertEqual(body["differences"]["scenario"],
                         ["bologna_coppia", "bologna_coppia", "torino_single"])
        self.assertEqual(len(body["differences"]["environment.income"]), 3)
        self.assertNotIn("episodes", body["differences"])
        first, second = body["paired"]
        # the files of run 1 are run 3's by now
        self.assertEqual((first["first"], first["second"], first["source"], first["episodes"]),
                         (1, 3, "recorded", 5))
        finals = [run["final"]["strategic_return"] for run in body["runs"]]
        self.assertAlmostEqual(first["difference"], finals[1] - finals[0])
        self.assertGreater(first["standard_error"], 0)
        self.assertIsNone(second["source"])  # other households
        self.assertIsNone(second["difference"])
        fewer = self.compare(runs="1,3", points=2)
        self.assertTrue(all(len(run["progress"]) <= 2 for run in fewer["runs"]))

    def test_what_cannot_be_compared(self):
        for runs in ("", "1", "1,", ",1", "1,x", "1;2", "1,2,3,1,2,3,1,2,3", "1,-2", "1,0",
                     "1," + "9" * 40, "1, 2", "%31,2"):
            answer = self.api.get("/api/training/compare", runs=runs)
            self.assertEqual(answer.status_code, 422, runs)
            (error,) = answer.json()["detail"]
            self.assertEqual((error["loc"], error["input"]), (["query", "runs"], runs))
        self.assertEqual(self.api.get("/api/training/compare").status_code, 422)
        for runs in ("1,77", "77,1", "1,9223372036854775807"):
            answer = self.api.get("/api/training/compare", runs=runs)
            self.assertEqual(answer.status_code, 404, runs)
            self.assertRegex(answer.json()["detail"], "^Run '(77|9223372036854775807)' not")
        for query in ({"episodes": -1}, {"episodes": 20001}, {"points": 0}, {"seed": "x"}):
            answer = self.api.get("/api/training/compare", runs="1,3", **query)
            self.assertEqual(answer.status_code, 422, query)

    def test_documents(self):
        api = self.api.get("/openapi.json").json()
        for path in (RUNS, RUNS + "/{id}", RUNS + "/{id}/progress"):
            self.assertEqual(api["paths"][path]["get"]["tags"], ["training"])
        for name, of in (("Run", self.api.get(RUNS).json()["runs"][0]),
                         ("RunDetail", self.api.run(1)),
                         ("RunCurve", self.api.get(f"{RUNS}/1/progress").json()),
                         ("Comparison", self.compare(runs="1,3")),
                         ("Pairing", self.compare(runs="1,3")["paired"][0])):
            schema = api["components"]["schemas"][name]
            self.assertEqual(set(schema["properties"]), set(of), name)
        names = [p["name"] for p in api["paths"][RUNS]["get"]["parameters"]]
        self.assertEqual(names, ["state", "scenario", "since", "until", "limit", "offset"])
        for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(api)):
            self.assertIn(reference.split("/")[-1], api["components"]["schemas"])


class Playing(harness.ServiceCase):
    """Runs whose models are still there."""

    def compare(self, runs, **query):
        answer = self.api.get("/api/training/compare", runs=",".join(map(str, runs)), **query)
        self.assertEqual(answer.status_code, 200, answer.text)
        (pair,) = answer.json()["paired"]
        return pair

    def test_models_play_on_the_same_noise(self):
        self.api = Api(self.service)
        first, _ = self.api.queue(scenario_name="torino_single", num_episodes=10**6)
        runs = [self.api.queue(scenario_name="bologna_coppia", num_episodes=40, seed=seed,
                               save_interval=10, eval_episodes=5)[0] for seed in (8, 9)]
        # both wait: one of them gets a folder of its own
        self.assertEqual([self.api.run(n)["folder"] for n in runs], [".", f"runs/{runs[1]}"])
        self.api.change(first, "stop")
        for number in runs:
            self.api.wait_for_state(number, "completed")
        pair = self.compare(runs, episodes=300)
        self.assertEqual((pair["source"], pair["episodes"]), ("models", 300))
        self.assertEqual(self.compare(runs, episodes=300), pair)
        self.assertNotEqual(self.compare(runs, episodes=300, seed=1)["difference"],
                            pair["difference"])
        back = self.compare(runs[::-1], episodes=300)
        self.assertAlmostEqual(back["difference"], -pair["difference"])
        self.assertAlmostEqual(back["standard_error"], pair["standard_error"])
        recorded = self.compare(runs, episodes=0)
        self.assertEqual((recorded["source"], recorded["episodes"]), ("recorded", 5))


class BadRecords(unittest.TestCase):
    """Files that are no record, or one that is held: an answer, and no path in it."""

    def setUp(self):
        self.service = harness.Service()
        self.api = Api(self.service)
        os.makedirs(self.service.models)
        self.path = os.path.join(self.service.models, "runs.db")

    def tearDown(self):
        self.assertEqual(self.service.stop()[0], 0)
        self.service.remove()

    def check(self, status):
        for path in (RUNS, f"{RUNS}/1", f"{RUNS}/1/progress"):
            answer = self.api.get(path)
            self.assertEqual(answer.status_code, status, answer.text)
            self.assertNotIn(self.service.folder, answer.text)

    def test_no_database(self):
        with open(self.path, "w") as file:
            file.write("no database at all" * 100)
        self.check(500)
        self.assertIn("runs.db", self.service.log())

    def test_somebody_elses(self):
        with sqlite3.connect(self.path) as database:
            database.execute("CREATE TABLE runs(id INTEGER)")
        database.close()
        self.check(500)

    def test_of_a_newer_version(self):
        self.api.train("bologna_coppia", 1)
        with sqlite3.connect(self.path) as database:
            database.execute("PRAGMA user_version=99")
        database.close()
        self.check(500)


if __name__ == "__main__":
    if harness.PROGRAM and not has_record():
        harness.skip("built without the run database")
    harness.main()
