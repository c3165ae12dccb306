"""What a move of a slider costs: key pressed to picture painted, in a real notebook.

Beside it, the picture alone: the same key swaps two finished runs of 1000 tasks, once in our
timeline and once, with the same lanes, in plotly's FigureWidget. Needs Chromium, and plotly only
for this comparison: ``pip install plotly``.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from notebook_page import NotebookPage
from notebook_server import JupyterServer

WARM_UP, MOVES = 3, 15
BOUNDS = {10: 50, 1000: 150}  # milliseconds on an idle machine
RATIO, FRAMES = 5, 30
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

PROGRAM = """\
import asyncio
import asynclab as lab

async def request(permits, seconds):
    async with permits:
        await asyncio.sleep(seconds)

async def crowd(calls, delay=0.5):
    permits = asyncio.Semaphore(50)
    await asyncio.gather(*(request(permits, delay * (1 + n % 7 / 10)) for n in range(calls)))"""

EXPLORER = "lab.explore(crowd, delay=(0.1, 2.0), calls=[{calls}])"

# Two finished runs, and a slider that swaps them.
SWAP = """\
import ipywidgets
from asynclab.controls import ControlPanel, Slider
from asynclab.picture import drawing
from asynclab.picture.widget import TimelineWidget

runs = [drawing(lab.run(crowd(1000, delay)).trace) for delay in (0.5, 0.6)]
panel = ControlPanel(controls=[Slider("run", 0, 1, 1, 0, "").described()], values={"run": 0})"""

OURS = """\
timeline = TimelineWidget(runs[:1])

def update(change):
    timeline.drawings = [runs[change["new"]["run"]]]

panel.observe(update, "values")
ipywidgets.VBox([panel, timeline])"""

# The same chart: one bar for each stretch of each state, the same textures, the strip in flight.
# What runs for an instant is drawn as thin as it can be seen, as in our picture.
PLOTLY = """\
import plotly.graph_objects as go

TEXTURES = {"awaiting": "", "sleep": ".", "queued": "/", "running": ""}

def columns(run):
    bars = {state: ([], [], []) for state in TEXTURES}
    for lane, task in enumerate(run["tasks"]):
        for state, start, end, *_ in task["spans"]:
            if state == "running" or (state in bars and end > start):
                length = max(end - start, run["end"] / 700)
                for column, value in zip(bars[state], (lane, start, length)):
                    column.append(value)
    return [dict(y=y, base=base, x=x) for y, base, x in bars.values()] + [
        dict(x=[t for t, _ in run["flight"]["points"]], y=[n for _, n in run["flight"]["points"]])
    ]

charts = [columns(run) for run in runs]
figure = go.FigureWidget(layout={"height": 620, "barmode": "overlay", "yaxis2": {"domain": [0, .1]},
                                 "yaxis": {"domain": [.15, 1]}})
for (state, texture), column in zip(TEXTURES.items(), charts[0]):
    figure.add_bar(**column, orientation="h", name=state, marker_pattern_shape=texture)
figure.add_scatter(**charts[0][-1], name="in flight", line_shape="hv", fill="tozeroy", yaxis="y2")

def update(change):
    with figure.batch_update():
        for trace, column in zip(figure.data, charts[change["new"]["run"]]):
            trace.update(column)

panel.observe(update, "values")
ipywidgets.VBox([panel, figure])"""

# Resolves with the milliseconds from the next key to the end of the frame that shows its effect.
# A message posted while a frame is made is handled when that frame has been painted.
WATCH = """\
(arm) => {
  const channel = new MessageChannel();
  let began;
  window.painted = new Promise((resolve) => {
    channel.port1.onmessage = () => resolve(performance.now() - began);
  });
  addEventListener("keydown", () => { began = performance.now(); }, { capture: true, once: true });
  const shown = () => channel.port2.postMessage(0);
  if (arm === "ours") {
    const watcher = new MutationObserver(() => { watcher.disconnect(); shown(); });
    watcher.observe(document.querySelector(".tl"), { attributeFilter: ["data-drawn"] });
  } else {
    const plot = document.querySelector(".js-plotly-plot");
    const once = () => {
      plot.removeListener("plotly_afterplot", once);
      requestAnimationFrame(shown); // ours draws in a frame already
    };
    plot.on("plotly_afterplot", once);
  }
}"""

# Frames per second while the picture plays.
PLAY = """\
() => new Promise((resolve) => {
  const times = [];
  const tick = (now) => {
    times.push(now);
    if (now - times[0] < 3000) requestAnimationFrame(tick);
    else resolve((times.length - 1) / ((now - times[0]) / 1000));
  };
  document.querySelector("[data-do=play]").click();
  requestAnimationFrame(tick);
})"""


def moves(page: Page, arm: str) -> list[float]:
    """Milliseconds of each move of a slider, there and back."""
    taken = []
    for i in range(WARM_UP + MOVES):
        page.evaluate(WATCH, arm)
        page.locator(".al-controls input").first.press("ArrowLeft" if i % 2 else "ArrowRight")
        taken.append(page.evaluate("window.painted"))
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    return taken[WARM_UP:]


@contextmanager
def notebooks() -> Iterator[tuple[JupyterServer, Page]]:
    """A Jupyter server and an empty page of a real browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="asynclab-bench-") as home, sync_playwright() as play:
        server = JupyterServer(Path(home))
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            yield server, browser.new_page(viewport={"width": 1200, "height": 1000})
        finally:
            browser.close()
            server.stop()


def show(server: JupyterServer, page: Page, cells: list[str], part: str) -> None:
    """Open a notebook, run its cells, and wait for a part of the picture."""
    name = f"{len(list(server.folder.iterdir()))}.ipynb"
    server.write(name, PROGRAM, *cells)
    notebook = NotebookPage(page, server, "notebook", name)
    for index in range(len(cells) + 1):
        notebook.run(index)
    page.wait_for_selector(part)


def measure() -> Iterator[tuple[str, str, str, str]]:
    """The rows of the table: what, median, slowest, bound."""
    with notebooks() as (server, page):
        for calls, bound in BOUNDS.items():
            show(server, page, [EXPLORER.format(calls=calls)], ".tl[data-painted]")
            taken = moves(page, "ours")
            yield row(f"slider to picture, {calls} tasks", taken, f"{bound} ms")
        frames = page.evaluate(PLAY)
        yield "playback, 1000 tasks", f"{frames:.0f} frames/s", "", f"{FRAMES} frames/s"

        show(server, page, [SWAP, OURS], ".tl[data-painted]")
        ours = moves(page, "ours")
        yield row("the picture alone, 1000 tasks", ours, "")
        if importlib.util.find_spec("plotly"):
            show(server, page, [SWAP, PLOTLY], ".js-plotly-plot .barlayer")
            plotly = moves(page, "plotly")
            yield row("the same in plotly's FigureWidget", plotly, "")
            ratio = statistics.median(plotly) / statistics.median(ours)
            yield "plotly / asynclab", f"{ratio:.1f}x", "", f"{RATIO}x"


def row(what: str, taken: list[float], bound: str) -> tuple[str, str, str, str]:
    """One row about some moves."""
    return what, f"{statistics.median(taken):.0f} ms", f"{max(taken):.0f} ms", bound


def main() -> None:
    """Measure, and print one table."""
    before = os.getloadavg()[0]
    table = Table("what", "median", "slowest", "bound")
    for cells in measure():
        table.add_row(*cells)
    console = Console()
    console.print(table)
    if not importlib.util.find_spec("plotly"):
        console.print("Without plotly nothing to compare with: pip install plotly")
    load = f"{before:.1f} before and {os.getloadavg()[0]:.1f} after"
    console.print(f"{MOVES} moves each; load of this machine: {load}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
