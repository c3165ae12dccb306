"""Notebooks as learners hand them in, made from the course's own copy."""

import json
from pathlib import Path

from asynclab.checking.texts import texts
from asynclab.grading.course import assignments

ROOT = Path(__file__).resolve().parents[2]
STEM = "01_sequential_vs_concurrent"
VICTIM = "member_desk"  # the exercise whose answer is hostile
ASSIGNMENT = assignments(ROOT)[STEM]
NEIGHBOURS = [name for name in ASSIGNMENT.starters if name != VICTIM]
RIGHT = texts()[VICTIM].solution


def paper(answers=None, assignment=ASSIGNMENT):
    """A notebook with the course's solutions, but for the answers that are given."""
    cells = []
    for kind, name, code in assignment.steps:
        if kind == "course":
            cells.append(code_cell(code, f"course-{len(cells)}"))
            continue
        source = (answers or {}).get(name, texts()[name].solution)
        cells.append(code_cell(source, f"answer-{name}"))
        cells.append(code_cell(assignment.checks[name], f"check-{name}"))
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def code_cell(source, cell_id):
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
    }


def cell(notebook, cell_id):
    """The first cell of this id."""
    return next(cell for cell in notebook["cells"] if cell["id"] == cell_id)


def write(notebook, folder, learner, stem=STEM):
    """Hand it in as a flat file."""
    path = folder / f"{learner}_{stem}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
