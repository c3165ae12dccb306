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
        return "\n".join(_INDENT * level + self.exercise.pieces[n - 1] for n, level in self.steps())

    def steps(self) -> list[tuple[int, int]]:
        """The number of each piece and its level, in the learner's order.

        Raises:
            Misplaced: a step is no number of a piece, or a piece stands twice.
        """
        found: list[tuple[int, int]] = []
        for step in self.order.split():
            match, last = _STEP.fullmatch(step), len(self.exercise.pieces)
            number = int(match[1]) if match else 0
            if not 1 <= number <= last:
                raise Misplaced(f"{step!r}: write the numbers 1 to {last}, and > to indent")
            if number in dict(found):
                raise Misplaced(f"line {number} stands twice")
            found.append((number, len(match[2])))
        return found

    def function(self) -> Callable[..., Any]:
        """The function that the lines define.

        Raises:
            Misplaced: Python cannot read the lines, or they are no function.
        """
        name, ((first, level), *rest) = self.exercise.name, self.steps()
        if level or f"def {name}(" not in self.exercise.pieces[first - 1]:
            raise Misplaced(f"the first line must begin the function {name}")
        for number, level in rest:
            if not level:
                raise Misplaced(f"line {number} is not indented, so it is outside of the function")
        try:
            code = compile(self.code, f"<{name}>", "exec")
        except SyntaxError as error:
            raise Misplaced(f"line {error.lineno} of your order: {error.msg}") from None
        scope = dict(self._namespace)
        exec(code, scope)  # noqa: S102 - the learner's own arrangement of given lines
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

    def _repr_mimebundle_(self, **how: Any) -> Any:
        try:
            from .workbench import Workbench  # noqa: PLC0415 - widgets are not everywhere
        except ImportError:
            return {"text/plain": self.text}
        return Workbench(self)._repr_mimebundle_(**how)
