"""/api/reports of hrl-serve: made of simulations, kept, given out, and what is in them."""
import concurrent.futures
import html.parser
import json
import os
import re
import resource

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")
from serve_events import Events

PRETRAINED = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
ALL = ["summary", "scenario", "training", "results", "charts", "strategy"]
HEADINGS = {"summary": "Summary", "scenario": "Scenario", "training": "Training",
            "results": "Simulation", "strategy": "Strategy"}
METADATA = {"report_id", "simulation_id", "report_type", "title", "generated_at",
            "file_path", "file_size_kb", "sections"}
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


class Page(html.parser.HTMLParser):
    """What a page says, and whether its elements are closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.tags, self.texts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("meta", "path", "line", "rect", "circle", "polyline", "polygon"):
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "href"), (name, value)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


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


class Reports(Case):
    def test_html(self):
        made = self.make()
        self.assertEqual(set(made), METADATA | {"status", "message"})
        self.assertRegex(made["report_id"], f"^report_{self.simulation}_\\d+(_\\d+)?$")
        self.assertEqual((made["status"], made["sections"]), ("completed", ALL))
        self.assertEqual(made["title"], "Financial Simulation Report: bologna_coppia")
        self.assertEqual(made["file_path"], f"reports/{made['report_id']}.html")
        answer = self.call("GET", made["report_id"])
        self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
        self.assertEqual(answer.headers["content-disposition"],
                         f"attachment; filename=\"{made['report_id']}.html\"")
        self.assertEqual(made["file_size_kb"], round(len(answer.content) / 1024, 2))
        page = Page(answer.text)
        self.assertEqual(page.open, [])
        self.assertEqual(page.headings, ["Summary", "Simulation", "Results", "Strategy",
                                         "Training", "Scenario", "Method"])
        self.assertIn("svg", page.tags)
        self.assertNotIn("script", page.tags)
        self.assertIn(f"{self.results['total_wealth_mean']:,.0f}", page.texts)
        self.assertTrue(any("best simple rule" in text for text in page.texts))
        known = self.call("GET", made["report_id"],
                          headers={"If-None-Match": answer.headers["etag"]})
        self.assertEqual((known.status_code, known.text), (304, ""))

    def test_shown_in_the_browser(self):
        made = self.make()
        answer = self.call("GET", made["report_id"] + "?disposition=inline")
        self.assertTrue(answer.headers["content-disposition"].startswith("inline"))
        self.assertIn("sandbox", answer.headers["content-security-policy"])
        self.assertIn("default-src 'none'", answer.headers["content-security-policy"])
        self.refused(422, "GET", made["report_id"] + "?disposition=x")

    def test_sections(self):
        for wanted in (["summary"], ["strategy", "scenario"], ["results"], ["training"],
                       ["charts"], ["nothing"], ["results", "charts", "x"]):
            made = self.make(include_sections=wanted)
            self.assertEqual(made["sections"], wanted)
            page = Page(self.text(made))
            found = {heading for heading in page.headings
                     if heading in HEADINGS.values()}
            if "charts" not in wanted:
                self.assertEqual(found, {HEADINGS[name] for name in wanted
                                         if name in HEADINGS}, wanted)
            self.assertEqual("svg" in page.tags, "charts" in wanted, wanted)
        for none in (None, []):
            self.assertEqual(self.make(include_sections=none)["sections"], ALL)

    def test_titles_are_texts(self):
        title = "</title><script>alert(1)</script>\"'& \u00dcber \u4e2d"
        made = self.make(title=title)
        self.assertEqual(made["title"], title)
        text = self.text(made)
        self.assertNotIn("<script", text)
        self.assertIn("\u00dcber \u4e2d", text)
        self.assertIn(title, "".join(Page(text).texts))
        self.assertEqual(self.make(title="")["title"],
                         "Financial Simulation Report: bologna_coppia")

    def test_pdf(self):
        self.make(include_sections=["summary"])
        answer = self.call("POST", "generate", json={
            "simulation_id": self.simulation, "report_type": "pdf"})
        if answer.status_code == 501:
            self.assertEqual(answer.json()["detail"]["error"], "DependencyError")
            self.assertIn("cairo", answer.json()["detail"]["message"])
            self.assertFalse([name for name in os.listdir(self.reports())
                              if name.endswith(".pdf")])
            return
        made = answer.json()
        self.assertEqual((answer.status_code, made["report_type"]), (202, "pdf"))
        read = self.call("GET", made["report_id"])
        self.assertEqual(read.headers["content-type"], "application/pdf")
        self.assertTrue(read.content.startswith(b"%PDF-"))
        self.assertTrue(read.headers["content-disposition"].endswith('.pdf"'))

    def test_pdfs_at_once(self):
        def make(i):
            return self.call("POST", "generate", json={
                "simulation_id": self.simulation, "title": str(i),
                "report_type": "pdf" if i % 2 else "html"}).status_code
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            self.assertLessEqual(set(pool.map(make, range(6))), {202, 501})

    def test_what_cannot_be_played_again(self):
        self.write_simulation("old_1", OLD)
        made = self.make(simulation_id="old_1")
        text = self.text(made)
        self.assertNotIn("<script", text)
        page = Page(text)
        self.assertEqual(page.open, [])
        self.assertEqual(page.headings, ["Summary", "Simulation", "Results", "Strategy",
                                         "Method"])
        self.assertIn("12,345", page.texts)
        self.assertIn("25.0 %", page.texts)
        self.assertTrue(any("could not be played again" in words for words in page.texts))
        # a scenario that is there is told of
        self.write_simulation("old_2", {**OLD, "scenario_name": "bologna_coppia"})
        page = Page(self.text(self.make(simulation_id="old_2")))
        self.assertLessEqual({"Training", "Scenario"}, set(page.headings))
        # a pair for another kind of household
        self.write_simulation("old_3", {**OLD, "scenario_name": "bologna_coppia",
                                        "model_name": "generalist"})
        self.assertIn("Training", Page(self.text(self.make(simulation_id="old_3"))).headings)
        self.write_simulation("old_4", {"timestamp": "x", "episodes": [1, None, {}],
                                        "percentiles": {"levels": [1, 2, 3, 4, 5],
                                                        "months": ["a", 2]}})
        self.assertEqual(Page(self.text(self.make(simulation_id="old_4"))).open, [])

    def test_not_waiting(self):
        events = Events(self.service.url)
        made = self.make(wait=False, title="Later", include_sections=["summary"])
        self.assertEqual((set(made), made["status"]), (
            {"status", "report_id", "simulation_id", "report_type", "message"}, "running"))
        told = events.wait_for("report_completed")
        self.assertEqual((set(told), told["report_id"]), (METADATA, made["report_id"]))
        self.assertEqual(self.call("GET", made["report_id"] + "/metadata").json(), told)
        self.assertIn("Later", Page(self.text(told)).texts)
        waited = self.make(title="Later", include_sections=["summary"])
        self.assertEqual(waited["file_size_kb"], told["file_size_kb"])

    def test_not_waiting_is_refused_at_once(self):
        self.write_simulation("broken", "{")
        for status, changes in ((404, {"simulation_id": "nothing"}),
                                (400, {"simulation_id": "/"}),
                                (400, {"simulation_id": "broken"}), (422, {"wait": 1})):
            self.refused(status, "POST", "generate", json={
                "simulation_id": self.simulation, "report_type": "html", "wait": False,
                **changes})

    def test_lifecycle(self):
        requests.post(self.service.url + "/api/training/start", timeout=harness.PATIENCE,
                      json={"scenario_name": "career_risk", "num_episodes": 32})
        self.assertTrue(harness.wait_until(lambda: not requests.get(
            self.service.url + "/api/training/status",
            timeout=harness.PATIENCE).json()["is_training"]))
        simulation = requests.post(
            self.service.url + "/api/simulation/run", timeout=harness.PATIENCE,
            json={"model_name": "career_risk", "scenario_name": "career_risk",
                  "num_episodes": 3}).json()["simulation_id"]
        text = self.text(self.make(simulation_id=simulation))
        self.assertIn("Certainty equivalent", text)
        self.assertIn("What a reserve is worth", text)
        self.assertIn("Learning curve", text)

    def test_list_and_delete(self):
        made = [self.make(include_sections=["summary"]) for _ in range(3)]
        answer = self.call("GET", "list")
        rows = answer.json()["reports"]
        self.assertEqual(answer.json()["total"], len(rows))
        self.assertEqual([row["report_id"] for row in rows[:3]],
                         [one["report_id"] for one in made[::-1]])
        self.assertEqual(set(rows[0]), METADATA)
        self.assertEqual(self.call("GET", made[0]["report_id"] + "/metadata").json(),
                         {key: made[0][key] for key in METADATA})
        page = self.call("GET", "list?limit=1&offset=2")
        self.assertEqual(page.json()["reports"], rows[2:3])
        self.assertEqual(page.headers["x-total-count"], str(len(rows)))
        self.assertEqual(self.call("DELETE", made[0]["report_id"]).status_code, 200)
        self.assertFalse([name for name in os.listdir(self.reports())
                          if name.startswith(made[0]["report_id"] + ".")
                          or name == made[0]["report_id"] + "_metadata.json"])
        for method, path in (("GET", ""), ("GET", "/metadata"), ("DELETE", "")):
            self.refused(404, method, made[0]["report_id"] + path)

    def test_bad_files(self):
        made = self.make(include_sections=["summary"])["report_id"]
        for name, content in (("a_metadata.json", "{"), ("b_metadata.json", "[1]"),
                              ("c_metadata.json", '{"generated_at": 3}'),
                              ("d_metadata.json", ""), ("orphan.html", "<p>x</p>")):
            with open(os.path.join(self.reports(), name), "w") as file:
                file.write(content)
        secret = os.path.join(self.service.folder, "secret.html")
        with open(secret, "w") as file:
            file.write("secret")
        os.symlink("../secret.html", os.path.join(self.reports(), "link.html"))
        with open(os.path.join(self.reports(), made + "_metadata.json")) as file:
            metadata = file.read()
        with open(os.path.join(self.reports(), "link_metadata.json"), "w") as file:
            file.write(metadata)
        listed = {row["report_id"] for row in self.call("GET", "list").json()["reports"]}
        self.assertFalse({"a", "b", "c", "d", "orphan"} & listed)
        self.assertIn(made, listed)
        for name in ("a", "orphan", "link", "..%2fsecret", "%2e%2e%2fsecret", "..%5csecret"):
            answer = self.call("GET", name)
            self.assertEqual(answer.status_code, 404, name)
            self.assertNotIn("secret<", answer.text)

    def test_what_is_wrong_is_told(self):
        for changes, kind in (({"report_type": "doc"}, "string_pattern_mismatch"),
                              ({"report_type": "pdf html"}, "string_pattern_mismatch"),
                              ({"report_type": None}, "string_type"),
                              ({"simulation_id": ""}, "string_too_short"),
                              ({"title": "x" * 201}, "string_too_long"),
                              ({"include_sections": "summary"}, "list_type"),
                              ({"include_sections": [1]}, "string_type")):
            faults = self.refused(422, "POST", "generate", json={
                "simulation_id": self.simulation, "report_type": "html", **changes})
            self.assertEqual([fault["type"] for fault in faults], [kind], changes)
        self.refused(404, "POST", "generate", json={"simulation_id": "nothing",
                                                    "report_type": "html"})
        self.refused(400, "POST", "generate", json={"simulation_id": "/",
                                                    "report_type": "html"})
        self.write_simulation("broken", "{")
        self.assertEqual(self.refused(400, "POST", "generate", json={
            "simulation_id": "broken", "report_type": "html"})["error"], "ValidationError")
        self.refused(400, "GET", "_")
        self.refused(404, "GET", "nothing")


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
        self.refused(404, "DELETE", taken[-1])
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


class Flat(Case):
    def test_memory(self):
        settled = 0
        for turn in range(32):
            self.make(include_sections=["summary", "charts"])
            self.call("GET", "list?limit=5")
            if turn == 16:
                settled = self.service.memory()
        if not self.service.is_sanitized():
            self.assertLess(self.service.memory() - settled, 3072)


if __name__ == "__main__":
    harness.main()
