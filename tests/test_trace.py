"""The trace is plain data, exact and repeatable, and answers questions."""

import asyncio
import contextlib
import itertools
import json
import time

import needs
import pytest

from asynclab.clock import VirtualLoop
from asynclab.nesting import detached
from asynclab.runner import run, watch
from asynclab.trace import SCHEMA, Line, Span, TaskRecord, Trace, Wait, state_of

STATES = {"running", "ready", "sleep", "io", "queued", "awaiting", "other"}


async def work(delay, *, fails=False):
    await asyncio.sleep(delay)
    if fails:
        raise ValueError("no good")
    return delay


async def produce_and_consume():
    queue = asyncio.Queue(1)

    async def consume():
        while True:
            await queue.get()
            await asyncio.sleep(0.3)
            queue.task_done()

    consumers = {asyncio.create_task(consume(), name=f"consumer {i}") for i in range(3)}
    for i in range(5):
        await queue.put(i)
        await asyncio.sleep(0)
    await queue.join()
    for consumer in consumers:
        consumer.cancel()
    await asyncio.gather(*consumers, work(1, fails=True), return_exceptions=True)


async def visit_in_turn():
    permits = asyncio.Semaphore(2)

    async def visit(i):
        async with permits:
            await asyncio.sleep(0.1 * i)

    async with asyncio.TaskGroup() as group:
        for i in range(5):
            group.create_task(visit(i))


async def mixed():
    """A bit of everything that a trace can hold."""
    await visit_in_turn()
    await produce_and_consume()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.25):
            await asyncio.wait({asyncio.create_task(work(1)), asyncio.create_task(work(2))})
    if not needs.IN_BROWSER_PYTHON:
        await asyncio.gather(*(asyncio.to_thread(threaded, i) for i in range(3)))
    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(work(1, fails=True), name="fails")
            group.create_task(work(2), name="sibling")
    mixed.leaked = asyncio.create_task(work(100), name="leaked")


def threaded(i):
    time.sleep(i)
    return i


def check_consistency(trace):
    """What holds in every trace."""
    assert [t.id for t in trace.tasks] == list(range(len(trace.tasks)))
    steps = sorted(s.step for t in trace.tasks for s in t.slices)
    assert steps == list(range(trace.steps))
    for task in trace.tasks:
        assert task.parent is None or task.parent < task.id
        suspended = task.outcome in {"pending", "lost"}
        assert len(task.waits) == max(0, len(task.slices) - (not suspended))
        assert (task.ended is None) == (task.outcome == "pending")
        spans = trace.spans(task)
        assert spans[0].start == task.created
        for span, following in itertools.pairwise(spans):
            assert span.end == following.start
        for span in spans:
            assert span.start <= span.end
            assert span.first_step <= span.last_step
            assert span.state in STATES
        assert spans[-1].end == (trace.elapsed if task.ended is None else task.ended)


# -- plain data ----------------------------------------------------------------------------


def test_two_hundred_runs_give_one_trace():
    first, *others = [run(mixed).trace.to_dict() for _ in range(200)]
    assert all(other == first for other in others)


def test_a_trace_survives_json():
    trace = run(mixed).trace
    data = trace.to_dict()
    assert data["schema"] == SCHEMA
    copy = Trace.from_dict(json.loads(json.dumps(data, allow_nan=False)))
    assert copy == trace
    assert copy.to_dict() == data


def test_a_trace_of_another_schema_is_refused():
    data = {**Trace("virtual").to_dict(), "schema": 0}
    with pytest.raises(ValueError, match=f"^trace schema 0 is not {SCHEMA}: record the run again$"):
        Trace.from_dict(data)


def test_the_parts_of_a_trace_agree_with_each_other():
    trace = run(mixed).trace
    check_consistency(trace)
    assert {"finished", "raised", "cancelled", "pending"} == {t.outcome for t in trace.tasks}
    assert {w.kind for t in trace.tasks for w in t.waits} >= {
        *("sleep", "semaphore", "queue get", "queue put", "queue join", "gather", "wait"),
        *("task group",),
    }


@needs.real_clock
def test_they_agree_on_the_real_clock_too():
    check_consistency(run(brief, clock="real").trace)


async def brief():
    permits = asyncio.Semaphore(2)

    async def visit(i):
        async with permits:
            await asyncio.sleep(0.001 * i)

    await asyncio.gather(*(visit(i) for i in range(5)), asyncio.to_thread(int))


def test_a_recording_that_starts_late_is_as_exact():
    async def main():
        for _ in range(3):
            await asyncio.sleep(0.1)
        early = await watch(brief)
        await asyncio.sleep(1000.7)
        return early.trace, (await watch(brief)).trace

    with detached(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        early, late = runner.run(main())
    check_consistency(late)
    assert [t.slices for t in early.tasks] == [t.slices for t in late.tasks]
    assert run(brief).trace.elapsed == late.elapsed


# -- questions -----------------------------------------------------------------------------


def test_a_task_is_found_by_number_name_or_label():
    async def main():
        await asyncio.gather(work(1), work(2), asyncio.create_task(work(3), name="mine"))

    trace = run(main).trace
    assert trace.task(0) is trace.main
    assert trace.task("Task-4") is trace.task("work(2)") is trace.tasks[3]
    assert trace.task("mine").label == "mine"
    assert trace.children(trace.main) == trace.tasks[1:]


def test_an_unknown_or_ambiguous_name_tells_the_known_ones():
    async def main():
        await asyncio.gather(work(1), work(1))

    trace = run(main).trace
    with pytest.raises(KeyError, match="0 tasks are called 'nobody'; there are: main, work"):
        trace.task("nobody")
    with pytest.raises(KeyError, match="2 tasks are called 'work"):
        trace.task("work(1)")


def test_orders_of_start_and_end():
    async def main():
        await asyncio.gather(work(3), work(1), work(2))

    trace = run(main).trace
    assert trace.started_order == ["main", "work(3)", "work(1)", "work(2)"]
    assert trace.finished_order == ["work(1)", "work(2)", "work(3)", "main"]


def test_of_tasks_that_end_at_the_same_time_the_earlier_step_is_first():
    async def main():
        await asyncio.gather(*(asyncio.create_task(work(1), name=n) for n in "cab"))

    assert run(main).trace.finished_order == ["c", "a", "b", "main"]


def test_overlap_is_the_time_in_which_both_were_under_way():
    async def main():
        first = asyncio.create_task(work(2), name="first")
        await asyncio.sleep(0.5)
        second = asyncio.create_task(work(3), name="second")
        await first
        third = asyncio.create_task(work(1), name="third")
        await asyncio.wait([second, third])
        unborn = asyncio.create_task(work(1), name="unborn")
        unborn.cancel()

    trace = run(main).trace
    assert trace.overlap("first", "second") == trace.overlap("second", "first") == 1.5
    assert trace.overlap("first", "third") == 0.0
    assert trace.overlap("second", "third") == 1.0
    assert trace.overlap("first", "unborn") == 0.0


def test_in_flight_counts_the_open_waits_of_one_kind():
    async def main():
        await asyncio.gather(work(1), work(2), work(2))

    trace = run(main).trace
    assert trace.in_flight_kind == "sleep"
    assert trace.in_flight() == [(0.0, 3), (1.0, 2), (2.0, 0)]
    assert trace.in_flight("semaphore") == []
    assert (trace.peak(), trace.peak("semaphore")) == (3, 0)


def test_a_semaphore_bounds_the_peak():
    async def main():
        permits = asyncio.Semaphore(3)

        async def visit():
            async with permits:
                await asyncio.sleep(1)

        await asyncio.gather(*(visit() for _ in range(10)))

    trace = run(main).trace
    assert trace.in_flight() == [(0.0, 3), (3.0, 1), (4.0, 0)]
    assert trace.peak("semaphore") == 7


def test_one_request_after_the_other_is_never_two_in_flight():
    async def main():
        for _ in range(3):
            await asyncio.sleep(1)

    assert run(main).trace.in_flight() == [(0.0, 1), (3.0, 0)]


def test_blocked_time_is_the_sum():
    async def main():
        for seconds in (0.1, 0.2):
            time.sleep(seconds)
            await asyncio.sleep(1)

    trace = run(main).trace
    assert trace.blocked_time == 0.3
    assert [(b.start, b.end) for b in trace.blocked] == [(0.0, 0.1), (1.1, 1.3)]


def test_a_task_that_never_ran_was_ready_all_its_life():
    never = TaskRecord(1, "Task-2", "work(1)", 0, 0.5, 3, Line("main", 7))
    assert never.started is None
    assert list(never.spans(2.0, 9)) == [Span("ready", 0.5, 2.0, 3, 9)]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        *[(kind, "io") for kind in ("http", "socket", "thread")],
        *[(kind, "queued") for kind in ("semaphore", "lock")],
        *[(kind, "awaiting") for kind in ("task", "gather", "wait", "task group", "as_completed")],
        *[(kind, "other") for kind in ("event", "queue get", "future")],
        ("sleep", "sleep"),
        ("yield", "ready"),
    ],
)
def test_the_state_of_a_wait(kind, state):
    assert state_of(Wait(kind)) == state


def test_without_detail_a_wait_is_just_other():
    assert state_of(None) == "other"
