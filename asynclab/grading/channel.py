"""Channel: JSON messages, one a line, between the grader and a sandbox. Bounded on both sides."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

__all__ = ["Channel", "Closed", "TooLate", "TooLong"]

CHUNK = 1 << 16


class Closed(EOFError):
    """The other side has ended."""


class TooLate(TimeoutError):
    """The deadline has passed."""


class TooLong(ValueError):
    """A line, or their number, is over the limit."""


class Channel:
    """One end.

    Args:
        connection: a stream socket.
        line_limit: bytes of one line.
        lines: how many lines may come in.
    """

    def __init__(
        self, connection: socket.socket, line_limit: int = 1 << 26, lines: int = 1 << 30
    ) -> None:
        self._socket = connection
        self._line_limit = line_limit
        self._lines_left = lines
        self._buffer = bytearray()
        self._seen = 0  # of the buffer: no line ends before this
        self.deadline: float | None = None  # on time.monotonic()

    def send(self, message: dict[str, Any] | bytes) -> None:
        """Send one message, as a dict or as the JSON of one.

        Raises:
            Closed: the other side has ended.
            TooLate: it did not read in time.
        """
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.send_exactly(data + b"\n")

    def send_exactly(self, data: bytes) -> None:
        """Send bytes that are no message.

        Raises:
            Closed: the other side has ended.
            TooLate: it did not read in time.
        """
        self._set_timeout()
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise TooLate from None
        except OSError as error:
            raise Closed(str(error)) from None

    def receive(self) -> bytes:
        """The next line, without its end.

        Raises:
            Closed: the other side has ended.
            TooLate: the deadline has passed.
            TooLong: the line, or the number of lines, is over the limit.
        """
        while (end := self._buffer.find(b"\n", self._seen)) < 0:
            self._seen = len(self._buffer)
            if self._seen > self._line_limit:
                raise TooLong(f"a message of more than {self._line_limit} bytes")
            self._buffer += self._more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._seen = 0
        self._lines_left -= 1
        if self._lines_left < 0:
            raise TooLong("too many messages")
        return line

    def receive_exactly(self, size: int) -> bytes:
        """The next bytes, which are no message.

        Raises:
            Closed: the other side has ended.
            TooLate: the deadline has passed.
        """
        while len(self._buffer) < size:
            self._buffer += self._more()
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _more(self) -> bytes:
        self._set_timeout()
        try:
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            raise TooLate from None
        except OSError as error:
            raise Closed(str(error)) from None
        if not data:
            raise Closed("end of the stream")
        return data

    def _set_timeout(self) -> None:
        if self.deadline is None:
            return
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooLate
        self._socket.settimeout(left)
