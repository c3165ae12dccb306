"""What the virtual clock costs: 100,000 virtual sleeps against the real loop's ``sleep(0)``."""

from __future__ import annotations

import asyncio
import statistics
import time

from rich.console import Console
from rich.table import Table

from asynclab.clock import VirtualLoop

ROUNDS = 5
SLEEPS = 100_000
BOUND = 2.0


async def one_by_one(delay: float) -> None:
    """All sleeps in one task."""
    for _ in range(SLEEPS):
        await asyncio.sleep(delay)


async def in_tasks(delay: float) -> None:
    """The same number of sleeps, in a thousand tasks."""

    async def worker() -> None:
        for _ in range(SLEEPS // 1000):
            await asyncio.sleep(delay)

    await asyncio.gather(*(worker() for _ in range(1000)))


def cpu_seconds(program, factory, delay: float) -> float:
    """CPU seconds of one run."""
    with asyncio.Runner(loop_factory=factory) as runner:
        before = time.process_time()
        runner.run(program(delay))
        return time.process_time() - before


def main() -> None:
    """Print the table; the exit code is 1 if a ratio is over its bound."""
    table = Table("100,000 sleeps", "real sleep(0) ms", "virtual sleep(1) ms", "ratio", "at most")
    over = False
    for program in (one_by_one, in_tasks):
        pairs = [
            (cpu_seconds(program, None, 0), cpu_seconds(program, VirtualLoop, 1))
            for _ in range(ROUNDS)
        ]
        real, virtual = (statistics.median(column) for column in zip(*pairs, strict=True))
        over |= virtual / real > BOUND
        figures = (f"{real * 1000:.0f}", f"{virtual * 1000:.0f}", f"{virtual / real:.2f}")
        table.add_row(program.__name__.replace("_", " "), *figures, f"{BOUND:g}")
    Console().print(table)
    raise SystemExit(over)


if __name__ == "__main__":
    main()
