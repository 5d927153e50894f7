"""The page's view of advice in a real browser, by the generalist and by a trained pair."""
import serve_harness as harness
from page_case import PageCase


def euro(value):
    return f"{'-' if round(value) < 0 else ''}€{abs(round(value)):,}"


class Advice(PageCase):
    def ask(self, **body):
        answer = self.post("/api/advice", **body)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def tiles(self):
        return [tile.split("\n")[1] for tile in self.browser.texts(".tile")]

    def shows(self, **body):
        """Waits until the page shows what the service answers."""
        now = self.ask(**body)["this_month"]
        wanted = [euro(now[key]) for key in ("consume", "save", "invest")]
        self.browser.wait(lambda: self.tiles() == wanted, f"{wanted}, not {self.tiles()}")

    def choose(self, name, value):
        self.browser.run("const field = document.querySelector(`[name='${arguments[0]}']`); field.value = arguments[1];"
                         "field.dispatchEvent(new Event('change', {bubbles: true}));", name, value)

    def test_at_once(self):
        self.open("advice?household=milano_junior")
        self.shows(scenario_name="milano_junior")
        self.browser.wait_for("1,000 futures", "main")
        answer = self.ask(scenario_name="milano_junior", lines=True)
        self.browser.wait_for("best simple rule", ".legend")
        self.browser.wait_for("optimum", ".legend")
        self.assertIn(answer["comparison"]["rule"], self.browser.text("main"))
        words = self.browser.find(".chart .hidden").get_property("textContent")
        self.assertIn(euro(answer["futures"]["months"][-1]["wealth"][2]), words)

    def test_where_one_stands(self):
        self.open("advice?household=bologna_coppia")
        self.shows(scenario_name="bologna_coppia")
        self.browser.type("month", "13")
        self.browser.click("Ask")
        self.browser.wait_for("cash is missing", "form")  # the service's words
        self.browser.type("cash", "4000")
        self.browser.type("portfolio", "2500")
        self.browser.click("Ask")
        self.shows(scenario_name="bologna_coppia", month=13, cash=4000, portfolio=2500)

    def test_what_if(self):
        self.open("advice?household=bologna_coppia")
        self.shows(scenario_name="bologna_coppia")
        self.browser.click("Add a what-if")
        self.browser.wait(lambda: self.browser.find(".change input"), "the what-if")
        self.browser.find(".change input").send_keys("2900")
        self.browser.click("Ask")
        self.browser.wait_for("Income 2900", "table")
        other = self.ask(scenario_name="bologna_coppia", what_if=["income=2900"])["what_if"][0]
        self.browser.wait(lambda: euro(other["futures"]["months"][-1]["wealth"][2]) in self.browser.text("table"),
                          "its wealth at the end")
        self.assertIn("Income 2900", self.browser.text(".legend"))
        number = self.browser.find(".change input")
        number.clear()
        number.send_keys("20000")
        self.browser.click("Ask")
        self.browser.wait_for("With Income 20000, this household lies outside what generalist knows: "
                              "income is 20000, above 15000", ".warning")
        self.browser.click_on(".change button")
        self.browser.click("Ask")
        self.browser.wait(lambda: not self.browser.find_all("table"), "the household alone")

    def test_a_lifecycle_household_without_training(self):
        self.open("advice?household=irregular_income")
        self.shows(scenario_name="irregular_income")
        self.assertIn("besides those expenses", self.browser.text("main"))

    def test_a_trained_pair(self):
        self.train(scenario_name="emergency_fund", num_episodes=50, seed=1)
        self.open("advice?household=emergency_fund")
        self.browser.wait(lambda: self.browser.find_all("[name=model] option[value=emergency_fund]"), "the pair")
        self.choose("model", "emergency_fund")
        self.shows(scenario_name="emergency_fund", model="emergency_fund")
        self.assertIn("besides those expenses", self.browser.text("main"))

    def test_the_household_is_in_the_address(self):
        self.open("advice")
        self.browser.wait(self.tiles, "an answer")
        self.choose("scenario_name", "roma_famiglia")
        self.shows(scenario_name="roma_famiglia")
        self.assertIn("household=roma_famiglia", self.browser.driver.current_url)

    def test_who_is_at_work_stays_there(self):
        self.open("runs")
        self.browser.wait_for("Runs", "h1")
        self.browser.hold("api/advice", "POST")
        self.browser.click("Advice")
        self.browser.wait(lambda: self.browser.held() == 1, "the question")
        self.browser.wait(lambda: self.browser.run("return document.activeElement.tagName;") == "H1", "the heading")
        self.browser.find("[name=cash]").send_keys("12")
        self.browser.let_go(0)
        self.browser.wait_for("This month")
        self.assertEqual(self.browser.run("return document.activeElement.name;"), "cash")

    def test_what_ifs_come_one_by_one(self):
        self.open("advice?household=bologna_coppia")
        self.browser.wait_for("This month")
        self.browser.hold("api/scenarios/bologna_coppia")
        more = self.browser.button("Add a what-if")
        self.browser.run("for (let i = 0; i < 5; i++) arguments[0].click();", more)
        self.browser.wait(lambda: self.browser.held() == 1, "its keys")
        self.browser.let_go(0)
        self.browser.wait(lambda: self.browser.find_all(".change"), "the what-if")
        self.assertEqual(len(self.browser.find_all(".change")), 1)
        self.browser.run("window.fetch = async () => { throw new TypeError('gone'); };")
        self.browser.run("arguments[0].click();", more)
        self.browser.wait_for("The service does not answer", "#notes")

    def test_no_such_answer(self):
        """A pair that is gone is no dead end."""
        self.train(scenario_name="torino_single", num_episodes=20, seed=1)
        self.open("advice?household=torino_single")
        self.browser.wait(lambda: self.browser.find_all("[name=model] option[value=torino_single]"), "the pair")
        self.assertEqual(self.delete("/api/models/torino_single").status_code, 200)
        self.choose("model", "torino_single")
        self.browser.wait_for("Model 'torino_single' not found", "main")
        self.browser.click("Train this household")
        self.browser.wait_for("Now", "h1")


class Phone(PageCase):
    window = {"width": 320, "height": 640, "mobile": True}

    def test_everything_fits(self):
        self.open("advice?household=bologna_coppia")
        self.browser.wait(lambda: self.browser.find_all(".plot canvas"), "the fans")
        self.assertLessEqual(self.browser.overflow(), 0)


if __name__ == "__main__":
    harness.main()
