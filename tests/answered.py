"""An exercise notebook in which one answer stands: its names, and what its check cell says.

The built notebooks say what their cells define and how an answer is checked. Both Pythons use
this, the one on this machine and the one of a browser.
"""

import importlib
import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from wrong_answers import ANSWERS

from asynclab.checking import exercises
from asynclab.checking.arrangement import Arrangement
from asynclab.checking.engine import examine
from asynclab.checking.texts import texts

__all__ = ["ROOT", "STEMS", "each_answer", "each_exercise", "verdicts"]

ROOT = Path(__file__).parents[1]
STEMS = list(dict.fromkeys(text.lesson for text in texts().values()))

for stem in STEMS:
    importlib.import_module(f"wrong_answers.{stem[3:]}")

each_exercise = pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.name)
each_answer = pytest.mark.parametrize("answer", ANSWERS, ids=str)


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


@cache
def check_cell(exercise):
    name = f"check-{exercise.name}"
    return compile(cells(texts()[exercise.name].lesson)[name], name, "eval")


def names(exercise, answer):
    """What the notebook's names stand for when its answer cell has run."""
    known = dict(given(texts()[exercise.name].lesson))
    if isinstance(answer, str):
        exec(answer, known)
    elif exercise.pieces:
        known[exercise.name] = Arrangement(exercise, answer(), known)
    else:
        known[exercise.name] = answer
    return known


def verdicts(exercise, answer, seeds=(0,)):
    """The verdicts of the notebook's check cell, one for each seed.

    Args:
        exercise: the exercise.
        answer: the text of an answer cell, or a function.
        seeds: each draws other workloads.
    """
    known = names(exercise, answer)
    for seed in seeds:

        def check(function, of=None, seed=seed):
            return examine(exercise, function, seed=seed, of=of)

        known["lab"] = SimpleNamespace(check=check)
        yield eval(check_cell(exercise), known)
