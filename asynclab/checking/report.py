"""Report: a verdict as the learner sees it, in a notebook and in plain characters."""

from __future__ import annotations

from functools import cached_property
from html import escape
from typing import Any

from asynclab.picture import Picture
from asynclab.picture.words import count, seconds
from asynclab.runner import Run
from asynclab.syllabus import SYLLABUS

from .engine import NOT_ATTEMPTED, PASSED, Verdict
from .views import inline

__all__ = ["Report"]

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
            rows = self._diagnosis_rows()
        return [*rows, *(("note", note) for note in self.notes)]

    def _diagnosis_rows(self) -> list[tuple[str, str]]:
        verdict, diagnosis = self.verdict, self.verdict.diagnosis
        reason = diagnosis.misconception
        rows = [("the case", verdict.sight.case.title)] if verdict.sight else []
        rows += [
            ("your code", _sentence(diagnosis.did)),
            ("expected", _sentence(diagnosis.expected)),
            ("likely reason", f"“{reason.name}”: {reason.truth}"),
        ]
        if diagnosis.look:
            rows.append(("where to look", diagnosis.look))
        rows.append(("to read again", reason.lesson))
        return rows

    # -- the pictures ----------------------------------------------------------------------

    @cached_property
    def picture(self) -> Picture | None:
        """This run beside the expected shape, or None if there is nothing to draw."""
        verdict = self.verdict
        if verdict.diagnosis is None:
            return None
        runs, titles = [], []
        if (sight := verdict.sight) is not None and verdict.shown is None and sight.trace.tasks:
            runs.append(Run(None, sight.elapsed, "", [], sight.trace))
            titles.append("your run")
        if (expected := verdict.expected()) is not None:
            runs.append(expected)
            titles.append("what really happens" if verdict.shown else "expected shape")
        limit = verdict.sight.case.given.get("limit") if verdict.sight else None
        return Picture(runs, titles, limit=limit) if runs else None

    # -- forms -----------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """All of it in plain characters."""
        mark = {PASSED: "✓", NOT_ATTEMPTED: "·"}.get(self.verdict.state, "✗")
        lines = [f"{mark} {self.title}"]
        for label, sentence in self.rows():
            lines.append(f"  {label + ': ' if label else ''}{sentence}")
        if (picture := self.picture) is not None:
            lines += ["", picture.text]
        return "\n".join(lines)

    @property
    def html(self) -> str:
        """The facts as a definition list; colours follow the notebook's theme."""
        rows = "".join(
            f"<dt>{escape(label)}</dt><dd>{_linked(label, sentence)}</dd>"
            if label
            else f"<dd class='asynclab-wide'>{inline(sentence)}</dd>"
            for label, sentence in self.rows()
        )
        state = self.verdict.state.replace(" ", "-")
        return (
            f"{_STYLE}<div class='asynclab-report asynclab-{state}' role='group' "
            f"aria-label='check'><h4>{escape(self.title)}</h4><dl>{rows}</dl></div>"
        )

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = {"text/plain": self.text, "text/html": self.html}
        if self.picture is None:
            return bundle
        try:
            from .panel import ReportPanel  # noqa: PLC0415 - widgets are not everywhere
        except ImportError:
            return bundle
        data, _ = ReportPanel(self)._repr_mimebundle_()
        return {**data, **bundle}


def _right(seen: tuple[str, float, int]) -> str:
    title, elapsed, peak = seen
    together = f", at most {count(peak, 'call')} in flight" if peak else ""
    return f"{title}: {seconds(elapsed)}{together}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def _linked(label: str, sentence: str) -> str:
    if label != "to read again":
        return inline(sentence)
    question = escape(SYLLABUS.get(sentence, sentence))
    return f"<a href='{_LESSONS}{escape(sentence)}.ipynb'>{question}</a>"


_STYLE = """<style>
.asynclab-report { max-width: 46rem; padding: .6rem .9rem; margin: .3rem 0;
  border: 1px solid var(--jp-border-color1, #8b949e); border-inline-start-width: 5px;
  border-radius: 4px; color: var(--jp-content-font-color1, inherit);
  background: var(--jp-layout-color1, transparent); line-height: 1.5; }
.asynclab-report h4 { margin: 0 0 .3rem; font-size: 1.05em; }
.asynclab-report h4::before { content: "✗ "; }
.asynclab-passed h4::before { content: "✓ "; }
.asynclab-not-attempted h4::before { content: "· "; }
.asynclab-passed { border-inline-start-color: #1d7a68; }
.asynclab-wrong { border-inline-start-color: #9a6200; }
.asynclab-report dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem;
  margin: 0; }
.asynclab-report :is(dt, dd) { float: none; width: auto; margin: 0; padding: 0; }
.asynclab-report dt { font-weight: 600; white-space: nowrap; }
.asynclab-report dd { overflow-wrap: anywhere; }
.asynclab-report a { color: var(--jp-content-link-color, LinkText); text-decoration: underline; }
.asynclab-report .asynclab-wide { grid-column: 1 / -1; }
@media (max-width: 30rem) { .asynclab-report dl { display: block; } }
</style>"""
