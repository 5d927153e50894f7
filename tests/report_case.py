"""What the tests of reports share: a service with one simulation, and one of long ago."""
import json
import os

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

PRETRAINED = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
OLD = {"simulation_id": "old_1", "scenario_name": "<script>alert(1)</script>",
       "model_name": "gone", "num_episodes": 12, "timestamp": "2025-01-01T00:00:00.5",
       "seed": None, "duration_mean": 3.0, "duration_std": 0.0, "final_cash_mean": -5.0,
       "final_cash_std": 1.0, "final_invested_mean": 1e4, "final_invested_std": 2.0,
       "final_portfolio_mean": float("nan"), "final_portfolio_std": 0.0,
       "total_wealth_mean": 12345.0, "total_wealth_std": 1.0,
       "investment_gains_mean": -1e4, "investment_gains_std": 0.0,
       "avg_invest_pct": 0.25, "avg_save_pct": 0.25, "avg_consume_pct": 0.5,
       "episodes": [{"total_wealth": 100.0 * i, "cash_history": [10.0 + i, 20.0, 30.0 * i],
                     "portfolio_history": [1.0, 2.0, 3.0]} for i in range(12)]}


class Case(harness.ServiceCase):
    @classmethod
    def settings(cls):
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        answer = requests.post(
            cls.service.url + "/api/simulation/run", timeout=harness.PATIENCE,
            json={"model_name": "generalist", "scenario_name": "bologna_coppia", "seed": 3})
        cls.simulation = answer.json()["simulation_id"]
        cls.results = answer.json()["results"]

    def call(self, method, path, **options):
        return requests.request(method, self.service.url + "/api/reports/" + path,
                                timeout=harness.PATIENCE, **options)

    def make(self, **changes):
        answer = self.call("POST", "generate", json={
            "simulation_id": self.simulation, "report_type": "html", **changes})
        self.assertEqual(answer.status_code, 202, answer.text)
        return answer.json()

    def refused(self, status, method, path, **options):
        answer = self.call(method, path, **options)
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertNotIn(self.service.folder, answer.text)
        detail = answer.json()["detail"]
        if status != 422:
            self.assertLessEqual({"error", "message", "timestamp"}, set(detail))
        return detail

    def text(self, report):
        answer = self.call("GET", report["report_id"])
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.content.decode()

    def reports(self):
        return os.path.join(self.service.folder, "reports")

    def write_simulation(self, name, content):
        folder = os.path.join(self.service.folder, "results", "simulations")
        with open(os.path.join(folder, name + ".json"), "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
