"""Every known answer to an exercise earns its verdict on the Python of a browser."""

import settled  # noqa: F401 - first
from answered import each_answer, each_exercise, verdicts

from asynclab.checking import exercises
from asynclab.checking.engine import NOT_ATTEMPTED, PASSED, WRONG
from asynclab.checking.texts import texts


def verdict(exercise, answer):
    (found,) = verdicts(exercise, answer)
    return found


@each_exercise
def test_a_starter_is_not_attempted(exercise):
    assert verdict(exercise, texts()[exercise.name].starter).state == NOT_ATTEMPTED


@each_exercise
def test_a_solution_passes(exercise):
    assert verdict(exercise, texts()[exercise.name].solution).state == PASSED


@each_answer
def test_an_answer_earns_its_verdict(answer):
    found = verdict(exercises()[answer.exercise], answer.function)
    expected = (WRONG, answer.key) if answer.key else (PASSED, "")
    assert (found.state, found.diagnosis.key if found.diagnosis else "") == expected
