"""/api/models of hrl-serve: what was trained, by the service, by others, and what shipped."""
import json
import os
import shutil

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

PRETRAINED = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
ENDINGS = ("_high_agent.pt", "_low_agent.pt", "_history.json", "_metadata.json")


class Models(harness.ServiceCase):
    @classmethod
    def settings(cls):
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = cls.service.url
        cls.train("bologna_coppia")
        cls.train("career_risk", 32)

    @classmethod
    def status(cls):
        return requests.get(cls.url + "/api/training/status",
                            timeout=harness.PATIENCE).json()

    @classmethod
    def train(cls, name, episodes=64):
        answer = requests.post(cls.url + "/api/training/start", timeout=harness.PATIENCE,
                               json={"scenario_name": name, "num_episodes": episodes})
        assert answer.status_code == 202, answer.text
        assert harness.wait_until(lambda: not cls.status()["is_training"])

    def call(self, method, path="", **options):
        return requests.request(method, self.url + "/api/models" + path,
                                timeout=harness.PATIENCE, **options)

    def good(self, path="", method="GET"):
        answer = self.call(method, path)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def rows(self):
        found = self.good()
        self.assertEqual(found["total"], len(found["models"]))
        return {row["name"]: row for row in found["models"]}

    def path(self, name):
        return os.path.join(self.service.models, name)

    def copy(self, name):
        for ending in ENDINGS:
            shutil.copy(self.path("bologna_coppia" + ending), self.path(name + ending))

    def history(self, name="bologna_coppia"):
        with open(self.path(name + "_history.json")) as file:
            return json.load(file)

    def test_list(self):
        rows = self.rows()
        row, history = rows["bologna_coppia"], self.history()
        self.assertEqual((row["scenario_name"], row["model"], row["episodes"]),
                         ("bologna_coppia", "budget", 64))
        self.assertEqual((row["has_metadata"], row["has_history"], row["shipped"]),
                         (True, True, False))
        self.assertEqual((row["income"], row["risk_tolerance"]), (3200, 0.55))
        rewards = history["episode_rewards"]
        self.assertEqual((row["final_reward"], row["max_reward"]),
                         (rewards[-1], max(rewards)))
        self.assertAlmostEqual(row["avg_reward"], sum(rewards) / len(rewards))
        self.assertEqual(row["final_invested"], history["total_invested"][-1])
        size = sum(os.path.getsize(self.path("bologna_coppia" + ending))
                   for ending in ENDINGS[:2])
        self.assertEqual(row["size_mb"], round(size / 2 ** 20, 2))
        self.assertEqual(rows["career_risk"]["model"], "lifecycle")
        self.assertTrue(rows["generalist"]["shipped"])
        times = [row["trained_at"] for row in rows.values()]
        self.assertEqual(times, sorted(times, reverse=True))
        # what was kept of a model is not told of another one of its name
        self.copy("again")
        self.assertEqual(self.rows()["again"]["final_reward"], rewards[-1])
        with open(self.path("again_history.json"), "w") as file:
            json.dump({**history, "episode_rewards": [1, 2, 4]}, file)
        self.assertEqual(self.rows()["again"]["max_reward"], 4)
        page = self.call("GET", "?limit=1&offset=1")
        self.assertEqual(len(page.json()["models"]), 1)
        self.assertEqual(page.headers["x-total-count"], str(len(self.rows())))
        self.good("/again", "DELETE")
        first = self.call("GET")
        again = self.call("GET", headers={"If-None-Match": first.headers["etag"]})
        self.assertEqual((again.status_code, again.text), (304, ""))

    def test_detail(self):
        found, history = self.good("/bologna_coppia"), self.history()
        self.assertEqual(found["high_agent_path"], "models/bologna_coppia_high_agent.pt")
        self.assertEqual(found["low_agent_path"], "models/bologna_coppia_low_agent.pt")
        self.assertEqual(found["environment_config"]["income"], 3200)
        self.assertEqual(found["training_config"]["high_period"], 6)
        self.assertEqual(found["reward_config"]["lambda"], 1)
        self.assertIsNone(found["utility_config"])
        self.assertEqual(found["metadata"]["total_episodes"], 64)
        self.assertNotIn("example", found["metadata"])
        lengths = history["episode_lengths"]
        self.assertEqual(found["training_history"]["episode_lengths"],
                         {"count": 64, "first": lengths[0], "last": lengths[-1],
                          "mean": sum(lengths) / 64, "min": min(lengths),
                          "max": max(lengths)})
        self.assertEqual(found["final_metrics"]["min_reward"],
                         min(history["episode_rewards"]))
        self.assertEqual([file["intact"] for file in found["files"]], [True] * 3)
        self.assertEqual(self.good("/career_risk")["utility_config"]["risk_aversion"], 3)
        generalist = self.good("/generalist")
        self.assertEqual(generalist["environment_config"]["income"]["from"], 1200)
        self.assertEqual(generalist["high_agent_path"],
                         "pretrained/generalist_high_agent.pt")
        self.assertIsNone(generalist["metadata"])

    def test_delete(self):
        self.copy("gone")
        os.mkdir(self.path(".gone_pending"))  # what a kill in the midst of saving leaves
        for name in ("high_agent.pt", "low_agent.pt", "training_history.json"):
            shutil.copy(self.path("bologna_coppia_" + name.replace("training_", "")),
                        self.path(os.path.join(".gone_pending", name)))
        before = set(os.listdir(self.service.models))
        answer = self.good("/gone", "DELETE")
        self.assertLessEqual({"message", "deleted_at"}, set(answer))
        self.assertEqual(before - set(os.listdir(self.service.models)),
                         {"gone" + ending for ending in ENDINGS} | {".gone_pending"})
        for method in ("GET", "DELETE"):
            self.assertEqual(self.call(method, "/gone").status_code, 404)
        self.assertEqual(self.call("DELETE", "/generalist").status_code, 403)
        self.assertTrue(os.path.exists(os.path.join(PRETRAINED, "generalist_high_agent.pt")))
        # what is left of a pair is no model, but can be deleted
        self.copy("half")
        os.unlink(self.path("half_low_agent.pt"))
        self.assertNotIn("half", self.rows())
        self.assertEqual(self.call("GET", "/half").status_code, 404)
        self.good("/half", "DELETE")

    def test_a_model_in_training_stays(self):
        requests.post(self.url + "/api/training/start", timeout=harness.PATIENCE,
                      json={"scenario_name": "bologna_coppia", "num_episodes": 1000000})
        answer = self.call("DELETE", "/bologna_coppia")
        requests.post(self.url + "/api/training/stop", timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, 409)
        self.assertIn("bologna_coppia", self.rows())
        self.train("bologna_coppia")

    def test_bad_files(self):
        for name, ending, content in (
                ("empty", "_high_agent.pt", b""), ("cut", "_low_agent.pt", None),
                ("noise", "_high_agent.pt", os.urandom(5000)),
                ("text", "_history.json", b"[1, 2"), ("list", "_history.json", b"[1]"),
                ("words", "_history.json", b'{"episode_rewards": ["a", null, {}]}'),
                ("meta", "_metadata.json", b"{\xff"), ("deep", "_history.json", b"[" * 9999),
                ("wrong", "_metadata.json",
                 b'{"environment_config": 3, "episode": "x", "scenario": []}')):
            self.copy(name)
            if content is None:
                with open(self.path(name + ending), "rb") as file:
                    content = file.read()[:3000]
            with open(self.path(name + ending), "wb") as file:
                file.write(content)
            row, detail = self.rows()[name], self.call("GET", "/" + name)
            self.assertEqual(detail.status_code, 200, (name, detail.text))
            self.assertNotIn(self.service.folder, detail.text, name)
            self.assertEqual("error" in row, ending.endswith(".pt"), name)
            if ending == "_history.json":
                self.assertIsNone(row["final_reward"])
            self.good("/" + name, "DELETE")
        # an older program's NaN does not hide its numbers
        self.copy("nan")
        with open(self.path("nan_history.json"), "w") as file:
            file.write('{"episode_rewards": [NaN, 3, Infinity, -Infinity, 1], "NaN": []}')
        row = self.rows()["nan"]
        self.assertEqual((row["final_reward"], row["avg_reward"], row["max_reward"]),
                         (1, 2, 3))
        self.good("/nan", "DELETE")

    def test_names(self):
        for name in ("%2e%2e%2fx", "..%5cx", "nothing", "x" * 250, "bologna_coppia_high_agent",
                     "bologna_coppia.pt"):
            for method in ("GET", "DELETE"):
                self.assertIn(self.call(method, "/" + name).status_code, (400, 404), name)
        self.assertEqual(self.call("GET", "/_").status_code, 400)


class Nothing(harness.ServiceCase):
    def test_no_folder_yet(self):
        answer = requests.get(self.service.url + "/api/models", timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, 200)
        self.assertFalse([row for row in answer.json()["models"] if not row["shipped"]])
        answer = requests.delete(self.service.url + "/api/models/x",
                                 timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, 404, answer.text)


class Many(harness.ServiceCase):
    def test_a_thousand(self):
        Models.url = self.service.url
        Models.train("bologna_coppia")
        for i in range(1000):
            for ending in ENDINGS:
                os.link(os.path.join(self.service.models, "bologna_coppia" + ending),
                        os.path.join(self.service.models, f"m{i}" + ending))
        settled = 0
        for turn in range(8):
            found = requests.get(self.service.url + "/api/models",
                                 timeout=harness.PATIENCE).json()
            self.assertEqual((found["total"] - sum(row["shipped"] for row in found["models"])),
                             1001)
            if turn == 3:
                settled = self.service.memory()
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - settled, 2048)


if __name__ == "__main__":
    harness.main()
