"""Where things stand: the scale that all panels share, and the lanes. All sizes in pixels."""

from __future__ import annotations

from typing import Any, NamedTuple

from .lettering import width
from .words import seconds

__all__ = ["DENSE", "EDGE", "LABELLED", "WIDTH", "Frame", "Lane", "crisp", "end_labels", "end_of"]

WIDTH = 880
EDGE = 16  # white space around everything
LABEL_ROOM = 84, 190  # for names, left of the lanes
MOST_END_ROOM = 240
LANE_HEIGHTS = (8, 26), (14, 23), (24, 19), (40, 15), (80, 8)  # up to so many lanes, so high
DENSE_HEIGHT = 380  # of all lanes together, if they are more
LABELLED = 12  # lanes at least this high carry a name
DENSE = 7  # lanes lower than this have no outlines and no patterns


class Frame:
    """The scale that all panels share: from ``left`` to ``right``, 0 to ``end`` seconds."""

    def __init__(self, drawings: list[dict[str, Any]]) -> None:
        self.end = max((d["end"] for d in drawings), default=0.0) or 1.0
        self.dense_height = DENSE_HEIGHT if len(drawings) == 1 else 0.6 * DENSE_HEIGHT
        levels = [(d["flight"]["peak"], d["limit"] or 0) for d in drawings if d["flight"]]
        self.most_in_flight = max(map(max, levels), default=1)
        labelled = [d for d in drawings if self.lane_height(d) >= LABELLED]
        names = [task["label"] for d in labelled for task in d["tasks"]]
        least, most = LABEL_ROOM
        widest = max((width(name, 12) for name in names), default=0.0)
        self.left = crisp(EDGE + min(most, max(least, widest + 12)))
        self.right = min([WIDTH - EDGE - 60.0, *map(self._right_for, self._endings(labelled))])
        self.right = crisp(max(self.right, self.left + 0.45 * (WIDTH - self.left)))

    def x(self, t: float) -> float:
        """Where a time stands."""
        return crisp(self.left + (self.right - self.left) * t / self.end)

    def lane_height(self, drawing: dict[str, Any]) -> float:
        """How high each lane of a drawing is: the more lanes, the lower."""
        lanes = len(drawing["tasks"])
        for most, height in LANE_HEIGHTS:
            if lanes <= most:
                return height
        return self.dense_height / lanes

    def _endings(self, drawings: list[dict[str, Any]]) -> list[tuple[float, float]]:
        """Where each label after a bar begins, as a part of the scale, and its least width."""
        return [
            (end_of(task, d) / self.end, _least_room(task) + 24)
            for d in drawings
            for task in d["tasks"]
        ]

    def _right_for(self, label: tuple[float, float]) -> float:
        part, room = label
        return self.left + (WIDTH - EDGE - room - self.left) / max(part, 0.01)


def crisp(x: float) -> float:
    """The nearest half pixel: edges are sharp at twice the size, and images small."""
    return round(x * 2) / 2


def end_of(task: dict[str, Any], drawing: dict[str, Any]) -> float:
    """When the life of a task ends in the picture."""
    return drawing["end"] if task["ended"] is None else task["ended"]


def end_labels(task: dict[str, Any]) -> list[str]:
    """What may stand after a bar, the longest wording first."""
    if task["ended"] is None:
        what = task["spans"][-1][5] if task["spans"] else ""
        return [*([f"still waiting for {what}"] if what else []), "still waiting"]
    at = seconds(task["ended"])
    if task["outcome"] == "raised":
        return [f"{at} {task['error'].rstrip(': ')}", f"{at} {task['error'].partition(':')[0]}"]
    if task["outcome"] == "cancelled":
        asked = [by for _, by, took_effect in task["cancels"] if took_effect]
        by = asked[-1] if asked else ""
        return [f"{at} by {by}", f"{at} by {by.partition(',')[0]}", at] if by else [at]
    return [f"{at} lost"] if task["outcome"] == "lost" else [at]


def _least_room(task: dict[str, Any]) -> float:
    """Pixels that must be free after a bar: for the whole wording, unless it is very long."""
    wide = [width(words, 11, bold=True) for words in end_labels(task)]
    return next((room for room in wide if room <= MOST_END_ROOM), wide[-1])


class Lane(NamedTuple):
    """The horizontal strip of one task."""

    y: float
    height: float

    @property
    def middle(self) -> float:
        """Its middle, from the top of the page."""
        return self.y + self.height / 2

    def band(self, part: float) -> tuple[float, float]:
        """Top and height of a bar that takes a part of the lane, with some air around it."""
        air = 3 if self.height >= LABELLED else 0.5 if self.height >= DENSE else 0
        tall = max((self.height - 2 * air) * part, 2 if self.height >= DENSE else 0)
        if self.height < DENSE:
            return self.y, tall * 1.05  # a little over the next lane: no seam between them
        return crisp(self.middle - tall / 2), crisp(tall)
