"""Browser: what stands in where Python runs in a browser tab, which has one thread and no sockets.

============= ======================================================================
elsewhere     cells that need a computer say so, in a sentence, and the next ones go on
scripts       a script runs in this Python, as if it had one of its own
loopback      sockets between the programs of one virtual loop
helpers       threads of libraries: their jobs run on the virtual clock
============= ======================================================================

None of it is imported on a computer.
"""

from __future__ import annotations

import asyncio
import inspect
import subprocess
from typing import Any

from . import helpers, loopback
from .elsewhere import Elsewhere
from .scripts import run_script

__all__ = ["settle_in"]


def settle_in(shell: Any) -> None:
    """Make the cells of this IPython shell behave as they do on a computer.

    Args:
        shell: the shell.
    """
    # Pyodide's own runs a coroutine inside a running loop. Elsewhere that is an error, which the
    # first lesson is about.
    asyncio.run = inspect.unwrap(asyncio.run)
    subprocess.run = run_script
    loopback.install()
    helpers.install()
    Elsewhere(shell).install()
