"""Results of the library: progress, evaluations, events, status. Money is in euro, a month
is a month of the household; what is not known is NaN or None."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any, Optional

import numpy as np

from ._library import CEvaluation, CEvent, CProgress, values

EVENTS = ("started", "progress", "checkpoint", "evaluated", "completed", "stopped", "error",
          "paused", "resumed")
STATES = ("idle", "running", "stopped", "completed", "failed", "paused")


@dataclass(frozen=True)
class Progress:
    """The nine figures; means are over the last 10 episodes."""

    episode: int  #: just finished, 1 for the first
    total_episodes: int  #: of the run
    avg_reward: float  #: sum of the executor's rewards of an episode
    avg_duration: float  #: months
    avg_cash: float  #: euro at the end
    avg_invested: float  #: euro, all months together
    stability: float  #: share of months that ended with cash above 0
    goal_adherence: float  #: mean distance from the goal's ratio: lower is better
    elapsed_time: float  #: seconds of training


@dataclass(frozen=True)
class Evaluation:
    """What a policy is worth: means over episodes without exploration."""

    episodes: int  #: played
    strategic_return: float  #: J: how good the policy is
    strategic_return_stderr: float  #: standard error of that mean
    reward: float  #: sum of the executor's rewards
    months: float  #: length
    solvent: float  #: share of episodes that reached the horizon with cash >= 0
    stability: float  #: share of months that ended with cash above 0
    final_cash: float  #: euro
    invested: float  #: euro
    wealth: float  #: cash and portfolio, euro
    goal_adherence: float  #: NaN without goals
    certainty_equivalent: float  #: real euro a month; NaN in the model budget
    certainty_equivalent_stderr: float  #: its standard error
    consumption: float  #: mean real euro a month; NaN in the model budget
    rescued: float  #: share of episodes with a transfer; NaN in the model budget


@dataclass(frozen=True)
class Status:
    """State of a trainer."""

    state: str  #: one of STATES
    episode: int  #: episodes done
    total_episodes: int  #: of the run
    seed: int  #: of the run
    start_time: str  #: when it first ran, local ISO 8601; "" before
    progress: Optional[Progress]  #: of the last episode
    best_eval_score: Optional[float]  #: strategic return of the best evaluation
    error: str  #: why it failed, or ""


@dataclass(frozen=True)
class Event:
    """One event of a run; what an event does not have is None."""

    type: str  #: one of EVENTS
    scenario: str  #: name
    start_time: str  #: of the run
    episode: int  #: episodes done
    total_episodes: int  #: of the run
    progress: Optional[Progress] = None  #: progress, completed, stopped
    evaluation: Optional[Evaluation] = None  #: evaluated, completed
    is_best: bool = False  #: evaluated: better than all before
    path: Optional[str] = None  #: checkpoint; stopped: the one to resume from
    error: Optional[str] = None  #: error: why
    returns: Optional[np.ndarray] = None  #: evaluated: [episodes] strategic returns
    reason: Optional[str] = None  #: completed: "episodes", "converged" or "target"


def _make(kind: type, structure: Any) -> Any:
    found = values(structure)
    return kind(**{field.name: found[field.name] for field in fields(kind)})


def make_progress(progress: CProgress) -> Progress:
    """From the library's struct."""
    return _make(Progress, progress)


def make_evaluation(evaluation: CEvaluation) -> Evaluation:
    """From the library's struct."""
    return _make(Evaluation, evaluation)


def _path(encoded: Optional[bytes]) -> Optional[str]:
    return None if encoded is None else os.fsdecode(encoded)


def make_event(event: CEvent) -> Event:
    """A copy of an event, which is valid only during its call."""
    evaluation = make_evaluation(event.evaluation[0]) if event.evaluation else None
    returns = None
    if event.returns and evaluation is not None:
        returns = np.ctypeslib.as_array(event.returns, (evaluation.episodes,)).copy()
    return Event(
        type=EVENTS[event.type] if event.type < len(EVENTS) else str(event.type),
        scenario=_path(event.scenario) or "", start_time=_path(event.start_time) or "",
        episode=event.episode, total_episodes=event.total_episodes,
        progress=make_progress(event.progress[0]) if event.progress else None,
        evaluation=evaluation, is_best=bool(event.is_best), path=_path(event.path),
        error=event.error[0].message.decode("utf-8", "replace") if event.error else None,
        returns=returns, reason=_path(event.reason))
