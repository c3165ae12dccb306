"""Desk: what a learner calls in an exercise notebook: check, hint, solution, progress, arrange."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from .arrangement import Arrangement
from .attempt import shape
from .engine import PASSED, WRONG, Verdict, examine
from .exercise import Exercise
from .report import Report
from .store import Entry, Progress, ProgressError
from .texts import texts
from .views import Hint, Map, Solution

__all__ = ["ATTEMPTS", "arrange", "check", "exercises", "hint", "progress", "solution"]

ATTEMPTS = 3  # distinct wrong answers after which the solution opens
INSTRUCTOR = "ASYNCLAB_INSTRUCTOR"  # set: every solution is open


def exercises() -> dict[str, Exercise]:
    """All exercises by the name of their function, in the order of the course."""
    return {name: _stated(text.lesson)[name] for name, text in texts().items()}


@cache
def _stated(stem: str) -> dict[str, Exercise]:
    """The exercises that the module of this stem states."""
    module = importlib.import_module(f"asynclab.exercises.{stem.partition('_')[2]}")
    return {exercise.name: exercise for exercise in module.EXERCISES}


def check(function: Any, *, of: Callable[..., Any] | None = None, seed: int = 0) -> Report:
    """Run the learner's function on several workloads and say what it did.

    Args:
        function: the answer to an exercise, the function itself.
        of: for a prediction, the program that it predicts.
        seed: other seeds draw other workloads.

    Raises:
        LookupError: this is no answer to an exercise; the message names those that there are.
        TypeError: it is a prediction, and there is no program.
    """
    exercise = _exercise(function, sys._getframe(1).f_globals)
    verdict = examine(exercise, function, seed=seed, of=of)
    if inspect.iscoroutine(function):
        function.close()  # it has been called instead of passed on

    def note(entry: Entry) -> None:
        if verdict.state == PASSED:
            entry.passed = True
        elif verdict.state == WRONG:
            entry.attempts = list(dict.fromkeys([*entry.attempts, _digest(function, verdict)]))

    _, notes = _keep(exercise.name, note)
    return Report(verdict, notes)


def arrange(name: str, order: str = "") -> Arrangement:
    """A function put together from given lines; one of them does not belong.

    Args:
        name: of the exercise.
        order: the numbers of the lines, each with one ``>`` for every level of indentation.

    Raises:
        LookupError: no exercise is called so, or it is not one to arrange.
    """
    exercise = _exercise(name, {})
    if not exercise.pieces:
        raise LookupError(f"{name} is written, not arranged: define it with `async def`")
    return Arrangement(exercise, order, sys._getframe(1).f_globals)


def hint(function: Any) -> Hint:
    """The next hint: a question, then a pointer, then nearly the code.

    Args:
        function: the exercise's function, or its name.

    Raises:
        LookupError: no exercise is called so.
    """
    exercise = _exercise(function, sys._getframe(1).f_globals)

    def note(entry: Entry) -> None:
        entry.hints = min(entry.hints + 1, len(exercise.hints))

    entry, notes = _keep(exercise.name, note)
    return Hint(exercise.name, entry.hints, exercise.hints[entry.hints - 1], notes)


def solution(function: Any) -> Solution:
    """The course's own answer, explained. It opens after a pass or three different attempts.

    Args:
        function: the exercise's function, or its name.

    Raises:
        LookupError: no exercise is called so.
    """
    exercise = _exercise(function, sys._getframe(1).f_globals)
    try:
        entry = Progress().read().get(exercise.name, Entry())
    except ProgressError:
        entry = Entry(passed=True)  # a broken file must not stand between anyone and an answer
    entry = entry.with_other(_unsaved.get(exercise.name, Entry()))
    is_open = entry.passed or len(entry.attempts) >= ATTEMPTS or INSTRUCTOR in os.environ
    left = 0 if is_open else ATTEMPTS - len(entry.attempts)
    return Solution(exercise.name, texts()[exercise.name], left)


def progress(*, reset: Any = None, add: str | Path | None = None) -> Map:
    """The map of the course: what you have passed, tried, and not yet begun.

    Args:
        reset: an exercise to forget, its function or its name, or True to forget all.
        add: a progress file of another machine, or of the browser edition, to add to this one.

    Raises:
        LookupError: no exercise is called so.
        ProgressError: a file cannot be read or written; the message says what to do.
    """
    store = Progress()
    if add is not None:
        store.add(Path(add))
    if reset is not None and reset is not False:
        store.reset(None if reset is True else _exercise(reset, sys._getframe(1).f_globals).name)
    try:
        return Map(texts(), store.read(), store.path)
    except ProgressError as error:
        return Map(texts(), {}, store.path, (f"{error}.",))


def _exercise(function: Any, names: dict[str, Any]) -> Exercise:
    """The exercise that this answers: by its name in the notebook, else by its own.

    A lambda, a partial and a decorated function are known by the name that they were given.

    Args:
        function: an answer, or the name of an exercise.
        names: what the notebook's names stand for.
    """
    own = function if isinstance(function, str) else getattr(function, "__name__", None)
    given = [name for name, value in names.items() if value is function]
    for name in [*given, own]:
        if name in texts():
            return _stated(texts()[name].lesson)[name]
    if not own:
        kind = type(function).__name__
        raise LookupError(f"a {kind} answers no exercise: give the function itself, no brackets")
    raise LookupError(f"no exercise is called {own!r}. There are: {', '.join(texts())}")


def _keep(name: str, note: Callable[[Entry], None]) -> tuple[Entry, tuple[str, ...]]:
    """Write it down; if that fails, the feedback says so and stands all the same."""
    try:
        return Progress().change(name, note), ()
    except ProgressError as error:
        entry = _unsaved.setdefault(name, Entry())
        note(entry)
        return entry, (f"Your progress was not saved: {error}.",)


_unsaved: dict[str, Entry] = {}  # what this session knows where nothing can be kept


def _digest(function: Any, verdict: Verdict) -> str:
    """Two attempts are distinct if their code is, whatever its layout, or what came of it."""
    code = getattr(function, "__code__", None)
    told = (code and shape(code), getattr(function, "order", ""), verdict.diagnosis.did)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]
