"""Trained agents, asked for advice, and their parameters."""

from __future__ import annotations

import collections
import ctypes
import io
import json
import os
import pickle
import zipfile
from typing import Any, Optional, Union

import numpy as np

from ._library import CAdvice, Handle, create, call, lib, take_text, text, whole
from .scenario import Scenario

#: A household between two decisions: eight doubles, see hrl/household.h for each model.
OBSERVATION = np.dtype([(name, np.float64) for name in (
    "income", "fixed_expenses", "variable_expense", "cash", "inflation", "risk_tolerance",
    "months_remaining", "portfolio")])
#: A household of the model lifecycle before its decision, with all that it knows.
LIFECYCLE_OBSERVATION = np.dtype([(name, np.float64) for name in (
    "cash_on_hand", "income", "expenses", "cash", "portfolio", "job", "level", "price",
    "taxes", "transfer", "months_remaining")])
#: What the strategist asks for.
GOAL = np.dtype([(name, np.float64) for name in (
    "target_invest_ratio", "safety_buffer", "aggressiveness")])
#: What the executor advises: shares that add up to 1.
ALLOCATION = np.dtype([(name, np.float64) for name in ("invest", "save", "consume")])


def rows(array: Any, kind: np.dtype, what: str, count: Optional[int] = None) -> np.ndarray:
    """`array` as [N] of `kind`, without a copy: such an array, or one of float64 [N, k].
    TypeError for another dtype, ValueError for another shape or where its rows do not lie
    one behind the other."""
    width = len(kind.names or ())
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{what}: expected a numpy array, found {type(array).__name__}")
    if array.dtype == kind:
        found, shape = array, (array.shape[0],) if array.ndim == 1 else None
    elif array.dtype == np.float64:
        found = array
        shape = (array.shape[0],) if array.ndim == 2 and array.shape[1] == width else None
    else:
        raise TypeError(f"{what}: found dtype {array.dtype}, expected float64 "
                        f"[N, {width}] or {kind.names}")
    if shape is None or (count is not None and shape[0] != count):
        number = "N" if count is None else count
        raise ValueError(f"{what}: found shape {array.shape}, expected [{number}, {width}], "
                         f"or [{number}] with named fields")
    if not found.flags.c_contiguous or not found.flags.aligned:
        raise ValueError(f"{what}: not contiguous; numpy.ascontiguousarray makes it so")
    return found


class Policy(Handle):
    """A trained pair. Any number of threads may ask it at once.

    Args:
        model: a name (its files are in ./models), a prefix DIR/NAME, or a checkpoint folder.
    """

    _destroy = "hrl_policy_destroy"

    def __init__(self, model: str | os.PathLike[str]) -> None:
        encoded = text(model, "model")
        super().__init__(create("hrl_policy_load", encoded))
        self._model = encoded

    @property
    def scenario(self) -> Scenario:
        """A copy of the scenario it was trained on."""
        with self._use(shared=True) as pointer:
            inner = lib.hrl_policy_scenario(pointer)
            name = os.fsdecode(lib.hrl_scenario_name(inner))
            yaml = take_text("hrl_scenario_format", inner)
        return Scenario.parse(yaml, name)

    @property
    def period(self) -> int:
        """Months between two goals."""
        with self._use(shared=True) as pointer:
            return lib.hrl_policy_period(pointer)

    @property
    def remark(self) -> Optional[str]:
        """What its user should know, or None."""
        with self._use(shared=True) as pointer:
            remark = lib.hrl_policy_remark(pointer)
            return None if remark is None else os.fsdecode(remark)

    def differences(self, scenario: Scenario) -> str:
        """By what a household lies outside what the pair was trained on; "" where not."""
        with self._use(shared=True) as pointer, scenario._use(shared=True) as other:
            return take_text("hrl_policy_differences", pointer, other)

    def goal(self, observations: np.ndarray,
             previous: Optional[np.ndarray] = None) -> np.ndarray:
        """Asks the strategist about [N] households (OBSERVATION, or float64 [N, 8]), with
        those at the goal before where there was one. Gives [N] of GOAL."""
        now = rows(observations, OBSERVATION, "observations")
        before = None if previous is None else \
            rows(previous, OBSERVATION, "previous", len(now)).ctypes.data
        goals = np.zeros(len(now), GOAL)
        if len(now):
            with self._use(shared=True) as pointer:
                call("hrl_policy_goal", pointer, len(now), now.ctypes.data, before,
                     goals.ctypes.data)
        return goals

    def act(self, observations: np.ndarray, goals: np.ndarray,
            months_to_next_goal: int = 1) -> np.ndarray:
        """Asks the executor about [N] households under [N] goals that hold for so many
        months yet. Gives [N] of ALLOCATION: shares of income (lifecycle: cash on hand)."""
        now = rows(observations, OBSERVATION, "observations")
        asked = rows(goals, GOAL, "goals", len(now))
        months = whole(months_to_next_goal, "months_to_next_goal")
        advice = np.zeros(len(now), ALLOCATION)
        if len(now):
            with self._use(shared=True) as pointer:
                call("hrl_policy_allocate", pointer, len(now), now.ctypes.data,
                     asked.ctypes.data, months, advice.ctypes.data)
        return advice

    def advise(self, *, cash: float, months_remaining: float,
               **others: float) -> dict[str, dict[str, float]]:
        """Advice for one household of today: ``{"goal": ..., "allocation": ...}``. What is
        not given is the scenario's (expenses) or 0 (portfolio)."""
        scenario = self.scenario
        given = {"income": scenario["environment.income"],
                 "fixed_expenses": scenario["environment.fixed_expenses"],
                 "variable_expense": scenario["environment.variable_expense_mean"],
                 "cash": cash, "months_remaining": months_remaining, **others}
        now = np.zeros(1, OBSERVATION)
        for name, value in given.items():
            if name not in (OBSERVATION.names or ()):
                raise TypeError(f"advise: no figure '{name}'; known: {OBSERVATION.names}")
            now[name] = value
        goals = self.goal(now)
        advice = self.act(now, goals, self.period)
        return {"goal": _named(goals), "allocation": _named(advice)}

    def advice(self, scenario: Scenario) -> dict[str, Any]:
        """Advice for this month in the household's present state (`Scenario.begin_at`), in euro:
        ``amount`` is divided into ``invest``, ``save`` and ``consume``. Also ``now``,
        ``goal`` and ``allocation`` as dicts, and ``months_of_goal``."""
        made = CAdvice(size=ctypes.sizeof(CAdvice))
        with self._use(shared=True) as pointer, scenario._use(shared=True) as household:
            call("hrl_policy_advise", pointer, household, ctypes.byref(made))
        found: dict[str, Any] = {
            name: getattr(made, name)
            for name in ("amount", "invest", "save", "consume", "months_of_goal")}
        for name, kind in (("now", OBSERVATION), ("goal", GOAL), ("allocation", ALLOCATION)):
            found[name] = dict(zip(kind.names or (), getattr(made, name)))
        return found

    def inspect(self) -> dict[str, Any]:
        """The contents of the model's files (run, agents, files), as from `hrl_inspect`."""
        with self._use(shared=True):
            return json.loads(take_text("hrl_inspect", self._model))

    def state_dicts(self) -> dict[str, dict[str, Any]]:
        """``{"strategist": ..., "executor": ...}``: each agent's archive, its tensors as arrays of
        their own, in float32 as they are stored. They are read from the files anew."""
        described = self.inspect()
        folder = path = described["path"]
        if described["kind"] == "model":  # a prefix; a name alone is below ./models
            folder = os.path.dirname(path) if "/" in path else "models"
        return {agent["agent"]: read_archive(os.path.join(folder, agent["file"]))
                for agent in described["agents"]}

    def __repr__(self) -> str:
        return "<hrl.Policy, closed>" if self.closed else \
            f"<hrl.Policy {os.fsdecode(self._model)!r}>"


def _named(array: np.ndarray) -> dict[str, float]:
    return {name: float(array[name][0]) for name in array.dtype.names or ()}


# What a pickle in a PyTorch archive may name; anything else is refused.
_STORAGES = {"FloatStorage": np.float32, "DoubleStorage": np.float64,
             "LongStorage": np.int64, "IntStorage": np.int32, "ByteStorage": np.uint8,
             "BoolStorage": np.bool_}


def _rebuild(storage: np.ndarray, offset: int, size: tuple, stride: tuple,
             *_: Any) -> np.ndarray:
    count = 1 + sum((n - 1) * s for n, s in zip(size, stride)) if all(size) else 0
    if offset < 0 or min(stride, default=0) < 0 or offset + count > len(storage):
        raise pickle.UnpicklingError("a tensor reaches beyond its storage")
    step = storage.itemsize
    view = np.lib.stride_tricks.as_strided(
        storage[offset:], size, tuple(s * step for s in stride))
    return view.copy()


class _Reader(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, prefix: str) -> None:
        super().__init__(io.BytesIO(archive.read(prefix + "data.pkl")))
        self._archive, self._prefix = archive, prefix

    def find_class(self, module_name: str, global_name: str) -> Any:
        if (module_name, global_name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module_name == "torch" and global_name in _STORAGES:
            return _STORAGES[global_name]
        raise pickle.UnpicklingError(f"refused to load {module_name}.{global_name}")

    def persistent_load(self, pid: Any) -> np.ndarray:
        _, kind, key, _, count = pid
        data = self._archive.read(f"{self._prefix}data/{key}")
        return np.frombuffer(data, kind, count)


def read_archive(path: Union[str, "os.PathLike[str]"]) -> dict[str, Any]:
    """A PyTorch archive (.pt) without PyTorch: nested dicts, tensors as arrays. Only what
    tensors need is ever loaded."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(names) != 1:
            raise pickle.UnpicklingError(f"{os.fspath(path)}: not a PyTorch archive")
        return _Reader(archive, names[0][:-len("data.pkl")]).load()
