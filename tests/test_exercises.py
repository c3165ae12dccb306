"""Every exercise: starter, solution, what people really write, and unusual right answers."""

import importlib
from collections import Counter
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from wrong_answers import ANSWERS

from asynclab import runner
from asynclab.build.sources import read_sources
from asynclab.build.texts import check_texts
from asynclab.checking import MISCONCEPTIONS, exercises
from asynclab.checking.arrangement import Arrangement
from asynclab.checking.engine import NOT_ATTEMPTED, PASSED, WRONG, examine
from asynclab.checking.exercise import KINDS
from asynclab.checking.texts import texts

ROOT = Path(__file__).parents[1]
SEEDS = range(200)

STEMS = list(dict.fromkeys(text.lesson for text in texts().values()))
for stem in STEMS:
    importlib.import_module(f"wrong_answers.{stem[3:]}")

each_exercise = pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.name)
each_answer = pytest.mark.parametrize("answer", ANSWERS, ids=str)


@pytest.fixture(autouse=True)
def _without_watchdog(monkeypatch):
    """Nothing here computes for ever; a thread that watches each run takes a third of the time."""
    monkeypatch.setattr(runner, "time_limit", lambda _: nullcontext())


@cache
def cells(stem):
    """The cells of an exercise notebook."""
    return next(s.cells for s in read_sources(ROOT) if s.kind == "exercises" and s.stem == stem)


@cache
def given(stem):
    """What the cells define that are nobody's answer."""
    names = {"__name__": "__main__"}
    for cell in cells(stem):
        if cell.kind == "code" and not cell.name and "solution" not in cell.tags:
            exec(cell.text, names)
    return names


@cache
def check_cell(exercise):
    wanted = f"check-{exercise.name}"
    (cell,) = [cell for cell in cells(texts()[exercise.name].lesson) if cell.name == wanted]
    return compile(cell.text, wanted, "eval")


def notebook(exercise, answer):
    """What a notebook's names stand for when its answer cell has run.

    Args:
        exercise: the exercise.
        answer: the text of an answer cell, or a function.
    """
    names = dict(given(texts()[exercise.name].lesson))
    if isinstance(answer, str):
        exec(answer, names)
    elif exercise.pieces:
        names[exercise.name] = Arrangement(exercise, answer(), names)
    else:
        names[exercise.name] = answer
    return names


def verdicts(exercise, answer, seeds=SEEDS):
    """The verdicts of the notebook's check cell, one for each seed."""
    names = notebook(exercise, answer)
    for seed in seeds:

        def check(function, of=None, seed=seed):
            return examine(exercise, function, seed=seed, of=of)

        names["lab"] = SimpleNamespace(check=check)
        yield eval(check_cell(exercise), names)


# -- the four promises ---------------------------------------------------------------------


@each_exercise
def test_a_starter_is_not_attempted(exercise):
    (verdict,) = verdicts(exercise, texts()[exercise.name].starter, seeds=[0])
    assert (verdict.state, verdict.diagnosis) == (NOT_ATTEMPTED, None)


@each_exercise
def test_a_solution_passes(exercise):
    for verdict in verdicts(exercise, texts()[exercise.name].solution):
        assert (verdict.state, verdict.diagnosis) == (PASSED, None)


@each_answer
def test_an_answer_earns_its_verdict(answer):
    expected = (WRONG, answer.key) if answer.key else (PASSED, "")
    for verdict in verdicts(exercises()[answer.exercise], answer.function):
        found = verdict.diagnosis
        assert (verdict.state, found.key if found else "") == expected, found


@each_answer
def test_a_verdict_is_the_same_twice(answer):
    def told():
        found = verdicts(exercises()[answer.exercise], answer.function, seeds=range(3))
        return [(v.state, v.diagnosis, v.seen) for v in found]

    assert told() == told()


# -- what every exercise has ---------------------------------------------------------------


@each_exercise
def test_an_exercise_has_four_wrong_answers_and_an_unusual_right_one(exercise):
    found = Counter(bool(a.key) for a in ANSWERS if a.exercise == exercise.name)
    assert found[True] >= 4
    assert found[False] >= 1


@each_exercise
def test_the_wrong_answers_of_an_exercise_have_several_reasons(exercise):
    keys = {answer.key for answer in ANSWERS if answer.exercise == exercise.name} - {""}
    assert len(keys) >= 3


@pytest.mark.parametrize("stem", STEMS)
def test_a_notebook_mixes_all_kinds(stem):
    kinds = {e.kind for e in exercises().values() if texts()[e.name].lesson == stem}
    assert kinds == set(KINDS)


@each_exercise
def test_hints_do_not_contain_the_solution(exercise):
    lines = {line.strip() for line in texts()[exercise.name].solution.splitlines()[1:]}
    long = [line for line in lines if len(line) > 40]
    assert not [line for line in long for hint in exercise.hints if line in hint]


@each_exercise
def test_a_solution_is_explained_with_an_alternative(exercise):
    assert len(texts()[exercise.name].explanation.split()) >= 40


@each_answer
def test_an_answer_names_an_exercise_and_a_misconception(answer):
    assert answer.exercise in exercises()
    assert answer.key in {"", *MISCONCEPTIONS}


def test_the_texts_in_the_package_are_those_of_the_sources():
    assert check_texts(ROOT) == 0
