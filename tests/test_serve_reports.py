"""/api/reports of hrl-serve: made of simulations, kept, given out, and what is in them."""
import concurrent.futures
import html.parser
import os

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")
from report_case import OLD, Case
from serve_events import Events

ALL = ["summary", "scenario", "training", "results", "charts", "strategy"]
HEADINGS = {"summary": "Summary", "scenario": "Scenario", "training": "Training",
            "results": "Simulation", "strategy": "Strategy"}
METADATA = {"report_id", "simulation_id", "report_type", "title", "generated_at",
            "file_path", "file_size_kb", "sections"}


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
        self.assertNotIn("content-type", known.headers)

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
