"""What the virtual clock costs: 100,000 sleeps of a second against the real loop's ``sleep(0)``."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from asynclab.clock import VirtualLoop

ROUNDS = 9
SLEEPS = 100_000
BOUND = 2.0


async def sleeps(delay: float) -> None:
    """One task that sleeps again and again."""
    for _ in range(SLEEPS):
        await asyncio.sleep(delay)


def cpu_seconds(factory: Callable[[], asyncio.AbstractEventLoop] | None, delay: float) -> float:
    """CPU seconds of one run."""
    with asyncio.Runner(loop_factory=factory) as runner:
        before = time.process_time()
        runner.run(sleeps(delay))
        return time.process_time() - before


def main() -> None:
    """Print the table; the exit code is 1 if the ratio is over its bound."""
    pairs = [(cpu_seconds(None, 0), cpu_seconds(VirtualLoop, 1)) for _ in range(ROUNDS)]
    real, virtual = (statistics.median(column) for column in zip(*pairs, strict=True))
    table = Table("100,000 sleeps", "CPU ms", "ratio", "at most")
    table.add_row("real loop, sleep(0)", f"{real * 1000:.0f}", "1.00", "")
    ratio = f"{virtual / real:.2f}"
    table.add_row("virtual loop, sleep(1)", f"{virtual * 1000:.0f}", ratio, f"{BOUND:g}")
    Console().print(table)
    raise SystemExit(virtual / real > BOUND)


if __name__ == "__main__":
    main()
