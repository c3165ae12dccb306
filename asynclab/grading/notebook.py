"""Notebook: the answer cells of a submitted notebook. Nothing else of it is used.

Read inside the sandbox, before anything of the learner's has run: a parser that chokes on a
learner's text takes nobody else with it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Malformed", "Submitted", "read_notebook"]

# Lines that only IPython reads: %magic, !command, ?help, help?, files = !ls
_MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*|[\w, ]+=[ \t]*[%!].*)$", re.MULTILINE)


NAMES = 200  # that are remembered of other cells, and characters of each


class Malformed(ValueError):
    """The file is no notebook that can be graded; the message says why and what to do."""


@dataclass(slots=True)
class Submitted:
    """What a notebook holds for the grader.

    Attributes:
        answers: the source of each answer cell, by exercise.
        tampered: one sentence for each check cell that is not the course's.
        notes: what the learner may want to know.
        elsewhere: names that other cells define, which are not graded.
    """

    answers: dict[str, str] = field(default_factory=dict)
    tampered: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Cell:
    id: str
    kind: str
    source: str


def read_notebook(data: bytes, starters: dict[str, str], checks: dict[str, str]) -> Submitted:
    """Find the answer to each exercise.

    It is the cell whose id, or whose nbgrader id, is ``answer-<name>``; if that cell does not
    define the name, the last cell that does.

    Args:
        data: the file.
        starters: the course's starter of each exercise, by name.
        checks: the course's check cell of each exercise, by name.

    Raises:
        Malformed: this is no notebook of format 4.
    """
    cells = list(_cells(_json(data)))
    found = Submitted()
    for name, starter in starters.items():
        if (cell := _answer(cells, name, starter)) is not None:
            found.answers[name] = _without_magics(cell.source, name, found.notes)
    others = {name for cell in cells if _is_other(cell) for name in _defined(cell.source)}
    found.elsewhere = [name[:NAMES] for name in sorted(others)[:NAMES]]
    for name, check in checks.items():
        found.tampered += _tampering(cells, f"check-{name}", check)
    return found


def _json(data: bytes) -> Any:
    if not data.strip():
        raise Malformed("the file is empty: hand in the saved notebook")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        why = str(error) or type(error).__name__
        raise Malformed(f"the file is not JSON ({why}): save the notebook again") from None


def _cells(notebook: Any) -> Iterator[_Cell]:
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise Malformed("this is JSON, but no notebook: hand in the .ipynb file")
    if notebook["nbformat"] != 4 or not isinstance(notebook.get("cells"), list):
        version = repr(notebook["nbformat"])[:20]
        raise Malformed(f"notebook format {version} is not 4: open and save it in JupyterLab")
    for cell in notebook["cells"]:
        if not isinstance(cell, dict):
            raise Malformed("one of its cells is no cell: open and save it in JupyterLab")
        yield _Cell(_name(cell), str(cell.get("cell_type")), _source(cell.get("source", "")))


def _name(cell: dict[str, Any]) -> str:
    """The exercise's own id in the metadata, else the cell's."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return str(grade_id or cell.get("id") or "")


def _source(source: Any) -> str:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    if isinstance(source, str):
        return source
    raise Malformed("the source of a cell is no text: open and save it in JupyterLab")


def _answer(cells: list[_Cell], name: str, starter: str) -> _Cell | None:
    code = [cell for cell in cells if cell.kind == "code"]
    named = [cell for cell in code if cell.id == f"answer-{name}"]
    others = [cell for cell in code if _is_other(cell)]
    definite = [c for c in (*others, *named) if name in c.source and name in _defined(c.source)]
    edited = [cell for cell in definite if cell.source.strip() != starter.strip()]
    return next(reversed(edited or named or definite), None)


def _is_other(cell: _Cell) -> bool:
    return cell.kind == "code" and not cell.id.startswith(("answer-", "check-"))


def _defined(source: str) -> set[str]:
    try:
        body = ast.parse(_MAGIC.sub(r"\1pass", source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {name for node in body for name in _names(node)}


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    return []


def _without_magics(source: str, name: str, notes: list[str]) -> str:
    """Lines for IPython become ``pass`` where they are all that keeps Python from reading it."""
    plain = _MAGIC.sub(r"\1pass", source)
    if plain == source or _is_python(source) or not _is_python(plain):
        return source
    notes.append(f"{name}: lines for IPython, with % or ! or ?, were left out")
    return plain


def _is_python(source: str) -> bool:
    try:
        compile(source, "<answer>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _tampering(cells: list[_Cell], cell_id: str, source: str) -> list[str]:
    same = [cell for cell in cells if cell.source.strip() == source.strip()]
    found = [cell for cell in cells if cell.id == cell_id] or same[:1]  # Colab takes the ids away
    if not found:
        return [f"{cell_id} is missing"]
    if len(found) > 1:
        return [f"{cell_id} stands {len(found)} times"]
    if found[0].kind != "code":
        return [f"{cell_id} is no code cell any more"]
    return [f"{cell_id} was edited"] if found[0].source.strip() != source.strip() else []
