"""Self-test: the grader grades answers whose verdicts are known."""

from __future__ import annotations

import tempfile
from concurrent.futures import Executor
from pathlib import Path

from .course import Assignment
from .engine import Grading, grade
from .limits import Limits
from .papers import Known, known_answers, paper, write_paper
from .store import Store
from .submissions import find

__all__ = ["surprises"]


def surprises(
    root: Path, course: dict[str, Assignment], tier: str, executor: Executor
) -> tuple[int, list[str]]:
    """How many answers were graded, and one sentence for each that did not come out as known.

    Args:
        root: the folder of the course.
        course: its assignments.
        tier: of the sandbox.
        executor: where the examinations run.
    """
    known = {f"{number:04}": answer for number, answer in enumerate(known_answers(root))}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for learner, answer in known.items():
            notebook = paper(course[answer.stem], {answer.exercise: answer.source})
            write_paper(notebook, folder, learner, answer.stem)
        store = Store(folder / "results.sqlite")
        try:
            grade(find(folder, course), Grading(course, Limits(), tier), store, executor)
            found = {(r.learner, r.exercise): r for r in store.records()}
        finally:
            store.close()
    told = [_surprise(answer, found[learner, answer.exercise]) for learner, answer in known.items()]
    return len(known), [sentence for sentence in told if sentence]


def _surprise(answer: Known, record: object) -> str:
    wanted = answer.verdict, answer.misconception
    if (record.verdict, record.misconception) == wanted:
        return ""
    got = f"{record.verdict} {record.misconception}".strip()
    return f"{answer.name}: {got} instead of {' '.join(wanted).strip()}: {record.message}"
