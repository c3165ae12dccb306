"""Exercises of lesson 11: tries and pauses, requests to stop, and a downloader as a whole."""

from __future__ import annotations

import asyncio
import math
import random as dice
from asyncio import CancelledError
from asyncio.tasks import sleep  # its home: nobody replaces it there
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from itertools import count as numbers
from itertools import pairwise
from random import Random
from typing import Any

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays, names
from asynclab.checking.exercise import Exercise
from asynclab.checking.gateway import gateway, nth_try, number_of, path_of, refusal, status_of
from asynclab.checking.judgements import (
    CLOSE,
    asked_each_once,
    no_crash,
    returns,
    siblings_run_on,
    takes,
)
from asynclab.checking.service import Call, Case, Service, Unreachable
from asynclab.checking.sight import Sight
from asynclab.checking.stopping import over, stopping, until
from asynclab.picture.words import count, seconds

__all__ = ["EXERCISES"]


# -- what all of them need -----------------------------------------------------------------


async def _called_off(coroutine: Awaitable[Any], stop: float | None) -> dict[str, Any]:
    """Await it; at ``stop`` it is cancelled, as ``asyncio.run`` does at the first Ctrl-C.

    Args:
        coroutine: the learner's.
        stop: seconds; None if nobody stops it.

    Returns:
        How it ``ended``, ``returned`` or ``cancelled``, and its ``value``.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if stop is None:
        return {"ended": "returned", "value": await coroutine}
    timer = loop.call_later(stop, task.cancel)
    try:
        return {"ended": "returned", "value": await coroutine}
    except CancelledError:
        if not task.cancelling():
            raise
        task.uncancel()
        return {"ended": "cancelled", "value": None}
    finally:
        timer.cancel()


def _stop(sight: Sight) -> float | None:
    return sight.case.given.get("stop")


def _passed_on(sight: Sight) -> Diagnosis | None:
    """Asked to stop, it begins nothing more, and lets the request out."""
    stop = _stop(sight)
    if stop is None or sight.result is None:
        return None
    later = [call for call in sight.calls if call.start > stop - CLOSE]
    ended = _part(sight, "ended")
    if ended == "cancelled" and not later:
        return None
    did = f"it was asked to stop at {seconds(stop)}, "
    did += f"and began {count(len(later), 'call')} after that" if later else "and returned"
    return Diagnosis("request swallowed", did, "it stops then, and passes the request on")


def _part(sight: Sight, name: str) -> Any:
    """A part of what a play gave; a grader cannot be sure that there is one."""
    return sight.result.get(name) if isinstance(sight.result, dict) else None


def _tries(sight: Sight) -> dict[str, list[Call]]:
    """The calls of each path, in order."""
    found: dict[str, list[Call]] = {path_of(item): [] for item in sight.case.items}
    for call in sight.calls:
        found[path_of(call.item)].append(call)
    return found


def _paths_that_exist(sight: Sight) -> Diagnosis | None:
    """It asks for nothing that the contract does not name."""
    known = {path_of(item) for item in sight.case.items}
    strange = [path_of(item) for item in sight.unknown if path_of(item) not in known]
    if not strange:
        return None
    did = f"it asked for {strange[0]}, and there is no such thing"
    return Diagnosis("asked too little", did, f"it asks for {min(known)}")


# -- How long can one silence hold a worker? -----------------------------------------------


def _stations(random: Random) -> Iterator[Case]:
    for tries in (random.randint(4, 5), 3, 1):
        patience, pause = random.randint(5, 9) / 10, random.randint(11, 19) / 100
        given = {"tries": tries, "patience": patience, "pause": pause}
        title = f"{_tries_of(tries)} of {seconds(patience)}, pauses from {seconds(pause)}"
        yield Case(title, [], [], given=given)


def _tries_of(number: int) -> str:
    return f"{number} tries" if number > 1 else "one try"


def _hold(case: Case, pauses: Callable[[int], float], *, tries: int | None = None) -> float:
    """Seconds, if the pauses add up to so many times the first."""
    given = case.given
    patience = given["patience"] * (given["tries"] if tries is None else tries)
    return patience + given["pause"] * pauses(given["tries"])


longest_hold = Exercise(
    name="longest_hold",
    kind="predict",
    cases=_stations,
    measure=lambda run: run.elapsed,
    misreadings={
        "pauses forgotten": lambda case: _hold(case, lambda _: 0),
        "pause after the last": lambda case: _hold(case, lambda tries: 2**tries - 1),
        "pauses alike": lambda case: _hold(case, lambda tries: tries - 1),
        "one limit for all tries": lambda case: case.given["patience"],
    },
    hints=(
        "With three tries: how many times is the patience used up, and how many pauses are there?",
        (
            "Write down what happens from left to right: a try, a pause, a try, a pause twice as "
            "long, a try. Then count each kind."
        ),
        "All tries times the patience, plus the sum of the pauses, of which there is one less.",
    ),
)


# -- The gauge in the estuary --------------------------------------------------------------


def _gauges(random: Random) -> Iterator[Case]:
    for refusals, tries in ((2, 4), (3, 3), (0, 2)):
        path = f"/gauges/{random.randint(10, 99)}"
        told = random.sample(range(2, 9), refusals)
        items = [nth_try(path, number) for number in range(1, tries + 2)]
        refused = {item: refusal(429, told=s) for item, s in zip(items, told, strict=False)}
        title = f"{_tries_of(tries)}, {refusals or 'none'} refused"
        given = {"gauge": int(path.rpartition("/")[2]), "tries": tries}
        yield Case(title, items, delays(random, len(items)), answers=refused, given=given)


async def _read_gauge(function: Callable[..., Any], case: Case, service: Service) -> Any:
    async with gateway(service) as client:
        return await function(client, *case.given.values())


def _told(sight: Sight, item: str) -> float | None:
    """Seconds of the ``Retry-After`` with which this request was refused."""
    answer = sight.case.answers.get(item)
    told = answer["headers"].get("Retry-After") if answer else None
    return None if told is None else float(told)


def _heeds(sight: Sight) -> Diagnosis | None:
    """Each further request begins as long after a refusal as that has said."""
    for before, after in pairwise(sight.calls):
        told, between = _told(sight, before.item), after.start - before.end
        if told is not None and abs(between - told) > CLOSE:
            return _not_heeded(before, told, between)
    return None


def _not_heeded(before: Call, told: float, between: float) -> Diagnosis:
    did = f"it asked again {_later(between)} request {number_of(before.item)} was refused"
    expected = f"this refusal says: after {seconds(told)}"
    return Diagnosis("told in vain", did, expected, _AXIS)


def _later(between: float) -> str:
    return f"{seconds(between)} after" if between > CLOSE else "at the moment when"


def _as_often_as_allowed(sight: Sight) -> Diagnosis | None:
    needed, made = _needed(sight.case), len(sight.calls)
    if made == needed:
        return None
    did, expected = f"it made {count(made, 'request')}", f"it makes {count(needed, 'request')} here"
    return Diagnosis(_why_not_so_often(made, needed), did, expected)


def _why_not_so_often(made: int, needed: int) -> str:
    """The misconception that leads to more requests, or fewer, than there are to be."""
    if abs(made - needed) == 1 < made:
        return "repetitions counted"
    if made > needed:
        return "called too often"
    return "no second try" if made == 1 else "asked too little"


def _needed(case: Case) -> int:
    refused = len(case.answers)
    return min(refused + 1, case.given["tries"])


def _reading(sight: Sight) -> Any:
    item = sight.case.items[_needed(sight.case) - 1]
    return None if item in sight.case.answers else sight.answers[item]


def _no_error_page(found: Callable[[Sight], dict[str, Any]]) -> Callable[[Sight], Diagnosis | None]:
    """What it gives are answers, and not what came with a refusal.

    Args:
        found: what it gives, by the words for its place.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        for place, value in found(sight).items():
            if isinstance(value, dict) and "error" in value:
                did = f"{place}: it kept the page that came with {value['error']}"
                return Diagnosis("error page", did, "only an answer with status 200 counts")
        return None

    return judge


def _last_end(sight: Sight) -> float:
    return max((call.end for call in sight.calls), default=0.0)


def _ends_with_the_last(sight: Sight) -> Diagnosis | None:
    last = _last_end(sight)
    if sight.elapsed <= last + CLOSE:
        return None
    did = f"it ended at {seconds(sight.elapsed)}, and the last answer was there at {seconds(last)}"
    return Diagnosis("pause after the last", did, "it ends with its last answer")


async def _until_admitted(case: Case, service: Service) -> None:
    for item in case.items[: _needed(case)]:
        await service.ask(item)
        if item in case.answers and item != case.items[_needed(case) - 1]:
            await asyncio.sleep(float(case.answers[item]["headers"]["Retry-After"]))


gauge_reading = Exercise(
    name="gauge_reading",
    kind="complete",
    cases=_gauges,
    play=_read_gauge,
    judgements=(
        _paths_that_exist,
        _no_error_page(lambda sight: {"its result": sight.result}),
        _heeds,
        _as_often_as_allowed,
        returns(_reading, "the JSON of the answer, or None"),
        _ends_with_the_last,
    ),
    expected=_until_admitted,
    hints=(
        "What does `client.get` give when the service refuses: an exception, or an answer?",
        (
            "Three questions, one for each blank: was this no refusal; is there another try after "
            "this one; and what does the refusal say about when?"
        ),
        (
            "Compare `status_code` with 429. Wait only if `nth + 1 < tries`. The header is text: "
            "make a number of `Retry-After`."
        ),
    ),
)


# -- The bad line to the lighthouse --------------------------------------------------------


def _lines(random: Random) -> Iterator[Case]:
    # It breaks twice; then always; then somebody stops it during the second call.
    for broken, calls, is_stopped in ((2, 4, False), (3, 3, False), (2, 3, True)):
        (name,) = names(random, 1)
        items = [nth_try(name, number) for number in range(1, calls + 1)]
        waits = delays(random, calls)
        pauses = [0.0, *sorted(delays(random, calls - 1, low=0.2, high=0.9))]
        given: dict[str, Any] = {"pauses": pauses}
        title = f"{count(broken, 'call')} of {calls} fail"
        if is_stopped:
            given["stop"] = round(waits[0] + pauses[1] + waits[1] / 2, 3)
            title += ", and it is called off"
        yield Case(title, items, waits, failing=items[:broken], given=given)


async def _ring(function: Callable[..., Any], case: Case, service: Service) -> Any:
    nth, name = numbers(1), path_of(case.items[0])

    async def ask(who: str) -> Any:
        return await service.ask(nth_try(who, next(nth)))

    try:
        ringing = function(ask, name, list(case.given["pauses"]))
        return await _called_off(ringing, case.given.get("stop"))
    except Unreachable as error:
        return {"ended": "raised", "value": str(error)}


def _rings_as_long_as_needed(sight: Sight) -> Diagnosis | None:
    failing, calls = sight.case.failing, sight.calls
    needed = min(len(failing) + 1, len(sight.case.items))
    if len(calls) == needed or _stop(sight) is not None:
        return None
    did = f"it made {count(len(calls), 'call')}, and here the first {len(failing)} fail"
    if len(calls) > needed:
        return Diagnosis("called too often", did, f"{count(needed, 'call')} are enough")
    key = "no second try" if len(calls) == 1 else "asked too little"
    return Diagnosis(key, did, f"it makes {count(needed, 'call')}")


def _pauses_before_each(sight: Sight) -> Diagnosis | None:
    end = 0.0
    for call, pause in zip(sight.calls, sight.case.given["pauses"], strict=False):
        between = call.start - end
        end = sight.elapsed if call.end is None else call.end
        if abs(between - pause) <= CLOSE:
            continue
        number = number_of(call.item)
        did = f"call {number} began {_later(between)} the one before had failed"
        key = "no backoff" if between < pause else "waited needlessly"
        return Diagnosis(key, did, f"before it lies a pause of {seconds(pause)}", _AXIS)
    return None


def _rang_right(sight: Sight) -> Diagnosis | None:
    """The sentence is returned; where there is none, the last exception is raised."""
    if _stop(sight) is not None:
        return None
    good = [item for item in sight.case.items if item not in sight.case.failing]
    last = f"{sight.case.items[-1]} does not answer"
    wanted = ("returned", sight.answers[good[0]]) if good else ("raised", last)
    ended, value = _part(sight, "ended"), _part(sight, "value")
    if (ended, value) == wanted:
        return None
    did = f"it {ended} {value!r}"
    if good:
        return Diagnosis("wrong result", did, f"it returns the sentence, {wanted[1]!r}")
    return Diagnosis("failure lost", did, "it raises the last exception: no call has succeeded")


async def _patiently(case: Case, service: Service) -> None:
    async def ring() -> None:
        for item, pause in zip(case.items, case.given["pauses"], strict=True):
            await asyncio.sleep(pause)
            try:
                await service.ask(item)
            except Unreachable:
                continue
            return

    await _called_off(ring(), case.given.get("stop"))


ring_again = Exercise(
    name="ring_again",
    kind="arrange",
    cases=_lines,
    play=_ring,
    pieces=(
        "try:",
        "raise last",
        "async def ring_again(ask, name, pauses):",
        "except BaseException as error:",
        "await asyncio.sleep(pause)",
        "for pause in pauses:",
        "return await ask(name)",
        "last = error",
        "except Exception as error:",
    ),
    judgements=(
        _passed_on,
        _pauses_before_each,
        _rings_as_long_as_needed,
        _rang_right,
        takes(_last_end, "as long as the last call"),
    ),
    expected=_patiently,
    hints=(
        "Two lines catch an exception. Which of them would also catch a request to stop?",
        (
            "Inside the loop: first the pause, then the call in a `try`, then what is done with a "
            "failure. What is left for the end comes after the loop, not in it."
        ),
        (
            "def, for, and in the loop: sleep, try with the return in it, except Exception with "
            "`last = error` in it. One level out again: raise."
        ),
    ),
)


# -- Closing time --------------------------------------------------------------------------


def _evenings(random: Random) -> Iterator[Case]:
    # Nobody stops it, and two fail; called off when some have come; called off before the first.
    for size, failing, part in ((5, 2, None), (6, 1, 0.5), (3, 0, 0.0)):
        people, waits = names(random, size), delays(random, size, low=0.3)
        title = f"{size} correspondents, {failing or 'none'} silent"
        given: dict[str, Any] = {"clean_up": dict.fromkeys(people, 0.2)}
        early = sorted(people, key=lambda name: waits[people.index(name)])
        if part is not None:
            middle = sorted([0.1, *waits])[round(part * size) :][:2]
            given["stop"] = round(sum(middle) / 2, 3)
            title += f", called off at {seconds(given['stop'])}"
        yield Case(title, people, waits, failing=early[:failing], given=given)


async def _close(function: Callable[..., Any], case: Case, service: Service) -> Any:
    posted: list[Any] = []

    def post(texts: Any) -> None:
        posted.append(copy(texts))

    closing = function(stopping(service), case.items, post)
    ended = await _called_off(closing, case.given.get("stop"))
    return {"ended": ended["ended"], "posted": posted}


def _come(sight: Sight) -> dict[str, Any]:
    """The answers that were there when it was stopped, or in the end."""
    stop = _stop(sight)
    in_time = [i for i in sight.case.good if stop is None or sight.case.delay(i) < stop]
    return {item: sight.answers[item] for item in in_time}


def _together(sight: Sight) -> Diagnosis | None:
    """All are asked at once."""
    at_once = [call for call in sight.calls if call.start < CLOSE]
    if len(at_once) == len(sight.case.items) or len(at_once) != 1:
        return None
    did = f"at first it asked {at_once[0].item} and nobody else"
    return Diagnosis("one by one", did, "all are asked at once", _AXIS)


def _posted_once(sight: Sight) -> Diagnosis | None:
    posted = _part(sight, "posted") or []
    if len(posted) == 1:
        return None
    key = "lost with the stop" if not posted and _stop(sight) is not None else "wrong result"
    did = f"it called `post` {count(len(posted), 'time')}"
    return Diagnosis(key, did, "it calls `post` once, however it ends")


def _posted_what_came(sight: Sight) -> Diagnosis | None:
    (texts,), wanted = _part(sight, "posted"), _come(sight)
    missing = [name for name in wanted if name not in texts] if isinstance(texts, dict) else []
    if missing:
        did = f"{missing[0]} had answered, and is not on the page"
        key = "one failure loses all" if _stop(sight) is None else "lost with the stop"
        return Diagnosis(key, did, "all texts that have come are posted")
    found = returns(lambda _: wanted, "those")(replace(sight, result=texts))
    if found is None:
        return None
    did = found.did.replace("its result", "the page", 1)
    return replace(found, did=did, expected="it posts the texts that have come, by name")


closing_time = Exercise(
    name="closing_time",
    kind="repair",
    cases=_evenings,
    play=_close,
    judgements=(
        _passed_on,
        _together,
        asked_each_once,
        lambda sight: siblings_run_on(sight) if _stop(sight) is None else None,
        _posted_once,
        _posted_what_came,
        takes(over(lambda case: case.given.get("stop")), "as long as the last of its calls"),
    ),
    expected=until(lambda case: case.given.get("stop")),
    hints=(
        "Where are the answers that have come, in the moment in which the gather is cancelled?",
        (
            "Let each call put its own text where it is safe, and catch its own failure. Then "
            "find the block of a `try` that is always run, and does not stop an exception."
        ),
        (
            "async def call(name) writes texts[name] and catches Exception. The gather of these "
            "calls stands in a `try`, and post(texts) in its `finally`."
        ),
    ),
)


# -- The night of the thousand reports -----------------------------------------------------

STALLED = 60.0  # seconds until an answer that never comes in time
CROWD = 3  # who come back together by chance are fewer
GONE = 404

Fate = tuple[float, Any]  # seconds, and what comes: an answer, "drop", or None for a report


def _refused(told: int | None = None, status: int = 429) -> Fate:
    return 0.05, refusal(status, told=told)


def _night(
    title: str, random: Random, fates: list[list[Fate]], *, limit: int, **given: Any
) -> Case:
    """A case of so many paths; tries beyond those listed are like the last one."""
    tries = given["tries"]
    paths = [f"/reports/{number}" for number in random.sample(range(100, 1000), len(fates))]
    items, waits, failing, answers = [], [], [], {}
    for path, listed in zip(paths, fates, strict=True):
        repeated = listed[-1:] * (tries + 2 - len(listed))
        for number, (delay, what) in enumerate(listed + repeated, start=1):
            items.append(nth_try(path, number))
            waits.append(delay)
            if what == "drop":
                failing.append(items[-1])
            elif what is not None:
                answers[items[-1]] = what
    given = {"paths": paths, "limit": limit, **given}
    return Case(title, items, waits, failing=failing, answers=answers, given=given)


def _nights(random: Random) -> Iterator[Case]:
    def come(low: float = 0.1, high: float = 0.3) -> Fate:
        return random.randint(round(low * 100), round(high * 100)) / 100, None

    dropped, failed = (0.1, "drop"), (0.15, refusal(503))
    gone, silent = (0.1, refusal(GONE)), (STALLED, None)

    told = random.randint(2, 3)
    crowd = [[_refused(told), come()] for _ in range(3)] + [[come()] for _ in range(5)]
    yield _night("refused together", random, crowd, limit=3, tries=4, patience=1.0)

    frail = [[failed, failed, failed, come()], [dropped, come()], [gone], [dropped]]
    frail += [[dropped, failed]]
    frail += [[_refused(1), _refused(2), come()], [come()], [come()]]
    order = random.sample(frail, len(frail))
    yield _night("errors of every kind", random, order, limit=4, tries=4, patience=1.0)

    # The first keeps its place for long, and there are others left when it has failed for good.
    slow = [[silent], [(0.55, None)], [(0.4, refusal(503)), (0.5, None)], [silent, come()]]
    slow += [[(0.56, None)], [(0.57, None)], [come()], [come()]]
    yield _night("some never answer", random, slow, limit=2, tries=3, patience=0.6)

    stopped = [[come()], [silent], [_refused(2), come()], [come()], [dropped, come()], [come()]]
    stopped += [[(0.7, None)] for _ in range(6)]
    stop = 1.005 + random.randint(0, 9) / 100  # nothing else happens at such a moment
    how = {"limit": 4, "tries": 3, "patience": 5.0, "stop": round(stop, 3)}
    yield _night(f"called off at {how['stop']:g} s", random, stopped, **how)


@contextmanager
def _dice_thrown_before() -> Iterator[None]:
    """The same jitter whenever a case is played; afterwards the learner's dice go on."""
    state = dice.getstate()
    dice.seed(0)
    try:
        yield
    finally:
        dice.setstate(state)


async def _copy(function: Callable[..., Any], case: Case, service: Service) -> Any:
    given, outcomes = case.given, {}
    with _dice_thrown_before():
        async with gateway(service) as client:
            settings = given["limit"], given["tries"], given["patience"]
            copying = function(client, list(given["paths"]), outcomes, *settings)
            ended = await _called_off(copying, given.get("stop"))
    return {"ended": ended["ended"], "outcomes": outcomes}


# What becomes of a request, as the case says.


def _is_good(case: Case, item: str) -> bool:
    return case.delay(item) < STALLED and item not in {*case.failing, *case.answers}


def _needed_tries(case: Case, path: str) -> list[str]:
    """The requests that a path takes, to its report or to its last failure."""
    needed = []
    for number in range(1, case.given["tries"] + 1):
        needed.append(nth_try(path, number))
        answer = case.answers.get(needed[-1])
        if _is_good(case, needed[-1]) or status_of(answer) == GONE:
            break
    return needed


_REQUEST_FAILURES = ("HTTPStatusError", "RemoteProtocolError", "TimeoutError")


def _survives(sight: Sight) -> Diagnosis | None:
    """No failure of a request leaves the function."""
    if not any(name in sight.error for name in _REQUEST_FAILURES):
        return no_crash(sight)
    did = f"it raised {sight.error.partition(' for url')[0]}, and the other reports were lost"
    return Diagnosis("one failure loses all", did, "a failure is the outcome of its own path")


def _within_the_limit(sight: Sight) -> Diagnosis | None:
    most = sight.case.given["limit"]
    if sight.peak <= most:
        return None
    made, everything = len(sight.semaphores), sight.peak == len(sight.case.given["paths"])
    key = "unbounded" if everything else "over the limit"
    key = "fresh semaphore" if made > 1 else key
    did = f"{count(sight.peak, 'request')} were in flight at once"
    return Diagnosis(key, did, f"at most {most} at once", _STRIP)


def _given_up_in_time(sight: Sight) -> Diagnosis | None:
    """No try lasts too long, and none is broken off before its time."""
    patience, stop = sight.case.given["patience"], _stop(sight)
    expected = f"each try has {seconds(patience)}, counted from its own beginning"
    for call in sight.calls:
        end = sight.elapsed if call.end is None else call.end
        did = f"the request {call.item} lasted {seconds(end - call.start)}"
        if end - call.start > patience + CLOSE:
            return Diagnosis("never gives up", did, expected, _LENGTHS)
        broken_off = call.outcome == "cancelled" and end - call.start < patience - CLOSE
        if broken_off and (stop is None or abs(end - stop) > CLOSE):
            key = "one limit for all tries" if number_of(call.item) > 1 else "queueing counts"
            return Diagnosis(key, f"{did}, and was broken off", expected, _LENGTHS)
    return _never_begun(sight, patience) or _cut_short(sight, patience)


def _never_begun(sight: Sight, patience: float) -> Diagnosis | None:
    """Its time was over before its first request: what it waited for was a place."""
    never = [path for path, calls in _tries(sight).items() if not calls]
    cancels = [cancel.time for task in sight.trace.tasks for cancel in task.cancels]
    if not never or all(abs(time - patience) > CLOSE for time in cancels):
        return None
    did = f"{never[0]} was given up at {seconds(patience)}, before its first request"
    return Diagnosis("queueing counts", did, f"a try has {seconds(patience)} from its beginning")


def _cut_short(sight: Sight, patience: float) -> Diagnosis | None:
    """The time of the first try was over during the pause before the second."""
    cancels = [cancel.time for task in sight.trace.tasks for cancel in task.cancels]
    for path, calls in _tries(sight).items():
        over = calls[0].start + patience if calls else 0.0
        is_last = len(calls) == len(_needed_tries(sight.case, path))
        if not calls or is_last or calls[-1].end is None or calls[-1].end > over - CLOSE:
            continue
        if any(abs(time - over) < CLOSE for time in cancels):
            did = f"{path} was given up at {seconds(over)}, in the pause after its last request"
            expected = f"each try has {seconds(patience)}, and the pauses do not count"
            return Diagnosis("one limit for all tries", did, expected, _LENGTHS)
    return None


def _not_too_often(sight: Sight) -> Diagnosis | None:
    for path, calls in _tries(sight).items():
        needed = _needed_tries(sight.case, path)
        if len(calls) <= len(needed):
            continue
        is_gone = status_of(sight.case.answers.get(needed[-1])) == GONE
        key = "retried in vain" if is_gone else _why_not_so_often(len(calls), len(needed))
        did = f"it made {count(len(calls), 'request')} for {path}"
        why = ": the report does not exist" if is_gone else ""
        return Diagnosis(key, did, f"{count(len(needed), 'request')} for it{why}")
    return None


def _often_enough(sight: Sight) -> Diagnosis | None:
    if _stop(sight) is not None:
        return None
    for path, calls in _tries(sight).items():
        needed = _needed_tries(sight.case, path)
        if len(calls) < len(needed):
            key = _why_not_so_often(len(calls), len(needed))
            did = f"it made {count(len(calls), 'request')} for {path}"
            return Diagnosis(key, did, f"{count(len(needed), 'request')} for it")
    return None


def _pauses(sight: Sight) -> Diagnosis | None:
    """Between two requests for a path lies what was said, or else a pause that doubles."""
    for calls in _tries(sight).values():
        for before, after in pairwise(calls):
            told, between = _told(sight, before.item), after.start - before.end
            shortest = 0.1 * 2 ** (number_of(before.item) - 1) if told is None else told
            if between > shortest - CLOSE:
                continue
            did = f"{after.item} began {_later(between)} the one before had failed"
            key = "no backoff" if told is None else "told in vain"
            if _used_up(sight, before, after):
                key = "one limit for all tries"
            said = "" if told is None else "this refusal says: "
            return Diagnosis(key, did, f"{said}at least {seconds(shortest)} between them", _AXIS)
    return None


def _used_up(sight: Sight, before: Call, after: Call) -> bool:
    """The time of a try went on in the pause behind it, and has ended that."""
    over = before.start + sight.case.given["patience"]
    cancels = (cancel.time for task in sight.trace.tasks for cancel in task.cancels)
    in_the_pause = before.end + CLOSE < over < after.start + CLOSE
    return in_the_pause and any(abs(time - over) < CLOSE for time in cancels)


def _jitter(sight: Sight) -> Diagnosis | None:
    """Those who failed at the same moment do not come back together."""
    returning: dict[float, set[float]] = {}
    together: dict[float, int] = {}
    for calls in _tries(sight).values():
        for before, after in pairwise(calls):
            moment = round(before.end, 6)
            returning.setdefault(moment, set()).add(round(after.start, 6))
            together[moment] = together.get(moment, 0) + 1
    for moment, starts in returning.items():
        if together[moment] >= CROWD and len(starts) == 1:
            did = f"{together[moment]} requests failed at {seconds(moment)}, and all of these "
            did += f"came back at {seconds(min(starts))}"
            return Diagnosis("no jitter", did, "each comes back at a moment of its own", _AXIS)
    return None


def _no_place_empty(sight: Sight) -> Diagnosis | None:
    """As many reports are under way as there are places, while others have not begun."""
    lives = [
        (calls[0].start, _over(sight, path, calls))
        for path, calls in _tries(sight).items()
        if calls
    ]
    last_begin = max((begin for begin, _ in lives), default=0.0)
    if last_begin <= CLOSE:
        return None
    for time in sorted({0.0, *(end for _, end in lives)}):
        under_way = sum(begin <= time + CLOSE < end - CLOSE for begin, end in lives)
        if time < last_begin - CLOSE and under_way < sight.case.given["limit"]:
            return _some_empty(sight, time, under_way)
    return None


def _some_empty(sight: Sight, time: float, under_way: int) -> Diagnosis:
    limit, key = sight.case.given["limit"], _why_empty(sight, time)
    were = "report was" if under_way == 1 else "reports were"
    did = f"at {seconds(time)} only {under_way} {were} under way, and others had not begun"
    expected = f"{limit} under way for as long as there are reports to begin"
    return Diagnosis(key, did, expected, _STRIP)


def _why_empty(sight: Sight, time: float) -> str:
    if sight.peak <= 1:
        return "one by one"
    tries = {path: calls for path, calls in _tries(sight).items() if calls}
    begun = {round(calls[0].start, 6) for calls in tries.values()}
    if time > CLOSE and len(begun) <= math.ceil(len(tries) / sight.case.given["limit"]):
        return "batches"
    ends = {_over(sight, path, calls): calls[-1].item for path, calls in tries.items()}
    if time in ends and not _is_good(sight.case, ends[time]):
        return "pause after the last"
    return "too few permits" if sight.peak < sight.case.given["limit"] else "partly one by one"


def _over(sight: Sight, path: str, calls: list[Call]) -> float:
    """When a path had its outcome; until then it is under way, also during a pause."""
    is_over = len(calls) == len(_needed_tries(sight.case, path)) and calls[-1].end is not None
    return calls[-1].end if is_over else sight.elapsed


def _outcomes(sight: Sight) -> dict[str, Any]:
    found = _part(sight, "outcomes")
    return found if isinstance(found, dict) else {}


def _kept(sight: Sight) -> Diagnosis | None:
    """Called off, it has kept what had come by then, and calls nothing an outcome that is none."""
    if (stop := _stop(sight)) is None:
        return None
    found = _outcomes(sight)
    if strange := [path for path, end in found.items() if _exception(end) == "CancelledError"]:
        did = f"the outcome of {strange[0]} is a CancelledError"
        return Diagnosis("cancelled is an answer", did, "what was stopped has no outcome")
    for call in sight.calls:
        path, has_come = path_of(call.item), call.outcome == "answered" and call.end < stop - CLOSE
        if has_come and _is_good(sight.case, call.item) and path not in found:
            did = f"{path} had come at {seconds(call.end)}, and `outcomes` does not have it"
            return Diagnosis("lost with the stop", did, "what has come is in `outcomes`")
    return None


def _exception(value: Any) -> str:
    return value.get("exception", "") if isinstance(value, dict) else ""


def _each_has_an_outcome(sight: Sight) -> Diagnosis | None:
    """The report of each path, or the exception of its last try."""
    if _stop(sight) is not None:
        return None
    found = _outcomes(sight)
    for path in sight.case.given["paths"]:
        last = _needed_tries(sight.case, path)[-1]
        if _is_good(sight.case, last):
            if found.get(path) != sight.answers[last]:
                did = f"the outcome of {path} is {_in_words(found, path)}"
                key = "response kept" if found.get(path) == "<Response>" else "wrong result"
                return Diagnosis(key, did, f"its report, {sight.answers[last]!r}")
            continue
        did = f"the last try of {path} failed, and its outcome is {_in_words(found, path)}"
        if not _exception(found.get(path)):
            return Diagnosis("failure lost", did, "it is the exception of the last try")
        if _is_of_an_earlier_try(sight.case, last, found[path]):
            return Diagnosis("wrong result", did, "it is the exception of the last try")
    return None


def _is_of_an_earlier_try(case: Case, last: str, found: dict[str, Any]) -> bool:
    """The last try cannot have raised this. An exception of the learner's own may mean anything."""
    if (status := status_of(case.answers.get(last))) != 200:
        is_another = "for url" in found["message"] and f"{status} " not in found["message"]
        return is_another or found["exception"] in ("RemoteProtocolError", "TimeoutError")
    own = "RemoteProtocolError" if last in case.failing else "TimeoutError"
    return found["exception"] in _REQUEST_FAILURES and found["exception"] != own


def _in_words(found: dict[str, Any], path: str) -> str:
    if path not in found:
        return "missing"
    return _exception(found[path]) or repr(found[path])


async def _politely(case: Case, service: Service) -> None:
    given, places = case.given, asyncio.Semaphore(case.given["limit"])

    async def report(number: int, path: str) -> None:
        async with places:
            needed = _needed_tries(case, path)
            for item in needed:
                await _one_try(service, item, given["patience"])
                if item != needed[-1]:
                    told = case.answers.get(item, {}).get("headers", {}).get("Retry-After")
                    shortest = float(told) if told else 0.1 * 2 ** (number_of(item) - 1)
                    await sleep(shortest + 0.01 * number)

    async def night() -> None:
        await asyncio.gather(*(report(n, path) for n, path in enumerate(given["paths"])))

    await _called_off(night(), given.get("stop"))


async def _one_try(service: Service, item: str, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            await service.ask(item)
    except (Unreachable, TimeoutError):
        pass


night_copy = Exercise(
    name="night_copy",
    kind="build",
    cases=_nights,
    play=_copy,
    judgements=(
        _survives,
        _paths_that_exist,
        _within_the_limit,
        _given_up_in_time,
        _passed_on,
        _no_error_page(_outcomes),
        _not_too_often,
        _pauses,
        _jitter,
        _often_enough,
        _kept,
        _each_has_an_outcome,
        _no_place_empty,
    ),
    expected=_politely,
    may_raise=True,  # judged in words of its own
    hints=(
        "Which part of the work is repeated: the request, the wait for a place, or both?",
        (
            "Build it in layers, each its own function: one try with its time limit; one report "
            "with its tries and pauses; all reports with `limit` workers. Who catches what?"
        ),
        (
            "A try: asyncio.timeout around client.get, then raise_for_status. A report: a loop "
            "that raises after a 404 or the last try, else sleeps. A worker: notes what comes and "
            "what is raised, but only httpx.HTTPError and TimeoutError."
        ),
    ),
)


_AXIS = "Compare where the bars begin in your run and in the expected one."
_LENGTHS = "Find this request in both pictures, and compare where its bar begins and ends."
_STRIP = "Look at the strip below the lanes: it counts the requests in flight."

EXERCISES = (longest_hold, gauge_reading, ring_again, closing_time, night_copy)
