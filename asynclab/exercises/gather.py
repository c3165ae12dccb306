"""Exercises of lesson 02: what a gather gives back, to whom each answer belongs, and failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from random import Random
from typing import Any

from asynclab.checking.draw import delays, names
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import (
    asked_as_often_as,
    asked_each_once,
    failures_reported,
    returns,
    takes,
    took_the_slowest,
)
from asynclab.checking.service import Case, Service
from asynclab.checking.shapes import asked_again, together
from asynclab.checking.sight import Sight

__all__ = ["EXERCISES"]


async def _ask_items(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(service.ask, case.items)


# -- Roll call -----------------------------------------------------------------------------


def _roll_calls(random: Random) -> Iterator[Case]:
    # Nobody finishes in the order of the call.
    city, harbour, sport = sorted(delays(random, 3))
    yield _roll_call(sport, city, harbour)
    yield _roll_call(city, sport, harbour)


def _roll_call(sport: float, city: float, harbour: float) -> Case:
    given = {"sport": sport, "city": city, "harbour": harbour}
    title = ", ".join(f"{desk} {wait:g} s" for desk, wait in given.items())
    return Case(title, [], [], given=given)


def _by_time(case: Case, desks: Iterable[str]) -> list[str]:
    return sorted(desks, key=case.given.get)


def _as_they_finish(case: Case) -> tuple[list[Any], ...]:
    """All three, or only the two in the room."""
    return _by_time(case, case.given), ["sport", _by_time(case, ("city", "harbour"))]


roll_call_list = Exercise(
    name="roll_call_list",
    kind="predict",
    cases=_roll_calls,
    measure=lambda run: run.result,
    misreadings={
        "finish order": _as_they_finish,
        "flattened": lambda case: list(case.given),
        "begun first": lambda _: [["city", "harbour"], "sport"],
    },
    hints=(
        "How many things does the outer `gather` wait for: two or three?",
        (
            "A gather gives one result for each thing that it was given, in that order. What is "
            "the result of the inner gather?"
        ),
        "A list of two: the name of the first desk, and a list with the names of the other two.",
    ),
)


# -- When does the editor hear of it? ------------------------------------------------------


def _alerts(random: Random) -> Iterator[Case]:
    for count in (4, 5):
        waits = sorted(delays(random, count, high=0.95))  # no wait is a number of seconds
        refusing = sorted(random.sample(range(1, count - 1), 2))  # not the fastest or slowest
        order = random.sample(range(count), count)
        for keep in (False, True):
            if keep and count == 5:
                refusing[1] = count - 1  # also a failure is waited for, if it is the slowest
            given = {
                "waits": [waits[place] for place in order],
                # Who refuses first stands last in one case, and first in the other.
                "refusing": [order.index(place) for place in refusing[:: 1 if count == 5 else -1]],
                "keep": keep,
            }
            yield Case(f"{count} deliveries, keep is {keep}", [], [], given=given)


def _slowest(case: Case) -> float:
    return max(case.given["waits"])


def _fastest(case: Case) -> float:
    return min(case.given["waits"])


def _last_refusal(case: Case) -> float:
    return max(case.given["waits"][place] for place in case.given["refusing"])


alert_seconds = Exercise(
    name="alert_seconds",
    kind="predict",
    cases=_alerts,
    measure=lambda run: run.elapsed,
    misreadings={
        "sum expected": lambda case: sum(case.given["waits"]),
        "failure waits for all": _slowest,
        "first of all": _fastest,
        "last failure": _last_refusal,
    },
    hints=(
        "What ends the waiting if failures are kept, and what ends it if they are not?",
        (
            "With `return_exceptions=True` the list has to be complete. Without it the first "
            "exception is raised at the moment in which it happens."
        ),
        "If keep: the largest of waits. Otherwise: the smallest of waits[i] for i in refusing.",
    ),
)


# -- Copies by town ------------------------------------------------------------------------


def _towns(random: Random) -> Iterator[Case]:
    count = random.randint(3, 7)
    yield Case(f"{count} towns", names(random, count), delays(random, count))
    yield Case("no town at all", [], [])


copies_by_town = Exercise(
    name="copies_by_town",
    kind="complete",
    cases=_towns,
    play=_ask_items,
    judgements=(
        asked_each_once,
        returns(lambda sight: sight.answers, "a dictionary from each town to its answer"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Four blanks: a call, the arguments of gather, the questions, and the answers.",
        (
            "`gather` takes the calls one by one, not as a list, and `zip` pairs what stands at "
            "the same place in two lists."
        ),
        "ask(town) for each town; gather(*calls); zip of towns and copies.",
    ),
)


# -- Who has the alert? --------------------------------------------------------------------


def _subscribers(random: Random, low: int = 4, high: int = 7) -> Case:
    """Some refuse, one is called off; the first of all is among those that fail."""
    count = random.randint(low, high)
    addresses = names(random, count)
    failing = [addresses[0], random.choice(addresses[1:-1])]
    left = [address for address in addresses[1:] if address not in failing]
    called_off, waits = [random.choice(left[:-1])], delays(random, count)
    # Of those that fail, the first is the last to do so: whoever notes them as they come errs.
    lost = sorted({addresses.index(address) for address in (*failing, *called_off)})
    slowest_first = sorted((waits[place] for place in lost), reverse=True)
    for place, wait in zip(lost, slowest_first, strict=True):
        waits[place] = wait
    title = f"{count} subscribers, 2 refuse, 1 is called off"
    return Case(title, addresses, waits, failing=failing, called_off=called_off)


def _alert_cases(random: Random) -> Iterator[Case]:
    yield _subscribers(random)
    count = random.randint(2, 4)
    yield Case(f"{count} subscribers, nobody refuses", names(random, count), delays(random, count))


def _has_it(sight: Sight) -> dict[str, bool]:
    return {item: item in sight.case.good for item in sight.case.items}


who_has_it = Exercise(
    name="who_has_it",
    kind="arrange",
    cases=_alert_cases,
    play=_ask_items,
    pieces=(
        "report = {}",
        "outcomes = await asyncio.gather(*calls)",
        "report[address] = not isinstance(outcome, BaseException)",
        "calls = [send(address) for address in addresses]",
        "return report",
        "async def who_has_it(send, addresses):",
        "for address, outcome in zip(addresses, outcomes, strict=True):",
        "outcomes = await asyncio.gather(*calls, return_exceptions=True)",
    ),
    judgements=(
        asked_each_once,
        returns(_has_it, "True or False for each address"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Two lines await. In which of them does one refusal cost you all the other answers?",
        (
            "The calls come before the gather, the gather before the loop, and one line stands in "
            "the loop."
        ),
        (
            "def, calls, the gather that keeps exceptions, the empty report, for, one line deeper "
            "than that, return."
        ),
    ),
)


# -- The recipe that everybody copies ------------------------------------------------------


def _lists(sight: Sight) -> dict[str, Any]:
    delivered = {item: sight.answers[item] for item in sight.case.good}
    return {"delivered": delivered, "failed": sight.case.lost}


delivery_lists = Exercise(
    name="delivery_lists",
    kind="repair",
    cases=_alert_cases,
    play=_ask_items,
    judgements=(
        asked_each_once,
        returns(_lists, "each receipt at its address, and the addresses without one in order"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Three of five outcomes are receipts. To which addresses does `zip` give them?",
        "Pair first and filter then. And look up what `CancelledError` is a subclass of.",
        (
            "pairs = list(zip(addresses, outcomes)), then both results from pairs, with a test for "
            "BaseException."
        ),
    ),
)


# -- One more time -------------------------------------------------------------------------


def _stubborn(random: Random) -> Iterator[Case]:
    count = random.randint(6, 8)
    addresses = names(random, count)
    picked = random.sample(addresses[:-1], 4)
    flaky, failing = picked[:3], picked[3:]
    waits = delays(random, count, low=0.3)
    title = f"{count} subscribers, 3 refuse once, 1 refuses always"
    yield Case(title, addresses, waits, failing=failing, flaky=flaky)
    yield Case("3 subscribers, nobody refuses", names(random, 3), delays(random, 3))


def _times(sight: Sight) -> dict[str, int]:
    return dict.fromkeys([*sight.case.flaky, *sight.case.failing], 2)


def _two_rounds(sight: Sight) -> float:
    return round(sight.case.slowest + sight.case.slowest_of(_times(sight)), 9)


def _receipts(sight: Sight) -> dict[str, Any]:
    lost = sight.case.lost
    return {item: None if item in lost else sight.answers[item] for item in sight.case.items}


stubborn_alert = Exercise(
    name="stubborn_alert",
    kind="build",
    cases=_stubborn,
    play=_ask_items,
    judgements=(
        asked_as_often_as(_times),
        returns(_receipts, "the receipt of each address, or None"),
        takes(_two_rounds, "two rounds, each as long as its slowest delivery", or_less=True),
    ),
    expected=asked_again,
    hints=(
        "After the first round: how do you know whom to send it once more?",
        (
            "Write one round as a function of its own: addresses in, a dictionary of outcomes out. "
            "Then the second round is the same function with fewer addresses."
        ),
        (
            "first = await a_round(addresses); second = await a_round(those whose outcome is an "
            "exception); first | second, with None in the place of each exception."
        ),
    ),
)


# -- The report of the districts -----------------------------------------------------------


def _districts(random: Random) -> Iterator[Case]:
    whole = _subscribers(random, 8, 11)
    parts: list[list[str]] = []
    while all(len({*part} & {*whole.lost}) < 2 for part in parts):  # two have an order
        cuts = sorted(random.sample(range(2, len(whole.items) - 1), 2))
        parts = [whole.items[start:end] for start, end in pairwise([0, *cuts, None])]
    parts.append([])
    districts = dict(zip(("harbour", "old town", "hill", "islands"), parts, strict=True))
    title = f"4 districts, {len(whole.items)} subscribers, nobody on the islands"
    yield Case(
        title,
        whole.items,
        whole.delays,
        failing=whole.failing,
        called_off=whole.called_off,
        given={"districts": districts},
    )


async def _send_to_districts(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(service.ask, case.given["districts"])


def _district_report(sight: Sight) -> dict[str, Any]:
    lost = sight.case.lost
    return {
        district: {
            "delivered": sum(address not in lost for address in addresses),
            "failed": [address for address in addresses if address in lost],
        }
        for district, addresses in sight.case.given["districts"].items()
    }


def _named_as_failed(result: Any) -> list[str]:
    return [address for district in result.values() for address in district["failed"]]


district_report = Exercise(
    name="district_report",
    kind="build",
    cases=_districts,
    play=_send_to_districts,
    judgements=(
        asked_each_once,
        failures_reported(_named_as_failed, "each address that failed stands in its district"),
        returns(_district_report, "how many were delivered and which failed, by district"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "What would one district look like, alone, as a coroutine?",
        "A gather can wait for gathers: one for each district, and one for all of them.",
        (
            "async def one(addresses): a gather with return_exceptions, then count and list; "
            "outside: dict(zip(districts, await gather(*map(one, districts.values()))))."
        ),
    ),
)

EXERCISES = (
    roll_call_list,
    alert_seconds,
    copies_by_town,
    who_has_it,
    delivery_lists,
    stubborn_alert,
    district_report,
)
