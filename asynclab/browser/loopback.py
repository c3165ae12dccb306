"""Loopback: sockets in memory, between the programs of one virtual loop.

A browser tab cannot listen, and a virtual clock cannot wait for a wire. So a connection here is a
pair of transports that hand bytes to each other. Servers and clients above it, such as asyncio's
streams, uvicorn and httpx with its pool, are the real ones and notice no difference.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from asyncio.base_events import Server
from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

from asynclab.clock import RealIO, VirtualLoop

__all__ = ["install"]

HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})  # noqa: S104 - names of this tab

_ports = count(49152)  # from here on, no port has a meaning of its own
_listening: dict[int, _Listener] = {}

Factory = Callable[[], asyncio.Protocol]


def install() -> None:
    """Give every virtual loop these sockets, and ``socket.create_server``."""
    for method in (create_server, create_connection, _start_serving, _stop_serving):
        setattr(VirtualLoop, method.__name__, method)
    socket.create_server = lambda address, **_: _Listener(*address[:2])


class _Socket:
    """What programs ask a socket for, besides its bytes."""

    family, type, proto = socket.AF_INET, socket.SOCK_STREAM, 0

    def __init__(self, own: tuple[str, int], peer: tuple[str, int] | None = None) -> None:
        self._own, self._peer = own, peer
        self.is_over = False

    def getsockname(self) -> tuple[str, int]:
        return self._own

    def getpeername(self) -> tuple[str, int]:
        if self._peer is None:
            raise OSError(errno.ENOTCONN, "not connected")
        return self._peer

    def fileno(self) -> int:
        """For httpx, which looks whether an idle connection has something to read, or is over."""
        return -1 if self.is_over else _quiet_file()

    def setsockopt(self, *_: object) -> None:
        """There is no network whose ways could be set."""


@cache
def _quiet_file() -> int:
    """A file from which there is never anything to read."""
    return os.pipe()[0]


class _Listener(_Socket):
    """A socket that listens from its first moment on; who connects waits for the server."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host or "127.0.0.1", port or next(_ports)))
        if self._own[1] in _listening:
            raise OSError(errno.EADDRINUSE, f"port {self._own[1]} is taken")
        _listening[self._own[1]] = self
        self.factory: Factory | None = None
        self.server: Server | None = None
        self.served = asyncio.Event()

    def listen(self, _backlog: int) -> None:
        """It does already."""

    def close(self) -> None:
        _listening.pop(self._own[1], None)


class _Transport(asyncio.Transport):
    """One end of a connection. What it is given arrives at the other in the loop's next turn."""

    def __init__(
        self, loop: VirtualLoop, protocol: asyncio.Protocol, own: _Socket, server: Server | None
    ) -> None:
        super().__init__({"socket": own, "sockname": own._own, "peername": own._peer})
        self._loop, self._protocol, self._socket, self._server = loop, protocol, own, server
        self._arrived: deque[bytes | None] = deque()  # None: the other end sends no more
        self._reads, self._closing = True, False
        self.peer: _Transport = self

    # -- towards the other end -------------------------------------------------------------

    def write(self, data: bytes) -> None:
        if not self._closing and data:
            self._loop.call_soon(self.peer._arrive, bytes(data))

    def write_eof(self) -> None:
        self._loop.call_soon(self.peer._arrive, None)

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits here to be sent."""

    def close(self) -> None:
        if not self._closing:
            self._closing = self._socket.is_over = True
            self.write_eof()
            self._loop.call_soon(self._end)

    abort = close

    def is_closing(self) -> bool:
        return self._closing

    def _end(self) -> None:
        self._protocol.connection_lost(None)
        if self._server is not None:
            self._server._detach(self)

    # -- from the other end ----------------------------------------------------------------

    def _arrive(self, data: bytes | None) -> None:
        self._arrived.append(data)
        self._socket.is_over |= data is None
        self._deliver()

    def _deliver(self) -> None:
        while self._arrived and self._reads and not self._closing:
            data = self._arrived.popleft()
            if data is not None:
                self._protocol.data_received(data)
            elif not self._protocol.eof_received():
                self.close()

    def pause_reading(self) -> None:
        self._reads = False

    def resume_reading(self) -> None:
        self._reads = True
        self._loop.call_soon(self._deliver)

    def is_reading(self) -> bool:
        return self._reads

    def get_protocol(self) -> asyncio.Protocol:
        return self._protocol

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        self._protocol = protocol


# -- methods of the loop -------------------------------------------------------------------


async def create_server(
    self: VirtualLoop,
    factory: Factory,
    host: str | None = None,
    port: int | None = None,
    *,
    sock: _Listener | None = None,
    start_serving: bool = True,
    **_: Any,
) -> Server:
    """As asyncio does it; the server is asyncio's own."""
    server = Server(self, [sock or _Listener(host, port)], factory, None, 100, None, None)
    if start_serving:
        server._start_serving()
        await asyncio.sleep(0)
    return server


def _start_serving(
    _: VirtualLoop, factory: Factory, listener: _Listener, _ssl: None, server: Server, *__: Any
) -> None:
    listener.factory, listener.server = factory, server
    listener.served.set()


def _stop_serving(_: VirtualLoop, listener: _Listener) -> None:
    listener.close()


async def create_connection(
    self: VirtualLoop, factory: Factory, host: str | None = None, port: int | None = None, **_: Any
) -> tuple[_Transport, asyncio.Protocol]:
    """As asyncio does it, to whatever listens in this tab.

    Raises:
        RealIO: it is an address outside.
        ConnectionRefusedError: nobody listens there.
    """
    if host not in HOSTS:
        raise RealIO(f"{host} is outside of this tab, which has no sockets")
    if (listener := _listening.get(port)) is None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, f"nobody listens on {host}, port {port}")
    await listener.served.wait()
    own, there = (host, next(_ports)), listener.getsockname()
    near = _Transport(self, factory(), _Socket(own, there), None)
    far = _Transport(self, listener.factory(), _Socket(there, own), listener.server)
    near.peer, far.peer = far, near
    listener.server._attach(far)
    far.get_protocol().connection_made(far)
    near.get_protocol().connection_made(near)
    await asyncio.sleep(0)
    return near, near.get_protocol()
