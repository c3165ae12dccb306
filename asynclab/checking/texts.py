"""Texts: what `content/exercises` says of each exercise, as the package carries it.

``asynclab/exercises/texts.json`` is written by ``asynclab build`` from the sources of the
exercise notebooks, so that checks, hints and solutions work wherever the package is installed.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources

__all__ = ["Text", "texts"]


@dataclass(frozen=True, slots=True)
class Text:
    """One exercise.

    Attributes:
        lesson: the stem of its notebook.
        title: its heading there.
        starter: the code that the learner begins with.
        solution: the code of the course's own answer.
        explanation: why it works, and what else would; Markdown.
    """

    lesson: str
    title: str
    starter: str
    solution: str
    explanation: str


@functools.cache
def texts() -> dict[str, Text]:
    """All exercises by the name of their function, in the order of the course."""
    file = resources.files("asynclab.exercises").joinpath("texts.json")
    return {name: Text(**text) for name, text in json.loads(file.read_text("utf-8")).items()}
