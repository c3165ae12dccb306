"""Report: a verdict as the learner sees it, in a notebook and in plain characters."""

from __future__ import annotations

import re
from functools import cached_property
from html import escape
from typing import Any

from asynclab.picture import Picture
from asynclab.picture.words import count, seconds
from asynclab.runner import Run
from asynclab.syllabus import SYLLABUS
from asynclab.trace import Trace

from .diagnosis import Diagnosis, Misconception
from .engine import NOT_ATTEMPTED, PASSED, Verdict
from .exercise import Exercise
from .performance import expected_run
from .service import Case
from .views import inline

__all__ = ["Report", "as_sentence", "facts", "picture_beside", "reasons"]

_LESSONS = "../notebooks/"


class Report:
    """Shows a verdict: the facts, what was expected, the likely reason, and where to look.

    Beside it stands the picture of this run and of the expected shape.

    Args:
        verdict: what the check found.
        notes: further sentences, such as a progress file that could not be written.
    """

    def __init__(self, verdict: Verdict, notes: tuple[str, ...] = ()) -> None:
        self.verdict = verdict
        self.notes = notes

    @property
    def passed(self) -> bool:
        """Is the answer right?"""
        return self.verdict.state == PASSED

    # -- the facts, in order ---------------------------------------------------------------

    @property
    def title(self) -> str:
        """The exercise and its state."""
        return f"{self.verdict.exercise.name}: {self.verdict.state}"

    def rows(self) -> list[tuple[str, str]]:
        """Label and sentence of each fact."""
        verdict = self.verdict
        if verdict.state == NOT_ATTEMPTED:
            rows = [("", verdict.note)]
        elif verdict.diagnosis is None:
            rows = [("", text) for text in map(_right, verdict.seen)]
        else:
            rows = facts(verdict.diagnosis, verdict.sight.case.title if verdict.sight else "")
        return [*rows, *(("note", note) for note in self.notes)]

    # -- the pictures ----------------------------------------------------------------------

    @cached_property
    def picture(self) -> Picture | None:
        """This run beside the expected shape, or None if there is nothing to draw."""
        verdict = self.verdict
        if verdict.diagnosis is None or (sight := verdict.sight) is None:
            return None
        return picture_beside(
            verdict.exercise,
            sight.case,
            sight.trace,
            seed=verdict.seed,
            program_run=verdict.program_run,
        )

    # -- forms -----------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """All of it in plain characters."""
        lines = [f"{self._mark} {self.title}"]
        for label, sentence in self.rows():
            lines.append(f"  {label + ': ' if label else ''}{sentence}")
        if self.picture is not None:
            lines += ["", self.picture.text]
        return "\n".join(lines)

    @property
    def html(self) -> str:
        """The facts as a definition list; how they look is up to the page."""
        rows = "".join(
            f"<dt>{escape(label)}</dt><dd>{_linked(label, sentence)}</dd>"
            if label
            else f"<dd class='asynclab-wide'>{inline(sentence)}</dd>"
            for label, sentence in self.rows()
        )
        state = self.verdict.state.replace(" ", "-")
        return (
            f"<div class='asynclab-report asynclab-{state}' role='group' aria-label='check'>"
            f"<h4>{self._mark} {escape(self.title)}</h4><dl>{rows}</dl></div>"
        )

    @property
    def _mark(self) -> str:
        return {PASSED: "✓", NOT_ATTEMPTED: "·"}.get(self.verdict.state, "✗")

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        still = {"text/plain": self.text, "text/html": self.html}
        try:
            from .panel import ReportPanel  # noqa: PLC0415 - widgets are not everywhere
        except ImportError:
            return still
        data, _ = ReportPanel(self)._repr_mimebundle_()
        return {**data, **still}


def facts(diagnosis: Diagnosis, case: str) -> list[tuple[str, str]]:
    """Label and sentence of each fact of a diagnosis.

    Args:
        diagnosis: what went wrong.
        case: the title of the workload; empty if none was played.
    """
    return [
        *([("the case", case)] if case else []),
        ("your code", as_sentence(diagnosis.did)),
        ("expected", as_sentence(diagnosis.expected)),
        *reasons(diagnosis.misconception, diagnosis.look),
    ]


def reasons(belief: Misconception, look: str = "") -> list[tuple[str, str]]:
    """Label and sentence of what explains it, and of where to look and to read."""
    told = [("likely reason", f"“{belief.name}”: {belief.truth}")]
    told += [("where to look", look)] if look else []
    return [*told, ("to read again", belief.lesson)]


def picture_beside(
    exercise: Exercise, case: Case, trace: Trace, *, seed: str, program_run: Run | None
) -> Picture | None:
    """The learner's run beside the expected shape; None if there is nothing to draw.

    Args:
        exercise: its contract.
        case: the workload.
        trace: of the learner's run.
        seed: from which the case was drawn.
        program_run: for a prediction, the run of its program, which is all there is to see.
    """
    if program_run is not None:
        runs = {"what really happens": program_run}
    else:
        mine = Run(None, trace.elapsed, "", [], trace) if trace.tasks else None
        runs = {"your run": mine, "expected shape": expected_run(exercise, case, seed)}
    drawn = {title: run for title, run in runs.items() if run is not None}
    limit = case.given.get("limit")
    return Picture(list(drawn.values()), list(drawn), limit=limit) if drawn else None


def _right(seen: tuple[str, float, int]) -> str:
    title, elapsed, peak = seen
    together = f", at most {count(peak, 'call')} in flight" if peak else ""
    return f"{title}: {seconds(elapsed)}{together}"


def as_sentence(text: str) -> str:
    """With a capital, unless it begins with a name of the code, such as ``ask(hill)``."""
    starts_with_word = re.match(r"[a-z]+[ ,:;]", text)
    capital = text[:1].upper() if starts_with_word else text[:1]
    return capital + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _linked(label: str, sentence: str) -> str:
    if label != "to read again":
        return inline(sentence)
    question = escape(SYLLABUS.get(sentence, sentence))
    return f"<a href='{_LESSONS}{escape(sentence)}.ipynb'>{question}</a>"
