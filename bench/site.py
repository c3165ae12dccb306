"""What the browser edition costs: seconds to the first output, bytes, and a slider's move.

Beside it stands a bare JupyterLite site: the same kernel and the same releases of its packages, as
they come from PyPI, and a notebook that prints a word. Needs Chromium, and a network for a first
build.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import BrowserContext, Playwright, sync_playwright
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from notebook_page import NotebookPage
from notebook_server import JupyterServer
from site_page import SiteNotebook
from site_server import SiteServer
from timeline import FLAGS, moves

from asynclab.site import distribution
from asynclab.site.builder import build
from asynclab.site.lite import make_lite
from asynclab.site.parts import Parts

ROOT = Path(__file__).parents[1]
COLD_RATIO, SLIDER_RATIO = 1.3, 2.0
LESSON = "notebooks/01_sequential_vs_concurrent.ipynb"
SLIDER = """\
import asyncio
import asynclab as lab

async def crowd(calls=10, limit=3):
    permits = asyncio.Semaphore(limit)

    async def call():
        async with permits:
            await asyncio.sleep(0.2)

    await asyncio.gather(*(call() for _ in range(calls)))

lab.explore(crowd, limit=(1, 10), calls=[10])"""
SAVE = """async content => {
  await jupyterapp.serviceManager.contents.save("slider.ipynb",
    { type: "notebook", format: "json", content });
}"""
KERNEL = [name for name in distribution.LOADED_AT_START if name != "asynclab"]


# -- the sites -------------------------------------------------------------------------------


def bare_site(folder: Path, work: Path) -> None:
    """JupyterLite with the wheels of its kernel as they come from PyPI, and without the course."""
    parts = Parts.pinned()
    contents, python = work / "contents", work / "python"
    for made in (contents, python, work / "lite"):
        made.mkdir(parents=True)
    nbformat.write(notebook_of("print('ready')"), contents / "first.ipynb")
    make_lite(parts, contents, "python-bare", folder, work / "lite", at_start=KERNEL)
    distribution.extract_core(python)
    wheels = distribution.gather_wheels(parts, ROOT / "asynclab", work / "wheels")
    for wheel in wheels:
        shutil.copy(wheel.path, python)
    distribution.write_lock(python, wheels)
    python.replace(folder / "python-bare")


def notebook_of(cell: str) -> nbformat.NotebookNode:
    """A notebook with one cell, which says that it is Python's."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"},
              "language_info": {"name": "python"}}  # fmt: skip
    cells = [nbformat.v4.new_code_cell(cell)]
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def course_site(folder: Path, _: Path) -> None:
    """The browser edition."""
    build(ROOT, folder, Console(quiet=True))


@contextmanager
def served(make: Callable[[Path, Path], None], home: Path) -> Iterator[SiteServer]:
    """A site on a port of its own."""
    make(home / "out" / "site", home / "work")
    server = SiteServer(home / "out" / "site")
    try:
        yield server
    finally:
        server.stop()


# -- measuring -------------------------------------------------------------------------------


@contextmanager
def profile(playwright: Playwright, folder: Path) -> Iterator[BrowserContext]:
    """A browser that keeps what it fetches in a folder."""
    chromium = shutil.which("chromium")
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium, args=FLAGS
    )
    yield context
    context.close()


def first_output(context: BrowserContext, server: SiteServer, path: str) -> tuple[float, float]:
    """Seconds from the address to the end of the first cell, and megabytes sent for it."""
    sent, began = server.sent, time.perf_counter()
    SiteNotebook(context.new_page(), server, path).run(0)
    return time.perf_counter() - began, (server.sent - sent) / 1e6


def loads(playwright: Playwright, server: SiteServer, path: str) -> list[tuple[float, float]]:
    """The first output in an empty profile, then in one that has seen the site before."""
    with tempfile.TemporaryDirectory() as folder:
        taken = []
        for _ in ("cold", "warm"):
            with profile(playwright, Path(folder)) as context:
                taken.append(first_output(context, server, path))
        return taken


def slider(notebook: NotebookPage) -> float:
    """Milliseconds from a key on a slider to its picture, the median of many."""
    notebook.run(0)
    return statistics.median(moves(notebook.page, "ours"))


def slider_of_site(playwright: Playwright, server: SiteServer) -> float:
    """The same in the browser edition."""
    with tempfile.TemporaryDirectory() as folder, profile(playwright, Path(folder)) as context:
        page = context.new_page()
        SiteNotebook(page, server, LESSON).page.evaluate(SAVE, notebook_of(SLIDER))
        return slider(SiteNotebook(page, server, "slider.ipynb"))


def slider_installed(playwright: Playwright) -> float:
    """The same in an installed JupyterLab."""
    with tempfile.TemporaryDirectory() as home, profile(playwright, Path(home, "p")) as context:
        jupyter = JupyterServer(Path(home))
        jupyter.write("slider.ipynb", SLIDER)
        try:
            return slider(NotebookPage(context.new_page(), jupyter, "notebook", "slider.ipynb"))
        finally:
            jupyter.stop()


def main() -> None:
    """Print the table; the exit code says whether the bounds hold."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        with served(bare_site, Path(home, "bare")) as server:
            bare = loads(playwright, server, "first.ipynb")
        with served(course_site, Path(home, "course")) as server:
            course = loads(playwright, server, LESSON)
            in_page = slider_of_site(playwright, server)
        installed = slider_installed(playwright)
    table = Table("what", "browser edition", "beside it", "ratio", title="Browser edition")
    for kind, ours, theirs in zip(("empty", "warm"), course, bare, strict=True):
        name = f"first output, {kind} profile"
        table.add_row(name, f"{ours[0]:.1f} s", f"{theirs[0]:.1f} s", f"{ours[0] / theirs[0]:.2f}")
        table.add_row("  sent for it", f"{ours[1]:.1f} MB", f"{theirs[1]:.1f} MB", "")
    ratio = in_page / installed
    table.add_row("a slider's move", f"{in_page:.0f} ms", f"{installed:.0f} ms", f"{ratio:.2f}")
    Console().print(table)
    sys.exit(course[0][0] > COLD_RATIO * bare[0][0] or ratio > SLIDER_RATIO)


if __name__ == "__main__":
    main()
