"""The lines of a Markdown source: which belong to a fence, which to a region, which are text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

__all__ = ["Block", "fences", "regions", "roles"]

_FENCE = re.compile(r"(`{3,})\s*(.*)")
_REGION = re.compile(r"<!--\s*#(end)?(region|markdown|md|raw)\b(.*)-->\s*")
_MISWRITTEN = re.compile(r"""\b(tags=(?!\[)|(name|reason)=(?!["']))""")


@dataclass(frozen=True)
class Block:
    """A fence or a region.

    Attributes:
        begin: the number of its first line, from 1; 0 if it never began.
        end: the number of its last line; 0 if it never ends.
        mark: the backticks of a fence, the keyword of a region.
        info: what follows the mark.
    """

    begin: int
    end: int
    mark: str
    info: str

    @property
    def is_readable(self) -> bool:
        """Whether it has both ends, and Jupytext can read what follows the mark."""
        return bool(self.begin and self.end) and not self.is_miswritten

    @property
    def is_miswritten(self) -> bool:
        """Whether an attribute has a value of the wrong type."""
        return bool(_MISWRITTEN.search(self.info))


def roles(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Every line with its number and its role: it opens, is inside or closes a fence, or is text.

    A fence that begins inside a shorter or equal one opens: the other was forgotten open.
    """
    ticks = ""
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.fullmatch(line)
        role = "inside" if ticks else "text"
        if fence and len(fence[1]) >= len(ticks):
            role = "closes" if ticks and not fence[2] else "opens"
            ticks = "" if role == "closes" else fence[1]
        yield number, line, role


def fences(lines: Sequence[str]) -> list[Block]:
    """All fences in order."""
    found = []
    for number, line, role in roles(lines):
        if role == "opens":
            fence = _FENCE.fullmatch(line)
            found.append(Block(number, 0, fence[1], fence[2]))
        elif role == "closes":
            found[-1] = replace(found[-1], end=number)
    return found


def regions(lines: Sequence[str]) -> list[Block]:
    """All regions in order. They do not nest: what begins inside one is its text."""
    found = []
    for number, line, role in roles(lines):
        marker = _REGION.fullmatch(line) if role == "text" else None
        is_open = bool(found) and not found[-1].end
        if marker and not marker[1] and not is_open:
            found.append(Block(number, 0, marker[2], marker[3]))
        elif marker and marker[1] and is_open:
            found[-1] = replace(found[-1], end=number)
        elif marker and marker[1]:
            found.append(Block(0, number, marker[2], marker[3]))
    return found
