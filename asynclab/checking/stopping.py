"""Stopping: calls that take a while to stop, and what a contract asks of those who stop them."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from asyncio.tasks import sleep  # its home: nobody replaces it there
from collections.abc import Awaitable, Callable
from typing import Any

from asynclab.picture.words import count, seconds

from .diagnosis import Diagnosis
from .judgements import CLOSE, Judgement
from .service import Case, Service, Unreachable
from .shapes import Shape
from .sight import Sight

__all__ = [
    "cancelled_at",
    "first_failure",
    "over",
    "stopped",
    "stopped_once",
    "stopping",
    "until",
]

When = Callable[[Case], float | None]


def _stuck(item: str) -> Exception:
    return Unreachable(f"{item} is stuck")


def stopping(
    service: Service, *, stuck: Callable[[str], Exception] = _stuck
) -> Callable[[str], Awaitable[Any]]:
    """``service.ask``, but a call that is cancelled cleans up before it has stopped.

    The case has given ``clean_up``, seconds by item, and perhaps ``stuck``, a list of items whose
    clean-up fails in the end.

    Args:
        service: what is asked.
        stuck: makes the exception of a clean-up that fails.
    """
    given = service.case.given

    async def ask(item: str) -> Any:
        try:
            return await service.ask(item)
        except CancelledError:
            await sleep(given["clean_up"][item])
            if item in given.get("stuck", ()):
                raise stuck(item) from None
            raise

    return ask


async def cancelled_at(time: float | None, call: Awaitable[Any]) -> Any:
    """What the call gives; somebody outside cancels it at this time, as a time limit does.

    A ``TimeoutError`` that the call makes of the request is not that of the limit, and says so.

    Args:
        time: seconds; None if nobody cancels it.
        call: the learner's.

    Raises:
        TimeoutError: the request has passed on; with words behind it, it has not.
    """
    async with asyncio.timeout(time):
        try:
            return await call
        except TimeoutError as error:
            if asyncio.current_task().cancelling() and not error.args:
                error.args = ("of its own making, in place of the CancelledError",)
            raise


# -- when ----------------------------------------------------------------------------------


def first_failure(case: Case) -> float | None:
    """When the first call fails, or whoever waits runs out of ``patience``; None if never."""
    failures = [case.delay(item) for item in case.failing]
    return min([*failures, *filter(None, [case.given.get("patience")])], default=None)


def over(when: When) -> Callable[[Sight], float]:
    """When everything is over, in seconds, if the others are stopped at this time.

    Args:
        when: seconds; None if nobody is stopped.
    """

    def end(sight: Sight) -> float:
        case, time = sight.case, when(sight.case)
        if time is None:
            return case.slowest
        cleaning = [case.given["clean_up"][i] for i in case.items if case.delay(i) > time]
        return round(time + max(cleaning, default=0.0), 9)

    return end


# -- judgements ----------------------------------------------------------------------------


def stopped(
    when: When,
    reason: Callable[[Sight], str],
    *,
    too_soon: Callable[[Sight], str] = lambda _: "stopped too soon",
) -> Judgement:
    """Whatever is under way at this time is stopped then, and nothing is before.

    Args:
        when: seconds; None if nobody is stopped.
        reason: the key of the misconception where calls run on.
        too_soon: the one where they are stopped before.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        time = when(sight.case)
        return _stopped_too_soon(sight, time, too_soon) or _ran_on(sight, time, reason)

    return judge


def _stopped_too_soon(
    sight: Sight, time: float | None, too_soon: Callable[[Sight], str]
) -> Diagnosis | None:
    limit = float("inf") if time is None else time - CLOSE
    early = [c for c in sight.calls if c.outcome == "cancelled" and c.end < limit]
    cancelled = [call for call in early if call.item not in sight.case.called_off]
    if not cancelled:
        return None
    did = f"at {seconds(cancelled[0].end)} it had stopped {count(len(cancelled), 'call')}"
    until = "to their end" if time is None else f"until {seconds(time)}"
    return Diagnosis(too_soon(sight), did, f"all calls go on {until}")


def _ran_on(sight: Sight, time: float | None, reason: Callable[[Sight], str]) -> Diagnosis | None:
    if time is None or _are_being_stopped(sight):
        return None
    going = [call for call in sight.calls if call.outcome != "cancelled"]
    ran_on = [call for call in going if call.end is None or call.end > time + CLOSE]
    if not ran_on:
        return None
    did = f"{count(len(ran_on), 'call')} ran on after {seconds(time)}"
    expected = f"at {seconds(time)} all that are under way are stopped"
    if sight.peak <= 1:
        return Diagnosis("one by one", f"{did}; never two at once", expected, _CROSS)
    asked = [cancel for task in sight.trace.tasks for cancel in task.cancels]
    times = [cancel.time for cancel in asked]
    if max(times, default=0.0) > time + CLOSE and any(cancel.took_effect for cancel in asked):
        did += f"; the last request to stop came at {seconds(max(times))}"
        key = "stopped late" if min(times) > max(times) - CLOSE else "partly one by one"
        return Diagnosis(key, did, expected, _CROSS)
    return Diagnosis(reason(sight), did, expected, _CROSS)


def _are_being_stopped(sight: Sight) -> bool:
    """It returned between the request to stop and the step in which a call hears of it."""
    return any(task.cancels for task in sight.running_at_end())


def stopped_once(sight: Sight) -> Diagnosis | None:
    """Nobody was asked to stop again while cleaning up.

    A time limit is no such request: from Python 3.12 on each ``wait_for`` that ends makes one, to
    the task that waits.
    """
    for task in sight.trace.tasks:
        asked = [c.time for c in task.cancels if c.took_effect and c.by != "timeout"]
        first, *more = asked or [0.0]
        if again := [time for time in more if time > first + CLOSE]:
            did = f"{task.label} was asked to stop at {seconds(first)}"
            did += f" and again at {seconds(again[0])}, while it was still cleaning up"
            return Diagnosis("asked to stop twice", did, "each is asked to stop once")
    return None


_CROSS = "Find the moment at which everything stops in the expected picture. Who goes on in yours?"


# -- shape ---------------------------------------------------------------------------------


def until(when: When, *, stuck: Callable[[str], Exception] = _stuck) -> Shape:
    """All calls at once; at this time those that are under way are stopped.

    Args:
        when: seconds; None if nobody is stopped.
        stuck: makes the exception of a clean-up that fails.
    """

    async def shape(case: Case, service: Service) -> None:
        ask = stopping(service, stuck=stuck)
        tasks = [asyncio.create_task(ask(item)) for item in case.items]
        await asyncio.wait(tasks, timeout=when(case))
        await sleep(0)  # who fails at this very moment has failed
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return shape
