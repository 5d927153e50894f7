"""Runs of hrl-train that end early or go on: signals, suspension, --resume.

test_cli_run.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT; no test waits for a time to pass."""
import filecmp
import os
import re
import shutil
import signal

import cli_harness
from cli_harness import (CliTest, PATIENCE, TRAIN, parse_json, read)


class BothModels(CliTest):
    def test_one_episode_has_no_error(self):
        for scenario, worth in (("emergency_fund", "certainty equivalent"),
                                ("torino_single", "strategic return")):
            result = self.train(scenario, "--episodes", "8", "--eval-episodes", "1")
            self.assert_done(result)
            self.assertRegex(result.stdout,
                             r"(?m)^evaluation  episodes 1  " + worth + r" -?[\d.]+ \+- n/a  ")
            self.assertNotIn("nan", result.stdout)

    def test_metadata_has_all_of_a_lifecycle_household(self):
        self.assert_done(self.train("emergency_fund", "--episodes", "8"))
        metadata = parse_json(read(self.path("models", "emergency_fund_metadata.json")))
        self.assertEqual(list(metadata["utility_config"]),
                         ["risk_aversion", "discount_factor", "bequest_months"])
        self.assertEqual(metadata["reward_config"], {})
        self.write_household()
        self.assert_done(self.train("house.yaml", "--episodes", "8"))
        metadata = parse_json(read(self.path("models", "house_metadata.json")))
        self.assertNotIn("utility_config", metadata)

    def test_what_fails_after_it_was_resumed_can_be_resumed(self):
        """The gradient of its first batch, of 40 episodes, is not finite."""
        self.write("wild.yaml", """model: lifecycle
environment: {income: 2500, max_months: 36, initial_cash: 7e11, cash_return: -0.5,
  income_growth: -0.5, job_loss_probability: 0.8, fixed_expenses: 434,
  variable_expense_std: 100000, investment_return_mean: 1, investment_return_std: 0.5}
utility: {risk_aversion: 15.1, discount_factor: 1.13}
training: {parallel_episodes: 40, max_gradient_norm: 1000000, exploration_low: 0.7,
  exploration_high: 1, entropy_weight: 7}
""")
        self.assert_done(self.train("wild.yaml", "--episodes", "24", "--quiet"))
        for folder in ("auto", "models/checkpoints/wild/checkpoint_episode_24"):
            result = self.train("wild.yaml", "--episodes", "48", "--quiet", "--resume", folder)
            self.assertEqual(result.returncode, 1)
            self.assertIn("is not finite", result.stderr)
            self.assertIn("; resume with: hrl-train wild.yaml --episodes 48 --quiet --resume "
                          + folder + "\n", result.stderr)


class Interrupted(CliTest):
    def interrupt(self, number, *options):
        """Interrupts a run in its midst; gives its events and messages."""
        # under nohup, say, it is ignored, which hrl-train respects
        process = self.start(TRAIN, "house.yaml", "--episodes", "100000", "--json", *options,
                             preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
        first = self.read_until(process.stdout, '"episode": 20,')
        process.send_signal(number)
        rest, messages = self.finish(process)
        events = [parse_json(line) for line in [first] + rest.splitlines()]
        return events, messages, process.returncode

    def test_stops_saves_and_tells_how_to_go_on(self):
        self.write_household()
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            with self.subTest(signal=number):
                events, messages, exit_code = self.interrupt(number, "--output", "my models")
                self.assertEqual(exit_code, 128 + number)
                done = events[-2]["episode"]
                self.assertEqual(events[-1], {"event": "training_stopped",
                                              "scenario_name": "house",
                                              "episodes_completed": done})
                checkpoint = f"my models/checkpoints/house/checkpoint_episode_{done}"
                self.assertEqual(messages, [
                    "hrl-train: stopping after the current batch; a second signal exits at once",
                    "hrl-train: stopped and saved; resume with: hrl-train house.yaml "
                    "--episodes 100000 --output 'my models' --json --resume "
                    f"'{checkpoint}'"])
                self.assertTrue(os.path.isdir(self.path(checkpoint)))
                self.assertTrue(os.path.exists(self.path("my models", "house_low_agent.pt")))
                shutil.rmtree(self.path("my models"))

    def test_text_tells_what_was_saved(self):
        self.write_household()
        process = self.start(TRAIN, "house.yaml", "--episodes", "100000")
        self.read_until(process.stdout, r"episode +20/100000 ")
        process.send_signal(signal.SIGINT)
        lines = self.finish(process)[0].splitlines()
        self.assertEqual(process.returncode, 130)
        done = int(re.fullmatch(r"stopped after episode (\d+) of 100000", lines[-5])[1])
        self.assertEqual(lines[-4:], [
            "saved models/house_high_agent.pt", "saved models/house_low_agent.pt",
            "saved models/house_history.json",
            f"saved models/checkpoints/house/checkpoint_episode_{done}"])

    def test_the_command_it_tells_goes_on_exactly(self):
        # More lines than a pipe holds: it cannot be done before it is interrupted.
        self.write_household(more="training: {epochs_low: 1, epochs_high: 1, hidden_low: 8}")
        self.assert_done(self.train("house.yaml", "--episodes", "1000", "--save-interval",
                                    "1000", "--output", "whole", "--seed", "3", "--quiet"))
        process = self.start(TRAIN, "house.yaml", "--episodes", "1000", "--save-interval",
                             "1000", "--output", "it's parts", "--seed", "3",
                             "--progress-every", "1")
        self.read_until(process.stdout, r"episode +\d+/1000 ")
        process.send_signal(signal.SIGINT)
        message = self.finish(process)[1][-1]
        self.assertEqual(process.returncode, 130)
        prefix = "hrl-train: stopped and saved; resume with: "
        self.assertTrue(message.startswith(prefix))
        command = message[len(prefix):]
        self.assertIn(r"'it'\''s parts'", command)
        result = self.run_program("sh", "-c", command)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"\Ascenario house  episodes 1000  seed 3  resumed "
                         r"after episode \d+\n")
        for name in ["house_high_agent.pt", "house_low_agent.pt", "house_history.json"]:
            self.assertTrue(filecmp.cmp(self.path("whole", name),
                                        self.path("it's parts", name), shallow=False), name)

    def test_a_second_signal_ends_at_once(self):
        # Its episodes are told quickly, then it learns from them for minutes.
        self.write_household(months=600, more="training: {epochs_low: 200, hidden_low: 512}")
        process = self.start(TRAIN, "house.yaml", "--progress-every", "1")
        self.read_until(process.stdout, r"episode +1/")
        process.send_signal(signal.SIGINT)
        self.read_until(process.stderr, "a second signal exits at once")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)
        self.assertFalse(os.path.exists(self.path("models", "house_low_agent.pt")))

    def test_signals_that_the_parent_ignores(self):
        self.write_household()

        def ignore():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        process = self.start(TRAIN, "house.yaml", "--episodes", "100000", "--json",
                             preexec_fn=ignore)
        self.read_until(process.stdout, '"episode": 20,')
        process.send_signal(signal.SIGINT)
        self.read_until(process.stdout, '"episode": 200,')
        process.send_signal(signal.SIGTERM)
        self.finish(process)
        self.assertEqual(process.returncode, 143)


class Suspended(CliTest):
    def test_ctrl_z_pauses(self):
        """SIGTSTP ends the work in hand and stops the process; SIGCONT goes on, and what is
        written is what an undisturbed run writes."""
        self.write_household()
        arguments = ["house.yaml", "--episodes", "4000", "--save-interval", "4000"]
        self.assert_done(self.train(*arguments, "--output", "calm", "--quiet"))
        process = self.start(TRAIN, *arguments, "--json", preexec_fn=lambda: (
            os.setpgid(0, 0), signal.signal(signal.SIGTSTP, signal.SIG_DFL)))
        self.read_until(process.stdout, '"episode": 20,')
        process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status), status)
        process.send_signal(signal.SIGCONT)
        _, messages = self.finish(process)
        self.assertEqual((messages, process.returncode), ([], 0))
        for name in "house_high_agent.pt", "house_low_agent.pt", "house_history.json":
            self.assertTrue(filecmp.cmp(self.path("calm", name), self.path("models", name),
                                        shallow=False), name)


class Resume(CliTest):
    def setUp(self):
        super().setUp()
        self.write_household()
        self.assert_done(self.train("house.yaml", "--episodes", "20", "--save-interval",
                                    "10", "--quiet"))
        self.checkpoints = os.path.join("models", "checkpoints", "house")

    def resume(self, *arguments):
        return self.train("house.yaml", "--episodes", "30", "--save-interval", "10",
                          "--resume", *arguments)

    def test_forms(self):
        newest = os.path.join(self.checkpoints, "checkpoint_episode_20")
        for folder in [newest, self.checkpoints, "auto"]:
            with self.subTest(folder=folder):
                result = self.resume(folder)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertTrue(result.stdout.startswith(
                    "scenario house  episodes 30  seed 0  resumed after episode 20\n"))
                self.assertEqual(re.findall(r"^episode +(\d+)", result.stdout, re.M), ["30"])
                shutil.rmtree(self.path(self.checkpoints, "checkpoint_episode_30"))
                if folder != newest:
                    self.assertEqual(result.stderr,
                                     f"hrl-train: note: resuming from {newest}\n")

    def test_a_damaged_one_is_skipped(self):
        with open(self.path(self.checkpoints, "checkpoint_episode_20", "low_agent.pt"),
                  "r+b") as file:
            file.truncate(1000)
        result = self.resume("auto")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("resumed after episode 10\n", result.stdout)
        self.assertRegex(result.stderr, r"\Ahrl-train: note: skipped "
                         r"models/checkpoints/house/checkpoint_episode_20: .*\n"
                         r"hrl-train: note: resuming from "
                         r"models/checkpoints/house/checkpoint_episode_10\n\Z")

    def test_what_cannot_be_resumed(self):
        os.mkdir(self.path("empty"))
        newest = os.path.join(self.checkpoints, "checkpoint_episode_20")
        anew = "; omit --resume to start anew"
        self.write_household("other.yaml", months=25)
        cases = [
            (["house.yaml", "--resume", "nosuch"], 1, "^nosuch: .*" + anew),
            (["house.yaml", "--resume", "empty"], 1, "^empty: .*" + anew),
            (["house.yaml", "--resume", "house.yaml"], 1, r"^house\.yaml: .*" + anew),
            (["other.yaml", "--resume", newest], 1,
             f"^{newest}/metadata.json: .*'house', not to 'other'"),
            (["house.yaml", "--resume", newest, "--seed", "4"], 2,
             "^--seed: the run to resume has seed 0, not 4; omit --seed$"),
            (["house.yaml", "--resume", newest, "--episodes", "5"], 1,
             f"^{newest}: already has 20 episodes, more than the 5 requested"),
        ]
        for arguments, exit_code, pattern in cases:
            with self.subTest(arguments=arguments):
                result = self.train(*arguments)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertTrue(result.stderr.startswith("hrl-train: "))
                self.assertRegex(result.stderr[len("hrl-train: "):-1], pattern)
                self.assertEqual((result.stdout, result.returncode), ("", exit_code))

    def test_auto_begins_anew_where_there_is_nothing(self):
        self.write_household("other.yaml", months=25)
        os.mkdir(self.path("models", "checkpoints", "third"))
        shutil.copy(self.path("other.yaml"), self.path("third.yaml"))
        for name in "other", "third":
            result = self.train(f"{name}.yaml", "--resume", "auto", "--episodes", "8", "--quiet")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stderr, "hrl-train: --resume auto: nothing to resume in "
                             f"models/checkpoints/{name}; the run starts anew\n")
        self.assertTrue(os.path.exists(self.path("models", "other_high_agent.pt")))

    def test_auto_takes_the_run_that_was_written_last(self):
        """Not the one with the highest number."""
        newest = os.path.join(self.checkpoints, "checkpoint_episode_")
        result = self.train("house.yaml", "--episodes", "10", "--save-interval", "5",
                            "--seed", "7")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stderr, r"\Ahrl-train: note: models/checkpoints/house has "
                         r"checkpoints of another run \(seed 0, started \S+, up to episode 20\); "
                         r"this run starts anew and replaces those of the same episodes\n\Z")
        shutil.copytree(self.path("models"), self.path("kept"))
        aside = (r"resuming from %s(\d+)\nhrl-train: note: models/checkpoints/house: ignored "
                 r"a run with seed (\d), started \S+, up to episode (\d+)\n\Z" % newest)
        # a seed chooses its run, and begins one where there is none
        for arguments, seed, episode, other in [([], 7, 10, ("0", "20")),
                                                (["--seed", "0"], 0, 20, ("7", "10"))]:
            result = self.resume("auto", *arguments)
            self.assertIn(f"seed {seed}  resumed after episode {episode}\n", result.stdout)
            found = re.search(aside, result.stderr)
            self.assertTrue(found, result.stderr)
            self.assertEqual(found.groups(), (str(episode), *other))
            shutil.rmtree(self.path("models"))
            shutil.copytree(self.path("kept"), self.path("models"))
        result = self.resume("auto", "--seed", "5")
        self.assertIn("scenario house  episodes 30  seed 5\n", result.stdout)
        self.assertRegex(result.stderr, "nothing to resume in models/checkpoints/house with "
                         "this seed; the run starts anew\n")

    def test_a_changed_scenario_is_told_once(self):
        self.write_household("house.yaml", months=25)
        result = self.resume("auto")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("environment.max_months 24, the scenario has 25"),
                         2, result.stderr)  # where it was found, and at the end
        self.assertIn("skipped 1 more checkpoint(s) for the same reason\n", result.stderr)

    def test_a_complete_run_writes_its_files_again(self):
        before = read(self.path("models", "house_history.json"))
        os.remove(self.path("models", "house_history.json"))
        result = self.train("house.yaml", "--resume", "auto")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(read(self.path("models", "house_history.json")), before)


if __name__ == "__main__":
    cli_harness.main()
