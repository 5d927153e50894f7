"""The households of the Python module: test_python_env.py SOURCE_ROOT. Exits with 77 (skipped)
where numpy is missing. Gymnasium's own checks run where it is installed."""

import gc
import os
import pathlib
import sys
import threading
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no numpy (Debian: python3-numpy)")
    sys.exit(77)

SOURCE = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(SOURCE / "python"))
os.environ["HRL_SCENARIO_PATH"] = str(SOURCE / "scenarios")

import hrl  # pylint: disable=wrong-import-position
from hrl import spaces  # pylint: disable=wrong-import-position

EASY = ("environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,"
        " variable_expense_std: 0, inflation: 0, safety_threshold: 0, max_months: 3,"
        " initial_cash: 800, risk_tolerance: 0.25}\n")
LIFE = ("model: lifecycle\nenvironment: {income: 2000, fixed_expenses: 1000, max_months: 3,"
        " initial_cash: 1000, income_transitory_std: 0.1}\n")


class Bare(unittest.TestCase):
    def test_a_month_by_hand(self):
        households = hrl.Households(hrl.Scenario.parse(EASY), 2)
        households.step(np.array([0.0, 0.5]))
        seen = households.observe()
        np.testing.assert_allclose(seen["cash"], [1300, 300])
        np.testing.assert_allclose(seen["portfolio"], [0, 1000])
        np.testing.assert_allclose(households.consumption, 1500)
        plain = np.zeros((2, 8))
        self.assertIs(households.observe(plain), plain)
        np.testing.assert_array_equal(plain[:, 3], seen["cash"])
        self.assertTrue(np.isnan(households.discount))

    def test_advice_is_an_action(self):
        """What the library evaluates, played from here."""
        scenario = hrl.Scenario.parse(LIFE)
        households = hrl.Households(scenario, 400, seed=7)
        self.assertEqual(households.actions, 3)
        total, weight = np.zeros(400), 1.0
        while not households.truncated.any():
            seen = households.observe_lifecycle()
            income = np.maximum(seen["income"] - seen["expenses"], 0)
            consume = np.maximum(income, np.minimum(seen["cash_on_hand"], 500.0))
            advice = np.zeros(400, hrl.ALLOCATION)
            advice["consume"] = consume / seen["cash_on_hand"]
            advice["save"] = 1 - advice["consume"]
            households.step(advice)
            total += weight * households.reward
            weight *= households.discount
        found = households.certainty_equivalent(total.mean())
        expected = hrl.evaluate(0, scenario, episodes=400, seed=7).certainty_equivalent
        self.assertAlmostEqual(found / expected, 1, 8)

    def test_bad_input(self):
        households = hrl.Households(hrl.Scenario.parse(EASY), 2)
        for bad, kind in (([0.0, 0.0], TypeError), (np.zeros(2, np.float32), TypeError),
                          (np.zeros(2, np.int64), TypeError), (np.zeros(3), ValueError),
                          (np.zeros((2, 1)), ValueError), (np.zeros(4)[::2], ValueError),
                          (np.array([0, np.nan]), hrl.ArgumentError),
                          (np.array([0, 1.1]), hrl.ArgumentError), (None, TypeError),
                          (np.zeros(2, object), TypeError),
                          (np.zeros(2, hrl.GOAL), TypeError)):
            with self.assertRaises(kind, msg=repr(bad)):
                households.step(bad)
        read_only = np.zeros((2, 8))
        read_only.flags.writeable = False
        for bad in (read_only, np.zeros((2, 7)), np.zeros((2, 8), order="F")):
            with self.assertRaises(ValueError):
                households.observe(bad)
        with self.assertRaises(hrl.ArgumentError):
            households.observe_lifecycle()
        for count, kind in ((0, hrl.ArgumentError), (-1, ValueError), (2.0, TypeError),
                            (10**7, hrl.ArgumentError)):
            with self.assertRaises(kind):
                hrl.Households("torino_single", count)
        with self.assertRaises(TypeError):
            households.reset_where(np.zeros(2, np.bool_), np.zeros(2, np.int32))
        np.testing.assert_allclose(households.observe()["cash"], 800)
        households.close()
        for use in (households.observe, households.reset,
                    lambda: households.step(np.zeros(2))):
            with self.assertRaisesRegex(hrl.StateError, "closed"):
                use()

    def test_arrays_outlive_their_handle(self):
        households = hrl.Households(hrl.Scenario.parse(EASY), 1000)
        households.step(np.zeros(1000))
        rewards = households.reward
        households.reward = None  # what the library writes to stays
        households.step(np.zeros(1000))
        del households
        gc.collect()
        self.assertTrue(np.isfinite(rewards).all())

    def test_two_threads(self):
        """Each call is either done or refused."""
        households = hrl.Households("torino_single", 20000)
        actions, refused, done = np.zeros(20000), [], []

        def work():
            for _ in range(40):
                try:
                    households.reset()
                    done.append(1)
                except hrl.StateError as error:
                    refused.append(str(error))
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(done) + len(refused), 160)
        self.assertTrue(all("in use" in text for text in refused))
        households.reset()
        households.step(actions)
        with households._use():  # as another thread would
            for use in (households.reset, households.close, households.observe):
                with self.assertRaisesRegex(hrl.StateError, "in use"):
                    use()


class Vector(unittest.TestCase):
    def test_shapes_and_seeds(self):
        for scenario, width, actions in (("bologna_coppia", 8, 1), ("career_risk", 11, 3)):
            with hrl.HouseholdVectorEnv(scenario, 5) as envs:
                first, infos = envs.reset(seed=3)
                self.assertEqual(infos, {})
                self.assertEqual(first.shape, (5, width))
                self.assertEqual(first.dtype, np.float32)
                self.assertEqual(envs.observation_space.shape, (5, width))
                self.assertEqual(envs.action_space.shape, (5, actions))
                self.assertTrue(envs.observation_space.contains(first))
                envs.action_space.seed(1)
                action = envs.action_space.sample()
                after = envs.step(action)
                self.assertTrue(np.isfinite(after[0]).all())
                self.assertLess(np.abs(after[0]).max(), 100)
                np.testing.assert_array_equal(first, envs.reset(seed=3)[0])
                np.testing.assert_array_equal(after[0], envs.step(action)[0])
                envs.reset()
                self.assertTrue((envs.step(action)[0] != after[0]).any())
                self.assertTrue((envs.reset(seed=4)[0].shape == first.shape))

    def play(self, **options):
        envs = hrl.HouseholdVectorEnv(hrl.Scenario.parse(EASY), 2, scaled=False, **options)
        envs.reset(seed=1)
        spend = np.array([[0.0], [0.7]])  # the second falls below 0 in month 2
        return envs, [envs.step(spend) for _ in range(4)]

    def test_they_begin_where_the_scenario_does(self):
        for text in (EASY, LIFE):
            scenario = hrl.Scenario.parse(text)
            scenario.begin_at(month=2, cash=4000.0, portfolio=2500.0)
            bare = hrl.Households(scenario, 1)
            seen = bare.observe_lifecycle() if "lifecycle" in text else bare.observe()
            for kind in (hrl.HouseholdVectorEnv, hrl.HouseholdEnv):
                with self.subTest(text=text, kind=kind):
                    env = kind(scenario, scaled=False)
                    for seed in (None, 3):  # both make the households anew
                        found = np.ravel(env.reset(seed=seed)[0])
                        np.testing.assert_array_equal(found, seen.view(np.float64))
                    env.close()
            scenario.restart()
            with hrl.HouseholdEnv(scenario, scaled=False) as env:
                self.assertEqual(env.reset(seed=3)[0][-1 if "lifecycle" in text else 6], 3.0)

    def test_next_step(self):
        _, steps = self.play()
        self.assertEqual([list(step[2]) for step in steps],
                         [[False, True], [False, False], [False, True], [False, False]])
        self.assertEqual([list(step[3]) for step in steps],
                         [[False, False], [False, False], [True, False], [False, False]])
        self.assertEqual(list(steps[1][0][:, 3]), [1800, 800])
        self.assertEqual(steps[1][1][1], 0.0)
        self.assertEqual(list(steps[3][0][:, 3]), [800, 800])
        self.assertEqual(steps[3][0][0, 6], 3)

    def test_same_step(self):
        _, steps = self.play(autoreset="same_step", horizon_terminates=True)
        self.assertEqual([list(step[2]) for step in steps],
                         [[False, True], [False, True], [True, True], [False, True]])
        self.assertFalse(any(step[3].any() for step in steps))
        final = steps[0][4]
        self.assertEqual(list(final["_final_obs"]), [False, True])
        self.assertIsNone(final["final_obs"][0])
        self.assertEqual(final["final_obs"][1][3], -100)
        self.assertEqual(steps[0][0][1, 3], 800)
        self.assertEqual(steps[2][0][0, 3], 800)
        self.assertEqual(steps[2][4]["final_obs"][0][3], 2300)

    def test_disabled(self):
        envs, steps = hrl.HouseholdVectorEnv(hrl.Scenario.parse(EASY), 2, scaled=False,
                                             autoreset="disabled"), []
        envs.reset(seed=1)
        steps.append(envs.step(np.array([[0.0], [0.7]])))
        with self.assertRaisesRegex(hrl.ArgumentError, "reset it"):
            envs.step(np.zeros((2, 1)))
        seen, _ = envs.reset(options={"reset_mask": steps[0][2]})
        self.assertEqual(list(seen[:, 3]), [1300, 800])
        envs.step(np.zeros((2, 1)))

    def test_copies(self):
        envs, steps = self.play()
        self.assertFalse(np.shares_memory(steps[0][0], steps[1][0]))
        envs = hrl.HouseholdVectorEnv("torino_single", 4, copy=False)
        envs.reset(seed=1)
        one, other = envs.step(np.zeros((4, 1))), envs.step(np.zeros((4, 1)))
        self.assertTrue(np.shares_memory(one[0], other[0]))

    def test_shares_are_divided(self):
        seen = []
        for action in ([0.2, 0.2, 0.6], [0.3, 0.3, 0.9], np.float32([0.25, 0.25, 0.75])):
            envs = hrl.HouseholdVectorEnv("career_risk", 2, scaled=False)
            envs.reset(seed=9)
            seen.append(envs.step(np.array([action] * 2))[0])
        np.testing.assert_allclose(seen[0], seen[1])
        np.testing.assert_allclose(seen[0], seen[2])
        envs.step(np.zeros((2, 3)))

    def test_bad_actions(self):
        for scenario, width in (("torino_single", 1), ("career_risk", 3)):
            envs = hrl.HouseholdVectorEnv(scenario, 2)
            before, _ = envs.reset(seed=1)
            for value, kind in ((np.nan, ValueError), (1.5, ValueError), (-0.1, ValueError),
                                (np.inf, ValueError)):
                actions = np.full((2, width), 0.5)
                actions[1, 0] = value
                with self.assertRaises(kind):
                    envs.step(actions)
            for bad, kind in ((np.zeros(2), ValueError), (np.zeros((2, width), int), TypeError),
                              (np.zeros((3, width)), ValueError), ("x", TypeError),
                              (None, TypeError)):
                with self.assertRaises(kind):
                    envs.step(bad)
            np.testing.assert_array_equal(envs._world.observe(), before)
            envs.step(np.zeros((4, width))[::2])  # copied, as is
            envs.close()
            envs.close()
            with self.assertRaises(hrl.StateError):
                envs.step(np.zeros((2, width)))
        for options in ({"autoreset": "never"}, {"num_envs": 0}):
            with self.assertRaises(ValueError):
                hrl.HouseholdVectorEnv("torino_single", **options)
        with self.assertRaises(ValueError):
            hrl.HouseholdVectorEnv("torino_single").reset(seed=-1)


class One(unittest.TestCase):
    def test_as_the_first_of_many(self):
        env, envs = hrl.HouseholdEnv("career_risk"), hrl.HouseholdVectorEnv("career_risk", 3)
        np.testing.assert_array_equal(env.reset(seed=2)[0], envs.reset(seed=2)[0][0])
        action = np.array([0.1, 0.2, 0.7], np.float32)
        one, many = env.step(action), envs.step(np.array([action] * 3))
        np.testing.assert_array_equal(one[0], many[0][0])
        self.assertEqual(one[1:4], (many[1][0], False, False))
        self.assertEqual(set(one[4]), {"wealth_change", "consumption"})
        self.assertGreater(one[4]["consumption"], 0)
        env.close()

    @unittest.skipIf(spaces.gymnasium is None, "Gymnasium is not installed")
    def test_gymnasium(self):
        from gymnasium.utils.env_checker import check_env
        gymnasium = spaces.gymnasium
        for name in ("hrl/Household-v0", "hrl/Lifecycle-v0"):
            check_env(gymnasium.make(name).unwrapped)
            envs = gymnasium.make_vec(name, num_envs=4)
            self.assertIsInstance(envs.unwrapped, hrl.HouseholdVectorEnv)
            self.assertEqual(envs.reset(seed=1)[0].shape[0], 4)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
