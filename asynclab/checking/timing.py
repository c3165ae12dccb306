"""Timing: judgements of single calls, how long each may last and how far apart they begin."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from asynclab.picture.words import count, listed, seconds

from .diagnosis import Diagnosis
from .judgements import CLOSE, Judgement
from .service import Call
from .sight import Sight

__all__ = ["given_up_after", "not_guessed", "paced"]


# -- how long ------------------------------------------------------------------------------


def given_up_after(patience: Callable[[Sight], float]) -> Judgement:
    """A call that lasts longer than this is given up then: not later, and no other call.

    Args:
        patience: seconds, counted from the beginning of the call.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        most = patience(sight)
        return _too_long(sight, most) or _too_soon(sight, most) or _never_asked(sight, most)

    return judge


def _too_long(sight: Sight, most: float) -> Diagnosis | None:
    for call in sight.calls:
        lasted = _lasted(sight, call)
        if lasted > most + CLOSE:
            did = f"the call of {call.item} lasted {seconds(lasted)}"
            expected = f"no call lasts longer than {seconds(most)}"
            return Diagnosis("never gives up", did, expected, _LENGTHS)
    return None


def _too_soon(sight: Sight, most: float) -> Diagnosis | None:
    """Given up when the time was over for the program, and not yet for the call."""
    for call in sight.calls:
        if call.outcome == "cancelled" and call.start > CLOSE and abs(call.end - most) < CLOSE:
            began, lasted = seconds(call.start), seconds(call.end - call.start)
            did = f"the call of {call.item} began at {began}, and was given up {lasted} later"
            return Diagnosis("queueing counts", did, _each_has(most), _LENGTHS)
    return None


def _never_asked(sight: Sight, most: float) -> Diagnosis | None:
    """The same, before the call has begun."""
    missing = [item for item in sight.case.items if item not in sight.asked]
    cancels = [cancel.time for task in sight.trace.tasks for cancel in task.cancels]
    if not missing or all(abs(time - most) > CLOSE for time in cancels):
        return None
    did = f"{missing[0]} was given up at {seconds(most)}, before the call began"
    return Diagnosis("queueing counts", did, _each_has(most))


def _each_has(most: float) -> str:
    return f"each call has {seconds(most)}, counted from its own beginning"


def _lasted(sight: Sight, call: Call) -> float:
    return (sight.elapsed if call.end is None else call.end) - call.start


def not_guessed(end: Callable[[Sight], float]) -> Judgement:
    """It does not sleep at its end, in the hope that everything is over then.

    Args:
        end: when everything is over, seconds.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        waits, over = sight.trace.main.waits, end(sight)
        if sight.elapsed <= over + CLOSE or not waits or waits[-1].kind != "sleep":
            return None
        did = f"it slept until {seconds(sight.elapsed)}, and all was over at {seconds(over)}"
        expected = "it ends when the last one that it waits for ends"
        return Diagnosis("guessed", did, expected, _FIRST_LANE)

    return judge


# -- how far apart -------------------------------------------------------------------------


def paced(limit: Callable[[Sight], int], gap: Callable[[Sight], float]) -> Judgement:
    """At most ``limit`` calls in flight, ``gap`` seconds between two beginnings, no later than so.

    Args:
        limit: calls.
        gap: seconds from the beginning of one call to that of the next.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        most, apart = limit(sight), gap(sight)
        return _too_close(sight, apart) or _too_many(sight, most) or _too_late(sight, most, apart)

    return judge


def _too_close(sight: Sight, apart: float) -> Diagnosis | None:
    for nth, (one, other) in enumerate(pairwise(sight.calls)):
        between = other.start - one.start
        if between > apart - CLOSE:
            continue
        when = f"only {seconds(between)} apart" if between > CLOSE else "in the same instant"
        did = f"{listed([one.item, other.item])} began {when}, at {seconds(other.start)}"
        key = "turn too early" if nth else "rate is not concurrency"
        return Diagnosis(key, did, f"at least {seconds(apart)} between two beginnings", _AXIS)
    return None


def _too_many(sight: Sight, most: int) -> Diagnosis | None:
    if sight.peak <= most:
        return None
    key = "over the limit" if sight.semaphores else "rate is not concurrency"
    did = f"the gaps are right, and {count(sight.peak, 'call')} were in flight at once"
    return Diagnosis(key, did, f"at most {most} at once", _STRIP)


def _too_late(sight: Sight, most: int, apart: float) -> Diagnosis | None:
    for nth, call in enumerate(sight.calls):
        possible = _possible(sight.calls[:nth], most, apart)
        if call.start > possible + CLOSE:
            did = f"{call.item} began at {seconds(call.start)}"
            key = "one by one" if sight.peak <= 1 else "waited needlessly"
            return Diagnosis(key, did, f"both limits allow it at {seconds(possible)}", _AXIS)
    return None


def _possible(before: list[Call], most: int, apart: float) -> float:
    """When the next call may begin at the earliest, seconds."""
    if not before:
        return 0.0
    ends = sorted(call.end for call in before)
    place_free = ends[-most] if len(before) >= most else 0.0
    return max(before[-1].start + apart, place_free)


_LENGTHS = "Find this call in both pictures, and compare where its bar begins and ends."
_FIRST_LANE = "In the picture, find what the first lane waits for at its end."
_AXIS = "Compare where the bars begin in your run and in the expected one."
_STRIP = "Look at the strip below the lanes: it counts the calls in flight."
