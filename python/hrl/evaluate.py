"""How good a policy is, beside simple rules and the optimum."""

from __future__ import annotations

import ctypes
import os
from ctypes import byref, c_double
from dataclasses import astuple, dataclass
from typing import Optional, Union

from ._library import CEvaluation, CRule, EvaluateOptions, call, lib, whole
from .policy import Policy
from .results import Evaluation, make_evaluation
from .scenario import Scenario, as_scenario
from .trainer import _remark


@dataclass(frozen=True)
class Rule:
    """A simple rule. In the model budget only `save` counts, the share of income that is
    invested; hrl/evaluate.h says what the rest is in the model lifecycle."""

    save: float = 0.0  #: 0..1
    share: float = 0.0  #: 0..1
    buffer: float = 0.0  #: months of income
    target: float = 0.0  #: months of income


AnyScenario = Union[Scenario, str, "os.PathLike[str]"]


def _options(episodes: int, seed: int, threads: int) -> EvaluateOptions:
    return EvaluateOptions(ctypes.sizeof(EvaluateOptions), whole(episodes, "episodes"),
                           whole(seed, "seed"), whole(threads, "threads", 2**32 - 1),
                           _remark, None)


def _empty() -> CEvaluation:
    return CEvaluation(size=ctypes.sizeof(CEvaluation))


def _need(scenario: Optional[AnyScenario]) -> Scenario:
    if scenario is None:
        raise TypeError("a scenario is needed: only a Policy has its own")
    return as_scenario(scenario)


def evaluate(policy: Union[Policy, Rule, float], scenario: Optional[AnyScenario] = None, *,
             episodes: int = 4000, seed: int = 20240229, threads: int = 0) -> Evaluation:
    """Plays a policy, without exploration, on episodes that no training has seen.

    Args:
        policy: a Policy; a Rule; or a number, the constant share of income to invest
            (lifecycle: to save in cash).
        scenario: None: the one that a Policy was trained on.
        episodes, seed: equal numbers meet equal noise.
    """
    options, result = _options(episodes, seed, threads), _empty()
    if isinstance(policy, Policy):
        with policy._use(shared=True) as pointer:
            if scenario is None:
                call("hrl_evaluate_policy", pointer, None, byref(options), byref(result))
            else:
                with as_scenario(scenario)._use(shared=True) as other:
                    call("hrl_evaluate_policy", pointer, other, byref(options),
                         byref(result))
        return make_evaluation(result)
    with _need(scenario)._use(shared=True) as other:
        if isinstance(policy, Rule):
            rule = CRule(ctypes.sizeof(CRule), *astuple(policy))
            call("hrl_evaluate_rule", other, byref(rule), byref(options), byref(result))
        else:
            call("hrl_evaluate_share", other, float(policy), byref(options),
                 byref(result))
    return make_evaluation(result)


def best_rule(scenario: AnyScenario, *, episodes: int = 4000, seed: int = 20240229,
              threads: int = 0) -> tuple[Rule, Evaluation]:
    """The best of the simple rules, picked by hindsight, and what it is worth."""
    options, result = _options(episodes, seed, threads), _empty()
    rule = CRule(size=ctypes.sizeof(CRule))
    with as_scenario(scenario)._use(shared=True) as pointer:
        call("hrl_evaluate_best_rule", pointer, byref(options), byref(rule), byref(result))
    return Rule(rule.save, rule.share, rule.buffer, rule.target), make_evaluation(result)


def optimum(scenario: AnyScenario, *, episodes: int = 4000, seed: int = 20240229,
            threads: int = 0) -> tuple[float, Evaluation]:
    """The optimum by backward induction: its expected strategic return, and what it came to
    on these episodes."""
    options, result, expected = _options(episodes, seed, threads), _empty(), c_double()
    with as_scenario(scenario)._use(shared=True) as pointer:
        call("hrl_evaluate_optimum", pointer, byref(options), byref(expected),
             byref(result))
    return expected.value, make_evaluation(result)


def difference(first: Policy, second: Policy, scenario: Optional[AnyScenario] = None, *,
               episodes: int = 4000, seed: int = 20240229,
               threads: int = 0) -> tuple[float, float]:
    """The mean of `second` - `first` by strategic return on the same noise, and its
    standard error."""
    options, mean, error = _options(episodes, seed, threads), c_double(), c_double()
    with first._use(shared=True) as one, second._use(shared=True) as two:
        if scenario is None:
            call("hrl_evaluate_difference", one, two, None, byref(options), byref(mean),
                 byref(error))
        else:
            with as_scenario(scenario)._use(shared=True) as other:
                call("hrl_evaluate_difference", one, two, other, byref(options),
                     byref(mean), byref(error))
    return mean.value, error.value


def skill(value: float, rule: float, best: float) -> float:
    """0 is the best simple rule, 1 the optimum; NaN where that is no better than the rule."""
    return lib.hrl_skill(value, rule, best)
