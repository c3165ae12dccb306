"""What a notebook shows for a run: the picture, in every form that a reader may need."""

from __future__ import annotations

import base64
import html
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asynclab.clock import ClockError
from asynclab.runner import run, watch

from .chart import text_chart
from .frame import WIDTH
from .layout import drawing
from .raster import png
from .table import html_table
from .vector import svg

if TYPE_CHECKING:
    from asynclab.runner import Main, Run
    from asynclab.trace import Trace

__all__ = ["Picture", "compare", "timeline"]


class Picture:
    """The picture of one run, or of several that are compared.

    A notebook shows the interactive timeline where widgets work, an image where they do not (on
    GitHub, in a notebook that is not trusted), and characters in a terminal.

    Args:
        runs: what was run.
        titles: one for each run.
        limit: the intended number in flight, drawn as a dashed line.
    """

    def __init__(
        self, runs: list[Run], titles: list[str] | None = None, *, limit: int | None = None
    ) -> None:
        self.runs = list(runs)
        self._titles = titles or [""] * len(self.runs)
        self._limit = limit

    # -- what was run ----------------------------------------------------------------------

    @property
    def traces(self) -> list[Trace]:
        """The record of each run."""
        return [one.trace for one in self.runs]

    @property
    def trace(self) -> Trace:
        """The record of the run.

        Raises:
            ValueError: this picture compares several runs.
        """
        return self._only_run().trace

    @property
    def elapsed(self) -> float:
        """Seconds that the run took. Raises ValueError if the picture compares several."""
        return self._only_run().elapsed

    @property
    def result(self) -> Any:
        """What main returned; its exception is raised. ValueError if there are several runs."""
        return self._only_run().result

    @property
    def exception(self) -> BaseException | None:
        """What main raised, or None. Raises ValueError if the picture compares several runs."""
        return self._only_run().exception

    def _only_run(self) -> Run:
        if len(self.runs) != 1:
            raise ValueError(
                f"this picture compares {len(self.runs)} runs: take one from .runs or .traces"
            )
        return self.runs[0]

    # -- forms -----------------------------------------------------------------------------

    @cached_property
    def drawings(self) -> list[dict[str, Any]]:
        """What is drawn, as plain data: see :mod:`asynclab.picture.layout`."""
        return [
            drawing(one.trace, title=title, limit=self._limit, stopped=_stopped(one))
            for one, title in zip(self.runs, self._titles, strict=True)
        ]

    @property
    def text(self) -> str:
        """The picture in plain characters."""
        return text_chart(self.drawings)

    @property
    def html(self) -> str:
        """The picture as an HTML table."""
        return html_table(self.drawings)

    def svg(self) -> str:
        """The picture as SVG."""
        return svg(self.drawings)

    def png(self) -> bytes | None:
        """The picture as a PNG image; None where nothing can draw one (in the browser)."""
        return png(self.drawings)

    def png_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The PNG as Jupyter takes it, data and metadata; both empty where nothing can draw one."""
        image = self.png()
        if image is None:
            return {}, {}
        return {"image/png": base64.b64encode(image).decode()}, {"image/png": {"width": WIDTH}}

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file.

        Args:
            path: its name ends in .png, .svg, .html or .txt, which says what is written.

        Raises:
            ValueError: the name ends in something else.
            RuntimeError: a PNG is asked for where nothing can draw one.
        """
        path = Path(path)
        forms = {".png": self.png, ".svg": self.svg, ".html": self._page, ".txt": self._lines}
        form = forms.get(path.suffix.lower())
        if form is None:
            raise ValueError(f"{path.name}: end the name in one of {', '.join(forms)}")
        content = form()
        if content is None:
            raise RuntimeError(f"{path.name}: no PNG renderer here (resvg_py); save .svg instead")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def _page(self) -> str:
        title = html.escape(", ".join(d["title"] for d in self.drawings))
        head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        return f"{head}<body>{self.svg()}{self.html}</body></html>\n"

    def _lines(self) -> str:
        return self.text + "\n"

    # -- in a notebook ---------------------------------------------------------------------

    def __repr__(self) -> str:
        return self.text

    @cached_property
    def _widget(self) -> Any:
        try:
            from asynclab.cells import replace_in_cell  # noqa: PLC0415 - widgets are not everywhere

            from .widget import TimelineWidget  # noqa: PLC0415 - likewise
        except ImportError:
            return None
        widget = TimelineWidget(self.drawings)
        replace_in_cell(widget)
        return widget

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The interactive view and its static forms, from which a reader takes what it can show.

        No text/html: GitHub would show it instead of the image, without any style. No SVG beside
        a PNG: GitHub would choose the SVG and then drop it.
        """
        image, metadata = self.png_bundle()
        data = {"text/plain": self.text, **(image or {"image/svg+xml": self.svg()})}
        if self._widget is not None:
            view = self._widget._repr_mimebundle_()
            view_data, view_metadata = view if isinstance(view, tuple) else (view, {})
            data, metadata = {**(view_data or {}), **data}, {**view_metadata, **metadata}
        return data, metadata


def _stopped(one: Run) -> str:
    """What the clock stopped the run for: main itself neither returned nor raised."""
    return type(one.exception).__name__ if isinstance(one.exception, ClockError) else ""


async def timeline(main: Main, *, title: str = "", limit: int | None = None) -> Picture:
    """Run ``main`` on the loop that is running, in real time, and return its picture.

    An exception of main is part of the story: it is drawn, and kept in ``.exception``.

    Args:
        main: a coroutine, or a function without arguments that returns one.
        title: stands over the picture; by default the name of main.
        limit: the intended number in flight, drawn as a dashed line.

    Raises:
        TypeError: main is neither a coroutine nor a function that returns one.
        RuntimeError: this loop is being recorded already.
    """
    return Picture([await watch(main)], [title or _name(main)], limit=limit)


def compare(*mains: Main, titles: list[str] | None = None, limit: int | None = None) -> Picture:
    """Run each of ``mains`` on the virtual clock, and return one picture of them on one scale.

    Args:
        mains: coroutines, or functions without arguments that return one.
        titles: one for each; by default their names.
        limit: the intended number in flight, drawn as a dashed line.

    Raises:
        TypeError: one of them is neither a coroutine nor a function that returns one.
        ValueError: nothing to compare, or not one title for each.
    """
    if not mains:
        raise ValueError("nothing to compare: pass one or more coroutine functions")
    if titles is not None and len(titles) != len(mains):
        raise ValueError(f"{len(titles)} titles for {len(mains)} runs: give one for each")
    names = titles or [_name(main) for main in mains]
    return Picture([run(main) for main in mains], list(names), limit=limit)


def _name(main: Main) -> str:
    """What the learner calls it: the function's name, or nothing if it has none."""
    name = getattr(main, "__name__", "")
    return "" if name == "<lambda>" else name
