"""Arrangement: a function put together from given lines (a Parsons problem).

The answer is a short text, so it lives in the cell like any other answer and needs no widget:
``"2 4> 1>"`` takes line 2, then line 4 indented once, then line 1 indented once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .exercise import Exercise

__all__ = ["Arrangement", "Misplaced"]

_INDENT = "    "
_STEP = re.compile(r"(\d+)(>*)")


class Misplaced(ValueError):
    """The order cannot be read, or the lines do not make a function."""


class Arrangement:
    """The pieces of one exercise in a learner's order.

    Args:
        exercise: has the pieces.
        order: numbers of pieces, each with one ``>`` for every level of indentation.
        namespace: where the function finds its names: the notebook's.
    """

    def __init__(self, exercise: Exercise, order: str, namespace: dict[str, Any]) -> None:
        self.exercise = exercise
        self.order = order
        self._namespace = namespace
        self.__name__ = exercise.name

    @property
    def code(self) -> str:
        """The lines in the learner's order.

        Raises:
            Misplaced: a step is no number of a piece, or a piece stands twice.
        """
        used: set[int] = set()
        lines = []
        for step in self.order.split():
            match = _STEP.fullmatch(step)
            number = int(match[1]) if match else 0
            if not 1 <= number <= len(self.exercise.pieces):
                last = len(self.exercise.pieces)
                raise Misplaced(f"{step!r}: write the numbers 1 to {last}, and > to indent")
            if number in used:
                raise Misplaced(f"line {number} stands twice")
            used.add(number)
            lines.append(_INDENT * len(match[2]) + self.exercise.pieces[number - 1])
        return "\n".join(lines)

    def function(self) -> Callable[..., Any]:
        """The function that the lines define.

        Raises:
            Misplaced: Python cannot read the lines, or they define no such function.
        """
        name = self.exercise.name
        try:
            code = compile(self.code, f"<{name}>", "exec")
        except SyntaxError as error:
            raise Misplaced(f"line {error.lineno} of your order: {error.msg}") from None
        scope = dict(self._namespace)
        try:
            exec(code, scope)  # noqa: S102 - the learner's own arrangement of given lines
        except Exception as error:  # noqa: BLE001 - lines that do not belong outside a function
            raise Misplaced(f"the first line must begin the function: {error}") from None
        if not callable(scope.get(name)) or scope[name] is self._namespace.get(name):
            raise Misplaced(f"the first line must begin the function {name}")
        return scope[name]

    @property
    def text(self) -> str:
        """The pieces with their numbers, and the arrangement so far."""
        pieces = [f"  {n}  {line}" for n, line in enumerate(self.exercise.pieces, 1)]
        lines = ["the lines, one of which does not belong:", *pieces]
        if self.order:
            try:
                lines += ["your order:", *(f"     {line}" for line in self.code.splitlines())]
            except Misplaced as error:
                lines.append(f"your order cannot be read: {error}")
        else:
            lines.append('write their order, as in "2 4> 1>": one > for each level of indentation')
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text
