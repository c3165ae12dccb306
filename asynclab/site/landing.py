"""Landing: the first page of the site, which is there before Python is."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

from asynclab.picture import Picture
from asynclab.picture.words import comparison
from asynclab.runner import run
from asynclab.syllabus import SYLLABUS

__all__ = ["write_landing"]

PACKAGE = Path(__file__).parent
PICTURE = PACKAGE.parent / "picture"
CAPTION = "Three requests of 0.3, 0.2 and 0.4 seconds: awaited one by one, then through gather."
OPENS = "notebooks/index.html?path="


def write_landing(folder: Path, ahead: Iterable[Path]) -> None:
    """Write the first page and what it needs.

    Args:
        folder: of the site, where the notebooks lie in ``files``.
        ahead: the files of the site to fetch while the page is being read.
    """
    shutil.copytree(PACKAGE / "landing", folder / "landing")
    for name in ("timeline.js", "timeline.css"):
        shutil.copyfile(PICTURE / name, folder / "landing" / name)
    picture = _picture()
    (folder / "landing" / "picture.svg").write_text(picture.svg(), "utf-8")
    course = {
        "files": [[path.relative_to(folder).as_posix(), path.stat().st_size] for path in ahead],
        "picture": {
            "drawings": json.dumps(picture.drawings),
            "headline": comparison(picture.drawings),
        },
        "versions": _versions(folder / "files"),
    }
    page = folder / "landing" / "index.html"
    text = Template(page.read_text("utf-8")).substitute(
        caption=escape(CAPTION),
        course=json.dumps(course, sort_keys=True).replace("<", "\\u003c"),
        lessons="\n".join(_lessons(folder / "files")),
        start=f"{OPENS}notebooks/{next(iter(SYLLABUS))}.ipynb",
    )
    (folder / "index.html").write_text(text, "utf-8")
    page.unlink()


def _picture() -> Picture:
    """A real run, awaited in two ways."""
    waits = {"user": 0.3, "posts": 0.2, "todos": 0.4}

    async def fetch(name: str) -> str:
        await asyncio.sleep(waits[name])
        return name

    async def one_by_one() -> list[str]:
        return [await fetch(name) for name in waits]

    async def together() -> list[str]:
        return await asyncio.gather(*map(fetch, waits))

    return Picture([run(one_by_one), run(together)], ["one_by_one", "together"])


def _versions(files: Path) -> dict[str, str]:
    """What tells one version of a notebook from another, by its path."""
    return {
        path.relative_to(files).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(files.rglob("*.ipynb"))
    }


def _lessons(files: Path) -> Iterable[str]:
    """The syllabus as list items; what is not written yet is named, and has no link."""
    for stem, question in SYLLABUS.items():
        lesson = _link(question, f"notebooks/{stem}.ipynb", files) or escape(question)
        exercises = _link("exercises", f"exercises/{stem}.ipynb", files)
        more = f'<span class="more">{exercises}</span>' if exercises else ""
        yield f'<li><span class="number">{stem[:2]}</span> {lesson} {more}</li>'


def _link(text: str, path: str, files: Path) -> str:
    return f'<a href="{OPENS}{path}">{escape(text)}</a>' if (files / path).exists() else ""
