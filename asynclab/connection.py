"""Connection: how the course's Jupyter server carries messages to the browser.

Only ``course.py`` names it, as an option of the server; nothing else imports it, so a kernel never
loads the server's packages.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["PromptConnection"]


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Sends each message at once.

    A kernel first says that it is busy and sends the picture a millisecond later. By default TCP
    holds such a second small packet back until the first one is acknowledged, and the other end
    may take 40 ms for that (RFC 896 and RFC 1122, 4.2.3.2): longer than all the rest of a move of
    a slider.
    """

    def connect(self) -> Awaitable[Any] | None:
        """Begin to forward messages."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
