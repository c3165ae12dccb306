"""Gradescope: the results of one learner, and the zip file that makes an autograder of the course.

The fields are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from asynclab.grading.record import Record

from .atomic import replacing
from .feedback import feedback_text

__all__ = ["write_autograder", "write_gradescope"]

# Ubuntu 22.04, which Gradescope offers first, has Python 3.11 beside its own 3.10.
_SETUP = """#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y python3.11 python3.11-venv || apt-get install -y python3 python3-venv
cd /autograder/source
$(command -v python3.11 || echo python3) course.py version
"""
# Each submission has a container of its own there: what it runs is confined already.
_RUN = """#!/usr/bin/env bash
cd /autograder/source
$(command -v python3.11 || echo python3) course.py grade /autograder/submission \\
    --allow-unsandboxed --gradescope /autograder/results/results.json
"""
_CONTENT = ("README.md", "LICENSE", "pyproject.toml", "requirements.txt", "course.py")
_FOLDERS = ("asynclab", "content/exercises")


def write_gradescope(records: Iterable[Record], path: Path) -> None:
    """The ``results.json`` of one submission; without one the learner hears of a broken grader."""
    tests = [_test(record) for record in records]
    results = {
        "score": sum(test["score"] for test in tests),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    if not tests:
        results["output"] = "No notebook was handed in: upload the file that ends in .ipynb."
    with replacing(path) as file:
        json.dump(results, file, ensure_ascii=False, indent=1)


def _test(record: Record) -> dict[str, Any]:
    return {
        "name": record.exercise or record.file,
        "score": record.points,
        "max_score": 1.0,
        "status": "passed" if record.points else "failed",
        "output": feedback_text(record),
        "output_format": "text",
        "tags": [record.verdict, *([record.misconception] if record.misconception else [])],
        "visibility": "visible",
    }


def write_autograder(root: Path, path: Path) -> None:
    """The zip file to upload as an autograder: the course, and two scripts.

    Args:
        root: the folder of the course.
        path: the zip file.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("setup.sh", _SETUP), ("run_autograder", _RUN)):
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o755 << 16
            archive.writestr(member, text)
        for file in _files(root):
            archive.write(file, file.relative_to(root).as_posix())


def _files(root: Path) -> Iterable[Path]:
    yield from (root / name for name in _CONTENT)
    for folder in _FOLDERS:
        found = sorted((root / folder).rglob("*"))
        yield from (f for f in found if f.is_file() and "__pycache__" not in f.parts)
