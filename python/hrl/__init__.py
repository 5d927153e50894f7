"""libhrl for Python: hierarchical reinforcement learning for household budgets.

    import hrl
    hrl.train("bologna_coppia", episodes=1000, output="models")
    policy = hrl.Policy("bologna_coppia")
    print(hrl.evaluate(policy).strategic_return)

docs/python.md has more. Money is in euro, a step is a month, rates are fractions.
"""

from ._library import lib as _lib
from .environment import HouseholdEnv, Households, HouseholdVectorEnv, register_environments
from .errors import (ArgumentError, Error, FileError, LockedError, ModelError, NotFoundError,
                     NumericError, OutOfMemoryError, ScenarioError, StateError)
from .evaluate import Rule, best_rule, difference, evaluate, optimum, skill
from .policy import (ALLOCATION, GOAL, LIFECYCLE_OBSERVATION, OBSERVATION, Policy,
                     read_archive)
from .results import Evaluation, Event, Progress, Status
from .runs import Run, Runs, runs
from .scenario import Scenario, scenarios
from .trainer import Trainer, train

__version__ = _lib.hrl_version().decode()

__all__ = [
    "ALLOCATION", "ArgumentError", "Error", "Evaluation", "Event", "FileError", "GOAL",
    "HouseholdEnv", "HouseholdVectorEnv", "Households", "LIFECYCLE_OBSERVATION",
    "LockedError", "ModelError", "NotFoundError", "NumericError", "OBSERVATION",
    "OutOfMemoryError", "Policy", "Progress", "Rule", "Run", "Runs", "Scenario",
    "ScenarioError", "StateError", "Status", "Trainer", "best_rule", "difference",
    "evaluate", "optimum", "read_archive", "register_environments", "runs", "scenarios",
    "skill", "train"]

register_environments()
