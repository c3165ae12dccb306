"""What the tracer tells of each task: who made it, what woke it, who cancelled it, how it ended."""

import asyncio
import contextlib
import gc
import time

import needs
import pytest

from asynclab.clock import VirtualLoop
from asynclab.nesting import detached
from asynclab.runner import run, watch
from asynclab.tracer import DETAIL_LIMIT, SLOW, Tracer


async def work(delay, *, fails=False):
    await asyncio.sleep(delay)
    if fails:
        raise ValueError("no good")
    return delay


def trace_of(main):
    trace = run(main).trace
    assert trace.tracer_errors == []
    return trace


# -- births --------------------------------------------------------------------------------


def test_a_task_has_its_parent_its_line_and_its_call_as_label():
    async def main():
        task = asyncio.create_task(work(1))
        named = asyncio.create_task(work(2), name="mine")
        await asyncio.gather(task, named, work(3))

    trace = trace_of(main)
    assert [t.label for t in trace.tasks] == ["main", "work(1)", "mine", "work(3)"]
    assert [t.name for t in trace.tasks] == ["Task-1", "Task-2", "mine", "Task-4"]
    assert [t.parent for t in trace.tasks] == [None, 0, 0, 0]
    first = main.__code__.co_firstlineno
    lines = [(t.created_at.function, t.created_at.number) for t in trace.tasks[1:]]
    assert lines == [("main", first + 1), ("main", first + 2), ("main", first + 3)]


@pytest.mark.parametrize(
    ("call", "label"),
    [
        (lambda f: f("Oslo", 1), "f(Oslo)"),
        (lambda f: f([1, 2], 7), "f(7)"),
        (lambda f: f([1, 2], {}), "f"),
        (lambda f: f("x" * 21, None), "f"),
        (lambda f: f(0.5, "late"), "f(0.5)"),
    ],
)
def test_a_label_shows_the_first_plain_argument(call, label):
    async def f(a, b):
        return a, b

    async def main():
        await asyncio.gather(call(f))

    assert trace_of(main).tasks[1].label == label


def test_a_name_given_later_counts():
    async def main():
        asyncio.current_task().set_name("the boss")
        await asyncio.sleep(1)

    assert trace_of(main).main.name == "the boss"


@needs.eager_tasks
def test_an_eager_task_has_its_first_step_at_birth():
    async def be_ready():
        return "at once"

    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        main.ready = asyncio.create_task(be_ready(), name="ready")
        assert main.ready.done()
        await asyncio.gather(*(asyncio.create_task(work(d), name=f"d{d}") for d in (0, 1)))
        asyncio.get_running_loop().set_task_factory(None)
        await asyncio.create_task(work(0), name="lazy")

    trace = trace_of(main)
    wakers = {t.label: [s.waker for s in t.slices] for t in trace.tasks[1:]}
    assert wakers == {
        "ready": ["eager start"],
        "d0": ["eager start", "main"],
        "d1": ["eager start", "timer"],
        "lazy": ["main", "lazy"],
    }
    assert all(len(t.waits) == len(t.slices) - 1 for t in trace.tasks)
    assert {t.parent for t in trace.tasks[1:]} == {0}


# -- wake-ups ------------------------------------------------------------------------------


def test_each_step_knows_what_woke_it():
    async def release(event):
        await asyncio.sleep(1)
        event.set()

    async def main():
        event = asyncio.Event()
        asyncio.create_task(release(event), name="releaser")  # noqa: RUF006 - it ends first
        await event.wait()
        await asyncio.sleep(1)
        await asyncio.sleep(0)

    trace = trace_of(main)
    assert [s.waker for s in trace.main.slices] == ["loop", "releaser", "timer", "main"]
    assert [s.waker for s in trace.tasks[1].slices] == ["main", "timer"]


@needs.threads
def test_a_thread_wakes_its_task():
    async def main():
        await asyncio.to_thread(time.sleep, 1)

    waker = trace_of(main).main.slices[1].waker
    assert waker == "thread"


def test_ready_is_when_it_could_have_run_and_start_when_it_did():
    async def block():
        await asyncio.sleep(1)
        time.sleep(3)

    async def main():
        blocker = asyncio.create_task(block())
        await asyncio.sleep(2)
        await blocker

    trace = trace_of(main)
    late = trace.main.slices[1]
    assert (late.ready, late.start) == (2.0, 4.0)
    assert [s.state for s in trace.spans(trace.main)] == [
        *("ready", "running", "sleep", "ready", "running"),
    ]


def test_steps_are_numbered_in_the_order_in_which_they_ran():
    async def main():
        await asyncio.gather(*(work(i % 3) for i in range(10)))

    trace = trace_of(main)
    steps = sorted(s.step for t in trace.tasks for s in t.slices)
    assert steps == list(range(trace.steps))


# -- requests to cancel --------------------------------------------------------------------


def cancels_of(trace, label):
    return [(c.time, c.by, c.took_effect) for c in trace.task(label).cancels]


def test_a_cancel_tells_when_by_whom_and_whether_it_was_accepted():
    async def main():
        task = asyncio.create_task(work(10), name="a")
        await asyncio.sleep(1)
        task.cancel()
        task.cancel("again")
        await asyncio.wait([task])
        task.cancel()

    trace = trace_of(main)
    assert cancels_of(trace, "a") == [(1, "main", True), (1, "main", True), (1, "main", False)]
    assert [t.label for t in trace.cancelled] == ["a"]


def test_a_cancel_by_another_task_by_a_timer_and_by_itself():
    async def killer(victim):
        victim.cancel()

    async def resign():
        asyncio.current_task().cancel()
        await asyncio.sleep(1)

    async def main():
        a, b = (asyncio.create_task(work(10), name=name) for name in "ab")
        asyncio.get_running_loop().call_later(2, b.cancel)
        await asyncio.sleep(1)
        others = asyncio.create_task(killer(a)), asyncio.create_task(resign())
        await asyncio.wait([a, b, *others])

    trace = trace_of(main)
    assert cancels_of(trace, "a") == [(1, "killer", True)]
    assert cancels_of(trace, "b") == [(2, "timer", True)]
    assert cancels_of(trace, "resign") == [(1, "resign", True)]


def test_a_cancel_by_a_timeout():
    async def main():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.sleep(10)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.create_task(work(10), name="slow"), 1)

    trace = trace_of(main)
    assert cancels_of(trace, "main")[0] == (1, "timeout", True)
    assert cancels_of(trace, "slow")[0][:2] in {(2, "timeout"), (2, "main")}


def test_a_task_group_cancels_the_siblings_after_one_failed():
    async def main():
        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(work(10), name="a")
                group.create_task(work(1, fails=True), name="b")

    trace = trace_of(main)
    assert cancels_of(trace, "a") == [(1, "TaskGroup, after b failed", True)]
    assert cancels_of(trace, "main") == [(1, "TaskGroup, after b failed", True)]
    assert trace.main.outcome == "finished"
    assert trace.task("b").outcome == "raised"


def test_a_task_group_whose_body_fails_cancels_its_tasks():
    async def main():
        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(work(10), name="a")
                await asyncio.sleep(1)
                raise ValueError("body")

    assert cancels_of(trace_of(main), "a") == [(1, "TaskGroup in main", True)]


def test_a_cancelled_gather_cancels_its_children():
    async def main():
        both = asyncio.gather(work(10), work(20))
        await asyncio.sleep(1)
        both.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await both

    trace = trace_of(main)
    assert cancels_of(trace, "work(10)") == [(1, "gather, cancelled by main", True)]
    assert cancels_of(trace, "work(20)") == [(1, "gather, cancelled by main", True)]


def test_a_cancel_is_passed_on_to_the_task_that_is_awaited():
    async def outer():
        await asyncio.create_task(work(10), name="inner")

    async def main():
        task = asyncio.create_task(outer(), name="outer")
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])

    trace = trace_of(main)
    assert cancels_of(trace, "outer") == [(1, "main", True)]
    assert [c.time for c in trace.task("inner").cancels] == [1]
    assert [t.label for t in trace.cancelled] == ["outer", "inner"]


# -- ends ----------------------------------------------------------------------------------


@pytest.fixture
def collected_on_demand():
    """Garbage is collected when the test says so, and at no other time."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collected_on_demand")
def test_outcomes():
    async def hang():
        await asyncio.get_running_loop().create_future()

    async def main():
        asyncio.create_task(hang(), name="lost")  # noqa: RUF006 - that is the point
        main.leaked = asyncio.create_task(work(100), name="leaked")
        good = asyncio.create_task(work(1), name="good")
        bad = asyncio.create_task(work(1, fails=True), name="bad")
        unborn = asyncio.create_task(work(1), name="unborn")
        unborn.cancel()
        await asyncio.wait([good, bad, unborn])
        gc.collect()
        await asyncio.sleep(1)

    trace = trace_of(main)
    outcomes = {t.label: (t.outcome, t.ended) for t in trace.tasks}
    assert outcomes == {
        "main": ("finished", 2.0),
        "lost": ("lost", 1.0),
        "leaked": ("pending", None),
        "good": ("finished", 1.0),
        "bad": ("raised", 1.0),
        "unborn": ("cancelled", 0.0),
    }
    assert [t.label for t in trace.leaked] == ["leaked"]
    assert [t.label for t in trace.lost] == ["lost"]
    assert trace.task("bad").error == "ValueError: no good"


def test_an_exception_counts_as_retrieved_only_if_somebody_looked():
    async def main():
        seen, unseen = (asyncio.create_task(work(1, fails=True), name=n) for n in ("a", "b"))
        main.kept = unseen
        await asyncio.wait([seen, unseen])
        seen.exception()
        asyncio.create_task(work(1, fails=True), name="c")  # noqa: RUF006 - that is the point
        await asyncio.sleep(2)

    trace = trace_of(main)
    assert {t.label: t.retrieved for t in trace.raised} == {"a": True, "b": False, "c": False}
    main.kept.exception()


def test_a_failure_of_main_that_is_handed_on_is_retrieved():
    async def main():
        raise ValueError("no good")

    assert trace_of(main).main.retrieved is True


def test_an_exception_that_cannot_be_told_leaves_the_outcome():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("cannot say")

    async def fail():
        raise Mute

    async def main():
        await asyncio.wait([asyncio.create_task(fail())])

    finished = run(main)
    assert finished.exception is None
    assert [t.outcome for t in finished.trace.tasks] == ["finished", "raised"]
    assert finished.trace.tracer_errors == ["RuntimeError: cannot say"]


# -- the loop ------------------------------------------------------------------------------


@needs.real_clock
def test_a_slow_step_on_the_real_clock_has_blocked_the_loop():
    async def main():
        end = time.perf_counter() + 2 * SLOW
        while time.perf_counter() < end:
            pass

    trace = run(main, clock="real").trace
    [blocked] = trace.blocked
    assert (blocked.by, blocked.task) == ("main", 0)
    assert blocked.end - blocked.start >= SLOW


def test_a_loop_can_be_traced_by_one_tracer_at_a_time():
    async def main():
        loop = asyncio.get_running_loop()
        with Tracer(loop), pytest.raises(RuntimeError, match="is being traced already"):
            Tracer(loop).__enter__()
        with Tracer(loop):  # and again, when the first has ended
            await asyncio.sleep(1)

    with detached(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_watch_records_main_and_its_descendants_only():
    async def grandchild():
        await asyncio.sleep(1)

    async def child():
        await asyncio.create_task(grandchild())

    async def inside():
        await asyncio.gather(child(), bystander)

    async def main():
        nonlocal bystander
        bystander = asyncio.create_task(work(2), name="bystander")
        return await watch(inside)

    bystander = None
    with detached(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        trace = runner.run(main()).trace
    assert [t.label for t in trace.tasks] == ["inside", "child", "grandchild"]
    assert trace.elapsed == 2.0
    [wait] = trace.main.waits
    assert (wait.kind, wait.detail, wait.on) == ("gather", "of 2", [1])


def test_watch_two_runs_after_each_other_and_a_task_between():
    async def main():
        leaked = []

        async def leak():
            leaked.append(asyncio.create_task(work(5), name="leaked"))
            await asyncio.sleep(1)

        first = (await watch(leak)).trace
        second = (await watch(lambda: asyncio.wait(leaked))).trace
        return first, second

    with detached(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        first, second = runner.run(main())
    assert [t.label for t in first.leaked] == ["leaked"]
    assert [t.label for t in second.tasks] == ["wait"]
    assert (first.elapsed, second.elapsed) == (1.0, 4.0)


def test_beyond_the_limit_of_detail_only_steps_are_recorded():
    async def main(count):
        await asyncio.gather(*(work(1) for _ in range(count)))

    exact = run(lambda: main(DETAIL_LIMIT - 1)).trace
    assert exact.detailed
    assert all(t.waits for t in exact.tasks)
    beyond = run(lambda: main(DETAIL_LIMIT)).trace
    assert not beyond.detailed
    assert not any(t.waits for t in beyond.tasks)
    assert all(len(t.slices) == 2 for t in beyond.tasks)
    assert beyond.elapsed == 1.0
