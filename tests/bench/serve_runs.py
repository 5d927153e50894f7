"""Runs in hrl-serve, several at a time, and the list of many.

    serve_runs.py HRL_SERVE SCENARIOS [--parts NAME...] [--repeats N] [--recorded N] [--clients N]
                  [--runs N]

Prints as JSON: the processor time of eight runs of 1,000 episodes in a row and several at a time,
on two threads; how long a record of many runs takes to list; and how long status requests take
while several runs train and many Socket.IO clients listen. Exit code 1 where a client lost an event.
"""
import argparse
import json
import multiprocessing
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import serve_load

PROGRESS = re.compile(rb'"training_progress",\{"episode":(\d+)[^}]*"run_id":(\d+)')
NAMES = ("bologna_coppia", "torino_single", "milano_junior", "irregular_income")


class Service:
    def __init__(self, options, *more):
        self.folder = tempfile.TemporaryDirectory()
        self.models = os.path.join(self.folder.name, "models")
        self.command = [options.program, "--port", "0", "--scenarios", options.scenarios,
                        "--models", self.models, *more]
        self.begin()

    def begin(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def end(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        self.folder.cleanup()

    def get(self, path):
        return serve_load.request(self.port, "GET", path)

    def queue(self, **body):
        return serve_load.request(self.port, "POST", "/api/training/start",
                                  {"queue": True, **body})["run_id"]

    def wait_for_all(self):
        while self.get("/api/training/runs?state=running,queued&limit=1")["total"] > 0:
            time.sleep(0.05)


def processor_time(options, concurrency, threads):
    """Seconds that eight runs take, the service's own included."""
    with Service(options, "--concurrency", str(concurrency), "--threads", str(threads)) as service:
        service.get("/health")
        used = serve_load.processor(service.process.pid)
        for seed in range(8):
            service.queue(scenario_name="bologna_coppia", num_episodes=1000, seed=seed)
        service.wait_for_all()
        return serve_load.processor(service.process.pid) - used


def measure_processor(options):
    """Medians; what is compared takes turns."""
    cases = {"in_a_row": (1, 2), "in_a_row_1_thread": (1, 1), "2_at_a_time": (2, 2),
             "4_at_a_time": (4, 2), "8_at_a_time": (8, 2)}
    times = {name: [] for name in cases}
    for _ in range(options.repeats):
        for name, case in cases.items():
            times[name].append(processor_time(options, *case))
    medians = {name: round(statistics.median(found), 2) for name, found in times.items()}
    return {"processor_s": medians, "ranges_s": {
        name: [round(min(found), 2), round(max(found), 2)] for name, found in times.items()}}


def multiply(path, count):
    """Makes many runs of the one that the record has, every tenth of them failed."""
    database = sqlite3.connect(path)
    columns = [row[1] for row in database.execute("PRAGMA table_info(runs)") if row[1] != "id"]
    names = ", ".join(columns)
    with database:
        for run in range(2, count + 1):
            database.execute(f"INSERT INTO runs(id, {names}) SELECT {run}, {names} FROM runs"
                             " WHERE id = 1")
        database.execute("UPDATE runs SET state = 5 WHERE id % 10 = 0")
        for table in ("progress", "evaluations"):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")
                       if row[1] not in ("run", "id")]
            copied = ", ".join(f"{table}.{column}" for column in columns)
            database.execute(
                f"INSERT INTO {table}(run, {', '.join(columns)}) SELECT runs.id, {copied} FROM runs"
                f" JOIN {table} ON {table}.run = 1 WHERE runs.id > 1")
    database.close()
    return os.path.getsize(path)


def measure_lists(options):
    with Service(options) as service:
        service.queue(scenario_name="bologna_coppia", num_episodes=1000, seed=1)
        service.wait_for_all()
        service.end()
        size = multiply(os.path.join(service.models, "runs.db"), options.recorded)
        service.begin()
        found = {"recorded": options.recorded, "database_mb": round(size / 1e6)}
        for query in ("", "limit=1000", "limit=50&offset=9900", "state=failed",
                      "scenario=bologna_coppia&since=2020&limit=50"):
            times = []
            for _ in range(30):
                begun = time.monotonic()
                body = service.get("/api/training/runs?" + query)
                times.append((time.monotonic() - begun) * 1000)
                assert body["total"] >= options.recorded // 10
            found[query or "the newest 50"] = {"median_ms": round(statistics.median(times), 2),
                                               "largest_ms": round(max(times), 2)}
        return found


class RunsClient(serve_load.Client):
    """Knows several runs apart."""

    def __init__(self, port, polling):
        self.reached = {}
        super().__init__(port, polling)

    def take(self, text):
        self.started += text.count(b'"training_started"')
        self.completed += text.count(b'"training_completed"')
        for episode, run in PROGRESS.findall(text):
            self.in_order &= int(episode) > self.reached.get(run, 0)
            self.reached[run] = int(episode)
            self.events += 1

    @staticmethod
    def summarise(clients, options):
        whole = [options.episodes] * options.runs
        return {"got_started": sum(c.started == options.runs for c in clients),
                "got_completed": sum(c.completed == options.runs for c in clients),
                "in_order_to_the_end": sum(c.in_order and list(c.reached.values()) == whole
                                           for c in clients)}


def measure_status(options):
    with Service(options, "--concurrency", str(options.runs)) as service:
        ours, theirs = multiprocessing.Pipe()
        readers = multiprocessing.Process(target=serve_load.read_all,
                                          args=(service.port, options, theirs, RunsClient))
        readers.start()
        ours.recv()
        for i in range(options.runs):
            service.queue(scenario_name=NAMES[i % len(NAMES)], num_episodes=options.episodes,
                          save_interval=options.episodes, seed=i)
        times = []
        while True:
            begun = time.monotonic()
            status = service.get("/api/training/status")
            times.append((time.monotonic() - begun) * 1000)
            if not status["is_training"]:
                break
            time.sleep(0.02)
        ours.send("end")
        result = ours.recv()
        readers.join()
        times.sort()
        return {**result, "runs": options.runs, "episodes": options.episodes,
                "status_requests": len(times), "status_p50_ms": round(times[len(times) // 2], 2),
                "status_p99_ms": round(times[int(len(times) * 0.99)], 2),
                "resident_mib": round(serve_load.resident(service.process.pid), 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("scenarios")
    parser.add_argument("--parts", nargs="+", default=["processor", "lists", "status"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--recorded", type=int, default=10000)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--polling", type=int, default=0)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--episodes", type=int, default=5000)
    options = parser.parse_args()
    parts = {"processor": measure_processor, "lists": measure_lists, "status": measure_status}
    result = {name: part(options) for name, part in parts.items() if name in options.parts}
    print(json.dumps(result, indent=2))
    heard = result.get("status", {})
    sys.exit(any(heard.get(key, options.clients) != options.clients for key in (
        "got_started", "got_completed", "in_order_to_the_end")))


if __name__ == "__main__":
    main()
