"""Every exercise: starter, solution, what people really write, and unusual right answers."""

from collections import Counter

import pytest
from answered import ROOT, STEMS, each_answer, each_exercise, verdicts
from wrong_answers import ANSWERS

from asynclab.build.texts import check_texts
from asynclab.checking import MISCONCEPTIONS, exercises
from asynclab.checking.engine import NOT_ATTEMPTED, PASSED, WRONG
from asynclab.checking.exercise import KINDS
from asynclab.checking.texts import texts

SEEDS = range(200)

# -- the four promises ---------------------------------------------------------------------


@each_exercise
def test_a_starter_is_not_attempted(exercise):
    (verdict,) = verdicts(exercise, texts()[exercise.name].starter)
    assert (verdict.state, verdict.diagnosis) == (NOT_ATTEMPTED, None)


@each_exercise
def test_a_solution_passes(exercise):
    for verdict in verdicts(exercise, texts()[exercise.name].solution, SEEDS):
        assert (verdict.state, verdict.diagnosis) == (PASSED, None)


@each_answer
def test_an_answer_earns_its_verdict(answer):
    expected = (WRONG, answer.key) if answer.key else (PASSED, "")
    for verdict in verdicts(exercises()[answer.exercise], answer.function, SEEDS):
        found = verdict.diagnosis
        assert (verdict.state, found.key if found else "") == expected, found


@each_answer
def test_a_verdict_is_the_same_twice(answer):
    def told():
        found = verdicts(exercises()[answer.exercise], answer.function, range(3))
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
