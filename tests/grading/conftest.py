"""One way to grade a folder, for all tests of grading."""

import pytest
from papers import ROOT

from asynclab.grading import engine, sandbox
from asynclab.grading.course import assignments
from asynclab.grading.limits import Limits
from asynclab.grading.store import Store
from asynclab.grading.submissions import find

BEST = sandbox.probe()
LIMITS = Limits()


@pytest.fixture(scope="session")
def grade():
    """Grades a place and gives its records by learner and exercise."""

    def graded(where, output, *, tier=BEST, limits=LIMITS, jobs=2):
        store = Store(output / "results.sqlite")
        course = assignments(ROOT)
        try:
            with engine.local_executor(jobs) as executor:
                grading = engine.Grading(course, limits, tier)
                engine.grade(find(where, course), grading, store, executor)
            engine.close_children()
            return {(record.learner, record.exercise): record for record in store.records()}
        finally:
            store.close()

    return graded


@pytest.fixture(scope="session")
def confined():
    """Tests that need tier A or B."""
    if BEST == "C":
        pytest.skip("this machine cannot confine: see docs/grading.md")
    return BEST
