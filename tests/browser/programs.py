"""Small programs whose pictures the browser tests look at."""

import asyncio
import time

from asynclab import api, run
from asynclab.picture.layout import drawing


async def fetch(client, number, semaphore=None):
    if semaphore is None:
        return (await client.get(f"/users/{number}")).json()
    async with semaphore:
        return (await client.get(f"/users/{number}")).json()


async def bounded(calls=10, limit=3):
    semaphore = asyncio.Semaphore(limit)
    async with api.client(latency=0.3, jitter=0.2) as client:
        await asyncio.gather(*(fetch(client, i + 1, semaphore) for i in range(calls)))


async def sequential():
    async with api.client(latency=0.4) as client:
        for number in range(1, 6):
            await fetch(client, number)


async def concurrent():
    async with api.client(latency=0.4) as client:
        await asyncio.gather(*(fetch(client, number) for number in range(1, 6)))


async def call(number, fails=False):
    await asyncio.sleep(0.2 + 0.15 * number)
    if fails:
        raise ConnectionError(f"call {number} was refused")


async def gather_with_failure():
    try:
        await asyncio.gather(*(call(i, fails=i == 2) for i in range(6)))
    except ConnectionError:
        await asyncio.sleep(1.2)


async def group_with_failure():
    try:
        async with asyncio.TaskGroup() as group:
            for i in range(6):
                group.create_task(call(i, fails=i == 2))
    except* ConnectionError:
        await asyncio.sleep(0.3)


async def poll(pause):
    for _ in range(4):
        await asyncio.sleep(pause)


async def rude():
    await asyncio.sleep(0.15)
    time.sleep(0.3)
    await asyncio.sleep(0.1)


async def blocked():
    await asyncio.gather(poll(0.10), poll(0.13), poll(0.16), poll(0.19), rude())


async def rude_at_once():
    time.sleep(0.3)


async def late_answers():
    async with api.client() as client:
        calls = (client.get(f"/users/{number}") for number in range(1, 4))
        await asyncio.gather(*calls, rude_at_once())


async def request(semaphore, number):
    async with semaphore:
        await asyncio.sleep(0.1 + 0.01 * (number * 7 % 20))
        if number % 211 == 99:
            raise ConnectionError(f"request {number} was refused")


async def crowd(calls=1000, limit=50):
    semaphore = asyncio.Semaphore(limit)
    await asyncio.gather(*(request(semaphore, i) for i in range(calls)), return_exceptions=True)


async def stubborn():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        await asyncio.sleep(0.4)
        raise


async def cancelling():
    task = asyncio.create_task(stubborn(), name="stubborn")
    lasting = asyncio.create_task(asyncio.sleep(5), name="lasting")
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.wait([task])
    assert not lasting.done()


def draw(main, *, title="", limit=None):
    """The drawing of one run on the virtual clock."""
    return drawing(run(main, echo=False).trace, title=title, limit=limit)


SCENARIOS = {
    "bounded": lambda: [draw(bounded, title="10 calls, Semaphore(3)", limit=3)],
    "compared": lambda: [
        draw(sequential, title="one after another"),
        draw(concurrent, title="gather"),
    ],
    "failures": lambda: [
        draw(gather_with_failure, title="gather: siblings go on"),
        draw(group_with_failure, title="TaskGroup: siblings are cancelled"),
    ],
    "failure": lambda: [draw(group_with_failure, title="TaskGroup: siblings are cancelled")],
    "blocked": lambda: [draw(blocked, title="time.sleep in a coroutine")],
    "late": lambda: [draw(late_answers, title="answers that have to wait")],
    "crowd": lambda: [draw(crowd, title="1000 requests, Semaphore(50)", limit=50)],
    "cancelling": lambda: [draw(cancelling, title="a slow goodbye")],
}
