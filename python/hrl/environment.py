"""The household as an environment for anyone's agents: bare, as Gymnasium's vector
environment, and as Gymnasium's environment of one."""

from __future__ import annotations

import ctypes
import os
from ctypes import byref
from typing import Any, Optional, Union

import numpy as np

from ._library import Handle, StepResult, call, create, lib, whole
from .policy import ALLOCATION, LIFECYCLE_OBSERVATION, OBSERVATION, rows
from .scenario import Scenario, as_scenario
from .spaces import VECTOR_BASE, ENV_BASE, autoreset_mode, batch, make_box, register

AnyScenario = Union[Scenario, str, "os.PathLike[str]"]
SUM_TOLERANCE = 1e-9  # of shares that need no division; the library's own is 1e-6
AUTORESETS = ("next_step", "same_step", "disabled")


class Households(Handle):
    """N households side by side, as hrl/household.h has them: no copies, nothing scaled.

    Args:
        scenario: copied.
        count: N, 1..1,000,000.
        seed: of all noise, which is a function of (seed, episode) alone.

    Attributes, written by each `step` and of N entries: `reward`, `wealth_change` (euro),
    `consumption` (euro), `terminated` and `truncated` (bool).
    """

    _destroy = "hrl_household_destroy"

    def __init__(self, scenario: AnyScenario, count: int, seed: int = 0) -> None:
        with as_scenario(scenario)._use(shared=True) as pointer:
            super().__init__(create("hrl_household_create", pointer,
                                    whole(count, "count"), whole(seed, "seed")))
        self.count = int(count)
        self.actions: int = lib.hrl_household_actions(self._pointer)
        self.reward = np.zeros(count)
        self.wealth_change = np.zeros(count)
        self.consumption = np.zeros(count)
        self.terminated = np.zeros(count, np.bool_)
        self.truncated = np.zeros(count, np.bool_)
        # kept beside the addresses in `_result`, whatever becomes of the attributes
        self._arrays = (self.reward, self.wealth_change, self.terminated, self.truncated,
                        self.consumption)
        self._result = StepResult(ctypes.sizeof(StepResult),
                                  *(array.ctypes.data for array in self._arrays))

    def reset(self, first_episode: int = 0) -> None:
        """Begins episodes first_episode ... first_episode + N - 1."""
        with self._use() as pointer:
            call("hrl_household_reset_all", pointer, whole(first_episode, "episode"))

    def reset_where(self, where: np.ndarray, episodes: np.ndarray) -> None:
        """Begins episodes[i] (uint64, [N]) where where[i] (bool, [N])."""
        _check(where, np.dtype(np.bool_), (self.count,), "where")
        _check(episodes, np.dtype(np.uint64), (self.count,), "episodes")
        with self._use() as pointer:
            call("hrl_household_reset_where", pointer, where.ctypes.data,
                 episodes.ctypes.data)

    def observe(self, out: Optional[np.ndarray] = None) -> np.ndarray:
        """[N] of OBSERVATION, or written into `out` (that, or float64 [N, 8])."""
        found = _place(out, OBSERVATION, self.count)
        with self._use() as pointer:
            lib.hrl_household_observe(pointer, found.ctypes.data)
        return found

    def observe_lifecycle(self, out: Optional[np.ndarray] = None) -> np.ndarray:
        """[N] of LIFECYCLE_OBSERVATION, or written into `out` (that, or float64 [N, 11])."""
        found = _place(out, LIFECYCLE_OBSERVATION, self.count)
        with self._use() as pointer:
            call("hrl_household_observe_lifecycle", pointer, found.ctypes.data)
        return found

    def step(self, actions: np.ndarray) -> None:
        """A month. `actions`: float64; budget [N], shares of income to invest; lifecycle
        [N, 3] (or of ALLOCATION), shares of cash on hand to invest, save and consume."""
        if isinstance(actions, np.ndarray) and actions.dtype == ALLOCATION:
            actions = rows(actions, ALLOCATION, "actions", self.count)
            actions = actions.view(np.float64).reshape(self.count, 3)
        shape = (self.count,) if self.actions == 1 else (self.count, self.actions)
        _check(actions, np.dtype(np.float64), shape, "actions")
        with self._use() as pointer:
            call("hrl_household_step", pointer, actions.ctypes.data, byref(self._result))

    @property
    def discount(self) -> float:
        """Of a reward a month ahead; NaN in the model budget."""
        with self._use(shared=True) as pointer:
            return lib.hrl_household_discount(pointer)

    def certainty_equivalent(self, discounted_reward: float) -> float:
        """The constant real euro a month worth as much as a discounted sum of rewards, or
        its mean over episodes; NaN in the model budget."""
        with self._use(shared=True) as pointer:
            return lib.hrl_household_certainty_equivalent(pointer, float(discounted_reward))


def _check(array: Any, kind: np.dtype, shape: tuple[int, ...], what: str) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{what}: expected a numpy array, found {type(array).__name__}")
    if array.dtype != kind:
        raise TypeError(f"{what}: found dtype {array.dtype}, expected {kind}")
    if array.shape != shape:
        raise ValueError(f"{what}: found shape {array.shape}, expected {shape}")
    if not array.flags.c_contiguous or not array.flags.aligned:
        raise ValueError(f"{what}: not contiguous; numpy.ascontiguousarray makes it so")


def _place(out: Optional[np.ndarray], kind: np.dtype, count: int) -> np.ndarray:
    if out is None:
        return np.empty(count, kind)
    found = rows(out, kind, "out", count)
    if not found.flags.writeable:
        raise ValueError("out: is read-only")
    return found


class _World:
    """What both environments have: households, observations to scale, actions to check."""

    def __init__(self, scenario: AnyScenario, count: int, scaled: bool,
                 horizon_terminates: bool) -> None:
        given = as_scenario(scenario)
        self.scenario = given._copy_to_play()
        self.is_lifecycle = given.model == "lifecycle"
        self.households = Households(self.scenario, count, 0)
        self.count, self.scaled = self.households.count, scaled
        self.horizon_terminates = horizon_terminates
        self.kind = LIFECYCLE_OBSERVATION if self.is_lifecycle else OBSERVATION
        self.width = len(self.kind.names or ())
        self.raw = np.zeros((self.count, self.width))
        self.shares = np.zeros((self.count, self.households.actions))
        self.episodes = np.arange(self.count, dtype=np.uint64)
        # a row for each: numpy goes through one long row faster than through many short
        self.scale = np.tile(self._scale(), (self.count, 1))
        self.dtype = np.float32 if scaled else np.float64
        self.observations = np.zeros((self.count, self.width), np.float32) if scaled \
            else self.raw

    def _scale(self) -> np.ndarray:
        """Of each figure: euro in years of income (or starting cash), months in horizons."""
        income = self.scenario["environment.income"]
        money = 12.0 * income if income > 0 else \
            max(self.scenario["environment.initial_cash"], 1.0)
        plain = {"inflation", "risk_tolerance", "job", "level", "price"}
        return np.array([
            1.0 if name in plain else 1.0 / self.scenario["environment.max_months"]
            if name == "months_remaining" else 1.0 / money
            for name in self.kind.names or ()], np.float32)

    def begin(self, seed: Optional[int]) -> None:
        """New noise, or the next episodes of the same."""
        if seed is not None:
            fresh = Households(self.scenario, self.count, seed)
            self.households.close()
            self.households = fresh
            self.episodes = np.arange(self.count, dtype=np.uint64)
        else:
            self.episodes += np.uint64(self.count)
            self.households.reset_where(np.ones(self.count, np.bool_), self.episodes)

    def begin_where(self, where: np.ndarray) -> None:
        """The next episodes of those households."""
        np.add(self.episodes, np.uint64(self.count), out=self.episodes, where=where)
        self.households.reset_where(where, self.episodes)

    def observe(self) -> np.ndarray:
        """[N, k], overwritten by the next."""
        if self.is_lifecycle:
            self.households.observe_lifecycle(self.raw)
        else:
            self.households.observe(self.raw)
        if self.scaled:
            np.copyto(self.observations, self.raw, casting="same_kind")
            self.observations *= self.scale
        return self.observations

    def _divide(self, total: np.ndarray) -> None:
        """Shares by their sums; the library says what is wrong with those beyond 0..1."""
        shares = self.shares
        if np.all((shares >= 0.0) & (shares <= 1.0)):
            shares[total == 0.0] = 1.0 / 3.0  # nothing was said: all alike
            shares /= np.where(total == 0.0, 1.0, total)[:, np.newaxis]

    def step(self, actions: Any) -> None:
        """A month; `actions` [N, 1 or 3], any floats."""
        given = np.asarray(actions)
        if given.dtype.kind != "f":
            raise TypeError(f"actions: found dtype {given.dtype}, expected floats")
        if given.shape != self.shares.shape:
            raise ValueError(f"actions: found shape {given.shape}, expected "
                             f"{self.shares.shape}")
        np.copyto(self.shares, given)
        shares = self.shares
        if self.is_lifecycle:
            total = shares @ np.ones(3)
            # rounding apart; not so where a share is NaN
            if not np.abs(total - 1.0).max() <= SUM_TOLERANCE:
                self._divide(total)
        self.households.step(shares if self.is_lifecycle else shares[:, 0])
        if self.horizon_terminates:
            self.households.terminated |= self.households.truncated
            self.households.truncated[:] = False


class HouseholdVectorEnv(VECTOR_BASE):  # type: ignore[misc,valid-type]
    """N households by Gymnasium's vector API (with or without Gymnasium installed).

    Args:
        scenario: a Scenario, its name or its path; copied.
        num_envs: N.
        scaled: observations float32 [N, k], euro in years of income and months in horizons;
            False: float64 [N, k] as they are, in euro. k is 8 (OBSERVATION has the names),
            in the model lifecycle 11 (LIFECYCLE_OBSERVATION).
        autoreset: ``"next_step"``, Gymnasium's own default: the step after an end ignores its
            action and begins an episode, with reward 0; ``"same_step"``: the last
            observations are in ``infos["final_obs"]``; ``"disabled"``: by
            ``reset(options={"reset_mask": ended})``.
        copy: False: what is returned is overwritten by the next step.
        horizon_terminates: reports the horizon as `terminated`. It is a true end, since the
            months remaining are observed: a value past it must not be bootstrapped.

    Actions [N, 1], 0..1: the share of income to invest. In the model lifecycle [N, 3], 0..1:
    shares of cash on hand to invest, save and consume, divided by their sum. Others raise.
    Rewards float64 [N], see `Households`. Episode k of household i is number k N + i of the
    seed: the same for every policy.
    """

    def __init__(self, scenario: AnyScenario = "bologna_coppia", num_envs: int = 1, *,
                 scaled: bool = True, autoreset: str = "next_step", copy: bool = True,
                 horizon_terminates: bool = False, render_mode: None = None) -> None:
        self.closed = True  # until all is made: Gymnasium closes what it drops
        if autoreset not in AUTORESETS:
            raise ValueError(f"autoreset: found {autoreset!r}, expected one of "
                             f"{AUTORESETS}")
        self._world = _World(scenario, num_envs, scaled, horizon_terminates)
        self.scenario = self._world.scenario
        self.num_envs = self._world.count
        self.render_mode = render_mode
        self.metadata = {"render_modes": [], "autoreset_mode": autoreset_mode(autoreset)}
        self._autoreset, self._copy = autoreset, copy
        self._ended = np.zeros(self.num_envs, np.bool_)
        self._begun = False
        self.single_observation_space = make_box(-np.inf, np.inf, (self._world.width,),
                                                 self._world.dtype)
        self.single_action_space = make_box(0.0, 1.0, (self._world.shares.shape[1],),
                                            np.float32)
        self.observation_space = batch(self.single_observation_space, self.num_envs)
        self.action_space = batch(self.single_action_space, self.num_envs)
        self.closed = False

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def households(self) -> Households:
        """The bare households; their arrays have what a step does not return."""
        return self._world.households

    def _give(self, array: np.ndarray) -> np.ndarray:
        return array.copy() if self._copy else array

    def reset(self, *, seed: Optional[int] = None,
              options: Optional[dict[str, Any]] = None) -> tuple[np.ndarray, dict]:
        """Begins new episodes: with a seed those of that seed, else the next ones (the first
        time of a random seed). Returns observations [N, k] and {}."""
        mask = (options or {}).get("reset_mask")
        if mask is not None:
            _check(mask, np.dtype(np.bool_), (self.num_envs,), "reset_mask")
            self._world.begin_where(mask)
            self._ended &= ~mask
            return self._give(self._world.observe()), {}
        if seed is not None:
            whole(seed, "seed")
            self._np_random = np.random.default_rng(seed)
            self._np_random_seed = seed
        elif not self._begun:
            seed = int(np.random.default_rng().integers(2**63))
        self._world.begin(seed)
        self._begun = True
        self._ended[:] = False
        return self._give(self._world.observe()), {}

    def step(self, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray,
                                          dict]:
        """A month: observations, rewards, terminations, truncations, infos."""
        world, ended = self._world, self._ended
        is_late = self._autoreset == "next_step" and ended.any()
        if is_late:  # they live a month that nobody sees, then begin
            world.begin_where(ended)
        world.step(actions)
        households, infos = world.households, {}
        if is_late:
            households.reset_where(ended, world.episodes)
            households.reward[ended] = 0.0
            households.terminated[ended] = households.truncated[ended] = False
        np.logical_or(households.terminated, households.truncated, out=ended)
        if self._autoreset == "same_step" and ended.any():
            infos = self._final(ended)
            world.begin_where(ended)
        return (self._give(world.observe()), self._give(households.reward),
                self._give(households.terminated), self._give(households.truncated), infos)

    def _final(self, ended: np.ndarray) -> dict[str, Any]:
        last = self._world.observe()[ended]  # a copy
        final = np.full(self.num_envs, None, object)
        for i, row in zip(np.flatnonzero(ended).tolist(), last):
            final[i] = row
        empty = {"final_info": {}, "_final_info": ended.copy()}
        return {"final_obs": final, "_final_obs": ended.copy(), **empty}

    def close(self, **_: Any) -> None:
        """Frees the households; twice is no error."""
        self._world.households.close()
        self.closed = True


class HouseholdEnv(ENV_BASE):  # type: ignore[misc,valid-type]
    """One household by Gymnasium's API; args, observations [k], actions [1] or [3] and
    rewards as for `HouseholdVectorEnv`. Infos have wealth_change and consumption, euro."""

    metadata: dict[str, Any] = {"render_modes": []}

    def __init__(self, scenario: AnyScenario = "bologna_coppia", *, scaled: bool = True,
                 horizon_terminates: bool = False, render_mode: None = None) -> None:
        self._world = _World(scenario, 1, scaled, horizon_terminates)
        self.scenario = self._world.scenario
        self.render_mode = render_mode
        self._begun = False
        self.observation_space = make_box(-np.inf, np.inf, (self._world.width,),
                                          self._world.dtype)
        self.action_space = make_box(0.0, 1.0, (self._world.shares.shape[1],), np.float32)

    @property
    def households(self) -> Households:
        """The bare household."""
        return self._world.households

    def reset(self, *, seed: Optional[int] = None,
              options: Optional[dict[str, Any]] = None) -> tuple[np.ndarray, dict]:
        """Begins an episode: the first of a seed, else the next."""
        if seed is not None:
            whole(seed, "seed")
        super().reset(seed=seed)
        if seed is None and not self._begun:
            seed = int(np.random.default_rng().integers(2**63))
        self._world.begin(seed)
        self._begun = True
        return self._world.observe()[0].copy(), self._info()

    def _info(self) -> dict[str, float]:
        households = self._world.households
        return {"wealth_change": float(households.wealth_change[0]),
                "consumption": float(households.consumption[0])}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, float]]:
        """A month: observation, reward, terminated, truncated, info."""
        self._world.step(np.asarray(action)[np.newaxis])
        households = self._world.households
        return (self._world.observe()[0].copy(), float(households.reward[0]),
                bool(households.terminated[0]), bool(households.truncated[0]), self._info())

    def render(self) -> None:
        """Nothing is drawn."""

    def close(self) -> None:
        """Frees the household; twice is no error."""
        self._world.households.close()


def register_environments() -> None:
    """Makes ``gymnasium.make("hrl/Household-v0", scenario=...)`` and ``make_vec`` know the
    environments, where Gymnasium is installed; importing hrl does so."""
    register("hrl/Household-v0", "hrl.environment:HouseholdEnv",
             "hrl.environment:HouseholdVectorEnv", {})
    register("hrl/Lifecycle-v0", "hrl.environment:HouseholdEnv",
             "hrl.environment:HouseholdVectorEnv", {"scenario": "irregular_income"})
