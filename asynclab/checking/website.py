"""Website: a FastAPI app around a learner's handler, and its readers, with no network in between.

It talks to the app as a server does, in ASGI: a request has a task of its own, the reader has the
answer when its last byte is sent, and a reader who leaves is announced and cancels nobody.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response

from .plain import Copy

__all__ = ["Website"]

Handler = Callable[[Request], Awaitable[Any]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing_to_open(_: FastAPI) -> AsyncIterator[None]:
    yield


class Website:
    """A site of some pages.

    Args:
        pages: the handler of each path.
        lifespan: what is open as long as the site is.
        state: what handlers find in ``request.app.state``.
    """

    def __init__(
        self, pages: dict[str, Handler], *, lifespan: Lifespan = _nothing_to_open, **state: Any
    ) -> None:
        self._app = FastAPI(lifespan=lifespan, openapi_url=None)
        for path, handler in pages.items():
            self._app.get(path, response_model=None)(_endpoint(handler))
        for name, value in state.items():
            setattr(self._app.state, name, value)

    async def serve(self, *paths: str, leaves: float | None = None) -> list[dict[str, Any]]:
        """Open the site, let a reader ask for each path at once, and close it after the last.

        What a handler raises comes out when all have ended.

        Args:
            paths: with the query, as in ``/tides?harbour=Ebb``.
            leaves: seconds after which the readers leave; None if they stay.

        Returns:
            For each reader the ``status`` and the ``page`` of the answer, and the ``time`` at which
            it was there, in seconds; what a reader who has left has not seen is None.
        """
        readers = [_Reader(self._app, path, leaves) for path in paths]
        async with self._app.router.lifespan_context(self._app):
            tasks = [asyncio.create_task(r.read(), name=f"reader of {r.path}") for r in readers]
            await asyncio.wait(tasks)
            try:
                for task in tasks:
                    await task
            finally:
                del task, tasks  # an exception holds this frame, which must not hold the exception
        return [reader.answer for reader in readers]


def _endpoint(handler: Handler) -> Handler:
    async def page(request: Request) -> Any:
        given = await handler(request)
        if isinstance(given, Response):
            return given
        request.scope["page"] = given
        # JSON cannot hold a coroutine or an exception. The check says what it is, no encoder.
        return Copy(given).value

    return page


class _Reader:
    """One request, from outside."""

    def __init__(self, app: FastAPI, path: str, leaves: float | None) -> None:
        self.path, _, query = path.partition("?")
        self.answer: dict[str, Any] = {"status": None, "page": None, "time": None}
        self._app = app
        self._leaves = leaves
        self._gone = asyncio.Event()
        self._has_asked = False
        self._body = b""
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"post")],
            "client": ("reader", 1),
            "server": ("post", 80),
        }

    async def read(self) -> None:
        """Ask, and stay or leave; it ends when the app has done with the request."""
        leaving = None
        if self._leaves is not None:
            leaving = asyncio.get_running_loop().call_later(self._leaves, self._gone.set)
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            if leaving is not None:
                leaving.cancel()

    async def _receive(self) -> dict[str, Any]:
        if not self._has_asked:
            self._has_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if self._gone.is_set():
            return  # as a server does: nobody is there, and nothing is raised
        if message["type"] == "http.response.start":
            self.answer["status"] = message["status"]
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            self.answer |= {"page": self._page(), "time": asyncio.get_running_loop().time()}
            self._gone.set()

    def _page(self) -> Any:
        if "page" in self._scope:
            return self._scope["page"]
        try:
            return json.loads(self._body)
        except ValueError:
            return self._body.decode(errors="replace")
