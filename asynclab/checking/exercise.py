"""Exercise: the contract of one exercise, as its module in ``asynclab.exercises`` states it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from .diagnosis import Diagnosis
from .service import Case, Service
from .sight import Sight

__all__ = ["KINDS", "Exercise", "Judgement"]

KINDS = ("predict", "complete", "arrange", "repair", "build")

Judgement = Callable[[Sight], Diagnosis | None]
Play = Callable[[Callable[..., Any], Case, Service], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
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
        measure: for a prediction, what the run of the shown program tells; the learner's
            function then returns this value instead of being played.
        may_block: the loop may be blocked (computing is part of the contract).
        may_leak: tasks may still be running when the function returns.
        pieces: for an arrangement, the lines to put in order, with one distractor last.
    """

    name: str
    kind: str
    hints: tuple[str, str, str]
    cases: Callable[[Random], Iterator[Case]] | None = None
    play: Play | None = None
    judgements: tuple[Judgement, ...] = ()
    expected: Callable[[Case, Service], Awaitable[Any]] | None = None
    measure: Callable[[Any], Any] | None = None
    misreadings: dict[Any, str] = field(default_factory=dict)
    may_block: bool = False
    may_leak: bool = False
    pieces: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: kind {self.kind!r} is none of {', '.join(KINDS)}")
        if (self.kind == "predict") == (self.measure is None):
            raise ValueError(f"{self.name}: a prediction, and nothing else, has a measure")
        if self.kind != "predict" and (self.cases is None or self.play is None):
            raise ValueError(f"{self.name}: an exercise needs cases and play")
        if self.kind == "arrange" and len(self.pieces) < 4:
            raise ValueError(f"{self.name}: an arrangement needs its pieces")
        if len(self.hints) != 3:
            raise ValueError(f"{self.name}: three hints: a question, a pointer, nearly the code")
