"""/api/simulation of hrl-serve: what is played, what is kept of it, and how its end is told."""
import concurrent.futures
import json
import os
import re
import statistics

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")
from serve_events import Events

PRETRAINED = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")
GOOD = {"model_name": "generalist", "scenario_name": "bologna_coppia_with_returns"}
FIGURES = {"duration": "duration", "final_cash": "final_cash",
           "final_invested": "final_invested", "final_portfolio": "final_portfolio_value",
           "total_wealth": "total_wealth", "investment_gains": "investment_gains"}


class Case(harness.ServiceCase):
    @classmethod
    def settings(cls):
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}}

    def call(self, method, path, **options):
        return requests.request(method, self.service.url + "/api/simulation/" + path,
                                timeout=harness.PATIENCE, **options)

    def run_one(self, **changes):
        answer = self.call("POST", "run", json={**GOOD, **changes})
        self.assertEqual(answer.status_code, 202, answer.text)
        return answer.json()

    def refused(self, status, method, path, **options):
        answer = self.call(method, path, **options)
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertNotIn(self.service.folder, answer.text)
        self.assertNotIn(PRETRAINED, answer.text)
        detail = answer.json()["detail"]
        if status != 422:
            self.assertLessEqual({"error", "message", "timestamp"}, set(detail))
        return detail

    def files(self):
        return os.path.join(self.service.folder, "results", "simulations")


class Simulation(Case):
    def test_results(self):
        answer = self.run_one(num_episodes=7, seed=5)
        self.assertEqual(answer["status"], "completed")
        results = answer["results"]
        self.assertEqual(results["simulation_id"], answer["simulation_id"])
        self.assertRegex(answer["simulation_id"],
                         r"^generalist_bologna_coppia_with_returns_\d+(_\d+)?$")
        self.assertRegex(results["timestamp"], TIME)
        self.assertEqual((results["num_episodes"], results["seed"], results["model"]),
                         (7, 5, "budget"))
        episodes = results["episodes"]
        self.assertEqual([episode["episode_id"] for episode in episodes], list(range(7)))
        for name, own in FIGURES.items():
            values = [episode[own] for episode in episodes]
            self.assertAlmostEqual(results[name + "_mean"], statistics.fmean(values), 4)
            self.assertAlmostEqual(results[name + "_std"], statistics.pstdev(values), 4)
        actions = [action for episode in episodes for action in episode["actions"]]
        for place, name in enumerate(("invest", "save", "consume")):
            self.assertAlmostEqual(results[f"avg_{name}_pct"],
                                   statistics.fmean(action[place] for action in actions), 4)
        for episode in episodes:
            duration = episode["duration"]
            self.assertEqual(episode["months"], list(range(1, duration + 1)))
            for name in ("cash_history", "invested_history", "portfolio_history", "actions"):
                self.assertEqual(len(episode[name]), duration)
            for name, last in (("cash_history", "final_cash"),
                               ("invested_history", "final_invested"),
                               ("portfolio_history", "final_portfolio_value")):
                self.assertAlmostEqual(episode[name][-1], episode[last], 1)
            self.assertAlmostEqual(episode["total_wealth"], episode["final_cash"] +
                                   episode["final_portfolio_value"], 3)
            self.assertAlmostEqual(episode["investment_gains"],
                                   episode["final_portfolio_value"] -
                                   episode["final_invested"], 3)
            # what is invested is a share of 3200 euro a month
            invested = sum(3200 * action[0] for action in episode["actions"])
            self.assertAlmostEqual(episode["final_invested"], invested, delta=1)
        self.assertNotEqual(results["investment_gains_mean"], 0)
        stored = self.call("GET", "results/" + answer["simulation_id"])
        self.assertEqual(stored.json(), results)
        with open(os.path.join(self.files(), answer["simulation_id"] + ".json")) as file:
            self.assertEqual(json.load(file), results)
        known = self.call("GET", "results/" + answer["simulation_id"] + ".json",
                          headers={"If-None-Match": stored.headers["etag"]})
        self.assertEqual((known.status_code, known.text), (304, ""))

    def test_percentiles(self):
        results = self.run_one(num_episodes=21, seed=8)["results"]
        fan = results["percentiles"]
        self.assertEqual(fan["levels"], [5, 25, 50, 75, 95])
        self.assertEqual(fan["months"], list(range(1, 121)))
        for name in ("cash", "portfolio"):
            for month in (1, 60, 120):
                values = sorted(episode[name + "_history"][month - 1]
                                if month <= episode["duration"]
                                else episode[name + "_history"][-1]
                                for episode in results["episodes"])
                # of 21 values, these stand at the places 1, 5, 10, 15 and 19
                for level, place in zip(fan[name], (1, 5, 10, 15, 19)):
                    self.assertAlmostEqual(level[month - 1], values[place], 1)
        alive = [sum(episode["duration"] >= month for episode in results["episodes"])
                 for month in range(1, 121)]
        self.assertEqual(fan["alive"], alive)

    def test_a_seed_chooses_everything(self):
        first, again = (self.run_one(seed=42)["results"] for _ in range(2))
        other, random = self.run_one(seed=43)["results"], self.run_one()["results"]
        for key in set(first) - {"simulation_id", "timestamp"}:
            self.assertEqual(first[key], again[key], key)
        self.assertNotEqual(first["episodes"], other["episodes"])
        self.assertNotEqual(first["episodes"], random["episodes"])
        repeated = self.run_one(seed=random["seed"])["results"]
        self.assertEqual(repeated["episodes"], random["episodes"])

    def test_lifecycle_and_families(self):
        requests.post(self.service.url + "/api/training/start", timeout=harness.PATIENCE,
                      json={"scenario_name": "career_risk", "num_episodes": 32})
        self.assertTrue(harness.wait_until(lambda: not requests.get(
            self.service.url + "/api/training/status",
            timeout=harness.PATIENCE).json()["is_training"]))
        results = self.run_one(model_name="career_risk", scenario_name="career_risk",
                               num_episodes=3)["results"]
        self.assertEqual(results["model"], "lifecycle")
        episode = results["episodes"][0]
        self.assertEqual(len(episode["consumption_history"]), 240)
        self.assertGreater(min(episode["income_history"]), 0)
        detail = self.refused(400, "POST", "run", json={
            "model_name": "career_risk", "scenario_name": "bologna_coppia"})
        self.assertEqual(detail["error"], "ValidationError")
        requests.post(self.service.url + "/api/scenarios", timeout=harness.PATIENCE, json={
            "name": "test_family", "environment": {
                "income": {"from": 1500, "to": 5000}, "fixed_expenses": 700,
                "variable_expense_mean": 300, "variable_expense_std": 50, "inflation": 0.02,
                "safety_threshold": 1000, "max_months": 24, "risk_tolerance": 0.5}})
        try:
            drawn = [self.run_one(scenario_name="test_family", seed=1, household=i)["results"]
                     for i in (0, 1, 0)]
        finally:
            requests.delete(self.service.url + "/api/scenarios/test_family",
                            timeout=harness.PATIENCE)
        self.assertEqual([one["household"] for one in drawn], [0, 1, 0])
        self.assertNotEqual(drawn[0]["episodes"], drawn[1]["episodes"])
        self.assertEqual(drawn[0]["episodes"], drawn[2]["episodes"])

    def test_history(self):
        made = [self.run_one()["simulation_id"] for _ in range(3)]
        self.assertEqual(len(set(made)), 3)  # also within one second
        answer = self.call("GET", "history")
        rows = answer.json()["simulations"]
        self.assertEqual(answer.json()["total"], len(rows))
        self.assertEqual([row["simulation_id"] for row in rows[:3]], made[::-1])
        self.assertEqual(set(rows[0]), {
            "simulation_id", "id", "scenario_name", "model_name", "num_episodes",
            "timestamp", "created_at", "total_wealth_mean", "duration_mean", "model"})
        page = self.call("GET", "history?limit=1&offset=1")
        self.assertEqual(page.json()["simulations"], rows[1:2])
        self.assertEqual(page.headers["x-total-count"], str(len(rows)))
        again = self.call("GET", "history", headers={"If-None-Match": answer.headers["etag"]})
        self.assertEqual(again.status_code, 304)
        self.assertEqual(self.call("DELETE", "results/" + made[0]).status_code, 200)
        self.refused(404, "GET", "results/" + made[0])
        self.refused(404, "DELETE", "results/" + made[0])
        self.assertNotIn(made[0], [row["id"] for row in
                                   self.call("GET", "history").json()["simulations"]])

    def test_bad_files_and_older_ones(self):
        os.makedirs(self.files(), exist_ok=True)
        old = {"simulation_id": "old", "scenario_name": "a", "model_name": "b",
               "num_episodes": 1, "timestamp": "2025-01-01T00:00:00", "seed": None,
               "total_wealth_mean": float("nan"), "duration_mean": 3.0,
               "episodes": [{"months": [1], "name": "\"episodes\": [ \\"}]}
        files = {"empty": "", "cut": json.dumps(old)[:60], "list": "[]", "word": "null",
                 "notime": json.dumps({**old, "timestamp": 3}), "old": json.dumps(old),
                 "pretty": json.dumps(old, indent=2), "deep": "[" * 100000,
                 "late": json.dumps({"episodes": [], **old})}
        for name, text in files.items():
            with open(os.path.join(self.files(), name + ".json"), "w") as file:
                file.write(text)
        os.mkdir(os.path.join(self.files(), "folder.json"))
        try:
            rows = {row["simulation_id"]: row
                    for row in self.call("GET", "history").json()["simulations"]}
            self.assertLessEqual({"old", "pretty", "late"}, set(rows))
            self.assertFalse({"empty", "cut", "list", "word", "notime", "deep"} & set(rows))
            self.assertIsNone(rows["pretty"]["total_wealth_mean"])
            self.assertEqual(rows["old"]["duration_mean"], 3)
            read = self.call("GET", "results/old")
            self.assertEqual(read.json(), {**old, "total_wealth_mean": None})
            for name in ("empty", "cut", "deep", "folder"):
                self.assertEqual(self.refused(500, "GET", "results/" + name)["error"],
                                 "RetrievalError")
        finally:
            for name in files:
                os.unlink(os.path.join(self.files(), name + ".json"))
            os.rmdir(os.path.join(self.files(), "folder.json"))

    def test_what_is_wrong_is_told(self):
        for changes, kind in (({"num_episodes": 0}, "greater_than"),
                              ({"num_episodes": -5}, "greater_than"),
                              ({"num_episodes": 1.5}, "int_from_float"),
                              ({"num_episodes": 10 ** 9}, "less_than_equal"),
                              ({"model_name": ""}, "string_too_short"),
                              ({"scenario_name": 3}, "string_type"),
                              ({"seed": "x"}, "int_parsing"), ({"wait": 1}, "bool_type"),
                              ({"household": -1}, "greater_than_equal")):
            faults = self.refused(422, "POST", "run", json={**GOOD, **changes})
            self.assertEqual([fault["type"] for fault in faults], [kind], changes)
        faults = self.refused(422, "POST", "run", json={})
        self.assertEqual([fault["loc"][1] for fault in faults],
                         ["model_name", "scenario_name"])
        for wait in (True, False):
            for changes in ({"model_name": "nothing"}, {"scenario_name": "nothing"}):
                self.assertEqual(self.refused(404, "POST", "run", json={
                    **GOOD, **changes, "wait": wait})["error"], "NotFound")
            for changes in ({"model_name": "_"}, {"scenario_name": "/"},
                            {"num_episodes": 100000, "scenario_name": "retirement",
                             "model_name": "generalist"}):
                answer = self.call("POST", "run", json={**GOOD, **changes, "wait": wait})
                self.assertIn(answer.status_code, (400, 404), answer.text)
        self.assertIn("fewer episodes", self.refused(400, "POST", "run", json={
            **GOOD, "num_episodes": 20000})["message"])
        for name in ("..%5c", "_", "%00"):
            self.assertEqual(self.call("GET", "results/" + name).status_code in (400, 404),
                             True)
        self.refused(404, "GET", "results/nothing")

    def test_names_cannot_leave(self):
        secret = os.path.join(self.service.folder, "results", "secret.json")
        os.makedirs(self.files(), exist_ok=True)
        with open(secret, "w") as file:
            file.write('{"secret": 1}')
        os.symlink("../secret.json", os.path.join(self.files(), "link.json"))
        for name in ("..%2fsecret", "../secret", "%2e%2e%2fsecret", "link", "..%5csecret",
                     "simulations%2f..%2f..%2fsecret"):
            for method in ("GET", "DELETE") if name != "link" else ("GET",):
                answer = self.call(method, "results/" + name)
                self.assertIn(answer.status_code, (400, 404, 405), (name, answer.text))
        self.assertTrue(os.path.exists(secret))
        self.run_one(model_name="../../x/generalist",
                     scenario_name="../bologna_coppia.yaml")
        os.unlink(os.path.join(self.files(), "link.json"))

    def test_files_are_bounded(self):
        results = self.run_one(num_episodes=2000, seed=3)["results"]
        self.assertEqual(results["num_episodes"], 2000)
        self.assertEqual(results["episodes_stored"], len(results["episodes"]))
        self.assertLessEqual(sum(episode["duration"] for episode in results["episodes"]),
                             60000)
        self.assertGreater(results["episodes_stored"], 400)
        self.assertLess(os.path.getsize(os.path.join(
            self.files(), results["simulation_id"] + ".json")), 8 << 20)
        few = self.run_one(num_episodes=20, seed=3)["results"]
        self.assertEqual(results["episodes"][:20], few["episodes"])

    def test_not_waiting(self):
        events = Events(self.service.url)
        answer = self.run_one(wait=False, seed=7, num_episodes=50)
        self.assertEqual(answer["status"], "running")
        self.assertNotIn("results", answer)
        told = events.wait_for("simulation_completed")
        self.assertEqual(told["simulation_id"], answer["simulation_id"])
        results = self.call("GET", "results/" + answer["simulation_id"])
        self.assertEqual(results.status_code, 200)
        self.assertEqual(results.json()["total_wealth_mean"], told["total_wealth_mean"])
        waited = self.run_one(seed=7, num_episodes=50)["results"]
        self.assertEqual(results.json()["episodes"], waited["episodes"])

    def test_many_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            ids = [answer["simulation_id"] for answer in
                   pool.map(lambda i: self.run_one(seed=i, num_episodes=2), range(16))]
        self.assertEqual(len(set(ids)), 16)


class Busy(Case):
    def test_bounds_and_end(self):
        answers = [self.call("POST", "run", json={**GOOD, "num_episodes": 16000,
                                                  "wait": False}) for _ in range(24)]
        statuses = [answer.status_code for answer in answers]
        self.assertEqual(set(statuses), {202, 503})
        self.assertEqual(statuses.count(202), 18)
        refused = next(answer for answer in answers if answer.status_code == 503)
        self.assertGreater(int(refused.headers["retry-after"]), 0)
        # who would wait is told the same
        waiting = self.call("POST", "run", json=GOOD)
        self.assertEqual(waiting.status_code, 503, waiting.text)
        self.assertGreater(int(waiting.headers["retry-after"]), 0)
        first = answers[0].json()["simulation_id"]
        still = self.call("GET", "results/" + first)
        self.assertEqual((still.status_code, still.json()["status"]), (202, "running"))
        # nobody else waits for them
        for path in ("/health", "/api/scenarios/bologna_coppia", "/api/models"):
            self.assertEqual(requests.get(self.service.url + path,
                                          timeout=harness.PATIENCE).status_code, 200)
        code, seconds = self.service.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, harness.PATIENCE / 2)
        self.assertFalse(os.path.exists(self.files()))  # no half of a result


class Ending(Case):
    def connections(self):
        figures = requests.get(self.service.url + "/metrics", timeout=harness.PATIENCE).text
        return int(re.search(r"^hrl_connections (\d+)", figures, re.M).group(1))

    def test_who_waits_is_told(self):
        """A simulation gives up when the service ends, in time for its client to hear of it."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.call, "POST", "run", json={**GOOD, "num_episodes": 16000})
            self.assertTrue(harness.wait_until(lambda: self.connections() >= 2))
            self.assertEqual(self.service.stop()[0], 0)
            answer = waiting.result()
        self.assertEqual(answer.status_code, 503, answer.text)
        self.assertFalse(os.path.exists(self.files()))


class Flat(Case):
    def test_memory(self):
        settled = 0
        for turn in range(300):
            self.run_one(num_episodes=3, seed=1)
            self.call("GET", "history?limit=3")
            if turn == 150:
                settled = self.service.memory()
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - settled, 2048)


if __name__ == "__main__":
    harness.main()
