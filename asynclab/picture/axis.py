"""Round numbers along a time axis."""

from __future__ import annotations

import math

__all__ = ["ticks"]


def ticks(end: float, most: int) -> list[tuple[float, str]]:
    """Times at equal round distances from 0 to ``end``, as ``(seconds, words)``.

    Args:
        end: the end of the axis, seconds, more than 0.
        most: how many distances there may be at most.
    """
    step = _round_step(end / max(1, most))
    digits = max(0, -math.floor(math.log10(step)))
    found = []
    for i in range(int(end / step + 1e-6) + 1):
        t = round(i * step, 9)
        found.append((t, f"{t:.{digits}f}"))
    return found


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    factor = next(f for f in (1, 2, 5, 10) if f * power >= least * (1 - 1e-9))
    return round(factor * power, 12)
