"""Shown: what the cells of the lessons show on a computer, for a browser that cannot run them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from asynclab.browser.elsewhere import digest

__all__ = ["shown"]


def shown(notebooks: Path) -> dict[str, str]:
    """The outputs in plain characters, by the digest of the cell.

    Args:
        notebooks: a folder of notebooks that hold their outputs.
    """
    found = {}
    for path in sorted(notebooks.glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if text := "\n".join(_texts(cell)).strip():
                found[digest("".join(cell["source"]))] = text
    return found


def _texts(cell: dict) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        if output["output_type"] == "stream":
            yield "".join(output["text"])
        elif "text/plain" in output.get("data", {}):
            yield "".join(output["data"]["text/plain"])
