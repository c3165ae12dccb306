"""The letters of the pictures: a bundled font, so that every machine draws the same."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

__all__ = ["FAMILY", "FONT_FILES", "fit", "width"]

FAMILY = "DejaVu Sans"
FONT_FILES = tuple(
    Path(__file__).parent / "fonts" / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of text in pixels, at a font size in pixels."""
    advances = _advances(bold)
    return sum(advances.get(ord(c), 0.6) for c in text) * size


def fit(text: str, size: float, room: float) -> str:
    """The text, cut with an ellipsis if it is wider than ``room`` pixels."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


@cache
def _advances(bold: bool) -> dict[int, float]:
    """How far each character moves the pen, in em: the tables head, hhea, hmtx and cmap."""
    data = FONT_FILES[bold].read_bytes()
    tables = {
        data[at : at + 4].decode(): int.from_bytes(data[at + 8 : at + 12], "big")
        for at in range(12, 12 + 16 * int.from_bytes(data[4:6], "big"), 16)
    }
    (em,) = struct.unpack_from(">H", data, tables["head"] + 18)
    (metrics,) = struct.unpack_from(">H", data, tables["hhea"] + 34)
    moves = struct.unpack_from(">" + "Hh" * metrics, data, tables["hmtx"])[::2]
    glyphs = _glyphs(data, tables["cmap"])
    return {c: moves[min(glyph, metrics - 1)] / em for c, glyph in glyphs.items()}


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Character to glyph, from the first cmap subtable of format 4."""
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    offsets = (struct.unpack_from(">HHI", data, cmap + 4 + 8 * i)[2] for i in range(count))
    at = next(cmap + o for o in offsets if struct.unpack_from(">H", data, cmap + o) == (4,))
    (twice,) = struct.unpack_from(">H", data, at + 6)
    ends, starts, deltas, ranges = (
        struct.unpack_from(f">{twice // 2}H", data, at + 14 + i * twice + (2 if i else 0))
        for i in range(4)
    )
    found = {}
    for i, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for c in range(first, min(last, 0xFFFE) + 1):
            glyph = c
            if ranges[i]:
                place = at + 16 + 3 * twice + 2 * i + ranges[i] + 2 * (c - first)
                (glyph,) = struct.unpack_from(">H", data, place)
            if glyph:
                found[c] = (glyph + deltas[i]) & 0xFFFF
    return found
