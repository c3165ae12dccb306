"""The browser edition on a port of its own, with a record of what it was asked for."""

import threading
from urllib.parse import quote

import uvicorn

from asynclab.site.server import application, listen

LAN = "classroom.lan"  # leads here, and is another computer to the browser
PATHS = {"lab": "lab", "notebook": "notebooks"}


class SiteServer:
    """Serves a built site at ``url``.

    Attributes:
        host: the name that it is called by; any that leads to this computer.
        url: of the first page, without a slash at the end.
        paths: everything that was asked for, in order.
        lost: what was asked for and is not there.
        sent: bytes of all bodies.
    """

    def __init__(self, folder):
        self.paths, self.lost, self.sent = [], [], 0
        self._files = application(folder)
        options = {"interface": "asgi3", "lifespan": "off", "log_level": "warning"}
        self._server = uvicorn.Server(uvicorn.Config(self._answer, **options))
        self._socket = listen("127.0.0.1", 0)  # a visitor may come before the server has started
        self.host = "127.0.0.1"
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()

    @property
    def url(self):
        return f"http://{self.host}:{self._socket.getsockname()[1]}"

    async def _answer(self, scope, receive, send):
        async def counted(message):
            if message.get("status") == 404:
                self.lost.append(scope["path"])
            self.sent += len(message.get("body", b""))
            await send(message)

        self.paths.append(scope["path"])
        await self._files(scope, receive, counted)

    def address(self, place, path):
        """Where a notebook is opened."""
        return f"{self.url}/{PATHS[place]}/index.html?path={quote(path)}"

    def stop(self):
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
