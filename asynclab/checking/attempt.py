"""Attempt: is there an answer at all, and can it be called as the contract says?"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from .diagnosis import Diagnosis
from .texts import texts

__all__ = ["BLANK", "has_blanks", "is_untouched", "shape", "wrong_signature"]

BLANK = "____"


def has_blanks(function: Callable[..., Any]) -> bool:
    """Are there blanks left to be filled?"""
    codes = _codes(getattr(function, "__code__", None))
    return any(BLANK in (*code.co_names, *code.co_freevars) for code in codes)


def is_untouched(function: Callable[..., Any], name: str) -> bool:
    """Is this function still the starter? Comments and layout do not count."""
    code = getattr(function, "__code__", None)
    return code is not None and shape(code) == shape(_starter(name))


@functools.cache
def _starter(name: str) -> CodeType:
    """The starter's code. It is compiled, never run."""
    module = compile(texts()[name].starter, "<starter>", "exec")
    return next(c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == name)


def shape(code: CodeType) -> tuple:
    """What a function does, without where it stands."""
    constants = tuple(shape(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, constants


def _codes(code: CodeType | None) -> Iterator[CodeType]:
    if code is not None:
        yield code
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from _codes(constant)


def wrong_signature(function: Callable[..., Any], name: str) -> Diagnosis | None:
    """It cannot be called with the arguments that the contract promises.

    Args:
        function: the learner's, or whatever has its name.
        name: of the exercise, whose starter shows the arguments.
    """
    starter = _starter(name)
    wanted = starter.co_varnames[: starter.co_argcount]
    call = f"{name}({', '.join(wanted)})"
    if not callable(function):
        did = f"`{name}` is no function: its type is {type(function).__name__}"
        return Diagnosis("signature", did, f"it is a function that can be called as {call}", _AGAIN)
    try:
        signature = inspect.signature(function)
        signature.bind(*wanted)
    except (TypeError, ValueError) as error:
        return Diagnosis("signature", f"{call} is not possible: {error}", "that call is possible")
    return None


_AGAIN = "Run the cell of your answer again, and pass the function itself, without brackets."
