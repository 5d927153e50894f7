"""/api/advice of hrl-serve: what hrl-advise tells, over HTTP."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import tempfile

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

PRETRAINED = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
ADVISE = os.path.join(os.path.dirname(harness.PROGRAM), "hrl-advise")


class Advice(harness.ServiceCase):
    @classmethod
    def settings(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        for name in ["bologna_coppia.yaml", "milano_junior.yaml"]:
            shutil.copy(os.path.join(harness.SCENARIOS, name), cls.folder.name)
        with open(os.path.join(cls.folder.name, "many.yaml"), "w") as file:
            file.write("environment: {income: {from: 1000, to: 2000}, fixed_expenses: 500, "
                       "variable_expense_mean: 300, variable_expense_std: 50, inflation: 0.02, "
                       "safety_threshold: 500, max_months: 24, initial_cash: 500, "
                       "risk_tolerance: 0.5}\n")
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}, "scenarios": cls.folder.name}

    def ask(self, **body):
        body.setdefault("scenario_name", "bologna_coppia")
        return requests.post(self.service.url + "/api/advice", json=body,
                             timeout=harness.PATIENCE)

    def good(self, **body):
        answer = self.ask(**body)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def test_it_is_what_the_program_tells(self):
        told = subprocess.run(
            [ADVISE, "bologna_coppia", "--month", "13", "--cash", "4000", "--portfolio", "2500",
             "--what-if", "income=2700", "--json"], check=True, stdout=subprocess.PIPE,
            env=dict(os.environ, HRL_MODEL_PATH=PRETRAINED,
                     HRL_SCENARIO_PATH=harness.SCENARIOS)).stdout
        self.assertEqual(self.good(month=13, cash=4000, portfolio=2500,
                                   what_if=["income=2700"]), json.loads(told))

    def test_defaults(self):
        found = self.good(futures=100)
        self.assertEqual(found["situation"],
                         {"month": 1, "cash": 10000, "portfolio": 0, "unemployed": False})
        self.assertEqual(found["model"], "generalist")
        self.assertEqual((found["seed"], found["what_if"]), (20240229, []))
        self.assertEqual(found["futures"]["count"], 100)

    def test_changes_hold_for_all(self):
        found = self.good(futures=100, changes="income=2900", what_if=["cash=1", "income=2700"])
        self.assertEqual(found["this_month"]["amount"], 2900)
        self.assertEqual([one["this_month"]["amount"] for one in found["what_if"]], [2900, 2700])
        self.assertEqual(found["what_if"][0]["situation"]["cash"], 1)

    def test_lines(self):
        """The best rule and the optimum play the same futures; the household's advice is the same."""
        plain = self.good(futures=200, what_if=["income=2700"])
        lined = self.good(futures=200, what_if=["income=2700"], lines=True)
        self.assertEqual(plain["what_if"], lined["what_if"])
        self.assertEqual(plain["this_month"], lined["this_month"])
        value = lined["comparison"]
        points = [(point.pop("best_rule"), point.pop("optimum")) for point in lined["futures"]["months"]]
        self.assertEqual(plain, lined)
        self.assertEqual(len(points), 120)
        rule, optimum = points[-1]
        # a middle and a mean of the same futures lie close together
        self.assertLess(abs(rule["wealth"] / value["best_rule"]["final_wealth"] - 1), 0.05)
        self.assertNotEqual([rule["wealth"] for rule, _ in points], [optimum["wealth"] for _, optimum in points])
        for rule, optimum in points:
            self.assertGreater(min(rule["consumption"], optimum["consumption"]), 2000)

    def refused(self, status, text, **body):
        answer = self.ask(**body)
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertIn(text, answer.json()["detail"])

    def test_refused(self):
        self.refused(404, "Scenario 'nobody' not found", scenario_name="nobody")
        self.refused(404, "Model 'nobody' not found", model="nobody")
        self.refused(400, "is a family of households", scenario_name="many")
        self.refused(400, "month: found 121", month=121, cash=1)
        self.refused(400, "cash is missing", month=2)
        self.refused(400, "the model 'budget' has no jobs", unemployed=True)
        self.refused(400, "did you mean 'environment.income'?", changes="incom=3")
        self.refused(400, "expected KEY=VALUE", what_if=["income"])
        self.refused(400, "is not a finite number", what_if=["income=nan"])
        self.refused(400, "at most 6", what_if=["income=2000"] * 7)
        self.refused(400, "changes: found a zero byte", changes="income=2000\0,incom=3")
        self.refused(400, "what_if: found a zero byte", what_if=["\0income=2000"])
        self.refused(400, "futures: found 10000 of 12000 months, which are 120000000 months, "
                          "expected at most 2400000", futures=10000, changes="max_months=12000")
        self.refused(400, "futures: found 10000 of 241 months", futures=10000,
                     what_if=["max_months=241"])
        self.good(futures=100, changes="max_months=253", month=14, cash=1000)
        for name in ["../../etc/passwd", "..", "a/../../b", "%2e%2e"]:
            self.assertIn(self.ask(scenario_name=name).status_code, (400, 404), name)
            self.assertIn(self.ask(model=name).status_code, (400, 404), name)

    def test_fields_are_checked(self):
        for body in [{"cash": "much"}, {"cash": -1}, {"cash": 1e13}, {"portfolio": -1},
                     {"month": 0}, {"month": 1.5}, {"futures": 99}, {"futures": 10001},
                     {"what_if": "income=1"}, {"what_if": [1]}, {"scenario_name": ""},
                     {"unemployed": "perhaps"}, {"lines": 1}, {"changes": 3}, {"seed": -1}]:
            with self.subTest(body=body):
                answer = self.ask(**body)
                self.assertEqual(answer.status_code, 422, answer.text)
                self.assertEqual(answer.json()["detail"][0]["loc"][1], list(body)[0])

    def test_many_ask_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda seed: self.ask(seed=seed % 2, futures=200),
                                    range(16)))
        self.assertTrue({answer.status_code for answer in answers} <= {200, 503})
        good = [answer.json() for answer in answers if answer.status_code == 200]
        self.assertGreater(len(good), 1)
        for one in good:
            self.assertEqual(one, next(x for x in good if x["seed"] == one["seed"]))


if __name__ == "__main__":
    harness.main()
