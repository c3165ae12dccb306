"""Judgements on runs of little functions, where no exercise asks for them yet, and their words."""

import asyncio
from random import Random

import pytest

from asynclab.checking import Case, Exercise, Service
from asynclab.checking.diagnosis import MISCONCEPTIONS
from asynclab.checking.draw import delays, names
from asynclab.checking.engine import judge
from asynclab.checking.judgements import (
    asked_each_once,
    failures_reported,
    nothing_left_running,
    raises,
    returns,
    siblings_run_on,
    took_the_slowest,
)
from asynclab.checking.performance import perform
from asynclab.checking.service import OtherLoop, Unreachable
from asynclab.picture.words import seconds
from asynclab.syllabus import SYLLABUS

ONE_FAILS = Case("one fails", ["a", "b", "c"], [0.1, 0.2, 0.3], failing=["b"])
ALL_ANSWER = Case("all answer", ["a", "b", "c"], [0.3, 0.1, 0.2])


def diagnose(function, case, *judgements, **options):
    """What the judgements say of a function that is called with ``ask`` and the items."""

    async def play(played, given, service):
        return await played(service.ask, given.items)

    exercise = Exercise(
        name="example",
        kind="build",
        hints=("one", "two", "three"),
        cases=lambda _: iter([case]),
        play=play,
        judgements=judgements,
        **options,
    )
    return judge(exercise, perform(exercise, function, case, "seed"))


async def all_or_nothing(ask, items):
    return await asyncio.gather(*map(ask, items))


async def outcomes(ask, items):
    return await asyncio.gather(*map(ask, items), return_exceptions=True)


async def in_a_group(ask, items):
    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(ask(item))


async def in_a_group_quietly(ask, items):
    try:
        await in_a_group(ask, items)
    except* Unreachable:
        pass


async def first_failure(ask, items):
    try:
        await in_a_group(ask, items)
    except* Unreachable as group:
        raise group.exceptions[0] from None


async def cancels_and_returns(ask, items):
    tasks = [asyncio.create_task(ask(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    except Unreachable:
        for task in tasks:
            task.cancel()


# -- siblings ------------------------------------------------------------------------------


def test_siblings_that_should_run_on_are_not_stopped():
    assert diagnose(outcomes, ONE_FAILS, siblings_run_on) is None


def test_a_group_stops_siblings_that_should_run_on():
    found = diagnose(in_a_group_quietly, ONE_FAILS, siblings_run_on)
    assert (found.key, found.did) == ("one failure loses all", "it cancelled 1 call: c")


def test_who_was_called_off_by_others_was_not_stopped():
    case = Case("called off", ["a", "b"], [0.1, 0.2], called_off=["a"])
    assert diagnose(outcomes, case, siblings_run_on) is None


# -- ends ----------------------------------------------------------------------------------


def test_a_cancelled_task_has_to_be_awaited():
    found = diagnose(cancels_and_returns, ONE_FAILS)
    assert found.key == "cancelled, not awaited"
    assert found.did == "1 cancelled task had not ended when it returned: ask(c)"


def test_what_may_leak_may_leak():
    assert diagnose(cancels_and_returns, ONE_FAILS, may_leak=True) is None


def test_an_exception_may_be_the_contract():
    judgement = raises("Unreachable", "when a call fails")
    assert diagnose(first_failure, ONE_FAILS, judgement, may_raise=True) is None
    found = diagnose(in_a_group_quietly, ONE_FAILS, judgement, may_raise=True)
    assert (found.key, found.expected) == (
        "failure lost",
        "it raises Unreachable when a call fails",
    )


async def gathers_the_same_tasks_again(ask, items):
    tasks = [asyncio.create_task(ask(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    except Unreachable:
        return await asyncio.gather(*tasks)


def test_an_exception_that_comes_twice_is_told_with_the_line_that_lets_it_out():
    first = gathers_the_same_tasks_again.__code__.co_firstlineno
    did = diagnose(gathers_the_same_tasks_again, ONE_FAILS).did
    assert did.startswith(f"on line {first + 5} it raised Unreachable")


async def a_slip_in_a_task(ask, items):
    async def one(item):
        return await ask[item]

    return await asyncio.gather(*map(one, items), return_exceptions=True)


def test_a_fault_that_a_gather_keeps_quiet_is_told():
    told = diagnose(a_slip_in_a_task, ALL_ANSWER, asked_each_once)
    assert (told.key, told.expected) == ("raised", "every call is made")
    assert told.did.startswith("one(a) raised TypeError")
    assert told.did.endswith("nobody heard of it")


def test_another_exception_is_told():
    judgement = raises("Unreachable", "when a call fails")
    found = diagnose(in_a_group, ONE_FAILS, judgement, may_raise=True)
    assert found.key == "other exception"
    assert "it raised ExceptionGroup: " in found.did


async def without_permits(ask, items):
    permits = asyncio.Semaphore(0)

    async def one(item):
        async with permits:
            return await ask(item)

    return await asyncio.gather(*map(one, items))


def test_of_many_tasks_that_wait_at_one_line_one_is_told():
    found = diagnose(without_permits, ALL_ANSWER)
    assert found.key == "deadlock"
    assert found.did.count(" waits for semaphore in one(), line ") == 1
    assert found.did.endswith("\n  and 2 more")


# -- failures ------------------------------------------------------------------------------

REPORTED = failures_reported(lambda result: result["failed"], "each failed one is named")


@pytest.mark.parametrize(
    ("result", "key", "did"),
    [
        ({"failed": []}, "failure lost", "its result does not name 1 of 1 failure: b"),
        ({"failed": ["a", "b"]}, "wrong pairs", "it reports as failed what was answered: a"),
        ([], "wrong result", "its result is []"),
    ],
)
def test_failures_that_are_not_reported(result, key, did):
    async def report(ask, items):
        await outcomes(ask, items)
        return result

    found = diagnose(report, ONE_FAILS, REPORTED)
    assert (found.key, found.did) == (key, did)


# -- results -------------------------------------------------------------------------------


def test_the_first_place_that_differs_is_told():
    async def report(ask, items):
        return {"city": {"sold": 3, "names": ["Ines"]}, "hill": 1}

    wanted = {"city": {"sold": 4, "names": ["Ines"]}, "hill": 1}
    found = diagnose(report, ALL_ANSWER, returns(lambda _: wanted, "the report"))
    assert found.did == "its result['city']['sold'] is 3"
    assert found.expected == "it returns the report, here 4"


def test_of_a_long_dictionary_the_keys_that_differ_are_told():
    async def leaves_one_out(ask, items):
        answers = await asyncio.gather(*map(ask, items))
        return {item * 30: answer for item, answer in zip("abx", answers, strict=True)}

    wanted = returns(lambda sight: {item * 30: 1 for item in sight.case.items}, "all of them")
    did = diagnose(leaves_one_out, ALL_ANSWER, wanted).did
    assert did.endswith(f"; missing: {'c' * 30}; too much: {'x' * 30}")


def test_exceptions_are_shown_as_one_would_write_them():
    found = diagnose(outcomes, ONE_FAILS, returns(lambda sight: sight.good_answers, "the answers"))
    assert "Unreachable(...)" in found.did


def test_a_right_time_is_no_matter_of_rounding():
    case = Case("thirds", ["a", "b", "c"], [0.1, 0.2, 0.1 + 0.2])
    assert diagnose(all_or_nothing, case, took_the_slowest) is None


# -- the service ---------------------------------------------------------------------------


def test_an_answer_cannot_be_known_without_a_call():
    tokens = {Service(ALL_ANSWER, f"seed {n}").answers["a"] for n in range(20)}
    assert len(tokens) > 15


def test_what_is_unknown_is_told():
    async def ask_for_another(ask, items):
        return await ask("d")

    found = diagnose(ask_for_another, ALL_ANSWER)
    assert "the service knows nothing of 'd'" in found.did


def test_a_flaky_item_fails_once():
    async def three_times(ask, items):
        return [await asyncio.gather(ask("a"), return_exceptions=True) for _ in range(3)]

    case = Case("flaky", ["a"], [0.1], flaky=["a"])
    found = diagnose(three_times, case, returns(lambda _: [], "nothing"))
    assert found.did.startswith("its result is [[Unreachable(...)], ['a #")


def test_another_loop_is_refused():
    service = Service(ALL_ANSWER, "seed")
    asyncio.run(asyncio.wait_for(service.ask("b"), 1))
    with pytest.raises(OtherLoop):
        asyncio.run(service.ask("b"))


def test_over_http_a_path_is_an_item():
    case = Case("paths", ["/a", "/b"], [0.01, 0.02], failing=["/b"])

    async def statuses():
        async with Service(case, "seed").client() as client:
            return [(await client.get(path)).status_code for path in ("/a", "/b", "/c")]

    assert asyncio.run(statuses()) == [200, 503, 404]


# -- what is drawn -------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_delays_differ_and_never_grow_from_first_to_last(count):
    for seed in range(200):
        drawn = delays(Random(seed), count)
        assert len(set(drawn)) == count
        assert count == 1 or drawn != sorted(drawn)


def test_names_differ_even_where_there_are_many():
    assert len(set(names(Random(0), 100))) == 100


# -- the words -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", MISCONCEPTIONS)
def test_a_misconception_points_to_a_lesson_and_says_what_is_true(key):
    found = MISCONCEPTIONS[key]
    assert found.lesson in SYLLABUS
    assert found.truth.endswith(".")
    assert not found.name.endswith(".")


def test_nothing_left_running_says_when():
    async def leaves(ask, items):
        asyncio.get_running_loop().keep = asyncio.create_task(ask("a"))
        await ask("b")

    found = diagnose(leaves, ALL_ANSWER, nothing_left_running)
    assert found.did == f"when it returned at {seconds(0.1)}, 1 task of its own still ran: ask(a)"
