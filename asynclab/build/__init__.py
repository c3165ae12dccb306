"""Build: from `content/` to everything that is made of it.

========== ==================================================================
sources    the format of `content/`, read
fences     its fences and regions
rules      what makes a source unfit to build
notebooks  sources -> notebooks/, exercises/, solutions/
execution  runs a notebook's cells on the virtual clock
outputs    makes their outputs the same on every machine
texts      sources -> asynclab/exercises/texts.json, which the package carries
readme     README's table of lessons, and its picture
========== ==================================================================
"""

from .notebooks import Refused, build, check, make

__all__ = ["Refused", "build", "check", "make"]
