"""What a learner waits for a check: one check cell and its report, for every known answer."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from test_exercises import ANSWERS, exercises, texts, verdicts

from asynclab.checking.exercise import Exercise
from asynclab.checking.report import Report

SEEDS = range(5)
BOUND = 300.0  # milliseconds, median over all answers


def milliseconds(exercise: Exercise, answer: object) -> float:
    """Median time from the call of the check to the report that JupyterLab is handed."""
    times = []
    for seed in SEEDS:
        before = time.perf_counter()
        (verdict,) = verdicts(exercise, answer, seeds=[seed])
        Report(verdict)._repr_mimebundle_()
        times.append(time.perf_counter() - before)
    return statistics.median(times) * 1000


def answers_to(exercise: Exercise) -> list[tuple[str, object]]:
    """Kind and text or function of each known answer."""
    known = [a for a in ANSWERS if a.exercise == exercise.name]
    solution = ("right", texts()[exercise.name].solution)
    return [solution, *(("wrong" if a.key else "right", a.function) for a in known)]


def main() -> None:
    """Print the table; the exit code is 1 if the median is over its bound."""
    table = Table("exercise", "answers", "right ms", "wrong ms", "slowest ms")
    everything = []
    for exercise in exercises().values():
        times = [(kind, milliseconds(exercise, answer)) for kind, answer in answers_to(exercise)]
        right, wrong = ([ms for k, ms in times if k == kind] for kind in ("right", "wrong"))
        everything += right + wrong
        cells = (statistics.median(right), statistics.median(wrong), max(right + wrong))
        table.add_row(exercise.name, str(len(times)), *(f"{ms:.0f}" for ms in cells))
    console, median = Console(), statistics.median(everything)
    console.print(table)
    console.print(f"median of {len(everything)} answers: {median:.0f} ms, at most {BOUND:g}")
    raise SystemExit(median > BOUND)


if __name__ == "__main__":
    main()
