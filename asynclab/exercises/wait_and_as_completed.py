"""Exercises of lesson 07: what to do as things finish, and with those that are still at it."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.tasks import sleep  # its home: nobody replaces it there
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from random import Random
from typing import Any

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays, names
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import (
    CLOSE,
    asked_as_often_as,
    asked_each_once,
    no_crash,
    nothing_left_running,
    raises,
    returns,
    siblings_run_on,
    takes,
)
from asynclab.checking.service import Case, Service, Unreachable, called
from asynclab.checking.sight import Sight
from asynclab.checking.stopping import (
    first_failure,
    over,
    stopped,
    stopped_once,
    stopping,
    until,
)
from asynclab.picture.words import seconds

__all__ = ["EXERCISES"]

BUOYS = ("north", "south", "bar", "reef", "wreck", "fairway", "mole", "sandbank")
HOUSES = ("Gull Rock", "Long Point", "Saint Ann", "the Needle", "Low Head", "Black Cape")
SHIPS = ("Alma", "Borealis", "Corvina", "Doris", "Esperance", "Fulmar", "Gudrun", "Halcyon")


def _moments(random: Random, items: Iterable[str]) -> dict[str, float]:
    """How long each item takes to stop, in seconds."""
    items = list(items)
    return dict(zip(items, delays(random, len(items), low=0.05, high=0.3), strict=True))


def _under_way(sight: Sight, time: float) -> list[str]:
    return [item for item in sight.case.items if sight.case.delay(item) > time]


def _is(a: float, b: float) -> bool:
    return abs(a - b) < CLOSE


# -- The second look -----------------------------------------------------------------------


def _mornings(random: Random) -> Iterator[Case]:
    for late_failure in (True, False):
        # In hundredths. What a misconception predicts always differs from the truth.
        deadline = random.randint(35, 50)
        early = random.sample(range(10, deadline - 4), 2)
        first = deadline + random.randint(5, 10)
        second = first + random.randint(4, 8)
        third = second + random.randint(4, 8)
        waits = [*early, first, second, third]
        buoys = random.sample(BUOYS, len(waits))
        by_time = dict(zip(buoys, waits, strict=True))
        given = {
            "seconds": {buoy: by_time[buoy] / 100 for buoy in sorted(buoys)},
            "silent": [buoys[2 if late_failure else 0]],
            "deadline": deadline / 100,
        }
        title = f"{len(buoys)} buoys, the first look at {deadline / 100:g} s"
        yield Case(title, [], [], given=given)


def _late(case: Case, *, but: Iterable[str] = ()) -> float:
    """When the first buoy is done after the deadline, in seconds."""
    waits, deadline = case.given["seconds"], case.given["deadline"]
    return min(waits[buoy] for buoy in waits if waits[buoy] > deadline and buoy not in but)


second_look = Exercise(
    name="second_look",
    kind="predict",
    cases=_mornings,
    measure=lambda run: run.elapsed,
    misreadings={
        "only watched": lambda case: case.given["deadline"],
        "works when awaited": lambda case: case.given["deadline"] + _late(case),
        "waited for all": lambda case: max(case.given["seconds"].values()),
        "a failure is not done": lambda case: _late(case, but=case.given["silent"]),
    },
    hints=(
        "What does the first `wait` do to a buoy that is not done at the deadline?",
        (
            "The buoys go on, and each is done when its own seconds are over, however it ends. "
            "Which of those that are late is done first?"
        ),
        "The smallest of the seconds that are more than the deadline.",
    ),
)


# -- A map with lamps ----------------------------------------------------------------------

LAMP = 0.02  # seconds to switch one on


def _fogs(random: Random) -> Iterator[Case]:
    for count, silent in ((random.randint(3, 4), 0), (random.randint(5, 6), 2)):
        houses = random.sample(HOUSES, count)
        # In steps of 0.05 s: no lamp is late because another one is being switched on.
        waits = [1.0]
        while waits[0] == max(waits):
            waits = [round(wait * 5, 2) for wait in delays(random, count, low=0.02, high=0.2)]
        lamps = list(map(_lamp, houses))
        yield Case(
            f"{count} lighthouses, {silent or 'none'} out of reach",
            [*houses, *lamps],
            [*waits, *[LAMP] * count],
            failing=sorted(houses, key=lambda house: waits[houses.index(house)])[:silent],
            needs=dict(zip(lamps, houses, strict=True)),
            given={"houses": houses},
        )


def _lamp(house: str) -> str:
    return f"lamp of {house}"


def _dark(sight: Sight) -> dict[str, int]:
    """A lamp of whoever cannot be reached is never switched on."""
    return {_lamp(house): 0 for house in sight.case.failing}


async def _look_and_light(function: Callable[..., Any], case: Case, service: Service) -> Any:
    async def look(house: str) -> Any:
        try:
            return await service.ask(house)
        except Unreachable:
            raise LookupError(f"no answer from {house}") from None

    async def light(house: str) -> None:
        await service.ask(_lamp(house))

    return await function(look, case.given["houses"], light)


def _one_is_not_all(sight: Sight) -> Diagnosis | None:
    """A keeper who cannot be reached ends nothing."""
    expected = "the others are shown all the same"
    if sight.error_type == "LookupError":
        did = f"it raised {sight.error}, and its result was lost"
        return Diagnosis("one failure loses all", did, expected)
    ended_it = [call for call in sight.failed_calls if _is(call.end, sight.elapsed)]
    if not ended_it or not sight.open_calls or sight.error:
        return None
    did = f"it ended at {seconds(sight.elapsed)}, when {ended_it[0].item} could not be reached"
    did += f", and {sight.open_calls[0].item} had not answered yet"
    return Diagnosis("one failure loses all", did, expected)


def _lit_at_once(sight: Sight) -> Diagnosis | None:
    """Each lamp is switched on when its keeper has answered: not sooner, not later."""
    by_item = {call.item: call for call in sight.calls}
    looks = [by_item[h] for h in sight.case.given["houses"] if h in by_item]
    lit = [(look, by_item[_lamp(look.item)]) for look in looks if _lamp(look.item) in by_item]
    wrong = [(lamp.start - look.end, look, lamp) for look, lamp in lit if look.outcome != "failed"]
    wrong = [each for each in wrong if abs(each[0]) > CLOSE]
    if not wrong:
        return None
    off, look, lamp = min(wrong, key=lambda each: each[0])  # too early says more than too late
    did = f"the {lamp.item} was switched on at {seconds(lamp.start)}"
    did += f", and its keeper answered at {seconds(look.end)}"
    expected = "each lamp is switched on as soon as its keeper has answered"
    if off < 0:
        return Diagnosis("wrong pairs", did, expected, _LAMPS)
    all_dark_until = min(lamp.start for _, lamp in lit)
    last = max(look.end for look in looks)
    key = "waited for all" if all_dark_until > last - CLOSE else "head of the line"
    return Diagnosis(key, did, expected, _LAMPS)


def _dark_without_answer(sight: Sight) -> Diagnosis | None:
    """Nobody has switched on a lamp for a keeper who cannot be reached."""
    lit = [house for house in sight.case.failing if _lamp(house) in sight.asked]
    if not lit:
        return None
    did = f"the lamp of {lit[0]} was switched on, whose keeper cannot be reached"
    return Diagnosis("failure lost", did, "there is a lamp for those who have answered, only")


_LAMPS = "In the expected picture each keeper's bar is followed by the short one of the lamp."


def _sights(sight: Sight) -> dict[str, Any]:
    houses, failing = sight.case.given["houses"], sight.case.failing
    return {house: None if house in failing else sight.answers[house] for house in houses}


def _map_end(sight: Sight) -> float:
    dark = list(map(_lamp, sight.case.failing))
    return sight.case.slowest_of(item for item in sight.case.items if item not in dark)


async def _map_shape(case: Case, service: Service) -> None:
    async def lighthouse(house: str) -> None:
        with contextlib.suppress(Unreachable):
            await service.ask(house)
            await service.ask(_lamp(house))

    await asyncio.gather(*map(lighthouse, case.given["houses"]))


fog_map = Exercise(
    name="fog_map",
    kind="complete",
    cases=_fogs,
    play=_look_and_light,
    may_raise=True,
    may_leak=True,
    judgements=(
        _one_is_not_all,
        no_crash,
        nothing_left_running,
        siblings_run_on,
        _lit_at_once,
        _dark_without_answer,
        asked_as_often_as(_dark),
        returns(_sights, "what each keeper sees, None for those who cannot be reached"),
        takes(_map_end, "as long as the slowest keeper and his lamp"),
    ),
    expected=_map_shape,
    hints=(
        "In which order do the rounds of the loop come, and how does a round know its lighthouse?",
        (
            "There is a function that hands out whatever finishes next. What it hands out has to "
            "be awaited, and cannot be looked up; so the answer brings its lighthouse along."
        ),
        (
            "ask returns a pair, the house and what awaiting its look gives. The loop runs over "
            "asyncio.as_completed of the tasks, and each round awaits what it was given."
        ),
    ),
)


# -- The ferries, at the full hour ---------------------------------------------------------


def _hours(random: Random) -> Iterator[Case]:
    count = random.randint(5, 7)
    waits = delays(random, count)
    between = sorted(waits)[count // 2 - 1 : count // 2 + 1]
    yield _hour(random, waits, sum(between) / 2)
    yield _hour(random, delays(random, 4), 1.5)
    yield _hour(random, delays(random, 3, low=0.3), 0.2)


def _hour(random: Random, waits: list[float], patience: float) -> Case:
    ferries = random.sample(SHIPS, len(waits))
    called = ferries[::-1]
    while called in (ferries, ferries[::-1]):
        random.shuffle(called)
    given = {"clean_up": _moments(random, ferries), "called": called, "patience": patience}
    in_time = sum(wait < patience for wait in waits)
    title = f"{len(ferries)} ferries, {in_time or 'none'} in time"
    return Case(title, ferries, waits, given=given)


async def _hand_over_calls(function: Callable[..., Any], case: Case, service: Service) -> Any:
    """The calls have not been made in the order of the timetable."""
    call = called("call", stopping(service))
    tasks = {ferry: asyncio.create_task(call(ferry)) for ferry in case.given["called"]}
    calls = {ferry: tasks[ferry] for ferry in case.items}
    return await function(calls, case.given["patience"])


def _full_hour(case: Case) -> float | None:
    """When the patience is over, if it is over before the last answer."""
    patience = case.given["patience"]
    return patience if case.slowest > patience else None


def _why_ferries_go_on(sight: Sight) -> str:
    kinds = {wait.kind for wait in sight.trace.main.waits}
    return "only watched" if "wait" in kinds else "waited for all"


def _in_time(sight: Sight) -> list[Any]:
    case = sight.case
    return [sight.answers[f] for f in case.items if case.delay(f) < case.given["patience"]]


def _by_timetable(sight: Sight) -> Diagnosis | None:
    """The answers are not in the order of a set."""
    return _shuffled(sight.result, _in_time(sight), "they stand in the order of the timetable")


def _shuffled(got: Any, wanted: list[str], expected: str) -> Diagnosis | None:
    """The same in another order."""
    if got == wanted or not isinstance(got, list) or sorted(got, key=str) != sorted(wanted):
        return None
    did = f"all that belongs there is in its list, and the first of it is {got[0]!r}"
    return Diagnosis("order of done", did, expected)


ferries_on_air = Exercise(
    name="ferries_on_air",
    kind="arrange",
    cases=_hours,
    play=_hand_over_calls,
    pieces=(
        "await asyncio.gather(*pending, return_exceptions=True)",
        "for task in pending:",
        "return [task.result() for task in done]",
        "async def ferries_on_air(calls, patience):",
        "return [task.result() for task in calls.values() if task in done]",
        "done, pending = await asyncio.wait(calls.values(), timeout=patience)",
        "task.cancel()",
    ),
    may_leak=True,  # its own judgement says more
    judgements=(
        stopped(_full_hour, _why_ferries_go_on),
        nothing_left_running,
        stopped_once,
        _by_timetable,
        returns(_in_time, "the answers that are there in time"),
        takes(over(_full_hour), "until the last call has stopped"),
    ),
    expected=until(_full_hour),
    hints=(
        "Two lines make a list. Which of them goes by the timetable?",
        (
            "The late calls have to be asked to stop, each of them, and then all of them have to "
            "be waited for. Which line stands inside the loop, and which behind it?"
        ),
        (
            "def, the wait, the loop over pending with cancel() in it; then, one level out, the "
            "gather and the list that asks who is in done."
        ),
    ),
)


# -- Who sees the lighthouse ship? ---------------------------------------------------------


def _lookouts(random: Random) -> Iterator[Case]:
    count = random.randint(6, 7)
    waits = sorted(delays(random, count, low=0.2))
    # By time: two failures, a success, and then the others, of whom one would fail.
    yield _race(random, waits, [0, 1, 4])
    # A failure and the first success at the same moment; who fails is named first.
    yield _race(random, [0.4, *waits], [0, 2], tie=True)
    yield _race(random, waits[:4], [0, 1, 2, 3])


def _race(random: Random, waits: list[float], failing: list[int], *, tie: bool = False) -> Case:
    people = names(random, len(waits))
    by_place = dict(zip(people, waits, strict=True))
    lost = [people[place] for place in failing]
    if tie:
        first = min(wait for name, wait in by_place.items() if name not in lost)
        by_place[people[0]] = first
    else:
        slowest = people.pop()  # first in the list: whoever awaits them in turn is late
        random.shuffle(people)
        people.insert(0, slowest)
    given = {"clean_up": _moments(random, people)}
    title = f"{len(people)} lookouts, {_how_many(lost, people)} see nothing"
    title += ", one at the moment of the first success" * tie
    return Case(title, people, [by_place[name] for name in people], failing=lost, given=given)


def _how_many(some: list[str], people: list[str]) -> str:
    return "all" if len(some) == len(people) else str(len(some))


async def _ask_lookouts(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(stopping(service), case.items)


def _first_success(case: Case) -> float | None:
    return min(map(case.delay, case.good), default=None)


def _all_at_once(sight: Sight) -> Diagnosis | None:
    """The calls overlap, however soon it is over."""
    if sight.peak > 1:
        return None
    of_all = f"{len(sight.calls)} of {len(sight.case.items)}"
    did = f"it made {of_all} calls, and never two at once"
    return Diagnosis("one by one", did, "all of them are made at once")


def _success_wins(sight: Sight) -> Diagnosis | None:
    """A failure does not end the race."""
    time = _first_success(sight.case)
    answered = [call for call in sight.calls if call.outcome == "answered"]
    if time is None or answered or sight.error_type not in ("Unreachable", "LookupError"):
        return None
    did = f"a failure ended the race: it raised {sight.error}"
    return Diagnosis("first done wins", did, f"the first success, at {seconds(time)}, ends it")


def _both_are_seen(sight: Sight) -> Diagnosis | None:
    """The success counts that comes together with a failure."""
    time, case = _first_success(sight.case), sight.case
    if time not in map(case.delay, case.failing) or sight.elapsed < time + CLOSE:
        return None
    answered = (call.end for call in sight.calls if call.outcome == "answered")
    if max(answered, default=0.0) < time + CLOSE:
        return None
    did = f"at {seconds(time)} a failure and a success came together, and the race went on"
    return Diagnosis("one of several", did, "the first success ends the race")


def _why_they_race_on(sight: Sight) -> str:
    kinds = {wait.kind for wait in sight.trace.main.waits}
    if "task" in kinds and not kinds & {"wait", "as_completed"}:
        return "head of the line"
    return "only watched" if sight.open_calls else "waited for all"


def _raises_if_nobody(sight: Sight) -> Diagnosis | None:
    return (no_crash if sight.case.good else _lookup_error)(sight)


_lookup_error = raises("LookupError", "when all of them have failed")


def _winner(sight: Sight) -> Any:
    best = min(sight.case.good, key=sight.case.delay, default=None)
    return sight.answers.get(best)


first_sight = Exercise(
    name="first_sight",
    kind="repair",
    cases=_lookouts,
    play=_ask_lookouts,
    may_raise=True,
    may_leak=True,
    judgements=(
        _all_at_once,
        _success_wins,
        _both_are_seen,
        stopped(_first_success, _why_they_race_on, too_soon=lambda _: "first done wins"),
        nothing_left_running,
        stopped_once,
        asked_each_once,
        _raises_if_nobody,
        returns(_winner, "the first answer"),
        takes(over(_first_success), "until the others have stopped"),
    ),
    expected=until(_first_success),
    hints=(
        "A task is in `done`. Which of the three ways to be done is a reason to stop the others?",
        (
            "After a failure the race goes on: wait again, for those that are pending. And look at "
            "everybody in `done`, not at one of them."
        ),
        (
            "while pending: wait; for each task in done, if its exception() is None, return its "
            "result. Behind the loop the LookupError; in finally, cancel and gather all tasks."
        ),
    ),
)


# -- The convoy ----------------------------------------------------------------------------


def _convoys(random: Random) -> Iterator[Case]:
    count = random.randint(6, 8)
    # By time: one stays, one arrives, one runs aground; of the others, one would do so later.
    yield _convoy(random, sorted(delays(random, count, low=0.2)), [2, count - 1], [0])
    yield _convoy(random, sorted(delays(random, 4)), [], [1])
    yield _convoy(random, sorted(delays(random, 3)), [], [])


def _convoy(random: Random, waits: list[float], failing: list[int], staying: list[int]) -> Case:
    ships = random.sample(SHIPS, len(waits))
    by_time = dict(zip(ships, waits, strict=True))
    aground, called_off = [ships[i] for i in failing], [ships[i] for i in staying]
    given = {"clean_up": _moments(random, ships) | dict.fromkeys(called_off, 0.0)}
    title = f"{len(ships)} ships, {len(aground) or 'none'} would run aground"
    title += f", {len(staying) or 'none'} without a pilot"
    slowest = ships.pop()  # first in the list: the order of a set is never that of the ships
    random.shuffle(ships)
    ships.insert(0, slowest)
    return Case(
        title,
        ships,
        [by_time[ship] for ship in ships],
        failing=aground,
        called_off=called_off,
        given=given,
    )


async def _set_sail(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(called("sail", stopping(service)), case.items)


def _nothing_comes_out(sight: Sight) -> Diagnosis | None:
    """The bad end of one call is not the end of the function."""
    if sight.error_type not in ("CancelledError", "Unreachable"):
        return None
    where = f", on line {sight.error_line}" if sight.error_line else ""
    did = f"it raised {sight.error}{where}"
    return Diagnosis("outcome raised", did, "it returns a result, however the calls have ended")


def _why_anchors_drop(sight: Sight) -> str:
    case = sight.case
    stop = min(call.end for call in sight.calls if _was_stopped(sight, call.item, call.outcome))
    if any(abs(case.delay(ship) - stop) < CLOSE for ship in case.called_off):
        return "called back is failed"
    return "first done wins"


def _was_stopped(sight: Sight, ship: str, outcome: str) -> bool:
    return outcome == "cancelled" and ship not in sight.case.called_off


def _why_they_sail_on(sight: Sight) -> str:
    if not sight.open_calls:
        return "waited for all"
    kinds = {wait.kind for task in sight.trace.tasks for wait in task.waits}
    return "nothing runs on" if "gather" in kinds else "only watched"


def _in_convoy_order(sight: Sight) -> Diagnosis | None:
    """The missing are not in the order of a set."""
    _, missing = _arrived(sight)
    got = sight.result[1:] if isinstance(sight.result, list) else []
    return got and _shuffled(got[0], missing, "the missing stand in the order of the ships")


def _arrived(sight: Sight) -> list[Any]:
    case, end = sight.case, first_failure(sight.case) or float("inf")
    there = [ship for ship in case.good if case.delay(ship) < end]
    missing = [ship for ship in case.items if ship not in there]
    return [{ship: sight.answers[ship] for ship in there}, missing]


convoy = Exercise(
    name="convoy",
    kind="build",
    cases=_convoys,
    play=_set_sail,
    may_raise=True,
    may_leak=True,
    judgements=(
        _nothing_comes_out,
        _all_at_once,
        stopped(first_failure, _why_they_sail_on, too_soon=_why_anchors_drop),
        nothing_left_running,
        stopped_once,
        no_crash,
        asked_each_once,
        _in_convoy_order,
        returns(_arrived, "the berths, and the ships that have not arrived"),
        takes(over(first_failure), "until the last ship lies still"),
    ),
    expected=until(first_failure),
    hints=(
        "Which of the three moments of `wait` is the accident, and is it also a pilot who is late?",
        (
            "`wait` tells you who is still under way; to stop them and to wait until they have "
            "stopped is yours. Then ask each task how it ended. In which order do you ask?"
        ),
        (
            "A dictionary of tasks; wait with FIRST_EXCEPTION; cancel and gather the pending; then "
            "for each ship: cancelled() first, exception() second, result() last."
        ),
    ),
)


# -- The first pilot -----------------------------------------------------------------------


def _nights(random: Random) -> Iterator[Case]:
    # Slow and still the first; quick to refuse; nobody else is needed; the last one; nobody.
    yield _apart(random, [2.5, 0.4, 3, 3, 3], refusing=[1])
    yield _apart(random, [0.3, 1.6, 0.5, 1.2, 2], refusing=[0, 2])
    yield _apart(random, [0.6, 0.3, 0.7], refusing=[])
    yield _apart(random, [3, 1.6], refusing=[])
    yield _apart(random, [0.5, 1.3, 0.6], refusing=[0, 1, 2])


def _night(random: Random, waits: list[float], refusing: list[int]) -> Case:
    """A call for each wait, which is in gaps, give or take a tenth."""
    pilots, gap = names(random, len(waits)), random.randint(30, 40) / 100
    seconds_each = [round(wait * gap * random.uniform(0.9, 1.1), 2) for wait in waits]
    given = {"gap": gap, "clean_up": _moments(random, pilots)}
    title = f"{len(pilots)} pilots, {len(refusing) or 'none'} refusing"
    failing = [pilots[place] for place in refusing]
    return Case(title, pilots, seconds_each, failing=failing, given=given)


def _apart(random: Random, waits: list[float], refusing: list[int]) -> Case:
    """A night on which no two things happen at the same moment."""
    while True:
        case = _night(random, waits, refusing)
        starts = _rung(case).items()
        ends = [start + case.delay(pilot) for pilot, start in starts]
        gaps = [start + case.given["gap"] for _, start in starts]
        if all(later - sooner > 0.005 for sooner, later in pairwise(sorted(ends + gaps))):
            return case


def _rung(case: Case) -> dict[str, float]:
    """When each pilot is rung, in seconds; those who are not needed are left out."""
    starts: dict[str, float] = {}
    over, time = float("inf"), 0.0
    for pilot in case.items:
        if time > over:
            break
        starts[pilot] = time
        if pilot in case.good:
            over = min(over, time + case.delay(pilot))
        refusals = [s + case.delay(p) for p, s in starts.items() if p in case.failing]
        time = min([time + case.given["gap"], *(end for end in refusals if end > time + CLOSE)])
    return starts


def _answered(case: Case) -> tuple[str, float] | None:
    """Who takes the job, and when, in seconds."""
    answers = {p: s + case.delay(p) for p, s in _rung(case).items() if p in case.good}
    return min(answers.items(), key=lambda each: each[1], default=None)


def _night_over(case: Case) -> float:
    """When all who were rung have stopped, in seconds."""
    ends = {pilot: start + case.delay(pilot) for pilot, start in _rung(case).items()}
    if (answered := _answered(case)) is None:
        return max(ends.values())
    stop = answered[1]
    moments = [case.given["clean_up"][pilot] for pilot, end in ends.items() if end > stop]
    return round(stop + max(moments, default=0.0), 9)


def _nobody_too_soon(sight: Sight) -> Diagnosis | None:
    """Nobody is rung before their turn."""
    plan, (_, over) = _rung(sight.case), _answered(sight.case) or ("", 0.0)
    early = [call for call in sight.calls if call.start < plan.get(call.item, over) - CLOSE]
    if not early:
        return None
    together = [c for c in sight.calls if c is not early[0] and _is(c.start, early[0].start)]
    did = f"{early[0].item} was rung at {seconds(early[0].start)}"
    did += f", as was {together[0].item}" if together else ""
    gap = seconds(sight.case.given["gap"])
    expected = f"the next one is rung {gap} after the last, or when somebody refuses"
    key = "done stays done" if together and early[0].start else "asked too soon"
    return Diagnosis(key, did, expected, _BARS)


def _nobody_too_late(sight: Sight) -> Diagnosis | None:
    """All are rung when it is their turn, and nobody else is."""
    plan, began = _rung(sight.case), {call.item: call.start for call in sight.calls}
    for pilot, time in plan.items():
        if pilot not in began:
            return _rung_late(sight, f"{pilot} was never rung", time)
        if began[pilot] > time + CLOSE:
            return _rung_late(sight, f"{pilot} was rung at {seconds(began[pilot])}", time)
    more = [call for nth, call in enumerate(sight.calls) if nth >= len(plan)]
    if not more:
        return None
    did = f"{more[0].item} was rung at {seconds(more[0].start)}, when somebody had said yes"
    return Diagnosis("asked too soon", did, "nobody is rung who is not needed", _BARS)


def _rung_late(sight: Sight, did: str, time: float) -> Diagnosis:
    refused = [call for call in sight.calls if call.outcome == "failed" and _is(call.end, time)]
    if refused:
        expected = f"it is their turn at {seconds(time)}, when {refused[0].item} refuses"
        return Diagnosis("failure not noticed", did, expected, _BARS)
    expected = f"it is their turn at {seconds(time)}, when the gap is over"
    key = "one by one" if sight.peak <= 1 else "waited needlessly"
    return Diagnosis(key, did, expected, _BARS)


def _nobody_hung_up(sight: Sight) -> Diagnosis | None:
    """A call that takes long is left alone until somebody has said yes."""
    answered = _answered(sight.case)
    limit = answered[1] - CLOSE if answered else float("inf")
    for call in sight.calls:
        if call.outcome == "cancelled" and call.end < limit:
            did = f"the call of {call.item} was given up at {seconds(call.end)}"
            expected = "whoever takes long may still be the first to answer"
            return Diagnosis("late is lost", did, expected, _BARS)
    return None


def _first_yes(sight: Sight) -> Any:
    answered = _answered(sight.case)
    return answered and sight.answers[answered[0]]


async def _ask_pilots(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(stopping(service), case.items, case.given["gap"])


async def _night_shape(case: Case, service: Service) -> None:
    ask = stopping(service)

    async def ring(pilot: str, start: float) -> None:
        await sleep(start)
        await ask(pilot)

    tasks = [asyncio.create_task(ring(*each)) for each in _rung(case).items()]
    answered = _answered(case)
    await asyncio.wait(tasks, timeout=answered and answered[1])
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


_BARS = "Compare where the bars begin in your run and in the expected one."

first_pilot = Exercise(
    name="first_pilot",
    kind="build",
    cases=_nights,
    play=_ask_pilots,
    may_raise=True,
    may_leak=True,
    judgements=(
        _nothing_comes_out,
        _nobody_too_soon,
        _nobody_hung_up,
        _nobody_too_late,
        nothing_left_running,
        stopped_once,
        no_crash,
        returns(_first_yes, "the first answer, or None if all refuse"),
        takes(lambda sight: _night_over(sight.case), "until everybody has stopped"),
    ),
    expected=_night_shape,
    hints=(
        "What are the two things for which you wait at the same time, and does either stop a call?",
        (
            "One `wait` can end for both: it takes a timeout and a moment. In each round of a loop "
            "you ring the next one, and then wait for those who are under way."
        ),
        (
            "while somebody is left: ring the next and add the task to pending; wait(pending, with "
            "the gap as timeout, FIRST_COMPLETED); return a success; else go round. finally: stop."
        ),
    ),
)

EXERCISES = (second_look, fog_map, ferries_on_air, first_sight, convoy, first_pilot)
