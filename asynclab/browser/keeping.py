"""Keeping: progress lasts in the browser's own database, and is shared by all notebooks of a site.

Each notebook has a Python of its own, whose files are gone when the tab is. So its progress file
is brought together with what the browser keeps: before each cell, and after each change.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from asynclab.checking.store import Entry, Progress, from_text, to_text

__all__ = ["Keeper", "Texts", "install"]

NAME = "progress.json"


class Texts(Protocol):
    """Where texts last, by name."""

    async def read(self, name: str) -> str:
        """The text of this name, empty if there is none."""

    async def write(self, name: str, text: str) -> None:
        """Replace the text of this name."""


class Keeper:
    """Brings the progress file and the kept text together.

    Args:
        texts: where the text is kept.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._both: dict[str, Entry] = {}  # what both sides knew when they last met
        self._turn = asyncio.Lock()

    async def meet(self) -> None:
        """Give each side what the other has changed; where both have, nothing is forgotten."""
        async with self._turn:
            there = _entries(await self._texts.read(NAME))
            progress = Progress()
            here = progress.read()
            both = self._together(here, there)
            if both != here:
                progress.replace(both)
            self._both = both
            if both != there:
                await self._texts.write(NAME, to_text(both))

    def _together(self, here: dict[str, Entry], there: dict[str, Entry]) -> dict[str, Entry]:
        both = {}
        for name in here.keys() | there.keys():
            mine, theirs, before = here.get(name), there.get(name), self._both.get(name)
            if mine == before:
                entry = theirs
            elif theirs == before:
                entry = mine
            else:
                entry = mine.with_other(theirs) if mine and theirs else None
            if entry is not None:
                both[name] = entry
        return both


def _entries(text: str) -> dict[str, Entry]:
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        return from_text(text)
    return {}


def install(shell: Any) -> None:
    """Keep progress from now on, if this browser keeps anything."""
    import js  # noqa: PLC0415 - part of Pyodide
    from pyodide.code import run_js  # noqa: PLC0415 - likewise

    if not hasattr(js, "indexedDB"):  # Node
        return
    keeper = Keeper(run_js(Path(__file__).with_suffix(".js").read_text("utf-8")))
    loop, run_cell = asyncio.get_running_loop(), shell.run_cell_async
    meetings: set[asyncio.Task] = set()

    async def meet() -> None:
        with suppress(Exception):  # a browser that keeps nothing, as some do in private windows
            await keeper.meet()

    def meet_soon() -> None:
        task = loop.create_task(meet())
        meetings.add(task)
        task.add_done_callback(meetings.discard)

    async def meet_and_run(*cell: Any, **how: Any) -> Any:
        await meet()
        result = await run_cell(*cell, **how)
        shell.events.trigger("post_execute")  # IPython leaves both to whoever awaits a cell
        shell.events.trigger("post_run_cell", result)
        return result

    Progress.listeners.append(meet_soon)
    shell.should_run_async = lambda *_, **__: True
    shell.run_cell_async = meet_and_run
    meet_soon()
