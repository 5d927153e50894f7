"""What the tests of the page's views share: a service, a browser, and how the two are used."""
import os

import serve_harness as harness
from browser import Browser

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

LONG = {"scenario_name": "bologna_coppia", "num_episodes": 1000000}
# what the console may hold: requests that are refused on purpose, or while the service is away
EXPECTED = ("responded with a status of 4", "net::ERR_CONNECTION_", "net::ERR_SOCKET_NOT_CONNECTED",
            "net::ERR_EMPTY_RESPONSE", "WebSocket connection")


PRETRAINED = os.path.join(os.path.dirname(os.path.abspath(harness.SCENARIOS)), "pretrained")


class PageCase(harness.ServiceCase):
    window = {}

    @classmethod
    def settings(cls):
        return {"environment": {"HRL_MODEL_PATH": PRETRAINED}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = Browser(**cls.window)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        super().tearDownClass()

    def tearDown(self):
        self.post("/api/training/stop")
        self.assertEqual(self.browser.complaints(EXPECTED), [])

    def open(self, view="now", url=None):
        # an address that differs by what is behind its # only would not be loaded anew
        self.browser.open("about:blank")
        self.browser.open(f"{url or self.service.url}/#/{view}")
        self.browser.wait_for("Live", "#link")

    def post(self, path, **body):
        return requests.post(self.service.url + path, json=body, timeout=harness.PATIENCE)

    def delete(self, path):
        return requests.delete(self.service.url + path, timeout=harness.PATIENCE)

    def status(self):
        return self.get("/api/training/status")

    def start(self, episodes):
        self.browser.type("scenario_name", "bologna_coppia")
        self.browser.type("num_episodes", str(episodes))
        self.browser.click("Start training")

    def train(self, **body):
        """Trains to the end."""
        self.assertEqual(self.post("/api/training/start", **body).status_code, 202)
        self.assertTrue(harness.wait_until(lambda: not self.status()["is_training"]))

    def get(self, path):
        return requests.get(self.service.url + path, timeout=harness.PATIENCE).json()

    def sees_episodes_pass(self):
        before = self.browser.text(".spread")
        self.browser.wait(lambda: self.browser.text(".spread") != before, "more episodes")
