"""The page's view of runs in a real browser: the list, one run, several side by side."""
import math
import os
import re
import shutil
import tempfile

import serve_harness as harness
from page_case import LONG, PageCase


class Runs(PageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, episodes, seed in (("bologna_coppia", 300, 1), ("bologna_coppia", 200, 2), ("torino_single", 200, 3)):
            cls.train(cls(), scenario_name=name, num_episodes=episodes, seed=seed)

    def rows(self):
        return self.browser.texts("tbody tr")

    def column(self, number):
        return self.browser.texts(f"tbody td:nth-child({number})")

    def test_list_sorts_and_filters(self):
        self.open("runs")
        self.browser.wait(lambda: len(self.rows()) >= 3, "the runs")
        self.assertEqual(self.column(2)[-3:], ["3", "2", "1"])
        self.browser.click("Episodes")
        self.assertEqual(self.column(6)[-1], "200")
        self.browser.click("Episodes")
        self.assertEqual(self.column(6)[0], "200")
        self.assertEqual(self.browser.text("th[aria-sort=ascending]").strip("↑ "), "Episodes")
        self.browser.run("location.hash = '#/runs?scenario=torino_single'")
        self.browser.wait(lambda: [row for row in self.rows() if "Torino" in row] == self.rows() != [], "the filter")
        self.browser.run("location.hash = '#/runs?scenario=nobody'")
        self.browser.wait_for("No run is like that")
        self.browser.run("history.back()")
        self.browser.wait(lambda: len(self.rows()) == 1, "the list before")

    def test_one_run(self):
        self.open("runs")
        self.browser.wait(lambda: len(self.rows()) >= 3, "the runs")
        self.browser.click_on("tbody tr a", -1)
        self.browser.wait_for("Bologna coppia, run 1", "h1")
        self.assertEqual(self.browser.run("return document.activeElement.tagName;"), "H1")
        self.browser.wait(lambda: len(self.browser.find_all(".plot canvas")) >= 4, "two curves")
        run = self.get("/api/training/runs/1")
        self.assertIn(f"{run['best']['strategic_return']:,.1f}", self.browser.text(".tiles"))
        self.assertIn("Seed\n1", self.browser.text(".facts"))
        self.browser.click("The household as it was then")
        self.assertIn("income: 3200", self.browser.text("pre"))
        self.browser.click("Train again")
        self.browser.wait(lambda: self.browser.find("[name=scenario_name]").get_property("value") == "bologna_coppia",
                          "the form")

    def test_comparison(self):
        self.open("runs")
        self.browser.wait(lambda: len(self.rows()) >= 3, "the runs")
        for run in ("Compare run 1, bologna_coppia", "Compare run 2, bologna_coppia"):
            self.browser.click_on(f"[aria-label='{run}']")
        self.browser.click("Compare 2 runs")
        self.browser.wait_for("Which is better")
        self.assertIn("compare?runs=", self.browser.driver.current_url)
        ids = self.browser.driver.current_url.split("runs=")[1]
        pair = self.get(f"/api/training/compare?runs={ids}")["paired"][0]
        reach = 1.96 * pair["standard_error"]
        digits = max(0, 1 - math.floor(math.log10(reach)))
        self.browser.wait_for(f"± {reach:,.{digits}f}", ".verdicts")
        self.assertIn(f"{abs(pair['difference']):,.{digits}f}".rstrip("0").rstrip("."), self.browser.text(".verdicts"))
        source = {"models": "played now", "recorded": "as recorded"}[pair["source"]]
        self.assertIn(f"{pair['episodes']:,} episodes on the same noise, {source}", self.browser.text(".verdicts"))
        self.assertEqual(len(self.browser.texts(".plot")), 2)
        self.assertIn("Seed seed 1 2", " ".join(self.browser.text("table").split()).replace("Seed seed 2 1", "Seed seed 1 2"))
        self.browser.run("location.hash = '#/runs/compare?runs=1'")
        self.browser.wait_for("Two runs are needed")
        self.browser.run("location.hash = '#/runs/compare?runs=1,999'")
        self.browser.wait(lambda: "999" in self.browser.text("[role=alert]"), "the refusal")

    def test_delete(self):
        self.train(scenario_name="torino_single", num_episodes=10)
        run = self.get("/api/training/runs?limit=1")["runs"][0]["id"]
        self.open(f"runs/{run}")
        self.browser.wait_for(f"run {run}", "h1")
        self.browser.click("Delete")
        self.browser.wait_for(f"Delete run {run}?", "dialog")
        self.browser.click_on("dialog button.danger")
        self.browser.wait_for("Runs", "h1")
        self.browser.wait(lambda: self.rows() and str(run) not in self.column(2), "the list without it")

    def test_a_run_goes_on(self):
        self.post("/api/training/start", **LONG, save_interval=50)
        self.assertTrue(harness.wait_until(lambda: self.status()["current_episode"] > 200))
        self.post("/api/training/stop")
        run = self.get("/api/training/runs?limit=1")["runs"][0]["id"]
        self.open(f"runs/{run}")
        self.browser.wait_for("Stopped", ".badge")
        self.browser.click("Go on")
        self.browser.wait_for("Training", ".badge")
        self.browser.click("Pause")
        self.browser.wait_for("Paused", ".badge")
        self.browser.click("Stop and save")
        self.browser.wait_for("Stopped", ".badge")

    def test_the_newest_answer_is_shown(self):
        self.post("/api/training/start", **LONG)
        run = self.get("/api/training/runs?limit=1")["runs"][0]["id"]
        self.open(f"runs/{run}")
        self.browser.wait_for("Training", ".badge")
        self.browser.hold("/progress?")
        self.post(f"/api/training/runs/{run}/pause")
        self.browser.wait(lambda: self.browser.held() > 0, "what became of the pause")
        self.browser.hold_no_more()
        self.post(f"/api/training/runs/{run}/stop")
        self.browser.wait_for("Stopped", ".badge")
        for late in range(self.browser.held()):
            self.browser.let_go(late)
        self.assertEqual(self.browser.text(".badge"), "Stopped")

    def test_what_happens_while_a_view_opens(self):
        for view, part, place in (("#/runs", "/runs?limit=", "tbody"), ("#/runs/{}", "/progress?", ".badge")):
            self.open("households")
            self.post("/api/training/start", **LONG)
            run = self.get("/api/training/runs?limit=1")["runs"][0]["id"]
            self.browser.hold(part)
            self.browser.run("location.hash = arguments[0];", view.format(run))
            self.browser.wait(lambda: self.browser.held() > 0, "the question")
            self.browser.hold_no_more()
            self.post("/api/training/stop")
            self.browser.wait(lambda: "stopped" in self.browser.find("#spoken").get_property("textContent"), "the end")
            for late in range(self.browser.held()):
                self.browser.let_go(late)
            self.browser.wait_for("Stopped", place)
            self.browser.wait(lambda: "Training" not in self.browser.text(place), "the end in the view")

    def test_more_runs_come_once(self):
        self.open("runs")
        self.browser.wait(lambda: len(self.rows()) >= 3, "the runs")
        self.browser.run("""
            const run = arguments[0], ask = window.fetch;
            window.fetch = async (address, options) => {
              const query = new URL(address).searchParams, from = Number(query.get('offset'));
              if (!String(address).includes('/runs?') || !query.has('limit')) return ask(address, options);
              const count = Math.min(Number(query.get('limit')), 450 - from);
              const runs = Array.from({length: count}, (_, i) => ({...run, id: 450 - from - i}));
              return new Response(JSON.stringify({runs, total: 450}));
            };
            location.hash = '#/runs?sort=%23';""", self.get("/api/training/runs?limit=1")["runs"][0])
        self.browser.wait(lambda: len(self.rows()) == 200, "the first page")
        self.browser.on_button("Show more", "button.click(); button.click();")
        self.browser.wait_for("400 of 450 runs", "main")
        self.assertEqual(len(set(self.column(2))), 400)
        self.browser.click("Show more")
        self.browser.wait_for("450 runs", "main")
        self.browser.wait(lambda: len(self.rows()) == 450, "the rest")

    def test_the_focus_stays(self):
        def marked():
            return self.browser.run("const here = document.activeElement;"
                                    "return here.getAttribute('aria-label') || here.name || here.textContent;")
        self.open("runs")
        self.browser.wait(lambda: len(self.rows()) >= 3, "the runs")
        rows = len(self.rows())
        self.browser.click_on("[aria-label^='Compare run 1,']")
        self.train(scenario_name="torino_single", num_episodes=10)
        self.browser.wait(lambda: len(self.rows()) == rows + 1, "the new run")
        self.assertIn("Compare run 1,", marked())
        self.browser.run("document.querySelector('[name=state]').focus();")
        self.browser.run("document.activeElement.value = 'completed';"
                         "document.activeElement.dispatchEvent(new Event('change'));")
        self.browser.wait(lambda: "state=completed" in self.browser.driver.current_url, "the filter")
        self.browser.wait(lambda: marked() == "state", "the focus")
        self.post("/api/training/start", **LONG)
        self.open(f"runs/{self.get('/api/training/runs?limit=1')['runs'][0]['id']}")
        self.browser.click("The household as it was then")
        self.browser.on_button("Pause", "button.focus();")
        self.browser.press("Enter")
        self.browser.wait_for("Paused", ".badge")
        self.browser.wait(lambda: ", run " in marked(), "the heading")
        self.assertTrue(self.browser.run("return document.querySelector('details').open;"))

    def test_a_run_that_is_not_there(self):
        self.open("runs/999999")
        self.browser.wait_for("999999", "[role=alert]")

    def test_running_runs_move(self):
        self.post("/api/training/start", **LONG)
        self.open("runs")
        self.browser.wait_for("Training", "tbody")
        before = self.column(6)[0]
        self.assertRegex(before, r"/ 1,000,000")
        self.browser.wait(lambda: self.column(6)[0] != before, "more episodes")
        self.post("/api/training/stop")
        self.browser.wait_for("Stopped", "tbody")

    def test_a_page_that_comes_later_has_the_curve_from_its_beginning(self):
        self.post("/api/training/start", scenario_name="bologna_coppia", num_episodes=100000)
        self.assertTrue(harness.wait_until(lambda: self.status()["current_episode"] > 1000))
        self.open()
        def first():
            words = self.browser.find(".chart .hidden").get_property("textContent")
            start = re.search(r"from \S+ at episode ([\d,]+)", words)
            self.assertIsNotNone(start, words)  # nothing is drawn yet
            return int(start[1].replace(",", ""))
        self.browser.wait(lambda: first() < 500, "the curve from its beginning")


class Phone(PageCase):
    window = {"width": 320, "height": 640, "mobile": True}
    long = 9 * "Bologna"

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        for name in ("bologna_coppia", cls.long):
            shutil.copy(os.path.join(harness.SCENARIOS, "bologna_coppia.yaml"), os.path.join(folder.name, name + ".yaml"))
        cls.options = ("--scenarios", folder.name)
        super().setUpClass()

    def test_everything_fits(self):
        for name in ("bologna_coppia", self.long):
            self.train(scenario_name=name, num_episodes=200, eval_episodes=1)
        for view in ("runs", "runs/1", "runs/compare?runs=1,2"):
            self.open(view)
            self.browser.wait_for("Bologna coppia", "main")
            self.assertLessEqual(self.browser.overflow(), 0, view)


class Empty(PageCase):
    def test_says_what_to_do(self):
        self.open("runs")
        self.browser.wait_for("Nothing was trained yet")
        self.browser.click("Train a household")
        self.browser.wait_for("Now", "h1")


if __name__ == "__main__":
    harness.main()
