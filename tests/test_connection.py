"""The server's connection to the browser."""

import runpy
from importlib import import_module
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

COURSE = Path(__file__).parents[1] / "course.py"


@pytest.fixture
def named():
    """The class that course.py names to JupyterLab."""
    module, name = runpy.run_path(str(COURSE))["CONNECTION"].split("=")[1].rsplit(".", 1)
    return getattr(import_module(module), name)


def test_no_message_waits_for_the_one_before_it(named, monkeypatch):
    done = []
    handler = create_autospec(KernelWebsocketHandler, instance=True)
    handler.set_nodelay.side_effect = lambda value: done.append(("nodelay", value))
    monkeypatch.setattr(
        ZMQChannelsWebsocketConnection, "connect", lambda _: done.append(("connect", True))
    )
    named(websocket_handler=handler).connect()
    assert done == [("nodelay", True), ("connect", True)]
