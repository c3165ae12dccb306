"""The virtual clock: exact, repeatable, and never moved by anything but waiting."""

import asyncio
import contextlib
import gc
import re
import sys
import threading
import time

import needs
import pytest

from asynclab.clock import (
    BusyLoop,
    ClockError,
    Deadlock,
    LoopBlocked,
    RealIO,
    TimeLimit,
    VirtualLoop,
)
from asynclab.nesting import detached
from asynclab.runner import run


def now():
    return asyncio.get_running_loop().time()


def line_after(function, offset):
    """The number of a function's line, counted from its ``def``."""
    return function.__code__.co_firstlineno + offset


# -- time ----------------------------------------------------------------------------------


def test_ten_times_a_tenth_is_one():
    async def main():
        for _ in range(10):
            await asyncio.sleep(0.1)
        return now()

    assert run(main).result == 1.0


def test_a_million_seconds_pass_at_once():
    assert run(lambda: asyncio.sleep(1_000_000)).elapsed == 1_000_000


def test_time_starts_at_zero_and_stands_still_while_something_can_run():
    async def main():
        times = [now()]
        for _ in range(100):
            await asyncio.sleep(0)
            times.append(now())
        return set(times)

    assert run(main).result == {0.0}


@pytest.mark.parametrize("count", [3, 100])
def test_equal_deadlines_fire_in_the_order_in_which_they_were_set(count):
    fired = []

    async def main():
        loop = asyncio.get_running_loop()
        for i in range(count):
            loop.call_later(1, fired.append, i)
        await asyncio.sleep(2)

    run(main)
    assert fired == list(range(count))


def test_deadlines_reached_by_different_sums_are_equal():
    fired = []

    async def arrive(name, *delays):
        for delay in delays:
            await asyncio.sleep(delay)
        fired.append((name, now()))

    async def main():
        await asyncio.gather(arrive("a", 0.1, 0.2), arrive("b", 0.3), arrive("c", 0.2, 0.1))

    run(main)
    assert sorted(fired) == [("a", 0.3), ("b", 0.3), ("c", 0.3)]


def test_call_later_with_zero_runs_in_the_next_turn_at_the_same_time():
    async def main():
        order = []
        loop = asyncio.get_running_loop()
        loop.call_later(0, order.append, "timer")
        loop.call_soon(order.append, "soon")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return order, now()

    assert run(main).result == (["soon", "timer"], 0.0)


def test_a_deadline_in_the_past_fires_at_once():
    async def main():
        await asyncio.sleep(5)
        fired = asyncio.Event()
        asyncio.get_running_loop().call_at(1, fired.set)
        await fired.wait()
        return now()

    assert run(main).result == 5.0


def test_call_later_without_a_delay_is_refused_as_by_asyncio():
    async def main():
        asyncio.get_running_loop().call_later(None, print)

    with pytest.raises(TypeError, match="delay must not be None"):
        run(main).result  # noqa: B018 - reading it raises


def test_a_cancelled_timer_never_moves_the_clock():
    async def main():
        loop = asyncio.get_running_loop()
        for delay in (10, 20, 30):
            loop.call_later(delay, print).cancel()
        async with asyncio.timeout(1000):
            await asyncio.sleep(1)
        return now()

    finished = run(main)
    assert finished.result == finished.elapsed == 1.0


def test_cancelled_timers_alone_are_a_deadlock():
    async def main():
        asyncio.get_running_loop().call_later(10, print).cancel()
        await asyncio.Event().wait()

    finished = run(main)
    assert isinstance(finished.exception, Deadlock)
    assert finished.elapsed == 0.0


def test_stop_lets_the_turn_end_and_the_loop_can_go_on():
    loop = VirtualLoop()
    done = []
    loop.call_later(1, loop.stop)
    loop.call_later(1, done.append, "same turn")
    loop.call_later(2, done.append, "later")
    loop.call_later(2, loop.stop)
    with detached(), contextlib.closing(loop):
        loop.run_forever()
        assert (loop.time(), done) == (1.0, ["same turn"])
        loop.run_forever()
        assert (loop.time(), done) == (2.0, ["same turn", "later"])
        loop.stop()
        loop.run_forever()  # stopped before it began: one turn, without waiting
        assert loop.time() == 2.0


def test_a_closed_loop_refuses_work():
    loop = VirtualLoop()
    loop.close()
    for refused in (lambda: loop.call_later(1, print), lambda: loop.run_in_executor(None, print)):
        with pytest.raises(RuntimeError, match="Event loop is closed"):
            refused()


def test_debug_mode_still_checks_threads_and_callbacks():
    async def main():
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        with pytest.raises(TypeError, match="coroutines cannot be used with call_at"):
            loop.call_later(1, main)
        await asyncio.sleep(1)
        return now()

    assert run(main).result == 1.0


@needs.threads
def test_debug_mode_finds_a_timer_set_from_another_thread():
    async def main():
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        with pytest.raises(RuntimeError, match="Non-thread-safe operation"):
            await asyncio.to_thread(loop.call_later, 1, print)

    run(main).result  # noqa: B018 - reading it raises


# -- repeatable ----------------------------------------------------------------------------


def test_task_names_restart_with_each_run():
    async def main():
        names = [asyncio.current_task().get_name()]
        tasks = [asyncio.create_task(asyncio.sleep(0), name=n) for n in (None, "mine", None)]
        await asyncio.gather(*tasks)
        return names + [task.get_name() for task in tasks]

    for _ in range(3):
        assert run(main).result == ["Task-1", "Task-2", "mine", "Task-4"]


def test_sets_of_tasks_iterate_in_the_order_in_which_the_tasks_were_made():
    async def main():
        tasks = [asyncio.create_task(asyncio.sleep(1), name=f"t{i}") for i in range(20)]
        done, _ = await asyncio.wait(tasks)
        return [task.get_name() for task in done], [task.get_name() for task in set(tasks)]

    expected = [f"t{i}" for i in range(20)]
    for _ in range(3):
        assert run(main).result == (expected, expected)


def test_a_task_is_called_task_wherever_a_learner_meets_it():
    async def main():
        task = asyncio.current_task()
        timer = asyncio.get_running_loop().call_later(1, print)
        return type(task).__name__, type(task).__module__, repr(task)[:6], repr(timer)[:12]

    assert run(main).result == ("Task", "_asyncio", "<Task ", "<TimerHandle")


def test_ten_thousand_tasks():
    async def main():
        slept = await asyncio.gather(*(asyncio.sleep(i % 7, i) for i in range(10_000)))
        return slept == list(range(10_000))

    finished = run(main)
    assert finished.result is True
    assert finished.elapsed == 6.0


# -- programs that cannot go on ------------------------------------------------------------


def test_a_deadlock_names_each_task_and_its_line():
    async def transfer(first, second):
        async with first:
            await asyncio.sleep(1)
            async with second:
                pass

    async def main():
        a, b = asyncio.Lock(), asyncio.Lock()
        async with asyncio.TaskGroup() as group:
            group.create_task(transfer(a, b))
            group.create_task(transfer(b, a), name="back")
            group.create_task(asyncio.Queue().get())

    line = line_after(transfer, 3)
    assert str(run(main).exception) == (
        "nothing is scheduled, so these tasks would wait for ever:\n"
        f"  Task-1 waits for task group in main(), line {line_after(main, 2)}\n"
        f"  Task-2 waits for lock in transfer(), line {line}\n"
        f"  back waits for lock in transfer(), line {line}\n"
        "  Task-4 waits for queue get"
    )


def test_a_busy_loop_is_stopped_and_says_when():
    async def main():
        await asyncio.sleep(2.5)
        while True:
            await asyncio.sleep(0)

    finished = run(main)
    assert isinstance(finished.exception, BusyLoop)
    assert str(finished.exception) == (
        "the loop turned over 50,000 times at 2.5 s and no time passed: "
        "some task awaits in an endless loop and never waits for anything"
    )


def test_many_turns_are_no_busy_loop_if_time_passes():
    async def main():
        for _ in range(60):
            await asyncio.sleep(0.001)
            for _ in range(1000):
                await asyncio.sleep(0)
        return now()

    assert run(main).result == 0.06


def test_polling_for_ever_is_stopped_by_the_real_time_limit():
    async def main():
        while True:
            await asyncio.sleep(1)

    finished = run(main, real_limit=0.1)
    assert isinstance(finished.exception, TimeLimit)
    assert str(finished.exception).startswith("still running after 0.1 real seconds, at ")


@needs.threads
def test_a_wait_without_await_is_stopped():
    async def main():
        await asyncio.sleep(2)
        lock = threading.Lock()
        with lock, lock:
            pass

    finished = run(main, real_limit=0.1)
    assert isinstance(finished.exception, LoopBlocked)
    text = str(finished.exception)
    assert re.match("line [0-9]+ of main blocks the loop for ever, at 2 s of the virtual", text)


@needs.threads
def test_a_cpu_loop_is_stopped_and_the_next_run_is_not_affected():
    async def compute():
        while True:
            pass

    finished = run(compute, real_limit=0.1)
    assert isinstance(finished.exception, TimeLimit)
    assert "never awaits" in str(finished.exception)
    assert run(lambda: asyncio.sleep(1, "fine")).result == "fine"


@needs.threads
def test_code_that_swallows_everything_is_stopped_nevertheless():
    async def main():
        while True:
            try:
                while True:
                    pass
            except BaseException:  # noqa: BLE001 - that is the point
                pass

    assert isinstance(run(main, real_limit=0.1).exception, TimeLimit)
    assert run(lambda: asyncio.sleep(1, "fine")).result == "fine"


def test_a_task_that_swallows_cancellation_is_stopped_in_the_clean_up():
    async def stubborn():
        while True:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                pass

    async def main():
        main.task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        return "main ended"

    finished = run(main, real_limit=0.2)
    assert finished.result == "main ended"
    assert "the clean-up after main did not end" in "".join(finished.warnings)
    del main.task
    gc.collect()


@needs.threads
def test_a_clean_up_that_computes_for_ever_is_stopped():
    async def stubborn():
        try:
            await asyncio.sleep(100)
        finally:
            while True:
                pass

    async def main():
        main.task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        return "main ended"

    finished = run(main, real_limit=0.2)
    assert finished.result == "main ended"
    assert "the clean-up after main did not end" in "".join(finished.warnings)
    del main.task


ADVICE = (
    "() is real input or output: it takes real time, so it cannot run on the virtual clock. "
    "Talk to the practice API in process with lab.api.client(), or run on the real clock: "
    'lab.run(main, clock="real").'
)


@pytest.mark.parametrize(
    ("attempt", "name"),
    [
        (lambda: asyncio.open_connection("localhost", 80), "create_connection"),
        (lambda: asyncio.start_server(print, "localhost", 0), "create_server"),
        (lambda: asyncio.create_subprocess_exec("true"), "subprocess_exec"),
        (lambda: asyncio.get_running_loop().getaddrinfo("localhost", 80), "getaddrinfo"),
    ],
)
def test_real_input_and_output_is_refused_with_advice(attempt, name):
    async def main():
        await attempt()

    finished = run(main)
    assert isinstance(finished.exception, RealIO)
    assert isinstance(finished.exception, ClockError)
    assert str(finished.exception) == name + ADVICE


# -- where it runs -------------------------------------------------------------------------


def test_a_run_inside_a_run_has_a_clock_of_its_own():
    async def inner():
        await asyncio.sleep(100)
        return now()

    async def main():
        await asyncio.sleep(1)
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        inside = run(inner).result
        assert asyncio.current_task() is task
        assert asyncio.get_running_loop() is loop
        await asyncio.sleep(1)
        return inside, now()

    assert run(main).result == (100.0, 2.0)


@needs.real_clock
def test_a_run_inside_a_real_loop():
    async def main():
        elapsed = run(lambda: asyncio.sleep(100)).elapsed
        await asyncio.sleep(0)
        return elapsed

    assert asyncio.run(main()) == 100.0


@needs.threads
def test_runs_in_threads_do_not_mix():
    async def main(name):
        for _ in range(50):
            await asyncio.sleep(1)
            print(name)
        return name, now()

    runs = {}

    def work(name):
        runs[name] = run(lambda: main(name), echo=False)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in "abc":
        assert runs[name].result == (name, 50.0)
        assert runs[name].printed == f"{name}\n" * 50


def test_async_generators_left_behind_are_closed():
    closed = []

    async def numbers():
        try:
            for i in range(10):
                yield i
        finally:
            await asyncio.sleep(1)
            closed.append(now())

    async def main():
        main.kept = numbers()
        return await anext(main.kept)

    assert run(main).result == 0
    assert closed == [1.0]


def test_the_hooks_of_async_generators_are_put_back():
    async def main():
        hooks = sys.get_asyncgen_hooks()
        run(lambda: asyncio.sleep(1))
        return sys.get_asyncgen_hooks() == hooks

    assert run(main).result is True


# -- the time module -----------------------------------------------------------------------


def test_time_sleep_moves_the_clock_and_blocks_the_loop():
    async def sleeper():
        await asyncio.sleep(1)
        return now()

    async def main():
        task = asyncio.create_task(sleeper())
        await asyncio.sleep(0)
        time.sleep(3)
        return now(), await task

    finished = run(main)
    assert finished.result == (3.0, 3.0)
    [blocked] = finished.trace.blocked
    assert (blocked.start, blocked.end, blocked.by, blocked.task) == (0.0, 3.0, "main", 0)
    assert (blocked.line.function, blocked.line.number) == ("main", line_after(main, 3))


def test_time_sleep_in_a_plain_callback_is_told_by_its_line():
    def callback():
        time.sleep(2)

    async def main():
        asyncio.get_running_loop().call_later(1, callback)
        await asyncio.sleep(5)

    [blocked] = run(main).trace.blocked
    assert (blocked.start, blocked.end, blocked.by, blocked.task) == (1.0, 3.0, "timer", None)
    assert (blocked.line.function, blocked.line.number) == ("callback", line_after(callback, 1))


def test_time_sleep_refuses_what_it_always_refused():
    async def main():
        with pytest.raises(ValueError, match="sleep length must be non-negative"):
            time.sleep(-1)
        with pytest.raises(TypeError):
            time.sleep("1")

    run(main).result  # noqa: B018 - reading it raises


def test_the_time_module_follows_the_clock_inside_a_run():
    async def main():
        before = time.time(), time.monotonic(), time.perf_counter()
        await asyncio.sleep(1.5)
        time.sleep(0.5)
        after = time.time(), time.monotonic(), time.perf_counter()
        return [b - a for a, b in zip(before, after, strict=True)]

    assert run(main).result == [2.0, 2.0, 2.0]
    assert run(main).result == [2.0, 2.0, 2.0]


def test_outside_a_run_the_time_module_is_what_it_was():
    async def main():
        return time.time(), time.perf_counter()

    inside = run(main).result
    assert time.time() - inside[0] > 86400
    assert run(main).result == inside
    before = time.monotonic()
    while time.monotonic() == before:  # the real clock ticks by itself
        pass


@needs.threads
def test_other_threads_keep_the_real_time():
    seen = []
    asked, answered = threading.Event(), threading.Event()

    def bystander():
        asked.wait()
        seen.append(time.time())
        answered.set()

    thread = threading.Thread(target=bystander)
    thread.start()

    async def main():
        await asyncio.sleep(5)
        asked.set()
        answered.wait()
        return time.time()

    inside = run(main).result
    thread.join()
    assert seen[0] - inside > 86400
