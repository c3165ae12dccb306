"""Builder: the site from its parts, complete or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from jupyter_server import DEFAULT_STATIC_FILES_PATH
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from .distribution import make_distribution, start_files
from .errors import SiteError
from .landing import write_landing
from .lite import make_lite
from .parts import Parts

__all__ = ["build"]

CONTENTS = ("notebooks", "exercises", "solutions")
MARK = "asynclab-site.json"  # in the folder of every site; says what it was made of


def build(root: Path, output: Path, console: Console) -> None:
    """Build the browser edition.

    The site takes the place of an earlier one in one step, when it is complete.

    Args:
        root: the folder of the course.
        output: the folder of the site; is made, or replaced if it holds a site.
        console: where progress is shown.

    Raises:
        SiteError: the folder holds something else, or the site cannot be built.
        OSError: the folder, or the one for what is fetched, cannot be written.
    """
    output = output.absolute()
    made_of = fingerprint(root)
    if _made_of(output) == made_of:
        return
    _refuse_to_overwrite(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    parts = Parts.pinned()
    _fetch(parts, console)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as work:
        folder = _assemble(root, parts, Path(work), console)
        _finish(folder, made_of)
        if output.exists():
            output.replace(Path(work) / "old")
        folder.replace(output)


def _made_of(output: Path) -> str:
    """The fingerprint of the site in a folder, empty if there is none."""
    try:
        return json.loads((output / MARK).read_text("utf-8"))["made_of"]
    except (OSError, ValueError, KeyError):
        return ""


def _refuse_to_overwrite(output: Path) -> None:
    if output.is_file() or (
        output.is_dir() and any(output.iterdir()) and not (output / MARK).exists()
    ):
        raise SiteError(f"{output} holds something else: name a new folder, or an earlier site.")


def _fetch(parts: Parts, console: Console) -> None:
    missing = parts.missing()
    if not missing:
        return
    columns = (TextColumn("Fetching from PyPI and npm"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=missing)
        parts.fetch(lambda count: progress.advance(task, count))


def _assemble(root: Path, parts: Parts, work: Path, console: Console) -> Path:
    """The finished site, still in the work folder."""
    for name in ("python", "lite", "out"):
        (work / name).mkdir()
    with console.status("Compiling Python for the browser (half a minute)"):
        pyodide = work / "pyodide"
        make_distribution(parts, root / "asynclab", pyodide, work / "python")
    with console.status("Assembling JupyterLite"):
        contents = work / "contents"
        for name in CONTENTS:
            shutil.copytree(root / name, contents / name, ignore=shutil.ignore_patterns(".*"))
        folder = work / "out" / "site"
        place = f"python-{_digest(pyodide)}"
        make_lite(parts, contents, place, folder, work / "lite")
    pyodide.replace(folder / place)
    _copy_icons(folder)
    write_landing(folder, start_files(folder / place))
    return folder


def _finish(folder: Path, made_of: str) -> None:
    (folder / MARK).write_text(json.dumps({"made_of": made_of}), "utf-8")
    for path in folder.rglob("*"):
        os.utime(path)  # browsers and servers that go by dates must see that it is new


def _copy_icons(folder: Path) -> None:
    """The icons that its pages ask for, and which it leaves to a Jupyter server."""
    shutil.copyfile(folder / "lab" / "favicon.ico", folder / "favicon.ico")
    icons = folder / "static" / "favicons"
    icons.mkdir(parents=True)
    for name in ("favicon-busy-1.ico", "favicon-notebook.ico"):
        shutil.copyfile(Path(DEFAULT_STATIC_FILES_PATH) / "favicons" / name, icons / name)


def fingerprint(root: Path) -> str:
    """What tells the sources of one site from those of another.

    Args:
        root: the folder of the course.
    """
    found = hashlib.sha256()
    for folder in ("asynclab", *CONTENTS):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(f"{path.relative_to(root).as_posix()}\0".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _digest(folder: Path) -> str:
    """A name for what is in a folder: another site's files are never taken for this one's."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
