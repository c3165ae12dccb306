"""Workloads: the cases on which an answer is played, those that everybody sees and the others."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from asynclab.checking import Case
from asynclab.checking.desk import exercises
from asynclab.checking.performance import run_program
from asynclab.runner import Run

from .course import Assignment

__all__ = ["SEED_SHOWN", "workloads"]

SEED_SHOWN = "0"  # of the workloads that `lab.check` shows in a notebook


@lru_cache(maxsize=1024)
def workloads(assignment: Assignment, name: str, seed: str) -> list[tuple[Case, Run | None]]:
    """The workloads of one seed, and for a prediction what the program does on each.

    Args:
        assignment: the course's copy of the notebook.
        name: of the exercise.
        seed: another one draws others.
    """
    program = assignment.program(name) if name in assignment.programs else None
    cases = exercises()[name].cases(Random(f"{name} {seed}"))
    return [(case, program and run_program(program, case)) for case in cases]
