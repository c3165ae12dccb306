"""Faults: how slow and how unreliable the practice API is, the same way every time.

What happens to a request is drawn from the seed, who asks, what is asked and how often it was
asked before; never from the order in which different requests arrive. A program that is changed
from sequential to concurrent meets the very same failures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Fate", "Knobs"]


@dataclass(frozen=True, slots=True)
class Knobs:
    """The settings of the practice API for one client key.

    Args:
        latency: seconds that every answer takes.
        jitter: up to this many seconds more, drawn evenly, in whole milliseconds.
        tail_rate: probability, 0 to 1, that an answer is one of the very slow ones.
        tail: seconds more that a very slow answer takes.
        rate: requests per second, refilled evenly; more are refused with 429 and ``Retry-After``.
            None: no limit.
        burst: requests that may come at once before ``rate`` limits them.
        max_concurrent: requests in flight at once; more are refused with 503. None: no limit.
        failure_rate: probability of a 500 instead of an answer.
        drop_rate: probability that the connection is closed without an answer.
        stall_rate: probability that no answer ever comes.
        seed: another seed, other failures.

    Raises:
        ValueError: a knob is out of its range.
    """

    latency: float = 0.1
    jitter: float = 0.0
    tail_rate: float = 0.0
    tail: float = 1.0
    rate: float | None = None
    burst: int = 1
    max_concurrent: int | None = None
    failure_rate: float = 0.0
    drop_rate: float = 0.0
    stall_rate: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("latency", "jitter", "tail"):
            self._require(name, _is_number, "a number of seconds, 0 or more", low=0)
        for name in ("tail_rate", "failure_rate", "drop_rate", "stall_rate"):
            self._require(name, _is_number, "a probability from 0 to 1", low=0, high=1)
        if self.rate is not None:
            wanted = "a number of requests per second, 0.001 or more, or None"
            self._require("rate", _is_number, wanted, low=0.001)
        if self.max_concurrent is not None:
            self._require("max_concurrent", _is_whole, "a whole number, 1 or more, or None", low=1)
        self._require("burst", _is_whole, "a whole number, 1 or more", low=1)
        self._require("seed", _is_whole, "a whole number")

    def _require(
        self,
        name: str,
        is_kind: Callable[[object], bool],
        wanted: str,
        *,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> None:
        value = getattr(self, name)
        if not (is_kind(value) and low <= value <= high):
            raise ValueError(f"{name} must be {wanted}, not {value!r}")

    def changed(self, **changes: Any) -> Knobs:
        """These knobs with some of them set anew.

        Raises:
            ValueError: there is no such knob, or a value is out of its range.
        """
        names = [field.name for field in fields(self)]
        for unknown in changes.keys() - set(names):
            raise ValueError(f"there is no knob {unknown!r}; there are: {', '.join(names)}")
        return replace(self, **changes)

    def fate(self, key: str, method: str, target: str, nth: int) -> Fate:
        """What happens to one request.

        Args:
            key: the client key.
            method: the HTTP method.
            target: path and query.
            nth: how many requests with this method and target this client made before.
        """
        # One draw for every question, asked or not: turning one knob leaves the others' draws.
        random = Random(f"{self.seed} {key} {method} {target} {nth}")
        jitter, tail, stall, drop, failure = (random.random() for _ in range(5))
        slow = self.tail if tail < self.tail_rate else 0.0
        return Fate(
            delay=self.latency + round(self.jitter * jitter, 3) + slow,
            stalls=stall < self.stall_rate,
            drops=drop < self.drop_rate,
            fails=failure < self.failure_rate,
        )


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one request: its delay in seconds, and which faults strike it."""

    delay: float
    stalls: bool
    drops: bool
    fails: bool


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
