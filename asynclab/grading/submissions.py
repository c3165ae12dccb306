"""Submissions: finds the notebooks that were handed in, in the layouts that staff really have.

=====================  =====================================================================
flat files             ``ana_06_semaphore.ipynb``
a folder for each      ``ana/06_semaphore.ipynb``
nbgrader               ``submitted/ana/06/06_semaphore.ipynb``
Canvas (zip)           ``anasmith_LATE_123_4567_06_semaphore-1.ipynb``
Moodle (zip)           ``Ana Smith_4567_assignsubmission_file_/06_semaphore.ipynb``
=====================  =====================================================================

Folders that stand around everybody's, as in a zip file of a folder, are seen through. A zip file
that a learner has handed in, as the browser edition makes one, is opened.
"""

from __future__ import annotations

import io
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile
from pathlib import Path, PurePosixPath

__all__ = ["Submission", "find"]

SUFFIXES = (".ipynb", ".ipynb.txt", ".ipynb.json")  # some browsers add to it
_CANVAS = re.compile(r"^(?P<who>.+?)(?:_LATE)?_(?P<id>\d+)_\d+_(?P<file>.+)$")
_MOODLE = re.compile(r"^(?P<who>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_|$)")
_ENDING = re.compile(r"\.(ipynb.*|zip)$", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_]|\d{4}")  # in a name: "ana", or a number that is no exercise's
_LATEST = 2.0**32  # seconds since the epoch: there are file systems that believe any date
_PACKED = 16 << 20  # bytes of a learner's zip file that is opened
_INSIDE = 100  # notebooks that are taken from it


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
    if _is_notebook(where.name):
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
    around = _around((relative for relative, _ in _files(base)), stems)
    for relative, path in _files(base):
        within = PurePosixPath(*relative.parts[around:])
        yield from _opened(_of_file(path, within, stems), within, stems)


def _files(base: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """What has been handed in: where it is below the folder, and its whole path."""
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        try:
            entries = os.scandir(folder)
        except PermissionError:
            if folder == base:
                raise
            yield PurePosixPath(folder.relative_to(base).as_posix()), folder
            continue
        with entries:
            for entry in entries:
                path = Path(entry.path)
                if _is_hidden(entry.name):
                    continue
                if _is_notebook(entry.name) or _is_zip(entry.name):
                    yield PurePosixPath(path.relative_to(base).as_posix()), path
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(path)


def _of_file(path: Path, relative: PurePosixPath, stems: list[str]) -> Submission:
    facts = path.lstat()
    problem = _problem(path.name)
    if stat.S_ISLNK(facts.st_mode):
        problem = "it is a symbolic link: hand in the file itself"
    elif not stat.S_ISREG(facts.st_mode):
        problem = "it is no file, or a folder that must not be opened"

    def read() -> bytes:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            return file.read(facts.st_size)

    return Submission(
        **_named(relative, stems),
        file=str(path),
        handed_in=min(facts.st_mtime, _LATEST),
        size=facts.st_size,
        problem=problem,
        read=read,
    )


def _in_zip(path: Path, stems: list[str]) -> Iterator[Submission]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} is damaged ({error}): download it again") from None
    with archive:
        members = list(_members(archive))
        around = _around((relative for relative, _ in members), stems)
        for relative, member in members:

            def read(member: zipfile.ZipInfo = member) -> bytes:
                with archive.open(member) as file:
                    return file.read(member.file_size)

            within = PurePosixPath(*relative.parts[around:])
            found = Submission(
                **_named(within, stems),
                file=f"{path}!{member.filename}",
                handed_in=_time(member),
                size=member.file_size,
                problem=_problem(member.filename),
                read=read,
            )
            yield from _opened(found, within, stems)


def _opened(found: Submission, relative: PurePosixPath, stems: list[str]) -> Iterator[Submission]:
    """The notebooks in a zip file; they are whose the file is, whatever it says inside."""
    if not _is_zip(relative.name):
        yield found
        return
    inside = _inside(found)
    if not inside:
        yield replace(found, handed_in=0.0)  # it hides no notebook
    for name, read, size in inside:
        within = relative.with_name(f"{relative.name[:-4]}_{PurePosixPath(name).name}")
        here = {"file": f"{found.file}!{name}", "size": size, "problem": "", "read": read}
        yield replace(found, **_named(within, stems), **here)


def _inside(found: Submission) -> list[tuple[str, Callable[[], bytes], int]]:
    if found.size > _PACKED or found.problem != _problem(found.file):
        return []
    try:
        archive = zipfile.ZipFile(io.BytesIO(found.read()))
    except Exception:  # noqa: BLE001 - whatever a learner calls a zip file
        return []
    notebooks = (m for path, m in _members(archive) if _is_notebook(path.name))

    def reader(member: zipfile.ZipInfo) -> Callable[[], bytes]:
        def read() -> bytes:
            with archive.open(member) as file:
                return file.read(member.file_size)

        return read

    return [(m.filename, reader(m), m.file_size) for m in islice(notebooks, _INSIDE)]


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[PurePosixPath, zipfile.ZipInfo]]:
    for member in archive.infolist():
        relative = PurePosixPath(member.filename)
        wanted = _is_notebook(relative.name) or _is_zip(relative.name)
        if wanted and not member.is_dir() and not any(map(_is_hidden, relative.parts)):
            yield relative, member


def _time(member: zipfile.ZipInfo) -> float:
    """Some programs write no date: month 0 of 1980."""
    try:
        return datetime(*member.date_time).timestamp()
    except ValueError:
        return 0.0


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _problem(name: str) -> str:
    return "it is a zip file: unpack it, and grade again" if _is_zip(name) else ""


def _around(paths: Iterable[PurePosixPath], stems: list[str]) -> int:
    """How many folders stand around everybody's.

    One that is around all files may be a learner's. It is none if two people below it have handed
    in the same exercises.
    """
    common: tuple[str, ...] | None = None
    first: dict[tuple[int, str], str] = {}
    crowded: set[int] = set()
    for path in paths:
        common = _common(path.parts[:-1] if common is None else common, path.parts[:-1])
        if not common:
            return 0
        for depth in range(1, len(common) + 1):
            named = _named(PurePosixPath(*path.parts[depth:]), stems)
            who, stem = named["learner"], named["stem"]
            if stem and _is_person(who, stems) and first.setdefault((depth, stem), who) != who:
                crowded.add(depth)
    return min((depth for depth in crowded if depth <= len(common or ())), default=0)


def _common(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    pairs = zip(some, others, strict=False)
    return tuple(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _is_person(name: str, stems: list[str]) -> bool:
    return bool(_PERSON.search(name)) and not any(s.startswith(name) or s in name for s in stems)


# -- names ---------------------------------------------------------------------------------


def _named(relative: PurePosixPath, stems: list[str]) -> dict[str, str]:
    """Whose it is and which notebook, as far as the path says."""
    # macOS takes an ü apart; the gradebook has it in one piece.
    relative = PurePosixPath(unicodedata.normalize("NFC", str(relative)))
    stem = next((stem for stem in stems if stem in _plain(relative.name)), "")
    learner, outside_id = _learner(relative, stem)
    return {"learner": learner, "outside_id": outside_id, "stem": stem}


def _learner(relative: PurePosixPath, stem: str) -> tuple[str, str]:
    folder = relative.parts[0] if len(relative.parts) > 1 else ""
    if match := _MOODLE.match(folder or relative.name):
        return match["who"], match["id"]
    if folder:
        return folder, ""
    if (match := _CANVAS.match(relative.name)) and (not stem or stem in _plain(match["file"])):
        return match["who"], match["id"]
    name = _ENDING.sub("", relative.name)
    who = name[: _plain(name).index(stem)] if stem else name
    return who.strip("_- ") or name, ""


def _plain(name: str) -> str:
    """Letter by letter as stems are written, however somebody has renamed the file."""
    return re.sub("[- ]", "_", name.lower())
