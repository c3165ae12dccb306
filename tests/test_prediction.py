"""Predict: the answer is measured, the guess is compared with it, and kept for the session."""

import asyncio
import re

import pytest

from asynclab import prediction
from asynclab.prediction import predict


@pytest.fixture(autouse=True)
def _new_session(monkeypatch):
    monkeypatch.setattr(prediction, "_committed", {})


async def wait(name, delay):
    await asyncio.sleep(delay)
    print(name)
    return name


async def page():
    return await asyncio.gather(wait("user", 0.3), wait("posts", 0.1), wait("todos", 0.2))


TIMES = {
    0.1: "The shortest does not end the gather.",
    0.3: "They overlap: the longest counts.",
    0.6: "That is the sum.",
}


def answer(asked, guess):
    """What a browser does when a guess is committed; returns what it is told."""
    asked._panel.guess = guess
    return asked._panel.verdict


# -- numbers -------------------------------------------------------------------------------


def test_a_number_is_compared_with_the_measured_seconds():
    asked = predict("How long?", page)
    assert asked._panel.question == {
        "kind": "number",
        "text": "How long?",
        "task": "Your prediction",
        "unit": "s",
        "items": [],
        "note": "Right if it is within 5 % of what the run measures.",
    }
    verdict = answer(asked, 0.6)
    assert verdict == {"right": False, "guess": "0.60 s", "measured": "0.30 s", "meaning": ""}


@pytest.mark.parametrize(("guess", "right"), [(0.29, True), (0.31, True), (0.25, False)])
def test_a_number_is_right_within_the_tolerance(guess, right):
    assert answer(predict("How long?", page), guess)["right"] is right


@pytest.mark.parametrize(("guess", "right"), [(3, True), (2.9, False)])
def test_a_count_has_to_be_exact(guess, right):
    asked = predict("How many at once?", page, answer="peak")
    assert asked._panel.question["note"] == ""
    assert answer(asked, guess)["right"] is right


def test_a_known_mistake_is_named():
    asked = predict("How long?", page, mistakes={0.6: "That is the sum."})
    assert answer(asked, 0.61)["meaning"] == "That is the sum."


def test_any_fact_of_the_run_can_be_asked_for():
    asked = predict("How many tasks?", page, answer=lambda run: len(run.trace.tasks), unit="tasks")
    assert answer(asked, 4) == {
        "right": True,
        "guess": "4 tasks",
        "measured": "4 tasks",
        "meaning": "",
    }


# -- choices -------------------------------------------------------------------------------


def test_the_right_option_is_found_by_the_run():
    asked = predict("How long?", page, options=TIMES)
    assert asked._panel.question["items"] == ["0.10 s", "0.30 s", "0.60 s"]
    assert answer(asked, 1)["right"] is True
    answer(asked, None)
    assert answer(asked, 2) == {
        "right": False,
        "guess": "0.60 s",
        "measured": "0.30 s",
        "meaning": "That is the sum.",
    }


def test_options_that_are_no_numbers_are_compared_with_the_result():
    options = {("user", "posts", "todos"): "", ("posts", "todos", "user"): "By finish."}
    asked = predict("Which list?", page, options=options)
    assert answer(asked, 0)["right"] is True


def test_options_can_be_a_list():
    asked = predict("Which list?", page, options=[["posts"], ["user", "posts", "todos"]])
    assert answer(asked, 1)["right"] is True


def test_the_nearest_of_two_near_options_is_the_right_one():
    asked = predict("How long?", page, options=[0.295, 0.301])
    assert answer(asked, 0)["right"] is False
    answer(asked, None)
    assert answer(asked, 1)["right"] is True


# -- orders --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "order"),
    [
        ("finished", ["wait(posts)", "wait(todos)", "wait(user)"]),
        ("started", ["wait(user)", "wait(posts)", "wait(todos)"]),
        ("printed", ["posts", "todos", "user"]),
        ("result", ["user", "posts", "todos"]),
    ],
)
def test_an_order_is_compared_with_the_run(fact, order):
    asked = predict("In which order?", page, answer=fact)
    items = asked._panel.question["items"]
    assert (asked._panel.question["kind"], items) == ("order", sorted(items))
    verdict = answer(asked, [items.index(item) for item in order])
    assert verdict["right"] is True


def test_another_order_is_wrong_and_its_mistake_is_named():
    mistakes = {("user", "posts", "todos"): "That is the order of the calls."}
    asked = predict("In which order?", page, answer="printed", mistakes=mistakes)
    assert answer(asked, [2, 0, 1]) == {
        "right": False,
        "guess": "user, posts, todos",
        "measured": "posts, todos, user",
        "meaning": "That is the order of the calls.",
    }


# -- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"options": {0.1: "", 0.6: ""}},
            "the run gives 0.3, which is not among the options: 0.1, 0.6",
        ),
        (
            {"options": ["a", "b"], "answer": "finished"},
            "which is not among the options: 'a', 'b'",
        ),
        (
            {"answer": "speed"},
            "answer='speed': use one of elapsed, peak, result, printed, started, finished, or a ",
        ),
        (
            {"answer": lambda run: None},
            "the run gives None, which is neither a number nor an order of two or more: pass ",
        ),
        ({"guess": "0.3"}, "guess='0.3': this question asks for a number"),
        (
            {"options": [0.3, 0.6], "guess": 0.5},
            "guess=0.5 is not an option; they are: 0.30 s; 0.60 s",
        ),
        (
            {"answer": "printed", "guess": ["user"]},
            "guess=['user']: put these in order: posts, todos, user",
        ),
    ],
)
def test_a_question_that_cannot_work_is_refused(given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        predict("How long?", page, **given)


def test_a_target_that_is_no_coroutine_function_is_refused():
    with pytest.raises(TypeError, match="Is the function defined with 'async def'"):
        predict("How long?", lambda: 3)


# -- the session ---------------------------------------------------------------------------


def test_nothing_is_shown_before_the_guess():
    asked = predict("How long?", page, options=TIMES)
    assert asked._panel.verdict == {}
    assert asked._timeline.drawings == []
    assert asked._timeline.layout.display == "none"
    assert asked.picture is None


def test_the_picture_appears_with_the_guess():
    asked = predict("How long?", page)
    answer(asked, 0.3)
    assert [d["end"] for d in asked._timeline.drawings] == [0.3]
    assert asked._timeline.layout.display is None


def test_the_guess_is_kept_when_the_cell_runs_again():
    answer(predict("How long?", page), 0.6)
    again = predict("How long?", page)
    assert again.guess == 0.6
    assert again._panel.verdict["guess"] == "0.60 s"


def test_try_again_forgets_the_guess():
    asked = predict("How long?", page)
    answer(asked, 0.6)
    assert answer(asked, None) == {}
    assert asked._timeline.drawings == []
    assert predict("How long?", page).guess is None


def test_a_kept_guess_that_is_no_longer_an_option_is_dropped():
    answer(predict("How long?", page, options=TIMES), 2)
    assert predict("How long?", page, options=[0.3, 0.5]).guess is None


def test_other_questions_are_not_answered():
    answer(predict("How long?", page), 0.6)
    assert predict("How long is it?", page).guess is None


# -- as text -------------------------------------------------------------------------------


def test_the_text_lists_the_options_and_never_the_answer():
    asked = predict("How long?", page, options=TIMES)
    bundle, _ = asked._repr_mimebundle_()
    assert bundle["text/plain"] == ("How long?\nChoose one:\n  - 0.10 s\n  - 0.30 s\n  - 0.60 s")
    assert "image/png" not in bundle


def test_the_text_of_a_number_has_its_unit_and_tolerance():
    assert str(predict("How long?", page)) == (
        "How long?\nYour prediction (s):\nRight if it is within 5 % of what the run measures."
    )


def test_a_guess_in_the_call_prints_the_comparison(capsys):
    assert predict("How long?", page, options=TIMES, guess=0.6) is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[:7] == [
        "How long?",
        "  predicted: 0.60 s",
        "  measured:  0.30 s",
        "Not as predicted.",
        "That is the sum.",
        "",
        "page",
    ]


def test_the_text_after_the_guess_is_the_comparison():
    asked = predict("How long?", page)
    answer(asked, 0.3)
    assert str(asked).startswith(
        "How long?\n  predicted: 0.30 s\n  measured:  0.30 s\nAs predicted."
    )
