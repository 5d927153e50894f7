"""Scenarios: a household and how to train on it."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_double, c_size_t, c_void_p, cast, POINTER
import os
from typing import Any, Optional

from ._library import CSituation, Handle, call, create, lib, take_text, text, whole


class Scenario(Handle):
    """A household, its rewards and the parameters of its training.

    Args:
        name_or_path: a path where it has a ``/`` or ends in .yaml; otherwise a name, looked
            up in the folders of ``HRL_SCENARIO_PATH``, ./scenarios and where the library
            was installed.

    Keys are read and changed by ``scenario["environment.income"]``. Trainers and
    environments take a copy.
    """

    _destroy = "hrl_scenario_destroy"
    _mixes = False  # nobody reads while it is changed
    _beginning: Optional[dict[str, Any]] = None  # what begin_at was last given

    def __init__(self, name_or_path: str | os.PathLike[str]) -> None:
        super().__init__(create("hrl_scenario_load", text(name_or_path, "scenario")))

    @classmethod
    def _adopt(cls, pointer: int) -> Scenario:
        scenario = cls.__new__(cls)
        Handle.__init__(scenario, pointer)
        return scenario

    @classmethod
    def parse(cls, yaml: str, name: str = "scenario") -> Scenario:
        """A scenario from YAML text; `name` is what models trained on it are called."""
        if not isinstance(yaml, str):
            raise TypeError(f"yaml: expected str, found {type(yaml).__name__}")
        encoded = yaml.encode()
        return cls._adopt(create("hrl_scenario_parse", encoded, len(encoded),
                                 text(name, "name")))

    def _text(self, function: str) -> str:
        with self._use(shared=True) as pointer:
            return os.fsdecode(getattr(lib, function)(pointer))

    @property
    def name(self) -> str:
        """What its models and folders are called."""
        return self._text("hrl_scenario_name")

    @property
    def model(self) -> str:
        """``"budget"`` or ``"lifecycle"``."""
        return self._text("hrl_scenario_model")

    @property
    def source(self) -> str:
        """The path it was read from, or ``""``."""
        return self._text("hrl_scenario_source")

    @property
    def description(self) -> str:
        """The file's description, or ``""``."""
        return self._text("hrl_scenario_description")

    @property
    def remarks(self) -> list[str]:
        """What its reader should know: values without effect, or that look like a slip."""
        return self._text("hrl_scenario_remarks").splitlines()

    def __getitem__(self, key: str) -> float:
        """A value by "section.name"; units are those of hrl-scenario(5)."""
        value = c_double()
        with self._use(shared=True) as pointer:
            call("hrl_scenario_get", pointer, text(key, "key"), byref(value))
        return value.value

    def __setitem__(self, key: str, value: float) -> None:
        """Changes a value, checked like one in a file."""
        with self._use() as pointer:
            call("hrl_scenario_set", pointer, text(key, "key"), float(value))

    @property
    def is_family(self) -> bool:
        """Whether some of its keys are ranges; values are then the middles of those."""
        with self._use(shared=True) as pointer:
            return lib.hrl_scenario_is_family(pointer) != 0

    def draw(self, number: int, seed: int = 0) -> Scenario:
        """Household `number` of a family, for evaluation: training never draws it."""
        with self._use(shared=True) as pointer:
            return Scenario._adopt(create("hrl_scenario_draw", pointer, whole(seed, "seed"),
                                          whole(number, "number")))

    def begin_at(self, *, month: int = 1, cash: float, portfolio: float = 0.0,
                 unemployed: bool = False) -> None:
        """Lets the household begin at a later month: everything that plays the scenario plays
        the remaining months, from `month` on. Amounts are those before that month. It is
        not a key: `to_yaml` and `copy` omit it, and such a scenario cannot be trained on.
        `restart` undoes it."""
        now = CSituation(size=ctypes.sizeof(CSituation), month=whole(month, "month"),
                         cash=cash, portfolio=portfolio, unemployed=1 if unemployed else 0)
        with self._use() as pointer:
            call("hrl_scenario_begin_at", pointer, byref(now))
            self._beginning = {"month": month, "cash": cash, "portfolio": portfolio,
                               "unemployed": unemployed}

    def restart(self) -> None:
        """Lets the household begin at its first month again."""
        with self._use() as pointer:
            call("hrl_scenario_begin_at", pointer, None)
            self._beginning = None

    def _copy_to_play(self) -> Scenario:
        """Another one that is equal and begins where this one does."""
        copied = self.copy()
        if self._beginning is not None:
            copied.begin_at(**self._beginning)
        return copied

    def to_yaml(self) -> str:
        """Every key with its value, as YAML that loads to an equal scenario."""
        with self._use(shared=True) as pointer:
            return take_text("hrl_scenario_format", pointer)

    def copy(self) -> Scenario:
        """Another one that is equal."""
        return Scenario.parse(self.to_yaml(), self.name)

    def __repr__(self) -> str:
        return "<hrl.Scenario, closed>" if self.closed else \
            f"<hrl.Scenario {self.name!r}, model {self.model}>"


def scenarios() -> list[str]:
    """The names that `Scenario` knows, sorted."""
    names, count = c_void_p(), c_size_t()
    call("hrl_scenario_list", byref(names), byref(count))
    try:
        found = cast(names, POINTER(c_char_p))
        return [os.fsdecode(found[i]) for i in range(count.value)]
    finally:
        lib.hrl_free(names)


def as_scenario(scenario: Scenario | str | os.PathLike[str]) -> Scenario:
    """A scenario, or the one of that name or path."""
    return scenario if isinstance(scenario, Scenario) else Scenario(scenario)
