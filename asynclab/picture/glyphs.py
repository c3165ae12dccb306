"""The signs of the picture: a swatch for each state, a glyph for each outcome."""

from __future__ import annotations

from .ink import BLOCKED, INK, STATES, number, path

__all__ = ["blocked_swatch", "ending", "filled", "request", "swatch"]


def swatch(x: float, y: float, state: str) -> str:
    """A small piece of a state, centred at a point."""
    look = STATES[state]
    if state == "running":
        return path(f"M{number(x - 2)} {number(y - 7)}h4v14h-4z", fill=look.fill)
    if state == "awaiting":
        return path(f"M{number(x - 9)} {number(y - 1)}h18v2h-18z", fill=look.fill)
    return filled(f"M{number(x - 9)} {number(y - 5)}h18v10h-18z", state)


def blocked_swatch(x: float, y: float, _: str = "") -> str:
    """A small piece of a blocked loop, centred at a point."""
    box = f"M{number(x - 9)} {number(y - 5)}h18v10h-18z"
    return path(box, fill="#fbe3e4") + path(box, fill="url(#held)", stroke=BLOCKED)


def request(x: float, y: float, _: str = "") -> str:
    """A request to cancel that points at a bar."""
    return path(f"M{number(x - 4.5)} {number(y - 5)}h9l-4.5 8z", fill=INK, stroke="#fff")


def filled(d: str, state: str, *, plain: bool = False) -> str:
    """Shapes in the colours of a state; plain: without outline and pattern."""
    look = STATES[state]
    if plain:
        fill = look.stroke if state == "ready" else look.fill
        return path(d, fill=fill)
    pattern = path(d, fill=f"url(#{look.pattern})") if look.pattern else ""
    return path(d, fill=look.fill, stroke=look.stroke) + pattern


def ending(x: float, y: float, outcome: str) -> str:
    """The glyph of an outcome, centred at a point."""
    at = f"{number(x)} {number(y)}"
    if outcome == "finished":
        return path(f"M{at}m-4.5 .5l3.2 3.2l6-7", stroke=INK, wide=1.8)
    if outcome == "raised":
        return path(f"M{at}m-4 -4l8 8m0 -8l-8 8", stroke=BLOCKED, wide=2.4)
    if outcome == "cancelled":
        ring = "m-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0 -8.4 0"
        return path(f"M{at}{ring}M{at}m-3 3l6 -6", stroke=INK, wide=1.6)
    if outcome == "pending":
        return path(f"M{at}m-4 -4l4 4l-4 4m4 -8l4 4l-4 4", stroke=INK, wide=1.6)
    return path(f"M{at}m-4 0h1.6m1.6 0h1.6m1.6 0h1.6", stroke=INK, wide=2)
