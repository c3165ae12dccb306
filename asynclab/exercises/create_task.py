"""Exercises of lesson 04: tasks that begin when somebody waits, and what it takes to own one."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from asyncio.tasks import sleep  # its home: nobody replaces it there
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import Any
from weakref import WeakValueDictionary

from asynclab.checking.diagnosis import Diagnosis
from asynclab.checking.draw import delays
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import (
    CLOSE,
    asked_each_once,
    no_crash,
    nothing_left_running,
    returns,
    takes,
    took_the_slowest,
)
from asynclab.checking.service import Case, Service, Unreachable, called
from asynclab.checking.shapes import together
from asynclab.checking.sight import Sight
from asynclab.checking.timing import not_guessed
from asynclab.picture.words import count, listed, seconds

__all__ = ["EXERCISES"]

STREETS = ("Quay Street", "Mill Lane", "Chapel Hill", "Market Row", "Rope Walk", "Lamp Alley")
ORDERED, OVER = "all are ordered", "the coffee is over"


def _fails(item: str) -> str:
    return f"{item} does not answer"


def _last_answer(sight: Sight) -> float:
    return max((call.end or 0.0 for call in sight.calls), default=0.0)


# -- The log of the night ------------------------------------------------------------------


def _nights(random: Random) -> Iterator[Case]:
    waits = delays(random, random.randint(4, 5), low=0.2)
    _, before, after, *_ = sorted(waits)
    yield _night(waits, (before + after) / 2)
    yield _night(delays(random, 3), 0.0)
    yield _night(delays(random, 3), 1.5)


def _night(waits: list[float], coffee: float) -> Case:
    given = {
        "seconds": {f"press {name}": wait for name, wait in zip("ABCDE", waits, strict=False)},
        "coffee": round(coffee, 3),
    }
    title = f"{len(waits)} presses, and a coffee of {seconds(given['coffee'])}"
    return Case(title, [], [], given=given)


def _starts(case: Case) -> list[str]:
    return [f"{press} starts" for press in case.given["seconds"]]


def _ends(case: Case, low: float, high: float) -> list[str]:
    waits = case.given["seconds"]
    by_time = sorted(waits, key=waits.get)
    return [f"{press} is done" for press in by_time if low < waits[press] < high]


def _starts_at_once(case: Case) -> list[str]:
    coffee = case.given["coffee"]
    early, late = _ends(case, 0, coffee), _ends(case, coffee, float("inf"))
    return [*_starts(case), ORDERED, *early, OVER, *late]


def _starts_when_awaited(case: Case) -> list[str]:
    return [ORDERED, OVER, *_starts(case), *_ends(case, 0, float("inf"))]


def _works_when_awaited(case: Case) -> list[str]:
    return [ORDERED, *_starts(case), OVER, *_ends(case, 0, float("inf"))]


night_log = Exercise(
    name="night_log",
    kind="predict",
    cases=_nights,
    measure=lambda run: run.result,
    misreadings={
        "starts at once": _starts_at_once,
        "starts when awaited": _starts_when_awaited,
        "works when awaited": _works_when_awaited,
    },
    hints=(
        "Where is the first line of `night` that waits? Who can have had a turn before it?",
        (
            "`create_task` puts a task into the queue, and the first `await` that waits works the "
            "queue off. Which presses are done while the printer has his coffee?"
        ),
        (
            "First the line of the printer, then all starts, then those whose seconds are fewer "
            "than coffee, then the end of the coffee, then the others."
        ),
    ),
)


# -- The cover takes long ------------------------------------------------------------------


def _magazines(random: Random) -> Iterator[Case]:
    # The cover outlasts both steps; then it is done before the first of them.
    text, plates = delays(random, 2, low=0.2, high=0.5)
    more = random.randint(10, 40) / 100
    yield _magazine("the cover takes longest", random, [text + plates + more, text, plates])
    cover, text, plates = sorted(delays(random, 3, low=0.2))
    yield _magazine("the cover is quick", random, [cover, text, plates])


def _magazine(title: str, random: Random, waits: list[float]) -> Case:
    cover, text = f"cover {random.randint(10, 99)}", f"text {random.randint(10, 99)}"
    plates = f"plates {random.randint(1000, 9999)}"
    return Case(
        title,
        [cover, text, plates],
        [round(wait, 2) for wait in waits],
        needs={plates: text},
        answers={text: plates},
    )


async def _make(function: Callable[..., Any], case: Case, service: Service) -> Any:
    cover, text, _ = case.items
    return await function(called("make", service.ask), cover, text)


def _cover_and_pages(sight: Sight) -> list[Any]:
    cover, _, plates = sight.case.items
    return [sight.answers[cover], sight.answers[plates]]


magazine = Exercise(
    name="magazine",
    kind="complete",
    cases=_magazines,
    play=_make,
    judgements=(
        asked_each_once,
        returns(_cover_and_pages, "the cover and the pages"),
        not_guessed(_last_answer),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "What must the first line do, so that the cover is on the press while the plates are made?",
        (
            "A call makes a coroutine, and nothing in it runs. Who hands it to the loop? And at "
            "the end it may be done or not: which word fits both?"
        ),
        "First asyncio.create_task around the call, last an await of that task.",
    ),
)


# -- Orders come all night -----------------------------------------------------------------


def _addresses(random: Random, number: int) -> list[str]:
    houses = random.sample(range(1, 60), number)
    return [f"{house} {random.choice(STREETS)}" for house in houses]


def _arrivals(random: Random, number: int) -> list[float]:
    """When each order comes: one after the other, seconds."""
    gaps = [random.randint(10, 25) for _ in range(number)]
    return [sum(gaps[: nth + 1]) / 100 for nth in range(number)]


def _orders(random: Random) -> Iterator[Case]:
    for number in (random.randint(5, 7), 3):
        arrivals = _arrivals(random, number)
        given = {"arrivals": arrivals, "closing": round(arrivals[-1] + 0.35, 2)}
        title = f"{number} orders, the office closes at {seconds(given['closing'])}"
        # Each is longer than any gap between two orders.
        waits = delays(random, number, low=0.3, high=1.2)
        yield Case(title, _addresses(random, number), waits, given=given)


def _next_order(case: Case) -> Callable[[], Awaitable[str | None]]:
    """Gives one address after the other, as soon as it has come, and then None."""
    times = [*case.given["arrivals"], case.given["closing"]]
    coming = iter(zip([*case.items, None], times, strict=True))
    clock = asyncio.get_running_loop().time

    async def next_order() -> str | None:
        address, at = next(coming, (None, 0.0))
        await sleep(max(0.0, at - clock()))
        return address

    return next_order


async def _send_out(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(_next_order(case), called("deliver", service.ask))


def _off_at_once(sight: Sight) -> Diagnosis | None:
    """Every messenger has set off when the order came."""
    arrivals = dict(zip(sight.case.items, sight.case.given["arrivals"], strict=True))
    late = [call for call in sight.calls if call.start > arrivals[call.item] + CLOSE]
    if not late:
        return None
    first = late[0]
    did = f"the messenger to {first.item} set off at {seconds(first.start)}"
    expected = f"at {seconds(arrivals[first.item])}, when the order came"
    if sight.peak <= 1:
        return Diagnosis("one by one", f"{did}; never two at once", expected, _LANES)
    if first.start >= sight.case.given["closing"] - CLOSE:
        return Diagnosis("not begun", f"{did}, when the office was closed", expected, _LANES)
    return Diagnosis("partly one by one", did, expected, _LANES)


_LANES = "Compare where the bars begin in your run and in the expected one."


def _last_back(sight: Sight) -> float:
    """When the office is closed and everybody is back, if each set off at once."""
    case, opens = sight.case, sight.case.given.get("opens", {})
    ways = zip(case.items, case.given["arrivals"], case.delays, strict=True)
    back = [max(at + delay, opens.get(item, 0.0)) for item, at, delay in ways]
    return max(case.given["closing"], *back)


async def _errands(case: Case, service: Service) -> None:
    """Each messenger sets off when the order comes, and perhaps waits at a door."""
    next_order, tasks = _next_order(case), []
    clock, opens = asyncio.get_running_loop().time, case.given.get("opens", {})

    async def errand(address: str) -> None:
        with contextlib.suppress(Unreachable):
            await service.ask(address)
            await sleep(max(0.0, opens.get(address, 0.0) - clock()))

    while (address := await next_order()) is not None:
        tasks.append(asyncio.create_task(errand(address)))
    await asyncio.gather(*tasks)


send_out = Exercise(
    name="send_out",
    kind="arrange",
    cases=_orders,
    play=_send_out,
    pieces=(
        "errands.append(asyncio.create_task(deliver(address)))",
        "addresses, errands = [], []",
        "errands.append(deliver(address))",
        "receipts = await asyncio.gather(*errands)",
        "async def send_out(next_order, deliver):",
        "return dict(zip(addresses, receipts, strict=True))",
        "while (address := await next_order()) is not None:",
        "addresses.append(address)",
    ),
    judgements=(
        _off_at_once,
        asked_each_once,
        returns(lambda sight: sight.answers, "the receipt of each address"),
        takes(_last_back, "until the office is closed and the last one is back"),
    ),
    expected=_errands,
    hints=(
        "Two lines put something on the list. Which of the two makes a messenger set off?",
        (
            "A coroutine on a list waits until somebody makes a task of it. And what waits inside "
            "of the loop makes the next order wait, too."
        ),
        (
            "def, the two empty lists, the loop; in it the address and the line with the task; "
            "then, one level out, the gather and the return."
        ),
    ),
)


# -- Copies for the archive ----------------------------------------------------------------


def _archives(random: Random) -> Iterator[Case]:
    number = random.randint(4, 6)
    ways = delays(random, number, low=0.3, high=0.9)
    # Two do not arrive: the copy of the first page is the last of all to come back.
    ways[0] = random.randint(160, 190) / 100
    yield _archive(f"{number} pages, 2 copies do not arrive", random, ways, failing=[0, 2])
    yield _archive("3 pages, all copies arrive", random, delays(random, 3, low=0.3), failing=[])


def _archive(title: str, random: Random, ways: list[float], failing: list[int]) -> Case:
    pages = [f"page {number}" for number in range(1, len(ways) + 1)]
    copies = [_copy_of(page) for page in pages]
    printing = delays(random, len(pages), low=0.1, high=0.2)
    return Case(
        title,
        [*pages, *copies],
        [*printing, *ways],
        failing=[copies[nth] for nth in failing],
        # One press: a page needs the one before, and a copy its page.
        needs=dict(zip([*pages[1:], *copies], [*pages[:-1], *pages], strict=True)),
    )


def _copy_of(page: str) -> str:
    return f"copy of {page}"


def _pages(case: Case) -> list[str]:
    return case.items[: len(case.items) // 2]


async def _print_and_archive(function: Callable[..., Any], case: Case, service: Service) -> Any:
    async def archive(page: str) -> Any:
        return await service.ask(_copy_of(page))

    return await function(called("press", service.ask), archive, _pages(case))


def _one_press(sight: Sight) -> Diagnosis | None:
    """One page after the other is printed."""
    free = 0.0
    for call in sight.calls:
        if call.item not in _pages(sight.case):
            continue
        if call.start < free - CLOSE:
            did = f"{call.item} began at {seconds(call.start)}, with another page on the press"
            return Diagnosis("one at a time", did, "there is one press: one page after the other")
        free = sight.elapsed if call.end is None else call.end
    return None


def _missing_pages(sight: Sight) -> list[str]:
    return [page for page in _pages(sight.case) if _copy_of(page) in sight.case.failing]


def _names_no_other_page(sight: Sight) -> Diagnosis | None:
    """No page stands there whose copy arrived."""
    got, wanted = sight.result, _missing_pages(sight)
    wrong = [page for page in _pages(sight.case) if isinstance(got, list) and page in got]
    wrong = [page for page in wrong if page not in wanted]
    if not wrong:
        return None
    # As many as there are failures, and not the right ones: the name has changed meanwhile.
    key = "late closure" if len(got) == len(wanted) else "wrong result"
    did = f"its result names {wrong[0]}, whose copy arrived"
    return Diagnosis(key, did, "the pages whose copies did not arrive")


def _in_order_of_pages(sight: Sight) -> Diagnosis | None:
    """The pages stand as they are printed, not as the messengers fail."""
    got, wanted = sight.result, _missing_pages(sight)
    if not isinstance(got, list) or got == wanted or sorted(map(str, got)) != wanted:
        return None
    did = f"its result is {listed(got)}, in the order in which the messengers came back"
    return Diagnosis("finish order", did, "the pages in the order in which they are printed")


archive_night = Exercise(
    name="archive_night",
    kind="repair",
    cases=_archives,
    play=_print_and_archive,
    judgements=(
        _one_press,
        asked_each_once,
        not_guessed(_last_answer),
        _names_no_other_page,
        _in_order_of_pages,
        returns(_missing_pages, "the pages whose copies did not arrive", key="failure lost"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "At which line does the exception of a task come out? Does this program have that line?",
        (
            "Nobody keeps the tasks, so nobody can wait for them or ask them. Keep each one, and "
            "look at all of them when the last page is printed."
        ),
        (
            "A list of tasks; behind the loop a gather over it with return_exceptions=True; then "
            "the pages whose outcome is an exception, by zip."
        ),
    ),
)


# -- What the editor hears at midnight -----------------------------------------------------


def _midnights(random: Random) -> Iterator[Case]:
    *by_time, longest = sorted(delays(random, random.randint(5, 7), low=0.2))
    # The press that is asked first is the last to be done. By time: done, failed, midnight, done,
    # failed, and whoever is left.
    waits = [longest, *random.sample(by_time, len(by_time))]
    failing = [waits.index(by_time[1]), waits.index(by_time[3])]
    yield _midnight(waits, failing, (by_time[1] + by_time[2]) / 2)
    yield _midnight(delays(random, 3), [random.randrange(3)], 1.5)


def _midnight(waits: list[float], failing: list[int], midnight: float) -> Case:
    presses = [f"press {name}" for name in "ABCDEFG"[: len(waits)]]
    time = round(midnight, 3)
    title = f"{len(presses)} presses, {len(failing)} fail, midnight at {seconds(time)}"
    given = {"midnight": time}
    return Case(title, presses, waits, failing=[presses[i] for i in failing], given=given)


async def _run_presses(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(called("run", service.ask), case.items, case.given["midnight"])


def _states(sight: Sight, time: float) -> dict[str, str]:
    """How each press stands at this time."""
    case = sight.case
    ended = sight.answers | {press: f"failed: {_fails(press)}" for press in case.failing}
    return {item: ended[item] if case.delay(item) < time else "not done" for item in case.items}


def _both_reports(sight: Sight) -> list[dict[str, str]]:
    return [_states(sight, sight.case.given["midnight"]), _states(sight, float("inf"))]


def _all_start_at_once(sight: Sight) -> Diagnosis | None:
    """No press waits for another, nor for midnight."""
    late = [call for call in sight.calls if call.start > CLOSE]
    if not late:
        return None
    did = f"{late[0].item} began at {seconds(late[0].start)}"
    key = "one by one" if sight.peak <= 1 else "not begun"
    return Diagnosis(key, did, "all presses begin at once", _LANES)


def _no_result_raises(sight: Sight) -> Diagnosis | None:
    """A task that has failed is asked for its exception."""
    failed = [call for call in sight.failed_calls if _fails(call.item) in sight.error]
    if not failed or failed[0].end > sight.elapsed - CLOSE:
        return no_crash(sight)
    line = f"on line {sight.error_line} " if sight.error_line else ""
    did = f"{line}it raised at {seconds(sight.elapsed)} what {failed[0].item} had raised at "
    expected = "it returns how each press stands"
    return Diagnosis("result raises", did + seconds(failed[0].end), expected)


def _nobody_disturbed(sight: Sight) -> Diagnosis | None:
    """The question stops no press."""
    stopped = [call for call in sight.calls if call.outcome == "cancelled"]
    if not stopped:
        return None
    did = f"{count(len(stopped), 'press')} was stopped" if len(stopped) == 1 else ""
    did = did or f"{len(stopped)} presses were stopped"
    did += f" at {seconds(stopped[0].end)}, the first of them {stopped[0].item}"
    return Diagnosis("limit stops the work", did, "every press runs to its own end")


def _looks_at_midnight(sight: Sight) -> Diagnosis | None:
    """The first report tells how it stood at midnight, and not how it stood at the end."""
    first = sight.result[0] if isinstance(sight.result, list) and sight.result else None
    midnight, end = _both_reports(sight)
    if first != end or midnight == end:
        return None
    early = next(press for press in end if midnight[press] == "not done")
    did = f"its first report says {end[early]!r} of {early}, which was not done at midnight"
    expected = "a report of how each press stands at that moment"
    return Diagnosis("looking is waiting", did, expected, _COPIED)


_COPIED = "If it was right when it was made: is the same dictionary changed afterwards?"


two_reports = Exercise(
    name="two_reports",
    kind="build",
    cases=_midnights,
    play=_run_presses,
    may_raise=True,  # its own judgements say more
    may_leak=True,
    judgements=(
        _nobody_disturbed,
        _no_result_raises,
        nothing_left_running,
        _all_start_at_once,
        asked_each_once,
        _looks_at_midnight,
        returns(_both_reports, "how each press stands, twice"),
        not_guessed(lambda sight: max(_last_answer(sight), sight.case.given["midnight"])),
        takes(
            lambda sight: max(sight.case.slowest, sight.case.given["midnight"]),
            "until the last press has stopped, and not before midnight",
        ),
    ),
    expected=together,
    hints=(
        "Which questions can you ask a task without waiting for it, and in which order?",
        (
            "At midnight you ask `done()` first: `exception()` and `result()` of a task that is "
            "not done raise. Nothing is awaited there. Between now and midnight, you sleep."
        ),
        (
            "def state(task): the questions in turn. Then the tasks in a dictionary, a sleep until "
            "midnight, the first report, a gather that keeps exceptions, the second report."
        ),
    ),
)


# -- The night office ----------------------------------------------------------------------


def _offices(random: Random) -> Iterator[Case]:
    number = 7
    arrivals, waits = _arrivals(random, number), delays(random, number, low=0.3, high=0.45)
    addresses = _addresses(random, number)
    # The first and the third stand at a door when the collector comes. When the second and the
    # fifth fail, others have set off behind them.
    collected = round(arrivals[2] + waits[2] + 0.05, 2)
    given = {
        "arrivals": arrivals,
        "closing": round(arrivals[-1] + 0.35, 2),
        "collected": collected,
        "opens": {addresses[0]: collected + 0.2, addresses[2]: collected + 1.3},
    }
    failing = [addresses[1], addresses[4]]
    yield Case("7 orders, 2 fail, 2 wait at a door", addresses, waits, failing=failing, given=given)
    yield from _orders(random)


def _bells(case: Case) -> Callable[[str], Awaitable[None]]:
    """What a messenger waits for at a door. Nobody but the messenger's own task keeps a bell."""
    loop, opens = asyncio.get_running_loop(), case.given.get("opens", {})
    bells: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    def ring(address: str) -> None:
        if (bell := bells.get(address)) is not None:
            bell.set()

    async def wait_at(address: str) -> None:
        if opens.get(address, 0.0) > loop.time():
            bell = bells[address] = asyncio.Event()
            await bell.wait()

    for address, time in opens.items():
        loop.call_at(time, ring, address)
    return wait_at


@contextlib.contextmanager
def _collector(time: float | None) -> Iterator[None]:
    """The garbage collector comes at this time and at no other; it looks at what is new."""
    was_enabled = gc.isenabled()
    gc.disable()
    if time is not None:
        asyncio.get_running_loop().call_at(time, gc.collect, 0)
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


async def _keep_office(function: Callable[..., Any], case: Case, service: Service) -> Any:
    clock, wait_at, reported = asyncio.get_running_loop().time, _bells(case), []

    async def deliver(address: str) -> Any:
        receipt = await service.ask(address)
        await wait_at(address)
        return receipt

    def report(address: str, reason: str) -> None:
        reported.append([clock(), address, reason])

    with _collector(case.given.get("collected")):
        delivered = await function(_next_order(case), deliver, report)
    return {"delivered": delivered, "reported": reported}


def _nobody_lost(sight: Sight) -> Diagnosis | None:
    """No task was thrown away before its end."""
    lost = sight.trace.lost
    if not lost:
        return None
    did = f"at {seconds(lost[0].ended)} the collector threw away {lost[0].label} in its work"
    did += f", and {count(len(lost) - 1, 'more task')} then or later" * (len(lost) > 1)
    look = "Find the lane that ends in the middle of its wait."
    return Diagnosis("lost", did, "somebody keeps each task until it is done", look)


def _harms_nobody(sight: Sight) -> Diagnosis | None:
    """A failure leaves the others alone, and nothing comes out."""
    if sight.error_type != "ExceptionGroup":
        return no_crash(sight)
    stopped = [call for call in sight.calls if call.outcome in ("cancelled", "open")]
    did = f"it raised {sight.error}; {count(len(stopped), 'messenger')} had to stop"
    return Diagnosis("stopped too soon", did, "a failure is reported, and harms nobody else")


def _reported_when_it_happens(sight: Sight) -> Diagnosis | None:
    """Each failure is reported once, at its time, with its address."""
    ends = {call.item: call.end for call in sight.calls}
    failed = [call.item for call in sight.calls if call.outcome == "failed"]
    reported = sight.result["reported"]
    for time, address, reason in reported:
        if (diagnosis := _misreported(sight.case, address, reason)) is not None:
            return diagnosis
        if time < ends[address] - CLOSE:
            did = f"it reported {address} at {seconds(time)}, when the messenger was on the way"
            return Diagnosis("called at once", did, "a failure is reported when it happens")
        if address not in failed:
            did = f"it reported {address}, where the copy arrived, with the reason {reason!r}"
            return Diagnosis("called at any end", did, "only who fails is reported")
        if time > ends[address] + CLOSE:
            did = f"{address} failed at {seconds(ends[address])}; it was told at {seconds(time)}"
            return Diagnosis("heard late", did, "a failure is reported when it happens")
    return _reported_each_once(failed, [address for _, address, _ in reported])


def _misreported(case: Case, address: Any, reason: Any) -> Diagnosis | None:
    """The report is of an address, and the reason that of its own messenger."""
    expected = "the address, and the text of the exception of its own messenger"
    is_exception = isinstance(reason, dict) and "exception" in reason
    told = "the exception itself" if is_exception else f"the reason {reason!r}"
    did = f"it reported {address!r} with {told}"
    if reason in map(_fails, case.failing) and reason != _fails(address):
        key = "late closure" if address in (*case.items, None) else "wrong result"
        return Diagnosis(key, did, expected)
    if address not in case.items or (address in case.failing and reason != _fails(address)):
        return Diagnosis("wrong result", did, expected)
    return None


def _reported_each_once(failed: list[str], told: list[str]) -> Diagnosis | None:
    if missing := [address for address in failed if address not in told]:
        did = f"the messenger to {missing[0]} failed, and nobody reported it"
        return Diagnosis("failure lost", did, "each failure is reported when it happens")
    if len(told) > len(failed):
        did = f"it made {count(len(told), 'report')} of {count(len(failed), 'failure')}"
        return Diagnosis("called too often", did, "each failure is reported once")
    return None


def _counted(sight: Sight) -> Diagnosis | None:
    wanted, got = len(sight.case.good), sight.result["delivered"]
    if got == wanted:
        return None
    did = f"its result is {got!r}"
    return Diagnosis("wrong result", did, f"how many copies were delivered, here {wanted}")


night_office = Exercise(
    name="night_office",
    kind="build",
    cases=_offices,
    play=_keep_office,
    may_raise=True,
    may_leak=True,  # its own judgements say more
    judgements=(
        _harms_nobody,
        _nobody_lost,
        nothing_left_running,
        _off_at_once,
        asked_each_once,
        _reported_when_it_happens,
        _counted,
        not_guessed(_last_back),
        takes(_last_back, "until the office is closed and the last one is back"),
    ),
    expected=_errands,
    hints=(
        "What are the three duties of an owner, and at which line of yours is each of them met?",
        (
            "A coroutine of your own round each delivery hears of its failure when it happens. "
            "What keeps its task while it waits at a door, and what waits for those who are left?"
        ),
        (
            "async def errand(address): try the delivery, report in except, count in else. In the "
            "loop: a task, into a set, discarded by a callback. Behind the loop: one gather."
        ),
    ),
)

EXERCISES = (night_log, magazine, send_out, archive_night, two_reports, night_office)
