"""Exercises of lesson 10: what concurrency does for a web handler, and for the whole site."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Self

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays, names
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import (
    CLOSE,
    Judgement,
    asked_each_once,
    loop_never_blocked,
    no_crash,
    nothing_left_running,
    returns,
    takes,
    took_the_slowest,
)
from asynclab.checking.service import Case, Service
from asynclab.checking.shapes import at_most, together
from asynclab.checking.sight import Sight
from asynclab.checking.stopping import stopping, until
from asynclab.checking.timing import given_up_after
from asynclab.checking.website import Website
from asynclab.picture.words import count, seconds

__all__ = ["EXERCISES"]

PARTS = ("news", "tides", "letters", "weather", "sport", "ships", "markets", "births")


# -- what readers have been given ----------------------------------------------------------


def _answer(sight: Sight, reader: int = 0) -> dict[str, Any]:
    """Page and time of a reader's answer. A grader cannot be sure that there is one."""
    match sight.result:
        case [*answers] if reader < len(answers):
            match answers[reader]:
                case {"page": page, "time": float(at) | int(at)}:
                    return {"page": page, "time": at}
    return {"page": None, "time": sight.elapsed}


def _page_is(
    expected: Callable[[Sight], Any], what: str, *, reader: int = 0, key: str = "wrong result"
) -> Judgement:
    """This reader has been sent this page."""
    found = returns(expected, what, key=key)
    return lambda sight: found(replace(sight, result=_answer(sight, reader)["page"]))


# -- When does the last reader have the page? ----------------------------------------------


def _pools(random: Random) -> Iterator[Case]:
    # One reader and one connection; then a pool in which no reader's queries fill all rounds, and
    # neither do those of all of them; then a connection for everybody.
    yield _pool(1, random.randint(3, 4), 1, random)
    yield _pool(random.randint(4, 5), 4, 3, random)
    readers, queries = random.randint(2, 3), random.randint(2, 3)
    yield _pool(readers, queries, readers * queries + 1, random)


def _pool(readers: int, queries: int, pool: int, random: Random) -> Case:
    (duration,) = delays(random, 1)
    given = {"readers": readers, "queries": queries, "pool": pool, "seconds": duration}
    who = f"{count(readers, 'reader')}, {queries} queries each"
    return Case(f"{who}, {count(pool, 'connection')}", [], [], given=given)


def _rounds(queries: float, case: Case) -> float:
    return math.ceil(queries / case.given["pool"]) * case.given["seconds"]


def _all_queries(case: Case) -> int:
    return case.given["readers"] * case.given["queries"]


last_page = Exercise(
    name="last_page",
    kind="predict",
    cases=_pools,
    measure=lambda run: run.elapsed,
    misreadings={
        "queue forgotten": lambda case: case.given["seconds"],
        "sum expected": lambda case: _all_queries(case) * case.given["seconds"],
        "pool for each": lambda case: _rounds(case.given["queries"], case),
        "one reader at a time": lambda case: (
            case.given["readers"] * _rounds(case.given["queries"], case)
        ),
        "part of a round": lambda case: (
            _all_queries(case) / case.given["pool"] * case.given["seconds"],
            _all_queries(case) // case.given["pool"] * case.given["seconds"],
        ),
    },
    hints=(
        "How many queries does the site have to make in all, and how many at a time can it make?",
        (
            "The pool belongs to the site and not to a request. It works in rounds: in each, every "
            "connection makes one query for whoever waits, and a round lasts `seconds`."
        ),
        "All queries of all readers, divided by the connections, rounded up, times `seconds`.",
    ),
)


# -- A session for each part ---------------------------------------------------------------


class SessionBusy(RuntimeError):
    """A session was used by two tasks at once."""


@dataclass
class _Sessions:
    """Makes sessions, and knows what became of them.

    A session that is used without ``async with`` works, and nobody gives its connection back.
    """

    service: Service
    lent: int = 0  # connections that sessions have borrowed and not given back
    misuse: str = ""

    def __call__(self) -> _Session:
        return _Session(self)


class _Session:
    """Reads one part at a time. It borrows a connection when it is first used."""

    def __init__(self, sessions: _Sessions) -> None:
        self._sessions = sessions
        self._has_connection = False
        self._reads = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self._sessions.lent -= self._has_connection
        self._has_connection = False

    async def read(self, part: str) -> Any:
        if self._reads:
            self._sessions.misuse = f"asked for {part} while it was reading {self._reads}"
            raise SessionBusy(f"a session was {self._sessions.misuse}")
        self._sessions.lent += not self._has_connection
        self._has_connection, self._reads = True, part
        try:
            return await self._sessions.service.ask(part)
        finally:
            self._reads = ""


def _fronts(random: Random) -> Iterator[Case]:
    for number in (3, random.randint(5, 7)):
        parts = random.sample(PARTS, number)
        yield Case(f"a page of {number} parts", parts, delays(random, number))


async def _read_front(function: Callable[..., Any], case: Case, service: Service) -> Any:
    sessions, answers = _Sessions(service), [None]

    async def with_a_session(request: Any) -> Any:
        async with sessions() as session:
            request.state.session = session
            return await function(request)

    site = Website({"/front": with_a_session}, sessions=sessions, parts=case.items)
    with contextlib.suppress(SessionBusy):
        answers = await site.serve("/front")
    return [*answers, {"misuse": sessions.misuse, "lent": sessions.lent}]


def _one_task_each(sight: Sight) -> Diagnosis | None:
    """No session has been asked while it was reading."""
    match sight.result:
        case [_, {"misuse": str(misuse)}] if misuse:
            expected = "each query has a session of its own"
            return Diagnosis("shared session", f"one session was {misuse}", expected, _LANES)
    return None


def _connections_back(sight: Sight) -> Diagnosis | None:
    """All connections are back in the pool."""
    match sight.result:
        case [_, {"lent": int(lent)}] if lent:
            did = f"when the page was sent, {count(lent, 'session')} had not been closed"
            expected = "each session is closed when its part is there"
            return Diagnosis("session left open", did, expected)
    return None


_LANES = "Compare how far the lanes get in your run and in the expected one."

front_parts = Exercise(
    name="front_parts",
    kind="complete",
    cases=_fronts,
    play=_read_front,
    may_leak=True,  # its own order: readings that a busy session leaves behind come second
    judgements=(
        _one_task_each,
        nothing_left_running,
        asked_each_once,
        _connections_back,
        _page_is(lambda sight: sight.answers, "the text of each part"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "How many of the queries may use `request.state.session` at the same time?",
        (
            "`sessions` is called to make a session. The first blank makes one for this part, the "
            "second does the reading in it, the third waits for all parts at once."
        ),
        "sessions(); await session.read(...); await a gather of read_part for each part.",
    ),
)


# -- A page in time ------------------------------------------------------------------------


def _mornings(random: Random) -> Iterator[Case]:
    yield _morning(random, failing=0, late=0)
    yield _morning(random, failing=1, late=2)
    yield _morning(random, failing=2, late=0)


def _morning(random: Random, *, failing: int, late: int) -> Case:
    parts = random.sample(PARTS, 5)
    waits = delays(random, 5, low=0.2, high=0.6)
    missing = random.sample(parts, failing + late)
    for part in missing[:late]:
        waits[parts.index(part)] = random.randint(30, 90) / 10
    given = {"patience": random.randint(65, 80) / 100}
    title = f"5 parts, {failing or 'none'} out of reach, {late or 'none'} too late"
    return Case(title, parts, waits, failing=missing[late:], given=given)


def _late(case: Case) -> list[str]:
    return [part for part in case.items if case.delay(part) > case.given["patience"]]


async def _ask_by_deadline(function: Callable[..., Any], case: Case, service: Service) -> Any:
    state = {"ask": service.ask, "parts": case.items, "patience": case.given["patience"]}
    return await Website({"/morning": function}, **state).serve("/morning")


def _what_there_is(sight: Sight) -> dict[str, Any]:
    return sight.answers | dict.fromkeys([*sight.case.failing, *_late(sight.case)])


def _deadline(sight: Sight) -> float:
    return min(sight.case.slowest, sight.case.given["patience"])


def _page_is_sent(sight: Sight) -> Diagnosis | None:
    """What became of one part has not become of the page."""
    if sight.error_type not in ("Unreachable", "TimeoutError"):
        return no_crash(sight)
    did = f"it raised {sight.error}, and the reader got status 500 and no page"
    return Diagnosis("one failure loses all", did, "it returns a page all the same")


page_in_time = Exercise(
    name="page_in_time",
    kind="arrange",
    cases=_mornings,
    play=_ask_by_deadline,
    may_raise=True,
    may_leak=True,
    pieces=(
        "return dict(zip(site.parts, bodies))",
        "async with asyncio.timeout(site.patience):",
        "bodies = await asyncio.gather(*map(part_or_none, site.parts))",
        "except Exception:",
        "async def page_in_time(request):",
        "return await site.ask(part)",
        "bodies = [await part_or_none(part) for part in site.parts]",
        "try:",
        "site = request.app.state",
        "return None",
        "async def part_or_none(part):",
    ),
    judgements=(
        _page_is_sent,
        nothing_left_running,
        asked_each_once,
        given_up_after(lambda sight: sight.case.given["patience"]),
        takes(_deadline, "until the slowest part is there or the time is up"),
        _page_is(_what_there_is, "the text of each part, or None", key="failure lost"),
    ),
    expected=at_most(lambda case: len(case.items), patience=lambda case: case.given["patience"]),
    hints=(
        "Two lines fill `bodies`. With which of them does the last part begin at once?",
        (
            "What happens to one part must stay with it: the `try` and the time limit are inside "
            "of `part_or_none`. A timeout is an exception when its block is left."
        ),
        (
            "def of the page, its site; inside, def of part_or_none with try, the time limit, the "
            "return of the part, except, the return of None; one level out, the gather, the return."
        ),
    ),
)


# -- The almanac that blocks ---------------------------------------------------------------


HARBOURS = ("Ebbham", "Saltby", "Oldport", "Ferrow", "Northquay", "Sandness", "Kelpwick")


def _harbours(random: Random) -> Iterator[Case]:
    for number in (2, 4):
        places = random.sample(HARBOURS, number)
        looking = delays(random, number)
        waits = [*delays(random, number), random.randint(10, 20) / 100]
        given = {"looking": dict(zip(places, looking, strict=True))}
        title = f"{number} readers of the tides, and one of the news"
        yield Case(title, [*places, "news"], waits, given=given)


async def _read_tides(function: Callable[..., Any], case: Case, service: Service) -> Any:
    looking = case.given["looking"]

    def almanac(harbour: str) -> str:
        time.sleep(looking[harbour])
        return _high_water(looking[harbour])

    async def news(_: Any) -> Any:
        return await service.ask("news")

    site = Website({"/tides": function, "/news": news}, almanac=almanac, wind=service.ask)
    return await site.serve(*(f"/tides?harbour={name}" for name in looking), "/news")


def _high_water(looking: float) -> str:
    minutes = round(looking * 1000)
    return f"high water {minutes // 60 % 24:02}:{minutes % 60:02}"


def _tide_pages(sight: Sight) -> Diagnosis | None:
    """Tide and wind of each harbour stand on its page."""
    for number, (harbour, duration) in enumerate(sight.case.given["looking"].items()):
        page = {"tide": _high_water(duration), "wind": sight.answers[harbour]}
        what = f"a dictionary with tide and wind of {harbour}"
        judgement = _page_is(lambda _, page=page: page, what, reader=number)
        if (diagnosis := judgement(sight)) is not None:
            return diagnosis
    return None


def _both_at_once(sight: Sight) -> Diagnosis | None:
    """A page has come after the longer of its two waits, not after both."""
    for number, (harbour, duration) in enumerate(sight.case.given["looking"].items()):
        came, longer = _answer(sight, number)["time"], max(duration, sight.case.delay(harbour))
        if came > longer + CLOSE:
            did = f"the reader of {harbour} had the page after {seconds(came)}"
            expected = f"it is there after {seconds(longer)}, when the longer of the two is over"
            return Diagnosis("partly one by one", did, expected, _THREADS)
    return None


_THREADS = "In the picture, find the wait that begins only where the other one ends."


async def _almanac_in_threads(case: Case, service: Service) -> None:
    looking = case.given["looking"].values()
    almanac = (asyncio.to_thread(time.sleep, duration) for duration in looking)
    await asyncio.gather(*map(service.ask, case.items), *almanac)


tide_page = Exercise(
    name="tide_page",
    kind="repair",
    cases=_harbours,
    play=_read_tides,
    may_raise=True,  # its own order: who has blocked the loop hears of that first
    may_leak=True,
    judgements=(
        loop_never_blocked,
        no_crash,
        nothing_left_running,
        asked_each_once,
        _tide_pages,
        _both_at_once,
    ),
    expected=_almanac_in_threads,
    hints=(
        "While the almanac is being read, who answers the reader of the news?",
        (
            "The almanac cannot be awaited, so it needs a thread of its own. What gives you "
            "something to await for a function in a thread, and how do two such things overlap?"
        ),
        "Gather asyncio.to_thread(site.almanac, harbour), with no call of almanac, and the wind.",
    ),
)


# -- A letter from a reader ----------------------------------------------------------------


def _post_bags(random: Random) -> Iterator[Case]:
    yield _post_bag(random, failing=0)
    yield _post_bag(random, failing=2)


def _post_bag(random: Random, *, failing: int) -> Case:
    editors = names(random, random.randint(4, 6))
    waits = delays(random, len(editors), low=0.3)
    # Whoever fails does so early: where a failure stops the others, they are under way.
    lost = sorted(editors, key=lambda name: waits[editors.index(name)])[:failing]
    reached = f"{failing} of whom cannot be reached" if failing else "all of whom can be reached"
    return Case(f"{len(editors)} editors, {reached}", editors, waits, failing=lost)


async def _post_letter(function: Callable[..., Any], case: Case, service: Service) -> Any:
    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as jobs:
            app.state.jobs = jobs
            yield

    site = Website({"/letter": function}, lifespan=lifespan, send=service.ask, editors=case.items)
    return await site.serve("/letter")


def _thanked_at_once(sight: Sight) -> Diagnosis | None:
    """The reader has not waited for the editors."""
    if sight.error or (came := _answer(sight)["time"]) < CLOSE:
        return None
    did = f"the reader had the answer after {seconds(came)}"
    expected = "the answer is there at once, and the copies are sent while nobody waits"
    return Diagnosis("answer waits", did, expected)


def _failures_stay_with_their_job(sight: Sight) -> Diagnosis | None:
    """What cannot be delivered has not reached the group of the site."""
    stopped = [call for call in sight.calls if call.outcome == "cancelled"]
    if not sight.failed_calls or not (stopped or sight.error_type == "ExceptionGroup"):
        return None
    lost = stopped + sight.open_calls
    did = f"a failure left its job, and {count(len(lost), 'other letter')} went lost with it"
    expected = "one that cannot be delivered harms no other"
    return Diagnosis("job breaks the group", did, expected, "Who is stopped, and by whom?")


def _finished_before_closing(sight: Sight) -> Diagnosis | None:
    """The site has waited for all copies."""
    if nothing_left_running(sight) is None:
        return None
    over = [call for call in sight.calls if call.outcome in ("answered", "failed")]
    left = count(len(sight.case.items) - len(over), "letter")
    did = f"when the site closed, at {seconds(sight.elapsed)}, {left} had not arrived"
    return Diagnosis("leaked", did, "what is under way is finished before the site is closed")


reader_letter = Exercise(
    name="reader_letter",
    kind="build",
    cases=_post_bags,
    play=_post_letter,
    may_raise=True,
    may_leak=True,
    judgements=(
        _thanked_at_once,
        _failures_stay_with_their_job,
        _finished_before_closing,
        no_crash,
        asked_each_once,
        took_the_slowest,
        _page_is(lambda sight: {"copies": len(sight.case.items)}, "the number of copies"),
    ),
    expected=together,
    hints=(
        "Who waits for a task of yours when the reader has gone and the site is closed?",
        (
            "`jobs` is a task group, and its block ends with the site. What does a group do when "
            "one of its tasks fails, and where must that failure be caught?"
        ),
        (
            "A coroutine that tries to send to one editor and catches what goes wrong; for each "
            "editor a task of it, made by jobs.create_task; then return the number."
        ),
    ),
)


# -- A report that nobody waits for --------------------------------------------------------

NOTICE = 0.1  # seconds within which a handler has to notice that its reader has left
LONG = 10.0  # seconds after which even the reader who stays has gone


def _archives(random: Random) -> Iterator[Case]:
    yield _report(random, None)
    yield _report(random, random.randint(33, 57) / 100)


def _report(random: Random, leaves: float | None) -> Case:
    years = [f"the year {year}" for year in random.sample(range(1950, 2020), 4)]
    clean_up = dict(zip(years, delays(random, 4, high=0.3), strict=True))
    # Whoever looks every hundredth of a second comes too late as well.
    waits = [round(wait + 0.005, 3) for wait in delays(random, 4, low=0.81, high=1.47)]
    title = f"4 years, and the reader {'stays' if leaves is None else f'leaves at {leaves:g} s'}"
    return Case(title, years, waits, given={"leaves": leaves, "clean_up": clean_up})


def _leaves(case: Case) -> float | None:
    return case.given["leaves"]


async def _read_report(function: Callable[..., Any], case: Case, service: Service) -> Any:
    site = Website({"/report": function}, ask=stopping(service), years=case.items)
    return await site.serve("/report", leaves=_leaves(case) or LONG)


def _ends_with_the_work(sight: Sight) -> Diagnosis | None:
    """Nobody has looked out for the reader for longer than there was work."""
    if sight.elapsed < LONG - CLOSE:
        return None
    over = seconds(max((call.end or LONG for call in sight.calls), default=0.0))
    did = f"the last year was there after {over}, and the handler went on until the reader left"
    return Diagnosis(
        "watcher outlives the work", did, "the page is there as soon as the last year is"
    )


def _works_for_the_reader(sight: Sight) -> Diagnosis | None:
    """While the reader is there, no call is stopped."""
    left = _leaves(sight.case)
    ends = [call.end for call in sight.calls if call.outcome == "cancelled"]
    early = [end for end in ends if left is None or end < left - CLOSE]
    if not early:
        return None
    did = (
        f"at {seconds(min(early))} it stopped {count(len(early), 'call')}, and the reader was there"
    )
    return Diagnosis("reader still there", did, "all years are asked while the reader waits")


def _stops_with_the_reader(sight: Sight) -> Diagnosis | None:
    """When the reader has left, all calls are stopped soon."""
    if (left := _leaves(sight.case)) is None:
        return None
    last = left + NOTICE
    went_on = [call for call in sight.calls if call.end is None or call.end > last + CLOSE]
    if not went_on:
        return None
    calls = count(len(went_on), "call")
    did = f"the reader left at {seconds(left)}, and {calls} went on after {seconds(last)}"
    return Diagnosis("reader gone", did, f"by {seconds(last)} all calls have been stopped")


def _nothing_of_its_own_left(sight: Sight) -> Diagnosis | None:
    """No task has outlived the handler.

    Each look for the reader cancels itself within the framework; nobody has asked it to stop.
    """
    tasks = [
        replace(task, cancels=[cancel for cancel in task.cancels if cancel.by != "loop"])
        for task in sight.trace.tasks
    ]
    return nothing_left_running(replace(sight, trace=replace(sight.trace, tasks=tasks)))


def _when_the_last_is_there(sight: Sight) -> Diagnosis | None:
    """The handler has ended with its work, not with a later look at it."""
    over, wanted = max(call.end for call in sight.calls), sight.case.slowest
    if over > wanted + CLOSE or sight.elapsed < wanted + CLOSE:
        return took_the_slowest(sight)
    did = f"the last year was there after {seconds(over)}, the page after {seconds(sight.elapsed)}"
    return Diagnosis("noticed late", did, "the page is there as soon as the last year is")


def _if_the_reader_stays(judgement: Judgement) -> Judgement:
    return lambda sight: judgement(sight) if _leaves(sight.case) is None else None


annual_report = Exercise(
    name="annual_report",
    kind="build",
    cases=_archives,
    play=_read_report,
    may_raise=True,  # what a handler raises for a reader who has left
    may_leak=True,
    judgements=(
        _ends_with_the_work,
        _if_the_reader_stays(no_crash),
        _works_for_the_reader,
        _stops_with_the_reader,
        _nothing_of_its_own_left,
        asked_each_once,
        _if_the_reader_stays(_page_is(lambda s: s.good_answers, "the years in their order")),
        _if_the_reader_stays(_when_the_last_is_there),
    ),
    expected=until(_leaves),
    hints=(
        "Nobody tells a handler that its reader has left. How can it find out?",
        (
            "Two things run side by side: the work, and somebody who asks again and again whether "
            "the reader is still there. Whoever is first ends the other."
        ),
        (
            "A task for the gather's coroutine, a task that loops over is_disconnected and a short "
            "sleep; wait for FIRST_COMPLETED; cancel both, wait for both, return the work's result."
        ),
    ),
)

EXERCISES = (last_page, front_parts, page_in_time, tide_page, reader_letter, annual_report)
