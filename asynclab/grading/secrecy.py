"""Secrecy: what no sandbox may hold: solutions, hints, and whatever says what counts as right.

An answer can look into every object of its process. So the process forgets what it does not need
to play one, before any learner's code is in it.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import replace
from types import CodeType, FunctionType
from typing import Any

import asynclab.checking
from asynclab.checking import Exercise, desk
from asynclab.checking.texts import texts

__all__ = ["forget_answers"]

_EXERCISES = "asynclab.exercises."
_BLANK = {"hints": ("", "", ""), "judgements": (), "expected": None, "misreadings": {}}
_TO_THE_DESK = ("check", "hint", "solution", "progress")


def forget_answers() -> None:
    """Leave nothing of the exercises but what plays an answer.

    ``lab.check(...)`` and its like, which learners leave in their answers, do nothing after this.
    """
    for name, text in texts().items():
        texts()[name] = replace(text, solution="", explanation="")
    plays = [exercise.play for exercise in desk.exercises().values() if exercise.play]
    for exercise in desk.exercises().values():
        _strip(exercise)
    for name, module in sys.modules.items():
        if name.startswith(_EXERCISES):
            own = vars(module)
            needed = _needed([play for play in plays if play.__module__ == name], own)
            for forgotten in [key for key in own if key not in needed and key[:2] != "__"]:
                del own[forgotten]
    for name in _TO_THE_DESK:
        setattr(asynclab.checking, name, _do_nothing)


def _strip(exercise: Exercise) -> None:
    """What is left says how the answer is called."""
    measure = None if exercise.measure is None else _do_nothing  # it tells a prediction
    for name, value in {**_BLANK, "cases": _do_nothing, "measure": measure}.items():
        object.__setattr__(exercise, name, value)


def _needed(functions: list[FunctionType], names: dict[str, Any]) -> set[str]:
    """The names of a module that these functions use, and whatever these names stand for."""
    found: set[str] = set()
    waiting = list(functions)
    while waiting:
        new = _names(waiting.pop().__code__) & names.keys() - found
        found |= new
        for value in (names[name] for name in new):
            members = vars(value).values() if inspect.isclass(value) else [value]
            inner = [m for m in map(inspect.unwrap, members) if inspect.isfunction(m)]
            waiting += [function for function in inner if function.__globals__ is names]
    return found


def _names(code: CodeType) -> set[str]:
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _do_nothing(*_: Any, **__: Any) -> None:
    """In the place of what has been forgotten."""
