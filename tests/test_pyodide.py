"""The core runs on the Python of a browser: its own tests say so, there."""

import subprocess
from pathlib import Path

import needs
import pytest

TESTS = Path(__file__).parent
HERE = TESTS / "pyodide"
CORE = ["clock", "workers", "waits", "capture", "tracer", "trace", "runner", "semantics"]


@pytest.fixture(scope="module")
def node():
    """The path of Node, with Pyodide installed for it as package-lock.json says."""
    found, npm = needs.program("node", "nodejs"), needs.program("npm", "npm")
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    return found


def test_the_tests_of_the_core_pass_in_pyodide(node):
    site_packages = Path(pytest.__file__).parents[1]
    files = [f"tests/test_{name}.py" for name in CORE]
    done = subprocess.run(
        [node, HERE / "run.mjs", site_packages, TESTS.parent, "-q", "-rfE", *files],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-2000:]}"
    assert " passed" in done.stdout.splitlines()[-1]
