"""Everything at once in hrl-serve: runs, simulations, reports, advice, and files that change."""
import concurrent.futures
import os

import serve_harness as harness
from serve_peers import RUNS, Client, requests
from training_case import recorded

PRETRAINED = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
PAIR = {"model_name": "generalist", "scenario_name": "bologna_coppia", "num_episodes": 20}
HOUSEHOLD = {"environment": {
    "income": 2000, "fixed_expenses": 700, "variable_expense_mean": 300,
    "variable_expense_std": 50, "inflation": 0.002, "safety_threshold": 1000,
    "max_months": 12, "risk_tolerance": 0.5}}


@recorded
class Together(harness.ServiceCase):
    options = ("--concurrency", "2")

    @classmethod
    def settings(cls):
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}}

    def call(self, status, method, path, **body):
        answer = requests.request(method, f"{self.service.url}/api/{path}", json=body or None,
                                  timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, status, answer.text)
        return answer.json()

    def simulate(self, number):
        """One that waits or not, and a report of it that waits or not; gives their ids."""
        wait = number % 2 == 0
        made = self.call(202, "POST", "simulation/run", seed=number, wait=wait, **PAIR)
        simulation = made["simulation_id"]
        if not wait:
            self.client.wait_for_one("simulation_completed", simulation_id=simulation)
        report = self.call(202, "POST", "reports/generate", simulation_id=simulation,
                           report_type="html", wait=not wait)["report_id"]
        if wait:
            self.client.wait_for_one("report_completed", report_id=report)
        return simulation, report

    def change(self, number):
        """A household's file made, read, changed, advised on and deleted."""
        name = f"made_{number}"
        self.call(201, "POST", "scenarios", name=name, **HOUSEHOLD)
        self.call(200, "PUT", f"scenarios/{name}", name=name + "_too", description="x", **HOUSEHOLD)
        self.call(200, "GET", f"scenarios/{name}_too")
        self.call(200, "POST", "advice", scenario_name="bologna_coppia")
        self.call(200, "DELETE", f"scenarios/{name}_too")

    def test_nothing_is_lost(self):
        self.client = Hearing(self.service.url, ["websocket"])
        self.addCleanup(self.client.socket.disconnect)
        runs = [self.call(202, "POST", "training/start", scenario_name=name, num_episodes=200,
                          save_interval=50, eval_episodes=5)["data"]["run_id"]
                for name in ("bologna_coppia", "career_risk", "torino_single")]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            changed = [pool.submit(self.change, number) for number in range(4)]
            made = list(pool.map(self.simulate, range(6)))
            for one in changed:
                one.result()
        for run in runs:
            self.client.wait_for_one("training_completed", run_id=run)
        simulations, reports = map(set, zip(*made))
        self.assertEqual((len(simulations), len(reports)), (6, 6))
        listed = self.call(200, "GET", "simulation/history")["simulations"]
        self.assertEqual({row["simulation_id"] for row in listed}, simulations)
        listed = self.call(200, "GET", "reports/list")["reports"]
        self.assertEqual({row["report_id"] for row in listed}, reports)
        listed = self.call(200, "GET", RUNS[len("/api/"):] + "?state=completed")["runs"]
        self.assertEqual({row["id"] for row in listed}, set(runs))
        self.assertFalse([row["name"] for row in self.call(200, "GET", "scenarios")
                          if row["name"].startswith("made_")])


class Hearing(Client):
    def wait_for_one(self, event, **wanted):
        """Waits for an event whose payload has these."""
        def came():
            return any(wanted.items() <= e[1].items() for e in self.of(event))
        with self.changed:
            assert self.changed.wait_for(came, harness.PATIENCE), (event, wanted)


if __name__ == "__main__":
    harness.main()
