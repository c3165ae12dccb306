"""The practice HTTP API: offline, deterministic, as slow and as unreliable as you ask for."""

from .accounts import Stats
from .app import create_app
from .faults import Knobs
from .server import ServerError, serve
from .transport import client, stats

__all__ = ["Knobs", "ServerError", "Stats", "client", "create_app", "serve", "stats"]
