"""The run database: what was trained, when, how, and with what results."""

from __future__ import annotations

import ctypes
import os
from ctypes import byref, c_double, c_uint64
from typing import Any, Optional, Union

from ._library import (RUN, RUN_EVALUATION, RUN_POINT, CRun, Handle, RunsFilter, call,
                       create, lib, take_text, text, values, whole)
from .results import Evaluation, Progress, make_evaluation, make_progress
from .scenario import Scenario

STATES = ("queued", "running", "paused", "stopped", "completed", "failed", "interrupted")


class Run(dict):
    """One run: the members of hrl_run (hrl/runs.h) by name, `state` as a word."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def _make(run: CRun) -> Run:
    found = Run(values(run))
    found["state"] = lib.hrl_run_state_name(run.state).decode()
    return found


class Runs(Handle):
    """An open record.

    Args:
        path: an output folder of trainers with ``record=True``, or its runs.db.
    """

    _destroy = "hrl_runs_close"

    def __init__(self, path: Union[str, "os.PathLike[str]"] = "models") -> None:
        super().__init__(create("hrl_runs_open", text(path, "path")))

    def find(self, *, scenario: Optional[str] = None, states: tuple[str, ...] = (),
             since: Optional[str] = None, until: Optional[str] = None, limit: int = 0,
             offset: int = 0) -> list[Run]:
        """Runs, the newest first; times are ISO 8601."""
        bits = 0
        for state in states:
            if state not in STATES:
                raise ValueError(f"states: found {state!r}, expected some of {STATES}")
            bits |= 1 << STATES.index(state)
        wanted = RunsFilter(
            ctypes.sizeof(RunsFilter), scenario and text(scenario, "scenario"), bits,
            since and text(since, "since"), until and text(until, "until"),
            whole(limit, "limit"), whole(offset, "offset"))
        found: list[Run] = []
        with self._use() as pointer:
            call("hrl_runs_list", pointer, byref(wanted),
                 RUN(lambda run, _: found.append(_make(run[0])) or 0), None)
        return found

    def get(self, number: int) -> Run:
        """One run."""
        run = CRun(size=ctypes.sizeof(CRun))
        with self._use() as pointer:
            call("hrl_runs_get", pointer, whole(number, "run"), byref(run))
        return _make(run)

    def scenario(self, number: int) -> Scenario:
        """The scenario that a run was trained on."""
        with self._use() as pointer:
            return Scenario._adopt(create("hrl_runs_scenario", pointer,
                                          whole(number, "run")))

    def progress(self, number: int, points: int = 0) -> list[Progress]:
        """Its learning curve, at most so many points; 0: all that are kept."""
        found: list[Progress] = []
        with self._use() as pointer:
            call("hrl_runs_progress", pointer, whole(number, "run"),
                 whole(points, "points"),
                 RUN_POINT(lambda point, _: found.append(make_progress(point[0])) or 0),
                 None)
        return found

    def evaluations(self, number: int) -> list[tuple[int, Evaluation]]:
        """Its evaluations, each after so many episodes."""
        found: list[tuple[int, Evaluation]] = []

        def take(episode: int, evaluation: Any, _: Any) -> int:
            found.append((episode, make_evaluation(evaluation[0])))
            return 0
        with self._use() as pointer:
            call("hrl_runs_evaluations", pointer, whole(number, "run"),
                 RUN_EVALUATION(take), None)
        return found

    def difference(self, first: int, second: int) -> tuple[int, float, float]:
        """Two runs' last evaluations: episodes that both played, the mean of `second` -
        `first`, and its standard error."""
        episodes, mean, error = c_uint64(), c_double(), c_double()
        with self._use() as pointer:
            call("hrl_runs_difference", pointer, whole(first, "first"),
                 whole(second, "second"), byref(episodes), byref(mean), byref(error))
        return episodes.value, mean.value, error.value

    def model(self, number: int) -> str:
        """Where the newest agents of a run lie, for `Policy`."""
        with self._use() as pointer:
            return take_text("hrl_runs_model", pointer, whole(number, "run"))

    def delete(self, number: int) -> None:
        """Removes a run from the record; its files stay."""
        with self._use() as pointer:
            call("hrl_runs_delete", pointer, whole(number, "run"))


def runs(path: Union[str, "os.PathLike[str]"] = "models", **wanted: Any) -> list[Run]:
    """The runs of a record, the newest first; arguments as for `Runs.find`."""
    with Runs(path) as record:
        return record.find(**wanted)
