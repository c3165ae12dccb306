"""Judgements: what a contract can ask for, each a function from a Sight to a Diagnosis or None.

An exercise lists the ones that its contract contains. They read the service's record and the
trace, never the source code: gather, task groups, worker pools and hand-made tasks all pass where
the contract allows them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from asynclab.picture.words import seconds

from .diagnosis import Diagnosis
from .sight import Sight

__all__ = [
    "asked_each_once",
    "bounded",
    "everybody_asked",
    "failures_reported",
    "loop_never_blocked",
    "no_crash",
    "nothing_left_running",
    "raises",
    "returns",
    "siblings_run_on",
    "siblings_stopped",
    "takes",
    "took_the_slowest",
]

Judgement = Callable[[Sight], Diagnosis | None]

CLOSE = 1e-6  # seconds: exact times of the virtual clock, but for the last bits of a sum


def _is(a: float, b: float) -> bool:
    return math.isclose(a, b, abs_tol=CLOSE)


def _calls(count: int) -> str:
    return f"{count} call" + "s" * (count != 1)


# -- rules that hold for nearly every exercise ---------------------------------------------


def no_crash(sight: Sight) -> Diagnosis | None:
    """It returned, or raised what another judgement asks for; the clock did not have to stop it."""
    stopped = {
        "Deadlock": ("deadlock", "it ends"),
        "BusyLoop": ("busy loop", "it waits for something, and time passes"),
        "TimeLimit": ("endless", "it ends"),
    }
    if sight.error_type in stopped:
        key, expected = stopped[sight.error_type]
        return Diagnosis(key, f"it never ended: {sight.error.partition(': ')[2]}", expected)
    if sight.error:
        where = f" on line {sight.error_line}" if sight.error_line else ""
        look = "Run the function on its own in a new cell and read the traceback."
        return Diagnosis("raised", f"it raised {sight.error}{where}", "it returns a result", look)
    return None


def awaited(sight: Sight) -> Diagnosis | None:
    """Every coroutine that was made has been awaited or made a task."""
    if sight.trace.never_awaited:
        what = ", ".join(dict.fromkeys(sight.trace.never_awaited))
        did = f"a coroutine was made and never awaited: {what}"
        return Diagnosis("never awaited", did, "each coroutine is awaited, or made a task")
    if sight.result_type == "coroutine":
        return Diagnosis(
            "returned a coroutine",
            "it returned a coroutine instead of a result",
            "it awaits the coroutine and returns what comes back",
        )
    return None


def loop_never_blocked(sight: Sight) -> Diagnosis | None:
    """Nobody kept the loop to themselves."""
    if not sight.trace.blocked:
        return None
    first = sight.trace.blocked[0]
    line = f" (line {first.line.number})" if first.line.number else ""
    did = f"the loop was blocked for {seconds(sight.trace.blocked_time)} by {first.by}{line}"
    expected = "every wait is awaited, so that others can run meanwhile"
    return Diagnosis("blocked loop", did, expected, "Look for the red band in the picture.")


def nothing_left_running(sight: Sight) -> Diagnosis | None:
    """No task, and no call of the service, outlived the function."""
    left, cancelled = sight.running_at_end(), [t for t in sight.running_at_end() if t.cancels]
    if cancelled:
        names = ", ".join(task.label for task in cancelled[:3])
        return Diagnosis(
            "cancelled, not awaited",
            f"{len(cancelled)} cancelled tasks had not ended when it returned: {names}",
            "after cancel(), each task is awaited until it is over",
        )
    if left or sight.open_calls:
        names = ", ".join(dict.fromkeys(task.label for task in left[:3])) or "a call"
        count = len(left) or len(sight.open_calls)
        return Diagnosis(
            "leaked",
            f"{count} of its tasks still ran when it returned: {names}",
            "whatever it starts is over when it returns",
            "Look for lanes that go on after main has finished.",
        )
    return None


# -- results -------------------------------------------------------------------------------


def returns(
    expected: Callable[[Sight], Any],
    what: str,
    *,
    key: str = "wrong result",
    in_any_order: bool = False,
) -> Judgement:
    """The result is this one.

    Args:
        expected: the result, from the case and the answers of the service.
        what: the contract's words for it.
        key: the misconception when it is none that can be told from the values.
        in_any_order: the order of a list does not matter.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        wanted, got = expected(sight), sight.result
        if got == wanted or (in_any_order and _sorted(got) == _sorted(wanted)):
            return None
        did = f"it returned {_short(got, sight.result_type)}"
        if isinstance(got, list) and isinstance(wanted, list):
            if any(_is_exception(value) for value in got) and not any(map(_is_exception, wanted)):
                return Diagnosis("exception as result", did, f"it returns {what}")
            if len(got) > 1 and _sorted(got) == _sorted(wanted):
                order = [sight.answers[item] for item in sight.finish_order]
                reason = "finish order" if got == order[: len(got)] else "wrong pairs"
                return Diagnosis(reason, did, f"it returns {what}", "Compare the order.")
        if _same_values(got, wanted):
            return Diagnosis("wrong pairs", did, f"it returns {what}")
        return Diagnosis(key, did, f"it returns {what}, here {_short(wanted)}")

    return judge


def raises(name: str, when: str) -> Judgement:
    """It lets this exception out.

    Args:
        name: the name of the exception's class.
        when: the contract's words for the case.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        if sight.error_type == name:
            return None
        did = f"it raised {sight.error}" if sight.error else "it returned as if nothing had failed"
        return Diagnosis("failure lost", did, f"it raises {name} {when}")

    return judge


def failures_reported(reported: Callable[[Any], Sequence[str]], what: str) -> Judgement:
    """Every item that failed is named, and no other.

    Args:
        reported: the failed items that a result names.
        what: the contract's words for where they stand.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        try:
            named = sorted(reported(sight.result))
        except (TypeError, KeyError, IndexError, AttributeError, ValueError):
            did = f"it returned {_short(sight.result, sight.result_type)}"
            return Diagnosis("wrong result", did, f"it returns {what}")
        missing = sorted(set(sight.case.failing) - set(named))
        if missing:
            did = f"{len(missing)} of {len(sight.case.failing)} failures are not in its result"
            return Diagnosis("failure lost", f"{did}: {', '.join(missing[:3])}", what)
        if wrong := sorted(set(named) - set(sight.case.failing)):
            did = f"it reports {', '.join(map(str, wrong[:3]))} as failed, which was answered"
            return Diagnosis("wrong pairs", did, what)
        return None

    return judge


# -- calls ---------------------------------------------------------------------------------


def everybody_asked(sight: Sight) -> Diagnosis | None:
    """Each item was asked for at least once."""
    missing = [item for item in sight.case.items if item not in sight.asked]
    if not missing:
        return None
    did = f"{len(missing)} of {len(sight.case.items)} were never asked: {', '.join(missing[:3])}"
    return Diagnosis("wrong result", did, "each of them is asked once")


def asked_each_once(sight: Sight) -> Diagnosis | None:
    """Each item was asked for exactly once."""
    twice = sorted({item for item in sight.asked if sight.asked.count(item) > 1})
    if twice:
        did = f"it asked {len(sight.asked)} times for {len(set(sight.asked))} things, "
        did += f"more than once for {', '.join(twice[:3])}"
        return Diagnosis("called too often", did, "each of them is asked once")
    return everybody_asked(sight)


# -- time ----------------------------------------------------------------------------------


def took_the_slowest(sight: Sight) -> Diagnosis | None:
    """All waits lay side by side: the longest counts, not the sum."""
    case = sight.case
    if _is(sight.elapsed, case.slowest):
        return None
    return _too_long(sight, case.slowest, "as long as the slowest call")


def takes(expected: Callable[[Sight], float], what: str) -> Judgement:
    """The total is this one.

    Args:
        expected: seconds.
        what: the contract's words for it, as in "two steps, each as long as its slowest call".
    """

    def judge(sight: Sight) -> Diagnosis | None:
        wanted = expected(sight)
        return None if _is(sight.elapsed, wanted) else _too_long(sight, wanted, what)

    return judge


def _too_long(sight: Sight, wanted: float, what: str) -> Diagnosis:
    took, total = sight.elapsed, sight.case.total
    expected = f"it takes {seconds(wanted)}, {what}"
    if took < wanted:
        did = f"it took {seconds(took)}, less than the calls need"
        return Diagnosis("never awaited", did, expected)
    if _is(took, total) and sight.peak <= 1:
        did = f"it took {seconds(took)}, the sum of {_calls(len(sight.calls))}; "
        return Diagnosis("one by one", did + "never two at once", expected, _ONE_LANE)
    did = f"it took {seconds(took)}, with at most {_calls(sight.peak)} in flight"
    return Diagnosis("partly one by one", did, expected, _ONE_LANE)


_ONE_LANE = "In the picture, find the bar that begins only where another one ends."


# -- limits --------------------------------------------------------------------------------


def bounded(limit: Callable[[Sight], int]) -> Judgement:
    """At most ``limit`` calls in flight, and never fewer while others wait their turn."""

    def judge(sight: Sight) -> Diagnosis | None:
        most = limit(sight)
        return _over(sight, most) or _under(sight, most)

    return judge


def _over(sight: Sight, most: int) -> Diagnosis | None:
    peak, count = sight.peak, len(sight.case.items)
    if peak <= most:
        return None
    did = f"{peak} calls were in flight at once"
    expected = f"at most {most} at once"
    if sight.semaphores > 1 and peak == count:
        made = f"{did}; {sight.semaphores} semaphores were made, and nobody shared one"
        return Diagnosis("fresh semaphore", made, expected, _STRIP)
    key = "unbounded" if not sight.semaphores and peak == count else "over the limit"
    return Diagnosis(key, did, expected, _STRIP)


def _under(sight: Sight, most: int) -> Diagnosis | None:
    most = min(most, len(sight.case.items))
    starts = sorted(call.start for call in sight.calls)
    last_start = starts[-1] if starts else 0.0
    idle = [(time, n) for time, n in sight.in_flight() if time < last_start - CLOSE and n < most]
    if not idle:
        return None
    time, count = idle[0]
    did = f"at {seconds(time)} only {_calls(count)} were in flight, and others had not begun"
    expected = f"{most} in flight for as long as there are calls to begin"
    if sight.peak <= 1:
        held = any(wait.kind == "semaphore" for task in sight.trace.tasks for wait in task.waits)
        key = "permit held" if held else "one by one"
        return Diagnosis(key, did, expected, _STRIP)
    starts_together = len({round(start, 6) for start in starts}) <= math.ceil(len(starts) / most)
    return Diagnosis("batches" if starts_together else "partly one by one", did, expected, _STRIP)


_STRIP = "Look at the strip below the lanes: it counts the calls in flight."


# -- siblings ------------------------------------------------------------------------------


def siblings_stopped(sight: Sight) -> Diagnosis | None:
    """After the first failure, every call that was under way has been cancelled."""
    ends = [call.end for call in sight.calls if call.outcome == "failed"]
    if not ends:
        return None
    ran_on = [c for c in sight.calls if c.outcome in ("answered", "open") and _after(c, min(ends))]
    if not ran_on:
        return None
    did = f"{_calls(len(ran_on))} ran on after the failure at {seconds(min(ends))}"
    return Diagnosis("nothing runs on", did, "the others are cancelled, and have ended")


def siblings_run_on(sight: Sight) -> Diagnosis | None:
    """A failure stops nobody else."""
    stopped = [call.item for call in sight.calls if call.outcome == "cancelled"]
    if not stopped:
        return None
    did = f"{_calls(len(stopped))} had been cancelled: {', '.join(stopped[:3])}"
    return Diagnosis("one failure loses all", did, "the others run to their end")


def _after(call: Any, time: float) -> bool:
    return call.end is None or call.end > time + CLOSE


# -- words ---------------------------------------------------------------------------------


def _same_values(got: Any, wanted: Any) -> bool:
    """Two dictionaries with the same keys and the same values, but not in the same pairs."""
    if not (isinstance(got, dict) and isinstance(wanted, dict) and got.keys() == wanted.keys()):
        return False
    return _sorted(got.values()) == _sorted(wanted.values())


def _is_exception(value: Any) -> bool:
    return isinstance(value, dict) and "exception" in value


def _sorted(values: Any) -> list[str]:
    try:
        return sorted(map(repr, values))
    except TypeError:
        return [repr(values)]


def _short(value: Any, type_name: str = "") -> str:
    text = repr(value) if value is not None or type_name in ("", "NoneType") else f"a {type_name}"
    return text if len(text) <= 90 else f"{text[:87]}..."
