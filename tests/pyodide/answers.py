"""Every known answer to an exercise earns its verdict on the Python of a browser.

The notebooks themselves say what their cells define and how an answer is checked.
"""

import importlib
import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import settled  # noqa: F401 - first
from wrong_answers import ANSWERS

from asynclab.checking import exercises
from asynclab.checking.arrangement import Arrangement
from asynclab.checking.engine import NOT_ATTEMPTED, PASSED, WRONG, examine
from asynclab.checking.texts import texts

ROOT = Path(__file__).parents[2]

for stem in dict.fromkeys(text.lesson for text in texts().values()):
    importlib.import_module(f"wrong_answers.{stem[3:]}")

each_exercise = pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.name)


@cache
def cells(stem):
    """The sources of the code cells of an exercise notebook, by their ids."""
    notebook = json.loads((ROOT / "exercises" / f"{stem}.ipynb").read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return {cell["id"]: "".join(cell["source"]) for cell in code}


@cache
def given(stem):
    """What the cells define that are nobody's answer."""
    names = {"__name__": "__main__"}
    for cell_id, source in cells(stem).items():
        if not cell_id.startswith(("answer-", "check-")):
            exec(source, names)
    return names


def verdict(exercise, answer):
    """What the notebook's check cell says of the text of an answer cell, or of a function."""
    stem = texts()[exercise.name].lesson
    names = dict(given(stem))
    if isinstance(answer, str):
        exec(answer, names)
    elif exercise.pieces:
        names[exercise.name] = Arrangement(exercise, answer(), names)
    else:
        names[exercise.name] = answer

    def check(function, of=None):
        return examine(exercise, function, of=of)

    names["lab"] = SimpleNamespace(check=check)
    return eval(cells(stem)[f"check-{exercise.name}"], names)


@each_exercise
def test_a_starter_is_not_attempted(exercise):
    assert verdict(exercise, texts()[exercise.name].starter).state == NOT_ATTEMPTED


@each_exercise
def test_a_solution_passes(exercise):
    assert verdict(exercise, texts()[exercise.name].solution).state == PASSED


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_an_answer_earns_its_verdict(answer):
    found = verdict(exercises()[answer.exercise], answer.function)
    expected = (WRONG, answer.key) if answer.key else (PASSED, "")
    assert (found.state, found.diagnosis.key if found.diagnosis else "") == expected
