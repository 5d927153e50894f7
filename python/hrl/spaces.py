"""Gymnasium's classes if it is installed, otherwise replacements."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

try:
    import gymnasium
    from gymnasium import spaces as _spaces
    from gymnasium.vector.utils import batch_space as _batch
except ImportError:
    gymnasium = None


class Box:
    """A box of numbers, as gymnasium.spaces.Box: `low`, `high`, `shape`, `dtype`."""

    def __init__(self, low: Any, high: Any, shape: tuple[int, ...], dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self.shape = shape
        self.low = np.full(shape, low, self.dtype)
        self.high = np.full(shape, high, self.dtype)
        self._random = np.random.default_rng()

    def seed(self, seed: Optional[int] = None) -> None:
        """Of `sample`."""
        self._random = np.random.default_rng(seed)

    def sample(self) -> np.ndarray:
        """Uniform within bounds; normal where there are none."""
        if np.all(np.isfinite(self.low)) and np.all(np.isfinite(self.high)):
            return self._random.uniform(self.low, self.high).astype(self.dtype)
        return self._random.normal(size=self.shape).astype(self.dtype)

    def contains(self, x: Any) -> bool:
        """Whether x is one of its arrays."""
        return isinstance(x, np.ndarray) and x.shape == self.shape and \
            np.can_cast(x.dtype, self.dtype) and \
            bool(np.all((x >= self.low) & (x <= self.high)))

    def __repr__(self) -> str:
        return f"Box({self.low.min()}, {self.high.max()}, {self.shape}, {self.dtype})"


class _Env:
    """The part of gymnasium.Env that the environments here rely on."""

    spec = None
    _np_random: Optional[np.random.Generator] = None

    def reset(self, *, seed: Optional[int] = None, options: Any = None) -> None:
        """Seeds the generator, which the household does not use."""
        if seed is not None:
            self._np_random = np.random.default_rng(seed)

    @property
    def unwrapped(self) -> Any:
        """Itself."""
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()  # type: ignore[attr-defined]


class _VectorEnv(_Env):
    closed = False


ENV_BASE: type = _Env if gymnasium is None else gymnasium.Env
VECTOR_BASE: type = _VectorEnv if gymnasium is None else gymnasium.vector.VectorEnv


def make_box(low: float, high: float, shape: tuple[int, ...], dtype: Any) -> Any:
    """gymnasium's box, or the one above."""
    return Box(low, high, shape, dtype) if gymnasium is None else \
        _spaces.Box(low, high, shape, dtype)


def batch(box: Any, count: int) -> Any:
    """The box of [count] such arrays."""
    if gymnasium is not None:
        return _batch(box, count)
    return Box(box.low.flat[0], box.high.flat[0], (count, *box.shape), box.dtype)


def autoreset_mode(name: str) -> Any:
    """gymnasium.vector.AutoresetMode, or its text."""
    text = {"next_step": "NextStep", "same_step": "SameStep", "disabled": "Disabled"}[name]
    mode = getattr(gymnasium.vector, "AutoresetMode", None) if gymnasium else None
    return text if mode is None else mode(text)


def register(name: str, entry: str, vector_entry: str, arguments: dict[str, Any]) -> None:
    """Registers an environment, once, where Gymnasium is installed."""
    if gymnasium is not None and name not in gymnasium.registry:
        gymnasium.register(name, entry_point=entry, vector_entry_point=vector_entry,
                           kwargs=arguments)
