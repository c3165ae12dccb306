"""Marks: what one learner has earned in one notebook, as learning platforms want it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from asynclab.grading.record import Record

__all__ = ["Mark", "full_name", "learner_of", "marks"]


def learner_of(record: Record) -> tuple[str, str]:
    """Name and number: two learners may share a name."""
    return record.learner, record.outside_id


def full_name(learner: str, outside_id: str) -> str:
    """What tells a learner from all others, for people."""
    return f"{learner} ({outside_id})" if outside_id else learner


@dataclass(frozen=True, slots=True)
class Mark:
    """One learner, one notebook.

    Attributes:
        learner: the name that the layout gave.
        outside_id: the learner's number in the learning platform; empty if there is none.
        stem: of the notebook.
        handed_in: seconds since the epoch.
        records: one for each exercise.
    """

    learner: str
    outside_id: str
    stem: str
    handed_in: float
    records: list[Record] = field(default_factory=list)

    @property
    def points(self) -> float:
        """Points that were earned."""
        return sum(record.points for record in self.records)

    @property
    def most(self) -> int:
        """Points that could be earned."""
        return len(self.records)

    @property
    def comment(self) -> str:
        """One line for each exercise."""
        lines = (f"{r.exercise or r.file}: {r.verdict}. {r.message}" for r in self.records)
        return "\n".join(lines)


def marks(records: Iterable[Record]) -> Iterator[Mark]:
    """One mark for each learner and notebook, from records that come in that order.

    What is no notebook of the course has none: it would stand in the way of one that is.
    """
    for key, group in groupby(records, key=lambda r: (*learner_of(r), r.stem)):
        rows = list(group)
        if rows[0].stem:
            yield Mark(*key, rows[0].handed_in, rows)
