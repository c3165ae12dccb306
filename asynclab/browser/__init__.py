"""Browser: what stands in where Python runs in a browser tab, which has one thread and no sockets.

============= ======================================================================
elsewhere     cells that need a computer say so, in a sentence, and the next ones go on
scripts       a script runs in this Python, as if it had one of its own
loopback      sockets between the programs of one virtual loop
helpers       threads of libraries: their jobs run on the virtual clock
failing       a cell that is meant to fail stops no other
messages      widgets are told JSON
keeping       progress lasts in the browser's database
============= ======================================================================

None of it is imported on a computer.
"""

from __future__ import annotations

from typing import Any

from . import failing, helpers, keeping, loopback, messages, scripts
from .elsewhere import Elsewhere

__all__ = ["settle_in"]


def settle_in(shell: Any | None) -> None:
    """Make this Python behave as it does on a computer.

    Args:
        shell: the IPython shell whose cells run here, if there is one.
    """
    scripts.install()
    loopback.install()
    helpers.install()
    if shell is not None:
        failing.install(shell)
        messages.install(shell)
        Elsewhere(shell).install()
        keeping.install(shell)
