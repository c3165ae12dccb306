"""Course: the course's own copy of each exercise notebook, as the grader executes it."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from asynclab.build.sources import Cell, Source, read_sources

__all__ = ["Assignment", "CourseError", "assignments"]

PACKAGE = Path(__file__).resolve().parent.parent
JUDGES = ("*.py", "checking/*.py", "grading/*.py")


class CourseError(Exception):
    """The course's own sources cannot be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """One exercise notebook.

    Attributes:
        stem: as in 06_semaphore.
        steps: its cells in order, ``("course", "", code)`` or ``("answer", name, "")``.
        starters: the starter of each exercise, by name, in order.
        checks: the source of the cell that checks it, by name.
        programs: for a prediction, the expression for the program that it is about.
        version: changes with anything that a verdict depends on.
    """

    stem: str
    steps: tuple[tuple[str, str, str], ...]
    starters: dict[str, str]
    checks: dict[str, str]
    programs: dict[str, str]
    version: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Assignment) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str]:
        return self.stem, self.version

    def program(self, name: str) -> Any:
        """The program that a prediction is about. Runs the course's cells, none of a learner's."""
        namespace: dict[str, Any] = {"__name__": "__main__"}
        for kind, _, code in self.steps:
            if kind == "course":
                exec(code, namespace)  # noqa: S102 - the course's own
        return eval(self.programs[name], namespace)  # noqa: S307 - the course's own


@dataclass(slots=True)
class _Parts:
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    starters: dict[str, str] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)


@cache
def assignments(root: Path) -> dict[str, Assignment]:
    """Every exercise notebook by its stem.

    Args:
        root: the folder of the course.

    Raises:
        CourseError: there are none.
    """
    sources = [source for source in read_sources(root) if source.kind == "exercises"]
    if not sources:
        raise CourseError(f"{root / 'content' / 'exercises'} holds no exercise: grade from a clone")
    judges = sorted(path for pattern in JUDGES for path in PACKAGE.glob(pattern))
    engine = _digest(*(path.read_text("utf-8") for path in judges))
    return {source.stem: _assignment(source, engine) for source in sources}


def _assignment(source: Source, engine: str) -> Assignment:
    parts = _Parts()
    for cell in source.cells:
        if cell.kind == "code" and "solution" not in cell.tags:
            _sort(cell, parts)
    module = PACKAGE / "exercises" / f"{source.stem.partition('_')[2]}.py"
    contract = module.read_text("utf-8") if module.exists() else ""
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    version = _digest(engine, contract, "\n".join(source.lines), python)[:16]
    programs = dict(_programs(parts.checks))
    steps = tuple(parts.steps)
    return Assignment(source.stem, steps, parts.starters, parts.checks, programs, version)


def _sort(cell: Cell, parts: _Parts) -> None:
    if cell.is_answer:
        parts.starters[cell.exercise] = cell.text
        parts.steps.append(("answer", cell.exercise, ""))
    elif cell.name.startswith("check-"):
        parts.checks[cell.exercise] = cell.text
    elif "raises-exception" not in cell.tags and (code := _definitions(cell.text)):
        parts.steps.append(("course", "", code))


def _definitions(text: str) -> str:
    """The cell without the expressions that only show something."""
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Expr)]
    return ast.unparse(tree)


def _programs(checks: dict[str, str]) -> Iterator[tuple[str, str]]:
    """``of`` in ``lab.check(guess, of=main)``, for each check that has one."""
    for name, text in checks.items():
        calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
        for keyword in (keyword for call in calls for keyword in call.keywords):
            if keyword.arg == "of":
                yield name, ast.unparse(keyword.value)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
