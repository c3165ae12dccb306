"""Workbench: an arrangement in a notebook, put together with buttons and checked in place.

Whatever is moved becomes the order of the arrangement at once, so the check cell below judges what
is on the screen. The order is also shown as text, because only the cell's own text is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from asynclab.cells import Stack, script

from .arrangement import Arrangement
from .desk import check
from .panel import ReportPanel

__all__ = ["Workbench"]

HERE = Path(__file__).parent


class _Lines(anywidget.AnyWidget):
    """The lines with their buttons.

    Attributes:
        name: of the exercise.
        pieces: the lines, in the order in which they are numbered.
        order: as the learner writes it: the browser changes it, and shows it.
        checks: how often the check was asked for.
        said: what came of the last check, in one sentence.
    """

    _esm = script(HERE / "workbench.js")
    _css = "\n".join(
        path.read_text("utf-8") for path in (HERE.parent / "controls.css", HERE / "workbench.css")
    )

    name = traitlets.Unicode("").tag(sync=True)
    pieces = traitlets.List(traitlets.Unicode()).tag(sync=True)
    order = traitlets.Unicode("").tag(sync=True)
    checks = traitlets.Int(0).tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)


class Workbench(Stack):
    """Lines to arrange; below them, once it is asked for, the report of the check.

    Args:
        arrangement: is changed with every move.
    """

    picture = None  # as in a ReportPanel

    def __init__(self, arrangement: Arrangement) -> None:
        self._arrangement = arrangement
        exercise = arrangement.exercise
        self._lines = _Lines(
            name=exercise.name, pieces=list(exercise.pieces), order=arrangement.order
        )
        self._panel = ReportPanel()
        super().__init__(self._lines, self._panel)
        self._lines.observe(self._moved, "order")
        self._lines.observe(self._asked, "checks")

    @property
    def text(self) -> str:
        """The lines, and the report of the last check, in plain characters."""
        return "\n\n".join(filter(None, [self._arrangement.text, self._panel.text]))

    def _moved(self, change: dict[str, Any]) -> None:
        self._arrangement.order = change["new"]

    def _asked(self, _: dict[str, Any]) -> None:
        with self._lock:
            report = check(self._arrangement)
            self._panel.show(report)
            self._lines.said = report.title
