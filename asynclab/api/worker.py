"""Worker: the process that answers real sockets with the practice API under uvicorn.

:class:`asynclab.api.server.serve` starts it as ``python -m asynclab.api.worker``. It reads one
line of JSON from its standard input, ``{"host", "port", "knobs"}``, writes one line of JSON,
``{"url"}`` or ``{"error"}``, and ends when its standard input does: when the parent closes the
pipe, or dies.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from .app import HANG_UP, create_app
from .faults import Knobs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Worker", "listen", "url_of"]


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; clients may connect from now on, and wait for the first answer.

    Args:
        host: name or address to listen on.
        port: 0 takes any free port.

    Raises:
        OSError: the port is taken, or there is no such host.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def url_of(listener: socket.socket) -> str:
    """The base URL under which the socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Worker:
    """The practice API under uvicorn on one listening socket.

    Args:
        listener: from :func:`listen`.
        knobs: the settings of every client key that sets none of its own.
    """

    def __init__(self, listener: socket.socket, knobs: Knobs) -> None:
        config = uvicorn.Config(
            _Connection(create_app(knobs)),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_level="error",
            timeout_graceful_shutdown=1,
        )
        self._listener = listener
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Answer until Ctrl-C or the end of the process."""
        self._server.run(sockets=[self._listener])

    def start(self) -> None:
        """Answer in a task of the running loop, until :meth:`stop`."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        """End that task, and wait for it."""
        self._server.should_exit = True
        await self._serving


class _Connection:
    """The app, with what uvicorn lacks: a dropped connection, and handlers that stop at hang-up."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def carry(message: Message) -> None:
            if message["type"] == HANG_UP:
                # ASGI has no message for this; uvicorn's send is a method of what has the socket
                send.__self__.transport.abort()
                await _hang_up(receive)
            else:
                await send(message)

        body = await _body(receive)
        handler = asyncio.create_task(self._app(scope, _replay(body), carry))
        left = asyncio.create_task(_hang_up(receive))
        try:
            await asyncio.wait({handler, left}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
            handler.cancel()
            with suppress(asyncio.CancelledError):
                await handler


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# -- the child of serve() -----------------------------------------------------------------------


def _main() -> None:
    wish = json.loads(sys.stdin.readline())
    try:
        listener = listen(wish["host"], wish["port"])
    except OSError as error:
        _say({"error": str(error)})
        return
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    _say({"url": url_of(listener)})
    Worker(listener, Knobs(**wish["knobs"])).run()


def _say(words: dict[str, str]) -> None:
    print(json.dumps(words), flush=True)


def _end_with_stdin() -> None:
    while sys.stdin.read(1):
        pass
    os._exit(0)  # at once: there is nothing to save, and a stalled request would wait for ever


if __name__ == "__main__":
    _main()
