"""hrl-runs queue, from outside; its workers are killed in the midst of what they do (HRL_LONG=1:
200 of them): test_runs_queue.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT"""

import collections
import os
import random
import shutil
import signal
import sqlite3

from cli_harness import PATIENCE, RUNS, CliTest, main, parse_json


class QueueTest(CliTest):
    def queue(self, *arguments):
        return self.run_program(RUNS, "queue", *arguments)

    def ask(self, *arguments):
        done = self.run_program(RUNS, *arguments, "--json")
        self.assert_done(done)
        return parse_json(done.stdout)

    def add(self, *arguments, episodes="16"):
        self.write_household()
        done = self.queue("add", "./house.yaml", "--episodes", episodes, "--save-interval",
                          "8", "--eval-episodes", "2", *arguments)
        self.assert_done(done)
        return done.stdout

    def states(self):
        return {run["id"]: run["state"] for run in self.ask("list")}

    def train_alone(self, seed, episodes):
        self.assert_done(self.train(
            "./house.yaml", "--episodes", episodes, "--save-interval", "8", "--eval-episodes",
            "2", "--seed", seed, "--quiet", "--no-record", "--output", f"alone{seed}"))

    def assert_same_run(self, run, seed):
        self.assert_same_files(self.path("models/runs", str(run)), self.path(f"alone{seed}"))


class Commands(QueueTest):
    def test_work(self):
        self.assertEqual(self.add(), "run 1 is queued: house\n")
        self.add("--seed", "5", "--priority", "3")
        self.add("--seed", "6", "--priority", "-2")
        self.assertEqual([run["id"] for run in self.ask("queue", "list")], [2, 1, 3])
        self.assertEqual(self.ask("queue", "list")[0]["queue"]["priority"], 3)
        done = self.queue("work")
        self.assert_done(done)
        self.assertEqual(
            done.stdout.splitlines(),
            [f"run {run}  {line}" for run in [2, 1, 3] for line in
             ["started  house  episode 0/16", "completed  house  episode 16/16  episodes"]])
        self.assertEqual(set(self.states().values()), {"completed"})
        self.assertEqual(self.queue("list").stdout, "no runs\n")
        for run, seed in [(1, "0"), (2, "5"), (3, "6")]:
            self.train_alone(seed, "16")
            self.assert_same_run(run, seed)
            shown = self.ask("show", str(run))
            self.assertEqual(shown["folder"], f"runs/{run}")
            self.assertEqual(shown["agents"], f"models/runs/{run}/checkpoints/house/"
                                              "checkpoint_episode_16")

    def test_options_arrive(self):
        self.write_household()
        self.assert_done(self.queue(
            "add", "./house.yaml", "--seed", "9", "--keep", "2", "--patience", "4",
            "--min-improvement", "0.5", "--min-episodes", "7", "--target", "-1.5",
            "--episodes", "30", "--save-interval", "3", "--eval-episodes", "6"))
        run = self.ask("show", "1")
        self.assertEqual(run["total_episodes"], 30)
        self.assertEqual({key: run["options"][key] for key in run["options"] if key != "threads"},
                         {"seed": 9, "keep": 2, "patience": 4, "min_improvement": 0.5,
                          "min_episodes": 7, "target": -1.5, "save_interval": 3,
                          "eval_episodes": 6})

    def test_changes(self):
        for _ in range(3):
            self.add()
        for verb, run, said in [("pause", "1", "paused"), ("cancel", "2", "cancelled"),
                                ("stop", "3", "stopped"), ("resume", "3", "resumed")]:
            done = self.queue(verb, run)
            self.assert_done(done)
            self.assertEqual(done.stdout, f"{said} run {run}\n")
        self.assertEqual(self.states(), {1: "paused", 2: "stopped", 3: "queued"})
        self.assert_done(self.queue("work"))
        self.assertEqual(self.states(), {1: "paused", 2: "stopped", 3: "completed"})
        self.assert_fails(self.queue("pause", "2"), 1,
                          "hrl-runs: run 2 is stopped, not in the queue, and cannot be paused")

    def test_from_another_process(self):
        self.add(episodes="100000000")
        work = self.start(RUNS, "queue", "work", "--watch", "--json")
        self.read_until(work.stdout, "started")
        self.assert_done(self.queue("pause", "1"))
        self.read_until(work.stdout, "paused")
        self.assert_done(self.queue("resume", "1"))
        self.read_until(work.stdout, "resumed")
        self.assert_done(self.queue("stop", "1"))
        self.assertEqual(parse_json(self.read_until(work.stdout, "stopped"))["run"], 1)
        self.add()
        self.read_until(work.stdout, '"completed"')
        work.send_signal(signal.SIGINT)
        self.finish(work)
        self.assertEqual(work.returncode, 130)
        self.assertEqual(self.states(), {1: "stopped", 2: "completed"})

    def test_a_signal_saves(self):
        self.add(episodes="100000000")
        work = self.start(RUNS, "queue", "work")
        self.read_until(work.stdout, "started")
        work.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(work)[1],
                         ["hrl-runs: stopped and saved; 'hrl-runs queue work' continues"])
        self.assertEqual(work.returncode, 143)
        self.assertEqual(self.states(), {1: "queued"})
        work = self.start(RUNS, "queue", "work")
        self.assertNotIn("episode 0/", self.read_until(work.stdout, "started"))

    def test_a_run_that_fails(self):
        self.add()
        with sqlite3.connect(self.path("models/runs.db")) as database:
            database.execute("UPDATE scenarios SET text = 'environment: {income: x}'")
        done = self.queue("work")
        self.assertEqual(done.returncode, 0)
        self.assertIn("run 1 cannot be started", done.stderr)
        self.assertEqual(self.states(), {1: "failed"})

    def test_wrong_usage(self):
        self.write_household()
        for arguments, message in [
                ([], "queue: a command is missing: add, list, work, pause, resume, stop or "
                     "cancel"),
                (["run"], "queue: unknown command 'run'; expected add, list, work, pause, "
                          "resume, stop or cancel"),
                (["add"], "queue add: expected at least one scenario"),
                (["work", "1"], "queue work takes no further argument, found '1'"),
                (["pause"], "queue pause: expected run numbers"),
                (["pause", "x"], "'x' is not the number of a run; 'hrl-runs list' shows them"),
                (["add", "./house.yaml", "--priority", "1.5"],
                 "--priority: '1.5' is not a whole number from -1000000 to 1000000"),
                (["add", "./house.yaml", "--target", "much"],
                 "--target: 'much' is not a number")]:
            self.assert_fails(self.queue(*arguments), 2, "hrl-runs: " + message)
        self.assert_fails(self.queue("list"), 1,
                          "hrl-runs: models: no runs are recorded here; name another folder")


class Killed(QueueTest):
    """Workers that are killed where chance has it. None of their runs is lost, none begins
    again once it has ended, and all end as if nothing had happened."""

    KILLS, RUNS = (200, 110) if os.environ.get("HRL_LONG") else (24, 8)
    EPISODES = "400"

    def collect(self, worker, ended):
        for line in worker.stdout:
            event = parse_json(line) if line.endswith("\n") else {}
            if event.get("event") == "completed":
                ended[event["run"]] += 1

    def test_killed_workers(self):
        chance = random.Random(20)
        ended = collections.Counter()
        for seed in range(self.RUNS):
            self.add("--seed", str(seed), episodes=self.EPISODES)
        kills = 0
        while kills < self.KILLS:
            workers = [self.start(RUNS, "queue", "work", "--concurrency", "2", "--threads", "2",
                                  "--json") for _ in range(2)]
            seen = chance.randrange(1, 4)
            for worker in workers:
                for line in worker.stdout:
                    event = parse_json(line)
                    ended[event["run"]] += event["event"] == "completed"
                    seen -= 1
                    if seen <= 0:
                        break
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
            for worker in workers:
                self.collect(worker, ended)
                kills += worker.wait(PATIENCE) == -signal.SIGKILL
            states = self.states()
            self.assertEqual(len(states), self.RUNS)
            for state in states.values():
                self.assertIn(state, ["queued", "interrupted", "completed"])
            waiting = {run["id"] for run in self.ask("queue", "list")}
            self.assertEqual(waiting, {run for run, state in states.items()
                                       if state != "completed"})
            if not waiting:
                break
        print(f"{kills} workers killed")
        last = self.start(RUNS, "queue", "work", "--concurrency", "2", "--json")
        self.collect(last, ended)
        self.assertEqual(last.wait(PATIENCE), 0)
        self.assertEqual(self.states(),
                         {run: "completed" for run in range(1, self.RUNS + 1)})
        self.assertLessEqual(max(ended.values()), 1)
        for run in range(1, self.RUNS + 1):
            self.train_alone(str(run - 1), self.EPISODES)
            self.assert_same_run(run, str(run - 1))

    def test_killed_while_the_queue_is_changed(self):
        """Who adds, pauses and cancels is killed, too: what it was told was done is done."""
        chance = random.Random(4)
        self.write_household()
        told = 0
        for _ in range(8):
            adder = self.start(RUNS, "queue", "add", *["./house.yaml"] * 12, "--episodes", "8")
            lines = [adder.stdout.readline() for _ in range(chance.randrange(12))]
            adder.send_signal(signal.SIGKILL)
            told += len([line for line in lines + list(adder.stdout) if line.endswith("\n")])
            adder.wait(PATIENCE)
        runs = self.ask("list")
        self.assertGreaterEqual(len(runs), told)
        ids = [run["id"] for run in runs]
        self.assertEqual(len(set(ids)), len(ids))
        for run in ids[:20]:
            changer = self.start(RUNS, "queue", chance.choice(["pause", "cancel"]), str(run))
            if chance.random() < 0.5:
                changer.send_signal(signal.SIGKILL)
            changer.wait(PATIENCE)
        self.assertLessEqual(set(self.states().values()), {"queued", "paused", "stopped"})
        shutil.rmtree(self.path("models/runs"), ignore_errors=True)
        self.assert_done(self.queue("work", "--concurrency", "2"))
        self.assertLessEqual(set(self.states().values()), {"completed", "paused", "stopped"})
        for run in self.ask("list"):
            self.assertEqual(run["parts"], 1 if run["state"] == "completed" else 0)
            self.assertEqual(os.path.exists(self.path("models/runs", str(run["id"]))),
                             run["state"] == "completed")


if __name__ == "__main__":
    main()
