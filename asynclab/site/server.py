"""Server: the site on this machine, for one learner or for a classroom."""

from __future__ import annotations

import mimetypes
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from .errors import SiteError

__all__ = ["address", "application", "listen", "serve"]

FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"  # a notebook that was updated is seen at the next visit
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
         ".ipynb": "application/json", ".whl": "application/zip"}  # fmt: skip


class _Files(StaticFiles):
    """Files with the types that browsers insist on, whatever this machine's registry says."""

    async def get_response(self, path: str, scope: dict) -> Response:
        response = await super().get_response(path, scope)
        # The name of Python's folder changes with what is in it.
        for_good = path.startswith("python-") and response.status_code == 200
        response.headers["Cache-Control"] = FOR_GOOD if for_good else ASK_AGAIN
        return response


def application(folder: Path) -> Starlette:
    """The site as an ASGI application.

    Args:
        folder: of a site that was built.
    """
    for suffix, kind in TYPES.items():
        mimetypes.add_type(kind, suffix)
    # The lightest level: a room of learners comes at once, and the network is slower than that.
    return Starlette(
        routes=[Mount("/", _Files(directory=folder, html=True))],
        middleware=[Middleware(GZipMiddleware, compresslevel=1)],
    )


def serve(folder: Path, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Serve a site until Ctrl-C.

    Args:
        folder: of a site that was built.
        listener: where to hear of visitors.
        announce: called with the address to type, once there is somebody to answer.
    """
    announce(address(*listener.getsockname()[:2]))
    config = uvicorn.Config(application(folder), log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Take an address, before anything is built that could not be served there.

    Args:
        host: to listen on; ``0.0.0.0`` is reached from the network.
        port: 0 takes any free one.

    Raises:
        SiteError: nobody can listen there.
    """
    try:
        return socket.create_server((host, port), family=_family(host))
    except OSError as error:
        raise SiteError(
            f"nothing can listen on {host}, port {port} ({error.strerror or error}): "
            "choose another with --host and --port, or --port 0 for any that is free."
        ) from None


def address(host: str, port: int) -> str:
    """What to type into a browser, on this machine or another of its network."""
    if host == "0.0.0.0":  # noqa: S104 - the learner has asked for it
        host = _own_address()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _own_address() -> str:
    """The address of this machine in its network; loopback if there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only chooses a way out
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]
