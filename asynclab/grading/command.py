"""Command: what ``asynclab grade`` does, step by step, for people at a terminal."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from .course import Assignment, CourseError, assignments
from .engine import Grading, close_children, grade, local_executor
from .limits import Limits
from .papers import known_answers
from .reports import (
    feedback_text,
    picture_of,
    read_gradebook,
    write_gradescope,
    write_reports,
)
from .sandbox import TIERS, SandboxError, probe
from .selftest import surprises
from .store import Store, StoreError
from .submissions import Submission, find

__all__ = ["REFUSALS", "GradeError", "Wish", "run", "run_self_test"]

DATABASE = "results.sqlite"
_STEERING = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\n"), ord("\t")}, "\ufffd")
SAY_EVERY = 10.0  # seconds between two lines about progress where there is no terminal


class GradeError(Exception):
    """It cannot be graded like this; the message says what to do instead."""


# What a person can mend: said in a sentence, without a traceback.
REFUSALS = (GradeError, CourseError, StoreError, SandboxError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line.

    Attributes:
        submissions: a folder, a zip file or a notebook.
        output: where results and reports go; None prints the feedback of one notebook.
        root: the folder of the course.
        jobs: submissions at once.
        resume: go on where an earlier run stopped.
        exercise: only this one; empty for all.
        unsandboxed: tier C is accepted: the submissions are trusted.
        dask: the address of a Dask scheduler; empty for this machine alone.
        tier: force this tier; empty for the best.
        limits: for each submission.
        gradebook: a Canvas gradebook to fill in; None for none.
        gradescope: where Gradescope wants the results of one learner; None for none.
    """

    submissions: Path
    output: Path | None
    root: Path
    jobs: int = 1
    resume: bool = False
    exercise: str = ""
    unsandboxed: bool = False
    dask: str = ""
    tier: str = ""
    limits: Limits = field(default_factory=Limits)
    gradebook: Path | None = None
    gradescope: Path | None = None


def run(wish: Wish, console: Console) -> dict[str, int]:
    """Grade, write the reports, and say how many there are of each verdict.

    Args:
        wish: what to do.
        console: where progress and results are shown.

    Raises:
        GradeError: something about the wish cannot be.
        KeyboardInterrupt: Ctrl-C; what was done is kept.
    """
    course = _course(wish)
    tier = _tier(wish)
    if wish.gradebook is not None:
        read_gradebook(wish.gradebook)  # before hours of grading, not after
    if next(_chosen(wish, course), None) is None:
        if wish.gradescope is not None:
            write_gradescope([], wish.gradescope)
        of = f" of {', '.join(course)}" if wish.exercise else ""
        raise GradeError(f"{wish.submissions} holds no notebook{of} (a file ending in .ipynb)")
    console.print(f"Sandbox: tier {tier} ({TIERS[tier]})", highlight=False)
    if wish.output is None:
        with tempfile.TemporaryDirectory() as folder:
            return _grade(wish, course, tier, Path(folder), console)
    database = wish.output / DATABASE
    if database.exists() and not wish.resume:
        raise GradeError(
            f"{wish.output} holds results already: add --resume to go on with them, "
            "or choose another --output"
        )
    return _grade(wish, course, tier, wish.output, console)


def run_self_test(root: Path, tier: str, jobs: int, console: Console) -> bool:
    """Grade answers whose verdicts are known, and say which came out otherwise.

    Args:
        root: the folder of the course.
        tier: force this tier; empty for the best.
        jobs: submissions at once.
        console: where it is said.
    """
    tier = _known(tier) or probe()
    console.print(f"Sandbox: tier {tier} ({TIERS[tier]})", highlight=False)
    known = list(known_answers(root))
    try:
        with _progress(console) as progress, local_executor(jobs) as executor:
            graded = _advancing(progress, progress.add_task("grading", total=len(known)))
            sentences = surprises(known, assignments(root), tier, executor, graded)
    finally:
        close_children()
    for sentence in sentences:
        console.print(sentence, markup=False, highlight=False)
    right = len(known) - len(sentences)
    console.print(f"{right} of {len(known)} known answers came out as known", highlight=False)
    return not sentences


def _course(wish: Wish) -> dict[str, Assignment]:
    course = assignments(wish.root)
    if not wish.exercise:
        return course
    chosen = {stem: a for stem, a in course.items() if wish.exercise in a.starters}
    if not chosen:
        known = ", ".join(name for a in course.values() for name in a.starters)
        raise GradeError(f"no exercise is called {wish.exercise!r}; there are: {known}")
    return chosen


def _chosen(wish: Wish, course: dict[str, Assignment]) -> Iterator[Submission]:
    found = find(wish.submissions, assignments(wish.root))
    return (s for s in found if s.stem in course or not (s.stem or wish.exercise))


def _known(tier: str) -> str:
    if tier and tier not in TIERS:
        raise GradeError(f"there is no tier {tier!r}; there are: {', '.join(TIERS)}")
    return tier


def _tier(wish: Wish) -> str:
    tier = _known(wish.tier) or probe()
    if tier == "C" and not wish.unsandboxed:
        raise GradeError(
            "This machine cannot confine what it grades: it would run with your rights. Grade on "
            "Linux 5.13 or newer, or add --allow-unsandboxed if you trust every submission."
        )
    return tier


def _grade(
    wish: Wish, course: dict[str, Assignment], tier: str, folder: Path, console: Console
) -> dict[str, int]:
    store = Store(folder / DATABASE)
    try:
        store.forget_faults()
        _grade_all(wish, course, tier, store, console)
        if wish.gradescope is not None:
            write_gradescope(store.records(), wish.gradescope)
        if wish.output is None:
            _show(store, course, console)
        else:
            if not console.is_terminal:
                console.print("Writing the reports")
            with console.status("Writing the reports"):
                sentences = write_reports(store, wish.output, course, wish.gradebook)
            for sentence in sentences:
                _quote(console, sentence)
            console.print(f"Reports are in {wish.output}", markup=False, highlight=False)
        return _say_counts(store, console)
    except KeyboardInterrupt:
        _say_how_to_resume(wish, console)
        raise
    finally:
        store.close()


def _grade_all(
    wish: Wish, course: dict[str, Assignment], tier: str, store: Store, console: Console
) -> None:
    with _progress(console) as progress, _executor(wish) as executor:
        bar = progress.add_task("grading", total=sum(1 for _ in _chosen(wish, course)))
        grading = Grading(course, wish.limits, tier, wish.exercise, window=4 * wish.jobs)
        grade(_chosen(wish, course), grading, store, executor, _advancing(progress, bar))


@contextmanager
def _executor(wish: Wish) -> Iterator[Executor]:
    if wish.dask:
        from .cluster import dask_executor  # noqa: PLC0415 - an extra that few machines have

        with dask_executor(wish.dask) as executor:
            yield executor
        return
    executor = local_executor(wish.jobs)
    try:
        yield executor
    except BaseException:
        close_children()  # what is under way ends at once
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        close_children()


def _show(store: Store, course: dict[str, Assignment], console: Console) -> None:
    """The feedback that the learner would see, in plain characters."""
    for record in store.records():
        _quote(console, feedback_text(record))
        if picture := picture_of(record, course.get(record.stem), attrgetter("text")):
            _quote(console, f"\n{picture}\n")


def _quote(console: Console, text: str) -> None:
    """Print what a learner may have written: no character of it steers the terminal."""
    console.print(text.translate(_STEERING), markup=False, highlight=False)


class _Rate(ProgressColumn):
    """Submissions for each second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


def _progress(console: Console) -> Progress:
    left = TimeRemainingColumn(elapsed_when_finished=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), left)
    return Progress(*columns, console=console)


def _advancing(progress: Progress, bar: TaskID) -> Callable[[int], None]:
    """Moves the bar. In a file or a pipe, where there is none, a line now and then."""
    task, console = progress.tasks[bar], progress.console
    said = time.monotonic()

    def advance(count: int) -> None:
        nonlocal said
        progress.advance(bar, count)
        if not console.is_terminal and time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            left = "" if task.time_remaining is None else f", {task.time_remaining:.0f} s left"
            speed = f"{task.completed / (task.elapsed or 1):.1f}/s"
            console.print(f"{task.completed:.0f} of {task.total:.0f}, {speed}{left}")

    return advance


def _say_counts(store: Store, console: Console) -> dict[str, int]:
    counts = store.counts()
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    console.print(words or "nothing was graded", highlight=False)
    if "grader_error" in counts:
        console.print("A grader_error is a fault of the grader: grade it again with --resume.")
    return counts


def _say_how_to_resume(wish: Wish, console: Console) -> None:
    if wish.output is not None:
        kept = f"Stopped. What is done is kept in {wish.output}."
        console.print(kept, "To go on: the same command, with --resume.", highlight=False)
