"""What tracing costs: CPU time of the same program traced and untraced, as a ratio in one run."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

import asynclab as lab
from asynclab.clock import VirtualLoop
from asynclab.tracer import Tracer

Program = Callable[[], Coroutine[Any, Any, None]]
Factory = Callable[[], asyncio.AbstractEventLoop] | None

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


def untraced(program: Program, factory: Factory) -> float:
    """CPU seconds of one run."""
    with asyncio.Runner(loop_factory=factory) as runner:
        before = time.process_time()
        runner.get_loop().run_until_complete(program())
        return time.process_time() - before


def traced(program: Program, factory: Factory) -> tuple[float, float]:
    """CPU seconds of one traced run, and of turning its record into a Trace."""
    with asyncio.Runner(loop_factory=factory) as runner:
        loop = runner.get_loop()
        before = time.process_time()
        with Tracer(loop) as tracer:
            loop.run_until_complete(program())
        recorded = time.process_time()
        tracer.trace()
        return recorded - before, time.process_time() - recorded


def measure(program: Program, factory: Factory) -> tuple[float, float, float]:
    """Medians, taken in turns so that the machine's load hits all of them."""
    rows = []
    for _ in range(ROUNDS):
        gc.collect()
        rows.append((untraced(program, factory), *traced(program, factory)))
    return tuple(statistics.median(column) for column in zip(*rows, strict=True))


def main() -> None:
    """Print the table; the exit code is 1 if a ratio is over its bound."""
    table = Table("program", "clock", "untraced ms", "traced ms", "ratio", "at most", "Trace ms")
    over = False
    for name, program in (("switch", switch), ("semaphore", semaphore), ("http", http)):
        for clock, factory in (("virtual", VirtualLoop), ("real", None)):
            plain, seen, made = measure(program, factory)
            over |= seen / plain > BOUNDS[name]
            figures = (f"{plain * 1000:.0f}", f"{seen * 1000:.0f}", f"{seen / plain:.2f}")
            table.add_row(name, clock, *figures, f"{BOUNDS[name]:g}", f"{made * 1000:.0f}")
    Console().print(table)
    raise SystemExit(over)


if __name__ == "__main__":
    main()
