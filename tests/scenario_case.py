"""A hrl-serve with scenarios of its own, which tests of /api/scenarios share."""
import os
import shutil
import tempfile

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

ENVIRONMENT = {"income": 2000, "fixed_expenses": 770.5, "variable_expense_mean": 500,
               "variable_expense_std": 120, "inflation": 0.02, "safety_threshold": 5000,
               "max_months": 120, "initial_cash": 5000, "risk_tolerance": 0.65}
COMMENTED = """\
# About the whole.
model: budget   # plain
environment:
    income: 2000        # both
    fixed_expenses: 800
    variable_expense_mean: 400
    variable_expense_std: 100
    inflation: 2.0e-02
    safety_threshold: 3000
    max_months: 120     # ten years
    risk_tolerance: 0.5 # the last
# Below.
reward:
    lambda: 2           # as the service spells it
description: 'Old words'   # for people
"""


def body(name, **changes):
    return {"name": name, "environment": dict(ENVIRONMENT), **changes}


class ScenarioCase(harness.ServiceCase):
    @classmethod
    def settings(cls):
        cls.outside = tempfile.mkdtemp(prefix="hrl-outside-")
        cls.folder = os.path.join(cls.outside, "scenarios")
        shutil.copytree(harness.SCENARIOS, cls.folder)
        for name in os.listdir(os.path.join(cls.folder, "families")):
            os.rename(os.path.join(cls.folder, "families", name),
                      os.path.join(cls.folder, name))
        with open(os.path.join(cls.outside, "secret.yaml"), "w") as file:
            file.write(COMMENTED.replace("Old words", "secret"))
        return {"scenarios": cls.folder}

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.outside)

    def call(self, method, path="", **options):
        return requests.request(method, self.service.url + "/api/scenarios" + path,
                                timeout=harness.PATIENCE, **options)

    def good(self, method, path="", **options):
        answer = self.call(method, path, **options)
        self.assertLess(answer.status_code, 300, answer.text)
        return answer.json()

    def path(self, name):
        return os.path.join(self.folder, name + ".yaml")

    def write(self, name, text):
        with open(self.path(name), "w", newline="") as file:
            file.write(text)

    def text(self, name):
        with open(self.path(name), newline="") as file:
            return file.read()

    def refused(self, status, method, path="", **options):
        answer = self.call(method, path, **options)
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertNotIn(self.outside, answer.text)
        detail = answer.json()["detail"]
        self.assertEqual(isinstance(detail, list), status == 422)
        return detail
