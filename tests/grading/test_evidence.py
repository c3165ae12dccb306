"""Forged evidence is told from true evidence, and gains nothing."""

import json
import math

import pytest
from papers import ASSIGNMENT, VICTIM

from asynclab.checking import Sight
from asynclab.checking.desk import exercises
from asynclab.checking.engine import judge
from asynclab.grading import evidence
from asynclab.grading.evidence import Began, Cancelled, Forged, Reply, Seen, Settled, parse
from asynclab.grading.ledger import Ledger
from asynclab.grading.workloads import workloads
from asynclab.trace import Trace

CASE, _ = workloads(ASSIGNMENT, VICTIM, "hidden")[0]
DELAYS = dict(zip(CASE.items, CASE.delays, strict=True))


def ledger():
    return Ledger(CASE, "hidden")


def seen(**more):
    """What a sandbox says of a run in which nothing was amiss, with changes."""
    elapsed = more.get("elapsed", CASE.slowest)
    trace = Trace("virtual", elapsed=elapsed if isinstance(elapsed, float) else 0.0)
    sight = Sight(CASE, {}, None, [], "", 0, trace.elapsed, [], trace)
    own = {name: getattr(sight, name) for name in Seen.model_fields if name != "kind"}
    said = json.loads(Seen.model_construct(**own).model_dump_json())
    return parse(json.dumps(said | more).encode())


def asked_one_by_one(book):
    """What an honest, sequential run tells, and what it is told."""
    now, answers = 0.0, []
    for number, item in enumerate(CASE.items):
        book.note(Began(call=number, item=item, time=now))
        now += DELAYS[item]
        answers.append(book.note(Reply(call=number, time=now))["answer"])
    book.note(Settled(time=now))
    return now, answers


def asked_together(book):
    for number, item in enumerate(CASE.items):
        book.note(Began(call=number, item=item, time=0.0))
    answers = {}
    for item in sorted(CASE.items, key=DELAYS.get):
        given = book.note(Reply(call=CASE.items.index(item), time=DELAYS[item]))
        answers[item] = given["answer"]
    book.note(Settled(time=CASE.slowest))
    return [answers[item] for item in CASE.items]


# -- the ledger ----------------------------------------------------------------------------


def test_an_honest_concurrent_run_is_right():
    book = ledger()
    answers = asked_together(book)
    assert judge(exercises()[VICTIM], book.sight(seen(result=answers))) is None


def test_a_sequential_run_cannot_claim_to_have_been_fast():
    book = ledger()
    _, answers = asked_one_by_one(book)
    with pytest.raises(Forged, match="with a call that ended at"):
        book.sight(seen(result=answers, elapsed=CASE.slowest))


def test_a_sequential_run_that_tells_its_time_is_wrong():
    book = ledger()
    elapsed, answers = asked_one_by_one(book)
    diagnosis = judge(exercises()[VICTIM], book.sight(seen(result=answers, elapsed=elapsed)))
    assert diagnosis.key == "one by one"


def test_answers_are_not_to_be_had_without_asking():
    book = ledger()
    book.note(Settled(time=CASE.slowest))
    guessed = [f"{item} #000000" for item in CASE.items]
    assert judge(exercises()[VICTIM], book.sight(seen(result=guessed))) is not None


def test_what_was_stopped_and_goes_on_is_not_forged_and_not_right():
    book = ledger()
    asked_one_by_one(book)
    stopped = seen(error="TimeLimit: still running", elapsed=0.0)
    assert judge(exercises()[VICTIM], book.sight(stopped)) is not None


def test_no_answer_before_its_time():
    book = ledger()
    book.note(Began(call=0, item=CASE.items[0], time=0.0))
    with pytest.raises(Forged, match="before its time"):
        book.note(Reply(call=0, time=CASE.delays[0] / 2))


def test_time_does_not_run_backwards():
    book = ledger()
    book.note(Began(call=0, item=CASE.items[0], time=5.0))
    with pytest.raises(Forged, match="after one of 5"):
        book.note(Began(call=1, item=CASE.items[1], time=0.0))


@pytest.mark.parametrize(
    "message",
    [
        Began(call=1, item=CASE.items[0], time=0.0),
        Began(call=0, item="/nobody", time=0.0),
        Reply(call=0, time=9.0),
        Cancelled(call=3, time=9.0),
    ],
    ids=["number", "item", "reply", "cancelled"],
)
def test_a_call_that_cannot_be_is_forged(message):
    with pytest.raises(Forged):
        ledger().note(message)


def test_a_call_ends_once():
    book = ledger()
    book.note(Began(call=0, item=CASE.items[0], time=0.0))
    book.note(Reply(call=0, time=9.0))
    with pytest.raises(Forged, match="not open"):
        book.note(Reply(call=0, time=9.0))


def test_no_result_before_the_function_returned():
    with pytest.raises(Forged, match="before the function returned"):
        ledger().sight(seen(result=[]))


# -- the schema ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"kind": "verdict", "state": "ok"}',
        b'{"kind": "ran", "points": 1}',
        b'{"kind": "began", "call": -1, "item": "x", "time": 0}',
        b'{"kind": "began", "call": true, "item": "x", "time": 0}',
        b'{"kind": "reply", "call": 0, "time": NaN}',
        b'{"kind": "reply", "call": 0, "time": 1e999}',
        b'{"kind": "judged", "state": "ok"}',
        b'{"kind": "playing", "exercise": "' + b"x" * 5000 + b'"}',
        b'{"kind": "seen", "result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"\xff\xfe",
    ],
)
def test_what_breaks_the_schema_is_forged(line):
    with pytest.raises(Forged):
        parse(line)


@pytest.mark.parametrize(
    "change",
    [
        {"elapsed": math.inf},
        {"elapsed": "1"},
        {"result": None, "case": {}},
        {"trace": {}},
        {"promises": [1]},
        {"calls": []},
    ],
)
def test_a_run_that_breaks_the_schema_is_forged(change):
    with pytest.raises(Forged):
        seen(**change)


def test_a_trace_that_points_nowhere_is_forged():
    trace = Trace("virtual").to_dict()
    del trace["schema"]
    task = {"id": 5, "name": "x", "label": "x", "parent": None, "created": 0.0}
    task |= {"created_step": 0, "created_at": {"function": "", "number": 0}, "slices": []}
    task |= {"waits": [], "cancels": [], "outcome": "finished", "error": "", "ended": 0.0}
    with pytest.raises(Forged, match="task 0 has id 5"):
        seen(trace=trace | {"tasks": [task | {"retrieved": True}]})


def test_the_grader_asks_for_everything_that_a_sight_has():
    assert set(Seen.model_fields) > {"result", "trace", "elapsed", "error"}
    assert not {"case", "calls", "answers"} & set(Seen.model_fields)


def test_no_message_can_say_that_an_answer_is_right():
    states = evidence.Judged.model_fields["state"].annotation.__args__
    assert set(states) == {"not_attempted", "wrong", "error"}
