"""/api/reports of hrl-serve where there is no room, too much to do, or an end to come."""
import concurrent.futures
import json
import os
import re
import resource

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")
from report_case import OLD, PRETRAINED, Case
from serve_events import Events


def little_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))


class NoRoom(harness.ServiceCase):
    """A disk that takes a few hundred bytes: whole or not at all."""

    @classmethod
    def settings(cls):
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}, "prepare": little_room}

    def test_whole_or_not_at_all(self):
        folders = [os.path.join(self.service.folder, *name)
                   for name in (("results", "simulations"), ("reports",))]
        os.makedirs(folders[0])
        with open(os.path.join(folders[0], "old_1.json"), "w") as file:
            json.dump(OLD, file)
        for path, content in (("simulation/run", {"model_name": "generalist",
                                                  "scenario_name": "bologna_coppia"}),
                              ("reports/generate", {"simulation_id": "old_1",
                                                    "report_type": "html"})):
            answer = requests.post(f"{self.service.url}/api/{path}", json=content,
                                   timeout=harness.PATIENCE)
            self.assertEqual(answer.status_code, 507, answer.text)
            self.assertNotIn(self.service.folder, answer.text)
        self.assertEqual([os.listdir(folder) for folder in folders], [["old_1.json"], []])


def room_for_pages():
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


ROOM = 30000


class NoRoomForMetadata(harness.ServiceCase):
    """The page fits, what is said of it does not: neither stays."""

    @classmethod
    def settings(cls):
        return {"prepare": room_for_pages}

    def generate(self, **changes):
        answer = requests.post(
            self.service.url + "/api/reports/generate", timeout=harness.PATIENCE,
            json={"simulation_id": "old_1", "report_type": "html", **changes})
        self.assertNotIn(self.service.folder, answer.text)
        return answer

    def test_neither_stays(self):
        simulations, reports = (os.path.join(self.service.folder, *name) for name in
                                (("results", "simulations"), ("reports",)))
        os.makedirs(simulations)
        with open(os.path.join(simulations, "old_1.json"), "w") as file:
            json.dump(OLD, file)
        small = self.generate(include_sections=["x"])
        self.assertEqual(small.status_code, 202, small.text)
        self.assertEqual(len(os.listdir(reports)), 2)
        large = {"include_sections": ["x" * ROOM]}
        answer = self.generate(**large)
        self.assertEqual(answer.status_code, 507, answer.text)
        self.assertEqual(len(os.listdir(reports)), 2)
        # and a client that did not wait hears of it, and can ask later
        events = Events(self.service.url)
        made = self.generate(wait=False, **large)
        self.assertEqual(made.status_code, 202, made.text)
        told = events.wait_for("report_failed")
        self.assertEqual((told["report_id"], told["simulation_id"], told["error"]),
                         (made.json()["report_id"], "old_1", "ReportGenerationError"))
        for path in ("", "/metadata"):
            later = requests.get(f"{self.service.url}/api/reports/{told['report_id']}{path}",
                                 timeout=harness.PATIENCE)
            self.assertEqual((later.status_code, later.json()["detail"]["message"]),
                             (507, told["message"]))
        self.assertEqual(len(os.listdir(reports)), 2)


class Busy(Case):
    def test_bounds_and_end(self):
        """As many as there is room for are made; the others are told when to come again."""
        answers = [self.call("POST", "generate", json={
            "simulation_id": self.simulation, "report_type": "html", "wait": False})
            for _ in range(48)]
        taken = [answer.json()["report_id"] for answer in answers if answer.status_code == 202]
        refused = [answer for answer in answers if answer.status_code == 503]
        self.assertEqual(len(taken) + len(refused), 48)
        self.assertEqual(len(set(taken)), len(taken))
        self.assertGreaterEqual(len(taken), 18)
        self.assertTrue(refused)
        self.assertGreater(int(refused[0].headers["retry-after"]), 0)
        self.assertEqual(refused[0].json()["detail"]["error"], "ReportGenerationError")
        for path in ("", "/metadata"):
            still = self.call("GET", taken[-1] + path)
            self.assertEqual((still.status_code, still.json()["status"]), (202, "running"))
        self.refused(409, "DELETE", taken[-1])
        self.assertEqual(self.service.stop()[0], 0)
        for name in os.listdir(self.reports()) if os.path.exists(self.reports()) else []:
            if name.endswith(".html"):
                self.assertIn(name[:-5] + "_metadata.json", os.listdir(self.reports()))


class Ending(Case):
    def connections(self):
        figures = requests.get(self.service.url + "/metrics", timeout=harness.PATIENCE).text
        return int(re.search(r"^hrl_connections (\d+)", figures, re.M).group(1))

    def test_the_end_does_not_wait_for_reports(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            waiting = [pool.submit(self.call, "POST", "generate", json={
                "simulation_id": self.simulation, "report_type": "html"}) for _ in range(4)]
            self.assertTrue(harness.wait_until(lambda: self.connections() >= 5))
            code, _ = self.service.stop()
            self.assertEqual(code, 0)
            for one in waiting:
                try:
                    self.assertIn(one.result().status_code, (202, 503))
                except requests.RequestException:
                    pass
        left = os.listdir(self.reports()) if os.path.exists(self.reports()) else []
        for name in left:
            if name.endswith(".html"):
                self.assertIn(name[:-5] + "_metadata.json", left)


if __name__ == "__main__":
    harness.main()
