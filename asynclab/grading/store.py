"""Store: results on disk. What is in it survives a power cut; what is not will be graded again."""

from __future__ import annotations

import json
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from .record import Record

__all__ = ["Store", "StoreError"]

SCHEMA = 2
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY,
    file TEXT NOT NULL,
    learner TEXT NOT NULL,
    outside_id TEXT NOT NULL,
    stem TEXT NOT NULL,
    exercise TEXT NOT NULL,
    handed_in REAL NOT NULL,
    verdict TEXT NOT NULL,
    misconception TEXT NOT NULL,
    record TEXT NOT NULL,
    trace BLOB,
    UNIQUE (file, exercise) -- what is graded again takes the place of what was
);
CREATE INDEX IF NOT EXISTS by_learner ON results (learner, outside_id, stem, exercise);
"""

_WHAT = "learner, outside_id, stem, exercise"  # two learners of one name have two numbers
# Of two at the same moment the later name: Canvas numbers them, and a zip file counts in pairs
# of seconds.
_LATEST = "max(printf('%014.3f ', handed_in) || file)"


class StoreError(Exception):
    """The results cannot be kept or read; the message says which file, and what to do."""


class Store:
    """The results of one output folder.

    Args:
        path: the database; it is made if it is not there.

    Raises:
        StoreError: it is not one of ours, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # on the disk before it counts
            self._db.executescript(_TABLES)
            self._check_schema()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{path} cannot be used for results: {error}") from error

    def _check_schema(self) -> None:
        found = self.about("schema", str(SCHEMA))
        if found != str(SCHEMA):
            raise StoreError(
                f"{self.path} was written by another version (schema {found}): "
                "choose another output folder"
            )

    def about(self, name: str, default: str) -> str:
        """A fact about this folder; the default is kept if there is none yet."""
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (name, default))
        query = "SELECT value FROM about WHERE name = ?"
        return self._db.execute(query, (name,)).fetchone()[0]

    @property
    def seed(self) -> str:
        """Of the hidden workloads: drawn once, so that a resumed run asks the same."""
        return self.about("seed", secrets.token_hex(16))

    def missing(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that have no result yet."""
        query = "SELECT 1 FROM results WHERE key = ?"
        return {key for key in keys if self._db.execute(query, (key,)).fetchone() is None}

    def add(self, records: Iterable[Record]) -> None:
        """Keep these results: when this returns they are on the disk.

        Raises:
            StoreError: the disk is full, or the file is gone.
        """
        rows = [
            (
                *(
                    r.key,
                    r.file,
                    r.learner,
                    r.outside_id,
                    r.stem,
                    r.exercise,
                    r.handed_in,
                    r.verdict,
                    r.misconception,
                ),
                json.dumps(r.to_dict(), ensure_ascii=False),
                zlib.compress(r.trace.encode()) if r.trace else None,
            )
            for r in records
        ]
        try:
            with self._db:
                marks = ", ".join("?" * 11)
                self._db.executemany(f"INSERT OR REPLACE INTO results VALUES ({marks})", rows)  # noqa: S608 - marks
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be written: {error}; free the disk") from error

    def forget_faults(self) -> None:
        """Faults of the grader are no results: they are graded again."""
        with self._db:
            self._db.execute("DELETE FROM results WHERE verdict = 'grader_error'")

    def records(self) -> Iterator[Record]:
        """Every result that counts, by learner: of several submissions the latest."""
        query = (
            f"SELECT record, trace, {_LATEST}, count(*) FROM results "  # noqa: S608 - constants
            f"GROUP BY {_WHAT} ORDER BY {_WHAT}"
        )
        for text, trace, _, count in self._db.execute(query):
            run = zlib.decompress(trace).decode() if trace else ""
            record = Record.from_dict(json.loads(text), run)
            if count > 1:
                record.notes.append(f"{count} submissions were handed in; this is the latest")
            yield record

    def counts(self) -> dict[str, int]:
        """How many of the results that count have which verdict."""
        query = (
            f"SELECT verdict, count(*) FROM (SELECT verdict, {_LATEST} FROM results "  # noqa: S608 - constants
            f"GROUP BY {_WHAT}) GROUP BY verdict ORDER BY 2 DESC"
        )
        return dict(self._db.execute(query).fetchall())

    def stems(self) -> list[str]:
        """The exercise notebooks that somebody has handed in."""
        query = "SELECT DISTINCT stem FROM results WHERE stem != '' ORDER BY stem"
        return [stem for (stem,) in self._db.execute(query)]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
