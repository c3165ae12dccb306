"""The grade command refuses what cannot be, at once and in a sentence."""

import io
import json

import pytest
from papers import ROOT, VICTIM, paper, write
from rich.console import Console

from asynclab.grading import command


@pytest.fixture
def wish(tmp_path):
    """Grades the folder of the test."""
    return lambda **more: command.Wish(tmp_path, tmp_path / "out", ROOT, **more)


def refused(wish):
    """What is said instead of grading; it must leave no results behind."""
    with pytest.raises(command.REFUSALS) as error:
        command.run(wish, Console(file=io.StringIO()))
    assert not wish.output.exists()
    return str(error.value)


def test_an_empty_folder_is_no_first_run(wish):
    assert "holds no notebook" in refused(wish())


def test_gradescope_tells_a_learner_who_handed_in_no_notebook(wish, tmp_path):
    assert "holds no notebook" in refused(wish(gradescope=tmp_path / "results.json"))
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert (results["score"], results["tests"]) == (0, [])
    assert results["output"].startswith("No notebook was handed in")


def test_an_unknown_tier_is_told_the_known_ones(wish):
    assert "there are: A, B, C" in refused(wish(tier="D"))


def test_a_gradebook_that_cannot_be_filled_in_is_refused_before_grading(wish, tmp_path):
    write(paper(), tmp_path, "ana")
    assert "cannot be read as a gradebook" in refused(wish(gradebook=tmp_path / "absent.csv"))


def test_notebooks_without_the_exercise_are_neither_graded_nor_counted(wish, tmp_path):
    write(paper(), tmp_path, "ana", stem="06_semaphore")
    (tmp_path / "notes.ipynb").write_text("{}")
    assert "no notebook of 01_sequential_vs_concurrent" in refused(wish(exercise=VICTIM))
    write(paper(), tmp_path, "ana")
    said = io.StringIO()
    assert command.run(wish(exercise=VICTIM), Console(file=said)) == {"ok": 1}
    assert "1/1" in said.getvalue()
