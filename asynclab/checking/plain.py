"""Plain: what a learner's function returned or raised, as JSON types.

A result may be anything: it may contain itself, be enormous, or answer every comparison with yes.
Only its plain copy is judged.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Copy", "error_text"]

DEPTH = 6  # levels that are looked at
SIZE = 5000  # values that are looked at
LENGTH = 2000  # characters of a text
BITS = 64  # of a number
# Where a function was made and where it lies: one names our own code, the other differs each time.
_ORIGIN = re.compile(r"[\w.<>]*<locals>\.| at 0x[0-9A-Fa-f]+")
MEMBERS = 20  # of a group of exceptions


class Copy:
    """The plain copy of a value: tuples become lists, exceptions ``{"exception": name, ...}``.

    Args:
        value: anything.

    Attributes:
        value: the copy.
        promises: coroutines, tasks and futures that stand where a result should be.
    """

    def __init__(self, value: Any) -> None:
        self._left = SIZE
        self.promises: list[Any] = []
        self.value = self._of(value, DEPTH)

    def _of(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (str, int, float)):
            return _scalar(value)
        if isinstance(value, BaseException):
            return {"exception": type(value).__name__, "message": _message(value)}
        if inspect.iscoroutine(value) or isinstance(value, asyncio.Future):
            self.promises.append(value)
        elif depth and self._left > 0:
            return self._of_container(value, depth - 1)
        return f"<{type(value).__name__}>"

    def _of_container(self, value: Any, depth: int) -> Any:
        # The methods of the genuine types: a subclass may have others.
        for kind in (list, tuple):
            if isinstance(value, kind):
                return self._items(kind.__iter__(value), depth)
        for kind in (set, frozenset):
            if isinstance(value, kind):
                return sorted(self._items(kind.__iter__(value), depth), key=repr)
        if isinstance(value, dict):
            keys = self._items(dict.keys(value), depth)
            return dict(zip(map(str, keys), self._items(dict.values(value), depth), strict=False))
        return f"<{type(value).__name__}>"

    def _items(self, items: Iterable[Any], depth: int) -> list[Any]:
        copies = []
        for item in items:
            if self._left <= 0:
                break
            copies.append(self._of(item, depth))
        return copies


def _scalar(value: str | float) -> str | int | float:
    if isinstance(value, str):
        return str.__str__(value)[:LENGTH]
    if isinstance(value, int):
        number = int.__index__(value)
        return number if number.bit_length() <= BITS else "<int>"
    return float.__float__(value)


def error_text(error: BaseException) -> str:
    """As in "ValueError: no such user"; a group also names what it holds."""
    named = _named(error)
    if isinstance(error, BaseExceptionGroup):
        named += ": " + "; ".join(map(_named, _leaves(error)))
    return named[:LENGTH]


def _leaves(group: BaseExceptionGroup) -> list[BaseException]:
    """The first exceptions in a group and in the groups within."""
    waiting, leaves = [group], []
    while waiting and len(leaves) < MEMBERS:
        error = waiting.pop(0)
        if isinstance(error, BaseExceptionGroup):
            # The genuine attribute: a subclass may have another.
            waiting[:0] = BaseExceptionGroup.exceptions.__get__(error)[:MEMBERS]
        else:
            leaves.append(error)
    return leaves


def _named(error: BaseException) -> str:
    text = _message(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _message(error: BaseException) -> str:
    try:
        return _ORIGIN.sub("", str.__str__(str(error)))[:LENGTH]
    except Exception as second:  # noqa: BLE001 - it is somebody's own class
        return f"(its text raises {type(second).__name__})"
