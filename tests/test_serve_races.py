"""Requests for the same run at once: what each is answered, and what clients are told, and when."""
import concurrent.futures
import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess

import serve_harness as harness
from serve_peers import RUNS, Client, requests
from training_case import LONG, OTHER, Case, recorded


class Gate:
    """Lets no run of a scenario begin until it is opened: who opens a file that another has a
    lease on waits until that is given up."""

    def __init__(self, service, scenario):
        folder = os.path.join(service.models, "checkpoints", scenario)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, ".lock")
        with open(path, "a"):
            pass
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        self.descriptor = os.open(path, os.O_RDONLY)
        fcntl.fcntl(self.descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)

    def is_reached(self):
        return fcntl.fcntl(self.descriptor, fcntl.F_GETLEASE) == fcntl.F_UNLCK

    def open(self):
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor = None


@recorded
class AtOnce(Case):
    def setUp(self):
        super().setUp()
        self.pool = concurrent.futures.ThreadPoolExecutor(4)
        self.addCleanup(self.pool.shutdown)

    def close_gate(self, scenario):
        try:
            gate = Gate(self.service, scenario)
        except BlockingIOError:
            raise  # a run has the file open
        except OSError as error:
            self.skipTest(f"no leases on files here: {error}")
        self.addCleanup(gate.open)
        return gate

    def newest(self):
        return max((run["id"] for run in self.api.get(RUNS).json()["runs"]), default=0)

    def told(self, run):
        return [e[0] for e in self.client.events
                if e[1:] and e[1].get("run_id") == run and e[0] != "training_progress"]

    def test_a_second_start_before_the_first_has_begun(self):
        gate = self.close_gate("bologna_coppia")
        first = self.pool.submit(self.api.start, **LONG)
        self.assertTrue(harness.wait_until(gate.is_reached))
        for body in (LONG, OTHER):
            second = self.api.start(**body)
            self.assertEqual((second.status_code, second.json()["detail"]),
                             (400, "Training already in progress for scenario: bologna_coppia"))
        gate.open()
        self.assertEqual(first.result().status_code, 202)
        self.assertEqual(len(self.api.get(RUNS, state="queued,running").json()["runs"]), 1)

    def test_who_leaves_the_queue_was_in_it(self):
        """The start's own answer, and its event, come before those of the change."""
        for what, done in (("stop", "stopped"), ("pause", "paused")):
            gate = self.close_gate("bologna_coppia")
            first = self.pool.submit(self.api.queue, **LONG)
            self.assertTrue(harness.wait_until(gate.is_reached))
            before = self.newest()
            second = self.pool.submit(self.api.queue, **OTHER)
            self.assertTrue(harness.wait_until(lambda: self.newest() > before))
            run = before + 1
            answer = self.api.change(run, what)
            self.assertEqual((answer.status_code, answer.json()["data"]["status"]), (200, done))
            self.assertEqual(second.result(), (run, "queued"))
            self.heard("training_" + done, run)
            gate.open()
            self.api.change(first.result()[0], "stop")
            self.assertEqual(self.told(run), ["training_queued", "training_" + done])
            self.api.change(run, "stop")

    def test_a_pause_that_is_taken_back(self):
        """The evaluation at episode 8 takes its time, and nobody is paused meanwhile."""
        run = self.begin({**LONG, "save_interval": 8, "eval_episodes": 100000})
        self.assertTrue(harness.wait_until(lambda: self.api.status()["current_episode"] >= 8))
        pause = self.pool.submit(self.api.change, run, "pause")
        database = sqlite3.connect(os.path.join(self.service.models, "runs.db"))
        self.addCleanup(database.close)
        self.assertTrue(harness.wait_until(lambda: database.execute(
            "SELECT hold FROM runs WHERE id = ?", (run,)).fetchone()[0]))
        self.assertEqual(self.api.change(run, "resume").json()["data"]["status"], "resumed")
        answer = pause.result()
        self.assertEqual((answer.status_code, answer.json()["detail"]),
                         (409, "Another request has resumed the run"))

    def test_a_resumption_that_comes_to_nothing(self):
        run = self.begin()
        self.assertEqual(self.api.change(run, "stop").status_code, 200)
        reached = self.api.run(run)["episode"]
        checkpoints = os.path.join(self.service.models, "checkpoints")
        os.rename(checkpoints, checkpoints + ".away")
        with open(checkpoints, "w"):
            pass
        try:
            answer = self.api.change(run, "resume")
        finally:
            os.unlink(checkpoints)
            os.rename(checkpoints + ".away", checkpoints)
        self.assertEqual(answer.status_code, 500, answer.text)
        self.assertRegex(answer.json()["detail"], "^Failed to start training: .*checkpoints")
        self.heard("training_error", run)
        self.assertEqual(self.api.run(run)["state"], "failed")
        # another program's run has its files
        with open(os.path.join(checkpoints, "bologna_coppia", ".lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            answer = self.api.change(run, "resume")
            data = answer.json()["data"]
            self.assertEqual((answer.status_code, data["status"]), (200, "queued"), answer.text)
            self.assertEqual((data["episodes_completed"], data["total_episodes"]),
                             (reached, LONG["num_episodes"]))
            self.assertEqual(self.api.run(run)["state"], "queued")
            self.heard("training_queued", run)


class Made(harness.ServiceCase):
    """Simulations and reports that are read and deleted while they are made."""
    BODY = {"model_name": "generalist", "scenario_name": "bologna_coppia", "wait": False}

    @classmethod
    def settings(cls):
        folder = os.path.join(os.path.dirname(harness.SCENARIOS), "pretrained")
        return {"environment": {"HRL_MODEL_PATH": folder}}

    def call(self, method, path, **options):
        return requests.request(method, f"{self.service.url}/api/{path}",
                                timeout=harness.PATIENCE, **options)

    def make(self, kind, **body):
        answer = self.call("POST", kind, json={**body, "wait": False})
        self.assertEqual((answer.status_code, answer.json().get("status")), (202, "running"))
        return answer.json()

    def ask_until_there(self, method, path):
        """Nothing else is said before."""
        status = None
        while status != 200:
            answer = self.call(method, path)
            status = answer.status_code
            self.assertIn(status, (200, 202 if method == "GET" else 409), answer.text)

    def test_deleted_at_its_end(self):
        """What a client deletes before its end was told has ended well all the same."""
        client = Client(self.service.url, ["websocket"])
        self.addCleanup(client.socket.disconnect)
        for seed in range(20):
            # the first takes its time, the others end between two questions
            made = self.make("simulation/run", **self.BODY, seed=seed,
                             num_episodes=20 if seed else 15000)
            path = "simulation/results/" + made["simulation_id"]
            if seed == 0:
                self.assertEqual(self.call("DELETE", path).status_code, 409)
            self.ask_until_there("DELETE", path)
        client.wait_for("simulation_completed", 20)
        self.assertEqual(client.of("simulation_failed"), [])
        made = self.make("simulation/run", **self.BODY, num_episodes=20)
        path = "simulation/results/" + made["simulation_id"]
        self.ask_until_there("GET", path)
        made = self.make("reports/generate", simulation_id=made["simulation_id"],
                         report_type="html")
        self.ask_until_there("DELETE", "reports/" + made["report_id"])
        self.assertEqual(os.listdir(os.path.join(self.service.folder, "reports")), [])
        self.assertEqual(self.call("DELETE", path).status_code, 200)
        self.assertEqual(self.call("DELETE", path).status_code, 404)

    def test_read_at_its_end(self):
        """With the answers of the file system slowed down what is made is never absent."""
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        slow = subprocess.Popen(["strace", "-f", "-qq", "-o", os.devnull, "-p",
                                 str(self.service.process.pid), "-e", "trace=openat2", "-e",
                                 "inject=openat2:delay_exit=100000"],
                                stderr=subprocess.DEVNULL)
        self.addCleanup(slow.wait)
        self.addCleanup(slow.terminate)
        harness.wait_until(lambda: self.is_traced() or slow.poll() is not None)
        if slow.poll() is not None:
            self.skipTest("strace may not be used here")
        for seed in range(3):
            made = self.make("simulation/run", **self.BODY, num_episodes=600, seed=seed)
            simulation = made["simulation_id"]
            self.ask_until_there("GET", "simulation/results/" + simulation)
            made = self.make("reports/generate", simulation_id=simulation, report_type="html")
            self.ask_until_there("GET", f"reports/{made['report_id']}/metadata")

    def is_traced(self):
        with open(f"/proc/{self.service.process.pid}/status") as status:
            return "TracerPid:\t0\n" not in status.read()


if __name__ == "__main__":
    harness.main()
