"""The examples, run: test_examples.py EXAMPLE_FOLDER SOURCE_ROOT [--write]

Each runs for a short while in a temporary folder; what it prints must be of the form that
examples/README.md shows. --write runs the commands of that README in full, and puts what
they print below them.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAMS, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
README = SOURCE / "examples" / "README.md"
ENVIRONMENT = dict(os.environ, HRL_SCENARIO_PATH=str(SOURCE / "scenarios"),
                   PATH=f"{PROGRAMS}:{os.environ['PATH']}")
BLOCK = re.compile(r"(?<=^```\n)\$ .*?(?=^```$)", re.DOTALL | re.MULTILINE)


def write_readme():
    """Runs every command of the README and renews the output below it."""
    with tempfile.TemporaryDirectory() as folder:
        def renew(block):
            lines = []
            for command in re.findall(r"^\$ (.*)$", block.group(), re.MULTILINE):
                done = subprocess.run(command, shell=True, cwd=folder, env=ENVIRONMENT,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True, check=False)
                lines += [f"$ {command}\n", done.stdout]
            return "".join(lines)
        text = README.read_text(encoding="utf-8")
        README.write_text(BLOCK.sub(renew, text), encoding="utf-8")


def form(text):
    """The lines of a text, with numbers, bars and the padding before numbers masked."""
    text = re.sub(r"#+\n", "BAR\n", text)
    text = re.sub(r" *(?<![A-Za-z])-?\d[\d.]*", " N", text)
    return {line.replace(", the best so far", "") for line in text.splitlines() if line}


class Examples(unittest.TestCase):
    """In alphabetical order: 04 and 08 use what 01 trained."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hrl-examples-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        blocks = BLOCK.findall(README.read_text(encoding="utf-8"))
        cls.shown = form("\n".join(line for block in blocks for line in block.splitlines()
                                   if not line.startswith("$ ")))

    def run_example(self, *command, status=0):
        done = subprocess.run([str(PROGRAMS / command[0]), *command[1:]], cwd=self.folder,
                              env=ENVIRONMENT, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def check_form(self, output):
        self.assertTrue(output)
        for line in sorted(form(output)):
            self.assertIn(line, self.shown, "not of a form that examples/README.md shows")

    def test_01(self):
        output, _ = self.run_example("01_train", "bologna_coppia", "104")
        self.check_form(output)
        self.assertIn("episode  100 of 104", output)
        self.assertIn("saved models/checkpoints/bologna_coppia/checkpoint_best\n", output)

    def test_02(self):
        output, _ = self.run_example("02_step", "torino_single", "1000")
        self.check_form(output)
        self.assertTrue(output.endswith("stopped after 51 steps and 400 episodes\n"), output)

    def test_02_completes(self):
        output, _ = self.run_example("02_step", "torino_single", "16")
        self.assertEqual(output, "completed after 3 steps and 16 episodes\n")

    def test_03(self):
        """Interrupted as soon as it runs, then resumed."""
        command = [str(PROGRAMS / "03_resume"), "torino_single"]
        with subprocess.Popen(command + ["1000000"], cwd=self.folder, env=ENVIRONMENT,
                              stdout=subprocess.PIPE, text=True) as first:
            self.assertEqual(first.stdout.readline(), "begins after episode 0\n")
            lock = pathlib.Path(self.folder, "models/checkpoints/torino_single")
            while not list(lock.glob("checkpoint_episode_*")):
                self.assertIsNone(first.poll())
            first.send_signal(signal.SIGINT)
            output = first.communicate(timeout=300)[0]
        self.assertEqual(first.returncode, 0)
        self.check_form(output)
        done = re.fullmatch(r"stopped after episode (\d+)\n", output)
        self.assertTrue(done, output)
        more = str(int(done.group(1)) + 8)
        output, _ = self.run_example("03_resume", "torino_single", more)
        self.assertEqual(output, f"begins after episode {done.group(1)}\n"
                                 f"completed after episode {more}\n")
        with tempfile.TemporaryDirectory() as other:
            subprocess.run(command + [more], cwd=other, env=ENVIRONMENT, check=True,
                           stdout=subprocess.DEVNULL)
            for agent in ("high", "low"):
                name = f"models/torino_single_{agent}_agent.pt"
                self.assertEqual(pathlib.Path(other, name).read_bytes(),
                                 pathlib.Path(self.folder, name).read_bytes(), name)

    def test_04(self):
        output, _ = self.run_example("04_advise", "bologna_coppia", "4000", "30")
        self.check_form(output)
        shares = [float(x) for x in re.search(
            r"invest ([\d.]+), save ([\d.]+), consume ([\d.]+) euro", output).groups()]
        self.assertAlmostEqual(sum(shares), 3200.0, delta=0.02)

    def test_04_refuses(self):
        _, complaint = self.run_example("04_advise", "bologna_coppia", "0", "121", status=1)
        self.assertIn("expected a whole number of 1 to 120", complaint)
        _, complaint = self.run_example("04_advise", "nobody", status=1)
        self.assertIn("no model 'nobody'", complaint)

    def test_05(self):
        output, _ = self.run_example("05_own_policy", "bologna_coppia")
        self.check_form(output)
        self.assertIn(" 0 of 1000 households insolvent", output)

    def test_06(self):
        output, _ = self.run_example("06_two_trainers", "milano_junior", "milano_senior", "16")
        self.check_form(output)
        self.assertEqual(output.count(" 16 episodes"), 2, output)

    def test_07(self):
        left = pathlib.Path(self.folder,
                            "models/checkpoints/roma_famiglia/.tmp_checkpoint_episode_100")
        left.mkdir(parents=True)
        output, log = self.run_example("07_own_log", "roma_famiglia", "16")
        self.check_form(output)
        self.check_form(log)
        self.assertIn("removed 1 folder(s)", log)
        self.assertEqual(output.splitlines()[0], 50 * "#")
        self.assertFalse(left.exists())

    def test_08(self):
        output, _ = self.run_example("08_compare", "bologna_coppia", "100")
        self.check_form(output)
        self.assertIn("\nskill ", output)

    def test_09(self):
        output, _ = self.run_example("09_own_lifecycle", "emergency_fund")
        self.check_form(output)
        self.assertEqual(output.count("portfolio share "), 5, output)
        _, complaint = self.run_example("09_own_lifecycle", "bologna_coppia", status=1)
        self.assertIn("expected 'lifecycle'", complaint)

    def test_10(self):
        output, _ = self.run_example("10_own_task", "200")
        self.check_form(output)
        number, best, optimum = re.search(
            r"always (\d+) pieces (-[\d.]+), optimum (-[\d.]+): skill", output).groups()
        self.assertIn(int(number), range(125, 145))
        # 60 months of the newsvendor's cost, (1 + 9) 15 phi(1.2816) each
        self.assertAlmostEqual(float(optimum), -1579.5, delta=12.0)
        self.assertLess(float(best), -2000.0)

    def test_11(self):
        output, _ = self.run_example("11_two_levels", "16")
        self.check_form(output)
        self.assertEqual(output.count(" after 16 episodes: "), 2, output)

    def test_scenario_unknown(self):
        for name in ("01_train", "02_step", "03_resume", "05_own_policy", "07_own_log"):
            _, complaint = self.run_example(name, "bolonga_coppia", status=1)
            self.assertIn("did you mean 'bologna_coppia'?", complaint)
            self.assertTrue(complaint.startswith(name + ": "), complaint)

    def test_short(self):
        """Each has fewer than 80 lines, 120 with a task of its own, and is in the README."""
        text = README.read_text(encoding="utf-8")
        sources = sorted((SOURCE / "examples").glob("*.c"))
        self.assertEqual([source.name[:2] for source in sources],
                         [f"{i:02}" for i in range(1, 12)])
        for source in sources:
            self.assertLess(len(source.read_text(encoding="utf-8").splitlines()),
                            120 if source.name >= "10" else 80)
            self.assertRegex(text, rf"\$ .*{source.stem}")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write_readme()
    else:
        unittest.main(argv=sys.argv[:1])
