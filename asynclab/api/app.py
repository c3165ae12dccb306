"""App: the practice API, a small JSON service with faults to order.

Data: ``/users``, ``/posts``, ``/todos``, ``/comments``, each with ``/{id}``.
Practice: ``/delay/{seconds}``, ``/status/{code}``, ``/flaky/{key}?fail=2``.
About the API, never counted and never delayed: ``/``, ``/stats``, ``/knobs``, ``/reset``.

Everything is plain asyncio and takes its time from the running loop, so that the same app runs
on the virtual clock, in a browser and under uvicorn.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .accounts import Account, Accounts, Refusal
from .data import COLLECTIONS, Record
from .faults import Knobs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    Endpoint = Callable[[Request], Awaitable[Response]]

__all__ = ["DEFAULT_KEY", "HANG_UP", "KEY_HEADER", "create_app"]

KEY_HEADER = "X-Client-Key"
DEFAULT_KEY = "default"

HANG_UP = "asynclab.hang_up"
"""The ASGI message that asks whoever carries the answer to close the connection instead."""

FILTERS = {"users": (), "posts": ("userId",), "todos": ("userId",), "comments": ("postId",)}
LONGEST_DELAY = 3600.0


def create_app(knobs: Knobs | None = None) -> Starlette:
    """A fresh practice API with its own counts.

    It needs a carrier that knows how to drop a connection: :func:`asynclab.api.client` in
    process, :func:`asynclab.api.serve` over sockets.

    Args:
        knobs: the settings of every client key that sets none of its own.
    """
    app = Starlette(routes=_routes(), exception_handlers={HTTPException: _on_http_error})
    app.state.accounts = Accounts(knobs or Knobs())
    return app


def _routes() -> list[Route]:
    data = [_data_routes(name) for name in COLLECTIONS]
    return [
        *(route for pair in data for route in pair),
        Route("/delay/{seconds}", _practice(_delay, pace=_seconds), methods=["GET", "POST"]),
        Route("/status/{code}", _practice(_status), methods=["GET", "POST"]),
        Route("/flaky/{key}", _practice(_flaky), methods=["GET", "POST"]),
        Route("/", _index),
        Route("/stats", _stats),
        Route("/stats/all", _all_stats),
        Route("/knobs", _read_knobs),
        Route("/knobs", _set_knobs, methods=["PUT", "PATCH"]),
        Route("/reset", _reset, methods=["POST"]),
    ]


# -- limits and faults, before every practice request -------------------------------------------


class _HangUp(Response):
    """No answer: the connection is closed."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": HANG_UP})


def _practice(endpoint: Endpoint, *, pace: Callable[[Request], float] | None = None) -> Endpoint:
    """The endpoint behind the limits and the faults of the client who asks.

    Args:
        endpoint: what answers when nothing goes wrong.
        pace: the seconds that this request takes; None: the latency of the knobs.
    """

    async def handle(request: Request) -> Response:
        account = _account(request)
        fate = account.fate(request.method, f"{request.url.path}?{request.url.query}")
        refusal = account.admit(asyncio.get_running_loop().time())
        if refusal is not None:
            await asyncio.sleep(fate.delay)
            return _refused(refusal)
        with account.visit() as visit:
            if fate.stalls:
                await asyncio.Event().wait()  # until the client gives up, which cancels us
            await asyncio.sleep(pace(request) if pace else fate.delay)
            if fate.drops:
                visit.outcome = "dropped"
                return _HangUp()
            if fate.fails:
                visit.outcome = "failed"
                return _problem(500, "The API failed here, as failure_rate asks it to.")
            return await endpoint(request)

    return handle


def _refused(refusal: Refusal) -> Response:
    response = _problem(refusal.status, refusal.sentence)
    if refusal.wait:
        # HTTP has whole seconds here, and a client that comes back too early is refused again
        response.headers["Retry-After"] = str(math.ceil(refusal.wait))
    return response


# -- data ---------------------------------------------------------------------------------------


def _data_routes(name: str) -> tuple[Route, Route]:
    async def read_all(request: Request) -> Response:
        found = _filtered(name, request)
        headers = {"X-Total-Count": str(len(found))}
        return JSONResponse(_paged(found, request), headers=headers)

    async def read_one(request: Request) -> Response:
        records = COLLECTIONS[name]
        number = _whole("the id", request.path_params["id"])
        if number > len(records):
            raise HTTPException(404, f"/{name} has the ids 1 to {len(records)}, not {number}.")
        return JSONResponse(records[number - 1])

    return Route(f"/{name}", _practice(read_all)), Route(f"/{name}/{{id}}", _practice(read_one))


def _filtered(name: str, request: Request) -> list[Record]:
    known = (*FILTERS[name], "page", "limit")
    for parameter in request.query_params:
        if parameter not in known:
            raise HTTPException(400, f"/{name} knows {', '.join(known)}, not {parameter!r}.")
    wanted = {key: _parameter(request, key) for key in FILTERS[name]}
    return [
        record
        for record in COLLECTIONS[name]
        if all(value is None or record[key] == value for key, value in wanted.items())
    ]


def _paged(records: list[Record], request: Request) -> list[Record]:
    page, limit = _parameter(request, "page"), _parameter(request, "limit")
    if page is None and limit is None:
        return records
    limit = limit or 10
    start = ((page or 1) - 1) * limit
    return records[start : start + limit]


def _parameter(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    return None if text is None else _whole(name, text)


def _whole(what: str, text: str, low: int = 1) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= low):
        raise HTTPException(400, f"{what} must be a whole number from {low}, not {text!r}.")
    return int(text)


# -- practice -----------------------------------------------------------------------------------


async def _delay(request: Request) -> Response:
    return JSONResponse({"delay": _seconds(request)})


def _seconds(request: Request) -> float:
    text = request.path_params["seconds"]
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if 0 <= seconds <= LONGEST_DELAY:
        return seconds
    wanted = f"seconds from 0 to {LONGEST_DELAY:g}, as in /delay/0.5"
    raise HTTPException(400, f"/delay takes {wanted}, not {text!r}.")


async def _status(request: Request) -> Response:
    status = _known_status(request.path_params["code"])
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return Response(status_code=status)
    if status >= 400:
        return _problem(status, f"{status.phrase}: you asked for status {status}.")
    return JSONResponse({"status": int(status), "phrase": status.phrase}, int(status))


def _known_status(text: str) -> HTTPStatus:
    known = {str(int(status)): status for status in HTTPStatus if status >= 200}
    if text not in known:
        raise HTTPException(400, f"/status takes a code, as in /status/404, not {text!r}.")
    return known[text]


async def _flaky(request: Request) -> Response:
    key = request.path_params["key"]
    fail = _whole("fail", request.query_params.get("fail", "1"), low=0)
    calls = _account(request).flaky
    calls[key] += 1
    if calls[key] <= fail:
        return _problem(503, f"{key} fails {fail} times, and this was call {calls[key]}.")
    return JSONResponse({"key": key, "call": calls[key]})


# -- about the API ------------------------------------------------------------------------------


async def _index(_request: Request) -> Response:
    practice = ["/delay/0.5", "/status/404", "/flaky/door?fail=2"]
    data = [f"/{name}" for name in COLLECTIONS]
    return JSONResponse({"data": data, "practice": practice, "about": ["/stats", "/knobs"]})


async def _stats(request: Request) -> Response:
    return JSONResponse(asdict(_account(request).stats))


async def _all_stats(request: Request) -> Response:
    accounts: Accounts = request.app.state.accounts
    return JSONResponse({key: asdict(account.stats) for key, account in accounts.by_key.items()})


async def _read_knobs(request: Request) -> Response:
    return JSONResponse(asdict(_account(request).knobs))


async def _set_knobs(request: Request) -> Response:
    """PATCH sets the knobs that are named; PUT also puts the others back to where they began."""
    account, changes = _account(request), await _object(request)
    before = request.app.state.accounts.knobs if request.method == "PUT" else account.knobs
    try:
        account.knobs = before.changed(**changes)
    except ValueError as error:
        raise HTTPException(400, f"{error}.") from None
    return JSONResponse(asdict(account.knobs))


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    raise HTTPException(400, 'The body must be a JSON object of knobs, as in {"latency": 0.2}.')


async def _reset(request: Request) -> Response:
    account = _account(request)
    account.reset()
    return JSONResponse(asdict(account.stats))


def _account(request: Request) -> Account:
    return request.app.state.accounts[request.headers.get(KEY_HEADER, DEFAULT_KEY)]


def _problem(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, int(status))


async def _on_http_error(request: Request, error: HTTPException) -> Response:
    sentence = error.detail
    if error.status_code == 404 and sentence == HTTPStatus.NOT_FOUND.phrase:
        sentence = f"There is nothing at {request.url.path}; / lists what there is."
    if error.status_code == 405:
        sentence = f"{request.url.path} does not answer {request.method}."
    return JSONResponse({"error": sentence}, error.status_code, headers=error.headers)
