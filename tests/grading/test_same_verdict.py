"""One judgement, two outlets: a notebook's check and the grader say the same."""

import json

import pytest
from papers import ROOT

from asynclab.checking.desk import exercises
from asynclab.checking.engine import NOT_ATTEMPTED, PASSED, WRONG, examine
from asynclab.grading.course import assignments
from asynclab.grading.papers import known_answers, paper, write_paper

COURSE = assignments(ROOT)
KNOWN = {answer.name: answer for answer in known_answers(ROOT)}
STATES = {PASSED: "ok", WRONG: "wrong", NOT_ATTEMPTED: "not_attempted"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory, grade):
    """The records of all known answers, one notebook for each."""
    folder = tmp_path_factory.mktemp("known")
    for number, answer in enumerate(KNOWN.values()):
        notebook = paper(COURSE[answer.stem], {answer.exercise: answer.source})
        write_paper(notebook, folder, f"{number:04}", answer.stem)
    records = grade(folder, tmp_path_factory.mktemp("output"))
    return {
        name: records[f"{number:04}", answer.exercise]
        for number, (name, answer) in enumerate(KNOWN.items())
    }


def checked(answer):
    """The verdict of `lab.check` in a notebook with this answer cell."""
    assignment = COURSE[answer.stem]
    names = {"__name__": "__main__"}
    for kind, name, code in assignment.steps:
        source = answer.source if (kind, name) == ("answer", answer.exercise) else code
        exec(compile(source, f"<answer-{name}>" if kind == "answer" else "<course>", "exec"), names)
    program = assignment.programs.get(answer.exercise)
    of = eval(program, names) if program else None
    return examine(exercises()[answer.exercise], names[answer.exercise], of=of)


@pytest.mark.parametrize("name", KNOWN)
def test_the_grader_says_what_the_notebook_says(graded, name):
    verdict, record = checked(KNOWN[name]), graded[name]
    assert record.verdict == STATES[verdict.state]
    found, told = verdict.diagnosis, record.diagnosis
    assert (told is None) == (found is None)
    if found is not None:
        facts = (found.key, found.did, found.expected, found.look)
        assert (told["key"], told["did"], told["expected"], told["look"]) == facts
        assert told["case"] == (verdict.sight.case.title if verdict.sight else "")


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_answer_comes_out_as_known(graded, name):
    known, record = KNOWN[name], graded[name]
    assert (record.verdict, record.misconception) == (known.verdict, known.misconception)


def test_a_picture_is_kept_of_every_wrong_run(graded):
    wrong = [r for r in graded.values() if r.verdict == "wrong" and r.diagnosis["case"]]
    assert wrong
    assert all(json.loads(record.trace)["trace"] for record in wrong)
