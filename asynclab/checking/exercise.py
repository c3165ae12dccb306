"""Exercise: the contract of one exercise, as its module in ``asynclab.exercises`` states it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from asynclab.runner import Run

from .judgements import Judgement
from .service import Case, Service

__all__ = ["KINDS", "Exercise"]

KINDS = ("predict", "complete", "arrange", "repair", "build")

Play = Callable[[Callable[..., Any], Case, Service], Awaitable[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Exercise:
    """What counts as right.

    Attributes:
        name: of the function that the learner writes.
        kind: one of ``KINDS``.
        cases: draws the workloads; sizes, delays and failures depend on the random numbers.
        play: calls the learner's function with what the contract promises.
        judgements: asked in this order; the first that objects is the feedback.
        hints: a question, a pointer, nearly the code.
        expected: a coroutine function ``(case, service)`` whose run has the expected shape; it
            is drawn beside the learner's run.
        measure: for a prediction, what a run of the program tells. Program and prediction get
            the same arguments: those that the case has given.
        misreadings: wrong predictions by the key of the misconception that leads to them; a
            tuple where it leads to several.
        may_block: the loop may be blocked (computing is part of the contract).
        may_raise: an exception that leaves the function is part of the contract.
        may_leak: tasks may still be running when the function returns.
        pieces: for an arrangement, the lines in the order in which they are shown; one does not
            belong.
    """

    name: str
    kind: str
    hints: tuple[str, str, str]
    cases: Callable[[Random], Iterator[Case]]
    play: Play | None = None
    judgements: tuple[Judgement, ...] = ()
    expected: Callable[[Case, Service], Awaitable[Any]] | None = None
    measure: Callable[[Run], Any] | None = None
    misreadings: dict[str, Callable[[Case], Any]] = field(default_factory=dict)
    may_block: bool = False
    may_raise: bool = False
    may_leak: bool = False
    pieces: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: kind {self.kind!r} is none of {', '.join(KINDS)}")
        if (self.kind == "predict") == (self.measure is None):
            raise ValueError(f"{self.name}: a prediction, and nothing else, has a measure")
        if self.kind != "predict" and self.play is None:
            raise ValueError(f"{self.name}: an exercise that is no prediction needs a play")
        if self.kind == "arrange" and len(self.pieces) < 4:
            raise ValueError(f"{self.name}: an arrangement needs its pieces")
        if len(self.hints) != 3:
            raise ValueError(f"{self.name}: three hints: a question, a pointer, nearly the code")
