"""What tracing costs: CPU time of the same program traced and untraced, as a ratio in one run."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import statistics
import time

import httpx
from rich.console import Console
from rich.table import Table

import asynclab as lab
from asynclab.clock import VirtualLoop
from asynclab.tracer import Tracer

ROUNDS = 5
TASKS = 10_000
REQUESTS = 300
BOUNDS = {"switch": 3.0, "semaphore": 3.0, "http": 1.2}


async def switch() -> None:
    """Tasks that do nothing but give way once."""

    async def worker() -> None:
        await asyncio.sleep(0)

    await asyncio.gather(*(worker() for _ in range(TASKS)))


async def semaphore() -> None:
    """Tasks that queue for ten permits."""
    permits = asyncio.Semaphore(10)

    async def worker() -> None:
        async with permits:
            await asyncio.sleep(0)

    await asyncio.gather(*(worker() for _ in range(TASKS)))


async def http() -> None:
    """Requests to the practice API in process."""
    async with lab.api.client(latency=0) as client:

        async def fetch(number: int) -> httpx.Response:
            return await client.get(f"/posts/{number % 100 + 1}")

        await asyncio.gather(*(fetch(i) for i in range(REQUESTS)))


def cpu_seconds(program, factory, traced: bool) -> float:
    """CPU seconds of one run; the record is turned into a Trace inside the measured time."""
    gc.collect()
    with asyncio.Runner(loop_factory=factory) as runner:
        loop = runner.get_loop()
        before = time.process_time()
        with Tracer(loop) if traced else contextlib.nullcontext() as tracer:
            loop.run_until_complete(program())
        if traced:
            tracer.trace()
        return time.process_time() - before


def measure(program, factory) -> tuple[float, float]:
    """Medians untraced and traced, taken in turns so that the machine's load hits both."""
    pairs = [
        (cpu_seconds(program, factory, False), cpu_seconds(program, factory, True))
        for _ in range(ROUNDS)
    ]
    return tuple(statistics.median(column) for column in zip(*pairs, strict=True))


def main() -> None:
    """Print the table; the exit code is 1 if a ratio is over its bound."""
    table = Table("program", "clock", "untraced ms", "traced ms", "ratio", "at most")
    over = False
    for name, program in (("switch", switch), ("semaphore", semaphore), ):
        for clock, factory in (("virtual", VirtualLoop), ("real", None)):
            plain, traced = measure(program, factory)
            ratio = traced / plain
            over |= ratio > BOUNDS[name]
            row = (f"{plain * 1000:.0f}", f"{traced * 1000:.0f}", f"{ratio:.2f}")
            table.add_row(name, clock, *row, f"{BOUNDS[name]:g}")
    Console().print(table)
    raise SystemExit(over)


if __name__ == "__main__":
    main()
