"""Exercises of lesson 01: waits that overlap, and waits that cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays, names
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import (
    CLOSE,
    asked_each_once,
    returns,
    takes,
    took_the_slowest,
)
from asynclab.checking.service import Case, Service
from asynclab.checking.shapes import after_a_pause, in_steps, together
from asynclab.checking.sight import Sight
from asynclab.picture.words import seconds

__all__ = ["EXERCISES"]

PAUSE = 0.2  # seconds for which a tide gauge is left alone before it is read


async def _with_client(function: Callable[..., Any], case: Case, service: Service) -> Any:
    async with service.client() as client:
        return await function(client, *case.given.values())


# -- How long is the evening? --------------------------------------------------------------


def _evenings(random: Random) -> Iterator[Case]:
    # Sport is the longest, but shorter than the other two together: all misreadings differ.
    city, harbour, sport = sorted(delays(random, 3, low=0.4, high=0.75))
    yield _evening(sport, city, harbour)
    # Sport outlasts the other two together.
    yield _evening(*delays(random, 1, low=0.7), *delays(random, 2, low=0.1, high=0.3))
    # Sport is done before the others have really begun.
    yield _evening(*delays(random, 1, low=0.1, high=0.3), *delays(random, 2, low=0.4))


def _evening(sport: float, city: float, harbour: float) -> Case:
    given = {"sport": sport, "city": city, "harbour": harbour}
    return Case(
        ", ".join(f"{desk} {wait:g} s" for desk, wait in given.items()), [], [], given=given
    )


evening_total = Exercise(
    name="evening_total",
    kind="predict",
    cases=_evenings,
    measure=lambda run: run.elapsed,
    misreadings={
        "sum expected": lambda case: sum(case.given.values()),
        "slowest expected": lambda case: max(case.given.values()),
    },
    hints=(
        "At the line that awaits the city desk: which of the three is at work already?",
        (
            "A coroutine begins where it is awaited, a task as soon as the function waits for "
            "anything. Draw three bars on one axis: where does each of them begin?"
        ),
        (
            "Sport and city begin at 0, harbour begins where city ends. The later of the two ends "
            "is the total, and `max(a, b)` is the larger of two numbers."
        ),
    ),
)


# -- One desk, three questions -------------------------------------------------------------


def _members(random: Random) -> Iterator[Case]:
    for number in random.sample(range(1, 100), 2):
        paths = [f"/users/{number}", f"/posts/{number}", f"/todos/{number}"]
        waits = delays(random, 3)
        slow = paths[waits.index(max(waits))]
        yield Case(f"member {number}, {slow} is slow", paths, waits, given={"number": number})


member_desk = Exercise(
    name="member_desk",
    kind="build",
    cases=_members,
    play=_with_client,
    judgements=(
        asked_each_once,
        returns(lambda sight: sight.good_answers, "the answers in the order of the paths"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Which of the three requests needs the answer of another one?",
        "`asyncio.gather(...)` runs several coroutines at once and returns a list in their order.",
        "await asyncio.gather(*(client.get(path) for path in paths)), then the .json() of each.",
    ),
)


# -- Two wires -----------------------------------------------------------------------------


def _wires(random: Random) -> Iterator[Case]:
    for slow in (0, 1):
        towns, waits = names(random, 2), sorted(delays(random, 2), reverse=slow == 0)
        given = {"near": towns[0], "far": towns[1]}
        yield Case(f"{towns[slow]} is the slower one", towns, waits, given=given)


async def _ask_both(both_wires: Callable[..., Any], case: Case, service: Service) -> Any:
    return await both_wires(service.ask, *case.given.values())


both_wires = Exercise(
    name="both_wires",
    kind="arrange",
    cases=_wires,
    play=_ask_both,
    pieces=(
        "far_wire = asyncio.create_task(ask(far))",
        "near_text = await near_wire",
        "async def both_wires(ask, near, far):",
        "return [near_text, far_text]",
        "far_wire = ask(far)",
        "near_wire = asyncio.create_task(ask(near))",
        "far_text = await far_wire",
    ),
    judgements=(
        asked_each_once,
        returns(lambda sight: sight.good_answers, "the near answer, then the far one"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "How many of the two calls are under way when the first `await` is reached?",
        "Two of the lines start something, and two wait for something. Which come first?",
        "The def line; then both lines with create_task, then both with await, then return.",
    ),
)


# -- A page in two steps -------------------------------------------------------------------


def _articles(random: Random) -> Iterator[Case]:
    for slow, what in enumerate(("the member", "the latest article")):
        number, article = random.sample(range(100, 1000), 2)
        first, second = f"/members/{number}", f"/latest/{number}"
        paths = [first, second, f"/letters/{article}", f"/drawings/{article}"]
        waits = [*sorted(delays(random, 2), reverse=slow == 0), *delays(random, 2)]
        yield Case(
            f"member {number}, {what} is slow",
            paths,
            waits,
            needs=dict.fromkeys(paths[2:], second),
            answers={second: {"article": article}},
            given={"number": number},
        )


def _steps(case: Case) -> list[list[str]]:
    return [case.items[:2], case.items[2:]]


def _letter_page(sight: Sight) -> list[Any]:
    member, _, letters, drawings = sight.good_answers
    return [member, letters, drawings]


def _two_steps(sight: Sight) -> float:
    return sum(max(map(sight.case.delay, step)) for step in _steps(sight.case))


letter_page = Exercise(
    name="letter_page",
    kind="complete",
    cases=_articles,
    play=_with_client,
    judgements=(
        asked_each_once,
        returns(_letter_page, "the member, the letters and the drawings"),
        takes(_two_steps, "two steps, each as long as its slower request", or_less=True),
    ),
    expected=in_steps(_steps),
    hints=(
        "Which two of the four requests can be asked before any answer is there?",
        (
            "Each `gather` takes the calls of one step. A blank is a call, as in "
            "`fetch(client, path)`, without `await`."
        ),
        (
            "Step 1 asks for /members/... and /latest/..., step 2 for /letters/... and "
            "/drawings/..., both with the number in latest['article']."
        ),
    ),
)


# -- The tide table ------------------------------------------------------------------------


def _ports(random: Random) -> Iterator[Case]:
    for count in (random.randint(3, 4), random.randint(5, 8)):
        yield Case(f"{count} ports", names(random, count), delays(random, count, low=0.3))


async def _read_gauges(tide_table: Callable[..., Any], case: Case, service: Service) -> Any:
    return await tide_table(service.ask, case.items)


def _left_alone(sight: Sight) -> Diagnosis | None:
    """Each gauge has had its pause before it is read, and not behind that."""
    early = [call for call in sight.calls if call.start < PAUSE - CLOSE]
    if not early:
        return None
    did = f"{early[0].item} was read at {seconds(early[0].start)}"
    return Diagnosis("too early", did, f"each gauge is left alone for {PAUSE:g} s, and then read")


tide_table = Exercise(
    name="tide_table",
    kind="repair",
    cases=_ports,
    play=_read_gauges,
    judgements=(
        asked_each_once,
        _left_alone,
        returns(lambda sight: sight.good_answers, "the readings in the order of the ports"),
        takes(
            lambda sight: PAUSE + sight.case.slowest,
            f"one pause of {PAUSE:g} s and the slowest answer",
        ),
    ),
    expected=after_a_pause(PAUSE),
    hints=(
        "Two lines keep the ports apart. While one port waits, who else could do something?",
        (
            "`time.sleep` keeps the thread, so nobody else has a turn. And a task that is awaited "
            "in the line after it was made has had no time to overlap with anything."
        ),
        "await asyncio.sleep(0.2) in `reading`, and one gather over reading(port) for all ports.",
    ),
)


# -- The weekend page ----------------------------------------------------------------------


def _weekends(random: Random) -> Iterator[Case]:
    # First the weather outlasts the author, but not the chain; then it outlasts everything.
    for weather in ((0.7, 1.0), (2.5, 3.0)):
        author, *articles = random.sample(range(100, 1000), random.randint(3, 5))
        first, sky = f"/authors/{author}", "/weather/weekend"
        letters = [f"/letters/{article}" for article in articles]
        yield Case(
            f"author {author}, {len(articles)} articles",
            [first, sky, *letters],
            [
                *delays(random, 1, low=0.3, high=0.6),
                *delays(random, 1, low=weather[0], high=weather[1]),
                *delays(random, len(letters), low=0.8, high=1.5),
            ],
            needs=dict.fromkeys(letters, first),
            answers={first: {"articles": articles}},
            given={"number": author},
        )


def _weekend_page(sight: Sight) -> dict[str, Any]:
    _, weather, *letters = sight.good_answers
    return {"weather": weather, "letters": letters}


weekend_page = Exercise(
    name="weekend_page",
    kind="build",
    cases=_weekends,
    play=_with_client,
    judgements=(
        asked_each_once,
        returns(_weekend_page, "the weather, and the letters in the order of the articles"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Draw an arrow from each request to those that need its answer. What has no arrow?",
        (
            "A chain is one coroutine: put the author and the letters into a function of their "
            "own. Then there are two things to do, and neither needs the other."
        ),
        (
            "async def letters(): ask for the author, then gather the letters of their articles; "
            "and outside: gather(client.get('/weather/weekend'), letters())."
        ),
    ),
)

EXERCISES = (evening_total, member_desk, both_wires, letter_page, tide_table, weekend_page)
