"""Exceptions: what a status of the library becomes."""

from __future__ import annotations


class Error(Exception):
    """Something that the library refused or could not do.

    ``str()`` is one line: place, what was found, what was expected, what to do.

    Attributes:
        status: code of hrl/error.h, such as 33.
        name: its name, such as ``"HRL_ERROR_RANGE"``.
        file: file concerned, or ``""``.
        line, column: place in that file, from 1; 0 where there is none.
    """

    def __init__(self, message: str, status: int = 0, name: str = "", file: str = "",
                 line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.file = file
        self.line = line
        self.column = column


class ArgumentError(Error, ValueError):
    """An argument that the library does not accept."""


class StateError(Error, RuntimeError):
    """Not possible in the present state: closed, in use by another thread, running."""


class OutOfMemoryError(Error, MemoryError):
    """Memory ran out."""


class NotFoundError(Error, LookupError):
    """No such scenario, model or run; the message names the nearest."""


class LockedError(Error, RuntimeError):
    """In use by another run."""


class FileError(Error):
    """Input or output failed, a thread could not be made, or another rank is gone."""


class ScenarioError(Error, ValueError):
    """What a scenario file says is wrong; has file, line and column."""


class ModelError(Error, ValueError):
    """A stored run or model that cannot be read, or belongs to something else."""


class NumericError(Error, ArithmeticError):
    """A computed number is not finite."""


BY_STATUS: dict[int, type[Error]] = {
    10: ArgumentError, 11: StateError, 20: OutOfMemoryError, 21: FileError, 22: FileError,
    23: NotFoundError, 24: LockedError, 25: FileError, 30: ScenarioError, 31: ScenarioError,
    32: ScenarioError, 33: ScenarioError, 34: ScenarioError, 40: ModelError,
    41: ModelError, 42: ModelError, 43: ModelError, 50: NumericError,
    60: Error,  # a task that a C program brings along: Python has none
}
