"""Server: the practice API on real sockets, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from .faults import Knobs

__all__ = ["Server", "ServerError", "main", "serve"]

START_LIMIT = 30.0  # seconds; a loaded laptop with a virus scanner needs several
STOP_LIMIT = 5.0  # seconds
WORKER = ["-P", "-m", "asynclab.api.worker"]  # -P: a learner's queue.py must not be found first


class ServerError(RuntimeError):
    """The practice API could not be started."""


def serve(*, host: str = "127.0.0.1", port: int = 0, **knobs: Any) -> Server:
    """Run the practice API in its own process for the length of a ``with`` block.

    ``with serve() as base_url:`` and ``async with serve() as base_url:`` do the same. The process
    ends with the block, and also when this process dies, however it dies.

    Args:
        host: name or address to listen on; loopback unless others are meant to reach it.
        port: 0 takes any free port.
        knobs: settings of every client key that sets none of its own, the fields of
            :class:`Knobs`: ``latency=0.1``, ``drop_rate=0.2``, ``seed=7`` ...

    Raises:
        ValueError: a knob is unknown or out of its range.
        ServerError: the process did not start; raised by the ``with``.
    """
    return Server(host, port, Knobs().changed(**knobs))


class Server:
    """The process behind :func:`serve`, as a context manager that gives the base URL."""

    def __init__(self, host: str, port: int, knobs: Knobs) -> None:
        self._wish = {"host": host, "port": port, "knobs": asdict(knobs)}

    def __enter__(self) -> str:
        self._start()
        try:
            return self._url()
        except BaseException:
            self._stop()
            raise

    def __exit__(self, *exc: object) -> None:
        self._stop()

    async def __aenter__(self) -> str:
        if sys.platform == "emscripten":
            return await self._serve_here()
        self._start()
        try:
            return await asyncio.to_thread(self._url)
        except BaseException:
            self._stop()
            raise

    async def __aexit__(self, *exc: object) -> None:
        if sys.platform == "emscripten":
            await self._worker.stop()
        else:
            await asyncio.to_thread(self._stop)

    async def _serve_here(self) -> str:
        """In a browser the server is a task of the running loop, on sockets in memory."""
        from .worker import Worker, listen, url_of  # noqa: PLC0415 - loads uvicorn

        listener = listen(self._wish["host"], self._wish["port"])
        self._worker = Worker(listener, Knobs(**self._wish["knobs"]))
        self._worker.start()
        return url_of(listener)

    def _start(self) -> None:
        if sys.platform == "emscripten":
            raise ServerError("a browser has no processes: use `async with` in lab.run(...)")
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, *WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_environment(),
            # out of reach of Ctrl-C in this terminal: the block decides when the process ends
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        with suppress(OSError):  # it is dead already: its last words will say why
            self._process.stdin.write(json.dumps(self._wish).encode() + b"\n")
            self._process.stdin.flush()

    def _url(self) -> str:
        answers: SimpleQueue[bytes] = SimpleQueue()
        read = self._process.stdout.readline
        threading.Thread(target=lambda: answers.put(read()), daemon=True).start()
        try:
            line = answers.get(timeout=START_LIMIT)
        except Empty:
            raise ServerError(f"the server did not start within {START_LIMIT:g} s") from None
        answer = json.loads(line or b"{}")
        if "url" not in answer:
            reason = answer.get("error") or self._last_words()
            raise ServerError(f"the server did not start: {reason}")
        return answer["url"]

    def _last_words(self) -> str:
        self._process.wait(STOP_LIMIT)
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with code {self._process.returncode}"

    def _stop(self) -> None:
        try:
            self._process.stdin.close()
            self._process.wait(STOP_LIMIT)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            self._process.stdout.close()
            self._log.close()


def _environment() -> dict[str, str]:
    """This environment, with the package that runs here found first."""
    home = str(Path(__file__).parents[2])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def main(host: str = "127.0.0.1", port: int = 8000, knobs: Knobs | None = None) -> None:
    """Run the practice API in this process until Ctrl-C.

    Args:
        host: name or address to listen on; ``0.0.0.0`` is reached from the whole network.
        port: 0 takes any free port.
        knobs: settings of every client key that sets none of its own.

    Raises:
        ServerError: the port is taken, or there is no such host.
    """
    from .worker import Worker, listen, url_of  # noqa: PLC0415 - loads uvicorn

    try:
        listener = listen(host, port)
    except OSError as error:
        raise ServerError(f"cannot listen on {host}, port {port}: {error}") from None
    with suppress(KeyboardInterrupt):
        print(f"The practice API answers at {url_of(listener)}. Ctrl-C ends it.", flush=True)
        Worker(listener, knobs or Knobs()).run()
