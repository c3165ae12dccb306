"""The interactive timeline: a widget that draws drawings in the browser.

The view needs no kernel: everything it draws and plays back is in the widget's state, so a
saved notebook that keeps its widget state stays interactive.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from .words import comparison

__all__ = ["TimelineWidget"]

HERE = Path(__file__).parent


class TimelineWidget(anywidget.AnyWidget):
    """Draws one drawing as a timeline, several as panels stacked on one scale.

    Assigning to ``drawings`` redraws every view.

    Attributes:
        drawings: what :func:`asynclab.picture.layout.drawing` made, one for each run.
        axis: ``clock`` (seconds) or ``steps`` (turns of the loop); a view may choose another.
        headline: the comparison over several panels; follows ``drawings``.
    """

    _esm = HERE / "timeline.js"
    _css = HERE / "timeline.css"

    # Sent as text: ipywidgets would look through thousands of spans for what is not JSON.
    drawings = traitlets.List(traitlets.Dict()).tag(sync=True, to_json=lambda d, _: json.dumps(d))
    axis = traitlets.Enum(["clock", "steps"], default_value="clock").tag(sync=True)
    headline = traitlets.Unicode("").tag(sync=True)

    def __init__(self, drawings: list[dict[str, Any]] | None = None, **more: Any) -> None:
        super().__init__(drawings=drawings or [], **more)

    @traitlets.observe("drawings")
    def _compare(self, change: dict[str, Any]) -> None:
        self.headline = comparison(change["new"])
