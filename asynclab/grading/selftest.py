"""Self-test: the grader grades answers whose verdicts are known."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from .course import Assignment
from .engine import Grading, grade
from .limits import Limits
from .papers import Known, paper, write_paper
from .record import Record
from .store import Store
from .submissions import find

__all__ = ["surprises"]


def surprises(
    known: Sequence[Known],
    course: dict[str, Assignment],
    tier: str,
    executor: Executor,
    graded: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """One sentence for each answer that does not come out as known.

    Args:
        known: the answers.
        course: its assignments.
        tier: of the sandbox.
        executor: where the examinations run.
        graded: is told how many more are done.
    """
    learners = {f"{number:04}": answer for number, answer in enumerate(known)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for learner, answer in learners.items():
            notebook = paper(course[answer.stem], {answer.exercise: answer.source})
            write_paper(notebook, folder, learner, answer.stem)
        store = Store(folder / "results.sqlite")
        try:
            grading = Grading(course, Limits(), tier)
            grade(find(folder, course), grading, store, executor, graded)
            found = {(r.learner, r.exercise): r for r in store.records()}
        finally:
            store.close()
    told = (_surprise(answer, found[who, answer.exercise]) for who, answer in learners.items())
    return [sentence for sentence in told if sentence]


def _surprise(answer: Known, record: Record) -> str:
    wanted = answer.verdict, answer.misconception
    if (record.verdict, record.misconception) == wanted:
        return ""
    got = f"{record.verdict} {record.misconception}".strip()
    return f"{answer.name}: {got} instead of {' '.join(wanted).strip()}: {record.message}"
