"""Judgements: what a contract can ask for, each a function from a Sight to a Diagnosis or None.

An exercise lists the ones that its contract contains. They read the service's record and the
trace, never the source code: gather, task groups, worker pools and hand-made tasks all pass where
the contract allows them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from asynclab.picture.words import count, listed, seconds
from asynclab.trace import PERMIT_KINDS

from .diagnosis import Diagnosis
from .sight import Sight

__all__ = [
    "CLOSE",
    "Judgement",
    "asked_as_often_as",
    "asked_each_once",
    "awaited",
    "bounded",
    "ended",
    "failures_reported",
    "loop_never_blocked",
    "misused",
    "no_crash",
    "nothing_left_running",
    "predicts",
    "raises",
    "returns",
    "siblings_run_on",
    "takes",
    "took_the_slowest",
]

Judgement = Callable[[Sight], Diagnosis | None]

CLOSE = 1e-6  # seconds: exact times of the virtual clock, but for the last bits of a sum
ROUNDING = 0.005  # what a predicted number may be off
WIDTH = 90  # characters of a value that is shown
MANY_TURNS = 1000  # of the loop at one moment
NAMED = 3  # of many things that are told, so many by name


def _is(a: float, b: float) -> bool:
    return math.isclose(a, b, abs_tol=CLOSE)


# -- rules that hold for nearly every exercise ---------------------------------------------


def ended(sight: Sight) -> Diagnosis | None:
    """It came to an end by itself; nothing had to stop it."""
    what, expected = sight.error.partition(": ")[2], "it ends"
    match sight.error_type:
        case "NotAwaitable":
            did = f"awaiting what its call gives is not possible: {what}"
            return Diagnosis("not async", did, "it is defined with `async def`")
        case "OtherLoop":
            return Diagnosis("threads", what, "everything happens on the one loop that runs")
        case "Deadlock" if not sight.trace.never_awaited:  # or `awaited` tells the reason
            key = "permit lost" if _lost_a_permit(sight) else "deadlock"
            what = _one_of_each(what)
        case "BusyLoop":
            key, expected = "busy loop", "it waits, and time passes"
        case "LoopBlocked":
            key = "waits without await"
        case "TimeLimit":
            key = "busy loop" if _spins(sight) else "endless"
        case _:
            return None
    return Diagnosis(key, f"it never ended: {what}", expected)


def _one_of_each(text: str) -> str:
    """Of many tasks that wait at the same line, one is enough."""
    first, *tasks = text.splitlines()
    places = {task.rpartition(" in ")[2]: task for task in reversed(tasks)}
    told = [task for task in tasks if task in places.values()]
    more = [f"  and {len(tasks) - len(told)} more"] if len(told) < len(tasks) else []
    return "\n".join([first, *told, *more])


def _spins(sight: Sight) -> bool:
    """Time stood still while it turned: on a slow machine the real limit comes first."""
    turns = (turn for task in sight.trace.tasks for turn in task.slices)
    return sum(turn.start == sight.elapsed for turn in turns) > MANY_TURNS


def _lost_a_permit(sight: Sight) -> bool:
    """Somebody waits for a permit, and a call has failed that may have had one."""
    last = [task.waits[-1].kind for task in sight.trace.leaked if task.waits]
    return "semaphore" in last and any(call.outcome == "failed" for call in sight.calls)


def misused(sight: Sight) -> Diagnosis | None:
    """It used asyncio's functions as they are meant; an error of theirs tells what was meant."""
    for words, key, expected in _MISUSES:
        if words in sight.error:
            return Diagnosis(key, _raised(sight), expected)
    if re.match("TypeError: .*unhashable type", sight.error) and sight.trace.never_awaited:
        return Diagnosis("arguments of gather", _raised(sight), _ONE_EACH)
    return None


_ONE_EACH = "each call is given to gather as one argument, or to as_completed in a list"
_WHEN_DONE = "a task is awaited before it is asked, or says that it is done"
_THE_CALL = "the call itself is given to create_task"
_AWAITED_FIRST = "it is awaited before its result is used"
_MISUSES = (  # words of asyncio's, from Python 3.11 to 3.14
    ("a coroutine or an awaitable is required", "arguments of gather", _ONE_EACH),
    ("Task got bad yield", "arguments of gather", _ONE_EACH),  # a generator, without its star
    ("a coroutine was expected", "arguments of create_task", _THE_CALL),
    ("create_task() takes 1 positional", "arguments of create_task", _THE_CALL),
    ("InvalidStateError: Result is not set", "result too early", _WHEN_DONE),
    ("InvalidStateError: Exception is not set", "result too early", _WHEN_DONE),
    ("QueueFull", "put without waiting", "it waits until there is room"),
    ("QueueEmpty", "put without waiting", "it waits until there is something to take"),
    ("Passing coroutines is forbidden", "coroutines in wait", "it hands tasks to wait"),
    ("Set of Tasks/Futures is empty", "nothing to wait for", "it waits while somebody is pending"),
    ("called from a running event loop", "loop in a loop", "it awaits, on the loop that runs"),
    ("event loop is already running", "loop in a loop", "it awaits, on the loop that runs"),
    ("'_GatheringFuture' object", "returned a coroutine", _AWAITED_FIRST),
    ("_asyncio.Task' object", "returned a coroutine", _AWAITED_FIRST),
    ("await wasn't used with future", "returned a coroutine", _AWAITED_FIRST),
    ("knows nothing of a Task", "returned a coroutine", _AWAITED_FIRST),
    ("'Response' object", "response kept", "what the response holds is decoded before it is used"),
    ("has already been entered", "group entered again", "the group is open, and is used as it is"),
    ("context manager protocol", "nothing to enter", "`async with` is given what it can enter"),
)


def _raised(sight: Sight) -> str:
    where = f"on line {sight.error_line} " if sight.error_line else ""
    return f"{where}it raised {sight.error}"


def awaited(sight: Sight) -> Diagnosis | None:
    """Whatever it began to wait for has been awaited."""
    if sight.promises:
        kinds = [count(sight.promises.count(kind), kind) for kind in dict.fromkeys(sight.promises)]
        did = f"its result holds {listed(kinds)}"
        return Diagnosis("returned a coroutine", did, "its result holds what awaiting them gives")
    if sight.trace.never_awaited:
        what = ", ".join(dict.fromkeys(map(_without_class, sight.trace.never_awaited)))
        did = f"a coroutine was made and never awaited: {what}"
        did += f"; then {_raised(sight)}" if sight.error else ""
        return Diagnosis("never awaited", did, "each coroutine is awaited, or made a task")
    return None


def no_crash(sight: Sight) -> Diagnosis | None:
    """It raised nothing."""
    if not sight.error:
        return None
    if sight.error_type in ("Unreachable", "CancelledError") and sight.failed_calls:
        did = f"{_raised(sight)}, and its result was lost"
        return Diagnosis("one failure loses all", did, "it returns a result all the same")
    if sight.unknown:
        did = f"it asked for {_named(sight.unknown)}, and there is no such thing; "
        did = "" if "the service knows nothing" in sight.error else did  # said already
        return Diagnosis("asked elsewhere", did + _raised(sight), "it asks for what there is")
    key = "seen from inside" if sight.error_type == "TimeoutError" else _slip(sight.error)
    return Diagnosis(key, _raised(sight), "it returns a result", _READ)


def _slip(error: str) -> str:
    """The misconception behind an error that nobody has meant."""
    known = [(words, key) for words, key, _ in _MISUSES] + list(_SLIPS.items())
    return next((key for words, key in known if words in error), "raised")


_READ = "Read the message as a sentence: which name or value in that line is not what you think?"
_SLIPS = {  # the first that is named: a group also names what it holds
    "NameError": "unknown name",
    "UnboundLocalError": "unknown name",
    "ExceptionGroup": "group not opened",
}


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
    left = sight.running_at_end()
    if cancelled := [task for task in left if task.cancels]:
        did = f"{count(len(cancelled), 'cancelled task')} had not ended when it returned: "
        did += _named(task.label for task in cancelled)
        expected = "after cancel(), each task is awaited until it is over"
        return Diagnosis("cancelled, not awaited", did, expected)
    if not left and not sight.open_calls:
        return None
    what = count(len(left), "task") if left else count(len(sight.open_calls), "call")
    names = _named(task.label for task in left) or _named(call.item for call in sight.open_calls)
    return Diagnosis(
        "leaked",
        f"when it returned at {seconds(sight.elapsed)}, {what} of its own still ran: {names}",
        "whatever it starts is over when it returns",
        "Look for lanes that have not ended at the right edge of the picture.",
    )


# -- results -------------------------------------------------------------------------------


def predicts(truth: Any, misreadings: dict[str, Callable[[Any], Any]]) -> Judgement:
    """The prediction is what the run of the program tells.

    Args:
        truth: what was measured.
        misreadings: what a misconception predicts for a case, by its key; a tuple if it may
            predict several things.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        if _agrees(sight.result, truth):
            return None
        keys = [k for k, read in misreadings.items() if _is_read(sight.result, read(sight.case))]
        if isinstance(truth, list) and _flat(sight.result) == truth:
            keys = ["nested list"]
        fallback = "no return" if sight.result is None else "measured"
        return Diagnosis(
            keys[0] if keys else fallback,
            f"it predicts {_short(sight.result)}{_first_wrong(sight.result, truth)}",
            # A number is one of many; anything else would be the answer.
            f"{_short(truth)}, as in the run below" if isinstance(truth, float) else _RUN,
            "Follow the lanes from left to right: what begins when, and what ends it?",
        )

    return judge


_RUN = "what the program really gives; its run is drawn below"


def _first_wrong(answer: Any, truth: Any) -> str:
    """Of a long list, the first place in which it is wrong."""
    if not isinstance(answer, list) or not isinstance(truth, list) or len(repr(answer)) <= WIDTH:
        return ""
    wrong = [nth for nth, (a, t) in enumerate(zip(answer, truth, strict=False)) if a != t]
    if not wrong:
        return "; it is too long" if len(answer) > len(truth) else "; it is too short"
    return f"; the first that is wrong is number {wrong[0] + 1}, {_short(answer[wrong[0]])}"


def _flat(answer: Any) -> list[Any] | None:
    """The entries of a list, and those of the lists in it, in one list."""
    if not isinstance(answer, list):
        return None
    parts = (each if isinstance(each, list) else [each] for each in answer)
    return [entry for part in parts for entry in part]


def _is_read(answer: Any, reading: Any) -> bool:
    """Does the answer come from this misreading, or from one of these?"""
    readings = reading if isinstance(reading, tuple) else (reading,)
    return any(_agrees(answer, each) for each in readings)


def _agrees(answer: Any, truth: Any) -> bool:
    if isinstance(truth, float) and isinstance(answer, (int, float)):
        return abs(answer - truth) < ROUNDING
    return answer == truth


def returns(expected: Callable[[Sight], Any], what: str, *, key: str = "wrong result") -> Judgement:
    """The result is this one.

    Args:
        expected: the result, from the case and the answers of the service.
        what: the contract's words for it.
        key: the misconception when it is none that can be told from the values.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        wanted, got = expected(sight), sight.result
        if got == wanted:
            return None
        reason = _no_answer(got) or _reason(sight, got, wanted) or key
        place, got, wanted = _first_difference(got, wanted)
        did = f"{place} is {_short(got)}{_keys_that_differ(got, wanted)}"
        # Where all values are there, the learner can see what is wrong with them.
        shown = "" if reason in ("finish order", "wrong pairs") else f", here {_short(wanted)}"
        return Diagnosis(reason, did, f"it returns {what}{shown}")

    return judge


def _reason(sight: Sight, got: Any, wanted: Any) -> str:
    """The misconception that shows in the values, or empty."""
    if got == wanted:
        return ""
    if strange := _exceptions(got) - _exceptions(wanted):
        return _CANCELLED if strange == {"CancelledError"} else "exception as result"
    if isinstance(got, dict) and isinstance(wanted, dict):
        if _same_items(list(got.values()), list(wanted.values())):
            return "wrong pairs"
        parts = (_reason(sight, got[key], wanted[key]) for key in wanted if key in got)
        return next(filter(None, parts), "")
    if _same_items(got, wanted):
        return "finish order" if _is_as_they_ended(sight, got) else "wrong pairs"
    return ""


def _is_as_they_ended(sight: Sight, got: list[Any]) -> bool:
    """Answers in the order in which they came, or items: those can only be out of order."""
    by_time = [sight.answers[item] for item in sight.finish_order]
    is_of_items = all(each in sight.case.items for each in got)
    return is_of_items or got == [answer for answer in by_time if answer in got]


def _no_answer(got: Any) -> str:
    """The misconception that leads to something in the place of an answer, or empty."""
    if got is None:
        return "no return"
    return next((key for kind, key in _NO_ANSWERS.items() if kind in repr(got)), "")


_NO_ANSWERS = {  # as a plain copy shows them
    "<Response>": "response kept",
    "<method>": "not called",
    "<function>": "not called",
    "<builtin_function_or_method>": "not called",
}


def raises(name: str, when: str) -> Judgement:
    """It lets this exception out.

    Args:
        name: the name of the exception's class.
        when: the contract's words for the case.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        if sight.error_type == name:
            return None
        expected = f"it raises {name} {when}"
        if sight.error:
            return Diagnosis("other exception", _raised(sight), expected)
        return Diagnosis("failure lost", "it returned as if nothing had failed", expected)

    return judge


def failures_reported(reported: Callable[[Any], Sequence[str]], what: str) -> Judgement:
    """Every item that failed for good is named, and no other.

    Args:
        reported: the failed items that a result names.
        what: the contract's words for where they stand.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        try:
            named = set(reported(sight.result))
        except (TypeError, KeyError, IndexError, AttributeError, ValueError):
            return Diagnosis("wrong result", f"its result is {_short(sight.result)}", what)
        lost = sight.case.lost
        missing = [item for item in lost if item not in named]
        if missing:
            key = "failure lost" if set(missing) - {*sight.case.called_off} else _CANCELLED
            of_all = f"{len(missing)} of {count(len(lost), 'failure')}"
            return Diagnosis(key, f"its result does not name {of_all}: {_named(missing)}", what)
        if wrong := sorted(named - set(lost)):
            did = f"it reports as failed what was answered: {_named(wrong)}"
            return Diagnosis("wrong pairs", did, what)
        return None

    return judge


_CANCELLED = "cancelled is an answer"


# -- calls ---------------------------------------------------------------------------------


def asked_each_once(sight: Sight) -> Diagnosis | None:
    """Each item was asked for exactly once."""
    return _asked(sight, {})


def asked_as_often_as(times: Callable[[Sight], dict[str, int]]) -> Judgement:
    """Each item was asked for as often as this.

    Args:
        times: how often, by item; once where it says nothing.
    """
    return lambda sight: _asked(sight, times(sight))


def _asked(sight: Sight, times: dict[str, int]) -> Diagnosis | None:
    asked, items = Counter(sight.asked), sight.case.items
    too_often = [item for item in items if asked[item] > times.get(item, 1)]
    missing = [item for item in items if asked[item] < times.get(item, 1)]
    if too_often and missing:
        did = f"it made too many calls for {_named(too_often)}, and too few for {_named(missing)}"
        return Diagnosis("late closure", did, f"{_total(items, times)}, each for its own")
    if too_often:
        did = f"it made {count(len(sight.asked), 'call')}, more than needed for {_named(too_often)}"
        return Diagnosis("called too often", did, f"{_total(items, times)} are enough")
    if missing:
        if error := _kept_quiet(sight):
            return error
        did = f"it made {count(len(sight.asked), 'call')}; too few for {_named(missing)}"
        if sight.unknown:
            did += f"; it asked for {_named(sight.unknown)}, and there is no such thing"
        return Diagnosis(_why_too_few(sight), did, f"{_total(items, times)} are needed")
    return None


def _why_too_few(sight: Sight) -> str:
    if sight.unknown:
        return "asked elsewhere"
    has_workers = "limit" in sight.case.given and len(sight.trace.tasks) <= len(sight.case.items)
    has_failed = any(call.outcome == "failed" for call in sight.calls)
    return "worker lost" if has_workers and has_failed else "asked too little"


def _kept_quiet(sight: Sight) -> Diagnosis | None:
    """A fault of the program itself that a gather has kept as if it were an outcome."""
    for task in sight.trace.tasks[1:]:
        if task.error.partition(":")[0] in ("TypeError", "AttributeError", *_SLIPS):
            did = f"{task.label} raised {task.error}, and nobody heard of it"
            return Diagnosis(_slip(task.error), did, "every call is made", _READ)
    return None


def _total(items: list[str], times: dict[str, int]) -> str:
    return count(sum(times.get(item, 1) for item in items), "call")


# -- time ----------------------------------------------------------------------------------


def took_the_slowest(sight: Sight) -> Diagnosis | None:
    """Every call began as early as it could: the slowest counts, or the slowest chain of them."""
    if _is(sight.elapsed, sight.case.slowest):
        return None
    chain = "chain of calls" if sight.case.needs else "call"
    return _wrong_time(sight, sight.case.slowest, f"as long as the slowest {chain}")


def takes(expected: Callable[[Sight], float], what: str, *, or_less: bool = False) -> Judgement:
    """The total is this one.

    Args:
        expected: seconds.
        what: the contract's words for it, as in "two steps, each as long as its slowest call".
        or_less: it may also be shorter.
    """

    def judge(sight: Sight) -> Diagnosis | None:
        wanted = expected(sight)
        if _is(sight.elapsed, wanted) or (or_less and sight.elapsed < wanted):
            return None
        return _wrong_time(sight, wanted, what)

    return judge


def _wrong_time(sight: Sight, wanted: float, what: str) -> Diagnosis:
    took = f"it took {seconds(sight.elapsed)}"
    expected = f"it takes {seconds(wanted)}, {what}"
    if sight.elapsed < wanted:
        return Diagnosis("too early", took, expected)
    calls = count(len(sight.calls), "call")
    if sight.peak <= 1:
        is_sum = _is(sight.elapsed, sum(call.end - call.start for call in sight.calls))
        did = f"{took}, the sum of {calls}" if is_sum else f"{took} for {calls}"
        return Diagnosis("one by one", f"{did}; never two at once", expected, _ONE_LANE)
    if sight.case.needs and (late := _late(sight)):
        return Diagnosis("chained needlessly", f"{took}; {late}", expected, _ONE_LANE)
    did = f"{took}, with at most {count(sight.peak, 'call')} in flight"
    return Diagnosis("partly one by one", did, expected, _ONE_LANE)


def _late(sight: Sight) -> str:
    """The first call that waited although nothing that it needs was missing, in words."""
    ends = {call.item: call.end for call in sight.calls}
    for call in sight.calls:
        possible = ends.get(sight.case.needs.get(call.item, ""), 0.0)
        if call.start > possible + CLOSE:
            began = f"{call.item} was asked at {seconds(call.start)}"
            return f"{began}, and could have been at {seconds(possible)}"
    return ""


_ONE_LANE = "In the picture, find the bar that begins only where another one ends."


# -- limits --------------------------------------------------------------------------------


def bounded(limit: Callable[[Sight], int]) -> Judgement:
    """At most ``limit`` calls in flight, and never fewer while others wait their turn."""

    def judge(sight: Sight) -> Diagnosis | None:
        most = limit(sight)
        return _over(sight, most) or _under(sight, most)

    return judge


def _over(sight: Sight, most: int) -> Diagnosis | None:
    if sight.peak <= most:
        return None
    key, why = _why_over(sight, most)
    did = f"{count(sight.peak, 'call')} were in flight at once{why}"
    return Diagnosis(key, did, f"at most {most} at once", _STRIP)


def _why_over(sight: Sight, most: int) -> tuple[str, str]:
    """The misconception, and what the semaphores tell of it."""
    made, everything = sight.semaphores, sight.peak == len(sight.case.items)
    one_each = len(made) >= len(sight.case.items)
    if len(made) > 1 and (everything or one_each):
        return "fresh semaphore", f"; {len(made)} semaphores were made, and nobody shared one"
    if not made:
        return "unbounded" if everything else "over the limit", ""
    first = made[0]
    began = f"; a semaphore was made with {count(first.made, 'permit')}"
    if first.left > first.made:
        return "given back twice", f"{began}, and had {first.left} in the end"
    return "over the limit", began if first.made > most else ""


def _under(sight: Sight, most: int) -> Diagnosis | None:
    most = min(most, len(sight.case.items))
    idle = [(t, n) for t, n in sight.in_flight() if n < most and _could_begin(sight, t)]
    if not idle:
        return None
    time, open_calls = idle[0]
    key, why = _why_under(sight, most, time)
    were = "call was" if open_calls == 1 else "calls were"
    did = f"at {seconds(time)} only {open_calls} {were} in flight, and others had not begun"
    expected = f"{most} in flight for as long as there are calls to begin"
    return Diagnosis(key, did + why, expected, _STRIP)


def _could_begin(sight: Sight, time: float) -> bool:
    """A call began only later, although nothing that it needs was missing."""
    ends = {call.item: call.end for call in sight.calls if call.end is not None}
    later = (sight.case.needs.get(c.item) for c in sight.calls if c.start > time + CLOSE)
    return any(need is None or ends.get(need, math.inf) < time + CLOSE for need in later)


def _why_under(sight: Sight, most: int, time: float) -> tuple[str, str]:
    """The misconception, and what else there is to say of it."""
    failed = [call for call in sight.failed_calls if call.end <= time + CLOSE]
    lost = f"; {count(len(failed), 'call')} had failed by then" if failed else ""
    if {wait.kind for task in sight.trace.tasks for wait in task.waits} & PERMIT_KINDS:
        return ("permit lost", lost) if failed else _why_they_queue(sight, most)
    if sight.peak <= 1:
        return "one by one", ""
    starts = {round(call.start, 6) for call in sight.calls}
    if len(starts) <= math.ceil(len(sight.calls) / most):
        return "batches", ""
    if failed:
        return "worker lost", lost
    has_few_workers = sight.peak < most and not sight.semaphores and not sight.case.needs
    return "too few permits" if has_few_workers else "partly one by one", ""


def _why_they_queue(sight: Sight, most: int) -> tuple[str, str]:
    if not sight.semaphores:
        return "too few permits", "; they waited for a lock"
    permits = max(semaphore.made for semaphore in sight.semaphores)
    if permits < most:
        return "too few permits", f"; the semaphore had {count(permits, 'permit')}"
    return "permit held" if sight.peak <= 1 else "partly one by one", ""


_STRIP = "Look at the strip below the lanes: it counts the calls in flight."


# -- siblings ------------------------------------------------------------------------------


def siblings_run_on(sight: Sight) -> Diagnosis | None:
    """A failure stops nobody else."""
    cancelled = [call.item for call in sight.calls if call.outcome == "cancelled"]
    stopped = [item for item in cancelled if item not in sight.case.called_off]
    if not stopped:
        return None
    did = f"it cancelled {count(len(stopped), 'call')}: {_named(stopped)}"
    return Diagnosis("one failure loses all", did, "the others run to their end")


# -- words ---------------------------------------------------------------------------------


def _named(names: Iterable[str]) -> str:
    """The first of many names."""
    names = list(dict.fromkeys(map(str, names)))
    return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")


def _short(value: Any) -> str:
    text = repr(_shown(value))
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _shown(value: Any) -> Any:
    """A plain value as a learner would write it."""
    if isinstance(value, dict) and "exception" in value:
        return _Verbatim(f"{value['exception']}(...)")
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(_shown, value))
    if isinstance(value, str) and value.startswith("<"):
        return _Verbatim(value)
    return round(value, 6) if isinstance(value, float) else value


class _Verbatim(str):
    """Shown without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def _without_class(call: str) -> str:
    """``ask(), called on line 3`` of ``Service.ask(), called on line 3``."""
    name, bracket, rest = call.partition("(")
    if name.endswith("._wait_for_one"):
        return "what `as_completed` handed out"
    return name.rpartition(".")[2] + bracket + rest


# -- values --------------------------------------------------------------------------------


def _same_items(got: Any, wanted: Any) -> bool:
    """The same values in another order."""
    both = isinstance(got, list) and isinstance(wanted, list)
    return both and sorted(map(repr, got)) == sorted(map(repr, wanted))


def _first_difference(got: Any, wanted: Any, place: str = "its result") -> tuple[str, Any, Any]:
    """The innermost place in which two values differ, and what stands there."""
    if _are_dictionaries(got) and _are_dictionaries(wanted) and len(got) == len(wanted):
        nth = next(n for n, pair in enumerate(zip(got, wanted, strict=True)) if pair[0] != pair[1])
        return _first_difference(got[nth], wanted[nth], f"{place}[{nth}]")
    if isinstance(got, dict) and isinstance(wanted, dict) and got.keys() == wanted.keys():
        differing = [key for key in wanted if got[key] != wanted[key]]
        is_long = len(repr(got)) > WIDTH
        if is_long or len(differing) == 1 or any(isinstance(wanted[k], dict) for k in differing):
            key = differing[0]
            return _first_difference(got[key], wanted[key], f"{place}[{key!r}]")
    return place, got, wanted


def _keys_that_differ(got: Any, wanted: Any) -> str:
    """Of a dictionary that is too long to be compared by eye, the keys that make the difference."""
    if not isinstance(got, dict) or not isinstance(wanted, dict) or len(repr(got)) <= WIDTH:
        return ""
    missing = [key for key in wanted if key not in got]
    surplus = [key for key in got if key not in wanted]
    told = f"; missing: {_named(missing)}" if missing else ""
    return told + (f"; too much: {_named(surplus)}" if surplus else "")


def _are_dictionaries(value: Any) -> bool:
    """A list of them; an exception is shown as a whole."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and "exception" not in item for item in value
    )


def _exceptions(value: Any) -> set[str]:
    """The names of the exceptions that stand in a result."""
    if isinstance(value, dict):
        if "exception" in value:
            return {value["exception"]}
        value = list(value.values())
    if not isinstance(value, list):
        return set()
    return set().union(*map(_exceptions, value))
