"""Reads `content/`, the only place where the words and cells of the course are edited.

A source is Jupytext Markdown, `content/lessons/NN_stem.md` or `content/exercises/NN_stem.md`.
Text is a Markdown cell, a fence that begins with ```` ```python ```` is a code cell::

    # Awaiting one by one takes the sum

    Text. Two blank lines begin a new Markdown cell.

    ```python
    import asyncio
    ```

    ```python tags=["raises-exception"]
    asyncio.run(main())
    ```

What a fence may carry, in Jupytext's own notation:

- `tags=["raises-exception"]`: the point of the cell is its traceback. A cell that raises
  without this tag, or carries it and raises nothing, is refused.
- `tags=["nbval-ignore-output"] reason="why the output cannot be the same twice"`: the tests
  do not compare this cell's output. It is refused without a reason.
- `tags=["starter"]`: only in the learner's notebook, `exercises/NN_stem.ipynb`.
- `tags=["solution"]`: only in the explained one, `solutions/NN_stem.ipynb`.
- `name="answer-shop_page"`: where the learner writes. A starter and a solution share it; the
  functions that the starter defines have the same signatures in the solution.
- `name="check-shop_page"`: the cell that checks the answer of that name, after it.

An exercise, whole::

    ## The page of a shop

    The story, and the contract.

    ```python tags=["starter"] name="answer-shop_page"
    async def shop_page(client):
        ...
    ```

    ```python tags=["solution"] name="answer-shop_page"
    async def shop_page(client):
        return await asyncio.gather(client.get("/users/1"), client.get("/posts"))
    ```

    ```python name="check-shop_page"
    lab.check(shop_page)
    ```

    <!-- #region tags=["solution"] -->
    Why it works, and what else would: Markdown cells are tagged with a region.
    <!-- #endregion -->

    ```python tags=["solution"]
    await shop_page_with_tasks(client)     # an alternative: a solution without a name
    ```

Code that is only read stays in the text: a fence of `text`, `console`, `json`, `http`, `toml`
or `yaml`, and ```` ```python .noeval ```` for Python.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext

from .fences import fences, regions

__all__ = ["KINDS", "STEM", "Cell", "Source", "read_sources"]

KINDS = ("lessons", "exercises")
STEM = re.compile(r"\d\d_[a-z][a-z0-9_]*")

_HEADER = "---"  # of a YAML header, at which Jupytext can stop
_INTERNAL = {"lines_to_next_cell", "region_name"}  # Jupytext's own notes on a cell


@dataclass
class Cell:
    """One cell of a source.

    Attributes:
        kind: "markdown" or "code".
        line: the line of the source where the text begins, from 1.
        metadata: what the author wrote on the fence or region, as Jupytext reads it.
        id: the id of the cell in every notebook.
    """

    kind: str
    text: str
    line: int
    metadata: dict[str, Any]
    id: str = ""

    @property
    def mark(self) -> int:
        """The line of the fence or region that begins this cell."""
        return self.line - 1

    @property
    def tags(self) -> list[str]:
        """The tags; none if they are not written as a list."""
        tags = self.metadata.get("tags")
        return tags if isinstance(tags, list) else []

    @property
    def name(self) -> str:
        """The name as it is written, or an empty text."""
        return str(self.metadata.get("name") or "")

    @property
    def exercise(self) -> str:
        """The exercise that this cell answers or checks, or an empty text."""
        return self.name.partition("-")[2]

    @property
    def is_answer(self) -> bool:
        """Whether this is a starter or a solution with a name."""
        return self.name.startswith("answer-")


@dataclass
class Source:
    """One file of `content/`.

    Attributes:
        path: from the root of the course, with slashes.
        kind: "lessons" or "exercises".
        stem: as in 06_semaphore.
        lines: the text.
        cells: none if the text cannot be cut into cells.
    """

    path: str
    kind: str
    stem: str
    lines: list[str]
    cells: list[Cell] = field(default_factory=list)


def read_sources(root: Path) -> list[Source]:
    """Every source below `root/content`, lessons first, each kind in order.

    Reading judges nothing: what is wrong with a source is told by `asynclab.build.rules`.
    """
    return [
        _read(path, path.relative_to(root).as_posix(), kind)
        for kind in KINDS
        for path in sorted((root / "content" / kind).glob("*.md"))
    ]


def _read(path: Path, name: str, kind: str) -> Source:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    source = Source(name, kind, path.stem, lines)
    blocks = [*fences(lines), *regions(lines)]
    if all(block.is_readable for block in blocks) and lines[:1] != [_HEADER]:
        source.cells = list(_cells("\n".join(lines)))
        _identify(source)
    return source


def _cells(text: str) -> Iterator[Cell]:
    """The cells as Jupytext reads them, each found again in the text for its line."""
    searched = f"\n{text}\n"
    position = 0
    for read in jupytext.reads(text, "md").cells:
        at = searched.find(f"\n{read.source}\n", position)
        position = at if at >= 0 else position
        line = searched.count("\n", 0, position) + 1
        position += len(read.source)
        metadata = {key: value for key, value in read.metadata.items() if key not in _INTERNAL}
        yield Cell(read.cell_type, read.source, line, metadata)


def _identify(source: Source) -> None:
    """Named cells keep their name as id; the others get one that only their text decides.

    A cell that moves keeps its id, so a diff of two builds shows what changed.
    """
    seen = Counter()
    for cell in source.cells:
        text = f"{source.stem}\0{cell.kind}\0{cell.text}"
        digest = hashlib.sha256(f"{text}\0{seen[text]}".encode()).hexdigest()
        cell.id = cell.name or digest[:12]
        seen[text] += 1
