"""Papers: notebooks as learners would hand them in, made of the course's own answers."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asynclab.checking.desk import exercises
from asynclab.checking.texts import texts

from .course import Assignment

__all__ = ["Known", "known_answers", "paper", "write_paper"]


@dataclass(frozen=True, slots=True)
class Known:
    """An answer whose verdict is known.

    Attributes:
        name: tells it from the others.
        stem: of its notebook.
        exercise: that it answers.
        source: of the answer cell.
        verdict: that it has to get.
        misconception: the key that it has to earn; empty if it is not wrong.
    """

    name: str
    stem: str
    exercise: str
    source: str
    verdict: str
    misconception: str = ""


def paper(assignment: Assignment, answers: dict[str, str]) -> dict[str, Any]:
    """A whole notebook.

    Args:
        assignment: the course's copy.
        answers: the source of the answer cell for each exercise that has one.
    """
    cells = []
    for number, (kind, name, code) in enumerate(assignment.steps):
        if kind == "course":
            cells.append(_cell(f"course-{number}", code))
            continue
        if name in answers:
            cells.append(_cell(f"answer-{name}", answers[name]))
        cells.append(_cell(f"check-{name}", assignment.checks[name]))
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _cell(cell_id: str, source: str) -> dict[str, Any]:
    empty = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": cell_id, "source": source, **empty}


def write_paper(notebook: dict[str, Any], folder: Path, learner: str, stem: str) -> Path:
    """Hand a notebook in as a flat file; the file is returned."""
    path = folder / f"{learner}_{stem}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def known_answers(root: Path) -> Iterator[Known]:
    """The starters, the solutions, and what people really write.

    Args:
        root: the folder of the course; what people write is in its ``tests``.
    """
    for name, text in texts().items():
        yield Known(f"starter-{name}", text.lesson, name, text.starter, "not_attempted")
        yield Known(f"solution-{name}", text.lesson, name, text.solution, "ok")
    for answer in _written(root):
        verdict = "wrong" if answer.key else "ok"
        stem = texts()[answer.exercise].lesson
        yield Known(str(answer), stem, answer.exercise, _source(answer), verdict, answer.key)


def _written(root: Path) -> list[Any]:
    if (folder := str(root / "tests")) not in sys.path:
        sys.path.insert(0, folder)
    modules = sorted((root / "tests" / "wrong_answers").glob("[a-z]*.py"))
    for module in modules:
        importlib.import_module(f"wrong_answers.{module.stem}")
    return importlib.import_module("wrong_answers").ANSWERS if modules else []


def _source(answer: Any) -> str:
    """The whole module of an answer as one cell that ends by giving it its name."""
    if exercises()[answer.exercise].pieces:
        return f"{answer.exercise} = lab.arrange({answer.exercise!r}, {answer.function()!r})"
    module = inspect.getmodule(answer.function)
    tree = ast.parse(inspect.getsource(module))
    tree.body = [node for node in tree.body if not _is_register(node)]
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.decorator_list = [d for d in node.decorator_list if not _registers(d)]
    return f"{ast.unparse(tree)}\n{answer.exercise} = {answer.function.__name__}"


def _is_register(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level > 0


def _registers(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(function, ast.Name) and function.id in ("right", "wrong")
