"""The page's view of households in a real browser: list, editor, duplicate, delete."""
import os
import shutil
import tempfile

import serve_harness as harness
from page_case import PageCase

EVIL = "<img src=x onerror=\"window.broken = 1\"> & <b>bold</b>"


class Households(PageCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.scenarios = os.path.join(cls.folder.name, "scenarios")
        os.mkdir(cls.scenarios)
        for name in ("bologna_coppia", "emergency_fund"):
            shutil.copy(os.path.join(harness.SCENARIOS, name + ".yaml"), cls.scenarios)
        shutil.copy(os.path.join(harness.SCENARIOS, "families", "generalist.yaml"),
                    os.path.join(cls.scenarios, "family.yaml"))
        cls.options = ("--scenarios", cls.scenarios)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def file(self, name):
        with open(os.path.join(self.scenarios, name + ".yaml")) as file:
            return file.read()

    def make(self, name, description="made by a test"):
        body = self.get("/api/scenarios/bologna_coppia")
        body.update(name=name, description=description)
        self.assertEqual(self.post("/api/scenarios", **body).status_code, 201)

    def names(self):
        return self.browser.texts(".household h2")

    def set(self, key, text):
        self.browser.type(key, text)

    def value(self, key):
        return self.browser.find(f"[name='{key}']").get_property("value")

    def test_list_and_search(self):
        self.open("households")
        self.browser.wait(lambda: "Bologna coppia" in self.names(), "the households")
        self.assertIn("€600 of €3,200 left a month, 19%", self.browser.text("main"))
        self.browser.find("input[type=search]").send_keys("lifecycle")
        self.browser.wait(lambda: "Emergency fund" in self.names() and "Bologna coppia" not in self.names(), "the search")
        self.browser.find("input[type=search]").send_keys(" nonsense")
        self.browser.wait_for("No household is like that")

    def test_edit(self):
        self.make("edited")
        self.open("households/edited")
        self.browser.wait_for("Edited", "h1")
        self.assertIn("Income euro/month", self.browser.text("form"))
        self.set("environment.income", "-5")
        self.assertIn("More than 0", self.browser.text("form"))
        self.browser.click("Save")
        self.assertNotIn("Saved", self.browser.text("#notes"))
        self.set("environment.income", "4000")
        self.assertIn("€1,400 of €4,000", self.browser.text("aside"))
        self.set("environment.max_months", "60")
        self.browser.click("Save")
        self.browser.wait(lambda: self.get("/api/scenarios/edited")["environment"]["income"] == 4000, "the change")
        self.assertEqual(self.get("/api/scenarios/edited")["environment"]["max_months"], 60)

    def test_comments_of_people_stay(self):
        self.open("households/bologna_coppia")
        self.browser.wait_for("Bologna coppia", "h1")
        self.set("environment.variable_expense_std", "175")
        self.browser.click("Save")
        self.browser.wait(lambda: "175" in self.file("bologna_coppia"), "the change")
        self.assertIn("# both net incomes", self.file("bologna_coppia"))
        self.assertNotIn("learning_rate", self.file("bologna_coppia"))

    def test_a_description_of_lines_stays(self):
        self.make("told", description="first line\nsecond line\n")
        self.open("households/told")
        self.browser.wait_for("Told", "h1")
        self.set("environment.income", "4000")
        self.browser.click("Save")
        self.browser.wait(lambda: self.get("/api/scenarios/told")["environment"]["income"] == 4000, "the change")
        self.assertEqual(self.get("/api/scenarios/told")["description"], "first line\nsecond line\n")
        self.browser.wait_for("updated", "#notes")
        self.set("description", "one\ntwo")
        self.browser.click("Save")
        self.browser.wait(lambda: self.get("/api/scenarios/told")["description"] == "one\ntwo", "the new lines")

    def test_what_is_typed_while_it_is_saved_stays(self):
        self.make("saved")
        self.open("households/saved")
        self.browser.wait_for("Saved", "h1")
        self.browser.hold("api/scenarios/saved")
        self.set("environment.income", "4000")
        self.browser.click("Save")
        self.browser.wait(lambda: self.browser.held() == 1, "the question what was saved")
        self.set("description", "typed since")
        self.browser.hold_no_more()
        self.browser.let_go(0)
        self.browser.wait_for("updated", "#notes")
        self.assertEqual(self.value("description"), "typed since")
        self.browser.click("Save")
        self.browser.wait(lambda: self.get("/api/scenarios/saved")["description"] == "typed since", "the rest")
        self.assertEqual(self.get("/api/scenarios/saved")["environment"]["income"], 4000)

    def test_a_household_may_be_called_new(self):
        self.make("new")
        self.open("households")
        self.browser.click("New")
        self.browser.wait_for("New", "h1")
        self.browser.wait(lambda: self.value("name") == "new", "its fields")
        self.browser.click("Duplicate")
        self.browser.wait(lambda: self.value("name") == "new_copy", "its copy")

    def test_what_was_typed_is_not_lost_unasked(self):
        self.make("typed")
        self.open("runs")
        self.browser.wait_for("Runs", "h1")
        self.browser.run("location.hash = '#/households/typed';")
        self.browser.wait_for("Typed", "h1")
        self.set("environment.income", "4321")
        for leave in (lambda: self.browser.run("history.back()"), lambda: self.browser.click("Reports")):
            leave()
            self.browser.wait_for("Leave without saving?", "dialog")
            self.browser.click("Stay")
            self.assertIn("#/households/typed", self.browser.driver.current_url)
            self.assertEqual(self.value("environment.income"), "4321")
        self.browser.click("Reports")
        self.browser.click("Leave")
        self.browser.wait_for("Reports", "h1")
        self.assertEqual(self.get("/api/scenarios/typed")["environment"]["income"], 3200)

    def test_what_was_saved_may_be_left(self):
        self.make("kept")
        self.open("households/kept")
        self.browser.wait_for("Kept", "h1")
        self.browser.click("How it learns")
        self.set("environment.income", "4321")
        self.browser.find("[name='environment.income']").send_keys("\n")
        self.browser.wait_for("updated", "#notes")
        self.browser.wait(lambda: self.browser.run("return document.activeElement.textContent;") == "Save", "the focus")
        self.assertTrue(self.browser.find("[name='training.gamma_low']").is_displayed())
        self.set("name", "kept_too")
        self.browser.click("Save")
        self.browser.wait_for("Kept too", "h1")
        self.browser.click("Runs")
        self.browser.wait_for("Runs", "h1")
        self.assertEqual(self.browser.find_all("dialog"), [])

    def test_somebody_else_was_faster(self):
        """What another has changed meanwhile is not overwritten unseen."""
        self.make("shared")
        self.open("households/shared")
        self.browser.wait_for("Shared", "h1")
        with open(os.path.join(self.scenarios, "shared.yaml"), "a") as file:
            file.write("# changed elsewhere\n")
        self.set("environment.income", "4100")
        self.browser.click("Save")
        self.browser.wait(lambda: self.browser.text("form .error[role=alert]"), "the refusal")
        self.assertEqual(self.get("/api/scenarios/shared")["environment"]["income"], 3200)

    def test_new_from_a_template(self):
        self.open("households?new")
        self.browser.wait_for("New household", "h1")
        self.browser.wait(lambda: len(self.browser.find_all("form select option")) > 4, "the templates")
        self.set("name", "my_own")
        self.set("environment.income", "2750")
        self.browser.click("Make it")
        self.browser.wait_for("My own", "h1")
        self.assertEqual(self.get("/api/scenarios/my_own")["environment"]["income"], 2750)
        self.open("households?new")
        self.set("name", "my_own")
        self.browser.click("Make it")
        self.browser.wait_for("Scenario 'my_own' already exists", "form")

    def test_duplicate_a_lifecycle_household(self):
        self.open("households/emergency_fund")
        self.browser.wait_for("Lifecycle", ".badge")
        self.browser.click("Duplicate")
        self.browser.wait_for("New household", "h1")
        self.assertEqual(self.value("name"), "emergency_fund_copy")
        self.browser.click("Make it")
        self.browser.wait_for("Emergency fund copy", "h1")
        one, other = (self.get(f"/api/scenarios/emergency_fund{end}") for end in ("", "_copy"))
        for section in ("environment", "utility", "training"):
            self.assertEqual(one[section], other[section])

    def test_a_family_has_ranges(self):
        self.open("households/family")
        self.browser.wait_for("Family", "h1")
        self.assertEqual(self.value("environment.income"), "1200 to 15000, log")
        self.assertEqual(self.value("environment.fixed_expenses"), "0.2 to 0.8 of income")
        self.set("environment.income", "1500 to 900")
        self.assertIn("from the smaller to the larger", self.browser.text("form"))
        self.set("environment.income", "1500 to nonsense")
        self.assertIn("A range is such as", self.browser.text("form"))
        self.set("environment.income", "1500 to 9000, log")
        self.browser.click("Save")
        self.browser.wait(lambda: self.get("/api/scenarios/family")["environment"]["income"]["from"] == 1500, "the change")
        self.assertIn("# all but a few live within their income", self.file("family"))

    def test_delete_asks_first(self):
        self.make("unwanted")
        self.open("households/unwanted")
        self.browser.wait_for("Unwanted", "h1")
        self.browser.click("Delete")
        self.browser.wait_for("Delete Unwanted?", "dialog")
        self.browser.click("Keep it")
        self.browser.wait(lambda: not self.browser.find_all("dialog"), "the dialog's end")
        self.assertEqual(self.get("/api/scenarios/unwanted")["name"], "unwanted")
        self.browser.click("Delete")
        self.browser.click_on("dialog button.danger")
        self.browser.wait_for("Unwanted was deleted")
        self.browser.wait(lambda: "Unwanted" not in self.names() != [], "the list without it")

    def test_a_late_answer_takes_nobody_back(self):
        self.make("slow")
        self.open("households/slow")
        self.browser.wait_for("Slow", "h1")
        self.browser.hold("api/scenarios/slow", "PUT")
        self.set("name", "slow_but_sure")
        self.browser.click("Save")
        self.browser.wait(lambda: self.browser.held() == 1, "the answer")
        self.browser.click("Runs")
        self.browser.wait_for("Runs", "h1")
        self.browser.let_go(0)
        self.browser.wait_for("slow_but_sure", "#notes")
        self.assertIn("#/runs", self.browser.driver.current_url)

    def test_a_question_ends_with_its_view(self):
        self.make("asked_about")
        self.open("runs")
        self.browser.wait_for("Runs", "h1")
        self.browser.click("Households")
        self.browser.wait(lambda: self.names(), "the households")
        self.browser.click_on("[aria-label='Delete asked_about']")
        self.browser.wait_for("Delete Asked about?", "dialog")
        self.browser.run("history.back()")
        self.browser.wait_for("Runs", "h1")
        self.assertEqual(self.browser.find_all("dialog"), [])
        self.assertEqual(self.get("/api/scenarios/asked_about")["name"], "asked_about")

    def test_a_deletion_leaves_the_focus_in_the_view(self):
        self.make("short_lived")
        self.open("households")
        self.browser.wait_for("Short lived", "main")
        self.browser.click_on("[aria-label='Delete short_lived']")
        self.browser.click_on("dialog button.danger")
        self.browser.wait(lambda: self.browser.run("return document.activeElement.tagName;") == "H1", "the heading")

    def test_text_is_never_html(self):
        self.make("evil", EVIL)
        for view in ("households", "households/evil", "now?household=evil"):
            self.open(view)
            self.browser.wait(lambda: self.browser.find_all(".household, form"), "the view")
            self.assertEqual(self.browser.run("return document.querySelectorAll('img[src=x], main b b').length;"), 0)
            self.assertIsNone(self.browser.run("return window.broken || null;"))
        self.open("households")
        self.browser.wait_for(EVIL.replace('"', '"'), "main")


class Phone(PageCase):
    window = {"width": 320, "height": 640, "mobile": True}

    def test_everything_fits(self):
        for view in ("households", "households/bologna_coppia", "households?new"):
            self.open(view)
            self.browser.wait(lambda: self.browser.find_all(".household, form"), view)
            self.assertLessEqual(self.browser.overflow(), 0, view)


if __name__ == "__main__":
    harness.main()
