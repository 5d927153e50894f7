"""The page's view of reports in a real browser: made, opened, downloaded, deleted."""
import os
import tempfile

import serve_harness as harness
from page_case import PageCase, requests


class Reports(PageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train(cls(), scenario_name="torino_single", num_episodes=40, seed=1)
        cls.kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.kept.cleanup)
        cls.browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior",
                                           {"behavior": "allow", "downloadPath": cls.kept.name})

    def make(self, kind, title):
        self.open("reports")
        self.browser.wait(lambda: self.browser.find("[name=model_name]"), "the form")
        self.browser.run("const field = document.querySelector('[name=model_name]'); field.value = 'torino_single';"
                         "field.dispatchEvent(new Event('change'));")
        self.assertEqual(self.browser.find("[name=scenario_name]").get_property("value"), "torino_single")
        self.browser.type("num_episodes", "30")
        self.browser.type("report_type", kind)
        self.browser.type("title", title)
        self.browser.click("Make the report")

    def titles(self):
        return self.browser.texts("tbody td:first-child")

    def test_make_open_download_delete(self):
        title = "A report <b>like</b> that"
        self.make("html", title)
        self.browser.wait(lambda: title in self.titles(), "the report in the list")
        self.browser.click(title)
        self.browser.wait_for(title, "h1")
        driver = self.browser.driver
        driver.switch_to.frame(self.browser.find("iframe"))
        self.browser.wait_for(title, "h1")
        self.browser.wait(lambda: self.browser.find_all("svg"), "its charts")
        self.assertNotEqual(self.browser.run("return getComputedStyle(document.querySelector('.tile')).borderRadius;"), "0px")
        driver.switch_to.default_content()
        self.browser.click("Download")
        self.assertTrue(harness.wait_until(lambda: [name for name in os.listdir(self.kept.name)
                                                    if name.endswith(".html")]))
        self.browser.run("history.back()")
        self.browser.wait(lambda: title in self.titles(), "the list")
        self.browser.click("Delete")
        self.browser.click_on("dialog button.danger")
        self.browser.wait(lambda: title not in self.titles(), "the list without it")

    def test_no_part_is_not_all_of_them(self):
        self.open("reports")
        self.browser.wait(lambda: self.browser.button("Make the report"), "the form")
        for box in self.browser.find_all("fieldset input"):
            box.click()
        self.browser.click("Make the report")
        self.browser.wait_for("Choose at least one part", "form")
        self.assertTrue(self.browser.button("Make the report").is_enabled())

    def test_a_report_that_is_gone(self):
        self.make("html", "Short-lived")
        self.browser.wait(lambda: "Short-lived" in self.titles(), "the report in the list")
        report = next(each["report_id"] for each in self.get("/api/reports/list")["reports"] if each["title"] == "Short-lived")
        self.open(f"reports/{report}")
        self.browser.wait_for("Short-lived", "h1")
        self.delete(f"/api/reports/{report}")
        self.browser.click("Download")
        self.browser.wait_for("not found", "#notes")

    def test_pdf_or_why_not(self):
        self.make("pdf", "On paper")
        self.browser.wait(lambda: "On paper" in self.titles() or "PDF" in self.browser.text("form .error[role=alert]"),
                          "the report, or the reason")

    def test_what_is_wrong_is_said(self):
        self.open("reports")
        self.browser.wait(lambda: self.browser.find("[name=num_episodes]"), "the form")
        self.browser.type("num_episodes", "0")
        self.browser.click("Make the report")
        self.assertIn("More than 0", self.browser.text("form"))


class Locked(PageCase):
    """A frame cannot send the token as a header."""
    HEADERS = {"Authorization": "Bearer secret-word"}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        path = os.path.join(folder.name, "token")
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write("secret-word\n")
        cls.options = ("--token-file", path)
        super().setUpClass()

    def locked_post(self, path, **body):
        answer = requests.post(self.service.url + path, json=body, headers=self.HEADERS, timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, 202, answer.text)
        return answer.json()

    def test_a_report_is_shown(self):
        played = self.locked_post("/api/simulation/run", model_name="generalist",
                                  scenario_name="bologna_coppia", num_episodes=20)
        made = self.locked_post("/api/reports/generate", simulation_id=played["simulation_id"], report_type="html")
        self.browser.open(f"{self.service.url}/#/reports/{made['report_id']}")
        self.browser.wait_for("This service is locked")
        self.browser.find("dialog input").send_keys("secret-word")
        self.browser.click("Unlock")
        self.browser.wait_for(made["title"], "h1")
        self.browser.driver.switch_to.frame(self.browser.find("iframe"))
        self.browser.wait(lambda: self.browser.find_all("svg"), "its charts")
        self.browser.driver.switch_to.default_content()


class Empty(PageCase):
    def test_says_what_to_do(self):
        self.open("reports")
        self.browser.wait_for("There are no reports yet")
        self.browser.wait(lambda: self.browser.find("[name=model_name] option[value=generalist]"),
                          "the generalist, of whom there can be one at once")


class Phone(PageCase):
    window = {"width": 320, "height": 640, "mobile": True}

    def test_everything_fits(self):
        played = self.post("/api/simulation/run", model_name="generalist", scenario_name="bologna_coppia",
                           num_episodes=20).json()
        made = self.post("/api/reports/generate", simulation_id=played["simulation_id"], report_type="html",
                         title="of one word " + 100 * "x").json()
        for view in ("reports", f"reports/{made['report_id']}"):
            self.open(view)
            self.browser.wait_for(made["title"], "main")
            self.assertLessEqual(self.browser.overflow(), 0, view)


if __name__ == "__main__":
    harness.main()
