"""What the states of a task look like on paper: colours, forms and words (light theme)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from .lettering import width

__all__ = [
    "BLOCKED",
    "DEFS",
    "FAINT",
    "GREY",
    "INK",
    "LINE",
    "STATES",
    "number",
    "path",
    "text",
]

# Neutral greys: the letters of a PNG in them take a tenth less room than in bluish ones.
INK, GREY, LINE, FAINT = "#1f1f1f", "#595959", "#e6e6e6", "#f7f7f7"
BLOCKED = "#c1121f"  # red means only: raised, or loop blocked


@dataclass(frozen=True, slots=True)
class State:
    """One state: words for the legend, fill, outline, pattern, height as a part of the lane."""

    words: str
    fill: str
    stroke: str = "none"
    pattern: str = ""
    height: float = 0.66


STATES = {
    "running": State("running on the loop", "#003f73", height=1.0),
    "ready": State("ready, waiting its turn", "#ffffff", "#7a3ea8"),
    "sleep": State("sleeping (timer)", "#cfe2f3", "#3d7ab0", "dots"),
    "io": State("waiting for I/O", "#56b6a2", "#1d7a68"),
    "queued": State("queued for a permit", "#ffd98a", "#9a6200", "hatch"),
    "awaiting": State("awaiting other tasks", "#7d8590", height=0.0),
    "other": State("waiting for something else", "#eef0f2", "#6e7781", "bars"),
}

DEFS = (
    "<defs>"
    "<pattern id='dots' width='6' height='6' patternUnits='userSpaceOnUse'>"
    "<circle cx='1.5' cy='1.5' r='.9' fill='#3d7ab0'/>"
    "<circle cx='4.5' cy='4.5' r='.9' fill='#3d7ab0'/></pattern>"
    "<pattern id='hatch' width='8' height='8' patternUnits='userSpaceOnUse'>"
    "<path d='M-2 2l4-4M-1 9L9-1M6 10l4-4' stroke='#9a6200' stroke-opacity='.75'"
    " stroke-width='1.5'/></pattern>"
    "<pattern id='bars' width='5' height='5' patternUnits='userSpaceOnUse'>"
    "<path d='M1 0V5' stroke='#6e7781' stroke-opacity='.6'/></pattern>"
    "<pattern id='held' width='11' height='11' patternUnits='userSpaceOnUse'>"
    f"<path d='M-2-2l15 15M-2 9l4 4M9-2l4 4' stroke='{BLOCKED}' stroke-opacity='.35'"
    " stroke-width='1.6'/></pattern>"
    "</defs>"
)


def number(x: float) -> str:
    """A coordinate: at most two decimals, none that are zero."""
    return f"{x:.2f}".rstrip("0").rstrip(".")


def path(
    d: str, *, fill: str = "none", stroke: str = "none", wide: float = 1, more: str = ""
) -> str:
    """A path element; no element if there is nothing to draw."""
    if not d:
        return ""
    line = "" if stroke == "none" else f" stroke='{stroke}' stroke-width='{number(wide)}'"
    return f"<path d='{d}' fill='{fill}'{line}{more}/>"


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 12,
    fill: str = INK,
    bold: bool = False,
    anchor: str = "start",
    halo: bool = False,
) -> str:
    """A line of text whose baseline starts, is centred or ends at ``x``, ``y``.

    Args:
        x: pixels from the left.
        y: pixels from the top.
        words: the text, not yet escaped.
        size: font size, pixels.
        fill: colour.
        bold: heavy letters.
        anchor: start, middle or end.
        halo: a white edge, so that lines behind the text do not disturb it.
    """
    if anchor != "start":
        x -= width(words, size, bold=bold) * (0.5 if anchor == "middle" else 1)
    weight = " font-weight='bold'" if bold else ""
    edge = " stroke='#fff' stroke-width='3' paint-order='stroke'" if halo else ""
    at = f"x='{number(x)}' y='{number(y)}' font-size='{number(size)}'"
    return f"<text {at} fill='{fill}'{weight}{edge}>{escape(words)}</text>"
