"""Ending: how the process of a submission ended, and what that says of it."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple

from .limits import MIB, Limits

__all__ = ["Ended"]

_NEARLY_ALL = 0.9  # of the memory that it may have


class Ended(NamedTuple):
    """How a process ended.

    Attributes:
        status: as ``os.wait4`` gives it.
        cpu: seconds of processor time.
        memory: MiB at its peak.
        printed: bytes that its cells printed.
    """

    status: int
    cpu: float
    memory: int
    printed: int

    def verdict(self, limits: Limits) -> tuple[str, str]:
        """Verdict and sentence for a process that ended before it had told everything.

        Args:
            limits: that it ran under.
        """
        if self.printed >= limits.printed * MIB:
            return "limit_output", f"it printed {limits.printed} MiB and more"
        if self.memory >= limits.memory * _NEARLY_ALL:
            return "limit_memory", f"it used {self.memory} MiB of memory"
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            if number == signal.SIGXCPU:
                return "timeout", "it computed for longer than it may"
            return "crashed", f"the process died: {signal.strsignal(number)}"
        code = os.waitstatus_to_exitcode(self.status)
        return "crashed", f"the code ended the process itself, with exit code {code}"
