"""asynclab: run real asyncio code, and see what the event loop did.

Every name that a notebook may use is here, and nothing else.
"""

from .notebook import use_clock_of_environment
from .runner import Run, run
from .trace import Trace

__all__ = ["Run", "Trace", "run"]

use_clock_of_environment()
