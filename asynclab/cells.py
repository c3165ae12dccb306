"""Cells: widgets that show themselves in every form, and go when their cell runs again.

Jupyter keeps a widget until its kernel ends. A cell that is run fifty times would leave fifty
explorers behind, each with its callbacks and its last run.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

if TYPE_CHECKING:
    from .picture import Picture

__all__ = ["Stack", "replace_in_cell", "script"]

SHARED = Path(__file__).with_suffix(".js")

# cell id -> the request that ran the cell last, and what it made
_made: dict[str, tuple[str, list[ipywidgets.Widget]]] = {}


class Stack(ipywidgets.VBox):
    """Widgets below each other in one output, with static forms for readers without widgets.

    Args:
        parts: the widgets, from top to bottom; they belong to this stack and close with it.

    Attributes that each kind of stack supplies:
        text: all of it in plain characters.
        picture: the picture that is shown, or None as long as there is none.
    """

    text: str
    picture: Picture | None

    def __init__(self, *parts: ipywidgets.DOMWidget) -> None:
        self._lock = threading.Lock()  # JupyterLab may deliver messages on several threads
        super().__init__(parts)
        replace_in_cell(self)

    def __str__(self) -> str:
        return self.text

    def close(self) -> None:
        """Close this widget and its parts, each with the widgets that hold its layout and style."""
        for widget in (*self.children, self):
            for owned in (widget.layout, getattr(widget, "style", None)):
                if owned is not None:
                    owned.close()
            if widget is not self:
                widget.close()
        super().close()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget view, and the static forms, which a container would lose."""
        data = {**super()._repr_mimebundle_(), "text/plain": self.text}
        image, metadata = self.picture.png_bundle() if self.picture else ({}, {})
        return {**data, **image}, metadata


def replace_in_cell(widget: ipywidgets.Widget) -> None:
    """Close what earlier runs of the current cell made; ``widget`` is what this run made.

    Outside a notebook, and where the front end does not say which cell it runs, nothing is closed.
    """
    cell, request = _current_cell()
    if not cell:
        return
    last, made = _made.get(cell, ("", []))
    if last != request:
        for old in made:
            old.close()
        made = []
    _made[cell] = (request, [*made, widget])


def script(module: Path) -> str:
    """The module of a panel of inputs, behind what all of them share.

    Args:
        module: its file.
    """
    return SHARED.read_text("utf-8") + module.read_text("utf-8")


def _current_cell() -> tuple[str, str]:
    """The id of the cell that is running and of the request to run it; empty if unknown."""
    from IPython import get_ipython  # noqa: PLC0415 - a script starts without it

    shell = get_ipython()
    knows = shell if hasattr(shell, "get_parent") else getattr(shell, "kernel", None)  # JupyterLite
    if not hasattr(knows, "get_parent"):
        return "", ""
    parent = knows.get_parent() or {}
    cell = parent.get("metadata", {}).get("cellId", "")
    return cell, parent.get("header", {}).get("msg_id", "")
