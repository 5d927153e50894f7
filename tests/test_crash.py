"""A run that is killed again and again: test_crash.py HRL_TRAIN

hrl-train is killed (SIGKILL) at random moments of a run that saves every few episodes, and
goes on with --resume auto, one command line for the first start and every later one; when it is at last allowed to end, its files must be those of a
run that nobody disturbed. Moments are drawn from a fixed seed: so many lines of progress
read, then so many turns of a loop. HRL_LONG=1 kills 200 times instead of 20.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import unittest

TRAIN = sys.argv[1]
KILLS = 200 if os.environ.get("HRL_LONG") else 20
EPISODES = 120
SCENARIO = """
environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,
  variable_expense_std: 120, inflation: 0.02, safety_threshold: 1000,
  max_months: 24, initial_cash: 3000, risk_tolerance: 0.5}
training: {high_period: 4, parallel_episodes: 8, hidden_low: 16, hidden_high: 16}
"""


class CrashTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.scenario = os.path.join(self.folder, "trial.yaml")
        with open(self.scenario, "w", encoding="ascii") as file:
            file.write(SCENARIO)
        self.random = random.Random(20240229)

    def checkpoints(self, output):
        return os.path.join(self.folder, output, "checkpoints", "trial")

    def names(self, output):
        folder = self.checkpoints(output)
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def command(self, output):
        return [TRAIN, self.scenario, "--episodes", str(EPISODES), "--save-interval", "5",
                "--eval-episodes", "2", "--threads", "2", "--seed", "3", "--json",
                "--output", os.path.join(self.folder, output), "--resume", "auto"]

    def run_to_the_end(self, output):
        done = subprocess.run(self.command(output), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def kill_somewhere(self, output):
        """Starts the run and kills it; gives the episodes that it reported, and whether it
        had ended before."""
        process = subprocess.Popen(self.command(output), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        reported = []
        for _ in range(self.random.randrange(0, 14)):
            line = process.stdout.readline()
            if not line:
                break
            event = json.loads(line)
            if event["event"] == "training_progress":
                reported.append(event["episode"])
        for _ in range(self.random.randrange(0, 60000)):
            pass
        process.send_signal(signal.SIGKILL)
        _, errors = process.communicate()
        self.assertIn(process.returncode, (0, -signal.SIGKILL), errors)
        return reported, process.returncode == 0

    def saved_episode(self, output):
        """The newest checkpoint's, as its name says."""
        numbers = [int(name.rsplit("_", 1)[1]) for name in self.names(output)
                   if name.startswith("checkpoint_episode_")]
        return max(numbers, default=None)

    def forget_a_part(self, output):
        """Takes the newest checkpoints away, so that there is always more to do."""
        newest = self.saved_episode(output)
        while newest is not None and newest > self.random.randrange(20, EPISODES):
            folder = os.path.join(self.checkpoints(output), f"checkpoint_episode_{newest}")
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)
            newest = self.saved_episode(output)

    def read(self, output, name):
        with open(os.path.join(self.folder, output, name), "rb") as file:
            return file.read()

    def test_a_killed_run_ends_as_an_undisturbed_one(self):
        self.run_to_the_end("calm")
        kills = 0
        leftovers = 0
        while kills < KILLS:
            before = self.saved_episode("killed")
            reported, ended = self.kill_somewhere("killed")
            if reported and before is not None:
                self.assertEqual(reported[0], before + 1)
            if reported:
                self.assertEqual(reported, list(range(reported[0], reported[-1] + 1)))
            leftovers += any(name.startswith(".tmp_") for name in self.names("killed"))
            kills += 0 if ended else 1
            self.forget_a_part("killed")
        events = self.run_to_the_end("killed")
        self.assertEqual(events[-1]["event"], "training_completed")
        self.assertEqual(events[-1]["episodes_completed"], EPISODES)
        for name in ("trial_high_agent.pt", "trial_low_agent.pt", "trial_history.json"):
            self.assertEqual(self.read("calm", name), self.read("killed", name), name)
        self.assertFalse([name for name in self.names("killed") if ".tmp" in name])
        self.assertFalse([name for name in os.listdir(os.path.join(self.folder, "killed"))
                          if ".tmp" in name])
        print(f"{kills} kills, {leftovers} of them in the middle of a save")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
