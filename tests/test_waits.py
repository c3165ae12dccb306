"""Each wait is named by the library call that explains it, with the learner's own line."""

import asyncio
import linecache
import time

import needs
import pytest

from asynclab.runner import run
from asynclab.trace import Line
from asynclab.waits import MAX_FRAMES, describe, is_learner_file, learner_line


async def work(delay=1):
    await asyncio.sleep(delay)


async def sleep():
    await asyncio.sleep(1.5)


async def give_way():
    await asyncio.sleep(0)


async def semaphore():
    permits = asyncio.Semaphore(1)
    await permits.acquire()
    asyncio.get_running_loop().call_later(1, permits.release)
    await permits.acquire()


async def lock():
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_later(1, lock.release)
    async with lock:
        pass


async def event():
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(1, event.set)
    await event.wait()


async def condition():
    async def notify():
        async with condition:
            condition.notify()

    condition = asyncio.Condition()
    async with condition:
        teller = asyncio.create_task(notify())
        await condition.wait()
    await teller


async def barrier():
    barrier = asyncio.Barrier(2)
    other = asyncio.create_task(barrier.wait())
    await barrier.wait()
    await other


async def queue_get():
    queue = asyncio.Queue()
    asyncio.get_running_loop().call_later(1, queue.put_nowait, "item")
    await queue.get()


async def queue_put():
    queue = asyncio.Queue(1)
    await queue.put("first")
    asyncio.get_running_loop().call_later(1, queue.get_nowait)
    await queue.put("second")


async def queue_join():
    queue = asyncio.Queue()
    await queue.put("item")
    asyncio.get_running_loop().call_later(1, queue.task_done)
    await queue.join()


async def task():
    await asyncio.create_task(work(), name="a")


async def gather():
    await asyncio.gather(asyncio.create_task(work(), name="a"), work(2))


async def wait():
    tasks = [asyncio.create_task(work(), name=name) for name in "ab"]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await tasks[1]


async def as_completed():
    tasks = [asyncio.create_task(work(), name=name) for name in "ab"]
    for soonest in asyncio.as_completed(tasks):
        await soonest


async def task_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(work(), name="a")


async def future():
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(1, future.set_result, None)
    await future


async def shield():
    await asyncio.shield(asyncio.create_task(work(), name="a"))


async def wait_for():
    await asyncio.wait_for(work(), 5)


async def timeout():
    async with asyncio.timeout(5):
        await work()


async def stream():
    reader = asyncio.StreamReader()
    asyncio.get_running_loop().call_later(1, reader.feed_data, b"line\n")
    await reader.readline()


async def thread():
    await asyncio.to_thread(time.sleep, 1)


async def async_generator():
    async def ticks():
        await asyncio.sleep(1)
        yield "tick"

    async for _ in ticks():
        pass


async def own_awaitable():
    class Pause:
        def __await__(self):
            yield from asyncio.sleep(1).__await__()

    await Pause()


@pytest.mark.parametrize(
    ("program", "kind", "detail", "offset", "on"),
    [
        (sleep, "sleep", "1.5 s", 1, []),
        (give_way, "sleep", "0 s", 1, []),
        (semaphore, "semaphore", "", 4, []),
        (lock, "lock", "", 4, []),
        (event, "event", "", 3, []),
        (condition, "condition", "", 8, []),
        (barrier, "barrier", "", 3, []),
        (queue_get, "queue get", "", 3, []),
        (queue_put, "queue put", "", 4, []),
        (queue_join, "queue join", "", 4, []),
        (task, "task", "a", 1, ["a"]),
        (gather, "gather", "of 2", 1, ["a", "work(2)"]),
        (wait, "wait", "FIRST_COMPLETED", 2, ["a", "b"]),
        (as_completed, "as_completed", "", 3, []),
        (task_group, "task group", "", 1, ["a"]),
        (future, "future", "", 3, []),
        (shield, "future", "", 1, []),
        (stream, "socket", "", 3, []),
        pytest.param(thread, "thread", "sleep", 1, [], marks=needs.threads),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_wait_has_kind_detail_line_and_the_tasks_waited_for(program, kind, detail, offset, on):
    finished = run(program)
    assert finished.exception is None
    found = finished.trace.main.waits[0]
    assert (found.kind, found.detail) == (kind, detail)
    assert found.line.function == program.__name__
    assert found.line.number == program.__code__.co_firstlineno + offset
    assert [finished.trace.tasks[i].label for i in found.on] == on


@pytest.mark.parametrize("program", [timeout, async_generator, own_awaitable, wait_for])
def test_the_line_is_the_innermost_of_the_learners_own(program):
    trace = run(program).trace
    sleeper = trace.tasks[-1]  # 3.11 runs what wait_for() waits for in a task of its own
    [wait] = sleeper.waits
    assert (wait.kind, wait.detail) == ("sleep", "1 s")
    assert "asyncio.sleep(" in linecache.getline(__file__, wait.line.number)


def test_http_is_named_by_the_request_and_not_by_the_server_that_sleeps_inside():
    httpx = pytest.importorskip("httpx")

    async def app(scope, receive, send):
        await asyncio.sleep(2)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def main():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            await client.get("/weather", params={"city": "Oslo"})

    wait = next(wait for wait in run(main).trace.main.waits if wait.detail)
    assert (wait.kind, wait.detail) == ("http", "GET /weather?city=Oslo")
    assert wait.line.number == main.__code__.co_firstlineno + 3


def test_a_task_that_was_never_suspended_waits_for_nothing():
    async def main():
        return describe(asyncio.create_task(work())).kind

    assert run(main).result == "yield"


def test_a_recursion_gone_wrong_is_described_down_to_a_limit():
    async def dive(depth):
        await (dive(depth - 1) if depth else asyncio.sleep(1))

    async def main():
        await dive(MAX_FRAMES + 50)

    finished = run(main)
    assert finished.elapsed == 1.0
    assert finished.trace.main.waits[0].line.function == "dive"
    assert finished.trace.tracer_errors == []


def test_whose_code_is_it():
    assert is_learner_file(__file__)
    assert is_learner_file("/tmp/ipykernel_1/123.py")
    assert is_learner_file("<ipython-input-1>")
    assert not is_learner_file(asyncio.__file__)
    assert not is_learner_file(pytest.__file__)
    assert not is_learner_file("<frozen importlib._bootstrap>")
    assert not is_learner_file(describe.__code__.co_filename)


def test_without_a_stack_the_line_is_unknown():
    assert learner_line(None) == Line("", 0)
