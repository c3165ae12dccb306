"""Shapes: what a right run looks like, for the picture beside the learner's own.

They show a shape and not a way to write it, so that no picture gives an answer away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .service import Case, Service

__all__ = ["at_most", "in_turn", "together"]


async def together(case: Case, service: Service) -> None:
    """All calls at once."""
    calls = (service.ask(item) for item in case.items)
    await asyncio.gather(*calls, return_exceptions=True)


async def in_turn(case: Case, service: Service) -> None:
    """One call after the other."""
    for item in case.items:
        await asyncio.gather(service.ask(item), return_exceptions=True)


def at_most(limit: Callable[[Case], int]) -> Callable[[Case, Service], Awaitable[None]]:
    """A number of calls at once, the next as soon as a place is free.

    Args:
        limit: reads the number from the case.
    """

    async def shape(case: Case, service: Service) -> None:
        places = asyncio.Semaphore(limit(case))

        async def ask(item: str) -> None:
            async with places:
                await service.ask(item)

        await asyncio.gather(*(ask(item) for item in case.items), return_exceptions=True)

    return shape
