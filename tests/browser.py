"""A headless Chromium for a test: what the page's tests share."""
import os
import shutil

import serve_harness as harness

try:
    from selenium import webdriver
    from selenium.common.exceptions import JavascriptException, StaleElementReferenceException
    from selenium.webdriver.chrome.service import Service as Driver
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    harness.skip("python3-selenium is not installed")

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
if not CHROMIUM or not DRIVER:
    harness.skip("chromium and chromium-driver are not installed")
if os.environ.get("HRL_PAGE") == "0":
    harness.skip("hrl-serve was built without its page (libjs-dygraphs)")


class Browser:
    """One window; `mobile`: of a phone."""

    def __init__(self, width=1280, height=900, mobile=False, dark=False, language="en-GB"):
        self.width = width
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--hide-scrollbars", f"--window-size={width},{height}", f"--lang={language}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Driver(DRIVER), options=options)
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, address):
        self.driver.get(address)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    BUTTON = ("const button = [...document.querySelectorAll('button, a, summary')].find((each) =>"
              " each.checkVisibility() && each.innerText.trim() === arguments[0]) || null;")

    def button(self, text):
        """The button or link that can be seen and says this; None: there is none."""
        return self.run(self.BUTTON + "return button;", text)

    def on_button(self, text, script):
        """Runs `script` with `button` once it is there, before anything can be drawn anew."""
        self.wait(lambda: self.run(self.BUTTON + "if (!button) return false;" + script + "return true;", text),
                  f"the button '{text}'")

    def click(self, text):
        """Clicks the button or link that says this, once it is there."""
        def done():
            element = self.button(text)
            if element is None or not element.is_enabled():
                return False
            # away from what stays at the edges of the window
            self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'});", element)
            element.click()
            return True
        self.wait(done, f"the button '{text}'")

    def click_on(self, selector, index=0):
        """Clicks one of the elements that fit, once it is there. It may be drawn anew meanwhile."""
        def done():
            self.find_all(selector)[index].click()
            return True
        self.wait(done, f"{selector} to click on")

    def text(self, selector="body"):
        while True:
            try:
                return self.find(selector).text
            except StaleElementReferenceException:
                continue  # it was drawn anew in between

    def texts(self, selector):
        """The texts of all elements that fit, as they are at one moment."""
        return self.run("return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText.trim());",
                        selector)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def hold(self, part, method="GET"):
        """From now on answers of addresses that have `part` in them come when they are let go."""
        self.run("const [part, method] = arguments, ask = window.unheld = window.fetch; window.held = []; window.taken = 0;"
                 "window.fetch = async (address, options = {}) => {"
                 "  const answer = await ask(address, options);"
                 "  if (String(address).includes(part) && (options.method || 'GET') === method)"
                 "    await new Promise((go) => window.held.push(go));"
                 "  const read = answer.json.bind(answer);"
                 "  answer.json = async () => {"
                 "    const json = await read();"
                 "    setTimeout(() => window.taken++);"
                 "    return json; };"
                 "  return answer; };", part, method)

    def hold_no_more(self):
        self.run("window.fetch = window.unheld;")

    def held(self):
        return self.run("return window.held.length;")

    def let_go(self, which):
        """Lets an answer go, by its place among those that were held; returns when it was taken."""
        before = self.run("return window.taken;")
        self.run("window.held[arguments[0]]();", which)
        self.wait(lambda: self.run("return window.taken;") > before, "what becomes of the answer")

    def type(self, name, text):
        """Types into the field of this name, in place of what is there."""
        self.wait(lambda: self.find(f"[name='{name}']"), f"the field {name}")
        field = self.find(f"[name='{name}']")
        if field.tag_name == "select":
            self.run("arguments[0].value = arguments[1];"
                     "arguments[0].dispatchEvent(new Event('input', {bubbles: true}));", field, text)
        else:
            field.clear()
            field.send_keys(text)

    def press(self, key):
        """Presses a key; gives the text of what has the focus then."""
        ActionChains(self.driver).send_keys(getattr(Keys, key.upper())).perform()
        # at one moment: what has the focus may be drawn anew
        return self.run("return (document.activeElement.innerText || '').trim();")

    def wait(self, condition, what):
        """Waits until `condition` holds. Elements come and go meanwhile: what fails is tried again."""
        problem = None

        def holds():
            nonlocal problem
            try:
                problem = None
                return condition()
            except Exception as error:
                problem = error
                return False
        if not harness.wait_until(holds):
            raise AssertionError(f"never came: {what}; the page says:\n{self.text()}\n"
                                 f"{self.complaints()}") from problem

    def wait_for(self, text, selector="body"):
        self.wait(lambda: text in self.text(selector), f"'{text}' in {selector}")

    def complaints(self, but=()):
        """What the console holds, without what is expected there."""
        entries = [entry["message"] for entry in self.driver.get_log("browser")
                   if entry["level"] in ("SEVERE", "WARNING")]
        return [entry for entry in entries if not any(part in entry for part in but)]

    def overflow(self):
        """How many pixels the page is wider than its window. (A phone's innerWidth grows with it.)"""
        return self.run("return document.documentElement.scrollWidth;") - self.width

    def close(self):
        self.driver.quit()
