"""hrl-runs, and the record that hrl-train keeps, from outside:
test_runs.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT"""

import csv
import io
import os
import random
import re
import shutil
import signal
import sqlite3
import unittest

from cli_harness import PATIENCE, RUNS, SOURCE, TRAIN, CliTest, main, parse_json


class RunsTest(CliTest):
    def runs(self, *arguments):
        return self.run_program(RUNS, *arguments)

    def runs_json(self, *arguments):
        done = self.runs(*arguments, "--json")
        self.assert_done(done)
        return parse_json(done.stdout)

    def train_house(self, *arguments, episodes="16"):
        self.write_household()
        done = self.train("./house.yaml", "--episodes", episodes, "--save-interval", "8",
                          "--eval-episodes", "6", "--quiet", *arguments)
        self.assert_done(done)

    def query(self, sql):
        with sqlite3.connect(self.path("models/runs.db")) as database:
            return database.execute(sql).fetchall()


class Commands(RunsTest):
    def test_list(self):
        self.train_house()
        self.train_house("--seed", "5")
        runs = self.runs_json("list")
        self.assertEqual([run["id"] for run in runs], [2, 1])
        self.assertEqual([run["options"]["seed"] for run in runs], [5, 0])
        for run in runs:
            self.assertEqual(run["state"], "completed")
            self.assertEqual(run["scenario"], "house")
            self.assertEqual((run["episode"], run["total_episodes"]), (16, 16))
            self.assertGreaterEqual(run["best"]["strategic_return"],
                                    run["final"]["strategic_return"])
            self.assertIsNone(run["error"])
        lines = self.runs("list").stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[1], r"^ +2  completed +\d{4}-\d\d-\d\dT[\d:]{8}  house +5 ")

    def test_filters(self):
        for _ in range(3):
            self.train_house()
        self.query("UPDATE runs SET started = '2026-0' || id || '-10T00:00:00.000000'")
        self.query("UPDATE runs SET state = 3 WHERE id = 2")

        def ids(*arguments):
            return [run["id"] for run in self.runs_json("list", *arguments)]
        self.assertEqual(ids("--state", "stopped"), [2])
        self.assertEqual(ids("--state", "failed,completed"), [3, 1])
        self.assertEqual(ids("--since", "2026-02"), [3, 2])
        self.assertEqual(ids("--since", "2026-02", "--until", "2026-02"), [2])
        self.assertEqual(ids("--scenario", "house", "--limit", "1"), [3])
        self.assertEqual(ids("--scenario", "none"), [])
        self.assertEqual(self.runs("list", "--scenario", "none").stdout, "no runs\n")

    def test_show(self):
        self.train_house(episodes="40")
        run = self.runs_json("show", "1")
        self.assertEqual([point["episode"] for point in run["progress"]],
                         list(range(1, 41)))
        self.assertEqual([point["episode"] for point in run["evaluations"]],
                         [8, 16, 24, 32, 40])
        self.assertEqual(run["agents"], "models/checkpoints/house/checkpoint_episode_40")
        self.assertIn("income: 1600", run["scenario_text"])
        self.assertLessEqual(len(self.runs_json("show", "1", "--points", "7")["progress"]), 7)
        text = self.runs("show", "1").stdout
        self.assertTrue(text.startswith("run 1  house  completed\n"), text)
        self.assertIn("strategic return\n", text)
        rows = [line for line in text.splitlines() if re.match(r"^[ \d.-]{12} \|", line)]
        self.assertEqual(len(rows), 14)
        for column in range(14, 14 + 64):  # the curve crosses each column once
            self.assertEqual(sum(row[column] == "*" for row in rows), 1)

    def test_compare_plays_both(self):
        self.write_household("other.yaml", more="training: {clip_range: 0.3}")
        self.train_house()
        done = self.train("./other.yaml", "--episodes", "24", "--seed", "2", "--quiet")
        self.assert_done(done)
        found = self.runs_json("compare", "1", "2", "--episodes", "50")
        self.assertEqual(found["differences"]["seed"], [0, 2])
        self.assertEqual(found["differences"]["episodes"], [16, 24])
        self.assertEqual(found["differences"]["training.clip_range"][1], 0.3)
        self.assertNotIn("environment.income", found["differences"])
        paired = found["paired"][0]
        self.assertEqual((paired["source"], paired["episodes"]), ("models", 50))
        returns = []
        for run in found["runs"]:
            agents = self.runs_json("show", str(run["id"]))["agents"]
            done = self.eval(agents, "--episodes", "50", "--json")
            returns.append(parse_json(done.stdout)["policy"])
        self.assertAlmostEqual(
            paired["difference"],
            returns[1]["strategic_return"] - returns[0]["strategic_return"], places=6)
        self.assertLess(paired["standard_error"], returns[0]["strategic_return_stderr"])
        text = self.runs("compare", "1", "2", "--episodes", "50").stdout
        self.assertRegex(text, r"run 2 - run 1  strategic return [+-][\d.]+ \+- [\d.]+  "
                               r"\(50 episodes on the same noise, played now\)")
        self.assertRegex(text, r"training.clip_range +0\.\d+ +0\.3\n")

    def test_compare_knows_the_keys_of_both_models(self):
        life = ("model: lifecycle\nenvironment: {{income: 2000, fixed_expenses: 900, max_months: 6,"
                " initial_cash: 1000, shock_mean: {0}}}\nutility: {{risk_aversion: {1}}}\n"
                "training: {{hidden_low: 8, hidden_high: 8}}\n")
        for name, values in (("one.yaml", (100, 3)), ("two.yaml", (200, 6))):
            self.write(name, life.format(*values))
            self.assert_done(self.train("./" + name, "--episodes", "8", "--quiet",
                                        "--pretrained", "none"))
        found = self.runs_json("compare", "1", "2", "--episodes", "10")["differences"]
        self.assertEqual(found, {"scenario": ["one", "two"],
                                 "environment.shock_mean": [100, 200],
                                 "utility.risk_aversion": [3, 6]})
        self.assertRegex(self.runs("compare", "1", "2", "--episodes", "10").stdout,
                         r"\n  utility.risk_aversion +3.0 +6.0\n")

    def test_compare_says_what_it_draws(self):
        self.write_household()
        self.write("life.yaml", "model: lifecycle\nenvironment: {income: 2000, max_months: 6}\n"
                   "training: {hidden_low: 8, hidden_high: 8}\n")
        for name in ("house.yaml", "house.yaml", "life.yaml", "life.yaml"):
            self.assert_done(self.train("./" + name, "--episodes", "16", "--save-interval", "8",
                                        "--quiet", "--pretrained", "none"))
        for runs, drawn in ((("1", "2"), "strategic return"), (("3", "4"), "certainty equivalent"),
                            (("1", "3"), "strategic return or certainty equivalent"),
                            (("4", "2"), "strategic return or certainty equivalent")):
            text = self.runs("compare", *runs, "--episodes", "5").stdout
            self.assertIn(f"\n\n{drawn}\n", text)

    def test_compare_takes_what_is_recorded(self):
        self.train_house()
        self.train_house("--seed", "4")  # replaces the files of the first
        paired = self.runs_json("compare", "1", "2")["paired"][0]
        self.assertEqual((paired["source"], paired["episodes"]), ("recorded", 6))
        self.assertIn("as recorded", self.runs("compare", "1", "2").stdout)

    def test_delete(self):
        self.train_house()
        self.train_house()
        done = self.runs("delete", "1")
        self.assert_done(done)
        self.assertEqual([run["id"] for run in self.runs_json("list")], [2])
        self.assertTrue(os.path.exists(self.path("models/house_low_agent.pt")))
        self.assert_fails(self.runs("delete", "1"), 1,
                          "hrl-runs: models/runs.db: there is no run 1; list the runs "
                          "to see which exist")
        self.train_house()  # a number is not used again
        self.assertEqual([run["id"] for run in self.runs_json("list")], [3, 2])

    def test_export(self):
        self.train_house()
        self.train_house()
        self.query("UPDATE runs SET error = 'a \"b\", c' WHERE id = 1")
        rows = list(csv.DictReader(io.StringIO(self.runs("export").stdout)))
        self.assertEqual([row["id"] for row in rows], ["2", "1"])
        self.assertEqual(rows[1]["error"], 'a "b", c')
        self.assertEqual(rows[0]["state"], "completed")
        points = list(csv.DictReader(io.StringIO(self.runs("export", "1", "2").stdout)))
        self.assertEqual([(row["run"], row["episode"]) for row in points],
                         [(str(run), str(i)) for run in (1, 2) for i in range(1, 17)])
        lines = self.runs("export", "--json").stdout.splitlines()
        self.assertEqual([parse_json(line)["id"] for line in lines], [2, 1])
        lines = self.runs("export", "2", "--json").stdout.splitlines()
        self.assertEqual(len(lines), 16)
        self.assertEqual(parse_json(lines[3])["episode"], 4)
        self.assertEqual(parse_json(lines[3])["run"], 2)

    def test_a_record_that_can_only_be_read(self):
        """A folder on a medium, or of somebody else, and of an older schema."""
        self.train_house()
        os.makedirs(self.path("old"))
        shutil.copy(os.path.join(SOURCE, "tests/data/runs/schema_1.db"),
                    self.path("old/runs.db"))
        for folder, name in [("models", "house"), ("old", "torino_single")]:
            for place in [self.folder, self.path(folder)]:
                os.chmod(place, 0o555)
            self.addCleanup(os.chmod, self.path(folder), 0o755)
            self.addCleanup(os.chmod, self.folder, 0o755)
            other = {"user": 65534, "group": 65534} if os.getuid() == 0 else {}
            done = self.run_program(RUNS, "list", "--output", folder, "--json", **other)
            self.assert_done(done)
            self.assertEqual([run["scenario"] for run in parse_json(done.stdout)], [name])
            done = self.run_program(RUNS, "delete", "1", "--output", folder, **other)
            self.assertIn("cannot be written, so no run can be deleted", done.stderr)
            self.assertEqual(os.listdir(self.path("old")), ["runs.db"])
            os.chmod(self.folder, 0o755)

    def test_wrong_usage(self):
        self.train_house()
        for arguments, code, message in [
                ([], 2, "COMMAND is missing: list, show, compare, delete, export or queue"),
                (["lst"], 2, "unknown command 'lst'; expected list, show, compare, delete, "
                             "export or queue"),
                (["show"], 2, "show: found 0 run numbers, expected 1 to 1"),
                (["compare", "1"], 2, "compare: found 1 run numbers, expected 2 to 8"),
                (["list", "1"], 2, "list takes no further argument, found '1'"),
                (["show", "x"], 2, "'x' is not the number of a run; 'hrl-runs list' shows "
                                   "them"),
                (["list", "--state", "done"], 2,
                 "--state: 'done' is not one of queued, running, paused, stopped, completed, "
                 "failed, interrupted"),
                (["list", "--since", "yesterday"], 2,
                 "--since: expected a date or time such as 2026-01-31 or 2026-01-31T18:30"),
                (["list", "--output", "none"], 1,
                 "none: no runs are recorded here; name another folder")]:
            self.assert_fails(self.runs(*arguments), code, "hrl-runs: " + message)

    def test_no_record(self):
        self.train_house("--no-record")
        self.assertFalse(os.path.exists(self.path("models/runs.db")))
        self.assertIn("no runs are recorded here", self.runs("list").stderr)

    def test_a_record_that_cannot_be_written(self):
        self.write_household()
        os.makedirs(self.path("models/runs.db"))
        done = self.train("./house.yaml", "--episodes", "8")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "^hrl-train: note: the record of this run is incomplete: models/runs.db: ")
        self.assertEqual(len(done.stderr.splitlines()), 1)


class Death(RunsTest):
    def start_house(self, *arguments):
        return self.start(TRAIN, "./house.yaml", "--episodes", "100000", "--save-interval", "200",
                          "--progress-every", "1", "--keep", "2", *arguments)

    def test_a_killed_run_is_interrupted_and_goes_on(self):
        self.write_household()
        process = self.start_house()
        self.read_until(process.stdout, "^episode +250/")
        while not (os.path.exists(self.path("models/runs.db")) and
                   [run["state"] for run in self.runs_json("list")] == ["running"]):
            self.read_until(process.stdout, "^episode")
        failed = self.runs("delete", "1")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("run 1 is running", failed.stderr)
        process.kill()
        process.wait(PATIENCE)
        self.assertEqual([run["state"] for run in self.runs_json("list")], ["interrupted"])
        done = self.start_house("--resume", "auto")
        self.read_until(done.stdout, "^episode")
        done.send_signal(signal.SIGINT)
        self.finish(done)
        run = self.runs_json("show", "1")
        self.assertEqual((run["state"], run["parts"]), ("stopped", 2))
        self.assertEqual(len(self.runs_json("list")), 1)
        episodes = [point["episode"] for point in run["progress"]]
        self.assertEqual(episodes, sorted(set(episodes)))
        self.assertEqual(episodes[-1], run["episode"])

    def test_two_writers_that_are_killed(self):
        """Two runs write at once and are killed at random moments, again and again: the
        database stays whole, and what was completed stays completed."""
        chance = random.Random(7)
        self.write_household()
        self.write_household("calm.yaml")
        calm = ("./calm.yaml", "--episodes", "16", "--quiet")
        for turn in range(12):
            process = self.start_house("--seed", str(turn))
            if chance.random() < 0.8:
                self.read_until(process.stdout, "^episode")
            done = self.train(*calm)
            self.assert_done(done)
            for _ in range(chance.randrange(200)):
                process.stdout.readline()
            process.kill()
            process.wait(PATIENCE)
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        runs = self.runs_json("list")
        self.assertEqual(sum(run["state"] == "completed" for run in runs), 12)
        self.assertLessEqual({run["state"] for run in runs}, {"completed", "interrupted"})
        self.assertTrue(any(run["state"] == "interrupted" for run in runs))

    def test_a_suspended_run_is_paused(self):
        self.write_household()
        process = self.start_house()
        self.read_until(process.stdout, "^episode")
        process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status))
        self.assertEqual([run["state"] for run in self.runs_json("list")], ["paused"])
        process.send_signal(signal.SIGCONT)
        self.read_until(process.stdout, "^episode")
        process.send_signal(signal.SIGINT)
        self.finish(process)
        self.assertEqual([run["state"] for run in self.runs_json("list")], ["stopped"])


if __name__ == "__main__":
    main()
