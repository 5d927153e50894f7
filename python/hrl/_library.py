"""libhrl.so.0 by ctypes: where it is, its structs, its functions, its errors.

The GIL is released while a function of the library runs.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import threading
from contextlib import contextmanager
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_char, c_char_p, c_double, c_int,
                    c_int32, c_size_t, c_uint, c_uint32, c_uint64, c_void_p)
from typing import Any, Iterator

from . import _location
from .errors import BY_STATUS, Error, StateError

NAME = "libhrl.so.0"


class CError(Structure):
    _fields_ = [("status", c_int), ("line", c_int), ("column", c_int),
                ("file", c_char * 512), ("message", c_char * 1024)]


LOG = CFUNCTYPE(None, c_char_p, c_void_p)


class TrainerOptions(Structure):
    _fields_ = [("size", c_size_t), ("episodes", c_uint64), ("seed", c_uint64),
                ("save_interval", c_uint64), ("eval_episodes", c_uint32),
                ("threads", c_uint32), ("keep", c_uint64), ("output", c_char_p),
                ("log", LOG), ("log_data", c_void_p), ("record", c_int),
                ("patience", c_uint32), ("min_improvement", c_double),
                ("min_episodes", c_uint64), ("has_target", c_int), ("target", c_double),
                ("communicator", c_void_p), ("tensorboard", c_char_p),
                ("pretrained", c_void_p)]


class CProgress(Structure):
    _fields_ = [("episode", c_uint64), ("total_episodes", c_uint64)] + [
        (name, c_double) for name in ("avg_reward", "avg_duration", "avg_cash",
                                      "avg_invested", "stability", "goal_adherence",
                                      "elapsed_time")]


class CEvaluation(Structure):
    _fields_ = [("size", c_size_t), ("episodes", c_uint64)] + [
        (name, c_double) for name in (
            "strategic_return", "strategic_return_stderr", "reward", "months", "solvent",
            "stability", "final_cash", "invested", "wealth", "goal_adherence",
            "certainty_equivalent", "certainty_equivalent_stderr", "consumption",
            "rescued")]


class CStatus(Structure):
    _fields_ = [("size", c_size_t), ("state", c_int), ("episode", c_uint64),
                ("total_episodes", c_uint64), ("seed", c_uint64),
                ("start_time", c_char * 32), ("has_progress", c_int),
                ("progress", CProgress), ("has_best", c_int),
                ("best_eval_score", c_double), ("error", CError)]


class CEvent(Structure):
    _fields_ = [("size", c_size_t), ("type", c_int), ("trainer", c_void_p),
                ("scenario", c_char_p), ("start_time", c_char_p), ("episode", c_uint64),
                ("total_episodes", c_uint64), ("progress", POINTER(CProgress)),
                ("evaluation", POINTER(CEvaluation)), ("is_best", c_int),
                ("path", c_char_p), ("error", POINTER(CError)),
                ("returns", POINTER(c_double)), ("reason", c_char_p)]


LISTENER = CFUNCTYPE(None, POINTER(CEvent), c_void_p)


class EvaluateOptions(Structure):
    _fields_ = [("size", c_size_t), ("episodes", c_uint64), ("seed", c_uint64),
                ("threads", c_uint32), ("log", LOG), ("log_data", c_void_p)]


class CRule(Structure):
    _fields_ = [("size", c_size_t), ("save", c_double), ("share", c_double),
                ("buffer", c_double), ("target", c_double)]


class StepResult(Structure):
    _fields_ = [("size", c_size_t), ("reward", c_void_p), ("wealth_change", c_void_p),
                ("terminated", c_void_p), ("truncated", c_void_p),
                ("consumption", c_void_p)]


class CSituation(Structure):
    _fields_ = [("size", c_size_t), ("month", c_uint64), ("cash", c_double),
                ("portfolio", c_double), ("unemployed", c_int)]


class CAdvice(Structure):
    _fields_ = [("size", c_size_t), ("now", c_double * 8), ("goal", c_double * 3),
                ("months_of_goal", c_size_t), ("allocation", c_double * 3),
                ("amount", c_double), ("invest", c_double), ("save", c_double),
                ("consume", c_double)]


class CRun(Structure):
    _fields_ = [("size", c_size_t), ("id", c_uint64), ("state", c_int),
                ("scenario", c_char * 201), ("scenario_hash", c_char * 17),
                ("library_version", c_char * 32), ("host", c_char * 65),
                ("process", c_uint64), ("start_time", c_char * 32),
                ("end_time", c_char * 32), ("seed", c_uint64), ("episode", c_uint64),
                ("total_episodes", c_uint64), ("save_interval", c_uint64),
                ("keep", c_uint64), ("eval_episodes", c_uint32), ("threads", c_uint32),
                ("parts", c_uint64), ("elapsed_time", c_double),
                ("best_return", c_double), ("best_episode", c_uint64),
                ("final_return", c_double), ("final_stderr", c_double),
                ("final_episode", c_uint64), ("error", c_char * 1024),
                ("reason", c_char * 16), ("patience", c_uint32),
                ("min_improvement", c_double), ("min_episodes", c_uint64),
                ("target", c_double), ("in_queue", c_int), ("priority", c_int32),
                ("own_folder", c_int), ("queued_time", c_char * 32),
                ("best_equivalent", c_double), ("final_equivalent", c_double),
                ("final_equivalent_stderr", c_double)]


class RunsFilter(Structure):
    _fields_ = [("size", c_size_t), ("scenario", c_char_p), ("states", c_uint),
                ("since", c_char_p), ("until", c_char_p), ("limit", c_uint64),
                ("offset", c_uint64)]


RUN = CFUNCTYPE(c_int, POINTER(CRun), c_void_p)
RUN_POINT = CFUNCTYPE(c_int, POINTER(CProgress), c_void_p)
RUN_EVALUATION = CFUNCTYPE(c_int, c_uint64, POINTER(CEvaluation), c_void_p)

#: Every struct, by its name in the headers.
STRUCTS: dict[str, type[Structure]] = {
    "hrl_error": CError, "hrl_trainer_options": TrainerOptions, "hrl_progress": CProgress,
    "hrl_evaluation": CEvaluation, "hrl_trainer_status": CStatus, "hrl_event": CEvent,
    "hrl_evaluate_options": EvaluateOptions, "hrl_rule": CRule,
    "hrl_situation": CSituation, "hrl_advice": CAdvice,
    "hrl_step_result": StepResult, "hrl_run": CRun, "hrl_runs_filter": RunsFilter}

_P, _OUT = c_void_p, POINTER(c_void_p)
_ERROR, _EVALUATION = POINTER(CError), POINTER(CEvaluation)
_OPTIONS = POINTER(EvaluateOptions)
_DOUBLE, _NUMBER = POINTER(c_double), POINTER(c_uint64)

# name: (result, arguments); those that end with an hrl_error are called by `call`.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "hrl_version": (c_char_p, []),
    "hrl_status_name": (c_char_p, [c_int]),
    "hrl_free": (None, [_P]),
    "hrl_skill": (c_double, [c_double, c_double, c_double]),
    "hrl_scenario_load": (c_int, [c_char_p, _OUT, _ERROR]),
    "hrl_scenario_parse": (c_int, [c_char_p, c_size_t, c_char_p, _OUT, _ERROR]),
    "hrl_scenario_destroy": (None, [_P]),
    "hrl_scenario_name": (c_char_p, [_P]),
    "hrl_scenario_model": (c_char_p, [_P]),
    "hrl_scenario_source": (c_char_p, [_P]),
    "hrl_scenario_description": (c_char_p, [_P]),
    "hrl_scenario_remarks": (c_char_p, [_P]),
    "hrl_scenario_format": (c_int, [_P, _OUT, _ERROR]),
    "hrl_scenario_get": (c_int, [_P, c_char_p, _DOUBLE, _ERROR]),
    "hrl_scenario_set": (c_int, [_P, c_char_p, c_double, _ERROR]),
    "hrl_scenario_list": (c_int, [_OUT, POINTER(c_size_t), _ERROR]),
    "hrl_scenario_is_family": (c_int, [_P]),
    "hrl_scenario_begin_at": (c_int, [_P, POINTER(CSituation), _ERROR]),
    "hrl_scenario_draw": (c_int, [_P, c_uint64, c_uint64, _OUT, _ERROR]),
    "hrl_trainer_create": (c_int, [_P, POINTER(TrainerOptions), _OUT, _ERROR]),
    "hrl_trainer_destroy": (None, [_P]),
    "hrl_trainer_add_listener": (c_int, [_P, LISTENER, _P, _ERROR]),
    "hrl_trainer_start": (c_int, [_P, _ERROR]),
    "hrl_trainer_wait": (c_int, [_P, _ERROR]),
    "hrl_trainer_stop": (None, [_P]),
    "hrl_trainer_pause": (None, [_P]),
    "hrl_trainer_resume": (None, [_P]),
    "hrl_trainer_step": (c_int, [_P, POINTER(c_int), _ERROR]),
    "hrl_trainer_get_status": (c_int, [_P, POINTER(CStatus)]),
    "hrl_trainer_save": (c_int, [_P, c_char_p, _ERROR]),
    "hrl_trainer_load": (c_int, [_P, c_char_p, _ERROR]),
    "hrl_trainer_load_latest": (c_int, [_P, c_char_p, _NUMBER, POINTER(c_int), _ERROR]),
    "hrl_policy_load": (c_int, [c_char_p, _OUT, _ERROR]),
    "hrl_policy_destroy": (None, [_P]),
    "hrl_policy_remark": (c_char_p, [_P]),
    "hrl_policy_scenario": (_P, [_P]),
    "hrl_policy_differences": (c_int, [_P, _P, _OUT, _ERROR]),
    "hrl_policy_advise": (c_int, [_P, _P, POINTER(CAdvice), _ERROR]),
    "hrl_policy_find": (c_int, [c_char_p, _OUT, _ERROR]),
    "hrl_policy_period": (c_size_t, [_P]),
    "hrl_policy_goal": (c_int, [_P, c_size_t, _P, _P, _P, _ERROR]),
    "hrl_policy_allocate": (c_int, [_P, c_size_t, _P, _P, c_size_t, _P, _ERROR]),
    "hrl_inspect": (c_int, [c_char_p, _OUT, _ERROR]),
    "hrl_evaluate_policy": (c_int, [_P, _P, _OPTIONS, _EVALUATION, _ERROR]),
    "hrl_evaluate_difference": (c_int, [_P, _P, _P, _OPTIONS, _DOUBLE, _DOUBLE, _ERROR]),
    "hrl_evaluate_share": (c_int, [_P, c_double, _OPTIONS, _EVALUATION, _ERROR]),
    "hrl_evaluate_rule": (c_int, [_P, POINTER(CRule), _OPTIONS, _EVALUATION, _ERROR]),
    "hrl_evaluate_best_rule": (c_int, [_P, _OPTIONS, POINTER(CRule), _EVALUATION, _ERROR]),
    "hrl_evaluate_optimum": (c_int, [_P, _OPTIONS, _DOUBLE, _EVALUATION, _ERROR]),
    "hrl_household_create": (c_int, [_P, c_size_t, c_uint64, _OUT, _ERROR]),
    "hrl_household_destroy": (None, [_P]),
    "hrl_household_actions": (c_size_t, [_P]),
    "hrl_household_reset": (c_int, [_P, c_size_t, c_uint64, _ERROR]),
    "hrl_household_reset_all": (c_int, [_P, c_uint64, _ERROR]),
    "hrl_household_reset_where": (c_int, [_P, _P, _P, _ERROR]),
    "hrl_household_observe": (None, [_P, _P]),
    "hrl_household_observe_lifecycle": (c_int, [_P, _P, _ERROR]),
    "hrl_household_step": (c_int, [_P, _P, POINTER(StepResult), _ERROR]),
    "hrl_household_discount": (c_double, [_P]),
    "hrl_household_certainty_equivalent": (c_double, [_P, c_double]),
    "hrl_runs_open": (c_int, [c_char_p, _OUT, _ERROR]),
    "hrl_runs_close": (None, [_P]),
    "hrl_runs_list": (c_int, [_P, POINTER(RunsFilter), RUN, _P, _ERROR]),
    "hrl_runs_get": (c_int, [_P, c_uint64, POINTER(CRun), _ERROR]),
    "hrl_runs_scenario": (c_int, [_P, c_uint64, _OUT, _ERROR]),
    "hrl_runs_progress": (c_int, [_P, c_uint64, c_size_t, RUN_POINT, _P, _ERROR]),
    "hrl_runs_evaluations": (c_int, [_P, c_uint64, RUN_EVALUATION, _P, _ERROR]),
    "hrl_runs_difference": (c_int, [_P, c_uint64, c_uint64, _NUMBER, _DOUBLE, _DOUBLE,
                                    _ERROR]),
    "hrl_runs_model": (c_int, [_P, c_uint64, _OUT, _ERROR]),
    "hrl_runs_delete": (c_int, [_P, c_uint64, _ERROR]),
    "hrl_run_state_name": (c_char_p, [c_int]),
}


def _places() -> Iterator[str]:
    """Where the library may be, in order: HRL_LIBRARY, a build folder, installed."""
    if os.environ.get("HRL_LIBRARY"):
        yield os.environ["HRL_LIBRARY"]
        return
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    if (root / "libhrl" / "libhrl.map").exists():  # the sources, not an installation
        yield str(root / "build" / "libhrl" / NAME)
    if _location.LIBRARY_FOLDER:
        yield str(pathlib.Path(_location.LIBRARY_FOLDER) / NAME)
    yield NAME


def _load() -> ctypes.CDLL:
    problems = []
    for place in _places():
        if "/" in place and not os.path.exists(place):
            problems.append(f"{place}: not there")
            continue
        try:
            library = ctypes.CDLL(place)
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
            return library
        except OSError as error:
            problems.append(str(error))
        except AttributeError as error:
            problems.append(f"{place}: {error}; the library is older than this module")
    raise ImportError("libhrl is missing: " + "; ".join(problems) +
                      "; set HRL_LIBRARY to the path of " + NAME)


lib = _load()


def raise_error(error: CError) -> None:
    """Raises what an hrl_error holds."""
    status = error.status
    raise BY_STATUS.get(status, Error)(
        error.message.decode("utf-8", "replace"), status,
        lib.hrl_status_name(status).decode(), os.fsdecode(error.file), error.line,
        error.column)


def call(name: str, *arguments: Any) -> None:
    """Calls a function that ends with an hrl_error; raises where it fails."""
    error = CError()
    if getattr(lib, name)(*arguments, byref(error)) != 0:
        raise_error(error)


def create(name: str, *arguments: Any) -> int:
    """Calls a function whose last arguments are a place for a handle, and an hrl_error."""
    handle = c_void_p()
    call(name, *arguments, byref(handle))
    assert handle.value is not None
    return handle.value


def take_text(name: str, *arguments: Any) -> str:
    """The same for text that is freed with hrl_free."""
    pointer = create(name, *arguments)
    try:
        return ctypes.string_at(pointer).decode("utf-8", "replace")
    finally:
        lib.hrl_free(pointer)


def text(value: str, what: str) -> bytes:
    """A name or a path for the library; without zeros, which would end it early."""
    try:
        encoded = os.fsencode(value)
    except TypeError:
        raise TypeError(f"{what}: expected str or a path, found {type(value).__name__}") \
            from None
    if b"\0" in encoded:
        raise ValueError(f"{what}: has a zero byte")
    return encoded


def whole(value: Any, what: str, most: int = 2**64 - 1) -> int:
    """A whole number that fits; ctypes would cut it without a word."""
    try:
        number = value.__index__()
    except AttributeError:
        raise TypeError(f"{what}: expected int, found {type(value).__name__}") from None
    if not 0 <= number <= most:
        raise ValueError(f"{what}: found {number}, expected 0 to {most}")
    return int(number)


def values(structure: Structure) -> dict[str, Any]:
    """The members of a struct, its size aside, text decoded."""
    found = {}
    for name, _ in structure._fields_:
        if name != "size":
            value = getattr(structure, name)
            found[name] = value.decode("utf-8", "replace") if isinstance(value, bytes) \
                else value
    return found


class Handle:
    """A handle of the library. It is used by one thread at a time (a `shared` use may be
    beside others), and not after it was closed: both raise StateError."""

    _destroy = ""
    #: Whether shared uses may be beside one that is not.
    _mixes = True

    def __init__(self, pointer: int) -> None:
        self._guard = threading.Lock()
        self._pointer: int | None = pointer
        self._uses = 0
        self._owner: int | None = None

    @contextmanager
    def _use(self, shared: bool = False) -> Iterator[int]:
        with self._guard:
            pointer = getattr(self, "_pointer", None)
            if pointer is None:
                raise StateError(f"this {type(self).__name__} is closed", 11,
                                 "HRL_ERROR_STATE")
            is_owned = self._owner is not None
            if self._mixes:
                is_busy = is_owned and not shared
            else:
                is_busy = is_owned or (self._uses > 0 and not shared)
            if is_busy:
                raise StateError(f"this {type(self).__name__} is in use, by another thread "
                                 "or a callback of its own", 11, "HRL_ERROR_STATE")
            if not shared:
                self._owner = threading.get_ident()
            self._uses += 1
        try:
            yield pointer
        finally:
            with self._guard:
                self._uses -= 1
                if not shared:
                    self._owner = None

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._pointer is None

    def close(self) -> None:
        """Frees what the library holds; twice is no error. Raises StateError while it is
        in use."""
        with self._guard:
            if self._pointer is None:
                return
            if self._uses:
                raise StateError(f"this {type(self).__name__} is in use: close it later",
                                 11, "HRL_ERROR_STATE")
            pointer, self._pointer = self._pointer, None
        getattr(lib, self._destroy)(pointer)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_pointer", None) is not None:
            self.close()

    def __reduce__(self) -> Any:
        raise TypeError(f"a {type(self).__name__} cannot be pickled or copied")
