"""Elsewhere: a cell that needs a computer says so, instead of a traceback.

It says what it needs, and what it shows where the course is installed. Cells that build on it say
so, too: each cell's names are followed back to the cells that define them.
"""

from __future__ import annotations

import ast
import errno
import json
import sys
import traceback
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from asynclab.clock import RealIO

__all__ = ["SHOWN", "Elsewhere", "NotInBrowser", "digest", "what_is_missing"]

SHOWN = "shown.json"  # written when the site is built: what cells show, by the digest of their text
# What the installed course has and no browser: it needs threads, sockets or machine code.
PACKAGES = frozenset({
    "aiosqlite", "asyncpg", "greenlet", "nest_asyncio", "nest_asyncio2", "psutil", "resvg_py",
    "sqlalchemy",
})  # fmt: skip

COMPLAINTS = (  # what messages say, and what it is that they miss
    ("start new thread", "threads"),
    ("a browser has no processes", "a process of its own"),
    ("greenlet", "the package greenlet"),
)


class NotInBrowser(RuntimeError):
    """Something was asked for that a browser tab does not have; the message names it."""


def what_is_missing(error: BaseException) -> str | None:
    """What a browser tab lacks, if that is why this was raised; else None."""
    return next(filter(None, map(_missing, _chain(error))), None)


def _missing(error: BaseException) -> str | None:
    what = None
    match error:
        case NotInBrowser():
            what = str(error)
        case RealIO():
            what = "sockets"
        case NotImplementedError() if _raised_by_loop(error):
            what = "sockets"
        case OSError(errno=errno.ENOTSUP):
            what = "a process of its own"
        case ModuleNotFoundError(name=str(name)) if name.partition(".")[0] in PACKAGES:
            what = f"the package {name.partition('.')[0]}"
        case RuntimeError() | ImportError():
            what = next((what for words, what in COMPLAINTS if words in str(error)), None)
    return what


def _raised_by_loop(error: BaseException) -> bool:
    """Whether the tab's own event loop has raised it, as it does for what it cannot do."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return files[-1].endswith(("webloop.py", "asyncio/events.py"))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _chain(inner)
        error = error.__cause__ or error.__context__


class Elsewhere:
    """Watches the cells of one shell.

    Args:
        shell: an IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._show_traceback = shell.showtraceback
        self._cell = ""
        self._needs: dict[str, set[str]] = {}  # name -> the names in the cell that binds it
        self._lost: dict[str, str] = {}  # name that a cell could not bind -> what that cell needs

    def install(self) -> None:
        """From now on, cells say what they need."""
        self._shell.showtraceback = self._show
        self._shell.events.register("pre_run_cell", self._begin)
        self._shell.events.register("post_run_cell", self._end)

    def _begin(self, info: Any) -> None:
        self._cell = info.raw_cell

    def _end(self, result: Any) -> None:
        """Take note of what the cell has bound."""
        if result.success:
            bound, used = self._names()
            for name in bound:
                self._needs[name] = used
                self._lost.pop(name, None)

    def _show(self, *how: Any, **more: Any) -> None:
        """Say what is missing, if that is why the cell failed; else show the traceback."""
        error = sys.exc_info()[1]
        what, itself = error and what_is_missing(error), True
        if error is not None and what is None:
            what, itself = self._inherited(), False
        if what is None:
            self._show_traceback(*how, **more)
            return
        bound, _ = self._names()
        self._lost |= {name: what for name in bound if name not in self._shell.user_ns}
        subject = "This cell needs" if itself else "This cell builds on one that needs"
        shown = _shown().get(digest(self._cell))
        print(f"{subject} {what}, which a browser tab does not have.")
        print(f"On a computer it shows:\n\n{shown}" if shown else "On a computer it runs as it is.")

    def _inherited(self) -> str | None:
        """What is needed by a cell on which this one builds, through however many others."""
        _, waiting = self._names()
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in self._lost:
                return self._lost[name]
            seen.add(name)
            waiting |= self._needs.get(name, set()) - seen
        return None

    def _names(self) -> tuple[set[str], set[str]]:
        """The names that the cell binds, and those that it uses."""
        try:
            tree = ast.parse(self._shell.transform_cell(self._cell))
        except SyntaxError:
            return set(), set()
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        return set(_bound(tree.body)), used


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements bind, but not those inside functions and classes."""
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    yield alias.asname or alias.name.partition(".")[0]
            case _:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        yield node.id
                for inner in ("body", "orelse", "finalbody"):
                    yield from _bound(getattr(statement, inner, []))


def digest(cell: str) -> str:
    """By this the text of a cell is known."""
    return sha256(cell.strip().encode()).hexdigest()[:16]


@cache
def _shown() -> dict[str, str]:
    file = resources.files(__package__).joinpath(SHOWN)
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}
