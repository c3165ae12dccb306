"""The picture as SVG: self-contained, light, the same bytes for the same drawings."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from .axis import ticks
from .frame import DENSE, EDGE, LABELLED, WIDTH, Frame, Lane, crisp, end_labels, end_of
from .glyphs import blocked_swatch, ending, filled, request, swatch
from .ink import BLOCKED, DEFS, FAINT, GREY, INK, LINE, STATES, number, path, text
from .lettering import FAMILY, fit, width
from .words import OUTCOMES, comparison, count, outcomes, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["svg"]

IO_LETTERS = "#08261f"
READY_LETTERS = "#5f2d86"


def svg(drawings: list[dict[str, Any]]) -> str:
    """The drawings as one SVG document, panels stacked on one scale.

    Args:
        drawings: what :func:`asynclab.picture.layout.drawing` made.
    """
    page, frame = _Page(), Frame(drawings)
    headline = comparison(drawings)
    if headline:
        page.text(EDGE, 16, fit(headline, 15, WIDTH - 2 * EDGE), size=15, bold=True)
        page.y += 26
    _legend(page, drawings)
    for drawing in drawings:
        _Panel(page, frame, drawing).draw()
    return page.document(headline or (drawings[0]["title"] if drawings else ""), drawings)


class _Page:
    """Elements from top to bottom; ``y`` is where the next ones begin."""

    def __init__(self) -> None:
        self.y = float(EDGE)
        self.elements: list[str] = []

    def add(self, *elements: str) -> None:
        self.elements += filter(None, elements)

    def text(self, x: float, down: float, words: str, **style: Any) -> None:
        self.add(text(x, self.y + down, words, **style))

    def document(self, title: str, drawings: list[dict[str, Any]]) -> str:
        height = number(self.y + EDGE - 8)
        size = f"viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}'"
        about = " ".join(f"{d['title']}: {d['summary']}" for d in drawings)
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img'"
            f" font-family='{FAMILY}, Verdana, sans-serif'>"
            f"<title>{escape(title)}</title><desc>{escape(about)}</desc>{DEFS}"
            f"<rect width='{WIDTH}' height='{height}' fill='#fff'/>"
            + "".join(self.elements)
            + "</svg>"
        )


# -- legend ----------------------------------------------------------------------------------


def _legend(page: _Page, drawings: list[dict[str, Any]]) -> None:
    tasks = [task for d in drawings for task in d["tasks"]]
    states = {"running"} | {s[0] for t in tasks for s in t["spans"] if s[2] > s[1]}
    entries = [(swatch, state, STATES[state].words) for state in STATES if state in states]
    if any(d["blocked"] for d in drawings):
        entries.append((blocked_swatch, "", "loop blocked"))
    if any(map(_late_requests, tasks)):
        entries.append((request, "", "asked to cancel"))
    ends = {task["outcome"] for task in tasks}
    entries += [(ending, end, words) for end, words in OUTCOMES.items() if end in ends]
    x = float(EDGE)
    for mark, key, words in entries:
        room = 26 + width(words, 12)
        if x > EDGE and x + room > WIDTH - EDGE:
            x, page.y = float(EDGE), page.y + 19
        page.add(mark(x + 9, page.y + 7, key))
        page.text(x + 25, 11, words, fill=GREY)
        x += room + 16
    page.y += 30


def _late_requests(task: dict[str, Any]) -> list[float]:
    """When the task was asked to cancel and went on for a while."""
    asked = [t for t, by, took_effect in task["cancels"] if took_effect]
    return [t for t in asked if task["ended"] is None or task["ended"] - t > 1e-3]


# -- one run ---------------------------------------------------------------------------------


class _Panel:
    """Heading, axis, event loop, lanes and the strip in flight of one drawing."""

    def __init__(self, page: _Page, frame: Frame, drawing: dict[str, Any]) -> None:
        self.page, self.frame, self.drawing = page, frame, drawing
        self.height = frame.lane_height(drawing)

    def draw(self) -> None:
        self._heading()
        self.page.y += 14  # the numbers of the axis
        axis, loop = self.page.y, self.page.y + 4
        top = loop + (24 if self.height >= LABELLED else 30)
        self.lanes = [
            Lane(top + i * self.height, self.height) for i in range(len(self.drawing["tasks"]))
        ]
        bottom = top + len(self.lanes) * self.height
        self.uprights = self._uprights()
        self._zebra()
        self._axis(axis, bottom + (56 if self.drawing["flight"] else 4))
        self._end_line(axis, bottom)
        self._blocked(loop, bottom)
        self._loop(loop)
        self._bars()
        self._arrows()
        self._requests()
        self._labels()
        self.page.y = bottom + 6
        self._flight()
        self.page.y += 20

    def _uprights(self) -> set[float]:
        """Where upright lines may cross a label: the end of the run, and the arrows."""
        caught = [task["ended"] for task in self.drawing["tasks"] if task["received_by"] >= 0]
        return {self.frame.x(t) for t in (self.drawing["end"], *caught)}

    def _heading(self) -> None:
        title = fit(self.drawing["title"], 14, WIDTH - 2 * EDGE)
        self.page.text(EDGE, 12, title, size=14, bold=True)
        x = EDGE + width(title, 14, bold=True) + 14
        figures = _figures(self.drawing)
        if x + width(" · ".join(words for words, _ in figures), 12.5, bold=True) > WIDTH - EDGE:
            x, self.page.y = float(EDGE), self.page.y + 20
        for i, (words, style) in enumerate(figures):
            if i:
                self.page.text(x, 12, "·", fill=GREY)
                x += 12
            self.page.text(x, 12, words, **style)
            x += width(words, style.get("size", 12), bold=style.get("bold", False)) + 8
        self.page.y += 26

    def _zebra(self) -> None:
        if self.height >= LABELLED:
            span = f"h{WIDTH - 2 * EDGE}v{number(self.height)}h{2 * EDGE - WIDTH}z"
            rows = "".join(f"M{EDGE} {number(lane.y)}{span}" for lane in self.lanes[::2])
            self.page.add(path(rows, fill=FAINT))

    def _axis(self, y: float, bottom: float) -> None:
        grid = ""
        for t, words in ticks(self.frame.end, 10):
            x = self.frame.x(t)
            grid += f"M{number(x)} {number(y + 3)}V{number(bottom)}"
            self.page.add(text(x, y - 2, words, size=11, fill=GREY, anchor="middle"))
        self.page.add(
            path(grid, stroke=LINE),
            text(self.frame.left - 20, y - 2, "seconds", size=11, fill=GREY, anchor="end"),
        )

    def _end_line(self, y: float, bottom: float) -> None:
        line = f"M{number(self.frame.x(self.drawing['end']))} {number(y + 3)}V{number(bottom)}"
        self.page.add(path(line, stroke=GREY, more=" stroke-dasharray='1.5 3'"))

    def _blocked(self, y: float, bottom: float) -> None:
        for block in self.drawing["blocked"]:
            x, wide = self._stretch(block["start"], block["end"], least=2)
            band = f"M{number(x)} {number(y + 18)}h{number(wide)}V{number(bottom)}h{number(-wide)}z"
            self.page.add(
                path(band, fill=BLOCKED, more=" fill-opacity='.10'"), path(band, fill="url(#held)")
            )

    def _loop(self, y: float) -> None:
        """The event loop: a tick wherever any task runs, red where it was blocked."""
        middle = y + 10
        left, right = self.frame.left, self.frame.x(self.drawing["end"])
        self.page.add(
            text(left - 10, middle + 4, "event loop", fill=GREY, anchor="end"),
            path(f"M{number(left)} {number(middle)}H{number(right)}", stroke="#c4c4c4"),
            path("".join(self._ticks(middle)), fill=STATES["running"].fill),
        )
        for block in self.drawing["blocked"]:
            self._blocked_label(block, middle)

    def _ticks(self, middle: float) -> Iterator[str]:
        """Ticks too close to tell apart become a low bar: they are not one long run."""
        spans = (s for t in self.drawing["tasks"] for s in t["spans"] if s[0] == "running")
        merged: list[list[float]] = []  # left edge, right edge, pixels of running
        for start, end in sorted({(s[1], s[2]) for s in spans}):
            x, wide = self._stretch(start, end, least=2)
            busy = self.frame.x(end) - self.frame.x(start)
            if merged and x <= merged[-1][1] + 0.5:
                merged[-1][1] = max(merged[-1][1], x + wide)
                merged[-1][2] += busy
            else:
                merged.append([x, x + wide, busy])
        for x, until, busy in merged:
            half = 2 if until - x > 6 and busy < 0.5 * (until - x) else 6
            wide = until - x
            yield f"M{number(x)} {number(middle - half)}h{number(wide)}v{2 * half}h{number(-wide)}z"

    def _blocked_label(self, block: dict[str, Any], middle: float) -> None:
        x, wide = self._stretch(block["start"], block["end"], least=2)
        over = wide + 1  # covers half of the tick at its end
        box = f"M{number(x)} {number(middle - 8)}h{number(over)}v16h{number(-over)}z"
        self.page.add(path(box, fill=BLOCKED))
        long = f"blocked {seconds(block['end'] - block['start'])}"
        for words in (f"{long} by {block['by']}", long):
            if width(words, 11, bold=True) + 10 <= wide:
                style = {"size": 11, "bold": True, "fill": "#fff", "anchor": "middle"}
                self.page.add(text(x + wide / 2, middle + 4, words, **style))
                return

    def _stretch(self, start: float, end: float, *, least: float) -> tuple[float, float]:
        """Left edge and width of a stretch of time; a short one is widened around its middle."""
        x, wide = self.frame.x(start), self.frame.x(end) - self.frame.x(start)
        return (x, wide) if wide >= least else (crisp(x + wide / 2 - least / 2), least)

    def _bars(self) -> None:
        paths: dict[str, list[str]] = {state: [] for state in reversed(STATES)}
        words: list[str] = []
        for lane, task in zip(self.lanes, self.drawing["tasks"], strict=True):
            for state, start, end, _, _, detail in task["spans"]:
                shape = self._bar(lane, state, start, end)
                if shape:
                    paths[state].append(shape)
                    words += self._inside(lane, state, start, end, detail)
        plain = self.height < DENSE
        self.page.add(*(filled("".join(d), state, plain=plain) for state, d in paths.items()))
        self.page.add(*words)

    def _bar(self, lane: Lane, state: str, start: float, end: float) -> str:
        running = state == "running"
        if end <= start and not running:
            return ""
        least = (1 if self.height < DENSE else 3) if running else 0
        x, wide = self._stretch(start, end, least=least)
        part = 1.0 if self.height < DENSE and state != "awaiting" else STATES[state].height
        y, tall = lane.band(part)
        return f"M{number(x)} {number(y)}h{number(wide)}v{number(tall)}h{number(-wide)}z"

    def _inside(self, lane: Lane, state: str, start: float, end: float, detail: str) -> list[str]:
        """What stands inside a bar: the request, or how late a task was; nothing if too narrow."""
        if lane.height < LABELLED or state not in ("io", "ready"):
            return []
        choices, fill = [detail.removeprefix("GET "), detail.rpartition("/")[2]], IO_LETTERS
        if state == "ready":
            late = seconds(end - start)
            choices, fill = [f"{late} late", late], READY_LETTERS
        size = 11 if lane.height > 20 else 9.5
        x, wide = self._stretch(start, end, least=0)
        for words in choices:
            if words and width(words, size) + 12 <= wide:
                middle = lane.middle + size * 0.36
                return [text(x + wide / 2, middle, words, size=size, fill=fill, anchor="middle")]
        return []

    def _labels(self) -> None:
        if self.height < LABELLED:
            self._few_labels()
            return
        size = 12 if self.height > 16 else 11
        for lane, task in zip(self.lanes, self.drawing["tasks"], strict=True):
            name = fit(task["label"], size, self.frame.left - EDGE - 10)
            y = lane.middle + size * 0.36
            self.page.add(text(self.frame.left - 10, y, name, size=size, anchor="end"))
            self._end_label(lane, task)

    def _end_label(self, lane: Lane, task: dict[str, Any]) -> None:
        x = self.frame.x(end_of(task, self.drawing)) + 12
        raised = task["outcome"] == "raised"
        room = WIDTH - EDGE - x - 9
        choices = [w for w in end_labels(task) if width(w, 11, bold=raised) <= room]
        words = choices[0] if choices else fit(end_labels(task)[-1], 11, room)
        fill = BLOCKED if raised else GREY
        until = x + 9 + width(words, 11, bold=raised)
        crossed = bool(self.drawing["blocked"]) or any(x < at < until for at in self.uprights)
        self.page.add(
            ending(x, lane.middle, task["outcome"]),
            text(x + 9, lane.middle + 4, words, size=11, fill=fill, bold=raised, halo=crossed),
        )

    def _few_labels(self) -> None:
        """Numbers instead of names for lanes that are too low, and glyphs only for failures."""
        last = len(self.lanes) - 1
        step = max(round(t) for t, _ in ticks(last, 5)[:2])
        for lane in [1, *range(step, last - step // 2, step), last + 1]:
            y = self.lanes[lane - 1].middle + 4
            style = {"size": 11, "fill": GREY, "anchor": "end"}
            self.page.add(text(self.frame.left - 10, y, f"lane {lane}", **style))
        for lane, task in zip(self.lanes, self.drawing["tasks"], strict=True):
            if task["outcome"] == "raised":
                x = self.frame.x(task["ended"]) + 8
                self.page.add(ending(x, lane.middle, "raised"))

    def _requests(self) -> None:
        """Requests to cancel that did not end the task at once."""
        if self.height < LABELLED:
            return
        for lane, task in zip(self.lanes, self.drawing["tasks"], strict=True):
            for t in _late_requests(task):
                self.page.add(request(self.frame.x(t), lane.y + 6))

    def _arrows(self) -> None:
        """From each task that raised to the task that received the exception."""
        if self.height < LABELLED:
            return
        for lane, task in zip(self.lanes, self.drawing["tasks"], strict=True):
            if task["received_by"] < 0:
                continue
            to = self.lanes[task["received_by"]]
            up = to.y < lane.y
            y0 = lane.band(1.0)[0] + (0 if up else lane.band(1.0)[1])
            y1 = to.band(1.0)[0] + (to.band(1.0)[1] + 1 if up else -1)
            x, back = number(self.frame.x(task["ended"])), 6 if up else -6
            head = f"M{x} {number(y1)}m-4 {back}l4 {-back}l4 {back}"
            shaft = f"M{x} {number(y0)}V{number(y1)}"
            self.page.add(path(shaft + head, stroke=BLOCKED, wide=1.8))

    def _flight(self) -> None:
        flight, limit = self.drawing["flight"], self.drawing["limit"] or 0
        if not flight:
            return
        base, tall = self.page.y + 44, 36
        unit = tall / self.frame.most_in_flight
        line = f"M{number(self.frame.left)} {number(base)}"
        for t, n in flight["points"]:
            line += f"H{number(self.frame.x(t))}V{number(base - n * unit)}"
        line += f"H{number(self.frame.x(self.drawing['end']))}"
        look = STATES["io" if flight["kind"] == "http" else "sleep"]
        self.page.add(
            path(f"{line}V{number(base)}z", fill=look.fill, more=" fill-opacity='.6'"),
            path(line, stroke=look.stroke, wide=1.6),
            text(self.frame.left - 10, base - 14, "in flight", fill=GREY, anchor="end"),
        )
        self._levels(flight["peak"], limit, base, unit)
        self.page.y = base

    def _levels(self, peak: int, limit: int, base: float, unit: float) -> None:
        right = self.frame.right
        top, y = base - peak * unit, base - limit * unit
        if limit:
            d = f"M{number(self.frame.left)} {number(y)}H{number(right)}"
            dashed = path(d, stroke=INK, wide=1.4, more=" stroke-dasharray='5 3'")
            self.page.add(dashed, text(right + 6, y + 4, f"limit {limit}", size=11, bold=True))
        if not limit or abs(top - y) > 12:
            x = (right if limit else self.frame.x(self.drawing["end"])) + 6
            self.page.add(text(x, top + 4, f"peak {peak}", size=11, fill=GREY))


def _figures(drawing: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The headline numbers, each with its style."""
    plain, red = {"fill": GREY}, {"fill": BLOCKED, "bold": True}
    figures = [(seconds(drawing["end"]), {"size": 14, "bold": True})]
    figures.append((count(len(drawing["tasks"]), "task"), plain))
    for outcome, n in outcomes(task["outcome"] for task in drawing["tasks"]):
        if outcome != "finished":
            style = red if outcome == "raised" else plain
            figures.append((f"{n} {OUTCOMES[outcome]}", style))
    if drawing["flight"]:
        figures.append((f"at most {drawing['flight']['peak']} in flight", plain))
    if drawing["blocked"]:
        held = sum(b["end"] - b["start"] for b in drawing["blocked"])
        figures.append((f"loop blocked {seconds(held)}", red))
    if drawing["stopped"]:
        figures.append((f"stopped by {drawing['stopped']}", {"bold": True}))
    if drawing["never_awaited"]:
        words = f"never awaited: {', '.join(drawing['never_awaited'])}"
        figures.append((words, {"bold": True}))
    return figures
