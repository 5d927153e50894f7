"""Peers of hrl-serve for its tests: requests over HTTP, and python-socketio's client."""
import threading

import serve_harness as harness

try:
    import requests
    import socketio
    import websocket  # python-socketio needs it for its WebSockets
except ImportError as error:
    harness.skip(f"{error.name} is not installed")

RUNS = "/api/training/runs"


class Client:
    """Remembers every event in order."""

    def __init__(self, url, transports, **options):
        self.events = []
        self.changed = threading.Condition()
        self.socket = socketio.Client(reconnection=False)
        self.socket.on("*", self.hear)
        self.socket.on("disconnect", lambda: self.hear("disconnect"))
        self.socket.connect(url, transports=transports, **options)

    def hear(self, event, *data):
        with self.changed:
            self.events.append((event, *data))
            self.changed.notify_all()

    def of(self, event):
        return [e for e in self.events if e[0] == event]

    def wait_for(self, event, count=1):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.of(event)) >= count,
                                         harness.PATIENCE), (event, self.events[-3:])
        return self.of(event)[count - 1][1:]


class Api:
    """Requests to a service."""

    def __init__(self, service):
        self.url = service.url

    def request(self, method, path, **options):
        return requests.request(method, self.url + path, timeout=harness.PATIENCE, **options)

    def get(self, path, **query):
        return self.request("GET", path, params=query)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def start(self, **body):
        return self.post("/api/training/start", json=body)

    def run(self, number):
        return self.get(f"{RUNS}/{number}").json()

    def status(self):
        return self.get("/api/training/status").json()

    def change(self, number, what):
        return self.post(f"{RUNS}/{number}/{what}")

    def wait_for_state(self, number, *states):
        assert harness.wait_until(lambda: self.run(number)["state"] in states), \
            (states, self.run(number))

    def queue(self, **body):
        """Puts a run into the queue; gives its number and whether it began."""
        answer = self.start(queue=True, **body)
        assert answer.status_code == 202, answer.text
        data = answer.json()["data"]
        return data["run_id"], data["status"]

    def train(self, scenario, episodes, **more):
        """A run to its end."""
        answer = self.start(scenario_name=scenario, num_episodes=episodes, **more)
        assert answer.status_code == 202, answer.text
        assert harness.wait_until(
            lambda: not self.get("/api/training/status").json()["is_training"])


def has_record():
    """Whether the service was built with the record of runs."""
    service = harness.Service()
    status = requests.get(service.url + RUNS, timeout=harness.PATIENCE).status_code
    service.stop()
    service.remove()
    return status == 200
