"""Training the two agents of a household."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import logging
import os
import threading
import weakref
from collections import deque
from ctypes import byref, c_int, c_uint64
from typing import Any, Callable, Iterator, Optional, Union

from ._library import (LISTENER, LOG, CStatus, Handle, TrainerOptions, call, create, lib,
                       text, whole)
from .errors import StateError
from .policy import Policy
from .results import STATES, Event, Status, make_event, make_progress
from .scenario import Scenario, as_scenario

log = logging.getLogger("hrl")

AnyPath = Union[str, "os.PathLike[str]"]
Callback = Callable[[Event], Any]


# Runs in the background: Python must not end below their callbacks.
_running: "weakref.WeakSet[Trainer]" = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    for trainer in list(_running):
        if not trainer.closed:
            trainer._stop_and_save()


@LOG
def _remark(message: bytes, _: Any) -> None:
    log.info("%s", message.decode("utf-8", "replace"))


def _options(arguments: dict[str, Any]) -> TrainerOptions:
    made = TrainerOptions(size=ctypes.sizeof(TrainerOptions), log=_remark)
    limits = {"eval_episodes": 2**32 - 1, "threads": 2**32 - 1, "patience": 2**32 - 1}
    for name in ("episodes", "seed", "save_interval", "eval_episodes", "threads", "keep",
                 "patience", "min_episodes"):
        setattr(made, name, whole(arguments[name], name, limits.get(name, 2**64 - 1)))
    least = arguments["min_improvement"]
    made.min_improvement = -1.0 if least is None else float(least)
    if arguments["output"] is not None:
        made.output = text(arguments["output"], "output")
    if arguments["tensorboard"] is not None:
        made.tensorboard = text(arguments["tensorboard"], "tensorboard")
    made.record = 1 if arguments["record"] else 0
    if arguments["target"] is not None:
        made.has_target, made.target = 1, float(arguments["target"])
    return made


class Trainer(Handle):
    """A run of training: steps on the caller's thread, or a run in the background.

    Args:
        scenario: a Scenario, its name or its path; copied.
        episodes: in all; 0: the scenario's training.num_episodes.
        seed: of all random numbers. Same seed, same bits, for any number of threads.
        save_interval: episodes between two checkpoints and evaluations.
        eval_episodes: episodes of an evaluation.
        threads: 0: as many as there are processors.
        keep: checkpoints to keep beside the best; 0: all.
        output: folder for agents, checkpoints and history; None: no files.
        record: record the run in the database of the output folder (see `hrl.runs`).
        patience, min_improvement, min_episodes, target: ends early, see hrl-train(1).
            min_improvement None: what suits the model.
        resume: a checkpoint folder to go on from, or ``"auto"``: the run in the output
            folder that was written to last, or a new one.
        tensorboard: folder for TensorBoard's event files; None: none.
        pretrained: a Policy, or a model as it is called, to begin from, such as
            ``"generalist"``; None: from nothing.
        callback: called with each `Event`, on the thread that trains. One that raises stops
            the run; files are saved, and the exception is raised by whoever waits.

    A trainer is iterable: ``for event in trainer`` trains, and ends with the run. As a
    context manager it stops its run at the end of the block, and saves it. ``stop``,
    ``pause``, ``resume`` and ``status`` may be called from any thread and from a callback;
    the rest by one thread at a time (StateError).
    """

    _destroy = "hrl_trainer_destroy"

    def __init__(self, scenario: Scenario | AnyPath, *, episodes: int = 0, seed: int = 0,
                 save_interval: int = 100, eval_episodes: int = 10, threads: int = 0,
                 keep: int = 0, output: Optional[AnyPath] = None, record: bool = False,
                 patience: int = 0, min_improvement: float | None = None, min_episodes: int = 0,
                 target: Optional[float] = None, resume: Optional[AnyPath] = None,
                 tensorboard: Optional[AnyPath] = None,
                 pretrained: Optional[Policy | AnyPath] = None,
                 callback: Optional[Callback] = None) -> None:
        if callback is not None and not callable(callback):
            raise TypeError(f"callback: expected a function, found "
                            f"{type(callback).__name__}")
        options = _options(locals())
        with contextlib.ExitStack() as used:
            pointer = used.enter_context(as_scenario(scenario)._use(shared=True))
            if pretrained is not None:
                pair = pretrained if isinstance(pretrained, Policy) else \
                    used.enter_context(Policy(pretrained))
                options.pretrained = used.enter_context(pair._use(shared=True))
            super().__init__(create("hrl_trainer_create", pointer, byref(options)))
        self._callback = callback
        self._events: Optional[deque[Event]] = None
        self._raised: Optional[BaseException] = None
        self._ended = threading.Event()
        self._ended.set()
        self._background = False
        self._calling: Optional[int] = None  # the thread that is in a callback
        # kept: the library calls it as long as the trainer lives
        self._listener = LISTENER(self._hear)
        call("hrl_trainer_add_listener", self._pointer, self._listener, None)
        if resume is not None:
            self._resume_from(resume, options.seed)

    def _resume_from(self, resume: AnyPath, seed: int) -> None:
        if resume == "auto":
            call("hrl_trainer_load_latest", self._pointer, None,
                 byref(c_uint64(seed)) if seed else None, byref(c_int()))
        else:
            call("hrl_trainer_load", self._pointer, text(resume, "resume"))

    def _hear(self, event: Any, _: Any) -> None:
        """The listener: nothing may be raised through the library."""
        try:
            self._calling = threading.get_ident()
            made = make_event(event[0])
            if self._events is not None:
                self._events.append(made)
            if self._callback is not None and self._raised is None:
                self._callback(made)
        except BaseException as raised:  # pylint: disable=broad-except
            self._raised = self._raised or raised
            lib.hrl_trainer_stop(self._pointer)
        finally:
            self._calling = None
            if event[0].type in (4, 5, 6):
                self._ended.set()

    def _raise(self) -> None:
        if self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised

    def _step(self, pointer: int) -> bool:
        more = c_int()
        call("hrl_trainer_step", pointer, byref(more))
        return more.value != 0

    def _finish(self, pointer: int) -> None:
        """After a stop: what is left to do, the saving included."""
        while self._step(pointer):
            pass

    def step(self) -> bool:
        """One unit of work: a batch of episodes, and what is learned from it. False when
        the run is completed or stopped. Raises what a callback raised, after saving."""
        with self._use() as pointer:
            more = self._step(pointer)
            if self._raised is not None and more:
                self._finish(pointer)
        self._raise()
        return more

    def run(self) -> Status:
        """Trains to the end on this thread. KeyboardInterrupt ends the unit of work in
        hand, saves, and is raised again."""
        with self._use() as pointer:
            try:
                while self._step(pointer) and self._raised is None:
                    pass
            except KeyboardInterrupt as interrupt:
                self._raised = self._raised or interrupt
            if self._raised is not None and self.status().state in ("running", "idle"):
                lib.hrl_trainer_stop(pointer)
                self._finish(pointer)
        self._raise()
        return self.status()

    def __iter__(self) -> Iterator[Event]:
        """Trains, and gives each event. To leave the loop early is to stop and save."""
        self._events = events = deque()
        ended = False
        try:
            while not ended:
                ended = not self.step()
                while events:
                    yield events.popleft()
        finally:
            self._events = None
            if not ended:
                self._stop_and_save()

    def _stop_and_save(self) -> None:
        if self.closed:
            return
        if self._background:
            self.stop()
            self._join()
        elif self.status().state in ("running", "paused"):
            with self._use() as pointer:
                lib.hrl_trainer_resume(pointer)
                lib.hrl_trainer_stop(pointer)
                self._finish(pointer)

    def start(self) -> None:
        """Starts or continues training on a thread of the library."""
        with self._use() as pointer:
            self._ended.clear()
            try:
                call("hrl_trainer_start", pointer)
            except BaseException:
                self._ended.set()
                raise
            self._background = True
            _running.add(self)

    def _join(self) -> None:
        with self._use() as pointer:
            call("hrl_trainer_wait", pointer)
        self._background = False
        _running.discard(self)

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Waits for the run in the background, seconds at most. True when it has ended;
        raises its error, or what a callback raised. KeyboardInterrupt stops the run, waits
        until it is saved, and is raised again."""
        if self._calling == threading.get_ident():
            raise StateError("a callback cannot wait for its own run", 11,
                             "HRL_ERROR_STATE")
        try:
            if not self._ended.wait(timeout):
                return False
        except KeyboardInterrupt:
            self.stop()
            self._join()
            raise
        self._join()
        self._raise()
        return True

    def stop(self) -> None:
        """Asks for a graceful end; returns at once."""
        with self._use(shared=True) as pointer:
            lib.hrl_trainer_stop(pointer)

    def pause(self) -> None:
        """Asks the run to wait after the unit of work in hand."""
        with self._use(shared=True) as pointer:
            lib.hrl_trainer_pause(pointer)

    def resume(self) -> None:
        """Lets a paused run go on."""
        with self._use(shared=True) as pointer:
            lib.hrl_trainer_resume(pointer)

    def status(self) -> Status:
        """A consistent view at one moment."""
        found = CStatus(size=ctypes.sizeof(CStatus))
        with self._use(shared=True) as pointer:
            lib.hrl_trainer_get_status(pointer, byref(found))
        return Status(
            state=STATES[found.state], episode=found.episode,
            total_episodes=found.total_episodes, seed=found.seed,
            start_time=found.start_time.decode(),
            progress=make_progress(found.progress) if found.has_progress else None,
            best_eval_score=found.best_eval_score if found.has_best else None,
            error=found.error.message.decode("utf-8", "replace"))

    def save(self, folder: AnyPath) -> None:
        """Saves the run as a checkpoint folder, from which it can be resumed."""
        with self._use() as pointer:
            call("hrl_trainer_save", pointer, text(folder, "folder"))

    def close(self) -> None:
        """Stops a run in the background, waits for it, and frees everything."""
        if self._calling == threading.get_ident():
            raise StateError("a callback cannot close its own trainer", 11,
                             "HRL_ERROR_STATE")
        super().close()

    def __exit__(self, *_: object) -> None:
        try:
            self._stop_and_save()
        finally:
            self.close()

    def __del__(self) -> None:
        if hasattr(self, "_listener"):
            super().__del__()


def train(scenario: Scenario | AnyPath, *, callback: Optional[Callback] = None,
          **options: Any) -> Status:
    """Trains to the end on this thread; returns the final status.

    Args are those of `Trainer`. KeyboardInterrupt stops gracefully: the unit of work in
    hand ends, files are saved, and the exception is raised again; so is what `callback`
    raises. ``resume="auto"`` continues from there.
    """
    with Trainer(scenario, callback=callback, **options) as trainer:
        return trainer.run()
