"""Progress: what a learner has attempted and passed, kept in their own data folder."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

__all__ = ["Entry", "Progress", "ProgressError", "folder", "from_text", "to_text"]

VARIABLE = "ASYNCLAB_HOME"
SCHEMA = 1


class ProgressError(Exception):
    """The progress file cannot be read or written; the message says which, and what to do."""


@dataclass(slots=True)
class Entry:
    """One exercise: real attempts that differ, hints taken, and whether it was ever passed."""

    passed: bool = False
    attempts: list[str] = field(default_factory=list)  # digests of distinct wrong answers
    hints: int = 0

    def with_other(self, other: Entry) -> Entry:
        """What is known when another notebook, or another machine, has seen more of it."""
        attempts = list(dict.fromkeys([*self.attempts, *other.attempts]))
        return Entry(self.passed or other.passed, attempts, max(self.hints, other.hints))


def folder() -> Path:
    """Where progress is kept: ``ASYNCLAB_HOME``, else the data folder of this system."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "asynclab"
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/asynclab").expanduser()
    return Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "asynclab"


class Progress:
    """The progress file. Every change reads it anew, under a lock, and replaces it at once.

    So two notebooks that are open together lose nothing of each other, and a crash leaves either
    the old file or the new one.

    Args:
        path: the file; by default ``progress.json`` in :func:`folder`.

    Attributes:
        listeners: called after each change; the browser edition keeps the file where it lasts.
    """

    listeners: ClassVar[list[Callable[[], object]]] = []

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or folder() / "progress.json"

    def read(self) -> dict[str, Entry]:
        """All entries by exercise; none if there is no file yet.

        Raises:
            ProgressError: the file is there, and is not one of ours.
        """
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ProgressError(f"{self.path} cannot be read: {error.strerror}") from error
        try:
            return from_text(text)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProgressError(
                f"{self.path} cannot be understood ({type(error).__name__}: {error}). It is left "
                "as it is; lab.progress(reset=True) begins anew and keeps it as progress.old.json"
            ) from error

    def change(self, name: str, update: Callable[[Entry], None]) -> Entry:
        """Update one entry.

        Raises:
            ProgressError: the file cannot be read or written.
        """
        with self._locked():
            entries = self.read()
            entry = entries.setdefault(name, Entry())
            update(entry)
            self._write(entries)
            self._tell()
            return entry

    def add(self, path: Path) -> None:
        """Add what a progress file of another machine knows; nothing is forgotten.

        Raises:
            ProgressError: one of the files cannot be read or written, or there is none.
        """
        if not path.exists():
            raise ProgressError(f"there is no {path}")
        others = Progress(path).read()
        with self._locked():
            entries = self.read()
            for name, entry in others.items():
                entries[name] = entry.with_other(entries.get(name, entry))
            self._write(entries)
            self._tell()

    def replace(self, entries: dict[str, Entry]) -> None:
        """Write other entries, which the listeners know already.

        Raises:
            ProgressError: the file cannot be written.
        """
        with self._locked():
            self._write(entries)

    def reset(self, name: str | None = None) -> None:
        """Forget one exercise, or everything; a damaged file is kept beside the new one.

        Raises:
            ProgressError: the file cannot be written.
        """
        with self._locked():
            entries: dict[str, Entry] = {}
            if name is not None:
                entries = self.read()
                entries.pop(name, None)
            elif self.path.exists():
                self.path.replace(self.path.with_suffix(".old.json"))
            self._write(entries)
            self._tell()

    def _write(self, entries: dict[str, Entry]) -> None:
        text = to_text(entries)
        try:
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".progress-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except OSError as error:
            with suppress(OSError, NameError):
                Path(name).unlink()
            raise ProgressError(f"{self.path} cannot be written: {error.strerror}") from error

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()

    @contextmanager
    def _locked(self) -> Any:
        """One writer at a time, among all notebooks of this learner."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = (self.path.parent / ".lock").open("a")
        except OSError as error:
            raise ProgressError(
                f"{self.path.parent} cannot be written: {error.strerror}"
            ) from error
        with lock:
            with suppress(OSError):  # a file system without locks: the file is whole all the same
                _lock(lock)
            try:
                yield
            finally:
                with suppress(OSError):
                    _unlock(lock)


def to_text(entries: dict[str, Entry]) -> str:
    """The content of a progress file."""
    exercises = {name: asdict(entry) for name, entry in sorted(entries.items())}
    return json.dumps({"schema": SCHEMA, "exercises": exercises}, indent=1) + "\n"


def from_text(text: str) -> dict[str, Entry]:
    """The entries of a progress file, if they are what this version of the course writes.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: they are not.
    """
    data = json.loads(text)
    if data["schema"] != SCHEMA:
        raise ValueError(
            f"its schema is {data['schema']}, this version of the course knows {SCHEMA}"
        )
    entries = {name: Entry(**entry) for name, entry in data["exercises"].items()}
    for name, entry in entries.items():
        if list(map(type, (entry.passed, entry.attempts, entry.hints))) != [bool, list, int]:
            raise ValueError(f"the entry of {name} is {data['exercises'][name]}")
    return entries


if sys.platform == "win32":
    import msvcrt

    def _lock(file: Any) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def _unlock(file: Any) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    try:
        import fcntl
    except ImportError:  # Pyodide: one tab, one kernel
        fcntl = None
    _flock = getattr(fcntl, "flock", None)  # the kernel of JupyterLite has an empty module

    def _lock(file: Any) -> None:
        if _flock is not None:
            _flock(file, fcntl.LOCK_EX)

    def _unlock(file: Any) -> None:
        if _flock is not None:
            _flock(file, fcntl.LOCK_UN)
