"""Views: hints, solutions and the map of the course, as text and as HTML."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Collection
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from asynclab.syllabus import SYLLABUS

from .store import Entry
from .texts import Text

__all__ = ["Hint", "Map", "Solution", "inline"]

STEPS = ("a question", "a pointer", "nearly the code")


def inline(text: str) -> str:
    """Text as HTML, with code between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


class _View:
    """Shows ``text`` everywhere and ``html`` where there is a browser."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


@dataclass(eq=False, repr=False)
class Hint(_View):
    """One hint.

    Attributes:
        name: of the exercise.
        step: 1 to 3.
        sentence: the hint.
        notes: further sentences.
    """

    name: str
    step: int
    sentence: str
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In plain characters."""
        head = f"hint {self.step} of {len(STEPS)} ({STEPS[self.step - 1]}): {self.sentence}"
        return "\n".join([head, *self.notes])

    @property
    def html(self) -> str:
        """As a paragraph."""
        notes = "".join(f"<p>{inline(note)}</p>" for note in self.notes)
        head = f"hint {self.step} of {len(STEPS)}, {STEPS[self.step - 1]}"
        return f"<p><strong>{head}:</strong> {inline(self.sentence)}</p>{notes}"


@dataclass(eq=False, repr=False)
class Solution:
    """The course's own answer, or how many attempts it still takes to see it.

    Attributes:
        name: of the exercise.
        content: its texts.
        left: attempts until it opens; 0 if it is open.
    """

    name: str
    content: Text
    left: int

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/markdown": self.markdown}

    @property
    def text(self) -> str:
        """In plain characters."""
        if self.left:
            return (
                f"The solution of {self.name} opens after a pass, or after {self.left} more "
                f"different attempt{'s' * (self.left != 1)}. lab.hint({self.name}) gives a hint."
            )
        return f"{self.content.solution}\n\n{self.content.explanation}"

    @property
    def markdown(self) -> str:
        """Code, in its colours, and explanation."""
        if self.left:
            return self.text.replace("_", r"\_")
        return f"```python\n{self.content.solution}\n```\n\n{self.content.explanation}"


@dataclass(eq=False, repr=False)
class Map(_View):
    """Every lesson and its exercises, with what has been passed.

    Attributes:
        content: all exercises, in the order of the course.
        entries: what is known of the learner, by exercise.
        path: the file that keeps it.
        notes: further sentences, such as a file that cannot be read.
    """

    content: dict[str, Text]
    entries: dict[str, Entry]
    path: Path
    notes: tuple[str, ...] = ()

    def state(self, name: str) -> str:
        """``passed``, ``tried`` or ``open``."""
        entry = self.entries.get(name, Entry())
        return "passed" if entry.passed else "tried" if entry.attempts else "open"

    def _of(self, stem: str) -> list[str]:
        return [name for name, text in self.content.items() if text.lesson == stem]

    @property
    def text(self) -> str:
        """In plain characters."""
        lines = [f"{self._passed(self.content)} exercises passed"]
        for stem, question in SYLLABUS.items():
            if names := self._of(stem):
                lines.append(f"{stem[:2]}  {question}")
                lines += [f"    {_MARKS[self.state(name)]} {name}" for name in names]
        return "\n".join([*lines, f"kept in {self._place}", *self.notes])

    @property
    def html(self) -> str:
        """As a table."""
        rows = "".join(
            f"<tr><th scope='row' {_LEFT}>{stem[:2]}&ensp;{escape(question)}</th>"
            f"<td {_LEFT}>{self._passed(names)}</td><td {_LEFT}>{self._marked(names)}</td></tr>"
            for stem, question in SYLLABUS.items()
            if (names := self._of(stem))
        )
        signs = ", ".join(f"{mark} {state}" for state, mark in _MARKS.items())
        heads = "".join(
            f"<th scope='col' {_LEFT}>{head}</th>" for head in ("lesson", "passed", "exercises")
        )
        return (
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
            f"<p>{self._passed(self.content)} exercises passed ({signs}). "
            f"Kept in {escape(self._place)}</p>"
            + "".join(f"<p>{inline(note)}</p>" for note in self.notes)
        )

    @property
    def _place(self) -> str:
        if sys.platform == "emscripten":
            return "this browser; the first page of the course downloads it"
        return str(self.path)

    def _passed(self, names: Collection[str]) -> str:
        return f"{sum(self.state(name) == 'passed' for name in names)} of {len(names)}"

    def _marked(self, names: Collection[str]) -> str:
        return "&ensp; ".join(f"{_MARKS[self.state(name)]}&nbsp;{escape(name)}" for name in names)

    def export(self, path: str | Path) -> Path:
        """Write a copy of the progress to a file, to keep it or to carry it elsewhere.

        Args:
            path: the new file; ``lab.progress(add=path)`` takes it in elsewhere.

        Raises:
            FileNotFoundError: there is no progress yet.
        """
        return Path(shutil.copyfile(self.path, path))


_LEFT = "style='text-align:left'"  # JupyterLab aligns tables as numbers
_MARKS = {"passed": "✓", "tried": "✗", "open": "·"}
