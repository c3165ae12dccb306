"""Atomic: a file that is replaced at once, so that a reader sees the old one or the new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Write a text file, and put it in place when it is whole.

    Args:
        path: the file; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.new")
    with scratch.open("w", encoding="utf-8", newline="") as file:
        yield file
    scratch.replace(path)
