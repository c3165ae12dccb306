"""The check engine: draws the workloads, plays the learner's function, judges what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from asynclab.runner import Run

from .arrangement import Arrangement, Misplaced
from .attempt import has_blanks, is_untouched, wrong_signature
from .diagnosis import Diagnosis
from .exercise import Exercise
from .judgements import (
    Judgement,
    awaited,
    ended,
    loop_never_blocked,
    misused,
    no_crash,
    nothing_left_running,
    predicts,
)
from .performance import perform, run_program
from .sight import Sight

__all__ = [
    "NOT_ATTEMPTED",
    "PASSED",
    "WRONG",
    "Verdict",
    "a_line_too_many",
    "examine",
    "has_every_line",
    "judge",
    "objection",
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
        program_run: for a prediction, the run of the program on that case.
        seen: title, seconds and calls at once of each case that was right.
        seed: the one from which the cases were drawn.
    """

    exercise: Exercise
    state: str
    note: str = ""
    diagnosis: Diagnosis | None = None
    sight: Sight | None = None
    program_run: Run | None = None
    seen: list[tuple[str, float, int]] = field(default_factory=list)
    seed: str = ""


def examine(
    exercise: Exercise,
    answer: Callable[..., Any] | Arrangement,
    *,
    seed: int = 0,
    of: Callable[..., Any] | None = None,
) -> Verdict:
    """Play an answer on workloads drawn from ``seed`` and judge each.

    Args:
        exercise: its contract.
        answer: the learner's function, or their arrangement of lines.
        seed: other seeds draw other workloads.
        of: for a prediction, the program whose run is predicted.

    Raises:
        TypeError: it is a prediction, and there is no program.
    """
    if (verdict := objection(exercise, answer)) is not None:
        return verdict
    if exercise.measure is not None and not callable(of):
        raise TypeError(f"lab.check({exercise.name}, of=...): name the program that it predicts")
    whole_seed = f"{exercise.name} {seed}"
    if not isinstance(answer, Arrangement):
        return _examine_cases(exercise, answer, whole_seed, of)
    verdict = _examine_cases(exercise, answer.function(), whole_seed, of)
    if verdict.diagnosis is not None and has_every_line(answer):
        verdict.diagnosis = a_line_too_many(verdict.diagnosis)
    return verdict


def has_every_line(answer: Callable[..., Any] | Arrangement) -> bool:
    """Whether the distractor stands in an arrangement, too."""
    return isinstance(answer, Arrangement) and len(answer.steps()) == len(answer.exercise.pieces)


def a_line_too_many(diagnosis: Diagnosis) -> Diagnosis:
    """A line after the `return` does no harm; where there is harm, there is a line too many."""
    return replace(diagnosis, key="every line")


def objection(exercise: Exercise, answer: Callable[..., Any] | Arrangement) -> Verdict | None:
    """What can be said of an answer before it is played; None if it can be played."""
    if isinstance(answer, Arrangement):
        return _objection_to_order(exercise, answer)
    if has_blanks(answer):
        return Verdict(exercise, NOT_ATTEMPTED, "There are blanks left: replace each ____.")
    if is_untouched(answer, exercise.name):
        return Verdict(exercise, NOT_ATTEMPTED, "This is still the starter, unchanged.")
    if (diagnosis := wrong_signature(answer, exercise.name)) is not None:
        return Verdict(exercise, WRONG, diagnosis=diagnosis)
    return None


def _objection_to_order(exercise: Exercise, arrangement: Arrangement) -> Verdict | None:
    if not arrangement.order:
        return Verdict(exercise, NOT_ATTEMPTED, "The order is still empty.")
    try:
        arrangement.function()
    except Misplaced as error:
        did = f"the lines do not make a function: {error}"
        diagnosis = Diagnosis("misplaced", did, "a function that Python can read")
        return Verdict(exercise, WRONG, diagnosis=diagnosis)
    return None


def _examine_cases(
    exercise: Exercise, function: Callable[..., Any], seed: str, of: Callable[..., Any] | None
) -> Verdict:
    verdict = Verdict(exercise, PASSED, seed=seed)
    for case in exercise.cases(Random(seed)):
        program_run = of and run_program(of, case)
        if program_run is not None and (broken := _broken(exercise, program_run)):
            return Verdict(exercise, NOT_ATTEMPTED, f"The program of this exercise {broken}.")
        sight = perform(exercise, function, case, seed)
        if (diagnosis := judge(exercise, sight, program_run)) is not None:
            return Verdict(exercise, WRONG, "", diagnosis, sight, program_run, verdict.seen, seed)
        seen = sight if program_run is None else program_run
        verdict.seen.append((case.title, seen.elapsed, sight.peak))
    return verdict


def _broken(exercise: Exercise, program_run: Run) -> str:
    """Why the program that is to be predicted tells nothing; it stands in the learner's hands."""
    try:
        exercise.measure(program_run)
    except Exception as error:  # noqa: BLE001 - whatever became of it
        return f"raises {type(error).__name__}: {error}. Run its cell again, as it was given"
    return ""


def judge(exercise: Exercise, sight: Sight, program_run: Run | None = None) -> Diagnosis | None:
    """The first objection to what was seen, or None. Nothing of the learner's runs here.

    Args:
        exercise: its contract.
        sight: what was seen.
        program_run: for a prediction, the run of the program.
    """
    for judgement in _judgements(exercise, program_run):
        if (diagnosis := judgement(sight)) is not None:
            return diagnosis
    return None


def _judgements(exercise: Exercise, program_run: Run | None) -> Iterator[Judgement]:
    """The rules that hold everywhere, then the contract's own."""
    yield from (ended, misused, awaited)
    if not exercise.may_raise:
        yield no_crash
    if not exercise.may_block:
        yield loop_never_blocked
    if not exercise.may_leak:
        yield nothing_left_running
    if program_run is not None:
        yield predicts(exercise.measure(program_run), exercise.misreadings)
    yield from exercise.judgements
