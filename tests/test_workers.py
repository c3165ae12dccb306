"""Threads on the virtual clock: their sleeps are exact and repeatable, and cost nothing."""

import asyncio
import contextvars
import functools
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import needs
import pytest

from asynclab.clock import Deadlock, VirtualLoop
from asynclab.runner import run
from asynclab.workers import NO_THREADS


def now():
    return asyncio.get_running_loop().time()


def somebody_works():
    """Does some thread hold the clock of the running loop?"""
    return asyncio.get_running_loop()._workers.working()


def test_three_sleeps_in_threads_take_as_long_as_one():
    async def main():
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 1) for _ in range(3)))
        return now()

    finished = run(main)
    assert finished.result == finished.elapsed == 1.0
    assert finished.trace.blocked == []


@pytest.mark.skipif(NO_THREADS, reason="an executor cannot start its threads here")
def test_an_executor_that_the_program_fills_itself_holds_the_clock_while_it_works_only():
    async def main():
        with ThreadPoolExecutor(1) as pool:
            jobs = [asyncio.wrap_future(pool.submit(time.sleep, 1)) for _ in range(2)]
            await asyncio.gather(*jobs)
            idle = not somebody_works()
            await asyncio.sleep(1)
        return idle, now()

    assert run(main).result == (True, 3.0)


def test_a_thread_returns_its_result_and_its_exception():
    def divide(a, b):
        time.sleep(1)
        return a / b

    async def main():
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(divide, 1, 0)
        return await asyncio.to_thread(divide, 1, b=2), now()

    assert run(main).result == (0.5, 2.0)


def test_a_thread_gets_the_context_of_its_task():
    colour = contextvars.ContextVar("colour")

    async def main():
        colour.set("red")
        return await asyncio.to_thread(colour.get)

    assert run(main).result == "red"


def test_the_default_pool_of_two_threads_runs_three_jobs_in_two_rounds():
    started = []

    def job(name):
        started.append((name, time.monotonic()))
        time.sleep(1)

    async def main():
        await asyncio.gather(*(asyncio.to_thread(job, i) for i in range(3)))
        return now()

    assert run(main, threads=2).result == 2.0
    assert started == [(0, 0.0), (1, 0.0), (2, 1.0)]


@needs.threads
def test_a_pool_of_the_programs_own_is_as_large_as_it_is():
    async def main():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            await asyncio.gather(*(loop.run_in_executor(pool, time.sleep, 1) for _ in range(3)))
        return now()

    assert run(main).result == 3.0


@needs.threads
def test_the_default_pool_can_be_replaced():
    async def main():
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 1) for _ in range(3)))
        return now()

    assert run(main).result == 3.0


@needs.threads
def test_threads_wake_in_the_order_of_their_deadlines():
    def job(name, delay):
        for _ in range(3):
            time.sleep(delay)
            woken.append((name, time.monotonic()))

    async def main():
        await asyncio.gather(*(asyncio.to_thread(job, d, d) for d in (3, 1, 2)))

    runs = []
    for _ in range(5):
        woken = []
        run(main)
        runs.append(woken)
    expected = [(1, 1), (2, 2), (1, 2), (3, 3), (1, 3), (2, 4), (3, 6), (2, 6), (3, 9)]
    assert sorted(runs[0], key=lambda row: row[1]) == runs[0]
    assert sorted(runs[0]) == sorted(expected)
    assert runs == [runs[0]] * 5


@needs.threads
def test_the_clock_stands_still_while_a_thread_works():
    async def main():
        done = asyncio.create_task(asyncio.to_thread(sum, range(100_000)))
        await asyncio.sleep(1)
        assert done.done()
        return await done

    assert run(main).result == sum(range(100_000))


@needs.threads
def test_a_thread_that_waits_for_the_loop_does_not_stop_the_clock_for_ever():
    async def main():
        loop = asyncio.get_running_loop()
        ask = functools.partial(asyncio.run_coroutine_threadsafe, loop=loop)
        answer = await asyncio.to_thread(lambda: ask(asyncio.sleep(3, "slept")).result())
        return answer, now()

    assert run(main).result == ("slept", 3.0)


@needs.threads
def test_a_thread_started_by_the_program_lives_on_the_clock_of_its_run():
    async def main():
        loop, slept = asyncio.get_running_loop(), asyncio.Event()

        def work():
            time.sleep(100)
            seen.append(time.monotonic())
            loop.call_soon_threadsafe(slept.set)

        seen = []
        thread = threading.Thread(target=work)
        thread.start()
        await asyncio.sleep(1)
        assert seen == []
        await slept.wait()
        thread.join()
        return seen, now()

    assert run(main).result == ([100.0], 100.0)


@needs.threads
def test_threads_outside_the_run_do_not_hold_its_clock():
    stop = threading.Event()
    bystander = threading.Thread(target=stop.wait)

    async def main():
        await asyncio.to_thread(bystander_starts.wait)
        await asyncio.sleep(1)
        return somebody_works()

    bystander_starts = threading.Event()

    def start_bystander():
        bystander.start()
        bystander_starts.set()

    starter = threading.Thread(target=start_bystander)
    starter.start()
    assert run(main).result is False
    stop.set()
    for thread in (starter, bystander):
        thread.join()


@needs.threads
def test_a_forgotten_job_is_waited_for_at_the_end_as_asyncio_run_does():
    done = []

    def job():
        time.sleep(10)
        done.append(time.monotonic())

    async def main():
        main.forgotten = asyncio.get_running_loop().run_in_executor(None, job)
        await asyncio.sleep(1)

    finished = run(main)
    assert finished.elapsed == 1.0
    assert done == [10.0]


@needs.threads
def test_a_cancelled_await_leaves_its_thread_running():
    done = []

    def job():
        time.sleep(2)
        done.append(time.monotonic())

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.to_thread(job)
        assert done == []
        await asyncio.sleep(5)
        return now()

    assert run(main).result == 6.0
    assert done == [2.0]


@needs.threads
def test_a_job_cancelled_in_the_queue_never_runs():
    ran = []

    async def main():
        loop = asyncio.get_running_loop()
        first = loop.run_in_executor(None, time.sleep, 1)
        queued = loop.run_in_executor(None, ran.append, "queued")
        queued.cancel()
        last = loop.run_in_executor(None, ran.append, "last")
        await asyncio.gather(first, last)

    run(main, threads=1).result  # noqa: B018 - raises if the run failed
    assert ran == ["last"]


@needs.threads
def test_a_thread_that_sleeps_when_its_loop_is_closed_goes_on():
    ended = threading.Event()

    def job():
        time.sleep(10)
        ended.set()

    loop = VirtualLoop()
    loop.run_in_executor(None, job)
    loop.run_until_complete(asyncio.sleep(1))
    loop.close()
    assert ended.wait(60)


@needs.threads
def test_a_run_in_a_thread_of_a_run():
    async def inner():
        await asyncio.sleep(50)
        return now()

    async def main():
        inside = await asyncio.to_thread(run, inner)
        await asyncio.to_thread(time.sleep, 1)
        return inside.result, now()

    assert run(main).result == (50.0, 1.0)


@needs.threads
def test_nested_runs_do_not_hold_each_others_clocks():
    async def main():
        run(lambda: asyncio.to_thread(time.sleep, 1))
        return somebody_works()

    assert run(main).result is False


@needs.threads
def test_waiting_for_a_thread_that_waits_is_no_deadlock_but_no_thread_is():
    async def main():
        gate = threading.Event()
        asyncio.get_running_loop().call_later(5, gate.set)
        await asyncio.to_thread(gate.wait)
        assert now() == 5.0
        await asyncio.get_running_loop().create_future()

    assert isinstance(run(main).exception, Deadlock)


@needs.threads
def test_work_in_another_process_is_awaited():
    async def main():
        with ProcessPoolExecutor(1) as pool:
            loop = asyncio.get_running_loop()
            both = loop.run_in_executor(pool, abs, -1), asyncio.sleep(1, 2)
            return await asyncio.gather(*both), now()

    assert run(main).result == ([1, 2], 1.0)


# -- code on the loop's thread that waits for a thread -------------------------------------


@needs.threads
def test_to_join_a_thread_that_sleeps_blocks_the_loop():
    async def main():
        thread = threading.Thread(target=time.sleep, args=(2,))
        thread.start()
        thread.join()
        return now()

    finished = run(main)
    assert finished.result == 2.0
    assert finished.trace.blocked_time == 2.0


@needs.threads
def test_threads_that_are_waited_for_together_sleep_side_by_side():
    async def main():
        with ThreadPoolExecutor() as pool:
            list(pool.map(time.sleep, (1, 2)))
        return now()

    finished = run(main)
    assert finished.result == 2.0
    assert finished.trace.blocked_time == 2.0


@needs.threads
def test_to_join_a_thread_that_sleeps_already_blocks_the_loop_for_the_rest():
    async def main():
        def sleep_twice():
            time.sleep(0.2)
            time.sleep(0.1)

        thread = threading.Thread(target=sleep_twice)
        thread.start()
        await asyncio.sleep(0.1)
        thread.join()
        return now()

    finished = run(main)
    assert finished.result == 0.3
    assert [(b.start, b.end, b.by) for b in finished.trace.blocked] == [(0.1, 0.3, "main")]


@needs.threads
def test_a_time_limit_for_a_thread_is_on_the_clock_of_the_run():
    async def main():
        return threading.Event().wait(0.5), now()

    assert run(main).result == (False, 0.5)


@needs.threads
def test_a_time_limit_that_is_over_already_does_not_turn_the_clock_back():
    async def main():
        await asyncio.sleep(1)
        return threading.Event().wait(-1), now()

    assert run(main).result == (False, 1.0)


@needs.threads
def test_to_wait_for_what_only_the_loop_can_do_is_a_deadlock():
    async def main():
        loop = asyncio.get_running_loop()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()

    blocked = "of main blocks the loop until something happens that only this loop could do"
    finished = run(main)
    assert isinstance(finished.exception, Deadlock)
    assert blocked in str(finished.exception)


# -- `def` routes run in anyio's threads ----------------------------------------------------


@pytest.fixture
def web():
    """A client of an app with a ``def`` route that sleeps and an ``async def`` route."""
    if needs.IN_BROWSER_PYTHON:
        pytest.skip("`def` routes need threads")
    fastapi, httpx = pytest.importorskip("fastapi"), pytest.importorskip("httpx")
    app = fastapi.FastAPI()

    @app.get("/threaded/{seconds}")
    def threaded(seconds: float):
        time.sleep(seconds)
        return {"at": time.monotonic()}

    @app.get("/blocking/{seconds}")
    async def blocking(seconds: float):
        time.sleep(seconds)
        return {"at": time.monotonic()}

    def client():
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app")

    return client


def test_def_routes_sleep_side_by_side_in_threads(web):
    async def main():
        async with web() as client:
            for _ in range(2):  # the second time in threads that were idle
                answers = await asyncio.gather(*(client.get("/threaded/1") for _ in range(5)))
                assert {answer.status_code for answer in answers} == {200}
            return [answer.json()["at"] for answer in answers], now()

    finished = run(main)
    assert finished.result == ([2.0] * 5, 2.0)
    assert finished.trace.blocked == []


def test_idle_route_threads_do_not_hold_the_clock(web):
    async def main():
        async with web() as client:
            await client.get("/threaded/1")
            await asyncio.sleep(1)
            names = {type(thread).__name__ for thread in threading.enumerate()}
            return "WorkerThread" in names, somebody_works()

    assert run(main).result == (True, False)


def test_async_def_routes_that_block_take_the_sum(web):
    async def main():
        async with web() as client:
            await asyncio.gather(*(client.get("/blocking/1") for _ in range(5)))
        return now()

    finished = run(main)
    assert finished.result == 5.0
    assert finished.trace.blocked_time == 5.0


@pytest.mark.skipif(not NO_THREADS, reason="here the pool starts a thread")
def test_without_threads_a_pool_of_its_own_is_refused_and_nothing_hangs():
    async def main():
        with ThreadPoolExecutor() as pool:
            return pool.submit(time.sleep, 1).result()

    with pytest.raises(RuntimeError, match="can't start new thread"):
        _ = run(main).result
