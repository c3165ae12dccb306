"""Messages: what widgets tell and are told is JSON, as between a kernel of a computer and a page.

JupyterLite's kernel converts each value by itself, which takes long, and makes ``undefined`` of
None, where a widget expects ``null``. The other way round, ``null`` arrives as an object of its own
kind, where Python expects None.
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
    from pyodide.ffi import jsnull  # noqa: PLC0415 - likewise

    send, comms = shell.send_comm, shell.kernel.comm_manager
    receive = comms.comm_msg

    def send_json(kind: str, content: dict[str, Any], *more: Any) -> None:
        send(kind, JSON.parse(json.dumps(content)), *more)

    def receive_json(stream: Any, sender: Any, message: dict[str, Any]) -> None:
        receive(stream, sender, _with_none(message, jsnull))

    shell.send_comm, comms.comm_msg = send_json, receive_json


def _with_none(value: Any, null: Any) -> Any:
    """The same, with None for every null."""
    if isinstance(value, dict):
        return {key: _with_none(item, null) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_none(item, null) for item in value]
    return None if value is null else value
