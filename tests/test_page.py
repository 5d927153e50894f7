"""The page in a real browser: every view, with real training."""
import unittest

import serve_harness as harness
from browser import Browser

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")


class PageCase(harness.ServiceCase):
    window = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = Browser(**cls.window)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        super().tearDownClass()

    def open(self, view="now"):
        self.browser.open(f"{self.service.url}/#/{view}")
        self.browser.wait_for("Live", "#link")

    def post(self, path, **body):
        return requests.post(self.service.url + path, json=body, timeout=harness.PATIENCE)

    def status(self):
        return requests.get(self.service.url + "/api/training/status", timeout=harness.PATIENCE).json()

    def end_training(self):
        self.post("/api/training/stop")


class Now(PageCase):
    def tearDown(self):
        self.end_training()
        self.assertEqual(self.browser.complaints(but=("400 (Bad Request)", "404", "422")), [])

    def start(self, episodes):
        self.browser.type("scenario_name", "bologna_coppia")
        self.browser.type("num_episodes", str(episodes))
        self.browser.button("Start training").click()

    def test_train_watch_stop(self):
        self.open()
        self.browser.wait_for("Bologna" if self.status()["scenario_name"] else "Nothing is being trained")
        self.start(1000000)
        self.browser.wait_for("Training", ".badge")
        self.browser.wait(lambda: self.browser.find(".plot canvas").is_displayed(), "the curve")
        before = self.browser.text(".spread")
        self.browser.wait(lambda: self.browser.text(".spread") != before, "more episodes")
        self.assertRegex(self.browser.text(".spread"), r"[\d,]+ of 1,000,000 episodes")
        tiles = [tile.text.split("\n")[1] for tile in self.browser.find_all(".tile")]
        self.assertEqual(len(tiles), 6)
        self.assertNotIn("–", tiles)
        self.browser.button("Stop and save").click()
        self.browser.wait_for("Stopped", ".badge")
        self.assertFalse(self.status()["is_training"])
        self.browser.wait(lambda: self.browser.button("Start training").is_enabled(), "a new start")

    def test_what_is_wrong_is_said_at_its_field(self):
        self.open()
        self.browser.type("scenario_name", "no_such_household")
        self.browser.type("num_episodes", "0")
        self.browser.button("Start training").click()
        self.assertIn("More than 0", self.browser.text("form"))
        self.browser.type("num_episodes", "10")
        self.assertNotIn("More than 0", self.browser.text("form"))
        self.browser.button("Start training").click()
        self.browser.wait_for("Scenario 'no_such_household' not found", "form")

    def test_a_page_that_comes_later_knows_it_all(self):
        self.post("/api/training/start", scenario_name="bologna_coppia", num_episodes=1000000)
        self.open()
        self.browser.wait_for("Training", ".badge")
        self.browser.wait_for("Bologna coppia", "h2")
        self.end_training()
        self.browser.wait_for("Stopped", ".badge")

    def test_choosing_a_figure_changes_the_curve(self):
        self.post("/api/training/start", scenario_name="bologna_coppia", num_episodes=1000000)
        self.open()
        self.browser.wait(lambda: self.browser.find(".plot canvas"), "the curve")
        self.browser.find_all(".tile")[3].click()
        self.browser.wait_for("Invested, mean of ten", ".legend")
        self.browser.wait(lambda: self.browser.find(".chart .hidden").get_property("textContent").startswith("Invested"),
                          "the curve in words")


if __name__ == "__main__":
    harness.main()
