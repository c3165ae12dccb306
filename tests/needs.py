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


def program(name, package):
    """The path of a program; without it the test is skipped, and fails in CI."""
    found = shutil.which(name)
    if found is None:
        what = f"no {name} on this machine: install it (Debian: apt install {package})"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)
    return found
