"""The picture in plain characters: exact, the same on every machine, at most 88 columns wide."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from .axis import ticks
from .words import comparison, count, outcomes, seconds

__all__ = ["text_chart"]

WIDTH = 88
LABEL_WIDTH = 20
CHART_WIDTHS = 24, 56
MOST_LANES = 24
MOST_FAILURES = 8  # lanes of failed tasks below the first ones
MOST_NOTES = 8

MARKS = {
    "running": "#",
    "ready": "o",
    "sleep": ".",
    "io": "=",
    "queued": "/",
    "awaiting": "-",
    "other": "~",
}
INSTANT, BLOCKED = "|", "!"
ENDS = {"raised": "X", "cancelled": "C", "pending": ">", "lost": "?"}
MEANINGS = {
    "|": "runs for an instant",
    "#": "runs",
    "=": "waits for I/O",
    ".": "sleeps",
    "/": "queues for a permit",
    "-": "awaits tasks",
    "~": "waits",
    "o": "ready, waits its turn",
    "!": "loop blocked",
    "X": "raised",
    "C": "cancelled",
    ">": "still waiting",
    "?": "lost",
}


def text_chart(drawings: list[dict[str, Any]]) -> str:
    """The drawings as text, one panel below the other on one scale, with a legend.

    Args:
        drawings: what :func:`asynclab.picture.layout.drawing` made.
    """
    if not drawings:
        return "nothing was run"
    panels = [_Panel(d, _Columns(drawings)) for d in drawings]
    headline = comparison(drawings)
    parts = [headline] if headline else []
    parts += [str(panel) for panel in panels]
    used = set().union(*(panel.used for panel in panels))
    parts.append(_legend(used))
    return "\n\n".join(parts)


class _Columns:
    """Where things stand in a line: label, chart, then the outcome. One for all panels."""

    def __init__(self, drawings: list[dict[str, Any]]) -> None:
        shown = [task for d in drawings for task in _lanes(d)]
        names = [len(task["label"]) for task in shown]
        self.label = min(LABEL_WIDTH, max([len("event loop"), *names]))
        after = [_outcome(task) for task in shown] + [_in_flight(d) for d in drawings]
        outcome = max(map(len, after))
        least, most = CHART_WIDTHS
        room = min(most, max(least, WIDTH - self.label - outcome - 4)) - 1
        scale = max(d["end"] for d in drawings) or 1.0
        self.ticks = _ticks(scale, room)
        # Every round number of the axis stands on a column of its own.
        step = self.ticks[1][0]
        self.per_second = max(1, int(room * step / scale)) / step
        self.chart = self.at(scale) + 1

    def at(self, t: float) -> int:
        return int(t * self.per_second + 0.5)

    def line(self, label: str, cells: str, after: str = "") -> str:
        start = f"{_cut(label, self.label):<{self.label}}  {cells:<{self.chart}}  "
        return (start + _cut(after, WIDTH - len(start))).rstrip()


def _ticks(scale: float, room: int) -> list[tuple[float, str]]:
    """The numbers of the axis: as many as stand apart from each other."""
    for columns in range(7, room):
        found = ticks(scale, room // columns)
        if len(found[-1][1]) + 2 <= room * found[1][0] / scale:
            return found
    return [(0.0, "0"), (scale, "")]


class _Panel:
    """One drawing as lines of text; ``used`` collects the characters that need a legend."""

    def __init__(self, drawing: dict[str, Any], columns: _Columns) -> None:
        self.drawing, self.columns = drawing, columns
        self.used: set[str] = set()
        self.lines = [*self._heading(), self._axis(), self._loop(), *self._rows()]
        self.lines += [*self._hidden(), *self._flight(), *self._notes()]

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def _heading(self) -> list[str]:
        title, summary = self.drawing["title"], self.drawing["summary"]
        return [*_wrapped(title), *_wrapped(summary), ""]

    def _axis(self) -> str:
        cells = _Cells(self.columns.chart + 8)
        for t, words in self.columns.ticks:
            cells.write(self.columns.at(t), words)
        return self.columns.line("seconds", str(cells))

    def _loop(self) -> str:
        cells = _Cells(self.columns.chart)
        for task in self.drawing["tasks"]:
            self._run(cells, task["spans"])
        for block in self.drawing["blocked"]:
            cells.fill(self.columns.at(block["start"]), self.columns.at(block["end"]), BLOCKED)
        self.used |= set(str(cells)) - {" "}
        return self.columns.line("event loop", str(cells))

    def _rows(self) -> list[str]:
        return [self._row(task) for task in _lanes(self.drawing)]

    def _row(self, task: dict[str, Any]) -> str:
        cells, at = _Cells(self.columns.chart), self.columns.at
        for state, start, end, *_ in task["spans"]:
            if state != "running" and end > start:
                cells.fill(at(start), at(end), MARKS[state])
        self._run(cells, task["spans"])
        if task["outcome"] in ENDS:
            end = self.drawing["end"] if task["ended"] is None else task["ended"]
            cells.write(at(end), ENDS[task["outcome"]])
        self.used |= set(str(cells)) - {" "}
        return self.columns.line(task["label"], str(cells), _outcome(task))

    def _run(self, cells: _Cells, spans: list[list[Any]]) -> None:
        for state, start, end, *_ in spans:
            if state == "running":
                first, last = self.columns.at(start), self.columns.at(end)
                cells.fill(first, last, MARKS["running"] if last > first else INSTANT)

    def _hidden(self) -> list[str]:
        tasks = self.drawing["tasks"]
        shown = {id(task) for task in _lanes(self.drawing)}
        rest = outcomes(task["outcome"] for task in tasks if id(task) not in shown)
        if not rest:
            return []
        words = ", ".join(f"{n} {outcome}" for outcome, n in rest)
        if len(rest) == 1:
            words = f"all {rest[0][0]}"
        return [f"... and {count(sum(n for _, n in rest), 'more task')}: {words}"]

    def _flight(self) -> list[str]:
        flight = self.drawing["flight"]
        if not flight:
            return []
        cells, free, before = _Cells(self.columns.chart), 0, 0
        at_column = {self.columns.at(t): n for t, n in flight["points"]}
        for column in range(self.columns.at(self.drawing["end"]) + 1):
            n = at_column.get(column, before)
            if column >= free:
                cells.write(column, "_" if n else " ")
                if n and n != before and cells.write(column, str(n)):
                    free = column + len(str(n))
            before = n
        return [self.columns.line("in flight", str(cells), _in_flight(self.drawing))]

    def _notes(self) -> list[str]:
        notes = [*_blocked_notes(self.drawing), *_ending_notes(self.drawing)]
        if len(notes) > MOST_NOTES:
            more = len(notes) - MOST_NOTES + 1
            notes[MOST_NOTES - 1 :] = [f"and {count(more, 'note')} more like these"]
        return (
            ["", *(line for note in notes for line in _wrapped("* " + note, "  "))] if notes else []
        )


class _Cells:
    """A line of characters to draw on."""

    def __init__(self, width: int) -> None:
        self.cells = [" "] * width

    def fill(self, first: int, last: int, mark: str) -> None:
        for i in range(max(0, first), min(last + 1, len(self.cells))):
            self.cells[i] = mark

    def write(self, first: int, text: str) -> bool:
        if first + len(text) > len(self.cells):
            return False
        self.cells[first : first + len(text)] = text
        return True

    def __str__(self) -> str:
        return "".join(self.cells)


def _lanes(drawing: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks that get a line: the first ones, and the failed ones wherever they stand."""
    tasks = drawing["tasks"]
    if len(tasks) <= MOST_LANES:
        return tasks
    failed = [task for task in tasks[MOST_LANES:] if task["outcome"] == "raised"]
    return tasks[:MOST_LANES] + failed[:MOST_FAILURES]


def _outcome(task: dict[str, Any]) -> str:
    word = {"pending": "still waiting"}.get(task["outcome"], task["outcome"])
    if task["outcome"] == "raised":
        word += " " + task["error"].partition(":")[0]
    return word if task["ended"] is None else f"{seconds(task['ended']):>7} {word}"


def _in_flight(drawing: dict[str, Any]) -> str:
    if not drawing["flight"]:
        return ""
    limit = f" (limit {drawing['limit']})" if drawing["limit"] else ""
    return f"at most {drawing['flight']['peak']}{limit}"


def _blocked_notes(drawing: dict[str, Any]) -> list[str]:
    """Who blocked the loop, where and how long; the same again at one place is one note."""
    alike: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for block in drawing["blocked"]:
        alike.setdefault((block["by"], block["line"]), []).append(block)
    return [_blocked_note(by, line, blocks) for (by, line), blocks in alike.items()]


def _blocked_note(by: str, line: int, blocks: list[dict[str, Any]]) -> str:
    total = seconds(sum(block["end"] - block["start"] for block in blocks))
    who = f"by {by}" + (f" (line {line})" if line else "")
    if len(blocks) == 1:
        when = f"from {seconds(blocks[0]['start'])} to {seconds(blocks[0]['end'])}"
        words = f"loop blocked for {total} {who}, {when}"
    else:
        words = f"loop blocked {len(blocks)} times {who}, {total} in all"
    harmed = {task for block in blocks for task, _ in block["harm"]}
    worst = max((late for block in blocks for _, late in block["harm"]), default=0.0)
    late = f": {count(len(harmed), 'task')} late by up to {seconds(worst)}" if harmed else ""
    return words + late


def _ending_notes(drawing: dict[str, Any]) -> list[str]:
    """Endings that are more than an end in time; tasks that ended alike share a line."""
    alike: dict[str, list[str]] = {}
    for task in drawing["tasks"]:
        if task["ending"] != f"finished at {seconds(task['ended'] or 0.0)}":
            alike.setdefault(task["ending"].removeprefix("was "), []).append(task["label"])
    return [f"{_some(labels)}: {ending}" for ending, labels in alike.items()]


def _some(labels: list[str]) -> str:
    return ", ".join(labels if len(labels) <= 4 else [*labels[:3], f"{len(labels) - 3} more"])


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 3)] + "..."


def _wrapped(words: str, indent: str = "") -> list[str]:
    """Lines of at most the width of the chart; a time stays in one piece."""
    whole = re.sub(r"(\d) (m?s)\b", "\\1\0\\2", words)
    lines = textwrap.wrap(whole, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def _legend(used: set[str]) -> str:
    """The meanings of the marks in use, two spaces apart, wrapped at the width of the chart."""
    words = [f"{mark} {meaning}".replace(" ", "\0") for mark, meaning in MEANINGS.items()]
    shown = [word for word in words if word[0] in used]
    lines = textwrap.wrap("   ".join(shown), WIDTH, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")
