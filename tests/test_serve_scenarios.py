"""/api/scenarios of hrl-serve: lists, bodies, comments, renaming, what ships."""
import json
import os
import re
import shutil
import tempfile

import serve_harness as harness
from scenario_case import COMMENTED, ENVIRONMENT, ScenarioCase, body

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")


class Scenarios(ScenarioCase):
    def test_list(self):
        answer = self.call("GET")
        rows = answer.json()
        self.assertEqual(answer.headers["x-total-count"], str(len(rows)))
        by_name = {row["name"]: row for row in rows}
        row = by_name["balanced"]
        self.assertEqual(row["available_monthly"],
                         row["income"] - row["fixed_expenses"] - row["variable_expenses"])
        self.assertAlmostEqual(row["available_pct"],
                               100 * row["available_monthly"] / row["income"], delta=0.05)
        self.assertEqual(row["size"], os.path.getsize(self.path("balanced")))
        self.assertRegex(row["updated_at"], TIME)
        self.assertEqual((row["model"], row["is_family"], row["shipped"]),
                         ("budget", False, False))
        self.assertEqual(by_name["merton"]["model"], "lifecycle")
        self.assertTrue(by_name["generalist"]["is_family"])
        times = [row["updated_at"] for row in rows]
        self.assertEqual(times, sorted(times, reverse=True))
        page = self.call("GET", "?limit=2&offset=1")
        self.assertEqual(page.json(), rows[1:3])
        self.assertEqual(page.headers["x-total-count"], str(len(rows)))
        self.assertEqual(self.good("GET", "?offset=100000"), [])
        self.refused(422, "GET", "?limit=0")
        again = self.call("GET", headers={"If-None-Match": answer.headers["etag"]})
        self.assertEqual((again.status_code, again.text), (304, ""))

    def test_templates(self):
        templates = {made["name"]: made for made in self.good("GET", "/templates")}
        self.assertLessEqual({"conservative", "balanced", "aggressive",
                              "young_professional", "young_couple"}, set(templates))
        self.assertEqual(templates["young_couple"]["environment"]["initial_cash"], 10000)
        for name, made in templates.items():
            self.assertTrue(made["display_name"] and made["description"])
            self.good("POST", json={**made, "name": "from_" + name})
            read = self.good("GET", "/from_" + name)
            for section in ("environment", "training", "reward", "utility"):
                self.assertEqual(read.get(section), made.get(section))
            self.good("DELETE", "/from_" + name)
        self.refused(400, "POST", json=body("templates"))

    def test_create_get_delete(self):
        description = "d\u00e9sc \u4e2d \"x\" \\ ~\n\u2028\ufeff\x7f\x85 # no comment"
        made = self.good("POST", json=body(
            "made", description=description,
            training={"num_episodes": "100", "save_interval": 50},
            reward={"lambda": 2, "lambda_": 3}))
        self.assertEqual((made["name"], made["path"]), ("made", "scenarios/made.yaml"))
        self.assertRegex(made["created_at"], TIME)
        read = self.good("GET", "/made")
        self.assertEqual((made["description"], read["description"]), (description,) * 2)
        self.assertEqual(len(read["environment"]), 12)
        self.assertEqual(read["environment"]["fixed_expenses"], 770.5)
        self.assertEqual(read["training"]["num_episodes"], 100)
        self.assertEqual(read["reward"]["lambda"], 2)
        self.refused(409, "POST", json=body("made"))
        self.assertEqual(self.good("DELETE", "/made")["name"], "made")
        self.refused(404, "GET", "/made")
        self.refused(404, "DELETE", "/made")
        self.refused(404, "PUT", "/made", json=body("made"))
        self.assertNotIn("description", self.good("POST", json=body("made")) and
                         self.text("made"))
        self.good("DELETE", "/made")

    def test_what_is_wrong_is_told(self):
        faults = self.refused(422, "POST", json={
            "name": "", "environment": {**ENVIRONMENT, "income": 0, "max_months": 1.5,
                                        "investment_return_type": "x"},
            "training": None, "reward": {"alpha": "a"}})
        types = {fault["loc"][-1]: fault["type"] for fault in faults}
        self.assertEqual(types, {"name": "string_too_short", "income": "greater_than",
                                 "max_months": "int_from_float",
                                 "investment_return_type": "string_pattern_mismatch",
                                 "training": "model_attributes_type",
                                 "alpha": "float_parsing"})
        missing = self.refused(422, "POST", json={"name": "x"})
        self.assertEqual(missing[0]["loc"], ["body", "environment"])
        self.refused(422, "PUT", "/not_there", json={"name": "x"})
        self.refused(422, "POST", json=body("x", model="nonsense"))
        self.refused(422, "POST", json=body("x" * 101))
        # the keys do not go together
        detail = self.refused(400, "POST", json=body(
            "x", environment={**ENVIRONMENT, "income": {"from": 9, "to": 1}}))
        self.assertIn("income", detail)
        self.assertFalse(os.path.exists(self.path("x")))

    def test_lifecycle_and_families(self):
        for name in ("career_risk", "generalist", "generalist_lifecycle"):
            read = self.good("GET", "/" + name)
            copy = self.good("POST", json={**read, "name": "copy"})
            self.assertEqual(copy["description"], read["description"])
            again = self.good("GET", "/copy")
            for key in ("model", "is_family", "environment", "training", "reward",
                        "utility", "require"):
                self.assertEqual(again.get(key), read.get(key), (name, key))
            # what is read may be written back: nothing changes, not a byte
            before = self.text(name)
            self.good("PUT", "/" + name, json=read)
            self.assertEqual(self.text(name), before)
            self.good("DELETE", "/copy")
        family = self.good("GET", "/generalist")
        family["environment"]["income"] = {"from": 1500, "to": 9000, "scale": "log"}
        self.good("PUT", "/generalist", json=family)
        self.assertEqual(self.good("GET", "/generalist")["environment"]["income"],
                         {"from": 1500, "to": 9000, "scale": "log"})
        self.assertIn("# all but a few live within their income", self.text("generalist"))
        family["require"] = ["fixed_expenses <= 0.9 * income"]
        self.good("PUT", "/generalist", json=family)
        self.assertEqual(self.good("GET", "/generalist")["require"], family["require"])

    def test_an_update_keeps_comments(self):
        self.write("kept", COMMENTED)
        changed = {**ENVIRONMENT, "income": 2500, "inflation": 0.02, "risk_tolerance": 0.6,
                   "fixed_expenses": 800, "variable_expense_mean": 400,
                   "variable_expense_std": 100, "safety_threshold": 3000,
                   "investment_return_mean": 1e-5, "investment_return_type": "none"}
        self.good("PUT", "/kept", json=body("kept", environment=changed,
                                            reward={"lambda_": 4, "mu": 0.5},
                                            training={"num_episodes": 60}))
        self.assertEqual(self.text("kept"), COMMENTED
                         .replace("income: 2000", "income: 2500")
                         .replace("0.5 # the last", "0.6 # the last\n    initial_cash: 5000"
                                  "\n    investment_return_mean: 1.0e-05"
                                  "\n    investment_return_type: none")
                         .replace("lambda: 2 ", "lambda: 4 ")
                         + "\ntraining:\n  num_episodes: 60\n")
        self.assertEqual(self.good("GET", "/kept")["description"], "Old words")
        self.good("PUT", "/kept", json=body("kept", description="New: \"words\""))
        self.assertIn('description: "New: \\"words\\""   # for people', self.text("kept"))
        self.good("PUT", "/kept", json=body("kept", description=None))
        self.assertNotIn("description", self.text("kept"))
        self.good("PUT", "/kept", json=body("kept", description="Back"))
        self.assertTrue(self.text("kept").startswith(
            "# About the whole.\ndescription: \"Back\"\n\nmodel: budget"))
        os.unlink(self.path("kept"))

    def test_forms_that_cannot_be_changed_in_place(self):
        flow = json.dumps({"environment": ENVIRONMENT, "description": "one line",
                           "training": {"hidden_low": 64}})
        for name, text in (("flow", flow), ("dos", COMMENTED.replace("\n", "\r\n")),
                           ("block", COMMENTED.replace("'Old words'", ">\n  Old\n  words")
                            .replace("  # for people", "")),
                           ("mark", "\ufeff" + COMMENTED), ("tail", COMMENTED + "...\n")):
            self.write(name, text)
            before = self.good("GET", "/" + name)
            before["environment"]["income"] = 4321
            before["training"]["num_episodes"] = 99
            self.good("PUT", "/" + name, json=before)
            after = self.good("GET", "/" + name)
            for key in ("description", "environment", "training", "reward"):
                self.assertEqual(after[key], before[key], name)
            os.unlink(self.path(name))

    def test_rename(self):
        self.write("old", COMMENTED)
        renamed = self.good("PUT", "/old", json=body("new name.yaml"))
        self.assertEqual((renamed["name"], renamed["path"]),
                         ("new_name", "scenarios/new_name.yaml"))
        self.assertFalse(os.path.exists(self.path("old")))
        self.assertIn("# About the whole.", self.text("new_name"))
        self.write("old", COMMENTED)
        self.refused(409, "PUT", "/old", json=body("new_name"))
        self.refused(404, "PUT", "/older", json=body("new_name"))
        self.assertEqual(self.text("old"), COMMENTED)
        # the other ending counts, too
        os.rename(self.path("old"), self.path("old").replace(".yaml", ".yml"))
        self.refused(409, "POST", json=body("old"))
        self.refused(409, "PUT", "/new_name", json=body("old"))
        self.good("PUT", "/old", json=body("old"))
        self.assertTrue(os.path.exists(self.path("old").replace(".yaml", ".yml")))
        self.assertFalse(os.path.exists(self.path("old")))
        for name in ("old", "new_name"):
            self.good("DELETE", "/" + name)

    def test_an_update_keeps_when_it_was_made(self):
        created = self.good("POST", json=body("times"))["created_at"]
        try:
            os.setxattr(self.path("times"), "user.hrl.test", b"x")
        except OSError:
            self.skipTest("this file system keeps no attributes")
        finally:
            first = self.good("PUT", "/times", json=body("times", description="x"))
            self.good("PUT", "/times", json=body("times2", description="y"))
            after = self.good("GET", "/times2")
            self.good("DELETE", "/times2")
        self.assertGreater(first["updated_at"], created)
        self.assertEqual(after["created_at"], created)
        self.assertGreaterEqual(after["updated_at"], first["updated_at"])

    def test_conditions(self):
        self.write("tagged", COMMENTED)
        read = self.call("GET", "/tagged")
        etag = read.headers["etag"]
        same = self.call("GET", "/tagged", headers={"If-None-Match": f'"x", W/{etag}'})
        self.assertEqual((same.status_code, same.text), (304, ""))
        written = self.call("PUT", "/tagged", json=body("tagged"),
                            headers={"If-Match": etag})
        self.assertEqual(written.status_code, 200)
        self.assertNotEqual(written.headers["etag"], etag)
        self.assertEqual(written.headers["etag"],
                         self.call("GET", "/tagged").headers["etag"])
        self.refused(412, "PUT", "/tagged", json=body("tagged"),
                     headers={"If-Match": etag})
        self.refused(412, "DELETE", "/tagged", headers={"If-Match": etag})
        self.assertEqual(self.call("GET", "/tagged",
                                   headers={"If-None-Match": etag}).status_code, 200)
        self.good("DELETE", "/tagged", headers={"If-Match": written.headers["etag"]})



class Shipped(harness.ServiceCase):
    """Without --scenarios: a folder of its own, and what the library finds."""

    @classmethod
    def settings(cls):
        cls.own = tempfile.mkdtemp(prefix="hrl-own-")
        return {"scenarios": None, "environment": {
            "HRL_SCENARIO_PATH": os.path.join(cls.own, "mine") + ":" + harness.SCENARIOS}}

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.own)

    call = ScenarioCase.call
    good = ScenarioCase.good

    def test_copies_on_writing(self):
        before = self.good("GET", "/balanced")
        self.assertTrue(before["shipped"])
        for method, path, status in (("DELETE", "/balanced", 403),):
            self.assertEqual(self.call(method, path).status_code, status)
        self.assertEqual(self.call("PUT", "/balanced", json=body("other")).status_code, 403)
        self.assertEqual(self.call("POST", json=body("balanced")).status_code, 409)
        self.good("PUT", "/balanced", json=body("balanced"))
        own = self.good("GET", "/balanced")
        self.assertEqual((own["shipped"], own["environment"]["income"]), (False, 2000))
        rows = [row for row in self.good("GET") if row["name"] == "balanced"]
        self.assertEqual([row["shipped"] for row in rows], [False])
        self.assertEqual(os.listdir(os.path.join(self.own, "mine")), ["balanced.yaml"])
        self.good("DELETE", "/balanced")
        self.assertEqual(self.good("GET", "/balanced")["environment"],
                         before["environment"])


if __name__ == "__main__":
    harness.main()
