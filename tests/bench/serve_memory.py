"""Memory of hrl-serve over many requests of each kind.

    serve_memory.py HRL_SERVE SCENARIOS PRETRAINED [--count N] [--slow N] [--kinds NAME...]
                    [--arenas N]

Each kind has a service of its own, which two connections ask in turns. Prints as JSON, for each:
requests, seconds, and resident memory in MiB (all of it, and the anonymous part, which is the
heap and the stacks) after a tenth of the requests and after all. What is made is deleted again.
Kinds that take seconds of a processor are asked --slow times. Exit code 1 where the anonymous
part grew by more than a quarter and 1 MiB from the first figure to the last. What malloc keeps for
each thread comes and goes by a few MiB where much is taken at once: --arenas 1 leaves that out.
"""
import argparse
import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HOUSEHOLD = {"environment": {
    "income": 2000, "fixed_expenses": 700, "variable_expense_mean": 300, "variable_expense_std": 50,
    "inflation": 0.002, "safety_threshold": 1000, "max_months": 24, "risk_tolerance": 0.5}}
PAIR = {"model_name": "generalist", "scenario_name": "bologna_coppia"}


class Service:
    def __init__(self, options):
        self.folder = tempfile.TemporaryDirectory()
        scenarios = os.path.join(self.folder.name, "scenarios")
        os.mkdir(scenarios)
        for name in os.listdir(options.scenarios):
            if name.endswith(".yaml"):
                with open(os.path.join(options.scenarios, name), "rb") as source, \
                        open(os.path.join(scenarios, name), "wb") as copy:
                    copy.write(source.read())
        self.process = subprocess.Popen(
            [options.program, "--port", "0", "--scenarios", scenarios, "--models",
             os.path.join(self.folder.name, "models")], cwd=self.folder.name,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "HRL_MODEL_PATH": options.pretrained,
                 **({"MALLOC_ARENA_MAX": str(options.arenas)} if options.arenas else {})})
        port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.connections = itertools.cycle(
            [http.client.HTTPConnection("127.0.0.1", port, timeout=120) for _ in range(2)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def ask(self, method, path, body=None, statuses=(200, 201, 202)):
        connection = next(self.connections)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status in statuses, (path, answer.status, content[:300])
        return content

    def get(self, path):
        return json.loads(self.ask("GET", path))

    def post(self, path, **body):
        return json.loads(self.ask("POST", path, body))

    def delete(self, path):
        self.ask("DELETE", path)

    def memory(self):
        """MiB: all that is resident, and what no file is behind."""
        with open(f"/proc/{self.process.pid}/status") as file:
            status = file.read()
        return {name: round(int(re.search(key + r":\s+(\d+)", status).group(1)) / 1024, 2)
                for name, key in (("resident", "VmRSS"), ("anonymous", "RssAnon"))}

    def train(self, scenario, **more):
        run = self.post("/api/training/start", scenario_name=scenario, queue=True,
                        **more)["data"]["run_id"]
        while self.get(f"/api/training/runs/{run}")["state"] != "completed":
            time.sleep(0.05)
        return run


# Each gives what is done once for every count.

def lists(service):
    service.post("/api/simulation/run", **PAIR)
    paths = itertools.cycle(["/api/scenarios", "/api/scenarios/templates", "/api/models",
                             "/api/simulation/history", "/api/reports/list", "/", "/openapi.json",
                             "/docs", "/metrics", "/health", "/api/training/status"])
    return lambda: service.ask("GET", next(paths))


def scenario(service):
    names = itertools.cycle(["bologna_coppia", "career_risk", "torino_single"])
    return lambda: service.get("/api/scenarios/" + next(names))


def writing(service):
    def do():
        service.post("/api/scenarios", name="made", description="first", **HOUSEHOLD)
        service.ask("PUT", "/api/scenarios/made", {"name": "renamed", "description": "second",
                                                   **HOUSEHOLD})
        service.delete("/api/scenarios/renamed")
    return do


def mistakes(service):
    calls = itertools.cycle([
        ("GET", "/api/scenarios/nothing", None), ("GET", "/nothing", None),
        ("POST", "/api/scenarios", {"name": 3}), ("POST", "/api/simulation/run", {}),
        ("POST", "/api/simulation/run", {"model_name": "x", "scenario_name": "y"}),
        ("POST", "/api/training/start", {"scenario_name": "nothing"}),
        ("POST", "/api/reports/generate", {"simulation_id": "x", "report_type": "html"}),
        ("POST", "/api/advice", {"scenario_name": "bologna_coppia", "month": -1}),
        ("DELETE", "/api/models/generalist", None), ("GET", "/api/training/compare?runs=x", None)])
    return lambda: service.ask(*next(calls), statuses=(400, 403, 404, 409, 422))


def models(service):
    service.train("bologna_coppia", num_episodes=200)
    paths = itertools.cycle(["/api/models", "/api/models/bologna_coppia", "/api/models/generalist"])
    return lambda: service.get(next(paths))


def runs(service):
    run = service.train("bologna_coppia", num_episodes=1000)
    paths = itertools.cycle(["", f"/{run}", f"/{run}/progress?points=200", "?state=completed"])
    return lambda: service.get("/api/training/runs" + next(paths))


def training(service):
    """Files and the record's row are deleted again."""
    def do():
        run = service.train("bologna_coppia", num_episodes=4, eval_episodes=1)
        service.delete(f"/api/training/runs/{run}")
    return do


def compare(service):
    for seed in range(2):
        service.train("bologna_coppia", num_episodes=100, seed=seed)
    return lambda: service.get("/api/training/compare?runs=1,2&episodes=100")


def simulation(service):
    def do():
        made = service.post("/api/simulation/run", num_episodes=10, seed=1, **PAIR)
        service.get("/api/simulation/results/" + made["simulation_id"])
        service.delete("/api/simulation/results/" + made["simulation_id"])
    return do


def advice(service):
    months = itertools.cycle(range(1, 12))
    return lambda: service.post("/api/advice", scenario_name="bologna_coppia", month=next(months),
                                cash=4000, portfolio=2500, what_if=["income=2700"])


def report(kind, again):
    """Of a simulation that is played again, or of one whose household is gone."""
    def begin(service):
        made = service.post("/api/simulation/run", **PAIR)["simulation_id"]
        if not again:
            path = os.path.join(service.folder.name, "results", "simulations", made + ".json")
            with open(path) as file:
                results = json.load(file)
            with open(path, "w") as file:
                json.dump({**results, "scenario_name": "gone"}, file)

        def do():
            answer = service.post("/api/reports/generate", simulation_id=made, report_type=kind)
            service.ask("GET", "/api/reports/" + answer["report_id"])
            service.delete("/api/reports/" + answer["report_id"])
        return do
    return begin


def clients(service):
    """They come, join, and are gone without a word once they were told of it."""
    def do():
        path = "/socket.io/?EIO=4&transport=polling"
        path += "&sid=" + json.loads(service.ask("GET", path)[1:])["sid"]
        for text in ("40", '42["subscribe_training",{"interval_ms":5}]', "1"):
            connection = next(service.connections)
            connection.request("POST", path, text)
            connection.getresponse().read()
    return do


KINDS = {"lists": lists, "scenario": scenario, "writing": writing, "mistakes": mistakes,
         "models": models, "runs": runs, "simulation": simulation, "clients": clients,
         "advice": advice, "compare": compare, "training": training,
         "stored_html": report("html", False), "stored_pdf": report("pdf", False),
         "report_html": report("html", True), "report_pdf": report("pdf", True)}
SLOW = ("advice", "report_html", "report_pdf")


def measure(options, name):
    count = options.slow if name in SLOW else options.count
    with Service(options) as service:
        do = KINDS[name](service)
        figures = {"requests": count, "at_first": service.memory()}
        begun = time.monotonic()
        for done in range(1, count + 1):
            do()
            if done in (count // 10, count):
                figures[f"after_{done}"] = service.memory()
        figures["seconds"] = round(time.monotonic() - begun, 1)
        early, late = (figures[f"after_{done}"]["anonymous"] for done in (count // 10, count))
        figures["growth"] = round(late - early, 2)
        figures["flat"] = late - early <= max(1, early / 4)
        return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("scenarios", type=os.path.abspath)
    parser.add_argument("pretrained", type=os.path.abspath)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--slow", type=int, default=2000)
    parser.add_argument("--arenas", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    options = parser.parse_args()
    flat = True
    for name in options.kinds:
        figures = measure(options, name)
        flat = flat and figures["flat"]
        print(json.dumps({name: figures}), flush=True)
    sys.exit(not flat)


if __name__ == "__main__":
    main()
