"""Checking: judges how a learner's function behaved, not what it printed.

============= ======================================================================
exercise      the contract of one exercise, as its module in asynclab.exercises states it
service       the slow thing that an exercise talks to, with a record of its own
performance   plays the learner's function on a workload; the only place that calls it
plain         a result as JSON types, whatever it was
sight         what was seen, as plain data
judgements    what a contract can ask for
timing        what it can ask for of single calls: how long, and how far apart
stopping      calls that take a while to stop, and what it can ask for of those who stop them
diagnosis     why an answer is not right yet, and the misconceptions behind it
attempt       is there an answer, and can it be called?
engine        draws, plays, judges
arrangement   a function put together from given lines
report, views what the learner reads
panel         a report in a notebook, with its picture
workbench     an arrangement in a notebook, with buttons
store         progress, on disk
desk          check, arrange, hint, solution, progress
============= ======================================================================
"""

from .desk import arrange, check, exercises, hint, progress, solution
from .diagnosis import MISCONCEPTIONS, Diagnosis
from .exercise import Exercise
from .service import Case, Service
from .sight import Sight

__all__ = [
    "MISCONCEPTIONS",
    "Case",
    "Diagnosis",
    "Exercise",
    "Service",
    "Sight",
    "arrange",
    "check",
    "exercises",
    "hint",
    "progress",
    "solution",
]
