"""The check engine: draws the workloads, plays the learner's function, judges what was seen."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from asynclab.runner import Run, run

from .attempt import has_blanks, is_untouched, wrong_shape
from .diagnosis import Diagnosis
from .exercise import Exercise
from .judgements import awaited, loop_never_blocked, no_crash, nothing_left_running
from .performance import REAL_LIMIT, expected_run, perform
from .sight import Sight

__all__ = [
    "NOT_ATTEMPTED",
    "PASSED",
    "WRONG",
    "Verdict",
    "examine",
    "judge",
    "judge_prediction",
    "measured",
    "objection",
    "predicted",
]

NOT_ATTEMPTED, PASSED, WRONG = "not attempted", "passed", "wrong"


@dataclass(slots=True)
class Verdict:
    """What a check found.

    Attributes:
        exercise: the exercise.
        state: ``not attempted``, ``passed`` or ``wrong``.
        note: one sentence, for an answer that was not attempted.
        diagnosis: of the first case that is wrong.
        sight: that case, as it was seen.
        expected: a run of the expected shape on the same case.
        seen: title, seconds and calls at once of each case that was right.
    """

    exercise: Exercise
    state: str
    note: str = ""
    diagnosis: Diagnosis | None = None
    sight: Sight | None = None
    expected: Run | None = None
    seen: list[tuple[str, float, int]] = field(default_factory=list)


def examine(
    exercise: Exercise,
    function: Callable[..., Any],
    *,
    seed: int = 0,
    of: Callable[..., Any] | None = None,
) -> Verdict:
    """Play ``function`` on workloads drawn from ``seed`` and judge each.

    Args:
        exercise: its contract.
        function: the learner's.
        seed: other seeds draw other workloads.
        of: for a prediction, the program whose run is predicted.
    """
    if (verdict := objection(exercise, function)) is not None:
        return verdict
    if exercise.measure is not None:
        if of is None:
            raise TypeError(
                f"lab.check({exercise.name}, of=...): name the program that it predicts"
            )
        return judge_prediction(exercise, predicted(function), measured(of))
    return _examine_cases(exercise, function, seed)


def objection(exercise: Exercise, function: Callable[..., Any]) -> Verdict | None:
    """What can be said of an answer before it is played; None if it can be played."""
    if has_blanks(function):
        return Verdict(exercise, NOT_ATTEMPTED, "There are blanks left: replace each ____.")
    if exercise.kind == "arrange":  # there the first piece is the signature
        return None
    if is_untouched(function, exercise.name):
        return Verdict(exercise, NOT_ATTEMPTED, "This is still the starter, unchanged.")
    is_async = exercise.kind != "predict"
    if (diagnosis := wrong_shape(function, exercise.name, is_async=is_async)) is not None:
        return Verdict(exercise, WRONG, diagnosis=diagnosis)
    return None


def _examine_cases(exercise: Exercise, function: Callable[..., Any], seed: int) -> Verdict:
    verdict = Verdict(exercise, PASSED)
    for case in exercise.cases(Random(f"{exercise.name} {seed}")):
        sight = perform(exercise, function, case, f"{exercise.name} {seed}")
        if (diagnosis := judge(exercise, sight)) is not None:
            expected = expected_run(exercise, case, f"{exercise.name} {seed}")
            return Verdict(exercise, WRONG, "", diagnosis, sight, expected, verdict.seen)
        verdict.seen.append((case.title, sight.elapsed, sight.peak))
    return verdict


def judge(exercise: Exercise, sight: Sight) -> Diagnosis | None:
    """The first objection to what was seen, or None. Nothing of the learner's runs here."""
    for judgement in _judgements(exercise):
        if (diagnosis := judgement(sight)) is not None:
            return diagnosis
    return None


def _judgements(exercise: Exercise) -> list[Callable[[Sight], Diagnosis | None]]:
    """The contract's own, with the rules that hold everywhere at their places."""
    may_raise = any(getattr(j, "about_errors", False) for j in exercise.judgements)
    first = [awaited] if may_raise else [awaited, no_crash]
    if not exercise.may_block:
        first.append(loop_never_blocked)
    last = [] if exercise.may_leak else [nothing_left_running]
    return [*first, *exercise.judgements, *last]


def measured(program: Callable[..., Any]) -> Run:
    """The run of the program that a prediction is about."""
    return run(program, echo=False, real_limit=REAL_LIMIT)


def judge_prediction(exercise: Exercise, answer: Any, seen: Run) -> Verdict:
    """Compare a prediction with what its program did. Nothing of the learner's runs here."""
    truth = exercise.measure(seen)
    if _same(answer, truth):
        return Verdict(exercise, PASSED, seen=[("the program shown", seen.elapsed, 0)])
    key = _misreading(exercise, seen, answer)
    diagnosis = Diagnosis(
        key,
        f"you predicted {answer!r}",
        "what the run of the program shows; it is drawn below",
        "Follow the lanes from left to right, and compare with your prediction.",
    )
    return Verdict(exercise, WRONG, diagnosis=diagnosis, expected=seen)


def predicted(function: Callable[..., Any]) -> Any:
    """The learner's prediction; a coroutine cannot be one, and an exception is shown as text."""
    try:
        value = function()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"
    if inspect.iscoroutine(value):
        value.close()
        return "a coroutine"
    return list(value) if isinstance(value, tuple) else value


def _same(answer: Any, truth: Any) -> bool:
    if isinstance(truth, float) and isinstance(answer, (int, float)):
        return abs(answer - truth) < 0.005
    return answer == truth


def _misreading(exercise: Exercise, measured: Run, answer: Any) -> str:
    """The misconception behind a wrong prediction, by the value that it leads to."""
    for key, value in exercise.misreadings.items():
        if _same(answer, value(measured)):
            return key
    return "measured"
