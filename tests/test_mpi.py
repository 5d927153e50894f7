"""hrl-train-mpi under a real mpirun: test_mpi.py HRL_TRAIN HRL_TRAIN_MPI

The same bits as hrl-train on any number of ranks; ends that all ranks share: signals, errors of
one rank, and killed ranks, after which --resume auto goes on. Skipped (77) where no mpirun is found.
MPIRUN names another one than the first in PATH; it must be of the MPI that hrl-train-mpi was built
with.

No test waits for a time to pass: what a run is to be interrupted in is known by the line it printed.
"""

import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

TRAIN, MPI = (os.path.abspath(path) for path in sys.argv[1:3])
MPIRUN = os.environ.get("MPIRUN") or shutil.which("mpirun")
PATIENCE = 120  # seconds; only a test that fails waits that long
SCENARIO = """
environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,
  variable_expense_std: 120, inflation: 0.02, safety_threshold: 1000,
  max_months: 24, initial_cash: 3000, risk_tolerance: 0.5}
training: {num_episodes: 96, high_period: 4, parallel_episodes: 24, hidden_low: 8,
  hidden_high: 8, batch_size: 300, batch_size_high: 140, epochs_low: 2, epochs_high: 2}
"""
OTHER_TIMES = re.compile(r"elapsed +[\d.]+s|\"elapsed_time\": ?[\d.e-]+|started .*|begun .*")


def is_open_mpi():
    text = subprocess.run([MPIRUN, "--version"], capture_output=True, text=True).stdout
    return "Open MPI" in text or "open-mpi" in text


def descendants(pid):
    """Process ids of all that `pid` has started, itself not included."""
    parents = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            pass
    found, level = [], [pid]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        found += level
    return found


def environment_of(pid):
    with open(f"/proc/{pid}/environ", "rb") as file:
        return dict(part.partition(b"=")[::2] for part in file.read().split(b"\0"))


def rank_of(pid):
    found = environment_of(pid)
    return int(found.get(b"OMPI_COMM_WORLD_RANK") or found[b"PMI_RANK"])


class MpiTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.scenario = self.path("trial.yaml")
        with open(self.scenario, "w", encoding="ascii") as file:
            file.write(SCENARIO)
        self.env = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1",
                        OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                        # seconds that mpirun waits before each signal to ranks that it ends
                        OMPI_MCA_odls_base_sigkill_timeout="0")
        self.open_mpi = is_open_mpi()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def launch(self, ranks):
        return [MPIRUN] + (["--oversubscribe"] if self.open_mpi else []) + ["-n", str(ranks)]

    def options(self, output, *more):
        return [self.scenario, "--save-interval", "30", "--eval-episodes", "300",
                "--threads", "1", "--output", self.path(output), *more]

    def run_plain(self, output, *more, code=0):
        done = subprocess.run([TRAIN, *self.options(output, *more)], capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def run_ranks(self, ranks, output, *more, code=0):
        done = subprocess.run([*self.launch(ranks), MPI, *self.options(output, *more)],
                              capture_output=True, text=True, timeout=PATIENCE, env=self.env)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def read(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def assert_same_run(self, a, b, episodes=(30, 60, 96)):
        for agent in ["high", "low"]:
            name = f"trial_{agent}_agent.pt"
            self.assertEqual(self.read(a, name), self.read(b, name), name)
            for episode in episodes:
                name = ("checkpoints", "trial", f"checkpoint_episode_{episode}",
                        f"{agent}_agent.pt")
                self.assertEqual(self.read(a, *name), self.read(b, *name), name)
        self.assertEqual(self.read(a, "trial_history.json"), self.read(b, "trial_history.json"))

    def begin(self, ranks, output, *more):
        """A run that does not end by itself, at work: mpirun and its ranks' processes."""
        process = subprocess.Popen(
            [*self.launch(ranks), MPI,
             *self.options(output, "--episodes", "100000000", "--progress-every", "24", *more)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env,
            start_new_session=True)
        self.addCleanup(self.end, process)
        while "episode" not in (line := process.stdout.readline()) or "/" not in line:
            self.assertNotEqual(line, "", "the run has ended")
        ranks_found = {}
        for pid in descendants(process.pid):
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                if file.read().strip() == "hrl-train-mpi":
                    ranks_found[rank_of(pid)] = pid
        self.assertEqual(sorted(ranks_found), list(range(ranks)))
        return process, ranks_found

    def end(self, process):
        for pid in descendants(process.pid) + [process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.communicate()

    def await_end(self, process, ranks_found):
        out, err = process.communicate(timeout=PATIENCE)
        for pid in ranks_found.values():
            self.await_death(pid)
        return out, err

    # ---- the same run ----

    def test_any_number_of_ranks_writes_the_files_of_one(self):
        plain = self.run_plain("plain")
        for ranks in [1, 2, 3, 4, 8]:
            with self.subTest(ranks=ranks):
                output = f"r{ranks}"
                done = self.run_ranks(ranks, output)
                self.assert_same_run("plain", output)
                same = [OTHER_TIMES.sub("", text).replace(self.path(name), "")
                        for text, name in [(plain.stdout, "plain"), (done.stdout, output)]]
                self.assertEqual(*same)

    def test_json_of_all_ranks_is_that_of_one(self):
        plain, shared = (run.stdout.splitlines() for run in [
            self.run_plain("plain", "--json"), self.run_ranks(3, "shared", "--json")])
        self.assertEqual([json.loads(line)["event"] for line in plain],
                         [json.loads(line)["event"] for line in shared])

    def test_help_and_wrong_usage_are_told_once(self):
        done = subprocess.run([*self.launch(3), MPI, "--help"], capture_output=True, text=True,
                              timeout=PATIENCE, env=self.env)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.count("hrl-train-mpi --"), 0)
        self.assertEqual(done.stdout.count("Usage: hrl-train-mpi"), 1)
        done = self.run_ranks(3, "shared", "--episodes", "none", code=2)
        self.assertEqual(done.stderr.count("--episodes"), 1, done.stderr)
        done = subprocess.run([*self.launch(3), MPI, "no_such_household"], capture_output=True,
                              text=True, timeout=PATIENCE, env=self.env)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.count("no_such_household'"), 1, done.stderr)

    # ---- ends that all share ----

    def test_signals_stop_all_ranks_and_any_number_goes_on(self):
        self.run_plain("plain", "--episodes", "960")
        for number, sent, who in [(0, signal.SIGUSR1, "mpirun"), (1, signal.SIGTERM, 0),
                                  (2, signal.SIGTERM, 2), (3, signal.SIGINT, 1)]:
            with self.subTest(signal=sent, who=who):
                output = f"stopped{number}"
                process, ranks = self.begin(3, output)
                os.kill(process.pid if who == "mpirun" else ranks[who], sent)
                out, err = self.await_end(process, ranks)
                self.assertIn("stopped and saved; resume with: mpirun -n 3 hrl-train-mpi", err)
                expected = 128 + sent if who in ("mpirun", 0) else 128
                # Hydra tells 0 where it passed the signal on itself
                if self.open_mpi or who != "mpirun":
                    self.assertEqual(process.returncode, expected, err)
                done = int(re.search(r"checkpoint_episode_(\d+)", err).group(1))
                last = done + 96
                self.run_plain(output, "--resume", "auto", "--episodes", str(last))
                self.run_plain(f"plain{number}", "--episodes", str(last))
                self.assert_same_run(f"plain{number}", output, [last])

    def test_mpirun_that_is_told_to_end_lets_ranks_save(self):
        if not self.open_mpi:
            self.skipTest("Hydra ends its ranks at once")
        # time to save between its SIGTERM and its SIGKILL
        self.env["OMPI_MCA_odls_base_sigkill_timeout"] = "2"
        for sent in [signal.SIGTERM, signal.SIGINT]:
            with self.subTest(signal=sent):
                # it forwards no output meanwhile: rank 0 must not fill the pipe
                process, ranks = self.begin(2, f"ended{sent}", "--progress-every", "24000")
                process.send_signal(sent)
                out, err = self.await_end(process, ranks)
                self.assertIn("stopped and saved", err)
                self.assertNotEqual(process.returncode, 0)
                self.run_ranks(2, f"ended{sent}", "--resume", "auto", "--episodes",
                               str(int(re.search(r"episode_(\d+)", err).group(1)) + 24))

    def test_a_killed_rank_ends_all_and_the_run_goes_on(self):
        for victim in [0, 1, "mpirun"]:
            with self.subTest(victim=victim):
                output = f"killed{victim}"
                process, ranks = self.begin(3, output)
                while not os.path.isdir(self.path(output, "checkpoints", "trial",
                                                  "checkpoint_episode_60")):
                    self.assertNotEqual(process.stdout.readline(), "")
                os.kill(process.pid if victim == "mpirun" else ranks[victim], signal.SIGKILL)
                out, err = process.communicate(timeout=PATIENCE)
                self.assertNotEqual(process.returncode, 0)
                if victim != "mpirun":
                    self.assertRegex(out + err, "(?i)signal 9|killed by signal")
                for pid in ranks.values():
                    self.await_death(pid)
                names = os.listdir(self.path(output, "checkpoints", "trial"))
                done = max(int(name.rpartition("_")[2]) for name in names
                           if re.fullmatch(r"checkpoint_episode_\d+", name))
                self.run_ranks(2, output, "--resume", "auto", "--episodes", str(done + 48))
                self.run_plain(f"plain{victim}", "--episodes", str(done + 48))
                self.assert_same_run(f"plain{victim}", output, [done + 48])

    def await_death(self, pid):
        """mpirun may end a moment before its ranks."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        ready, _, _ = select.select([descriptor], [], [], PATIENCE)
        os.close(descriptor)
        self.assertTrue(ready, "a rank lives on")

    def test_a_disk_that_takes_no_more_ends_all(self):
        process, ranks = self.begin(3, "full")
        resource.prlimit(ranks[0], resource.RLIMIT_FSIZE, (512, 512))
        os.kill(ranks[1], signal.SIGTERM)
        out, err = self.await_end(process, ranks)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("File too large", err)

    def test_a_folder_in_use_ends_all(self):
        process, ranks = self.begin(1, "held")
        done = self.run_ranks(3, "held", code=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("another run holds this lock"), 1, done.stderr)

    def test_ranks_of_other_runs_are_refused(self):
        first = [MPI, *self.options("apart")]
        for number, (second, told) in enumerate([
                ([MPI, *self.options("apart", "--seed", "7")], "seed"),
                ([MPI, *self.options("apart", "--episodes", "97")], "episodes wanted"),
                ([MPI, "no_such_household"], "no_such_household")]):
            with self.subTest(second=second[1:]):
                done = subprocess.run([*self.launch(2), *first, ":", "-n", "1", *second],
                                      capture_output=True, text=True, timeout=PATIENCE,
                                      env=self.env)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(told, done.stderr)
                self.assertFalse(os.path.exists(self.path("apart", "trial_low_agent.pt")))

    def test_usage_errors_of_one_rank_end_all(self):
        done = subprocess.run([*self.launch(2), MPI, *self.options("apart"), ":", "-n", "1",
                               MPI, *self.options("apart", "--episodes", "none")],
                              capture_output=True, text=True, timeout=PATIENCE, env=self.env)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.count("hrl-train-mpi: rank 2: --episodes"), 1, done.stderr)


if __name__ == "__main__":
    if MPIRUN is None:
        print("skipped: no mpirun here (Debian: openmpi-bin)")
        sys.exit(77)
    del sys.argv[1:3]
    unittest.main()
