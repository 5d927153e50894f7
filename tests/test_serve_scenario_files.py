"""/api/scenarios of hrl-serve: names, bad files, hostile paths, writers that meet, no room."""
import concurrent.futures
import json
import os
import resource
import shutil
import tempfile

import serve_harness as harness
from scenario_case import COMMENTED, ENVIRONMENT, ScenarioCase, body


class Files(ScenarioCase):
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

    call = ScenarioCase.call

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

    call = ScenarioCase.call
    good = ScenarioCase.good

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
