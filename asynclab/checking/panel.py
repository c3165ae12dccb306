"""Panel: a report in a notebook, the facts above the interactive picture."""

from __future__ import annotations

from pathlib import Path

from ipywidgets import HTML

from asynclab.cells import Stack
from asynclab.picture.widget import TimelineWidget

from .report import Report

__all__ = ["ReportPanel"]

_STYLE = f"<style>{Path(__file__).with_name('panel.css').read_text('utf-8')}</style>"


class ReportPanel(Stack):
    """Facts and picture of a report, or nothing as long as there is none.

    Args:
        report: shown at once.
    """

    # As a PNG it would take longer than the check, and whoever reads the notebook elsewhere has
    # the facts as HTML and the picture in characters.
    picture = None

    def __init__(self, report: Report | None = None) -> None:
        self._facts, self._timeline = HTML(), TimelineWidget()
        super().__init__(self._facts, self._timeline)
        self.show(report)

    @property
    def text(self) -> str:
        """The report in plain characters."""
        return self._report.text if self._report else ""

    def show(self, report: Report | None) -> None:
        """Show another report."""
        self._report = report
        drawings = report.picture.drawings if report and report.picture else []
        self._timeline.layout.display = None if drawings else "none"
        self._timeline.drawings = drawings
        self._facts.value = _STYLE + report.html if report else ""
