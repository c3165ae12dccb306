"""What people really write: for each exercise wrong answers, and right ones that look unusual.

A module here has the stem of its exercises. Each answer is a function with the arguments of the
contract, whatever its name; the name says what its author thought. An answer to an arrangement
returns an order::

    @wrong("member_desk", "one by one")
    async def awaits_each_request(client, number): ...

    @right("member_desk")
    async def uses_a_task_group(client, number): ...
"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ANSWERS", "Answer", "right", "wrong"]


@dataclass(frozen=True)
class Answer:
    """An answer to an exercise, and the key of the misconception that its check must name."""

    exercise: str
    function: Callable
    key: str = ""  # empty: it is right

    def __str__(self):
        return f"{self.exercise}-{self.function.__name__}"


ANSWERS: list[Answer] = []


def wrong(exercise, key):
    """Register a wrong answer, and the misconception that it must earn."""
    return lambda function: ANSWERS.append(Answer(exercise, function, key)) or function


def right(exercise):
    """Register a right answer that is written in an unusual way."""
    return lambda function: ANSWERS.append(Answer(exercise, function)) or function
