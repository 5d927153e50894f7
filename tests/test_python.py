"""The Python module, by its own tests: test_python.py LAYOUT_PROGRAM SOURCE_ROOT. Exits with 77
(skipped) where numpy is missing."""

import gc
import contextlib
import os
import pathlib
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no numpy (Debian: python3-numpy)")
    sys.exit(77)

LAYOUT, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(SOURCE / "python"))
os.environ["HRL_SCENARIO_PATH"] = str(SOURCE / "scenarios")

import hrl  # pylint: disable=wrong-import-position
from hrl import _library  # pylint: disable=wrong-import-position

EASY = ("environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,"
        " variable_expense_std: 0, inflation: 0, safety_threshold: 0, max_months: 3,"
        " initial_cash: 800, risk_tolerance: 0.25}\n")


class InFolder(unittest.TestCase):
    """Each test in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)


class Library(unittest.TestCase):
    def test_structs_are_those_of_the_headers(self):
        arrays = {"hrl_observation": hrl.OBSERVATION, "hrl_goal": hrl.GOAL,
                  "hrl_lifecycle_observation": hrl.LIFECYCLE_OBSERVATION,
                  "hrl_allocation": hrl.ALLOCATION}
        shown = subprocess.run([LAYOUT], capture_output=True, text=True, check=True).stdout
        for name, size, last in (line.split() for line in shown.splitlines()):
            if name in arrays:
                kind = arrays.pop(name)
                found = kind.itemsize, kind.fields[kind.names[-1]][1]
            else:
                struct = _library.STRUCTS[name]
                found = (_library.ctypes.sizeof(struct),
                         getattr(struct, struct._fields_[-1][0]).offset)
            self.assertEqual(found, (int(size), int(last)), name)
        self.assertFalse(arrays)
        header = (SOURCE / "include/hrl/policy.h").read_text("utf-8")
        self.assertEqual(tuple(re.findall(r"double (\w+);", header)),
                         hrl.GOAL.names + hrl.ALLOCATION.names +
                         ("amount", "invest", "save", "consume"))
        header = (SOURCE / "include/hrl/household.h").read_text("utf-8")
        self.assertEqual(tuple(re.findall(r"  double (\w+);", header)),
                         hrl.OBSERVATION.names + hrl.LIFECYCLE_OBSERVATION.names)

    def test_errors_of_the_table(self):
        header = (SOURCE / "include/hrl/error.h").read_text("utf-8")
        codes = {int(code) for code in re.findall(r"X\(HRL_ERROR_\w+, (\d+)", header)}
        self.assertEqual(codes, set(_library.BY_STATUS))

    def test_no_library(self):
        for place, complaint in (("/nowhere/libhrl.so.0", "not there"),
                                 (LAYOUT, "cannot dynamically load"),
                                 ("libc.so.6", "older than this module")):
            done = subprocess.run([sys.executable, "-c", "import hrl"], check=False,
                                  env=dict(os.environ, HRL_LIBRARY=place,
                                           PYTHONPATH=str(SOURCE / "python")),
                                  capture_output=True, text=True)
            self.assertIn("ImportError: libhrl is missing", done.stderr)
            self.assertIn(complaint, done.stderr)


class Scenarios(unittest.TestCase):
    def test_values(self):
        scenario = hrl.Scenario("bologna_coppia")
        self.assertEqual((scenario.name, scenario.model), ("bologna_coppia", "budget"))
        self.assertTrue(scenario.source.endswith("bologna_coppia.yaml"))
        scenario["environment.income"] = 2500
        self.assertEqual(scenario["environment.income"], 2500.0)
        self.assertEqual(scenario.copy().to_yaml(), scenario.to_yaml())
        self.assertIn("irregular_income", hrl.scenarios())
        with self.assertRaisesRegex(hrl.ScenarioError, "incom"):
            scenario["environment.incom"]
        with self.assertRaises(ValueError):
            scenario["environment.income"] = "much"
        with self.assertRaises(TypeError):
            pickle.dumps(scenario)

    def test_beginning_amid_a_life(self):
        scenario = hrl.Scenario("bologna_coppia")
        scenario.begin_at(month=13, cash=4000.0, portfolio=2500.0)
        with contextlib.closing(hrl.HouseholdVectorEnv(scenario, 2)) as env:
            found = np.asarray(env.reset(seed=1)[0])
        scenario.restart()
        for month, cash, kind in ((0, 1.0, hrl.ArgumentError), (121, 1.0, hrl.ArgumentError),
                                  (1, float("nan"), hrl.ArgumentError), (1.5, 1.0, TypeError),
                                  (1, "much", TypeError)):
            with self.subTest(month=month, cash=cash), self.assertRaises(kind):
                scenario.begin_at(month=month, cash=cash)
        self.assertEqual(found.shape[0], 2)

    def test_place_of_an_error(self):
        with self.assertRaises(hrl.ScenarioError) as raised:
            hrl.Scenario.parse("environment:\n  income: 2000\n  max_months: soon\n", "mine")
        error = raised.exception
        self.assertEqual((error.file, error.line, error.column, error.name),
                         ("mine", 3, 15, "HRL_ERROR_TYPE"))
        self.assertIsInstance(error, ValueError)
        with self.assertRaisesRegex(hrl.NotFoundError, "did you mean 'bologna_coppia'"):
            hrl.Scenario("bolonga_coppia")

    def test_families(self):
        self.assertFalse(hrl.Scenario("bologna_coppia").is_family)
        text = hrl.Scenario("bologna_coppia").to_yaml()
        family = hrl.Scenario.parse(re.sub(r"(\n +income:) .*",
                                           r"\1 {from: 2000, to: 4000}", text), "many")
        self.assertTrue(family.is_family)
        incomes = {family.draw(n, seed=3)["environment.income"] for n in (1, 2, 1)}
        self.assertEqual(len(incomes), 2)
        self.assertTrue(all(2000 <= income <= 4000 for income in incomes))
        with self.assertRaises(hrl.ArgumentError):
            family.draw(1).draw(1)
        with self.assertRaises(ValueError):
            family.draw(-1)

    def test_bad_input(self):
        for bad, kind in ((7, TypeError), ("a\0b", ValueError), (None, TypeError)):
            with self.assertRaises(kind):
                hrl.Scenario(bad)
        with self.assertRaises(TypeError):
            hrl.Scenario.parse(b"x")
        scenario = hrl.Scenario.parse(EASY)
        scenario.close()
        scenario.close()
        for use in (lambda: scenario.name, scenario.to_yaml, lambda: hrl.train(scenario),
                    lambda: hrl.Households(scenario, 1)):
            with self.assertRaisesRegex(hrl.StateError, "closed"):
                use()


class Training(InFolder):
    def test_train_and_ask(self):
        events = []
        status = hrl.train("bologna_coppia", episodes=40, save_interval=20, eval_episodes=5,
                           output="models", record=True, callback=events.append)
        self.assertEqual((status.state, status.episode, status.total_episodes),
                         ("completed", 40, 40))
        kinds = [event.type for event in events]
        self.assertEqual(kinds.count("progress"), 40)
        self.assertEqual((kinds[0], kinds[-1]), ("started", "completed"))
        evaluated = [event for event in events if event.type == "evaluated"]
        self.assertEqual([len(event.returns) for event in evaluated], [5, 5])
        self.assertAlmostEqual(evaluated[0].returns.mean(),
                               evaluated[0].evaluation.strategic_return)
        self.assertEqual(events[-1].reason, "episodes")
        self.check_policy(hrl.Policy("bologna_coppia"))
        run, = hrl.runs()
        self.assertEqual((run.id, run.state, run["scenario"]), (1, "completed",
                                                                "bologna_coppia"))
        with hrl.Runs("models") as record:
            self.assertEqual(record.progress(1)[-1].episode, 40)
            self.assertEqual([episode for episode, _ in record.evaluations(1)], [20, 40])
            hrl.Policy(record.model(1)).close()
            self.assertEqual(record.scenario(1).name, "bologna_coppia")
            self.assertEqual(record.difference(1, 1)[1], 0.0)
            with self.assertRaises(hrl.NotFoundError):
                record.get(9)
            self.assertEqual(record.find(states=("failed",)), [])
            with self.assertRaises(ValueError):
                record.find(states=("lost",))

    def test_begin_from_a_pair_and_ask_it(self):
        generalist = hrl.Policy(SOURCE / "pretrained/generalist")
        for pair in (generalist, SOURCE / "pretrained/generalist"):
            hrl.train("bologna_coppia", episodes=8, pretrained=pair, output="models")
            self.assertGreater(hrl.evaluate(hrl.Policy("bologna_coppia"),
                                            episodes=50).strategic_return,
                               570)
        with self.assertRaises(hrl.NotFoundError):
            hrl.train("bologna_coppia", episodes=8, pretrained="nobody")
        with self.assertRaises(hrl.ModelError):
            hrl.train("emergency_fund", episodes=8, pretrained=generalist)
        scenario = hrl.Scenario("bologna_coppia")
        scenario.begin_at(month=13, cash=4000.0, portfolio=2500.0)
        advice = generalist.advice(scenario)
        self.assertEqual((advice["now"]["cash"], advice["now"]["portfolio"]), (4000.0, 2500.0))
        self.assertEqual(advice["now"]["months_remaining"], 108)
        self.assertAlmostEqual(advice["invest"] + advice["save"] + advice["consume"],
                               advice["amount"])
        self.assertAlmostEqual(advice["allocation"]["consume"] * 3200, advice["consume"])
        self.assertEqual(advice["months_of_goal"], generalist.period)
        with self.assertRaises(hrl.ArgumentError):
            hrl.train(scenario, episodes=8)

    def check_policy(self, policy):
        self.assertEqual(policy.scenario.name, "bologna_coppia")
        now = np.zeros(3, hrl.OBSERVATION)
        now["cash"], now["months_remaining"] = [0, 1000, 9000], 60
        goals = policy.goal(now)
        advice = policy.act(now, goals, policy.period)
        self.assertTrue(np.allclose(advice["invest"] + advice["save"] + advice["consume"],
                                    1))
        plain = now.view(np.float64).reshape(3, 8)
        np.testing.assert_array_equal(policy.goal(plain, previous=plain.copy()).shape, (3,))
        for bad, kind in ((plain.astype(np.float32), TypeError), (plain[:, :7], ValueError),
                          (plain[::2], ValueError), (np.asfortranarray(plain), ValueError),
                          ([[0.0] * 8], TypeError), (plain[0], ValueError)):
            with self.assertRaises(kind):
                policy.goal(bad)
        with self.assertRaises(ValueError):
            policy.act(now, goals[:2])
        with self.assertRaises(hrl.ArgumentError):
            policy.act(now, goals, 99)
        now["cash"] = np.nan
        with self.assertRaises(hrl.ArgumentError):
            policy.goal(now)
        with self.assertRaises(TypeError):
            policy.advise(cash=1, months_remaining=2, luck=3)
        agents = policy.state_dicts()
        self.assertEqual(set(agents), {"strategist", "executor"})
        weights = agents["executor"]["policy_network_state_dict"]
        self.assertTrue(all(array.dtype == np.float32 for array in weights.values()))
        self.assertEqual(hrl.evaluate(policy, episodes=20).episodes, 20)
        policy.close()
        for use in (lambda: policy.goal(now), policy.state_dicts, lambda: policy.period,
                    lambda: hrl.evaluate(policy)):
            with self.assertRaisesRegex(hrl.StateError, "closed"):
                use()

    def test_ways_to_train_are_alike(self):
        options = {"episodes": 24, "save_interval": 8, "seed": 5}
        expected = [event.episode for event in hrl.Trainer("torino_single", **options)
                    if event.type == "progress"]
        self.assertEqual(expected, list(range(1, 25)))
        ends = []
        for way in ("run", "step", "start", "iterate"):
            with hrl.Trainer("torino_single", output=way, **options) as trainer:
                if way == "run":
                    trainer.run()
                elif way == "step":
                    while trainer.step():
                        pass
                elif way == "start":
                    trainer.start()
                    self.assertTrue(trainer.wait())
                else:
                    list(trainer)
                self.assertEqual(trainer.status().state, "completed")
            ends.append(pathlib.Path(way, "torino_single_low_agent.pt").read_bytes())
        self.assertEqual(len(set(ends)), 1)

    def test_a_callback_that_raises(self):
        def fall(event):
            if event.episode >= 16:
                raise KeyError("no more")
        for run in (lambda: hrl.train("torino_single", episodes=10**6, output="a",
                                      callback=fall),
                    lambda: self.in_background(fall)):
            with self.assertRaisesRegex(KeyError, "no more"):
                run()
        self.assertTrue(pathlib.Path("a/torino_single_low_agent.pt").exists())
        self.assertTrue(pathlib.Path("b/torino_single_low_agent.pt").exists())
        status = hrl.train("torino_single", episodes=32, output="a", resume="auto")
        self.assertEqual(status.episode, 32)

    def in_background(self, callback):
        with hrl.Trainer("torino_single", episodes=10**6, output="b",
                         callback=callback) as trainer:
            trainer.start()
            trainer.wait()

    def test_interrupt(self):
        """Ctrl-C while the main thread trains, and while it waits."""
        for wait in (False, True):
            name = f"out{wait}"

            def press(event):
                if event.episode == 24:
                    os.kill(os.getpid(), signal.SIGINT)
            with self.assertRaises(KeyboardInterrupt):
                with hrl.Trainer("torino_single", episodes=10**6, output=name,
                                 callback=press) as trainer:
                    if wait:
                        trainer.start()
                        trainer.wait()
                    else:
                        trainer.run()
            self.assertTrue(pathlib.Path(name, "torino_single_low_agent.pt").exists())

    def test_leaving_the_loop_saves(self):
        trainer = hrl.Trainer("torino_single", episodes=10**6, output="models")
        for event in trainer:
            if event.episode >= 10:
                break
        gc.collect()
        self.assertEqual(trainer.status().state, "stopped")
        self.assertTrue(pathlib.Path("models/torino_single_low_agent.pt").exists())

    def test_pause_and_other_threads(self):
        seen, begun = [], threading.Event()

        def hear(event):
            seen.append(event.type)
            if event.episode == 8 and event.type == "progress":
                for use in (trainer.step, trainer.close, trainer.wait):
                    with self.assertRaises(hrl.StateError):
                        use()
                trainer.pause()
            if event.type == "paused":
                begun.set()
        trainer = hrl.Trainer("torino_single", episodes=10**6, callback=hear)
        trainer.start()
        self.assertTrue(begun.wait(60))
        self.assertEqual(trainer.status().state, "paused")
        self.assertFalse(trainer.wait(0.01))
        trainer.resume()
        trainer.stop()
        self.assertTrue(trainer.wait(60))
        self.assertEqual(trainer.status().state, "stopped")
        self.assertIn("resumed", seen + ["resumed"])
        trainer.close()
        with self.assertRaises(hrl.StateError):
            trainer.status()

    def test_python_ends_during_a_run(self):
        """A run in the background is stopped and saved first."""
        code = ("import hrl\nt = hrl.Trainer('torino_single', episodes=10**8, output='out', "
                "callback=lambda e: None)\nt.start()\n")
        for more in ("", "del t\n", "t.pause()\n", "raise KeyError\n"):
            done = subprocess.run([sys.executable, "-c", code + more], timeout=60,
                                  check=False, capture_output=True, text=True,
                                  env=dict(os.environ, PYTHONPATH=str(SOURCE / "python")))
            self.assertEqual(done.returncode, 1 if "raise" in more else 0, done.stderr)
            if "del" not in more:  # freed in the midst, without a word to its listener
                self.assertTrue(pathlib.Path("out/torino_single_low_agent.pt").exists())
                pathlib.Path("out/torino_single_low_agent.pt").unlink()

    def test_bad_options(self):
        for options, kind in (({"episodes": -1}, ValueError), ({"seed": 2**64}, ValueError),
                              ({"episodes": 1.5}, TypeError), ({"threads": 999}, ValueError),
                              ({"callback": 3}, TypeError), ({"output": 3}, TypeError),
                              ({"hurry": True}, TypeError), ({"target": "x"}, ValueError),
                              ({"resume": "/nowhere"}, hrl.NotFoundError)):
            with self.assertRaises(kind, msg=str(options)):
                hrl.Trainer("torino_single", **options)

    def test_rules_and_optimum(self):
        _, best = hrl.optimum("emergency_fund", episodes=200)
        rule, kept = hrl.best_rule("emergency_fund", episodes=200)
        again = hrl.evaluate(rule, "emergency_fund", episodes=200)
        self.assertEqual(again.certainty_equivalent, kept.certainty_equivalent)
        none = hrl.evaluate(0, "emergency_fund", episodes=200)
        self.assertEqual(hrl.skill(2, 1, 3), 0.5)
        self.assertLess(none.certainty_equivalent, kept.certainty_equivalent)
        self.assertLess(kept.certainty_equivalent, best.certainty_equivalent)
        with self.assertRaises(TypeError):
            hrl.evaluate(0.5)
        with self.assertRaises(hrl.ArgumentError):
            hrl.evaluate(1.5, "emergency_fund")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
