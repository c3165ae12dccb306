"""Writes `asynclab/exercises/texts.json` from the sources of the exercise notebooks.

The package carries the starters, solutions and explanations, so that checks work wherever it is
installed; the words themselves are edited in `content/exercises` only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from .sources import Cell, Source, read_sources

__all__ = ["check_texts", "write_texts"]

FILE = Path("asynclab/exercises/texts.json")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def write_texts(root: Path) -> None:
    """Bring the file up to date.

    Args:
        root: the folder of the course.
    """
    target, wanted = root / FILE, _text(root)
    if not target.exists() or target.read_text("utf-8") != wanted:
        target.write_text(wanted, "utf-8", newline="\n")
        print(f"wrote {FILE.as_posix()}")


def check_texts(root: Path) -> int:
    """0 if the file is up to date; otherwise 1, after saying how to mend it.

    Args:
        root: the folder of the course.
    """
    target = root / FILE
    if target.exists() and target.read_text("utf-8") == _text(root):
        return 0
    print(f"{FILE.as_posix()} is stale; run `python3 course.py build`")
    return 1


def _text(root: Path) -> str:
    sources = [source for source in read_sources(root) if source.kind == "exercises"]
    found = dict(pair for source in sources for pair in _exercises(source))
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _exercises(source: Source) -> Iterator[tuple[str, dict[str, str]]]:
    for index, cell in enumerate(source.cells):
        if cell.is_answer and "starter" in cell.tags:
            yield cell.exercise, _exercise(source, cell, source.cells[index:])


def _exercise(source: Source, starter: Cell, rest: list[Cell]) -> dict[str, str]:
    solution = next(c for c in rest if c.name == starter.name and "solution" in c.tags)
    return {
        "lesson": source.stem,
        "title": _title(source, starter),
        "starter": starter.text,
        "solution": solution.text,
        "explanation": "\n\n".join(_explanation(rest)),
    }


def _title(source: Source, starter: Cell) -> str:
    """The last heading above the starter."""
    above = source.cells[: source.cells.index(starter)]
    text = "\n".join(cell.text for cell in above if cell.kind == "markdown")
    return _HEADING.findall(text)[-1]


def _explanation(rest: list[Cell]) -> Iterator[str]:
    """The Markdown of the solution edition, up to the next heading."""
    for cell in rest:
        if cell.kind == "markdown":
            if _HEADING.match(cell.text):
                return
            if "solution" in cell.tags:
                yield cell.text
