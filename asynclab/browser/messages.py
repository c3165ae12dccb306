"""Messages: what a widget is told arrives as JSON, as it does from a kernel on a computer.

JupyterLite's kernel converts each value by itself, which takes long, and makes ``undefined`` of
None, where a widget expects ``null``.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["install"]


def install(shell: Any) -> None:
    """From now on, messages of widgets are JSON.

    Args:
        shell: the shell of JupyterLite's kernel; any other is left as it is.
    """
    if not hasattr(shell, "send_comm"):
        return
    from js import JSON  # noqa: PLC0415 - part of Pyodide

    send = shell.send_comm

    def send_json(kind: str, content: dict[str, Any], *more: Any) -> None:
        send(kind, JSON.parse(json.dumps(content)), *more)

    shell.send_comm = send_json
