"""The page in a real browser: what holds for every view, and the view Now, with real training."""
import json
import os
import shutil
import tempfile

import serve_harness as harness
from browser import JavascriptException
from page_case import LONG, PageCase
from prefix_proxy import PrefixProxy


class Now(PageCase):
    def test_train_watch_stop(self):
        self.open()
        self.browser.wait_for("Bologna" if self.status()["scenario_name"] else "Nothing is being trained")
        self.start(1000000)
        self.browser.wait_for("Training", ".badge")
        self.browser.wait(lambda: self.browser.find(".plot canvas").is_displayed(), "the curve")
        self.sees_episodes_pass()
        self.assertRegex(self.browser.text(".spread"), r"[\d,]+ of 1,000,000 episodes")
        tiles = [tile.split("\n")[1] for tile in self.browser.texts(".tile")]
        self.assertEqual(len(tiles), 6)
        self.assertNotIn("–", tiles)
        self.browser.click("Stop and save")
        self.browser.wait_for("Stopped", ".badge")
        self.assertFalse(self.status()["is_training"])
        self.browser.wait(lambda: self.browser.button("Start training").is_enabled(), "a new start")

    def test_a_run_that_ends(self):
        self.open()
        self.start(60)
        self.browser.wait_for("Completed", ".badge")
        self.assertIn("60 of 60 episodes", self.browser.text(".spread"))
        self.browser.wait(lambda: "Bologna coppia: completed, 60 episodes."
                          in self.browser.find("#spoken").get_property("textContent"), "the end, said aloud")

    def test_what_is_wrong_is_said_at_its_field(self):
        self.open()
        self.browser.type("num_episodes", "0")
        self.browser.click("Start training")
        self.assertIn("More than 0", self.browser.text("form"))
        self.browser.type("num_episodes", "10")
        self.assertNotIn("More than 0", self.browser.text("form"))

    def test_what_is_wrong_is_seen_where_it_is_folded_away(self):
        self.open()
        self.browser.click("More")
        self.browser.type("seed", "9007199254740993")  # which a browser takes for 9007199254740992
        self.browser.click("More")
        self.browser.click("Start training")
        self.browser.wait_for("Whole numbers are exact up to 9,007,199,254,740,991", "form")
        self.assertEqual(self.browser.run("return document.activeElement.name;"), "seed")
        self.assertFalse(self.status()["is_training"])
        self.browser.type("seed", "7")
        self.browser.click("More")
        refusal = [{"loc": ["body", "seed"], "msg": "not this one"}, {"loc": ["body", "other"], "msg": "nor that"}]
        self.browser.run("const detail = arguments[0], ask = window.fetch; window.fetch = async (address, options) =>"
                         " (String(address).includes('api/training/start')"
                         " ? new Response(JSON.stringify({detail}), {status: 422}) : ask(address, options));", refusal)
        self.browser.click("Start training")
        self.browser.wait_for("not this one", "form")
        self.assertIn("other: nor that", self.browser.text("form"))
        self.assertEqual(self.browser.run("return document.activeElement.name;"), "seed")

    def test_a_page_that_comes_later_knows_it_all(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait_for("Training", ".badge")
        self.browser.wait_for("Bologna coppia", "h2")
        self.post("/api/training/stop")
        self.browser.wait_for("Stopped", ".badge")

    def test_choosing_a_figure_changes_the_curve(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait(lambda: self.browser.find(".plot canvas"), "the curve")
        self.browser.click_on(".tile", 3)
        self.browser.wait_for("Invested, mean of ten", ".legend")
        self.browser.wait(lambda: self.browser.find(".chart .hidden").get_property("textContent").startswith("Invested"),
                          "the curve in words")

    def episodes(self):
        return int(self.browser.text(".spread").split(" of ")[0].replace(",", ""))

    def test_a_service_that_begins_anew(self):
        """The page connects again by itself; the run goes on from its checkpoint, and the page with it."""
        self.post("/api/training/start", **LONG, save_interval=50)
        self.open()
        self.browser.wait(lambda: self.episodes() > 200, "some episodes")
        self.service.process.kill()
        self.browser.wait_for("Connection lost", "#link")
        before = self.episodes()
        self.service.restart()
        self.browser.wait_for("Live", "#link")
        self.browser.wait(lambda: self.episodes() > before + 200, "more episodes than before")
        self.assertEqual(self.browser.text(".badge"), "Training")

    def test_a_service_that_lost_its_record(self):
        """Nothing is known of the run then, and the page says so."""
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait_for("Training", ".badge")
        self.service.process.kill()
        self.browser.wait_for("Connection lost", "#link")
        shutil.rmtree(self.service.models)
        self.service.restart()
        self.browser.wait_for("Interrupted", ".badge")
        self.start(1000000)
        self.browser.wait_for("Training", ".badge")
        self.sees_episodes_pass()

    def test_what_happened_while_nobody_was_told(self):
        """A page that comes later, or whose connection was lost, asks what is: no event tells it."""
        run = self.post("/api/training/start", **LONG).json()["data"].get("run_id")
        run = run or self.get("/api/training/runs?limit=1")["runs"][0]["id"]
        self.post(f"/api/training/runs/{run}/pause")
        self.open()
        self.browser.wait_for("Paused", ".badge")
        port = self.service.port
        self.service.kill()
        self.browser.wait_for("Connection lost", "#link")
        self.service.begin(0)  # where the page does not look
        self.assertEqual(self.post(f"/api/training/runs/{run}/stop").status_code, 200)
        self.service.stop()
        self.service.begin(port)
        self.browser.wait_for("Stopped", ".badge")

    def test_pause_and_resume(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait_for("Training", ".badge")
        self.browser.click("Pause")
        self.browser.wait_for("Paused", ".badge")
        self.assertEqual(self.status()["current_episode"], self.episodes())
        self.browser.click("Resume")
        self.browser.wait_for("Training", ".badge")
        self.sees_episodes_pass()

    def test_pause_by_keyboard(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.on_button("Pause", "button.focus();")
        self.browser.press("Enter")
        self.browser.wait_for("Paused", ".badge")
        self.browser.wait(lambda: self.browser.run("return document.activeElement.textContent;") == "Resume", "the focus")
        self.browser.press("Enter")
        self.browser.wait_for("Training", ".badge")

    def test_an_answer_that_an_event_overtook(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait(lambda: self.browser.button("Pause"), "the run")
        self.browser.hold("state=running,paused&limit=50")
        self.browser.click("Pause")
        self.browser.wait(lambda: self.browser.held() > 0, "the question")
        self.browser.hold_no_more()
        self.post("/api/training/stop")
        self.browser.wait_for("Stopped", ".badge")
        for late in range(self.browser.held()):
            self.browser.let_go(late)
        self.post("/api/training/start", **LONG)  # watched unless another one is taken to be on
        self.browser.wait_for("Training", ".badge")

    def test_what_waits_is_the_newest_answer(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait(lambda: self.browser.button("Pause"), "the run")
        self.browser.hold("state=running,paused,queued")
        waiting = self.post("/api/training/start", **LONG, queue=True).json()["data"]["run_id"]
        self.browser.wait(lambda: self.browser.held() > 0, "the question")
        self.browser.hold_no_more()
        self.post(f"/api/training/runs/{waiting}/stop")
        another = self.post("/api/training/start", **LONG, queue=True).json()["data"]["run_id"]
        self.browser.wait_for(f"run {another}", ".others")
        for late in range(self.browser.held()):
            self.browser.let_go(late)
        self.assertIn(f"run {another}", self.browser.text(".others"))
        self.post(f"/api/training/runs/{another}/stop")

    def test_asked_twice_is_asked_once(self):
        self.post("/api/training/start", **LONG)
        self.post("/api/training/start", **LONG, queue=True)
        self.open()
        for button in ("Cancel", "Stop and save"):
            self.browser.on_button(button, "button.click(); button.click();")
            self.browser.wait(lambda: self.browser.button(button) is None, "the end")
        self.assertEqual(self.browser.texts("#notes .note"), [])

    def test_what_waits(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait_for("Training", ".badge")
        self.browser.type("scenario_name", "torino_single")
        self.browser.type("num_episodes", "30")
        self.browser.click("Start training")
        self.browser.wait_for("Torino single waits for its turn", "#notes")
        self.browser.wait_for("Waiting", ".others")
        self.browser.click("Cancel")
        self.browser.wait(lambda: "Torino" not in self.browser.text("main .stack"), "the queue without it")
        self.browser.click("Start training")
        self.browser.wait_for("Waiting", ".others")
        self.browser.click("Stop and save")
        self.browser.wait(lambda: self.browser.texts("h2")[0] == "Torino single"
                          and self.browser.texts(".badge")[0] == "Completed", "the one that waited")

    def test_two_tabs(self):
        driver = self.browser.driver
        first = driver.current_window_handle
        self.open()
        driver.switch_to.new_window("tab")
        try:
            self.open()
            self.start(1000000)
            self.browser.wait_for("Training", ".badge")
            driver.switch_to.window(first)
            self.browser.wait_for("Training", ".badge")
            self.browser.click("Stop and save")
            self.browser.wait_for("Stopped", ".badge")
            driver.switch_to.window(driver.window_handles[1])
            self.browser.wait_for("Stopped", ".badge")
        finally:
            driver.close()
            driver.switch_to.window(first)

    def test_keyboard_alone(self):
        self.open()
        self.browser.wait(lambda: self.browser.button("Start training"), "the view")
        self.assertEqual(self.browser.press("Tab"), "Skip to the content")
        self.browser.press("Enter")
        self.assertEqual(self.browser.run("return document.activeElement.id;"), "main")
        reached = [self.browser.press("Tab") for _ in range(12)]
        self.assertIn("Start training", reached)

    def test_text_never_becomes_html(self):
        self.open()
        self.browser.run("const place = document.createElement('div'); document.body.append(place);"
                         "place.innerHTML = '<img src=x onerror=\"window.broken = 1\">';")
        self.assertEqual(self.browser.run("return document.querySelectorAll('img[src=x]').length;"), 0)
        self.assertIsNone(self.browser.run("return window.broken || null;"))
        with self.assertRaises(JavascriptException):
            self.browser.run("document.createElement('img').setAttribute('onerror', 'window.broken = 1');")
        self.assertEqual(len(self.browser.complaints()), 1)  # the policy's

    def test_below_a_prefix(self):
        proxy = PrefixProxy(self.service.port)
        try:
            self.open(url=proxy.url)
            self.start(1000000)
            self.browser.wait_for("Training", ".badge")
            self.sees_episodes_pass()
        finally:
            proxy.close()


# what a page's sockets are asked for, and what they send and hear
WATCHED = """
window.sockets = 0; window.sent = []; window.pings = 0;
window.WebSocket = class extends WebSocket {
  constructor(address) {
    super(address);
    window.sockets++;
    this.addEventListener('message', ({data}) => { window.pings += data === '2'; });
  }
  send(data) { window.sent.push(data); super.send(data); }
};"""


class Socket(PageCase):
    """A service that pings often, and is not answered for by others."""
    options = ("--ping-interval", "200", "--ping-timeout", "400")

    def test_one_connection_that_asks_for_no_more_than_it_shows(self):
        added = self.browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                                                    {"source": WATCHED})
        self.addCleanup(self.browser.driver.execute_cdp_cmd,
                        "Page.removeScriptToEvaluateOnNewDocument", added)
        self.open()
        self.browser.wait(lambda: self.browser.run("return window.pings") > 6, "pings")
        self.assertEqual(self.browser.run("return window.sockets"), 1)
        asked = [json.loads(sent[2:])[1] for sent in self.browser.run("return window.sent")
                 if sent.startswith('42["subscribe_training"')]
        self.assertEqual(len(asked), 1)
        self.assertGreaterEqual(asked[0]["interval_ms"], 1000 / 100)


class Phone(PageCase):
    window = {"width": 320, "height": 640, "mobile": True}

    def test_everything_fits(self):
        self.post("/api/training/start", **LONG)
        self.open()
        self.browser.wait(lambda: self.browser.find(".plot canvas").is_displayed(), "the curve")
        self.assertLessEqual(self.browser.overflow(), 0)


class Italian(PageCase):
    window = {"language": "it-IT"}

    def test_numbers_are_the_language_s(self):
        self.open()
        self.browser.type("num_episodes", "60,5")
        self.assertIn("A whole number is needed", self.browser.text("form"))
        self.start(1234567)
        self.browser.wait_for("1.234.567", ".spread")
        self.browser.wait(lambda: self.browser.texts(".tile")[3].split("\n")[1].endswith("€"), "euro")


class Locked(PageCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "token")
        cls.keep_token("secret-word")
        cls.options = ("--token-file", cls.path)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    @classmethod
    def keep_token(cls, token):
        with open(cls.path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(token + "\n")

    def restart(self, token):
        self.keep_token(token)
        self.service.stop()
        self.service.begin(self.service.port)

    def test_another_token(self):
        self.browser.open(self.service.url)
        self.browser.run("sessionStorage.setItem('hrl-token', 'secret-word');")
        self.open()
        self.addCleanup(self.restart, "secret-word")
        self.restart("another-word")
        self.browser.wait_for("This service is locked")
        self.unlock("another-word")
        self.browser.wait_for("Live", "#link")

    def unlock(self, token):
        field = self.browser.find("dialog input")
        field.send_keys(token)
        self.browser.click("Unlock")

    def test_asks_once(self):
        self.browser.open(self.service.url)
        self.browser.wait_for("This service is locked")
        self.unlock("\u201csecret-word\u201d")  # as a word processor spells it
        self.browser.wait_for("That was not the right token")
        self.unlock("wrong")
        self.browser.wait_for("That was not the right token")
        self.unlock("secret-word")
        self.browser.wait_for("Live", "#link")
        self.browser.wait_for("Nothing is being trained")
        self.open()
        self.assertEqual(self.browser.find_all("dialog"), [])
        self.assertNotIn("secret-word", self.service.log())


if __name__ == "__main__":
    harness.main()
