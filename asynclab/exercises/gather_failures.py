"""Exercises of lesson 03: who runs on when one fails, who hears of it, and how to stop the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import (
    asked_as_often_as,
    asked_each_once,
    no_crash,
    nothing_left_running,
    returns,
    takes,
    took_the_slowest,
)
from asynclab.checking.service import Case, Service
from asynclab.checking.shapes import together
from asynclab.checking.sight import Sight
from asynclab.checking.stopping import (
    first_failure,
    over,
    stopped,
    stopped_once,
    stopping,
    until,
)
from asynclab.checking.timing import not_guessed
from asynclab.picture.words import seconds

__all__ = ["EXERCISES"]

BELL = "the bell"
QUARTERS = (
    *("harbour", "hill", "market", "old town", "mill", "station", "lighthouse", "quay"),
    *("bridge", "north end", "south end", "islands"),
)


async def _ask_items(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(service.ask, case.items)


async def _drive_all(function: Callable[..., Any], case: Case, service: Service) -> Any:
    """The vans, which need a while for their way back, within somebody's patience."""
    async with asyncio.timeout(case.given.get("patience")):
        return await function(stopping(service), case.items)


def _ways_back(random: Random, quarters: list[str]) -> dict[str, float]:
    return dict(zip(quarters, delays(random, len(quarters), low=0.05, high=0.4), strict=True))


def _why_they_drive_on(sight: Sight) -> str:
    """A gather that has raised nothing has told of the failure when nobody was left to stop."""
    gathers = [wait for wait in sight.trace.main.waits if wait.kind == "gather"]
    told_late = gathers and not gathers[0].raised
    return "told at the end" if told_late else "nothing runs on"


# -- Who is home before the office closes? -------------------------------------------------


def _mornings(random: Random) -> Iterator[Case]:
    # Who breaks down first is listed last on one morning, and first on the others.
    waits, (first, second), stay = _broken_morning(random)
    yield _morning(waits, [second, first], stay)
    waits, breaking, stay = _broken_morning(random)
    yield _morning(waits, breaking, stay)
    yield _morning(waits, breaking, 0)


def _broken_morning(random: Random) -> tuple[dict[int, int], list[int], int]:
    """The waits of six vans, the two that break down, and how long the dispatcher stays."""
    # In hundredths: between any two misreadings of when the program ends, a van comes home.
    home = random.randint(10, 20)
    first = home + random.randint(9, 15)
    second = first + random.randint(20, 30)
    third = second + random.randint(3, 10)
    end = third + random.randint(3, 8)
    fourth = end + random.randint(5, second - first - 5)
    fifth = end + second - first + random.randint(5, 20)
    vans = random.sample(range(1, 20), 6)
    vans[0], vans[3] = max(vans[0], vans[3]), min(vans[0], vans[3])  # not home in their order
    waits = dict(zip(vans, (home, first, second, third, fourth, fifth), strict=True))
    return waits, vans[1:3], end - first


def _morning(waits: dict[int, int], breaking: list[int], stay: int) -> Case:
    given = {
        "seconds": {f"van {number}": waits[number] / 100 for number in sorted(waits)},
        "breaking": [f"van {number}" for number in breaking],
        "stay": stay / 100,
    }
    title = f"{len(waits)} vans, the dispatcher stays for {stay / 100:g} s"
    return Case(title, [], [], given=given)


def _home_by(case: Case, time: float) -> list[str]:
    seconds, breaking = case.given["seconds"], case.given["breaking"]
    by_time = sorted(seconds, key=seconds.get)
    return [van for van in by_time if van not in breaking and seconds[van] < time]


def _breakdowns(case: Case) -> list[float]:
    return sorted(case.given["seconds"][van] for van in case.given["breaking"])


def _with_the_broken(case: Case) -> tuple[list[str], ...]:
    """Those that break down by then are counted, too; the program is over in time, or never."""
    seconds, stay = case.given["seconds"], case.given["stay"]
    ends = (min(seconds.values()) + stay, _breakdowns(case)[0] + stay, float("inf"))
    by_time = sorted(seconds, key=seconds.get)
    return tuple([van for van in by_time if seconds[van] < end] for end in ends)


vans_home = Exercise(
    name="vans_home",
    kind="predict",
    cases=_mornings,
    measure=lambda run: run.result,
    misreadings={
        "nothing runs on": lambda case: _home_by(case, _breakdowns(case)[0]),
        "last failure": lambda case: _home_by(case, _breakdowns(case)[1] + case.given["stay"]),
        "leaked": lambda case: _home_by(case, float("inf")),
        "ran past its failure": _with_the_broken,
    },
    hints=(
        "When does the gather end, and what does that do to a van that is on the road?",
        (
            "The first breakdown ends the wait, and the vans drive on. For how long is there "
            "somebody who can see them arrive?"
        ),
        (
            "A van is home if it does not break down, and if its seconds are fewer than those of "
            "the first breakdown plus stay."
        ),
    ),
)


# -- The report of the morning -------------------------------------------------------------


def _reports(random: Random) -> Iterator[Case]:
    for count in (random.randint(6, 8), random.randint(5, 6)):
        quarters = random.sample(QUARTERS, count)
        failing = random.sample(quarters, 2)
        places = [place for place, name in enumerate(quarters) if name not in failing]
        one, other = sorted(random.sample(places, 2))
        called_off = [quarters[one], quarters[other]]
        waits = delays(random, count)
        # Whoever writes them down as they come has them the wrong way round.
        waits[one], waits[other] = max(waits[one], waits[other]), min(waits[one], waits[other])
        yield Case(
            f"{count} quarters, 2 vans break down, 2 are called back",
            quarters,
            waits,
            failing=failing,
            called_off=called_off,
        )
    yield Case("3 quarters, all goes well", random.sample(QUARTERS, 3), delays(random, 3))


def _three_kinds(sight: Sight) -> dict[str, Any]:
    case = sight.case
    return {
        "served": {item: sight.answers[item] for item in case.good},
        "failed": {i: f"{i} does not answer" for i in case.items if i in case.failing},
        "called back": [item for item in case.items if item in case.called_off],
    }


def _cancelled_is_no_failure(sight: Sight) -> Diagnosis | None:
    """Nobody who was called back stands among the failures."""
    failed = sight.result.get("failed") if isinstance(sight.result, dict) else None
    mixed = [item for item in sight.case.called_off if item in (failed or ())]
    if not mixed:
        return None
    did = f"its report says that {mixed[0]} has failed, whose van was called back"
    return Diagnosis("called back is failed", did, _THREE_KINDS)


def _failure_is_not_cancelled(sight: Sight) -> Diagnosis | None:
    """Nobody who broke down stands among those who were called back."""
    back = sight.result.get("called back") if isinstance(sight.result, dict) else None
    mixed = [item for item in sight.case.failing if item in (back or ())]
    if not mixed:
        return None
    did = f"its report says that {mixed[0]} was called back, whose van broke down"
    return Diagnosis("first test takes all", did, _THREE_KINDS)


_THREE_KINDS = "three kinds of outcome, each in its place"


van_report = Exercise(
    name="van_report",
    kind="complete",
    cases=_reports,
    play=_ask_items,
    judgements=(
        asked_each_once,
        _cancelled_is_no_failure,
        _failure_is_not_cancelled,
        returns(_three_kinds, "every outcome in its place"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "How many kinds of outcome are there, and which of them is no `Exception`?",
        (
            "The first test that fits decides. `CancelledError` is a BaseException and no "
            "Exception: is it still there when its own test is reached?"
        ),
        "return_exceptions=True; then CancelledError, then Exception or BaseException.",
    ),
)


# -- The bell rings at once ----------------------------------------------------------------


def _bells(random: Random) -> Iterator[Case]:
    count = random.randint(4, 6)
    quarters = random.sample(QUARTERS, count)
    first, *waits = sorted(delays(random, count, low=0.2))
    failing = [quarters[1], quarters[2]]
    # The first breakdown is early, so the bell is silent again before the last van is home.
    yield Case(
        f"{count} vans, 2 break down",
        [*quarters, BELL],
        [waits[-1], first, *waits[:-1], 0.05],
        failing=failing,
        needs={BELL: failing[0]},
    )
    yield Case("3 vans, all goes well", random.sample(QUARTERS, 3), delays(random, 3))


async def _with_bell(function: Callable[..., Any], case: Case, service: Service) -> Any:
    async def ring() -> None:
        await service.ask(BELL)

    quarters = [item for item in case.items if item != BELL]
    return await function(service.ask, ring, quarters)


def _rang_at_once(sight: Sight) -> Diagnosis | None:
    """The bell begins at the first breakdown, and rings once."""
    rung = [call.start for call in sight.calls if call.item == BELL]
    first = first_failure(sight.case)
    if first is not None and not rung and _why_they_drive_on(sight) == "told at the end":
        did = f"a van broke down at {first:g} s, and the bell was silent"
        return Diagnosis("told at the end", did, f"it rings at {first:g} s")
    if first is None or not rung or abs(rung[0] - first) < 1e-6:
        return None
    did = f"the bell rang at {rung[0]:g} s"
    expected = f"it rings at {first:g} s, when the first van breaks down"
    return Diagnosis("failure waits for all", did, expected)


def _all_outcomes(sight: Sight) -> list[Any]:
    return [
        {"exception": "Unreachable", "message": f"{item} does not answer"}
        if item in sight.case.failing
        else sight.answers[item]
        for item in sight.case.items
        if item != BELL
    ]


def _awaited_twice(sight: Sight) -> Diagnosis | None:
    """No coroutine was awaited that had been awaited before."""
    reused = [e for e in _messages(sight.result) if "already" in e and "await" in e]
    if not reused:
        return None
    did = f"its result holds a RuntimeError: {reused[0]}"
    return Diagnosis("gathered twice", did, "the outcome of each van, once it is known")


def _messages(result: Any) -> list[str]:
    """What the RuntimeErrors in a list say."""
    each = result if isinstance(result, list) else []
    errors = [e for e in each if isinstance(e, dict) and e.get("exception") == "RuntimeError"]
    return [error["message"] for error in errors]


ring_at_once = Exercise(
    name="ring_at_once",
    kind="arrange",
    cases=_bells,
    play=_with_bell,
    pieces=(
        "except Exception:",
        "await asyncio.gather(*vans)",
        "vans = [drive(quarter) for quarter in quarters]",
        "return await asyncio.gather(*vans, return_exceptions=True)",
        "await ring()",
        "async def ring_at_once(drive, ring, quarters):",
        "vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]",
        "try:",
    ),
    judgements=(
        _awaited_twice,
        _rang_at_once,
        asked_as_often_as(lambda _: {}),
        returns(_all_outcomes, "the outcome of each van"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Two lines gather the vans. Which of them tells you at once, and which tells you all?",
        (
            "What is gathered twice must be able to give its outcome twice. A task keeps its "
            "outcome; what about a coroutine?"
        ),
        (
            "def, the line that makes tasks, try, the plain gather inside of it, except, the bell "
            "inside of that, and last, one level out, the gather that keeps everything."
        ),
    ),
)


# -- The edition is recalled ---------------------------------------------------------------


def _recalls(random: Random) -> Iterator[Case]:
    count = random.randint(4, 7)
    quarters = random.sample(QUARTERS, count)
    yield Case(
        f"{count} vans, all arrive",
        quarters,
        delays(random, count),
        given={"clean_up": _ways_back(random, quarters)},
    )
    yield _recall(random, random.randint(6, 8))


def _recall(random: Random, count: int) -> Case:
    """One breaks down when some are home, another would do so later."""
    quarters = random.sample(QUARTERS, count)
    waits = sorted(delays(random, count, low=0.2))
    order = random.sample(range(count), count)
    by_time = sorted(range(count), key=lambda place: order[place])
    return Case(
        f"{count} vans, 2 would break down",
        quarters,
        [waits[place] for place in order],
        failing=[quarters[by_time[1]], quarters[by_time[-2]]],
        given={"clean_up": _ways_back(random, quarters)},
    )


def _receipts_or_none(sight: Sight) -> list[Any] | None:
    return None if sight.case.failing else sight.good_answers


_not_guessed = not_guessed(over(first_failure))

recall = Exercise(
    name="recall",
    kind="repair",
    cases=_recalls,
    play=_drive_all,
    may_leak=True,  # its own judgement says more
    judgements=(
        stopped(first_failure, _why_they_drive_on),
        nothing_left_running,
        stopped_once,
        asked_each_once,
        returns(_receipts_or_none, "the receipts, or None if a van broke down"),
        lambda sight: _not_guessed(sight) if sight.peak > 1 else None,
        takes(over(first_failure), "until the last van is home"),
    ),
    expected=until(first_failure),
    hints=(
        "What does `vans.cancel()` answer after the gather has failed, and why?",
        (
            "A gather that has failed is done and stops nobody. Only the tasks can be cancelled, "
            "so you have to make them yourself. And who is called back is not home yet."
        ),
        (
            "A list of tasks; in except: cancel() for each of them, then one gather over all with "
            "return_exceptions=True, and only then None."
        ),
    ),
)


# -- The whole edition, or none ------------------------------------------------------------


def _whole(random: Random) -> Iterator[Case]:
    yield from _recalls(random)
    count = random.randint(4, 6)
    quarters = random.sample(QUARTERS, count)
    yield Case(
        f"{count} vans, and nobody waits for longer than 0.3 s",
        quarters,
        delays(random, count, low=0.35),
        given={"clean_up": _ways_back(random, quarters), "patience": 0.3},
    )


def _lets_it_out(sight: Sight) -> Diagnosis | None:
    """The first failure leaves the function, or the request to stop; else nothing."""
    case = sight.case
    if case.failing:
        first = min(case.failing, key=case.delay)
        wanted, told = f"Unreachable: {first} does not answer", "the first failure is raised"
    elif "patience" in case.given:
        wanted, told = "TimeoutError", "the CancelledError passes on, to the time limit outside"
    else:
        return no_crash(sight)
    if sight.error == wanted:
        return None
    did = f"it raised {sight.error}" if sight.error else "it returned as if nothing had happened"
    if sight.error_type == "ExceptionGroup":
        return Diagnosis("group not opened", did, told)
    return Diagnosis("failure dropped" if case.failing else "request swallowed", did, told)


def _home_at_the_limit(sight: Sight) -> Diagnosis | None:
    """Also where the function itself is cancelled, every van is home when it is over."""
    left = sight.running_at_end()
    if "patience" not in sight.case.given or sight.case.failing or not left:
        return None
    did = f"it was cancelled at {seconds(sight.case.given['patience'])}, and left when "
    did += f"{len(left)} of the vans were not home"
    return Diagnosis("passes by", did, "every van is home, whatever ends the wait")


def _receipts_by_quarter(sight: Sight) -> dict[str, Any] | None:
    return None if sight.error else sight.answers


whole_edition = Exercise(
    name="whole_edition",
    kind="build",
    cases=_whole,
    play=_drive_all,
    may_raise=True,
    may_leak=True,
    judgements=(
        stopped(first_failure, _why_they_drive_on),
        _home_at_the_limit,
        nothing_left_running,
        stopped_once,
        asked_each_once,
        _lets_it_out,
        returns(_receipts_by_quarter, "the receipt of each quarter"),
        takes(over(first_failure), "until the last van is home"),
    ),
    expected=until(first_failure),
    hints=(
        "Which three things can end the wait, and in which of them are vans on the road?",
        (
            "Whatever ends the wait, the same has to happen before the function is over. There is "
            "a clause of `try` for that. And who has been asked to stop need not be asked again."
        ),
        (
            "Tasks; try: gather and the dictionary; finally: for each task that is not "
            "cancelling() a cancel(), and then one gather over all with return_exceptions=True."
        ),
    ),
)


# -- One breakdown may happen --------------------------------------------------------------


def second_failure(case: Case) -> float | None:
    """When the second van breaks down; None if fewer do."""
    return dict(enumerate(sorted(case.delay(item) for item in case.failing))).get(1)


def _second_breakdowns(random: Random) -> Iterator[Case]:
    count = random.randint(7, 9)
    quarters = random.sample(QUARTERS, count)
    waits = sorted(delays(random, count, low=0.2))
    # By time: home, broken, home, broken, and then on the road; one of those breaks down later.
    order = random.sample(quarters, count)
    by_name = dict(zip(order, waits, strict=True))
    # Those who are called back come home in the opposite order.
    ways, back = _ways_back(random, quarters), [name for name in quarters if name in order[5:]]
    ways |= zip(back, sorted(map(ways.get, back), reverse=True), strict=True)
    yield Case(
        f"{count} vans, 3 would break down, 1 is stuck on its way back",
        quarters,
        [by_name[name] for name in quarters],
        failing=[order[1], order[3], order[5]],
        given={"clean_up": ways, "stuck": [order[4]]},
    )
    few = random.sample(QUARTERS, 4)
    yield Case(
        "4 vans, 1 breaks down",
        few,
        delays(random, 4),
        failing=[few[1]],
        given={"clean_up": _ways_back(random, few)},
    )


def _second_report(sight: Sight) -> dict[str, Any]:
    case, time = sight.case, second_failure(sight.case)
    going = [item for item in case.items if time is not None and case.delay(item) > time]
    reasons = {item: f"{item} does not answer" for item in case.failing if item not in going}
    reasons |= {item: f"{item} is stuck" for item in going if item in case.given["stuck"]}
    return {
        "served": {i: sight.answers[i] for i in case.items if i not in {*going, *reasons}},
        "failed": {item: reasons[item] for item in case.items if item in reasons},
        "called back": [item for item in going if item not in reasons],
    }


def _every_failure(sight: Sight) -> Diagnosis | None:
    """Each breakdown is in the report, also one on the way back."""
    wanted = _second_report(sight)["failed"]
    failed = sight.result.get("failed") if isinstance(sight.result, dict) else None
    missing = [item for item in wanted if item not in (failed or ())]
    if not missing:
        return None
    did = f"its report does not say that {missing[0]} has failed: {wanted[missing[0]]!r}"
    return Diagnosis("failure lost", did, "every breakdown is in the report, with its reason")


second_breakdown = Exercise(
    name="second_breakdown",
    kind="build",
    cases=_second_breakdowns,
    play=_drive_all,
    may_leak=True,
    judgements=(
        stopped(second_failure, _why_they_drive_on),
        nothing_left_running,
        stopped_once,
        asked_each_once,
        _every_failure,
        returns(_second_report, "every outcome in its place"),
        takes(over(second_failure), "until the last van is home"),
    ),
    expected=until(second_failure),
    hints=(
        "A gather ends with the first exception that reaches it. Must the first breakdown do so?",
        (
            "Put a coroutine of your own round each drive. It notes what went wrong, and only at "
            "the second breakdown does it let the exception out. The rest you know."
        ),
        (
            "async def one(quarter): except Exception as error: note it; if two are noted, raise. "
            "Then tasks, a gather in try, cancel in except, one gather that keeps everything."
        ),
    ),
)

EXERCISES = (
    vans_home,
    van_report,
    ring_at_once,
    recall,
    whole_edition,
    second_breakdown,
)
