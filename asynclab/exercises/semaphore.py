"""Exercises of lesson 06: how many at once, how long each may take, how many in a second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays, names
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import asked_each_once, bounded, returns, takes
from asynclab.checking.service import Case, Service
from asynclab.checking.shapes import at_most
from asynclab.checking.sight import Sight
from asynclab.checking.timing import given_up_after, paced

__all__ = ["EXERCISES"]


def _limit_of(case: Case) -> int:
    return case.given["limit"]


def _limit(sight: Sight) -> int:
    return sight.case.given["limit"]


async def _with_client(function: Callable[..., Any], case: Case, service: Service) -> Any:
    async with service.client() as client:
        return await function(client, *case.given.values())


async def _ask_items(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(service.ask, case.items, *case.given.values())


# -- How long does the archive take? -------------------------------------------------------


def _archives(random: Random) -> Iterator[Case]:
    limit = random.randint(3, 6)
    # A last round that is not half full, then only full ones, then fewer calls than permits.
    last = random.randint(1, (limit - 1) // 2)
    yield _archive(limit * random.randint(2, 5) + last, limit, random)
    yield _archive(limit * random.randint(2, 5), limit, random)
    yield _archive(random.randint(2, limit), limit + 2, random)


def _archive(calls: int, limit: int, random: Random) -> Case:
    (delay,) = delays(random, 1)
    given = {"calls": calls, "limit": limit, "delay": delay}
    return Case(f"{calls} calls of {delay:g} s, at most {limit} at once", [], [], given=given)


def _without_a_last_round(case: Case) -> tuple[float, ...]:
    """Shared out evenly, or only the rounds that are full."""
    calls, limit, delay = case.given["calls"], case.given["limit"], case.given["delay"]
    return calls / limit * delay, calls // limit * delay


archive_total = Exercise(
    name="archive_total",
    kind="predict",
    cases=_archives,
    measure=lambda run: run.elapsed,
    misreadings={
        "sum expected": lambda case: case.given["calls"] * case.given["delay"],
        "queue forgotten": lambda case: case.given["delay"],
        "part of a round": _without_a_last_round,
    },
    hints=(
        "With 7 calls and 3 permits: which calls are still waiting after the first `delay`?",
        (
            "All calls take the same time, so the permits come back together. Count in rounds: "
            "how many calls does a round take in, and how long does each round last?"
        ),
        "The number of rounds, rounded up, times the length of one.",
    ),
)


# -- Portraits of the crews ----------------------------------------------------------------


def _crews(random: Random) -> Iterator[Case]:
    for count, limit in ((random.randint(8, 10), 3), (random.randint(5, 7), 2), (3, 4)):
        skippers = random.sample(range(1, 100), count)
        paths = [f"/portraits/{skipper}" for skipper in skippers]
        title = f"{count} portraits, at most {limit} at once"
        given = {"skippers": skippers, "limit": limit}
        yield Case(title, paths, delays(random, count), given=given)


portraits = Exercise(
    name="portraits",
    kind="complete",
    cases=_crews,
    play=_with_client,
    judgements=(
        asked_each_once,
        returns(lambda sight: sight.good_answers, "the portraits in the order of the skippers"),
        bounded(_limit),
    ),
    expected=at_most(_limit_of),
    hints=(
        "Who has to know of the permits: one call, or all of them?",
        (
            "The first blank makes one semaphore for all calls, the second takes a permit from it, "
            "and the third does its waiting while the permit is held."
        ),
        (
            "asyncio.Semaphore(limit) is made once; inside its block, await fetch(client, ...) "
            "with the path of this skipper."
        ),
    ),
)


# -- A pile of pages -----------------------------------------------------------------------


def _piles(random: Random) -> Iterator[Case]:
    for count, limit in ((random.randint(6, 8), 2), (random.randint(8, 10), 3), (3, 5)):
        pages = [f"page {number}" for number in range(1, count + 1)]
        title = f"{count} pages, {limit} readers"
        yield Case(title, pages, delays(random, count), given={"limit": limit})


def _from_one_pile(sight: Sight) -> Diagnosis | None:
    """Not every reader begins with the first page."""
    readers, times = len(sight.trace.tasks) - 1, Counter(sight.asked)
    if readers < 2 or any(times[page] != readers for page in sight.case.items):
        return None
    did = f"{readers} readers have each read all {len(times)} pages"
    return Diagnosis("each from the start", did, "each page is read once, by one of them")


proof_reading = Exercise(
    name="proof_reading",
    kind="arrange",
    cases=_piles,
    play=_ask_items,
    pieces=(
        "for page in waiting:",
        "await asyncio.gather(*(reader() for _ in range(limit)))",
        "async def proof_reading(read, pages, limit):",
        "for page in pages:",
        "notes[page] = await read(page)",
        "return notes",
        "waiting, notes = iter(pages), {}",
        "async def reader():",
    ),
    judgements=(
        _from_one_pile,
        asked_each_once,
        bounded(_limit),
        returns(lambda sight: sight.answers, "the notes on each page"),
    ),
    expected=at_most(_limit_of),
    hints=(
        "Two lines loop over pages. Which of them gives each page to one reader only?",
        (
            "There is one pile and there are several readers: the pile is made outside of "
            "`reader`, the loop is inside. And somebody has to start the readers."
        ),
        (
            "def of the function; the pile and the empty notes; inside, def of the reader with its "
            "loop and the line that reads; then, one level out, the gather and the return."
        ),
    ),
)


# -- The night wires -----------------------------------------------------------------------


def _nights(random: Random) -> Iterator[Case]:
    # As many failures as permits: who loses them stands still. Then one, and then none.
    for count, limit, silent in ((random.randint(8, 10), 3, 3), (7, 2, 1), (2, 4, 0)):
        people = names(random, count)
        failing = [people[0], *random.sample(people[1:-2], silent - 1)] if silent else []
        title = f"{count} correspondents, {limit} wires, {silent or 'none'} silent"
        waits = delays(random, count)
        yield Case(title, people, waits, failing=failing, given={"limit": limit})


def _texts(sight: Sight) -> list[Any]:
    silent = {
        name: {"exception": "Unreachable", "message": f"{name} does not answer"}
        for name in sight.case.failing
    }
    return [silent.get(name) or sight.answers[name] for name in sight.case.items]


night_wires = Exercise(
    name="night_wires",
    kind="repair",
    cases=_nights,
    play=_ask_items,
    judgements=(
        asked_each_once,
        bounded(_limit),
        returns(_texts, "a text or an exception for each name", key="failure lost"),
    ),
    expected=at_most(_limit_of),
    hints=(
        "How many semaphores does a night with eight names need, and how many are made?",
        (
            "Make it where all calls can see it. Then follow a call that fails: which of the lines "
            "below `ask` does it still reach?"
        ),
        (
            "One semaphore above `wire`, and in `wire` a block that gives the permit back in every "
            "case: `async with`, or `try` with `finally`."
        ),
    ),
)


# -- Interviews from the quay --------------------------------------------------------------


def _quays(random: Random) -> Iterator[Case]:
    # Whoever counts the queue gives up the last ones: they begin later than the patience lasts.
    for limit, silent, endless in ((3, 1, 1), (2, 0, 3), (2, 2, 0)):
        people = names(random, 4 * limit)
        waits = delays(random, len(people), low=0.3, high=0.6)
        failing = [people[0], *random.sample(people[1:-limit], silent + endless - 1)]
        for name in failing[silent:]:
            waits[people.index(name)] = random.randint(30, 90) / 10
        some = f"{silent or 'none'} silent, {endless or 'none'} endless"
        title = f"{len(people)} crews, {limit} telephones, {some}"
        given = {"limit": limit, "patience": random.randint(65, 80) / 100}
        yield Case(title, people, waits, failing=failing, given=given)


def _sentences(sight: Sight) -> dict[str, Any]:
    return sight.answers | dict.fromkeys(sight.case.lost)


interviews = Exercise(
    name="interviews",
    kind="build",
    cases=_quays,
    play=_ask_items,
    judgements=(
        given_up_after(lambda sight: sight.case.given["patience"]),
        asked_each_once,
        bounded(_limit),
        returns(_sentences, "a sentence or None for each name", key="failure lost"),
    ),
    expected=at_most(_limit_of, patience=lambda case: case.given["patience"]),
    hints=(
        "When does the time of a call begin: when you put it on the list, or when it has a line?",
        (
            "Three things go around one call, and their order matters: the permit, the time limit, "
            "and the `try` that turns any exception into None."
        ),
        (
            "async def interview(name): the permit outside, then asyncio.timeout(patience), then "
            "the call; except Exception returns None. Then a gather, and dict(zip(...))."
        ),
    ),
)


# -- The register of ships -----------------------------------------------------------------


def _registers(random: Random) -> Iterator[Case]:
    # Quick answers, where the gap decides. Then slow ones, where the places decide.
    yield _register(random, 5, 0.2, delays(random, random.randint(7, 9), low=0.25, high=0.6))
    waits = delays(random, random.randint(7, 9), low=0.9, high=1.5)
    waits[:3] = 0.8, 0.73, 0.77  # begun 0.1 s apart, they end 0.03 s and 0.14 s apart
    yield _register(random, 3, 0.1, waits)


def _register(random: Random, limit: int, gap: float, waits: list[float]) -> Case:
    ships = random.sample(range(100, 1000), len(waits))
    paths = [f"/ships/{ship}" for ship in ships]
    title = f"{len(ships)} ships, at most {limit} at once, {gap:g} s between two"
    return Case(title, paths, waits, given={"ships": ships, "limit": limit, "gap": gap})


def _last_answer(sight: Sight) -> float:
    return max(call.end for call in sight.calls)


ship_register = Exercise(
    name="ship_register",
    kind="build",
    cases=_registers,
    play=_with_client,
    judgements=(
        asked_each_once,
        returns(lambda sight: sight.good_answers, "the entries in the order of the ships"),
        paced(_limit, lambda sight: sight.case.given["gap"]),
        takes(_last_answer, "as long as the last answer"),
    ),
    expected=at_most(_limit_of, gap=lambda case: case.given["gap"]),
    hints=(
        "Which of the two limits can a semaphore keep, and what does the other one need to know?",
        (
            "The other one is the lesson's bucket: a number says when the next may begin. Whoever "
            "comes reads it, moves it on by `gap` with no await in between, and sleeps until then."
        ),
        (
            "async with permits: turn = max(next_turn, now); next_turn = turn + gap; sleep until "
            "turn; then the request. `next_turn` is shared, with nonlocal."
        ),
    ),
)

EXERCISES = (archive_total, portraits, proof_reading, night_wires, interviews, ship_register)
