"""Builds the notebooks of the course from `content/`, and tells which of them are stale.

    content/lessons/NN_stem.md    -> notebooks/NN_stem.ipynb    executed, outputs kept
    content/exercises/NN_stem.md  -> exercises/NN_stem.ipynb    starters, not executed
                                  -> solutions/NN_stem.ipynb    solutions, executed

The format of a source is described in `asynclab.build.sources`. Two builds differ in no byte.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.console import Console

from .execution import CellFailed, execute
from .outputs import settle
from .rules import Problem, problems
from .sources import STEM, Cell, Source, read_sources

__all__ = ["Refused", "build", "check", "make"]


@dataclass(frozen=True)
class Edition:
    """One of the notebooks that a source becomes."""

    folder: str
    without: str | None  # the tag of the cells that it leaves out
    executed: bool


EDITIONS = {
    "lessons": [Edition("notebooks", without=None, executed=True)],
    "exercises": [
        Edition("exercises", without="solution", executed=False),
        Edition("solutions", without="starter", executed=True),
    ],
}
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_FOR_JUPYTER = {"raises-exception", "nbval-ignore-output"}  # the other tags are the author's
_READ_ONLY = "```python .noeval"  # to Jupyter a language without colours


class Refused(Exception):
    """The sources cannot be built; `problems` says where and why, all of it at once."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Draft:
    """A notebook in the making: where it goes, and the source cell of each of its cells."""

    path: str
    source: Source
    edition: Edition
    cells: list[Cell]
    notebook: NotebookNode

    def problem(self, index: int, sentence: str, line: int = 1) -> Problem:
        """A problem of the cell at `index`, placed in the source."""
        return Problem(self.source.path, self.cells[index].line + line - 1, sentence)


# -- what the command line calls -----------------------------------------------------------


def build(root: Path, names: Sequence[str] = ()) -> int:
    """Build the notebooks below `root`, showing what is done.

    Args:
        root: the folder of the course, which holds `content/`.
        names: which sources, as "06_semaphore", "06" or "semaphore"; none means all. A name
            that has notebooks and no source any more removes its notebooks.

    Returns:
        0, or 1 when a source is refused; then no file is written.
    """
    console = Console(soft_wrap=True, highlight=False)
    try:
        texts = make(root, names, console)
    except Refused as refused:
        return _refuse(refused)
    for path in _extra(root, names):
        (root / path).unlink()
        console.print(f"removed {path}: it has no source")
    for path, text in texts.items():
        if _committed(root / path) == text:
            console.print(f"{path} is unchanged")
        else:
            _write(root / path, text)
            console.print(f"[bold]wrote {path}[/bold]")
    return 0


def check(root: Path, names: Sequence[str] = ()) -> int:
    """Build in memory and compare with the files below `root`; write nothing.

    Args:
        root: the folder of the course.
        names: which sources, as for `build`.

    Returns:
        0 when every file is what its source builds, otherwise 1. Each file that is not is
        printed with the command that mends it.
    """
    console = Console(soft_wrap=True, highlight=False)
    try:
        texts = make(root, names, console)
    except Refused as refused:
        return _refuse(refused)
    findings = [*_findings(root, texts), *map(_superfluous, _extra(root, names))]
    for finding in findings:
        console.print(finding, markup=False)
    if not findings:
        console.print(f"All {len(texts)} built files are what their sources build.")
    return 1 if findings else 0


def make(root: Path, names: Sequence[str] = (), console: Console | None = None) -> dict[str, str]:
    """Build the notebooks in memory.

    Args:
        root: the folder of the course.
        names: which sources, as for `build`.
        console: where to show the progress; None shows nothing.

    Returns:
        The text of each built file by its path from `root`.

    Raises:
        Refused: a source is broken, a cell fails, or a name is unknown.
    """
    sources = read_sources(root)
    chosen = _chosen(root, sources, names)
    paths = {source.path for source in chosen}
    if broken := [problem for problem in problems(sources) if problem.path in paths]:
        raise Refused(broken)
    drafts = [_draft(source, edition) for source in chosen for edition in EDITIONS[source.kind]]
    if failed := asyncio.run(_execute_all(root, drafts, console or Console(quiet=True))):
        raise Refused(failed)
    return {draft.path: _written(draft.notebook) for draft in drafts}


def _refuse(refused: Refused) -> int:
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(str(refused), markup=False)
    count = len(refused.problems)
    console.print(f"{count} {'problem' if count == 1 else 'problems'}; no file was written.")
    return 1


# -- names ---------------------------------------------------------------------------------


def _chosen(root: Path, sources: list[Source], names: Sequence[str]) -> list[Source]:
    """The sources that the names mean; all of them without a name."""
    if not sources:
        raise Refused([f"There is nothing to build: {root / 'content'} holds no source."])
    known = sorted({source.stem for source in sources})
    unknown = [name for name in names if not any(_means(name, stem) for stem in known)]
    unknown = [name for name in unknown if not _extra(root, [name])]
    if unknown:
        lines = [f'No source is called "{name}".' for name in unknown]
        raise Refused([*lines, f"The sources are: {', '.join(known)}."])
    return [
        source
        for source in sources
        if not names or any(_means(name, source.stem) for name in names)
    ]


def _means(name: str, stem: str) -> bool:
    """Whether a name is this stem: whole, its number, or its noun."""
    return name in (stem, stem[:2], stem[3:])


def _extra(root: Path, names: Sequence[str]) -> list[str]:
    """Built notebooks without a source. A learner's own files are not named like a source."""
    return [
        path.relative_to(root).as_posix()
        for kind, editions in EDITIONS.items()
        for edition in editions
        for path in sorted((root / edition.folder).glob("*.ipynb"))
        if STEM.fullmatch(path.stem)
        if not (root / "content" / kind / f"{path.stem}.md").exists()
        if not names or any(_means(name, path.stem) for name in names)
    ]


# -- from source to notebook ---------------------------------------------------------------


def _draft(source: Source, edition: Edition) -> Draft:
    """The notebook of one edition, not yet executed."""
    cells = [cell for cell in source.cells if edition.without not in cell.tags]
    notebook = new_notebook(cells=[_cell(cell) for cell in cells], metadata=METADATA)
    notebook.nbformat_minor = 5
    return Draft(f"{edition.folder}/{source.stem}.ipynb", source, edition, cells, notebook)


def _cell(cell: Cell) -> NotebookNode:
    make_cell = new_code_cell if cell.kind == "code" else new_markdown_cell
    tags = [tag for tag in cell.tags if tag in _FOR_JUPYTER]
    text = cell.text.replace(_READ_ONLY, "```python")
    return make_cell(text, id=cell.id, metadata={"tags": tags} if tags else {})


def _written(notebook: NotebookNode) -> str:
    """The text of a notebook file, the way Jupyter itself writes it."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


async def _execute_all(root: Path, drafts: list[Draft], console: Console) -> list[Problem]:
    """Run the drafts that are executed, as many at once as there are processors."""
    waiting = [draft for draft in drafts if draft.edition.executed]
    processors = asyncio.Semaphore(os.cpu_count() or 1)
    failed, running, done = [], {}, 0

    def show(draft: Draft, index: int) -> None:
        running[draft.path] = f"{draft.path} cell {index + 1} of {len(draft.cells)}"
        state = f"{done} of {len(waiting)} notebooks executed"
        status.update("; ".join([state, *running.values()]))

    async def run(draft: Draft) -> None:
        nonlocal done
        async with processors:
            began = time.perf_counter()
            found = await _execute(root, draft, lambda index: show(draft, index))
        done += 1
        running.pop(draft.path, None)
        failed.extend(found)
        outcome = "failed" if found else "executed"
        console.print(f"{outcome} {draft.path} in {time.perf_counter() - began:.1f} s")

    with console.status("Starting kernels") as status:
        async with asyncio.TaskGroup() as group:
            for draft in waiting:
                group.create_task(run(draft))
    return sorted(failed)


async def _execute(root: Path, draft: Draft, started: Callable[[int], None]) -> list[Problem]:
    """Run one draft where it will be at home, and settle its outputs."""
    folder = root / draft.edition.folder
    folder.mkdir(exist_ok=True)
    try:
        await execute(draft.notebook, folder, started=started)
    except CellFailed as failure:
        return [draft.problem(failure.index, str(failure), failure.line)]
    return [
        draft.problem(index, f"this cell {sentence}")
        for index, cell in enumerate(draft.notebook.cells)
        if cell.cell_type == "code"
        for sentence in settle(cell, root)
    ]


# -- files ---------------------------------------------------------------------------------


def _committed(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8") if path.exists() else None


def _write(path: Path, text: str) -> None:
    """Replace a file in one step, so that Ctrl-C leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.write_bytes(text.encode("utf-8"))
    scratch.replace(path)


def _findings(root: Path, texts: dict[str, str]) -> Iterator[str]:
    """One sentence for each file that is missing or not what its source builds."""
    for path, text in texts.items():
        stem = Path(path).stem
        command = f"python3 course.py build {stem}"
        committed = _committed(root / path)
        if committed is None:
            yield f"{path} is missing. Build it: {command}"
        elif committed != text:
            yield f"{path} is stale{_difference(committed, text)}. Build it again: {command}"


def _superfluous(path: str) -> str:
    return f"{path} has no source. Remove it: python3 course.py build {Path(path).stem}"


def _difference(committed: str, text: str) -> str:
    """Where two notebooks begin to differ, in words."""
    try:
        old, new = (json.loads(each)["cells"] for each in (committed, text))
    except (ValueError, KeyError, TypeError):
        return ", and is no notebook any more"
    for number, (before, after) in enumerate(zip(old, new, strict=False), start=1):
        if before != after:
            what = "text" if before.get("source") != after["source"] else "output"
            return f": the {what} of cell {number} differs"
    return ": its number of cells differs" if len(old) != len(new) else ": its metadata differ"
