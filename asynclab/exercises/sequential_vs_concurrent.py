"""Exercises of lesson 01: waits that overlap, and waits that cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from asynclab.checking.draw import delays
from asynclab.checking.exercise import Exercise
from asynclab.checking.judgements import asked_each_once, returns, took_the_slowest
from asynclab.checking.service import Case, Service
from asynclab.checking.shapes import together

__all__ = ["EXERCISES"]


def _members(random: Random) -> Iterator[Case]:
    for number in random.sample(range(1, 100), 3):
        paths = [f"/users/{number}", f"/posts/{number}", f"/todos/{number}"]
        waits = delays(random, 3)
        slow = paths[waits.index(max(waits))]
        yield Case(f"member {number}, {slow} is slow", paths, waits, given={"number": number})


async def _ask_desk(member_desk: Callable[..., Any], case: Case, service: Service) -> Any:
    async with service.client() as client:
        return await member_desk(client, case.given["number"])


member_desk = Exercise(
    name="member_desk",
    kind="build",
    cases=_members,
    play=_ask_desk,
    judgements=(
        asked_each_once,
        returns(lambda sight: sight.good_answers, "the answers in the order of the paths"),
        took_the_slowest,
    ),
    expected=together,
    hints=(
        "Which of the three requests needs the answer of another one?",
        "`asyncio.gather(...)` runs several coroutines at once and returns a list in their order.",
        "await asyncio.gather(*(client.get(path) for path in paths)), then the .json() of each.",
    ),
)

EXERCISES = (member_desk,)
