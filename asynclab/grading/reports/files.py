"""Files: writes every report of a run."""

from __future__ import annotations

from pathlib import Path

from asynclab.grading.store import Store

from .tables import write_csv, write_json

__all__ = ["write_reports"]


def write_reports(store: Store, folder: Path) -> None:
    """Write every report.

    Args:
        store: the results.
        folder: where they go.
    """
    write_json(store.records(), folder / "results.json")
    write_csv(store.records(), folder / "results.csv")
