"""Exercises of lesson 09: a block that ends when all of its tasks have ended, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
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
    returns,
    takes,
)
from asynclab.checking.service import Case, Service, Unreachable, called
from asynclab.checking.sight import Sight
from asynclab.checking.stopping import (
    cancelled_at,
    first_failure,
    over,
    stopped,
    stopped_once,
    stopping,
    until,
)
from asynclab.picture.words import seconds

__all__ = ["EXERCISES"]

PARTS = ("story", "photo", "map", "interview", "headline", "chart", "letters", "tides")


def _cannot_save(part: str) -> Exception:
    return OSError(f"cannot save the {part}")


async def _prepare_all(function: Callable[..., Any], case: Case, service: Service) -> Any:
    """The parts of an edition, within somebody's patience; who is stopped saves a draft."""
    prepare = called("prepare", stopping(service, stuck=_cannot_save))
    return await cancelled_at(case.given.get("patience"), function(prepare, case.items))


def _savings(random: Random, parts: list[str]) -> dict[str, float]:
    return dict(zip(parts, delays(random, len(parts), low=0.05, high=0.4), strict=True))


def _all_well(random: Random) -> Case:
    parts = random.sample(PARTS, random.randint(3, 5))
    given = {"clean_up": _savings(random, parts)}
    return Case(
        f"{len(parts)} parts, all to be had", parts, delays(random, len(parts)), given=given
    )


def _one_missing(random: Random, unsaved: int = 0) -> Case:
    """One is ready before the failure, the others are in work."""
    parts = random.sample(PARTS, random.randint(5, 7))
    by_time = random.sample(parts, len(parts))
    waits = dict(zip(by_time, sorted(delays(random, len(parts))), strict=True))
    _, missing, *in_work = waits
    return Case(
        f"{len(parts)} parts, 1 is missing" + f", {unsaved} cannot be saved" * bool(unsaved),
        parts,
        [waits[part] for part in parts],
        failing=[missing],
        given={
            "clean_up": _savings(random, parts),
            "stuck": random.sample(in_work, unsaved),
        },
    )


def _unsaved(case: Case) -> list[str]:
    """The parts whose drafts could not be saved, as it happened."""
    saving = case.given["clean_up"]
    return sorted(case.given.get("stuck", ()), key=saving.get)


def _why_they_run_on(sight: Sight) -> str:
    kinds = {wait.kind for task in sight.trace.tasks for wait in task.waits}
    if "task group" in kinds:
        return "caught in the task"
    return "nothing runs on" if {"gather", "wait"} & kinds else "not of the group"


def _tells_every_failure(sight: Sight) -> Diagnosis | None:
    """All failures come out, or the request to stop; else nothing."""
    case = sight.case
    failures = [f"{part} does not answer" for part in case.failing]
    if failures:
        failures += map(str, map(_cannot_save, _unsaved(case)))
        lost = [failure for failure in failures if failure not in sight.error]
        expected = f"every failure comes out: {', '.join(failures)}"
        key = "failure dropped"
    elif "patience" in case.given:
        lost = [] if sight.error == "TimeoutError" else ["the CancelledError"]
        expected, key = "the request to stop passes on, to outside", "request swallowed"
    else:
        return no_crash(sight)
    if not lost:
        return None
    raised = f"it raised {sight.error}; nobody hears of this: {lost[0]}"
    did = raised if sight.error else "it returned as if nothing had happened"
    return Diagnosis(key, did, expected)


# -- When is the edition over? -------------------------------------------------------------


def _editions(random: Random) -> Iterator[Case]:
    for _ in range(2):
        ready, missing, *in_work = random.sample(PARTS, 5)
        failure = random.randint(20, 40)
        # In hundredths, so that all misreadings differ: the parts that are ready or missing would
        # need longest to save, all savings together end before the parts in work would.
        waits = {ready: failure - random.randint(5, 15), missing: failure}
        saving = {ready: random.randint(28, 32), missing: random.randint(22, 26)}
        more = sorted(random.sample(range(65, 96), len(in_work)))
        waits |= {part: failure + late for part, late in zip(in_work, more, strict=True)}
        least, less, most = sorted(random.sample(range(10, 21), len(in_work)))
        saving |= zip(in_work, (less, most, least), strict=True)
        # Of those in work the longest saving is neither the first nor the last, in no order.
        parts = in_work.copy()
        for part in (ready, missing):
            parts.insert(random.randint(0, len(parts)), part)
        given = {
            "seconds": {part: waits[part] / 100 for part in parts},
            "missing": missing,
            "saving": {part: saving[part] / 100 for part in parts},
        }
        yield Case(f"{len(parts)} parts, the {missing} is missing", [], [], given=given)


def _failure(case: Case) -> float:
    return case.given["seconds"][case.given["missing"]]


def _drafts(case: Case) -> list[float]:
    saving, seconds = case.given["saving"], case.given["seconds"]
    return [saving[part] for part in saving if seconds[part] > _failure(case)]


def _all_save(case: Case) -> tuple[float, ...]:
    """Everybody saves a draft, or also the one whose part is missing."""
    missing = case.given["saving"][case.given["missing"]]
    return tuple(_failure(case) + each for each in (max(case.given["saving"].values()), missing))


edition_seconds = Exercise(
    name="edition_seconds",
    kind="predict",
    cases=_editions,
    measure=lambda run: run.elapsed,
    misreadings={
        "left at the failure": _failure,
        "group like gather": lambda case: max(case.given["seconds"].values()),
        "sum expected": lambda case: _failure(case) + sum(_drafts(case)),
        "done is stopped": _all_save,
    },
    hints=(
        "Which parts does the group have to stop when the failure happens?",
        (
            "Who is ready has nothing to save. All the others begin to save at the same moment, "
            "side by side: which of them holds up the end of the block?"
        ),
        (
            "The stopped are those whose seconds are more than failure. The end is failure plus "
            "the largest saving among them."
        ),
    ),
)


# -- The front page ------------------------------------------------------------------------


def _front_pages(random: Random) -> Iterator[Case]:
    yield _all_well(random)
    yield _one_missing(random)


def _answers_unless_raised(sight: Sight) -> dict[str, Any] | None:
    return None if sight.error else sight.answers


front_page = Exercise(
    name="front_page",
    kind="complete",
    cases=_front_pages,
    play=_prepare_all,
    may_raise=True,
    may_leak=True,  # its own judgement says more
    judgements=(
        stopped(first_failure, _why_they_run_on),
        nothing_left_running,
        _tells_every_failure,
        asked_each_once,
        returns(_answers_unless_raised, "what has been prepared for each part"),
        takes(over(first_failure), "until the last of the tasks has ended"),
    ),
    expected=until(first_failure, stuck=_cannot_save),
    hints=(
        "Who has to know of a task, if the block is to wait for it?",
        (
            "`asyncio.create_task` asks no group. And where in these lines is it certain that "
            "every task has its result?"
        ),
        "asyncio.TaskGroup(); group.create_task of the part's coroutine; task.result().",
    ),
)


# -- What went wrong? ----------------------------------------------------------------------


def _bad_evenings(random: Random) -> Iterator[Case]:
    yield _all_well(random)
    yield _one_missing(random, unsaved=2)
    yield _one_missing(random)


async def _prepare_by_kind(function: Callable[..., Any], case: Case, service: Service) -> Any:
    ask = stopping(service, stuck=_cannot_save)

    async def prepare(part: str) -> Any:
        try:
            return await ask(part)
        except Unreachable:
            raise LookupError(f"no {part}") from None

    return await function(prepare, case.items)


def _two_lists(sight: Sight) -> list[list[str]]:
    missing = [f"no {part}" for part in sight.case.failing]
    return [missing, [str(_cannot_save(part)) for part in _unsaved(sight.case)]]


what_went_wrong = Exercise(
    name="what_went_wrong",
    kind="arrange",
    cases=_bad_evenings,
    play=_prepare_by_kind,
    pieces=(
        "except* OSError as found:",
        "group.create_task(prepare(part))",
        "return missing, unsaved",
        "async with asyncio.TaskGroup() as group:",
        "missing = [str(error) for error in found.exceptions]",
        "for part in parts:",
        "asyncio.create_task(prepare(part))",
        "try:",
        "async def what_went_wrong(prepare, parts):",
        "except* LookupError as found:",
        "missing, unsaved = [], []",
        "unsaved = [str(error) for error in found.exceptions]",
    ),
    judgements=(
        asked_each_once,
        takes(over(first_failure), "until the last of the tasks has ended"),
        returns(_two_lists, "what is missing, and what could not be saved"),
    ),
    expected=until(first_failure, stuck=_cannot_save),
    hints=(
        "Two lines make a task. For which of the two does the end of the block wait?",
        (
            "`try` goes round the whole block of the group, and the loop is inside of the block. "
            "An `except*` clause may set a variable, but not return."
        ),
        (
            "def, both lists empty, try, the group, the loop, the group's task; then each except* "
            "clause with its line, at the level of try; last, the return."
        ),
    ),
)


# -- Four steps by hand --------------------------------------------------------------------


def _ferries(random: Random) -> Iterator[Case]:
    yield _all_well(random)
    yield _one_missing(random, unsaved=2)
    parts = random.sample(PARTS, 4)
    yield Case(
        "4 parts, and nobody waits for longer than 0.3 s",
        parts,
        delays(random, 4, low=0.35),
        given={"clean_up": _savings(random, parts), "patience": 0.3},
    )


def _pages_unless_raised(sight: Sight) -> list[Any] | None:
    return None if sight.error else sight.good_answers


ferry_pages = Exercise(
    name="ferry_pages",
    kind="repair",
    cases=_ferries,
    play=_prepare_all,
    may_raise=True,
    may_leak=True,
    judgements=(
        stopped(first_failure, _why_they_run_on),
        nothing_left_running,
        stopped_once,
        asked_each_once,
        _tells_every_failure,
        returns(_pages_unless_raised, "what has been prepared, in the order of the parts"),
        takes(over(first_failure), "until the last draft is saved"),
    ),
    expected=until(first_failure, stuck=_cannot_save),
    hints=(
        "Of the four steps to stop the others by hand: which is missing here?",
        (
            "Even with the fourth step, the failure of a draft would be lost. Which block takes "
            "all four steps, and tells every failure?"
        ),
        (
            "The tasks are made by a group, in its block; behind the block, a list of their "
            "results. The try, the gather and the cancel() are not needed any more."
        ),
    ),
)


# -- The weather box -----------------------------------------------------------------------


def _boxes(random: Random) -> Iterator[Case]:
    yield _box(random, "all answer", delays(random, 3))
    # The reading comes after the forecast has failed, and before the old one is there.
    early, middle, late = sorted(delays(random, 3, low=0.2))
    old = round(late - early + 0.1, 2)
    yield _box(random, "no forecast", [middle, early, old], failing=[1])
    yield _box(random, "no forecast, and then no reading", [middle, early, old], failing=[0, 1])
    yield _box(random, "no reading, and the forecast in work", [early, middle, old], failing=[0])


def _box(random: Random, title: str, waits: list[float], failing: list[int] = ()) -> Case:
    sources = [f"{name}'s {what}" for name, what in zip(names(random, 3), _SOURCES, strict=True)]
    needs = {sources[2]: sources[1]} if 1 in failing else {}
    return Case(title, sources, waits, failing=[sources[i] for i in failing], needs=needs)


_SOURCES = ("reading", "forecast", "old forecast")


async def _ask_for_box(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(service.ask, *case.items)


def _station_failure(case: Case) -> float | None:
    station = case.items[0]
    return case.delay(station) if station in case.failing else None


def _old_if_needed(sight: Sight) -> dict[str, int]:
    return {} if sight.case.needs else {sight.case.items[2]: 0}


def _box_end(sight: Sight) -> float:
    case, stop = sight.case, _station_failure(sight.case)
    needed = case.items if case.needs else case.items[:2]
    return case.slowest_of(needed) if stop is None else stop


def _box_result(sight: Sight) -> list[Any] | None:
    station, forecast, old = sight.case.items
    used = old if forecast in sight.case.failing else forecast
    return None if sight.error else [sight.answers[station], sight.answers[used]]


def _station_comes_out(sight: Sight) -> Diagnosis | None:
    """Without a reading there is no box."""
    if _station_failure(sight.case) is None:
        return no_crash(sight)
    wanted = f"{sight.case.items[0]} does not answer"
    if wanted in sight.error:
        return None
    did = f"it raised {sight.error}" if sight.error else "it returned as if nothing had failed"
    return Diagnosis("failure dropped", did, f"this failure comes out: {wanted}")


def _asks_nothing_more(sight: Sight) -> Diagnosis | None:
    """A forecast that is stopped is not replaced by the old one."""
    case, stop = sight.case, _station_failure(sight.case)
    late = [c for c in sight.calls if c.item == case.items[2] and stop and c.start >= stop - CLOSE]
    if not late or case.needs:
        return None
    did = f"the station failed at {seconds(stop)}, and then {case.items[2]} was asked for"
    return Diagnosis("request swallowed", did, "who is stopped asks for nothing more")


async def _box_shape(case: Case, service: Service) -> None:
    station, forecast, old = case.items

    async def ahead() -> None:
        try:
            await service.ask(forecast)
        except Unreachable:
            await service.ask(old)

    with contextlib.suppress(ExceptionGroup):  # the picture shows what is in it
        async with asyncio.TaskGroup() as group:
            group.create_task(service.ask(station))
            group.create_task(ahead())


weather_box = Exercise(
    name="weather_box",
    kind="build",
    cases=_boxes,
    play=_ask_for_box,
    may_raise=True,
    may_leak=True,
    judgements=(
        _asks_nothing_more,
        stopped(_station_failure, _why_they_run_on),
        nothing_left_running,
        _station_comes_out,
        asked_as_often_as(_old_if_needed),
        returns(_box_result, "the reading and the forecast"),
        takes(_box_end, "with nothing asked later than it can be"),
    ),
    expected=_box_shape,
    hints=(
        "Of the two failures that may happen, which one is the group to hear of?",
        (
            "What is caught inside of a task is no failure for the group. So the fallback belongs "
            "into a coroutine of its own, round the forecast alone."
        ),
        (
            "async def ahead(): try the forecast, except Exception await the old one. In the "
            "group: one task for the station, one for ahead(); behind it, both results."
        ),
    ),
)


# -- Enough photos -------------------------------------------------------------------------


def enough(case: Case) -> float | None:
    """When as many photos are there as are wanted; None if there are too few."""
    arrivals = sorted(case.delay(person) for person in case.good)
    return dict(enumerate(arrivals, 1)).get(case.given["wanted"])


def _photographers(random: Random) -> Iterator[Case]:
    count, wanted = random.randint(7, 9), random.randint(2, 3)
    people = names(random, count)
    waits = dict(zip(random.sample(people, count), sorted(delays(random, count)), strict=True))
    first, _, third, *_ = waits
    yield _photos(people, [waits[name] for name in people], [first, third], wanted, random)
    few = names(random, 4)
    yield _photos(few, delays(random, 4), [few[0], few[2]], 3, random)


def _photos(
    people: list[str], waits: list[float], failing: list[str], wanted: int, random: Random
) -> Case:
    given = {"wanted": wanted, "clean_up": _savings(random, people)}
    title = f"{len(people)} people, {len(failing)} have none, {wanted} photos wanted"
    return Case(title, people, waits, failing=failing, given=given)


async def _ask_for_photos(function: Callable[..., Any], case: Case, service: Service) -> Any:
    return await function(stopping(service), case.items, case.given["wanted"])


def _as_they_came(sight: Sight) -> list[Any]:
    case = sight.case
    return [sight.answers[name] for name in sorted(case.good, key=case.delay)][
        : case.given["wanted"]
    ]


enough_photos = Exercise(
    name="enough_photos",
    kind="build",
    cases=_photographers,
    play=_ask_for_photos,
    may_raise=True,
    may_leak=True,
    judgements=(
        stopped(enough, lambda _: "enough is not the end"),
        nothing_left_running,
        no_crash,
        stopped_once,
        asked_each_once,
        returns(_as_they_came, "the photos that came first, in the order in which they came"),
        takes(over(enough), "until the last of the others has stopped"),
    ),
    expected=until(enough),
    hints=(
        "What are the two ways to leave the block of a group before all tasks are done?",
        (
            "A task may raise an exception of your own when the last photo that is wanted has "
            "come. The failures of single people must not leave their tasks."
        ),
        (
            "class Enough(Exception). In the task: try to get the photo, return on a failure; add "
            "the photo; if there are as many as wanted, raise Enough. Outside: except* Enough."
        ),
    ),
)

EXERCISES = (
    edition_seconds,
    front_page,
    what_went_wrong,
    ferry_pages,
    weather_box,
    enough_photos,
)
