"""asynclab: run real asyncio code, and see what the event loop did.

Every name that a notebook may use is here, and nothing else. What needs more than the standard
library is loaded when a script first uses it, so that a script that only runs something starts at
once. A notebook loads everything now: no cell that is timed may pay for it later.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from .clock import BusyLoop, ClockError, Deadlock, LoopBlocked, RealIO, TimeLimit
from .notebook import in_notebook, shell, use_clock_of_environment
from .runner import Run, run
from .trace import Trace

if TYPE_CHECKING:
    from . import api
    from .checking import arrange, check, hint, progress, solution
    from .controls import explore
    from .picture import Picture, compare, timeline
    from .prediction import predict

__all__ = [
    "BusyLoop",
    "ClockError",
    "Deadlock",
    "LoopBlocked",
    "Picture",
    "RealIO",
    "Run",
    "TimeLimit",
    "Trace",
    "api",
    "arrange",
    "check",
    "compare",
    "explore",
    "hint",
    "predict",
    "progress",
    "run",
    "solution",
    "timeline",
]

_HOMES = {
    "Picture": ".picture",
    "arrange": ".checking",
    "check": ".checking",
    "compare": ".picture",
    "explore": ".controls",
    "hint": ".checking",
    "predict": ".prediction",
    "progress": ".checking",
    "solution": ".checking",
    "timeline": ".picture",
}


def __getattr__(name: str) -> Any:
    if name == "api":
        return importlib.import_module(".api", __name__)
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"asynclab has no {name!r}; it has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__


if sys.platform == "emscripten" and in_notebook():
    from .browser import settle_in

    settle_in(shell())
use_clock_of_environment()
if in_notebook():
    for _name in __all__:
        globals()[_name] = globals().get(_name) or __getattr__(_name)
