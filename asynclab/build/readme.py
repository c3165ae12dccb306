"""Writes what README.md takes from the course: the table of lessons, and one picture."""

from __future__ import annotations

import asyncio
from pathlib import Path

from asynclab.picture import Picture
from asynclab.runner import run
from asynclab.syllabus import SYLLABUS

__all__ = ["check_readme", "write_readme"]

BEGIN = "<!-- syllabus: written by `asynclab build` -->\n"
END = "<!-- end of syllabus -->"
PICTURE = Path("docs/timeline.png")


def write_readme(root: Path) -> None:
    """Bring README.md up to date: a lesson gets its link when its notebook exists.

    Args:
        root: the folder of the course.
    """
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    if (wanted := _with_table(text, root)) != text:
        readme.write_text(wanted, encoding="utf-8", newline="\n")
        print("wrote the syllabus in README.md")
    if not _picture_is_fresh(root):
        (root / PICTURE).parent.mkdir(exist_ok=True)
        (root / PICTURE).write_bytes(_picture())
        print(f"wrote {PICTURE.as_posix()}")


def check_readme(root: Path) -> int:
    """0 if README.md and its picture are up to date; otherwise 1, after saying how to mend it.

    Args:
        root: the folder of the course.
    """
    text = (root / "README.md").read_text(encoding="utf-8")
    stale = []
    if _with_table(text, root) != text:
        stale.append("README.md: its syllabus")
    if not _picture_is_fresh(root):
        stale.append(f"{PICTURE.as_posix()}: README's picture")
    for what in stale:
        print(f"{what} is stale; run `python3 course.py build`")
    return 1 if stale else 0


def _picture_is_fresh(root: Path) -> bool:
    return (root / PICTURE).exists() and (root / PICTURE).read_bytes() == _picture()


def _picture() -> bytes:
    """Six calls through three permits, one of which fails: most of the marks in one picture."""

    async def evening() -> None:
        lines = asyncio.Semaphore(3)

        async def call(name: str, seconds: float) -> None:
            async with lines:
                await asyncio.sleep(seconds)
            if name == "Greta":
                raise ConnectionError(name)

        waits = {"Ines": 0.4, "Tomas": 0.7, "Greta": 0.3, "Amir": 0.5, "Yuki": 0.6, "Nora": 0.3}
        calls = (call(name, seconds) for name, seconds in waits.items())
        await asyncio.gather(*calls, return_exceptions=True)

    return Picture([run(evening)], ["Six calls, three lines"], limit=3).png()


def _with_table(readme: str, root: Path) -> str:
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md has lost a mark of its syllabus: {BEGIN.strip()} or {END}")
    return "".join([before, begin, _table(root), end, after])


def _table(root: Path) -> str:
    rows = ["| lesson | the question | exercises |", "|---|---|---|"]
    for stem, question in SYLLABUS.items():
        lesson = _link(f"`{stem}`", f"notebooks/{stem}.ipynb", root)
        exercises = _link("exercises", f"exercises/{stem}.ipynb", root)
        # A lesson that is not written yet is named, and has nothing to click on.
        rows.append(f"| {lesson or f'`{stem}`'} | {question} | {exercises} |")
    return "\n".join([*rows, ""])


def _link(text: str, path: str, root: Path) -> str:
    return f"[{text}]({path})" if (root / path).exists() else ""
