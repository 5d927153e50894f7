"""Memory of the page during training: a headless Chromium shows it while run follows run.

    HRL_SERVE=build/cli/hrl-serve HRL_SCENARIOS=scenarios python3 tests/bench/page_memory.py [MINUTES]

Prints a line of JSON every five minutes: episodes, messages that the page got since the start and
in a second since the last line, the JavaScript heap after a collection in MB, elements
and listeners, and the service's resident memory in MiB.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import serve_harness as harness  # noqa: E402
from browser import Browser  # noqa: E402
import requests  # noqa: E402

LINE_SECONDS = 300
# counts what comes on the page's WebSockets
COUNT = """window.messages = 0;
window.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', () => { window.messages++; });
  }
};"""


def metrics(driver):
    driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    return {entry["name"]: entry["value"] for entry in
            driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}


def start(service):
    requests.post(service.url + "/api/training/start", timeout=60, json={
        "scenario_name": "bologna_coppia", "num_episodes": 1000000, "save_interval": 10000,
        "keep": 2}).raise_for_status()


def watch(service, browser, minutes):
    begun = last = time.monotonic()
    episodes = before = seen = 0
    while time.monotonic() < begun + 60 * minutes:
        status = requests.get(service.url + "/api/training/status", timeout=60).json()
        if not status["is_training"]:
            episodes += before
            start(service)
        before = status["current_episode"]
        time.sleep(1)
        now = time.monotonic()
        if now < last + LINE_SECONDS:
            continue
        messages = browser.run("return window.messages;")
        values = metrics(browser.driver)
        print(json.dumps({
            "minutes": round((now - begun) / 60, 1), "episodes": episodes + before,
            "messages": messages, "messages_a_second": round((messages - seen) / (now - last), 1),
            "heap_mb": round(values["JSHeapUsedSize"] / 1e6, 2), "elements": values["Nodes"],
            "listeners": values["JSEventListeners"],
            "service_mib": round(service.memory() / 1024, 1)}), flush=True)
        last, seen = now, messages


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    service = harness.Service()
    browser = Browser()
    try:
        browser.driver.execute_cdp_cmd("Performance.enable", {})
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": COUNT})
        browser.open(service.url + "/#/now")
        browser.wait_for("Live", "#link")
        watch(service, browser, minutes)
    finally:
        browser.close()
        service.stop()
        service.remove()


if __name__ == "__main__":
    main()
