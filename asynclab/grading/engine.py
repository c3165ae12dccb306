"""Engine: every submission through its examination, many at once, each result kept at once."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from .children import Children, children
from .course import Assignment
from .examination import Rules, examine
from .limits import MIB, Limits
from .record import Record
from .store import Store
from .submissions import Submission

__all__ = ["Grading", "close_children", "examine_apart", "grade", "local_executor"]

KEEP_EVERY = 0.25  # seconds between two commits


@dataclass(frozen=True, slots=True)
class Grading:
    """How a run grades.

    Attributes:
        assignments: the course, by stem.
        limits: for each submission.
        tier: of the sandbox.
        only: the one exercise to grade; empty for all.
        window: submissions that are under way at once.
    """

    assignments: dict[str, Assignment]
    limits: Limits
    tier: str
    only: str = ""
    window: int = 8


def grade(
    submissions: Iterator[Submission],
    grading: Grading,
    store: Store,
    executor: Executor,
    graded: Callable[[int], None] = lambda _: None,
) -> None:
    """Grade what has no result yet.

    Args:
        submissions: as they are found; no more of them are read than the window holds.
        grading: how.
        store: where the results are kept.
        executor: runs the examinations; it speaks ``concurrent.futures``.
        graded: is told how many submissions are done, each time when their results are kept.

    Raises:
        StoreError: a result cannot be kept.
    """
    rules = Rules(grading.limits, store.seed)
    keeper = _Keeper(store, graded)
    pending: set[Future[list[Record]]] = set()
    try:
        for submission in submissions:
            data, records = _prepare(submission, grading)
            wanted = store.missing(record.key for record in records.values())
            left = {name: r for name, r in records.items() if r.key in wanted}
            if data is None or not left:
                keeper.take(list(left.values()))
                continue
            job = (data, grading.assignments[submission.stem], left, grading.tier, rules)
            pending.add(executor.submit(examine_apart, *job))
            if len(pending) >= grading.window:
                pending = keeper.collect(pending)
        while pending:
            pending = keeper.collect(pending)
    finally:
        keeper.keep()
        for future in pending:
            future.cancel()


class _Keeper:
    """Takes results, and keeps them a few at a time: each commit waits for the disk."""

    def __init__(self, store: Store, graded: Callable[[int], None]) -> None:
        self._store, self._graded = store, graded
        self._records: list[Record] = []
        self._submissions = 0
        self._kept = time.monotonic()

    def collect(self, pending: set[Future[list[Record]]]) -> set[Future[list[Record]]]:
        """Take what is done; the others are left."""
        done, left = wait(pending, timeout=KEEP_EVERY, return_when=FIRST_COMPLETED)
        for future in done:
            self.take(future.result())
        self._keep_in_time()
        return left

    def take(self, records: list[Record]) -> None:
        """These records are decided."""
        self._records += records
        self._submissions += 1
        self._keep_in_time()

    def _keep_in_time(self) -> None:
        if time.monotonic() - self._kept > KEEP_EVERY:
            self.keep()

    def keep(self) -> None:
        """Put on the disk what has been taken."""
        if self._records:
            self._store.add(self._records)
        self._graded(self._submissions)
        self._records, self._submissions = [], 0
        self._kept = time.monotonic()


def _prepare(submission: Submission, grading: Grading) -> tuple[bytes | None, dict[str, Record]]:
    """The notebook, and its records to be; decided already if there is nothing to examine."""
    problem, data = submission.problem, None
    limit = grading.limits.notebook * MIB
    if not problem and submission.size > limit:
        problem = f"it is larger than {limit // MIB} MiB: clear its outputs and save it"
    if not problem and not submission.stem:
        problem = f"its name has none of {', '.join(sorted(grading.assignments))} in it"
    if not problem:
        try:
            data = submission.read()
        except Exception as error:  # noqa: BLE001 - a broken zip or disk must not stop the others
            problem = f"it cannot be read: {type(error).__name__}: {error}"
    assignment = grading.assignments.get(submission.stem)
    names = list(assignment.starters) if assignment else [""]
    if grading.only:
        names = [name for name in names if name in (grading.only, "")]
    digest = hashlib.sha256(data if data is not None else problem.encode()).hexdigest()
    records = {name: _blank(submission, name, digest, assignment, grading) for name in names}
    for record in records.values() if problem else ():
        record.decide("malformed", problem)
    return (None if problem else data), records


def _blank(
    submission: Submission,
    name: str,
    digest: str,
    assignment: Assignment | None,
    grading: Grading,
) -> Record:
    version = assignment.version if assignment else ""
    parts = [submission.file, digest, submission.stem, name, version]
    identity = "\0".join(parts)
    return Record(
        key=hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest(),
        learner=submission.learner.encode("utf-8", "replace").decode(),
        file=submission.file.encode("utf-8", "replace").decode(),
        stem=submission.stem,
        exercise=name,
        tier=grading.tier,
        version=version,
        handed_in=submission.handed_in,
        outside_id=submission.outside_id,
    )


# -- where examinations run ----------------------------------------------------------------

_mine = threading.local()
_all: list[Children] = []
_slots = itertools.count()


def local_executor(jobs: int) -> ThreadPoolExecutor:
    """Threads of this process, each of which looks after a zygote of its own."""
    return ThreadPoolExecutor(jobs, thread_name_prefix="asynclab-grade")


def examine_apart(
    data: bytes, assignment: Assignment, records: dict[str, Record], tier: str, rules: Rules
) -> list[Record]:
    """Examine one submission in a process of its own, started by this thread.

    A fault of the grader is a verdict like any other, so that it stops nobody else.

    Args:
        data: the notebook.
        assignment: the course's copy.
        records: what is to be decided, by exercise.
        tier: of the sandbox.
        rules: limits and seed.
    """
    fresh = {name: replace(record) for name, record in records.items()}
    try:
        examine(data, assignment, fresh, _my_children(tier, rules.limits), rules)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours and no zero
        _forget_mine()
        for record in fresh.values():
            record.decide("grader_error", f"{type(error).__name__}: {error}")
    for record in fresh.values():
        record.notes = list(dict.fromkeys(record.notes))
    return list(fresh.values())


def _my_children(tier: str, limits: Limits) -> Children:
    found = getattr(_mine, "children", None)
    if found is None or _mine.rules != (tier, limits):
        slot = (os.getpid() * 64 + next(_slots)) % 100_000_000
        found = _mine.children = children(tier, slot, limits)
        _mine.rules = (tier, limits)
        _all.append(found)
    return found


def _forget_mine() -> None:
    if (found := getattr(_mine, "children", None)) is not None:
        _all.remove(found)
        _mine.children = None
        found.close()


def close_children() -> None:
    """End every zygote of this process; what they run ends with them."""
    while _all:
        _all.pop().close()
