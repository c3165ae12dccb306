"""Submissions: finds the notebooks that were handed in, in the layouts that staff really have.

=====================  =====================================================================
flat files             ``ana_06_semaphore.ipynb``
a folder for each      ``ana/06_semaphore.ipynb``
nbgrader               ``submitted/ana/06/06_semaphore.ipynb``
Canvas (zip)           ``anasmith_LATE_123_4567_06_semaphore-1.ipynb``
Moodle (zip)           ``Ana Smith_4567_assignsubmission_file_/06_semaphore.ipynb``
=====================  =====================================================================
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

__all__ = ["Submission", "find"]

SUFFIX = ".ipynb"
_CANVAS = re.compile(r"^(?P<who>.+?)(?:_LATE)?_(?P<id>\d+)_\d+_(?P<file>.+)$")
_MOODLE = re.compile(r"^(?P<who>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?$")
_IGNORED = {".ipynb_checkpoints", "__MACOSX", ".git"}


@dataclass(frozen=True, slots=True)
class Submission:
    """One notebook of one learner.

    Attributes:
        learner: the name that the layout gives.
        outside_id: the learner's number in the learning platform; empty if there is none.
        stem: the exercise notebook; empty if the name does not say.
        file: where it was found, for people.
        handed_in: seconds since the epoch.
        size: bytes.
        problem: why it cannot be read at all; empty if it can.
        read: gives the bytes, at most ``size`` of them.
    """

    learner: str
    outside_id: str
    stem: str
    file: str
    handed_in: float
    size: int
    problem: str
    read: Callable[[], bytes]


def find(where: Path, stems: Iterable[str]) -> Iterator[Submission]:
    """Every notebook below a folder, in a zip file, or this one file.

    They come one by one: a million of them take no more memory than one.

    Args:
        where: a folder, a zip file, or a notebook.
        stems: the exercise notebooks that there are.

    Raises:
        FileNotFoundError: there is nothing.
        ValueError: a file that is neither a notebook nor a zip file.
    """
    known = sorted(stems, key=len, reverse=True)
    if not where.exists():
        raise FileNotFoundError(f"{where} does not exist: name a folder, a zip file or a notebook")
    if where.suffix == SUFFIX:
        return iter([_of_file(where, PurePosixPath(where.name), known)])
    if where.is_dir():
        return _in_folder(where, known)
    if zipfile.is_zipfile(where):
        return _in_zip(where, known)
    raise ValueError(f"{where} is neither a folder, a zip file nor a notebook")


# -- places --------------------------------------------------------------------------------


def _in_folder(root: Path, stems: list[str]) -> Iterator[Submission]:
    """In no order: sorting would need all names at once."""
    base = root / "submitted" if (root / "submitted").is_dir() else root
    waiting = [base]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name in _IGNORED:
                    continue
                path = Path(entry.path)
                if entry.name.endswith(SUFFIX):
                    yield _of_file(path, PurePosixPath(path.relative_to(base).as_posix()), stems)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(path)


def _of_file(path: Path, relative: PurePosixPath, stems: list[str]) -> Submission:
    facts = path.lstat()
    problem = ""
    if stat.S_ISLNK(facts.st_mode):
        problem = "it is a symbolic link: hand in the file itself"
    elif not stat.S_ISREG(facts.st_mode):
        problem = "it is no file"

    def read() -> bytes:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            return file.read(facts.st_size)

    return Submission(
        **_named(relative, stems),
        file=str(path),
        handed_in=facts.st_mtime,
        size=facts.st_size,
        problem=problem,
        read=read,
    )


def _in_zip(path: Path, stems: list[str]) -> Iterator[Submission]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            relative = PurePosixPath(member.filename)
            if member.is_dir() or relative.suffix != SUFFIX or _IGNORED & set(relative.parts):
                continue

            def read(member: zipfile.ZipInfo = member) -> bytes:
                with archive.open(member) as file:
                    return file.read(member.file_size)

            yield Submission(
                **_named(relative, stems),
                file=f"{path}!{member.filename}",
                handed_in=datetime(*member.date_time).timestamp(),
                size=member.file_size,
                problem="",
                read=read,
            )


# -- names ---------------------------------------------------------------------------------


def _named(relative: PurePosixPath, stems: list[str]) -> dict[str, str]:
    """Whose it is and which notebook, as far as the path says."""
    stem = next((stem for stem in stems if stem in relative.name), "")
    learner, outside_id = _learner(relative, stem)
    return {"learner": learner, "outside_id": outside_id, "stem": stem}


def _learner(relative: PurePosixPath, stem: str) -> tuple[str, str]:
    folder = relative.parts[0] if len(relative.parts) > 1 else ""
    if match := _MOODLE.match(folder):
        return match["who"], match["id"]
    if folder:
        return folder, ""
    if (match := _CANVAS.match(relative.name)) and (not stem or stem in match["file"]):
        return match["who"], match["id"]
    name = relative.name.removesuffix(SUFFIX)
    who = name.partition(stem)[0] if stem else name
    return who.strip("_- ") or name, ""
