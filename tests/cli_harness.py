"""What the tests of hrl-train and hrl-eval from outside share.

Each is test_cli*.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT.

LIST_KEYS prints the keys of scenario files in the manual's notation. No test waits for a
time to pass: what a program is to be interrupted in is known by the line it printed.
"""

import filecmp
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

TRAIN, EVAL, LIST_KEYS, SOURCE = (os.path.abspath(path) for path in sys.argv[1:5])
RUNS = os.path.join(os.path.dirname(TRAIN), "hrl-runs")
ADVISE = os.path.join(os.path.dirname(TRAIN), "hrl-advise")
# hrl-serve is built where its libraries are, hrl-runs where SQLite is
PROGRAMS = [program for program in
            [TRAIN, EVAL, RUNS, ADVISE, os.path.join(os.path.dirname(TRAIN), "hrl-sweep"),
             os.path.join(os.path.dirname(TRAIN), "hrl-serve")]
            if os.path.exists(program)]
# seconds; only a test that fails waits that long
PATIENCE = 120 * float(os.environ.get("HRL_TEST_PATIENCE", 1))

HOUSEHOLD = """
description: A household of the tests
environment:
  income: 1600
  fixed_expenses: 1000
  variable_expense_mean: 400
  variable_expense_std: 80
  inflation: 0.02
  safety_threshold: 1500
  max_months: {months}
  risk_tolerance: 0.5
  initial_cash: 2500
{more}
"""

NUMBER = r"-?\d+\.\d{%d}"
LINE = re.compile(
    r"episode +(\d+)/(\d+)  reward N2  months N1  cash N2  invested N2  stability N3"
    r"  adherence N4  elapsed N1s".replace("N1", NUMBER % 1).replace("N2", NUMBER % 2)
    .replace("N3", NUMBER % 3).replace("N4", NUMBER % 4))
PROGRESS_KEYS = ["event", "episode", "total_episodes", "avg_reward", "avg_duration",
                 "avg_cash", "avg_invested", "stability", "goal_adherence", "elapsed_time"]
ROWS = ["policy", "constant", "fixed_05", "fixed_10", "fixed_15", "fixed_20", "nothing",
        "optimum"]
FIGURES = ["strategic_return", "strategic_return_stderr", "reward", "months", "solvent",
           "stability", "final_cash", "invested", "wealth", "goal_adherence"]


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def parse_json(text):
    return json.loads(text, parse_constant=refuse_constant)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def words(text):
    return " ".join(text.split())


class CliTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.env = dict(os.environ, HRL_SCENARIO_PATH=os.path.join(SOURCE, "scenarios"),
                        PATH=os.path.dirname(TRAIN) + ":" + os.environ["PATH"])
        for name in ["NO_COLOR", "COLUMNS", "HRL_MODEL_PATH"]:
            self.env.pop(name, None)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def write_household(self, name="house.yaml", months=24, more=""):
        return self.write(name, HOUSEHOLD.format(months=months, more=more))

    def run_program(self, *arguments, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("env", self.env)
        return subprocess.run(arguments, stderr=subprocess.PIPE, cwd=self.folder,
                              text=True, errors="surrogateescape", timeout=PATIENCE,
                              **options)

    def train(self, *arguments, **options):
        return self.run_program(TRAIN, *arguments, **options)

    def eval(self, *arguments, **options):
        return self.run_program(EVAL, *arguments, **options)

    def start(self, *arguments, **options):
        """A program in the background that does not outlive the test."""
        options.setdefault("stdout", subprocess.PIPE)
        process = subprocess.Popen(arguments, stderr=subprocess.PIPE, cwd=self.folder,
                                   env=self.env, text=True, **options)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def read_until(self, stream, pattern):
        for line in stream:
            if re.search(pattern, line):
                return line
        return self.fail(f"no line with '{pattern}'")

    def finish(self, process):
        """What is left of its output and its messages. (communicate would miss what
        read_until has read ahead.)"""
        rest, messages = process.stdout.read(), process.stderr.read()
        process.wait(PATIENCE)
        return rest, messages.splitlines()

    def assert_fails(self, result, exit_code, message):
        """One line of error, and nothing on standard output."""
        self.assertEqual(result.stderr.splitlines(), [message])
        self.assertEqual(result.stdout or "", "")
        self.assertEqual(result.returncode, exit_code)

    def assert_done(self, result):
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.returncode, 0)

    def assert_same_files(self, first, second):
        """Two output folders with the same files, times of day and clocks apart, and with them
        the record of runs."""
        def files(folder):
            return sorted(os.path.relpath(os.path.join(place, name), folder)
                          for place, _, names in os.walk(folder) for name in names
                          if name != "runs.db")

        def without_times(path):
            content = parse_json(read(path))
            del content["start_time"], content["checksum"]
            del content["progress"]["elapsed_time"]
            return content
        self.assertEqual(files(first), files(second))
        for name in files(first):
            paths = os.path.join(first, name), os.path.join(second, name)
            if name.endswith("metadata.json"):
                self.assertEqual(*map(without_times, paths), name)
            else:
                self.assertTrue(filecmp.cmp(*paths, shallow=False), name)


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=1)
