"""Exercises of lesson 08, the clinic: programs that are slow, stand still, or do too much."""

from __future__ import annotations

import asyncio
import contextlib
import time
from asyncio.tasks import sleep  # its home: nobody replaces it there
from collections import Counter
from collections.abc import Callable, Iterator
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
    bounded,
    loop_never_blocked,
    no_crash,
    nothing_left_running,
    returns,
    takes,
    took_the_slowest,
)
from asynclab.checking.service import Call, Case, Service, Unreachable, called
from asynclab.checking.shapes import together
from asynclab.checking.sight import Sight
from asynclab.checking.stopping import cancelled_at
from asynclab.picture.words import count, seconds

__all__ = ["EXERCISES"]

ADS = (
    "dog",
    "boat",
    "piano",
    "room",
    "bicycle",
    "anchor",
    "stove",
    "cradle",
    "parrot",
    "accordion",
)


def _ads(random: Random, how_many: int) -> list[str]:
    return random.sample(ADS, how_many)


def _known(text: Any, texts: dict[str, Any]) -> Any:
    """Which ad has this text, if somebody has really asked for it."""
    if text in texts:
        return texts[text]
    what = repr(text) if isinstance(text, (str, int)) else f"a {type(text).__name__}"
    raise LookupError(f"{what} is not the text of an ad")


# -- Why is it so slow in the evening? -----------------------------------------------------


def _evenings(random: Random) -> Iterator[Case]:
    # Quick to read, then slow to read; no two misreadings agree.
    for fewest, setting, reading in ((3, 20, 10), (6, 6, 80)):
        ads = random.randint(fewest, fewest + 2)
        typeset, proof = setting + random.randint(-2, 2), reading + random.randint(-2, 2)
        given = {"ads": ads, "typeset": typeset / 100, "proof": proof / 100}
        title = f"{ads} ads, {typeset / 100:g} s to set, {proof / 100:g} s to read"
        yield Case(title, [], [], given=given)


ads_seconds = Exercise(
    name="ads_seconds",
    kind="predict",
    cases=_evenings,
    measure=lambda run: run.elapsed,
    misreadings={
        "blocked loop": lambda case: case.given["typeset"] + case.given["proof"],
        "sum expected": lambda case: (
            case.given["ads"] * (case.given["typeset"] + case.given["proof"])
        ),
    },
    hints=(
        "While one ad is being set, what can the others do? And while a proof is being read?",
        (
            "Draw two ads as two lanes: the setting of the second begins when that of the first "
            "has ended. When does the proof of the last one begin, and who is busy then?"
        ),
        "The setting of all of them, one after another, and one proof behind it.",
    ),
)


# -- The price list is asked a hundred times -----------------------------------------------


def _price_lists(random: Random) -> Iterator[Case]:
    for sizes, ads in ((3, random.randint(7, 9)), (random.randint(4, 5), random.randint(10, 12))):
        all_sizes = [
            f"{width} x {random.randint(2, 9)}0" for width in random.sample(range(1, 7), sizes)
        ]
        wanted = [*all_sizes, *random.choices(all_sizes, k=ads - sizes)]
        random.shuffle(wanted)
        title = f"{ads} ads of {sizes} sizes"
        yield Case(title, all_sizes, delays(random, sizes), given={"sizes": wanted})


async def _load_prices(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(called("load", service.ask), case.given["sizes"])


def _loaded_once(sight: Sight) -> Diagnosis | None:
    """Nobody loads what somebody else is loading already, or has."""
    size, times = Counter(sight.asked).most_common(1)[0] if sight.asked else ("", 0)
    if times <= 1:
        return None
    first, second, *_ = (call for call in sight.calls if call.item == size)
    did = f"it loaded {size} {times} times: at {seconds(first.start)}"
    did += f", again at {seconds(second.start)}"
    return Diagnosis("check then act", did, "each size is loaded once", _BARS)


_BARS = "In the picture, find two bars with the same name."

ad_prices = Exercise(
    name="ad_prices",
    kind="arrange",
    cases=_price_lists,
    play=_load_prices,
    pieces=(
        "if size not in prices:",
        "async def price(size):",
        "async with asyncio.Lock():",
        "return await asyncio.gather(*map(price, sizes))",
        "prices, locks = {}, defaultdict(asyncio.Lock)",
        "prices[size] = await load(size)",
        "async def ad_prices(load, sizes):",
        "return prices[size]",
        "async with locks[size]:",
    ),
    judgements=(
        _loaded_once,
        asked_each_once,
        returns(
            lambda sight: [sight.answers[size] for size in sight.case.given["sizes"]],
            "the prices in the order of the sizes",
        ),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Two lines take a lock. Which of the two locks has somebody else ever seen?",
        (
            "Whoever waits for the lock has to look when it is their turn, and not before. So what "
            "is inside of what: the lock, the look, the loading?"
        ),
        (
            "def; prices and locks; def of price; in it the lock of the size, in that the if, in "
            "that the loading; the return of price; and last, one level out, the gather."
        ),
    ),
)


# -- The heap in the composing room --------------------------------------------------------


def _rooms(random: Random) -> Iterator[Case]:
    # Quick to bring, slow to set: without a limit the heap grows.
    room, ads = random.randint(2, 3), random.randint(8, 9)
    quick = delays(random, ads, low=0.02, high=0.1)
    yield _room(room, quick, delays(random, ads, low=0.2, high=0.4))
    # One ad takes long to bring; whoever has not filled the desk before stands idle.
    late = delays(random, 9, low=0.02, high=0.1)
    late[random.randint(5, 6)] = random.randint(90, 110) / 100
    yield _room(4, late, delays(random, 9, low=0.25, high=0.35))
    # Room for one: a limit of one less is none.
    yield _room(1, delays(random, 5, low=0.02, high=0.1), delays(random, 5, low=0.2, high=0.4))


def _room(room: int, bringing: list[float], setting: list[float]) -> Case:
    numbers = list(range(1, len(bringing) + 1))
    texts, ready = list(map(_text, numbers)), list(map(_ready, numbers))
    return Case(
        f"{len(numbers)} ads, room for {room}",
        [*texts, *ready],
        [*bringing, *setting],
        given={"numbers": numbers, "room": room},
    )


def _text(number: int) -> str:
    return f"ad {number}"


def _ready(number: int) -> str:
    return f"setting of ad {number}"


async def _bring_and_set(function: Callable[..., Any], case: Case, service: Service) -> Any:
    numbers: dict[str, int] = {}

    async def fetch(number: int) -> str:
        text = await service.ask(_text(number))
        numbers[text] = number
        return text

    async def compose(text: str) -> Any:
        return await service.ask(_ready(_known(text, numbers)))

    return await function(fetch, compose, *case.given.values())


def _one_at_a_time(sight: Sight) -> Diagnosis | None:
    """One ad is being brought, and one is being set, at most."""
    for what in ("ad", "setting"):
        calls = [call for call in sight.calls if call.item.startswith(what)]
        for one, other in pairwise(calls):
            if other.start < one.end - CLOSE:
                did = f"{other.item} began at {seconds(other.start)}, and {one.item} was not done"
                return Diagnosis("asked too soon", did, "each of the two takes one ad at a time")
    return None


def _heap_is_low(sight: Sight) -> Diagnosis | None:
    """On the desk lie ``room`` ads at most, and one is in the hand."""
    room = sight.case.given["room"]
    brought = [c.end for c in sight.calls if c.outcome == "answered" and c.item.startswith("ad")]
    begun = [call.start for call in sight.calls if call.item.startswith("setting")]
    heaps = [
        (sum(t <= end for t in brought) - sum(t <= end for t in begun), end) for end in brought
    ]
    heap, when = max(heaps, default=(0, 0.0))
    if heap <= room + 1:
        return None
    did = f"at {seconds(when)}, {count(heap, 'ad')} had been brought that nobody was setting"
    expected = f"at most {room} on the desk, and one in the hand"
    return Diagnosis("no backpressure", did, expected, _BRINGING)


_BRINGING = "Compare in both pictures when the lane that brings has ended."


def _no_idle_hands(sight: Sight) -> float:
    """When the last ad is set, in seconds, if as many as there is room for are brought ahead."""
    case, room = sight.case, sight.case.given["room"]
    brought, begun, set_at = [0.0], [], [0.0]
    for nth, number in enumerate(case.given["numbers"]):
        start = max(brought[-1], begun[nth - room] if nth >= room else 0.0)
        brought.append(start + case.delay(_text(number)))
        begun.append(max(brought[-1], set_at[-1]))
        set_at.append(begun[-1] + case.delay(_ready(number)))
    return set_at[-1]


async def _room_shape(case: Case, service: Service) -> None:
    permits, texts = asyncio.Semaphore(case.given["room"]), asyncio.Queue()

    async def bring() -> None:
        for number in case.given["numbers"]:
            await permits.acquire()
            await service.ask(_text(number))
            texts.put_nowait(number)

    async def work() -> None:
        for _ in case.given["numbers"]:
            number = await texts.get()
            permits.release()
            await service.ask(_ready(number))

    await asyncio.gather(bring(), work())


composing_room = Exercise(
    name="composing_room",
    kind="complete",
    cases=_rooms,
    play=_bring_and_set,
    judgements=(
        _one_at_a_time,
        asked_each_once,
        _heap_is_low,
        returns(
            lambda sight: [sight.answers[_ready(n)] for n in sight.case.given["numbers"]],
            "the ads as they are set, in the order of the numbers",
        ),
        takes(_no_idle_hands, "with nobody idle who has something to do", or_less=True),
    ),
    expected=_room_shape,
    hints=(
        "What does a queue do with one more if it has no limit, and what if it has?",
        (
            "The limit is an argument of the queue. To put something into it and to take something "
            "out of it can both mean to wait."
        ),
        "maxsize is room; the second blank awaits put of the text, and the third awaits get.",
    ),
)


# -- The page that makes everybody wait ----------------------------------------------------


def _pages(random: Random) -> Iterator[Case]:
    for ads in (5, 4):
        items = _ads(random, ads)
        waits = delays(random, ads, low=0.2, high=0.9)
        # The sooner a text is there, the longer it takes to set, but for a little.
        setting = [round(1.1 - wait + random.randint(-5, 5) / 100, 2) for wait in waits]
        given = {"setting": dict(zip(items, setting, strict=True))}
        yield Case(f"{ads} ads", items, waits, given=given)


async def _ask_and_typeset(function: Callable[..., Any], case: Case, service: Service) -> Any:
    texts: dict[str, str] = {}

    async def ask(number: str) -> str:
        text = await service.ask(number)
        texts[text] = number
        return text

    def typeset(text: str) -> str:
        time.sleep(case.given["setting"][_known(text, texts)])
        return f"{text}, set"

    return await function(ask, typeset, case.items)


def _set_in_order(sight: Sight) -> Diagnosis | None:
    """They stand in the order of the numbers, whichever was ready first."""
    wanted, got = _page(sight), sight.result
    if got == wanted or not isinstance(got, list) or sorted(map(str, got)) != sorted(wanted):
        return None
    did = f"the first in its list is {got[0]!r}"
    return Diagnosis("finish order", did, "the ads stand in the order of the numbers")


def _page(sight: Sight) -> list[str]:
    return [f"{answer}, set" for answer in sight.good_answers]


def _page_end(sight: Sight) -> float:
    setting = sight.case.given["setting"]
    return max(sight.case.delay(item) + setting[item] for item in sight.case.items)


async def _page_shape(case: Case, service: Service) -> None:
    async def one_ad(item: str) -> None:
        await service.ask(item)
        await asyncio.to_thread(time.sleep, case.given["setting"][item])

    await asyncio.gather(*map(one_ad, case.items))


ads_page = Exercise(
    name="ads_page",
    kind="repair",
    cases=_pages,
    play=_ask_and_typeset,
    may_raise=True,  # where `typeset` is called too soon, that says more
    judgements=(
        loop_never_blocked,
        no_crash,
        asked_each_once,
        _set_in_order,
        returns(_page, "the ads, set, in the order of the numbers"),
        takes(_page_end, "with each ad set as soon as its text is there"),
    ),
    expected=_page_shape,
    hints=(
        "Two lines, two complaints. Which of them lets nobody else run while it works?",
        (
            "An `await` inside of a list goes through it one by one. And an ordinary function that "
            "takes long belongs into a thread. Which two steps belong to *one* ad?"
        ),
        (
            "An async function for one ad: await its text, then await asyncio.to_thread with the "
            "function and the text. A gather over all ads, which is the list already."
        ),
    ),
)


# -- The proofs that cannot be called off --------------------------------------------------


def _rounds(random: Random) -> Iterator[Case]:
    ads = _ads(random, random.randint(5, 6))
    waits = delays(random, len(ads))
    slowest = ads[waits.index(max(waits))]
    # Whoever waits for the slowest before the second try is later than need be.
    asleep = random.sample([ad for ad in ads if ad != slowest], 2)
    given = {"sleepy": asleep[:1]}
    title = f"{len(ads)} ads, 2 readers fall asleep, one of them twice"
    yield Case(title, ads, waits, flaky=asleep, given=given)
    ads = _ads(random, 5)
    # The press starts when one is read, one is being read again, and three for the first time.
    waits = [0.15, 0.2, *delays(random, 3, low=0.5)]
    given = {"patience": 0.3}
    yield Case("5 ads, and the press starts at 0.3 s", ads, waits, flaky=ads[1:3], given=given)


async def _read_until_the_press_starts(
    function: Callable[..., Any], case: Case, service: Service
) -> Any:
    sleepy = set(case.given.get("sleepy", ()))

    async def read(ad: str) -> Any:
        note = await service.ask(ad)
        if ad in sleepy:
            sleepy.remove(ad)
            raise Unreachable(f"{ad} does not answer")
        return note

    call = function(called("read", read), case.items)
    return await cancelled_at(case.given.get("patience"), call)


def _hears_the_request(sight: Sight) -> Diagnosis | None:
    """When it is cancelled it stops at once, and says so."""
    patience = sight.case.given.get("patience")
    if patience is None:
        return _reads_on(sight) or no_crash(sight)
    later = [call for call in sight.calls if call.start > patience - CLOSE]
    if later:
        did = f"it was cancelled at {seconds(patience)}, and {later[0].item} was read once more"
    elif sight.error != "TimeoutError":
        what = f"raised {sight.error}" if sight.error else "returned a result"
        did = f"it was cancelled at {seconds(patience)}, and {what}"
    elif sight.elapsed > patience + CLOSE:
        did = f"it was cancelled at {seconds(patience)}, and ended at {seconds(sight.elapsed)}"
    else:
        return None
    return Diagnosis(
        "request swallowed", did, "all reading stops, and the CancelledError passes on"
    )


def _reads_on(sight: Sight) -> Diagnosis | None:
    """Whose reader has fallen asleep twice is read once more."""
    sleepy = [ad for ad in sight.case.given["sleepy"] if f"{ad} does not answer" in sight.error]
    if not sleepy or sight.asked.count(sleepy[0]) < 2:
        return None
    did = f"{sleepy[0]} was read twice, and the second failure came out"
    return Diagnosis("one failure loses all", did, "an ad is read again until it is read")


def _times_read(case: Case, ad: str) -> int:
    """How often an ad is read until it is read: its reader may fall asleep once, or twice."""
    return 1 + (ad in case.flaky) + (ad in case.given.get("sleepy", ()))


def _read_again(sight: Sight) -> dict[str, int]:
    """Whose reader was asleep; when the press starts, some have not begun again."""
    if "patience" in sight.case.given:
        return Counter(sight.asked)
    return {ad: _times_read(sight.case, ad) for ad in sight.case.flaky}


def _notes(sight: Sight) -> list[Any] | None:
    return None if sight.error else [sight.answers[ad] for ad in sight.case.items]


def _round_end(sight: Sight) -> float:
    case = sight.case
    times = [case.delay(ad) * _times_read(case, ad) for ad in case.items]
    return case.given.get("patience", max(times))


async def _round_shape(case: Case, service: Service) -> None:
    async def until_read(ad: str) -> None:
        for _ in range(_times_read(case, ad)):
            with contextlib.suppress(Unreachable):
                await service.ask(ad)

    tasks = [asyncio.create_task(until_read(ad)) for ad in case.items]
    await asyncio.wait(tasks, timeout=case.given.get("patience"))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


proof_round = Exercise(
    name="proof_round",
    kind="repair",
    cases=_rounds,
    play=_read_until_the_press_starts,
    may_raise=True,
    may_leak=True,
    judgements=(
        _hears_the_request,
        nothing_left_running,
        asked_as_often_as(_read_again),
        returns(_notes, "the notes in the order of the ads"),
        takes(_round_end, "as long as the slowest, or until it is cancelled"),
    ),
    expected=_round_shape,
    hints=(
        "In which line does a request to stop arrive, and which line comes after that?",
        (
            "A bare `except:` catches everything there is. Of all that `read` can end with, what "
            "is a reason to read again, and what is meant for you?"
        ),
        "CancelledError is a BaseException and no Exception. The rest of the function can stay.",
    ),
)


# -- The archive stands still at half past nine --------------------------------------------


def _archives(random: Random) -> Iterator[Case]:
    # With fewer pages than permits the limit is only reached by ads of the same page.
    for pages, limit in ((4, 2), (5, 3), (2, 3)):
        each = [random.randint(2, 4) for _ in range(pages)]
        numbers = iter(random.sample(range(100, 1000), sum(each)))
        columns = {
            f"page {page}": [f"ad {next(numbers)}" for _ in range(ads)]
            for page, ads in enumerate(each, 1)
        }
        ads = {ad: page for page, column in columns.items() for ad in column}
        yield Case(
            f"{pages} pages with {len(ads)} ads, at most {limit} at once",
            [*columns, *ads],
            delays(random, pages + len(ads)),
            needs=ads,
            answers=columns,
            given={"pages": list(columns), "limit": limit},
        )


async def _ask_archive(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(service.ask, *case.given.values())


def _columns(sight: Sight) -> dict[str, list[Any]]:
    answers = sight.answers
    return {page: [answers[ad] for ad in answers[page]] for page in sight.case.given["pages"]}


async def _archive_shape(case: Case, service: Service) -> None:
    permits = asyncio.Semaphore(case.given["limit"])

    async def ask(item: str) -> None:
        async with permits:
            await service.ask(item)
        await asyncio.gather(*(ask(ad) for ad, page in case.needs.items() if page == item))

    await asyncio.gather(*map(ask, case.given["pages"]))


ad_columns = Exercise(
    name="ad_columns",
    kind="repair",
    cases=_archives,
    play=_ask_archive,
    judgements=(
        asked_each_once,
        bounded(lambda sight: sight.case.given["limit"]),
        returns(_columns, "the texts of each page"),
    ),
    expected=_archive_shape,
    hints=(
        "With two permits and two pages: who holds a permit when the first ads are asked for?",
        (
            "A column waits for its ads. As long as it holds a permit meanwhile, there can be none "
            "left for them. Until when does a column need its permit?"
        ),
        (
            "The permit goes around one question and nothing else, whether it is for a page or for "
            "an ad: one function for both, and the gather outside of its block."
        ),
    ),
)


# -- Everybody comes back at once ----------------------------------------------------------


def _saturdays(random: Random) -> Iterator[Case]:
    for well, second, never, tries in ((2, 3, 5, 4), (1, 4, 5, 5)):
        customers = names(random, well + second + never)
        refused = random.sample(customers, second + never)
        wait = random.randint(5, 15) / 100
        # A whole number: the dice of a float are others where Python is built for 32 bits.
        seed = random.getrandbits(32)
        given = {"tries": tries, "pause": random.randint(10, 30) / 100, "seed": seed}
        yield Case(
            f"{len(customers)} customers, {second} are refused once, {never} always",
            customers,
            [wait] * len(customers),
            flaky=refused[:second],
            failing=refused[second:],
            given=given,
        )


async def _book_all(function: Callable[..., Any], case: Case, service: Service) -> Any:
    given = case.given
    limits = given["tries"], given["pause"]
    return await function(called("book", service.ask), case.items, *limits, Random(given["seed"]))


def _tries(sight: Sight) -> dict[str, int]:
    case = sight.case
    return dict.fromkeys(case.flaky, 2) | dict.fromkeys(case.failing, case.given["tries"])


def _begins_at_once(sight: Sight) -> Diagnosis | None:
    """All make their first try at the beginning."""
    first = {call.item: call for call in reversed(sight.calls)}
    late = [call for call in first.values() if call.start > CLOSE]
    if not late:
        return None
    last = max(late, key=lambda call: call.start)
    did = f"{last.item} made the first try at {seconds(last.start)}"
    key = "one by one" if sight.peak <= 1 else "partly one by one"
    return Diagnosis(key, did, "all begin at once")


def _pauses(sight: Sight) -> dict[int, dict[str, float]]:
    """The pause of each customer behind the first, second ... refusal, in seconds."""
    pauses: dict[int, dict[str, float]] = {}
    for customer in sight.case.items:
        calls = [call for call in sight.calls if call.item == customer]
        for nth, (refused, again) in enumerate(pairwise(calls), 1):
            pauses.setdefault(nth, {})[customer] = _between(refused, again)
    return pauses


def _between(refused: Call, again: Call) -> float:
    return again.start - (again.start if refused.end is None else refused.end)


def _counts_the_tries(sight: Sight) -> Diagnosis | None:
    """Whoever is always refused has made all tries, and not one more or less."""
    tries = sight.case.given["tries"]
    for customer in sight.case.failing:
        if abs((made := sight.asked.count(customer)) - tries) == 1 < made:
            did = f"it made {count(made, 'call')} for {customer}, who is always refused"
            return Diagnosis("repetitions counted", did, f"{count(tries, 'call')}, and then None")
    return None


def _spread_out(sight: Sight) -> Diagnosis | None:
    """Those who were refused together do not come back together."""
    for nth, pauses in _pauses(sight).items():
        (one, wait), *others = pauses.items()
        same = [name for name, other in others if abs(other - wait) < CLOSE]
        if len(same) < len(others) or not others:
            continue
        if wait < CLOSE:
            did = f"{one} and {len(others)} more tried again at once"
            return Diagnosis("comes back at once", did, "each waits for a random time", _WAVES)
        did = f"after refusal {nth}, {one} and {len(others)} more waited {seconds(wait)} each"
        return Diagnosis("comes back together", did, "each waits for a time of their own", _WAVES)
    return None


def _drawn_from_the_dice(sight: Sight) -> Diagnosis | None:
    """Each pause is what the dice that were handed in give, and the longest doubles."""
    pause, dice = sight.case.given["pause"], Random(sight.case.given["seed"])
    rolls = [dice.random() for _ in range(MANY_ROLLS)]
    for nth, of_all in _pauses(sight).items():
        longest = pause * 2 ** (nth - 1)
        if _rolled(rolls, of_all, 0.0, longest):
            continue
        name, wait = max(of_all.items(), key=lambda each: each[1])
        did = f"after refusal {nth}, {name} waited {seconds(wait)}"
        expected = f"a time that the dice give between 0 and {seconds(longest)}"
        if nth > 1 and _rolled(rolls, of_all, 0.0, pause):
            did += ", and nobody waited longer"
            return Diagnosis("never waits longer", did, expected)
        if nth > 2 and _rolled(rolls, of_all, 0.0, pause * nth):
            did += f", and nobody longer than {nth} times the first pause"
            return Diagnosis("never waits longer", did, expected)
        ranges = ((0.0, longest / 2), (longest / 2, longest), (0.0, 2 * longest))
        for low, high in ranges:
            if _rolled(rolls, of_all, low, high):
                did = f"after refusal {nth}, all waited between {seconds(low)} and {seconds(high)}"
                return Diagnosis("waits too long", did, expected)
        if wait > longest + CLOSE:
            return Diagnosis("waits too long", did, expected)
        return Diagnosis("other dice", f"{did}, which these dice do not give", expected)
    return None


def _rolled(rolls: list[float], pauses: dict[str, float], low: float, high: float) -> bool:
    """Are all of these pauses what the rolls give between two bounds?"""
    given = [low + (high - low) * roll for roll in rolls]
    given += [low + high - each for each in given]  # the bounds may be named the other way round
    return all(any(abs(wait - each) < CLOSE for each in given) for wait in pauses.values())


def _ends_with_the_last_try(sight: Sight) -> Diagnosis | None:
    last = max((call.end or sight.elapsed for call in sight.calls), default=0.0)
    if sight.elapsed < last + CLOSE:
        return None
    did = f"the last try ended at {seconds(last)}, and the function at {seconds(sight.elapsed)}"
    return Diagnosis("pause for nothing", did, "nobody waits after the last try")


def _receipts(sight: Sight) -> dict[str, Any]:
    return sight.answers | dict.fromkeys(sight.case.failing)


MANY_ROLLS = 200  # more than all pauses of a case
_WAVES = "In the picture, look for bars that begin in one column, far from the left edge."


async def _saturday_shape(case: Case, service: Service) -> None:
    dice = Random(case.given["seed"])

    async def book(customer: str) -> None:
        calls = 2 if customer in case.flaky else 1
        calls = case.given["tries"] if customer in case.failing else calls
        for attempt in range(calls):
            longest = case.given["pause"] * 2 ** (attempt - 1) if attempt else 0.0
            await sleep(dice.uniform(0.0, longest))
            with contextlib.suppress(Unreachable):
                await service.ask(customer)

    await asyncio.gather(*map(book, case.items))


book_ads = Exercise(
    name="book_ads",
    kind="build",
    cases=_saturdays,
    play=_book_all,
    judgements=(
        _begins_at_once,
        _counts_the_tries,
        asked_as_often_as(_tries),
        _spread_out,
        _drawn_from_the_dice,
        _ends_with_the_last_try,
        returns(_receipts, "a receipt or None for each customer", key="failure lost"),
    ),
    expected=_saturday_shape,
    hints=(
        "Eight customers are refused in the same moment. When does each of them come back?",
        (
            "Write it for one customer: a loop over the tries, in it a `try`; an answer ends the "
            "loop, a refusal leads to a pause, but for the last. Then a gather over all of them."
        ),
        (
            "for attempt in range(tries): return the booking; except Exception: if it was not the "
            "last, sleep for dice.uniform from 0 to pause, doubled attempt times. Behind it None."
        ),
    ),
)

EXERCISES = (
    ads_seconds,
    ad_prices,
    composing_room,
    ads_page,
    proof_round,
    ad_columns,
    book_ads,
)
