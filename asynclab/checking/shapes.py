"""Shapes: what a right run looks like, for the picture beside the learner's own.

They show a shape and not a way to write it, so that no picture gives an answer away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from .service import Case, Service, Unreachable

__all__ = ["Shape", "after_a_pause", "asked_again", "at_most", "in_steps", "together"]

Shape = Callable[[Case, Service], Awaitable[None]]


async def together(case: Case, service: Service) -> None:
    """Every call as early as it can be made: at once, or when what it needs has been answered."""
    ends = {item: asyncio.Event() for item in case.items}

    async def ask(item: str) -> None:
        if item in case.needs:
            await ends[case.needs[item]].wait()
        await _ask(service, item)
        ends[item].set()

    await asyncio.gather(*map(ask, case.items))


def in_steps(split: Callable[[Case], Iterable[Iterable[str]]]) -> Shape:
    """The calls of a step at once, one step after the other.

    Args:
        split: the items of each step.
    """

    async def steps(case: Case, service: Service) -> None:
        for step in split(case):
            await asyncio.gather(*(_ask(service, item) for item in step))

    return steps


def after_a_pause(pause: float) -> Shape:
    """All calls at once, each after a pause of its own.

    Args:
        pause: seconds.
    """

    async def pauses(case: Case, service: Service) -> None:
        async def ask(item: str) -> None:
            await asyncio.sleep(pause)
            await _ask(service, item)

        await asyncio.gather(*map(ask, case.items))

    return pauses


async def asked_again(case: Case, service: Service) -> None:
    """All calls at once, and then once more those that failed."""
    outcomes = await asyncio.gather(*(_ask(service, item) for item in case.items))
    failed = [item for item, error in zip(case.items, outcomes, strict=True) if error]
    await asyncio.gather(*(_ask(service, item) for item in failed))


def at_most(
    limit: Callable[[Case], int],
    *,
    patience: Callable[[Case], float | None] = lambda _: None,
    gap: Callable[[Case], float] = lambda _: 0.0,
) -> Shape:
    """A number of calls at once, the next as soon as a place is free.

    Args:
        limit: reads the number from the case.
        patience: seconds after which a call is given up.
        gap: seconds between the beginnings of two calls.
    """

    async def shape(case: Case, service: Service) -> None:
        places, running = asyncio.Semaphore(limit(case)), []

        async def ask(item: str) -> None:
            async with asyncio.timeout(patience(case)):
                await _ask(service, item)
            places.release()

        for item in case.items:
            await places.acquire()
            running.append(asyncio.create_task(ask(item)))
            await asyncio.sleep(gap(case))
        await asyncio.gather(*running)

    return shape


async def _ask(service: Service, item: str) -> BaseException | None:
    """One call, over HTTP if the item is a path; what it raises is given back."""
    try:
        if not item.startswith("/"):
            await service.ask(item)
            return None
        async with service.client() as client:
            await client.get(item)
    except (Unreachable, asyncio.CancelledError) as error:
        return error
    return None
