"""The picture as an HTML table, for readers who do not see it."""

from __future__ import annotations

from html import escape
from typing import Any

from .words import comparison, count, seconds

__all__ = ["html_table"]

MOST_ROWS = 200
COLUMNS = ("task", "started", "ended", "outcome", "what happened")


def html_table(drawings: list[dict[str, Any]]) -> str:
    """The drawings as tables, one for each run, its summary as caption.

    With very many tasks, those that did not finish come first and the rest is counted.

    Args:
        drawings: what :func:`asynclab.picture.layout.drawing` made.
    """
    headline = comparison(drawings)
    heading = f"<p>{escape(headline)}</p>" if headline else ""
    return heading + "".join(_table(drawing) for drawing in drawings)


def _table(drawing: dict[str, Any]) -> str:
    tasks = drawing["tasks"]
    if len(tasks) > MOST_ROWS:
        tasks = sorted(tasks, key=lambda task: task["outcome"] == "finished")[:MOST_ROWS]
    heads = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    caption = escape(f"{drawing['title']}: {drawing['summary']}")
    return (
        f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(map(_row, tasks))}</tbody></table>"
        + _hidden(len(drawing["tasks"]) - len(tasks))
        + _blocked(drawing)
    )


def _row(task: dict[str, Any]) -> str:
    started = next((span[1] for span in task["spans"] if span[0] == "running"), None)
    cells = (
        "never" if started is None else seconds(started),
        "not yet" if task["ended"] is None else seconds(task["ended"]),
        task["outcome"],
        task["story"],
    )
    label = f'<th scope="row">{escape(task["label"])}</th>'
    return f"<tr>{label}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _hidden(number: int) -> str:
    return f"<p>and {count(number, 'more task')}</p>" if number else ""


def _blocked(drawing: dict[str, Any]) -> str:
    """The intervals in which the loop was blocked, and the harm that each did."""
    labels = [task["label"] for task in drawing["tasks"]]
    items = []
    for block in drawing["blocked"]:
        line = f" (line {block['line']})" if block["line"] else ""
        late = [f"{labels[i]} {seconds(s)} late" for i, s in block["harm"][:MOST_ROWS]]
        when = f"{seconds(block['start'])} to {seconds(block['end'])}"
        words = f"loop blocked by {block['by']}{line} from {when}"
        items.append(f"<li>{escape(': '.join([words, ', '.join(late)]) if late else words)}</li>")
    return f"<ul>{''.join(items)}</ul>" if items else ""
