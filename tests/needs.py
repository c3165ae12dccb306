"""What some of the core's tests need and not every Python has; the same files run in Pyodide."""

import os
import shutil
import sys

import pytest

IN_BROWSER_PYTHON = sys.platform == "emscripten"

threads = pytest.mark.skipif(IN_BROWSER_PYTHON, reason="Pyodide has no threads")
real_clock = pytest.mark.skipif(IN_BROWSER_PYTHON, reason="Pyodide has no selector to wait in")
signals = pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal to a process")
eager_tasks = pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with 3.12")


def program(package, *commands):
    """The path of the first of these commands that there is; `package` is what Debian calls it."""
    found = next(filter(None, map(shutil.which, commands)), None)
    if found is None:
        missing(f"no {commands[0]} on this machine: install it (Debian: apt install {package})")
    return found


def missing(what):
    """Skip a test for what this machine has not; in CI, fail it."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)
