"""hrl-sweep from outside: test_sweep.py HRL_TRAIN HRL_SWEEP SOURCE_ROOT

Its runs are those of hrl-train; interrupted, killed, shared by processes or halved, they come to the
same, to the bit; bad plans are refused with their place. No test waits for a time to pass.
"""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

TRAIN, SWEEP, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])
PATIENCE = 120  # seconds; only a test that fails waits that long
HOUSEHOLD = """
environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,
  variable_expense_std: 120, inflation: 0.02, safety_threshold: 1000,
  max_months: 24, initial_cash: 3000, risk_tolerance: 0.5}
training: {high_period: 4, parallel_episodes: 8, hidden_low: 8, hidden_high: 8, batch_size: 64,
  epochs_low: 2, epochs_high: 2%s}
"""
PLAN = """
scenarios: [./a.yaml, ./b.yaml]
seeds: [0, 5, 7]
episodes: 60
save_interval: 20
eval_episodes: 10
settings:
  grid:
    training.learning_rate_low: [0.001, 0.002]
    training.gamma_high: [0.9, 0.95]
  list: [{training.learning_rate_high: 0.01}]
"""


class SweepTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.env = dict(os.environ, HRL_SCENARIO_PATH=os.path.join(SOURCE, "scenarios"),
                        OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        for name in ["a", "b"]:
            self.write(f"{name}.yaml", HOUSEHOLD % "")
        self.write("plan.yaml", PLAN)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_program(self, *command, code=0):
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE,
                              cwd=self.folder, env=self.env)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr)
        return done

    def sweep(self, output, *more, plan="plan.yaml", code=0):
        return self.run_program(SWEEP, plan, "--output", output, "--quiet", *more, code=code)

    def results(self, output):
        """What the files of results say, but for times."""
        found = {}
        for name in sorted(os.listdir(self.path(output, "sweep"))):
            if name.endswith(".json"):
                with open(self.path(output, "sweep", name), encoding="utf-8") as file:
                    found[name] = {key: value for key, value in json.load(file).items()
                                   if key != "seconds"}
        return found

    def agents(self, output):
        found = {}
        for name in os.listdir(self.path(output)):
            if name.endswith("_agent.pt"):
                with open(self.path(output, name), "rb") as file:
                    found[name] = file.read()
        return found

    def assert_same(self, a, b):
        self.assertEqual(self.results(a), self.results(b))
        self.assertEqual(self.agents(a), self.agents(b))

    def test_a_run_is_that_of_hrl_train(self):
        self.sweep("swept")
        # the second setting of a.yaml, its last seed: run 5
        self.write("a-00005.yaml", HOUSEHOLD % ", learning_rate_low: 0.001, gamma_high: 0.95")
        self.run_program(TRAIN, "./a-00005.yaml", "--episodes", "60", "--save-interval", "20",
                         "--seed", "7", "--eval-episodes", "10", "--output", "trained")
        for agent in ["high", "low"]:
            name = f"a-00005_{agent}_agent.pt"
            self.assertEqual(self.agents("swept")[name], self.agents("trained")[name])

    def test_threads_processes_and_formats(self):
        table = self.sweep("one", "--threads", "1")
        if os.path.exists(os.path.join(os.path.dirname(SWEEP), "hrl-runs")):
            self.assertTrue(os.path.exists(self.path("one", "runs.db")))
        self.sweep("many", "--threads", "5", "--no-record")
        self.assertFalse(os.path.exists(self.path("many", "runs.db")))
        self.assert_same("one", "many")
        self.assertEqual(len(self.results("one")), 30)
        self.assertEqual(len(table.stdout.splitlines()), 11)
        again = self.sweep("one")
        self.assertEqual(table.stdout, again.stdout)
        rows = list(csv.DictReader(io.StringIO(self.sweep("one", "--format", "csv").stdout)))
        lines = [json.loads(line) for line in
                 self.sweep("one", "--format", "json").stdout.splitlines()]
        settings = [line for line in lines if line["kind"] == "setting"]
        self.assertEqual([len(rows), len(settings), len(lines)], [10, 10, 40])
        for row, setting in zip(rows, settings):
            worths = sorted(line["worth"] for line in lines if line["kind"] == "run" and
                            (line["scenario"], line["setting"]) ==
                            (setting["scenario"], setting["setting"]))
            self.assertEqual(len(worths), 3)
            self.assertEqual([float(row["median"]), float(row["worst"])], [worths[1], worths[0]])
            self.assertAlmostEqual(setting["lower_quartile"], (worths[0] + worths[1]) / 2)
            self.assertAlmostEqual(setting["upper_quartile"], (worths[1] + worths[2]) / 2)

    def test_several_processes_share_it(self):
        self.sweep("one", "--threads", "1")
        several = [subprocess.Popen([SWEEP, "plan.yaml", "--output", "shared", "--quiet"],
                                    stdout=subprocess.PIPE, cwd=self.folder, text=True,
                                    env=dict(self.env, SLURM_PROCID=str(rank), SLURM_NTASKS="3"))
                   for rank in range(3)]
        outputs = [process.communicate(timeout=PATIENCE)[0] for process in several]
        self.assertEqual([process.returncode for process in several], [0, 0, 0])
        self.assertEqual(outputs[1:], ["", ""])
        self.assertEqual(len(outputs[0].splitlines()), 11)
        self.assert_same("one", "shared")

    @unittest.skipIf(shutil.which("mpirun") is None, "no mpirun here (Debian: openmpi-bin)")
    def test_mpirun_starts_it(self):
        self.sweep("one", "--threads", "1")
        version = subprocess.run(["mpirun", "--version"], capture_output=True, text=True).stdout
        more = ["--oversubscribe"] if "Open MPI" in version else []
        done = self.run_program("mpirun", *more, "-n", "3", SWEEP, "plan.yaml", "--output",
                                "shared", "--quiet")
        self.assertEqual(len(done.stdout.splitlines()), 11)
        self.assert_same("one", "shared")

    def interrupt(self, output, lines, sent):
        """Starts it, and sends a signal after so many runs that it told of."""
        process = subprocess.Popen([SWEEP, "plan.yaml", "--output", output, "--threads", "2"],
                                   stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   cwd=self.folder, env=self.env)
        for _ in range(lines):
            self.assertRegex(process.stderr.readline(), r"hrl-sweep: [ab]-\d{5} seed \d+ ")
        process.send_signal(sent)
        process.communicate(timeout=PATIENCE)
        return process.returncode

    def test_what_is_interrupted_or_killed_goes_on_to_the_bit(self):
        self.sweep("calm")
        for sent in [signal.SIGINT, signal.SIGKILL]:
            output = f"restless{sent}"
            for lines in [1, 4, 2]:
                self.assertIn(self.interrupt(output, lines, sent), (-sent, 128 + sent, 0))
            done = {name: os.stat(self.path(output, "sweep", name)).st_mtime_ns
                    for name in self.results(output)}
            self.sweep(output)
            self.assert_same("calm", output)
            for name, time in done.items():
                self.assertEqual(os.stat(self.path(output, "sweep", name)).st_mtime_ns, time)

    def test_halving_ends_the_worse_and_changes_nothing_else(self):
        self.write("halved.yaml", PLAN + "halving: {at: [10, 30], keep: 0.5}\n")
        self.sweep("whole")
        rows = [json.loads(line) for line in
                self.sweep("halved", "--format", "json", plan="halved.yaml").stdout.splitlines()]
        for scenario in ["./a.yaml", "./b.yaml"]:
            found = [row for row in rows if row["kind"] == "setting" and
                     row["scenario"] == scenario]
            self.assertEqual(sorted(row["episodes"] for row in found), [10, 10, 30, 60, 60])
            self.assertEqual(sum(row["ended"] for row in found), 3)
            at_ten = []
            for index, row in enumerate(found):
                worths = [result["worth"] for name, result in self.results("halved").items()
                          if re.fullmatch(r"%s-\d+\.10\.json" % scenario[2], name) and
                          int(name[2:7]) % 15 // 3 == index]
                at_ten.append((sorted(worths)[1], row["episodes"] > 10))
            at_ten.sort()
            self.assertEqual([stays for _, stays in at_ten], [False, False, True, True, True])
        whole = self.results("whole")
        ends = {name: result for name, result in self.results("halved").items()
                if name.endswith(".60.json")}
        self.assertEqual(len(ends), 12)
        for name, result in ends.items():
            self.assertEqual(result, whole[name])

    def test_random_draws(self):
        self.write("random.yaml", """
scenarios: [./a.yaml]
episodes: 8
settings:
  random:
    count: 20
    seed: 3
    training.learning_rate_low: {from: 1e-4, to: 1e-2, scale: log}
    training.epochs_low: {from: 0.5, to: 3.5, scale: integer}
    training.gamma_high: {from: 0.9, to: 0.99}
""")
        lines = [json.loads(line) for line in self.sweep(
            "drawn", "--format", "json", plan="random.yaml").stdout.splitlines()]
        drawn = [line["setting"] for line in lines if line["kind"] == "setting"]
        self.assertEqual(len({json.dumps(setting) for setting in drawn}), 20)
        rates = sorted(setting["training.learning_rate_low"] for setting in drawn)
        self.assertTrue(1e-4 <= rates[0] < 6e-4 and 2e-3 < rates[-1] <= 1e-2, rates)
        self.assertEqual({setting["training.epochs_low"] for setting in drawn}, {1, 2, 3})

    def test_other_plans_and_broken_results_are_not_mixed(self):
        self.sweep("kept")
        self.write("other.yaml", PLAN.replace("0.001", "0.003"))
        done = self.sweep("kept", plan="other.yaml", code=1)
        self.assertIn("is of another plan", done.stderr)
        name = self.path("kept", "sweep", "a-00000.60.json")
        for text in ["", "{", "[]", '{"digest": 3}', "\0", '{"worth": 1}']:
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
            done = self.sweep("kept", code=1)
            self.assertIn("a-00000.60.json: is ", done.stderr)
        os.remove(name)
        self.sweep("kept")

    def test_bad_plans_are_refused_with_their_place(self):
        good = "scenarios: [./a.yaml]\n"
        rows = [("", "expected keys"), ("- 1", "1:1: expected keys"), ("seeds: 3", "scenarios is missing"),
                ("scenarios: []", "1:12: scenarios: expected a list"),
                ("scenarios: [[a]]", "1:13: scenarios: expected a name"),
                (good + "seeds: 0", "2:8: seeds: expected a whole number from 1"),
                (good + "seeds: []", "seeds: expected a number or a list"),
                (good + "seeds: [-1]", "2:9: seeds"), (good + "seeds: {a: 1}", "seeds"),
                (good + "episodes: 1.5", "episodes: expected a whole"),
                (good + "colour: red", "2:1: unknown key 'colour'"),
                (good + good, "2:1: scenarios: given twice"),
                ("scenarios: [house, house]", "1:20: scenarios: house: given twice"),
                (good + "seeds: [1, 2, 1]", "2:15: seeds: 1 is given twice"),
                (good + "settings: 3", "expected grid, list or random"),
                (good + "settings: {list: [{training.gamma_high: 0.9, training.gamma_high: 0.8}]}",
                 "2:46: training.gamma_high: given twice"),
                (good + "settings: {grid: {training.gamma_high: [0.9], training.gamma_high: [1]}}",
                 "training.gamma_high: given twice"),
                (good + "settings: {random: {count: 2, count: 3}}", "count: given twice"),
                (good + "settings: {random: {count: 2, training.gamma_high: {from: 0, from: 1}}}",
                 "from: given twice"),
                (good + "settings: {list: [], list: []}", "list: expected a list"),
                (good + "settings: {grid: {training.gamma_high: [1]}, grid: {}}", "grid: given twice"),
                (good + "episodes: 9\nhalving: {at: [5], at: [6]}", "at: given twice"),
                (good + "settings: {grid: {}}", "expected keys with lists"),
                (good + "settings: {grid: {gamma_high: [1]}}", "with its section"),
                (good + "settings: {grid: {training.gamma_high: 1}}", "a list of values"),
                (good + "settings: {grid: {training.gamma_high: [nan]}}", "expected a number"),
                (good + "settings: {grid: {training.gamma_hihg: [0.9]}}", "gamma_high"),
                (good + "settings: {grid: {training.gamma_high: [7]}}", "gamma_high"),
                (good + "settings: {random: {count: 2}}", "expected count, and keys"),
                (good + "settings: {random: {count: 2, training.gamma_high: {from: 1, to: 0}}}",
                 "the lesser first"),
                (good + "settings: {random: {count: 2, training.epochs_low: {from: 1.2, to: 1.8,"
                        " scale: integer}}}", "no whole number lies between"),
                (good + "settings: {random: {count: 1000000}}", "settings.random.count"),
                (good + "halving: {at: [5]}", "less than episodes"),
                (good + "episodes: 9\nhalving: {at: [5, 5]}", "rising"),
                (good + "episodes: 9\nhalving: {keep: 0.5}", "at is missing"),
                (good + "episodes: 9\nhalving: {at: [5], keep: 1}", "between 0 and 1"),
                (good + "seeds: 100000\nsettings: {list: [{training.gamma_high: 0.9},"
                        " {training.gamma_high: 0.8}]}", "more than 100000 runs"),
                ("scenarios: [./none.yaml]", "none.yaml"),
                ("a: &a [*a]", "unknown key 'a'"), ("scenarios: &a [*a]", "expected a name"),
                ("{", "2:1: "), ("a: \x01", "control characters"),
                ("# " + "x" * (1 << 20), "larger than 1 MiB")]
        for text, told in rows:
            with self.subTest(plan=text[:80]):
                self.write("bad.yaml", text)
                done = self.sweep("none", plan="bad.yaml", code=2)
                self.assertIn(told, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertFalse(os.path.exists(self.path("none")))
        self.assertIn("PLAN is missing", self.run_program(SWEEP, code=2).stderr)
        self.assertIn("--format", self.sweep("none", "--format", "xml", code=2).stderr)
        self.assertIn("none.yaml", self.sweep("none", plan="none.yaml", code=2).stderr)

    def test_a_folder_that_cannot_be_used_is_an_error(self):
        self.write("file", "")
        self.assertIn("file", self.sweep("file", code=1).stderr)


if __name__ == "__main__":
    del sys.argv[1:4]
    unittest.main()
