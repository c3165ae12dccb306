"""Prediction: commit to an answer first, then compare it with a run that was measured.

The right answer is never written down: it is taken from a run of the code on the virtual clock,
so a question cannot be wrong about its own program.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from .cells import Stack, script
from .picture import Picture
from .picture.widget import TimelineWidget
from .picture.words import seconds
from .runner import Main, Run, run

__all__ = ["Prediction", "predict"]

HERE = Path(__file__).parent

# What the learner has committed to in this session, by question.
_committed: dict[str, Any] = {}


def _children(run: Run, order: list[str]) -> list[str]:
    return [label for label in order if label != run.trace.main.label]


ANSWERS: dict[str, Callable[[Run], Any]] = {
    "elapsed": lambda run: run.elapsed,
    "peak": lambda run: run.trace.peak(),
    "result": lambda run: run.result,
    "printed": lambda run: run.printed.splitlines(),
    "started": lambda run: _children(run, run.trace.started_order),
    "finished": lambda run: _children(run, run.trace.finished_order),
}


def predict(
    question: str,
    target: Main,
    *,
    options: dict[Any, str] | list[Any] | None = None,
    mistakes: dict[Any, str] | None = None,
    answer: str | Callable[[Run], Any] | None = None,
    unit: str | None = None,
    tolerance: float = 0.05,
    guess: Any = None,
) -> Prediction | None:
    """Ask for a prediction, then show what the run of ``target`` really did.

    With options it is a choice. Without, a number is asked for if the answer is a number, and an
    order if it is a list. The prediction is kept for the session, by its question.

    Args:
        question: what is asked.
        target: a coroutine, or a function without arguments that returns one. It runs on the
            virtual clock.
        options: what can be chosen, each with the sentence that is shown to whoever chooses it;
            or a list without sentences. Exactly one has to be what the run gives.
        mistakes: known wrong answers where there are no options, and what each would mean.
        answer: which fact of the run is asked for: "elapsed", "peak", "result", "printed",
            "started", "finished", or a function of the run. By default the elapsed seconds, and
            the result of target where the options are not numbers.
        unit: unit of the numbers; by default "s" for elapsed seconds.
        tolerance: share by which a number may differ from the measured one. Whole numbers have
            to be exact.
        guess: answers at once and prints the comparison, for a script or a terminal.

    Raises:
        TypeError: target is neither a coroutine nor a function that returns one.
        ValueError: there is no such fact; the run gives none of the options, or something that
            can only be asked for with options; the guess is not among the options.
    """
    if answer is None:
        numbers = options is None or any(map(_is_number, options))
        answer = "elapsed" if numbers else "result"
    if unit is None:
        unit = "s" if answer == "elapsed" else ""
    done = run(target, echo=False)
    fact = _fact(done, answer)
    asked = _question(question, fact, options, mistakes, unit=unit, tolerance=tolerance)
    picture = Picture([done], [getattr(target, "__name__", "")])
    if guess is None:
        return Prediction(asked, picture)
    print(_compared(asked, asked.checked(guess)), picture.text, sep="\n\n")
    return None


def _fact(done: Run, answer: str | Callable[[Run], Any]) -> Any:
    if callable(answer):
        return answer(done)
    if answer not in ANSWERS:
        raise ValueError(f"answer={answer!r}: use one of {', '.join(ANSWERS)}, or a function")
    return ANSWERS[answer](done)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# -- the three kinds of question -----------------------------------------------------------


@dataclass
class Question:
    """What is asked, and what the run gave.

    Attributes:
        text: the question.
        measured: the answer.
        meanings: for some answers, the sentence that is shown to whoever gives it.
        unit: of the numbers.
        tolerance: share by which a number may differ from the measured one.
    """

    text: str
    measured: Any
    meanings: dict[Any, str]
    unit: str
    tolerance: float

    kind = ""
    task = ""

    def checked(self, guess: Any) -> Any:
        """The guess as it is compared. Raises ValueError if it cannot be an answer."""
        return guess

    def read(self, sent: Any) -> Any:
        """The guess that the browser sent."""
        return self.checked(sent)

    def is_right(self, guess: Any) -> bool:
        """Does the guess agree with the run?"""
        return self._agree(guess, self.measured)

    def meaning(self, guess: Any) -> str:
        """The sentence for this guess, or nothing."""
        return next((words for v, words in self.meanings.items() if self._agree(guess, v)), "")

    def _agree(self, guess: Any, value: Any) -> bool:
        if not (_is_number(guess) and _is_number(value)):
            return guess == value
        return math.isclose(guess, value, rel_tol=0 if isinstance(value, int) else self.tolerance)

    def items(self) -> list[Any]:
        """What the browser offers."""
        return []

    def note(self) -> str:
        """What counts as right, where that is not plain."""
        return ""

    def write(self, value: Any) -> str:
        """An answer in words."""
        if isinstance(value, (list, tuple)):
            return ", ".join(map(str, value)) or "nothing"
        if not _is_number(value):
            return str(value)
        return seconds(value) if self.unit == "s" else f"{value:g} {self.unit}".rstrip()


class NumberQuestion(Question):
    """A number, typed."""

    kind = "number"
    task = "Your prediction"

    def checked(self, guess: Any) -> Any:
        """The number. Raises ValueError for anything else."""
        if not _is_number(guess):
            raise ValueError(f"guess={guess!r}: this question asks for a number")
        return guess

    def note(self) -> str:
        """How near a number has to be."""
        if isinstance(self.measured, int):
            return ""
        return f"Right if it is within {self.tolerance * 100:g} % of what the run measures."


class ChoiceQuestion(Question):
    """One of some options."""

    kind = "choice"
    task = "Choose one"

    def checked(self, guess: Any) -> Any:
        """The option. Raises ValueError if it is none."""
        if _plain(guess) not in self.meanings:
            raise ValueError(f"guess={guess!r} is not an option; they are: {self._offer()}")
        return _plain(guess)

    def read(self, sent: Any) -> Any:
        """The option at the index that the browser sent."""
        return list(self.meanings)[sent]

    def is_right(self, guess: Any) -> bool:
        """Is this the option that the run gave?"""
        return guess == self.measured

    def meaning(self, guess: Any) -> str:
        """The sentence that belongs to the option."""
        return self.meanings[guess]

    def items(self) -> list[Any]:
        """The options in words."""
        return [self.write(option) for option in self.meanings]

    def _offer(self) -> str:
        return "; ".join(self.items())


class OrderQuestion(Question):
    """Things to be put in order."""

    kind = "order"
    task = "Put them in order, first at the top"

    def checked(self, guess: Any) -> Any:
        """The order. Raises ValueError if it does not name the same things."""
        if not isinstance(guess, (list, tuple)) or sorted(map(str, guess)) != self.items():
            raise ValueError(f"guess={guess!r}: put these in order: {', '.join(self.items())}")
        return tuple(map(str, guess))

    def read(self, sent: Any) -> Any:
        """The order of the indexes that the browser sent."""
        items = self.items()
        return self.checked([items[i] for i in sent])

    def items(self) -> list[Any]:
        """The things, in an order that says nothing about the answer."""
        return sorted(self.measured)


def _plain(value: Any) -> Any:
    """A list as a tuple, so that it can be looked up."""
    return tuple(map(_plain, value)) if isinstance(value, (list, tuple)) else value


def _question(
    text: str,
    measured: Any,
    options: dict[Any, str] | list[Any] | None,
    mistakes: dict[Any, str] | None,
    *,
    unit: str,
    tolerance: float,
) -> Question:
    if options is not None:
        meanings = options if isinstance(options, dict) else dict.fromkeys(map(_plain, options), "")
        right = _option_of(measured, meanings, tolerance)
        return ChoiceQuestion(text, right, dict(meanings), unit, tolerance)
    known = dict(mistakes or {})
    if _is_number(measured):
        return NumberQuestion(text, measured, known, unit, tolerance)
    if isinstance(measured, (list, tuple)) and len(measured) > 1:
        return OrderQuestion(text, tuple(map(str, measured)), known, unit, tolerance)
    raise ValueError(
        f"the run gives {measured!r}, which is neither a number nor an order of two or more: "
        "pass options to choose from"
    )


def _option_of(measured: Any, options: Iterable[Any], tolerance: float) -> Any:
    """The option that the run gave: the nearest number, or the equal value."""
    measured = _plain(measured)
    if _is_number(measured):
        numbers = filter(_is_number, options)
        near = min(numbers, key=lambda option: abs(option - measured), default=math.inf)
        if math.isclose(near, measured, rel_tol=tolerance):
            return near
    elif measured in options:
        return measured
    offered = ", ".join(map(repr, options))
    raise ValueError(f"the run gives {measured!r}, which is not among the options: {offered}")


# -- the comparison ------------------------------------------------------------------------


def _verdict(asked: Question, guess: Any) -> dict[str, Any]:
    """The comparison of a guess with the run, for the browser."""
    right = asked.is_right(guess)
    return {
        "right": right,
        "guess": asked.write(guess),
        "measured": asked.write(asked.measured),
        "meaning": asked.meaning(guess),
    }


def _compared(asked: Question, guess: Any) -> str:
    """The comparison as lines of text."""
    verdict = _verdict(asked, guess)
    lines = [
        asked.text,
        f"  predicted: {verdict['guess']}",
        f"  measured:  {verdict['measured']}",
        "As predicted." if verdict["right"] else "Not as predicted.",
    ]
    return "\n".join([*lines, *filter(None, [verdict["meaning"]])])


def _asked(asked: Question) -> str:
    """The question as lines of text, without its answer."""
    unit = f" ({asked.unit})" if asked.unit and asked.kind == "number" else ""
    bullets = [f"  - {item}" for item in asked.items()]
    note = asked.note()
    return "\n".join([asked.text, f"{asked.task}{unit}:", *bullets, *([note] if note else [])])


# -- the widget ----------------------------------------------------------------------------


class QuestionPanel(anywidget.AnyWidget):
    """The question, and what the learner answers.

    Attributes:
        question: kind, text, task, items, unit and note.
        guess: what the browser sent: a number, an index or a list of indexes; None: not yet.
        verdict: the comparison; empty as long as there is no guess.
    """

    _esm = script(HERE / "prediction.js")
    _css = HERE / "controls.css"

    question = traitlets.Dict().tag(sync=True)
    guess = traitlets.Any(None, allow_none=True).tag(sync=True)
    verdict = traitlets.Dict().tag(sync=True)


class Prediction(Stack):
    """A question; once it is answered, the comparison and the picture of the run.

    Args:
        asked: the question, with what the run gave.
        picture: the picture of the run.
    """

    def __init__(self, asked: Question, picture: Picture) -> None:
        self._asked, self._picture = asked, picture
        fields = ("kind", "text", "task", "unit")
        described = {name: getattr(asked, name) for name in fields}
        self._panel = QuestionPanel(
            question={**described, "items": asked.items(), "note": asked.note()}
        )
        self._timeline = TimelineWidget()
        super().__init__(self._panel, self._timeline)
        self._show()
        self._panel.observe(self._answered, "guess")

    @property
    def guess(self) -> Any:
        """What the learner predicted in this session, or None."""
        guess = _committed.get(self._asked.text)
        try:
            return None if guess is None else self._asked.checked(guess)
        except ValueError:  # the question has changed since
            return None

    @property
    def picture(self) -> Picture | None:
        """The picture of the run, once the question is answered."""
        return None if self.guess is None else self._picture

    @property
    def text(self) -> str:
        """The question, or the comparison and the picture, in plain characters."""
        if self.guess is None:
            return _asked(self._asked)
        return f"{_compared(self._asked, self.guess)}\n\n{self._picture.text}"

    def _answered(self, change: dict[str, Any]) -> None:
        with self._lock:
            if change["new"] is None:
                _committed.pop(self._asked.text, None)
            else:
                _committed[self._asked.text] = self._asked.read(change["new"])
            self._show()

    def _show(self) -> None:
        guess, timeline = self.guess, self._timeline
        timeline.layout.display = None if guess is not None else "none"
        timeline.drawings = self._picture.drawings if guess is not None else []
        self._panel.verdict = _verdict(self._asked, guess) if guess is not None else {}
