"""Exercises of lesson 05: to ask somebody to stop, and to wait until it is so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import (
    CLOSE,
    asked_as_often_as,
    bounded,
    no_crash,
    nothing_left_running,
    returns,
    takes,
)
from asynclab.checking.service import Call, Case, Service, called
from asynclab.checking.sight import Sight
from asynclab.checking.stopping import cancelled_at, stopped_once, stopping, until
from asynclab.checking.timing import given_up_after, not_guessed
from asynclab.picture.words import count, seconds

__all__ = ["EXERCISES"]

BOATS = ("Auk", "Gull", "Heron", "Petrel", "Puffin", "Skua", "Tern")
PLACES = ("cape", "reef", "wreck", "pier", "sandbank", "strait", "lighthouse", "buoy", "islet")
BROKEN_OFF = "the round is broken off"
HORN = "the horn"
ENDLESS = 60.0  # seconds; nobody waits that long


def _outside(case: Case) -> float | None:
    """When somebody outside cancels the function, seconds; None if nobody does."""
    return case.given.get("outside")


def _clean_up(case: Case, item: str) -> float:
    return case.given["clean_up"][item]


def _moments(random: Random, items: list[str]) -> dict[str, float]:
    """How long each needs to stop, seconds."""
    return dict(zip(items, delays(random, len(items), low=0.05, high=0.3), strict=True))


def _call(sight: Sight, item: str) -> Call | None:
    return next((call for call in sight.calls if call.item == item), None)


# -- how it ends ---------------------------------------------------------------------------


def _ends_as_it_should(sight: Sight) -> Diagnosis | None:
    """The request from outside passes on, or a failure comes out, or nothing is raised."""
    case = sight.case
    if _outside(case) is not None:
        return _request_passes_on(sight, _outside(case))
    if not case.given.get("comes_out"):
        return no_crash(sight)
    wanted = f"{case.given['comes_out']} does not answer"
    if wanted in sight.error:
        return None
    did = f"it raised {sight.error}" if sight.error else "it returned as if nothing had failed"
    is_slip = sight.error_type in ("NameError", "UnboundLocalError")
    return Diagnosis(
        "unknown name" if is_slip else "failure dropped", did, f"this failure comes out: {wanted}"
    )


def _request_passes_on(sight: Sight, time: float) -> Diagnosis | None:
    began = [call.item for call in sight.calls if call.start > time + CLOSE]
    if sight.error == "TimeoutError" and not began:
        return None
    did = f"it was cancelled at {seconds(time)}, and "
    if began:
        did += f"went on: {began[0]} was called after that"
    else:
        did += f"raised {sight.error}" if sight.error else "returned as if nobody had asked"
    expected = "it stops, and the CancelledError passes on to whoever has cancelled it"
    return Diagnosis("request swallowed", did, expected)


# -- Who ties up a boat? -------------------------------------------------------------------


def _warnings(random: Random) -> Iterator[Case]:
    for kept in (2, 1):
        boats = sorted(random.sample(BOATS, random.randint(5, 6)))
        waits = dict(zip(boats, delays(random, len(boats)), strict=True))
        by_time = sorted(boats, key=waits.get)
        # One that is kept in would have been the first to have a report.
        kept_in = [by_time[0], *random.sample(by_time[3:], kept - 1)]
        radio = (waits[by_time[1]] + waits[by_time[2]]) / 2
        given = {"seconds": waits, "kept_in": sorted(kept_in), "radio": round(radio, 3)}
        title = f"{len(boats)} boats, {kept} kept in, the radio calls at {seconds(given['radio'])}"
        yield Case(title, [], [], given=given)


def _boats(case: Case, *, kept: bool, late: bool) -> list[str]:
    """Those that go out and come back in time; if so, also those kept in, and those too late."""
    waits, radio = case.given["seconds"], case.given["radio"]
    out = [boat for boat in waits if kept or boat not in case.given["kept_in"]]
    return [boat for boat in sorted(out) if late or waits[boat] < radio]


boats_home = Exercise(
    name="boats_home",
    kind="predict",
    cases=_warnings,
    measure=lambda run: list(map(list, run.result)),
    misreadings={
        "never began": lambda case: [
            _boats(case, kept=False, late=False),
            _boats(case, kept=True, late=True),
        ],
        "cancelled, not awaited": lambda case: [
            _boats(case, kept=False, late=False),
            _boats(case, kept=False, late=False),
        ],
        "done and cancelled": lambda case: [[], _boats(case, kept=False, late=True)],
    },
    hints=(
        "How much of a task has run when `create_task` has returned, and it is cancelled then?",
        (
            "A `finally` runs if its `try` was entered. Sort the boats into three kinds: kept in, "
            "done before the radio calls, and at sea."
        ),
        (
            "A report: not kept in, and fewer seconds than radio. Tied up: whoever is not kept in, "
            "with a report or without."
        ),
    ),
)


# -- Photos before the storm ---------------------------------------------------------------


def _trips(random: Random) -> Iterator[Case]:
    # Some trips never end, and whoever counts the queue gives up the last ones on the quay.
    waits = delays(random, 8, low=0.3, high=0.6)
    waits[0] = waits[2] = ENDLESS
    yield _trip("2 would never come back", random, waits, random.randint(65, 80) / 100, 20.0)
    # The page is closed when some are under way and others wait for a boat; nobody comes back at
    # that very moment.
    waits = delays(random, 8, low=0.3, high=0.6)
    yield _trip("an early closing", random, waits, 0.9, random.randint(70, 85) / 100 + 0.005)


def _trip(title: str, random: Random, waits: list[float], patience: float, closing: float) -> Case:
    places = random.sample(PLACES, len(waits))
    given = {"limit": 2, "patience": patience, "closing": closing}
    return Case(f"{len(places)} places, 2 boats, {title}", places, waits, given=given)


async def _sail(function: Callable[..., Any], case: Case, service: Service) -> Any:
    boats = asyncio.Semaphore(case.given["limit"])
    times = case.given["patience"], case.given["closing"]
    return await function(called("sail", service.ask), case.items, boats, *times)


def _limit_is_caught(sight: Sight) -> Diagnosis | None:
    """The exception of a time limit is caught outside of its block."""
    if sight.error_type != "TimeoutError":
        return no_crash(sight)
    did = f"at {seconds(sight.elapsed)} it raised {sight.error}, and the photos were lost"
    return Diagnosis("seen from inside", did, "it returns the photos that have come by then")


def _closed(sight: Sight) -> Diagnosis | None:
    """Nobody is under way when the page is closed."""
    closing = sight.case.given["closing"]
    late = [call for call in sight.calls if call.end is None or call.end > closing + CLOSE]
    if not late:
        return None
    did = f"the trip to the {late[0].item} went on after {seconds(closing)}"
    expected = f"at {seconds(closing)} whoever is under way is called back"
    key = "each is not all" if sight.elapsed > closing + CLOSE else "never gives up"
    return Diagnosis(key, did, expected, _CLOSING)


_CLOSING = "Find the moment at which everything ends in the expected picture."


def _time_is_used(sight: Sight) -> Diagnosis | None:
    """As long as the page is open, whoever waits for a boat gets one."""
    given, asked = sight.case.given, set(sight.asked)
    missing = [place for place in sight.case.items if place not in asked]
    at_the_end = [c for c in sight.calls if c.end and c.end > given["closing"] - CLOSE]
    if not missing or len(at_the_end) >= given["limit"]:
        return None
    did = f"it made {count(len(asked), 'trip')}, and none to the {missing[0]}"
    expected = "somebody sails for as long as there is time and a boat"
    return Diagnosis("asked too little", did, expected, _HIDDEN)


_HIDDEN = "With `return_exceptions=True` an exception is only a value: print what the gather gives."


def _photos(sight: Sight) -> dict[str, Any]:
    came = [call.item for call in sight.calls if call.outcome == "answered"]
    return {place: sight.answers[place] for place in came}


def _until_closing(sight: Sight) -> float:
    last = max((call.end for call in sight.calls), default=0.0)
    return min(last, sight.case.given["closing"])


async def _trips_until_closing(case: Case, service: Service) -> None:
    boats, given = asyncio.Semaphore(case.given["limit"]), case.given

    async def trip(place: str) -> None:
        async with boats, asyncio.timeout(given["patience"]):
            await service.ask(place)

    tasks = [asyncio.create_task(trip(place)) for place in case.items]
    await asyncio.wait(tasks, timeout=given["closing"])
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


photo_trips = Exercise(
    name="photo_trips",
    kind="complete",
    cases=_trips,
    play=_sail,
    may_raise=True,  # its own judgement says more
    judgements=(
        _limit_is_caught,
        given_up_after(lambda sight: sight.case.given["patience"]),
        _closed,
        _time_is_used,
        bounded(lambda sight: sight.case.given["limit"]),
        returns(_photos, "the photos that have come", key="lost at the limit"),
        takes(_until_closing, "until the last trip is over, or the page is closed"),
    ),
    expected=_trips_until_closing,
    hints=(
        "When does the time of a trip begin: when it is planned, or when there is a boat?",
        (
            "A limit measures what happens inside of its block: the boat, the time of a trip, the "
            "time of all. And what is a limit's exception called, seen from outside?"
        ),
        (
            "boats outside, asyncio.timeout of the patience inside; asyncio.timeout of the closing "
            "around the gather; except TimeoutError."
        ),
    ),
)


# -- The fog horn --------------------------------------------------------------------------


def _fogs(random: Random) -> Iterator[Case]:
    yield _fog(random, "it comes in")
    yield _fog(random, "it turns back", fails=True)
    yield _fog(random, "and at 0.25 s somebody cancels it", outside=0.25)


def _fog(random: Random, title: str, *, fails: bool = False, outside: float | None = None) -> Case:
    boat, wait = random.choice(BOATS), random.randint(30, 90) / 100
    given = {"clean_up": _moments(random, [HORN]), "outside": outside}
    return Case(
        f"the {boat} is on its way in, {title}",
        [HORN, boat],
        [ENDLESS, wait],
        failing=[boat] if fails else [],
        given={**given, "comes_out": boat if fails else ""},
    )


async def _bring_in(function: Callable[..., Any], case: Case, service: Service) -> Any:
    blow = stopping(service)

    async def sound() -> None:
        await blow(HORN)

    call = function(sound, called("come_in", service.ask), case.items[1])
    return await cancelled_at(_outside(case), call)


def _boat_in(case: Case) -> float:
    """When the boat is in, has turned back, or nobody waits for it any more."""
    return min(case.delays[1], _outside(case) or ENDLESS)


def _sounds_until_then(sight: Sight) -> Diagnosis | None:
    """The horn begins with the boat, and is stopped at its end."""
    horn, end = _call(sight, HORN), _boat_in(sight.case)
    if horn is None:
        did = "the horn never sounded: its task was cancelled before the first step"
        never = Diagnosis("never began", did, f"it sounds until {seconds(end)}")
        return never if len(sight.trace.tasks) > 1 else None
    if horn.start > CLOSE:
        did = f"the horn began at {seconds(horn.start)}"
        return Diagnosis("not begun", did, "it sounds from the beginning")
    if horn.outcome == "answered":
        did = f"nobody asked the horn to stop, and it sounded for {seconds(horn.end)}"
        return Diagnosis("not asked to stop", did, f"it is stopped at {seconds(end)}")
    return None


def _end_is_not_raised(sight: Sight) -> Diagnosis | None:
    """That the horn was cancelled is no failure of whoever has cancelled it."""
    horn = _call(sight, HORN)
    if sight.error_type != "CancelledError" or horn is None or horn.outcome != "cancelled":
        return None
    did = f"at {seconds(sight.elapsed)} it raised the CancelledError of the horn"
    return Diagnosis("end raised", did, "it waits for the end of the horn, and goes on")


def _report_of_boat(sight: Sight) -> Any:
    return None if sight.error else sight.answers[sight.case.items[1]]


def _silent(sight: Sight) -> float:
    return round(_boat_in(sight.case) + _clean_up(sight.case, HORN), 9)


bring_in = Exercise(
    name="bring_in",
    kind="arrange",
    cases=_fogs,
    play=_bring_in,
    may_raise=True,
    may_leak=True,
    pieces=(
        "try:",
        "await asyncio.wait([horn])",
        "finally:",
        "horn = asyncio.create_task(sound())",
        "await horn",
        "report = await come_in(boat)",
        "async def bring_in(sound, come_in, boat):",
        "horn.cancel()",
        "return report",
    ),
    judgements=(
        nothing_left_running,
        _end_is_not_raised,
        _ends_as_it_should,
        _sounds_until_then,
        stopped_once,
        asked_as_often_as(lambda _: {}),
        returns(_report_of_boat, "the report of the boat"),
        takes(_silent, "until the horn is silent"),
    ),
    expected=until(_boat_in),
    hints=(
        "In how many ways can the wait for the boat end, and in which of them does the horn sound?",
        (
            "To stop somebody takes two lines. Of the two that wait here, one raises what has "
            "become of the horn, and one does not."
        ),
        (
            "def, the task, try with the line of the boat, finally with cancel() and the wait that "
            "raises nothing; the return one level out, or in the try."
        ),
    ),
)


# -- The radio round -----------------------------------------------------------------------


def _rounds(random: Random) -> Iterator[Case]:
    boats = random.sample(BOATS, random.randint(4, 5))
    yield _round("2 answer at the second call", random, boats, flaky=random.sample(boats, 2))
    boats = random.sample(BOATS, 5)
    # Cancelled while the third is called; the second has been called twice.
    yield _round("and somebody calls it off", random, boats, flaky=[boats[1]], called_off=2)


def _round(
    title: str, random: Random, boats: list[str], *, flaky: list[str], called_off: int = 0
) -> Case:
    """One round.

    Args:
        title: what is special about it.
        random: where the numbers come from.
        boats: in their order.
        flaky: who answers at the second call.
        called_off: after how many boats it is cancelled, in the middle of the next; 0 if not.
    """
    waits = delays(random, len(boats), low=0.2, high=0.5)
    given = {"clean_up": _moments(random, boats), "outside": None}
    case = Case(f"{len(boats)} boats, {title}", boats, waits, flaky=flaky, given=given)
    if called_off:
        given["outside"] = round(_calling(case, boats[:called_off]) + 0.1, 2)
    return case


def _times(case: Case, boat: str) -> int:
    return 2 if boat in case.flaky else 1


def _calling(case: Case, boats: list[str]) -> float:
    """How long it takes to call these, seconds."""
    return round(sum(_times(case, boat) * case.delay(boat) for boat in boats), 9)


def _called(case: Case) -> list[str]:
    """The boats that are called until the round is over, or called off."""
    outside = ENDLESS if _outside(case) is None else _outside(case)
    boats = enumerate(case.items)
    return [boat for nth, boat in boats if _calling(case, case.items[:nth]) < outside]


async def _call_boats(function: Callable[..., Any], case: Case, service: Service) -> Any:
    call = function(called("call", stopping(service)), case.items)
    return await cancelled_at(_outside(case), call)


def _one_radio(sight: Sight) -> Diagnosis | None:
    """One call after the other."""
    if sight.peak <= 1:
        return None
    did = f"{count(sight.peak, 'call')} were in flight at once"
    return Diagnosis("one at a time", did, "there is one radio: one call after the other")


def _as_often_as_needed(sight: Sight) -> dict[str, int]:
    case, called = sight.case, _called(sight.case)
    return {boat: _times(case, boat) if boat in called else 0 for boat in case.items}


def _said(sight: Sight) -> Diagnosis | None:
    """It is told that the round was broken off, and only then."""
    told = BROKEN_OFF in sight.printed
    if told == (_outside(sight.case) is not None):
        return None
    if told:
        did = f"it printed {BROKEN_OFF!r}, and nobody had called it off"
        return Diagnosis("not told", did, "that line is printed when it is called off")
    did = "it was called off, and did not say so"
    return Diagnosis("not told", did, f"then it prints {BROKEN_OFF!r}")


def _called_at_once(sight: Sight) -> Diagnosis | None:
    """The next call begins when the one before is over."""
    free = 0.0
    for call in sight.calls:
        if call.start > free + CLOSE:
            did = f"the radio was free at {seconds(free)}, and {call.item} was called at "
            return Diagnosis("pause added", did + seconds(call.start), "the next call, at once")
        free = sight.elapsed if call.end is None else call.end
    return None


def _positions(sight: Sight) -> dict[str, Any] | None:
    return None if sight.error else sight.answers


def _round_over(sight: Sight) -> float:
    case, outside = sight.case, _outside(sight.case)
    if outside is None:
        return _calling(case, case.items)
    return round(outside + _clean_up(case, _called(case)[-1]), 9)


async def _calls_in_turn(case: Case, service: Service) -> None:
    ask, clock = stopping(service), asyncio.get_running_loop().time
    for boat in case.items:
        for _ in range(_times(case, boat)):
            task = asyncio.create_task(ask(boat), name=boat)
            left = None if _outside(case) is None else _outside(case) - clock()
            await asyncio.wait([task], timeout=left)
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
                return


radio_round = Exercise(
    name="radio_round",
    kind="repair",
    cases=_rounds,
    play=_call_boats,
    may_raise=True,
    judgements=(
        _one_radio,
        _ends_as_it_should,
        stopped_once,
        _called_at_once,
        asked_as_often_as(_as_often_as_needed),
        _said,
        returns(_positions, "the position of each boat"),
        takes(_round_over, "until the last call is over"),
    ),
    expected=_calls_in_turn,
    hints=(
        "What becomes of a request to stop, and at which lines of this program does it come by?",
        (
            "It comes by twice: once where a boat is called, once further out. Which names behind "
            "`except` let it pass, and what does a clause that has caught it do at its end?"
        ),
        (
            "The inner clause catches Exception and nothing more. The outer one prints its line, "
            "and then raises again what it has caught."
        ),
    ),
)


# -- Into the archive ----------------------------------------------------------------------


def _files(random: Random) -> Iterator[Case]:
    yield _file(random, "nobody cancels it")
    yield _file(random, "cancelled while it fetches", after=0)
    yield _file(random, "cancelled while it writes", after=1)
    yield _file(random, "the archive does not take it", fails=True)


def _file(random: Random, title: str, *, after: int | None = None, fails: bool = False) -> Case:
    """One report.

    Args:
        random: where the numbers come from.
        title: what is special about it.
        after: after how many of the two steps it is cancelled, in the middle of the next.
        fails: the write fails.
    """
    place, report = random.choice(PLACES), f"report {random.randint(1000, 9999)}"
    waits = delays(random, 2, low=0.4, high=0.9)
    outside = None if after is None else round(sum(waits[:after]) + 0.15, 2)
    return Case(
        f"a report from the {place}, {title}",
        [place, report],
        waits,
        failing=[report] if fails else [],
        needs={report: place},
        answers={place: report},
        given={
            "clean_up": _moments(random, [place, report]),
            "outside": outside,
            "comes_out": report if fails else "",
        },
    )


async def _file_one(function: Callable[..., Any], case: Case, service: Service) -> Any:
    ask = stopping(service)
    call = function(called("fetch", ask), called("write", ask), case.items[0])
    return await cancelled_at(_outside(case), call)


def _is_writing(case: Case) -> bool:
    """Is it cancelled while it writes?"""
    return (_outside(case) or 0.0) > case.delays[0]


def _write_is_whole(sight: Sight) -> Diagnosis | None:
    """A write that has begun is finished before the function ends."""
    write = _call(sight, sight.case.items[1])
    if write is None:
        return None
    if write.outcome == "cancelled":
        did = f"the write was broken off at {seconds(write.end)}, {_into(write)} after it had begun"
        return Diagnosis("torn", did, "a write that has begun is finished")
    if write.outcome == "open" and _outside(sight.case) is not None:
        did = f"it ended at {seconds(sight.elapsed)}, and the write still ran"
        return Diagnosis("shield only", did, "it ends when the write has been finished", _OPEN)
    return None


def _into(call: Call) -> str:
    return seconds(call.end - call.start)


_OPEN = "Look for the lane that has not ended at the right edge of the picture."


def _fetch_stops(sight: Sight) -> Diagnosis | None:
    """Who is cancelled while it fetches does not fetch on."""
    fetch, outside = _call(sight, sight.case.items[0]), _outside(sight.case)
    if fetch is None or outside is None or _is_writing(sight.case):
        return None
    if fetch.outcome == "cancelled":
        return None
    did = f"it was cancelled at {seconds(outside)}, and fetched on"
    return Diagnosis("shield too wide", did, "the fetching stops at once, and nothing is written")


def _two_steps(sight: Sight) -> dict[str, int]:
    outside, case = _outside(sight.case), sight.case
    stops = outside is not None and not _is_writing(case)
    return {case.items[1]: 0} if stops else {}


def _receipt(sight: Sight) -> Any:
    return None if sight.error else sight.answers[sight.case.items[1]]


def _filed(sight: Sight) -> float:
    case, outside = sight.case, _outside(sight.case)
    if outside is None or _is_writing(case):
        return case.slowest
    return round(outside + _clean_up(case, case.items[0]), 9)


async def _fetch_and_write(case: Case, service: Service) -> None:
    ask, (place, report) = stopping(service), case.items
    fetching = asyncio.create_task(ask(place), name="fetch")
    await asyncio.wait([fetching], timeout=_outside(case))
    if not fetching.done():
        fetching.cancel()
        await asyncio.wait([fetching])
        return
    await asyncio.wait([asyncio.create_task(ask(report), name="write")])


file_report = Exercise(
    name="file_report",
    kind="build",
    cases=_files,
    play=_file_one,
    may_raise=True,
    may_leak=True,
    judgements=(
        _fetch_stops,
        _write_is_whole,
        nothing_left_running,
        _ends_as_it_should,
        stopped_once,
        asked_as_often_as(_two_steps),
        returns(_receipt, "the receipt of the write"),
        not_guessed(_filed),
        takes(_filed, "until what must be finished is finished"),
    ),
    expected=_fetch_and_write,
    hints=(
        "A shield holds the request off the write. Whom does the request reach instead?",
        (
            "It reaches you, and you would be gone before the write is over. Keep the task: then "
            "there is something to wait for. The fetching needs none of this."
        ),
        (
            "A task for the write; in try, the shield around it; in finally, asyncio.wait for the "
            "task. A finally lets the request pass on by itself."
        ),
    ),
)


# -- The new chart or the old one ----------------------------------------------------------


def _charts(random: Random) -> Iterator[Case]:
    quick, slow, slower = sorted(delays(random, 3, low=0.2, high=0.9))
    patience = round(slower + 0.1, 2)
    yield _chart(random, "the new one is late", [ENDLESS, quick], round(quick + 0.2, 2))
    # It takes even longer to stop: whoever asks again in the end asks somebody who cleans up.
    title, waits = "the new one is late, and the old one takes longer", [ENDLESS, slower]
    late = _chart(random, title, waits, round(quick + 0.005, 3))
    late.given["clean_up"][late.items[0]] = round(slower - quick + 0.1, 2)
    yield late
    yield _chart(random, "the new one comes", [slow, slower], patience)
    yield _chart(random, "the old one is quicker", [slow, quick], patience)
    yield _chart(random, "the new one cannot be had", [quick, slow], patience, failing=[0])
    yield _chart(random, "neither can be had", [quick, slow], patience, failing=[0, 1])
    # Cancelled while both are under way, and while there is only the old one. The patience outlasts
    # the moment that it takes to stop: it shall not be a second request.
    waits, outside, patience = [quick, quick + 0.5], round(quick - 0.1, 2), round(quick + 0.4, 2)
    yield _chart(random, "and somebody cancels it", waits, patience, outside=outside)
    title = "the new one cannot be had, and somebody cancels it"
    outside = round(quick + 0.105, 3)
    yield _chart(random, title, waits, patience, failing=[0], outside=outside)


def _chart(
    random: Random,
    title: str,
    waits: list[float],
    patience: float,
    *,
    failing: list[int] = (),
    outside: float | None = None,
) -> Case:
    charts = [f"chart {number}" for number in random.sample(range(100, 1000), 2)]
    return Case(
        title,
        charts,
        waits,
        failing=[charts[nth] for nth in failing],
        given={
            "clean_up": _moments(random, charts),
            "patience": patience,
            "outside": outside,
            "comes_out": charts[1] if 1 in failing else "",
        },
    )


async def _ask_charts(function: Callable[..., Any], case: Case, service: Service) -> Any:
    call = function(stopping(service), *case.items, case.given["patience"])
    return await cancelled_at(_outside(case), call)


def _stops(case: Case) -> dict[str, float]:
    """When each of the charts that are not needed is stopped, seconds."""
    (new, old), patience = case.items, case.given["patience"]
    if (outside := _outside(case)) is not None:
        return {chart: outside for chart in case.items if case.delay(chart) > outside}
    if new in case.failing:
        return {}
    return {old: case.delay(new)} if case.delay(new) < patience else {new: patience}


def _both_at_once(sight: Sight) -> Diagnosis | None:
    """The spare chart is asked for before anybody knows whether it is needed."""
    if len(sight.asked) == 1 and not sight.error:
        return Diagnosis("one by one", f"it asked for {sight.asked[0]} alone", _BOTH, _BARS)
    late = sight.calls[1] if len(sight.calls) > 1 else None
    if late is None or late.start <= CLOSE:
        return None
    did = f"{late.item} was asked for at {seconds(late.start)}"
    return Diagnosis("one by one", did, _BOTH, _BARS)


_BOTH = "both are asked for at once"
_BARS = "Compare where the bars begin in your run and in the expected one."
_ENDS = "Compare where the bars end in your run and in the expected one."


def _failure_is_caught(sight: Sight) -> Diagnosis | None:
    """If the new chart cannot be had there is still the old one."""
    new, old = sight.case.items
    if new not in sight.case.failing or f"{new} does not answer" not in sight.error:
        return None
    did = f"{new} could not be had, and it raised that: {sight.error}"
    return Diagnosis("late or failed", did, f"then {old} is taken")


def _stopped_in_time(sight: Sight) -> Diagnosis | None:
    """Who is not needed is stopped when that is clear, and nobody else is."""
    stops = _stops(sight.case)
    for call in sight.calls:
        end = sight.elapsed if call.end is None else call.end
        if call.outcome == "cancelled" and end < stops.get(call.item, ENDLESS) - CLOSE:
            did = f"{call.item} was stopped at {seconds(end)}, and was still needed"
            return Diagnosis("first is best", did, "only who is not needed is stopped", _ENDS)
    if _outside(sight.case) is not None:
        return None  # one after the other will do
    for chart, time in stops.items():
        call = _call(sight, chart)
        if call and call.end is not None and call.end > time + CLOSE:
            did = f"{chart} went on until {seconds(call.end)}"
            expected = f"at {seconds(time)} it is clear that nobody needs it, and it is stopped"
            return Diagnosis("not asked to stop", did, expected, _ENDS)
    return None


def _best_chart(sight: Sight) -> Any:
    new, old = sight.case.items
    came = new not in sight.case.failing and sight.case.delay(new) < sight.case.given["patience"]
    return None if sight.error else sight.answers[new if came else old]


def _all_over(sight: Sight) -> float:
    case, stops = sight.case, _stops(sight.case)
    cleaned = [time + _clean_up(case, chart) for chart, time in stops.items()]
    if _outside(case) is not None:
        return round(_outside(case) + sum(_clean_up(case, chart) for chart in stops), 9)
    needed = [case.delay(chart) for chart in case.items if chart not in stops]
    return round(max(*cleaned, *needed), 9) if cleaned else max(needed)


async def _both_charts(case: Case, service: Service) -> None:
    ask, loop = stopping(service), asyncio.get_running_loop()
    tasks = {chart: asyncio.create_task(ask(chart), name=chart) for chart in case.items}
    for chart, time in _stops(case).items():
        loop.call_at(time, tasks[chart].cancel)
    await asyncio.wait(tasks.values())


sea_chart = Exercise(
    name="sea_chart",
    kind="build",
    cases=_charts,
    play=_ask_charts,
    may_raise=True,
    may_leak=True,
    judgements=(
        _both_at_once,
        _failure_is_caught,
        nothing_left_running,
        _ends_as_it_should,
        _stopped_in_time,
        stopped_once,
        asked_as_often_as(lambda _: {}),
        returns(_best_chart, "the new chart if it comes in time, and else the old one"),
        takes(_all_over, "until nobody is under way", or_less=True),
    ),
    expected=_both_charts,
    hints=(
        "Which of the two charts needs a task of its own, and who stops it if it is not needed?",
        (
            "The function can wait for the new one itself, within a limit. Two kinds of exception "
            "lead to the old one. And all the ways out lead through one clause."
        ),
        (
            "A task for the old one. In try: the limit and the new one; except Exception: await "
            "the task. Around both, a finally that cancels the task and waits for it."
        ),
    ),
)

EXERCISES = (boats_home, photo_trips, bring_in, radio_round, file_report, sea_chart)
