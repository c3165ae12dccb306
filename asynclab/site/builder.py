"""Builder: the site from its parts, complete or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from .distribution import make_distribution
from .errors import SiteError
from .lite import make_lite
from .parts import Parts

__all__ = ["build"]

CONTENTS = ("notebooks", "exercises", "solutions")
MARK = "jupyter-lite.json"  # in the folder of every site


def build(root: Path, output: Path, console: Console) -> None:
    """Build the browser edition.

    The site takes the place of an earlier one in one step, when it is complete.

    Args:
        root: the folder of the course.
        output: the folder of the site; is made, or replaced if it holds a site.
        console: where progress is shown.

    Raises:
        SiteError: the folder holds something else, or the site cannot be built.
    """
    output = output.absolute()
    _refuse_to_overwrite(output)
    parts = Parts.pinned()
    _fetch(parts, console)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as work:
        folder = _assemble(root, parts, Path(work), console)
        if output.exists():
            output.replace(Path(work) / "old")
        folder.replace(output)


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
    return folder


def _digest(folder: Path) -> str:
    """A name for what is in a folder: another site's files are never taken for this one's."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
