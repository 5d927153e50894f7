"""/api/scenarios of hrl-serve: files, names, comments, writers that meet."""
import concurrent.futures
import json
import os
import re
import resource
import shutil
import socket
import tempfile

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")
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


class Scenarios(harness.ServiceCase):
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

    def test_names_of_files(self):
        """Two endings of one name are one scenario; what cannot be asked for is not listed."""
        self.write("twice", COMMENTED)
        shutil.copy(self.path("twice"), self.path("twice")[:-5] + ".yml")
        self.write("a b", COMMENTED)
        self.write(".hidden", COMMENTED)
        names = [row["name"] for row in self.good("GET")]
        self.assertEqual(names.count("twice"), 1)
        self.assertFalse({"a b", ".hidden"} & set(names))
        self.good("DELETE", "/twice")
        self.assertEqual(self.good("GET", "/twice")["description"], "Old words")
        self.good("DELETE", "/twice")
        self.refused(404, "GET", "/twice")
        os.unlink(self.path("a b"))
        os.unlink(self.path(".hidden"))

    def test_bad_files_do_not_hide_the_others(self):
        self.write("bad_form", "environment: [")
        self.write("bad_value", COMMENTED.replace("income: 2000", "income: -1"))
        self.write("bad_bytes", "\0\udcff".encode("utf-8", "surrogateescape")
                   .decode("latin-1"))
        self.write("empty", "")
        os.mkdir(self.path("bad_folder"))
        os.mkfifo(self.path("bad_pipe"))
        os.symlink("../secret.yaml", self.path("bad_link"))
        os.symlink(self.path("bad_circle"), self.path("bad_circle"))
        self.write("bad_large", "#" * (1 << 21))
        try:
            rows = {row["name"]: row for row in self.good("GET")}
            self.assertIn("balanced", rows)
            for name in ("bad_form", "bad_value", "empty"):
                self.assertEqual(rows[name]["income"], 0)
                self.assertNotIn(self.outside, rows[name]["error"])
                self.refused(400, "GET", "/" + name)
            self.assertIn("income", rows["bad_value"]["error"])
            for name in ("bad_folder", "bad_pipe", "bad_link", "bad_circle", "bad_large"):
                self.assertNotIn(name, rows)
                answer = self.call("GET", "/" + name)
                self.assertIn(answer.status_code, (404, 500), name)
                self.assertNotIn("secret", answer.text)
            # what is broken can be mended
            self.good("PUT", "/bad_form", json=body("bad_form"))
            self.assertEqual(self.good("GET", "/bad_form")["environment"]["income"], 2000)
        finally:
            os.rmdir(self.path("bad_folder"))
            for name in ("bad_form", "bad_value", "bad_bytes", "empty", "bad_pipe",
                         "bad_link", "bad_circle", "bad_large"):
                os.unlink(self.path(name))

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

    def test_names(self):
        for given, name in (("test scenario", "test_scenario"),
                            ("test@scenario#123", "test_scenario_123"),
                            ("../../../etc/passwd", "passwd"), ("a\\b", "a_b"),
                            (".hid", "_hid"), ("..", "_."), ("x\0y", "x_y"),
                            ("/etc/shadow.yml", "shadow"), ("-rf", "-rf"),
                            ("\u4e2d\u6587", "__"), ("a\nb", "a_b")):
            made = self.good("POST", json=body(given))
            self.assertEqual(made["name"], name)
            self.assertTrue(os.path.exists(self.path(name)), name)
            self.refused(409, "POST", json=body(given))
            self.assertEqual(self.good("GET", "/" + name)["name"], name)
            self.good("DELETE", "/" + name)
        for given in (".", "_", " ", "/", "foo/", "\0"):
            self.refused(400, "POST", json=body(given))
            self.refused(400, "PUT", "/balanced", json=body(given))

    def test_hostile_paths(self):
        before = sorted(os.listdir(self.outside))
        for attack in ("../secret", "..%2fsecret", "..%2Fsecret", "%2e%2e/secret",
                       "%2e%2e%2fsecret", "..%252fsecret", "....//secret", "..\\secret",
                       "..%5csecret", "%c0%ae%c0%ae%c0%afsecret", "..%00/secret",
                       "secret%00", "/etc/passwd", "%2fetc%2fpasswd", "balanced/../../secret",
                       "~root", "x" * 300, "%ff", "\udcff", "../scenarios/balanced",
                       ".%2e/secret.yaml", "%uff0e%uff0e/secret"):
            for method in ("GET", "PUT", "DELETE"):
                content = json.dumps(body("x")).encode() if method == "PUT" else b""
                request = (f"{method} /api/scenarios/{attack} HTTP/1.1\r\nHost: x\r\n"
                           f"Content-Length: {len(content)}\r\nConnection: close\r\n"
                           "Content-Type: application/json\r\n\r\n")
                answer = self.service.exchange(
                    request.encode("utf-8", "surrogateescape") + content)
                status = int(answer.split(b" ", 2)[1])
                self.assertIn(status, (307, 400, 404, 405), (method, attack, answer))
                self.assertNotIn(b"root:", answer)
        self.assertEqual(sorted(os.listdir(self.outside)), before)

    def test_writers_that_meet(self):
        def create(number):
            return self.call("POST", json=body("race", description=str(number)))

        def rename(number):
            return self.call("PUT", f"/from{number}", json=body("goal"))

        def update(number):
            return self.call("PUT", "/race", json=body(
                "race", description="x" * (100 * number),
                environment={**ENVIRONMENT, "income": 1000 + number}))

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            made = [answer.status_code for answer in pool.map(create, range(32))]
            self.assertEqual(sorted(made), [201] + [409] * 31)
            for i in range(16):
                self.write(f"from{i}", COMMENTED)
            moved = [answer.status_code for answer in pool.map(rename, range(16))]
            self.assertEqual(sorted(moved), [200] + [409] * 15)
            updates = pool.map(update, range(40))
            for read in pool.map(lambda _: self.good("GET", "/race"), range(40)):
                if read["environment"]["income"] != 2000:
                    self.assertEqual(len(read["description"] or ""),
                                     100 * (read["environment"]["income"] - 1000))
            self.assertEqual({answer.status_code for answer in updates}, {200})
            removed = [answer.status_code for answer in
                       pool.map(lambda _: self.call("DELETE", "/race"), range(8))]
            self.assertEqual(sorted(removed), [200] + [404] * 7)
        left = [name for name in os.listdir(self.folder) if name.startswith("from")]
        self.assertEqual(len(left), 15)
        for name in left:
            os.unlink(os.path.join(self.folder, name))
        os.unlink(self.path("goal"))
        self.assertFalse([name for name in os.listdir(self.folder)
                          if name.startswith(".")])


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

    call = Scenarios.call
    good = Scenarios.good

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


def little_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))


class NoRoom(harness.ServiceCase):
    @classmethod
    def settings(cls):
        cls.folder = tempfile.mkdtemp(prefix="hrl-full-")
        with open(os.path.join(cls.folder, "there.yaml"), "w") as file:
            file.write(COMMENTED)
        return {"scenarios": cls.folder, "prepare": little_room}

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.folder)

    call = Scenarios.call

    def test_whole_or_not_at_all(self):
        for method, path, name in (("POST", "", "new"), ("PUT", "/there", "there"),
                                   ("PUT", "/there", "elsewhere")):
            answer = self.call(method, path, json=body(name))
            self.assertEqual(answer.status_code, 507, answer.text)
            self.assertNotIn(self.folder, answer.text)
            self.assertEqual(os.listdir(self.folder), ["there.yaml"])
        with open(os.path.join(self.folder, "there.yaml")) as file:
            self.assertEqual(file.read(), COMMENTED)


class Many(harness.ServiceCase):
    @classmethod
    def settings(cls):
        cls.folder = tempfile.mkdtemp(prefix="hrl-many-")
        for i in range(1200):
            with open(os.path.join(cls.folder, f"s{i}.yaml"), "w") as file:
                file.write(COMMENTED)
        return {"scenarios": cls.folder}

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.folder)

    call = Scenarios.call
    good = Scenarios.good

    def test_pages(self):
        names = []
        for offset in range(0, 1200, 500):
            names += [row["name"] for row in self.good("GET", f"?limit=500&offset={offset}")]
        self.assertEqual(sorted(names), sorted(f"s{i}" for i in range(1200)))
        self.assertEqual(len(self.good("GET")), 1000)
        settled = 0
        for turn in range(40):
            self.good("GET", "?limit=200")
            if turn == 10:
                settled = self.service.memory()
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - settled, 2048)


if __name__ == "__main__":
    harness.main()
