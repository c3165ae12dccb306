"""Transport: an ordinary httpx client that reaches the practice API, in process or over sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from .accounts import Stats
from .app import DEFAULT_KEY, HANG_UP, KEY_HEADER, create_app
from .faults import Knobs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["InProcess", "client", "stats"]

BASE_URL = "http://api.test"
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)  # httpx's own


def client(
    base_url: str | None = None,
    *,
    app: ASGIApp | None = None,
    key: str = DEFAULT_KEY,
    timeout: httpx.Timeout | float | None = 5.0,
    limits: httpx.Limits = LIMITS,
    **knobs: Any,
) -> httpx.AsyncClient:
    """An ``httpx.AsyncClient`` that talks to the practice API.

    Without a ``base_url`` it talks to a fresh API of its own in this process: no sockets, so it
    works on the virtual clock and in a browser. Timeouts, dropped connections and cancellation
    are as over sockets. A pool is not: ``limits`` and ``PoolTimeout`` need real sockets, that is
    the ``base_url`` of :func:`serve`.

    Args:
        base_url: where an API answers already, such as what :func:`serve` gives.
        app: an API in this process to share, from :func:`create_app`.
        key: who asks; every key has its own knobs and its own counts.
        timeout: seconds, as httpx takes it.
        limits: connections in the pool, as httpx takes them.
        knobs: settings of the fresh API, the fields of :class:`Knobs`: ``latency=0.1``,
            ``failure_rate=0.2``, ``seed=7`` ...

    Raises:
        ValueError: a knob is unknown or out of its range, or the API is not a fresh one.
    """
    if knobs and (base_url is not None or app is not None):
        raise ValueError(
            f"{', '.join(knobs)}: knobs belong to the API, and this one exists already; give them "
            "to serve() or create_app(), or send them: await client.patch('/knobs', json={...})"
        )
    transport = None
    if base_url is None:
        transport = InProcess(app or create_app(Knobs().changed(**knobs)))
    return httpx.AsyncClient(
        base_url=base_url or BASE_URL,
        transport=transport,
        headers={KEY_HEADER: key},
        timeout=timeout,
        limits=limits,
        trust_env=False,  # a proxy set on this machine cannot reach its loopback
    )


async def stats(client: httpx.AsyncClient) -> Stats:
    """What this client's key did so far. Asking is not counted and takes no time.

    Args:
        client: a client from :func:`client`, in process or over sockets.
    """
    response = await client.get("/stats")
    return Stats(**response.raise_for_status().json())


class InProcess(httpx.AsyncBaseTransport):
    """Hands requests to an ASGI app, and has the faults that a socket has.

    ``httpx.ASGITransport`` knows neither read timeouts nor dropped connections; both surface here
    as the exceptions that httpx raises over a socket. The app runs in the caller's task, so that
    cancelling the call cancels the handler.

    Args:
        app: the ASGI app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app=_Connection(app))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, or raise what a socket would."""
        seconds = request.extensions.get("timeout", {}).get("read")
        try:
            async with asyncio.timeout(seconds):
                return await self._transport.handle_async_request(request)
        except TimeoutError:
            asked = f"{request.method} {request.url.raw_path.decode()}"
            raise httpx.ReadTimeout(f"no answer to {asked} within {seconds:g} s") from None


class _Connection:
    """The app, with a drop turned into the error that the client sees."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def carry(message: Message) -> None:
            if message["type"] == HANG_UP:
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
            await send(message)

        await self._app(scope, receive, carry)
