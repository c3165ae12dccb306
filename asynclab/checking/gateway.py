"""Gateway: a service over HTTP in which every try of a path has a fate of its own.

The item ``/reports/3 (try 2)`` is the second request for ``/reports/3``. Its answer in the case is
its fate: a :func:`refusal` becomes a response with that status, a failing item a connection that is
closed without an answer, a very long delay an answer that never comes, and anything else is JSON.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx

from .service import Service, Unreachable

__all__ = ["gateway", "nth_try", "number_of", "path_of", "refusal", "status_of"]

_MARK = " (try "


def nth_try(path: str, number: int) -> str:
    """The item of this request for a path.

    Args:
        path: what is asked for.
        number: 1 for the first request.
    """
    return f"{path}{_MARK}{number})"


def path_of(item: str) -> str:
    """The path of an item."""
    return item.partition(_MARK)[0]


def number_of(item: str) -> int:
    """Which request for its path an item is; the first is 1."""
    return int(item.partition(_MARK)[2].rstrip(")"))


def refusal(status: int, *, told: int | None = None) -> dict[str, Any]:
    """The answer that makes a response with this status.

    Args:
        status: 400 or more.
        told: seconds of a ``Retry-After`` header; None: there is none.
    """
    headers = {} if told is None else {"Retry-After": str(told)}
    return {"status": status, "headers": headers}


def status_of(answer: Any) -> int:
    """The status with which an answer goes over HTTP."""
    return answer["status"] if isinstance(answer, dict) and "status" in answer else 200


def gateway(service: Service) -> httpx.AsyncClient:
    """A client of the service. Its own time limits do nothing: it has no sockets.

    Args:
        service: its items are made by :func:`nth_try`.
    """
    asked: Counter[str] = Counter()

    async def respond(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        asked[path] += 1
        try:
            answer = await service.ask(nth_try(path, asked[path]))
        except KeyError:
            return httpx.Response(404, json={"error": "status 404"})
        except Unreachable:
            words = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(words, request=request) from None
        if (status := status_of(answer)) == 200:
            return httpx.Response(200, json=answer)
        return httpx.Response(status, headers=answer["headers"], json={"error": f"status {status}"})

    return httpx.AsyncClient(
        transport=httpx.MockTransport(respond),
        base_url="http://api.test",
        trust_env=False,
    )
