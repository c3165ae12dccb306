"""The Python of a browser: the core's own tests, every answer to an exercise, every notebook."""

import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import needs
import pytest

from asynclab.site import parts, registry, wheels

TESTS = Path(__file__).parent
HERE = TESTS / "pyodide"
CORE = ["clock", "workers", "waits", "capture", "tracer", "trace", "runner", "semantics"]
ALONE = ["--noconftest", "-o", "pythonpath=tests"]  # conftest.py needs what no browser has


@pytest.fixture(scope="module")
def node():
    """The path of Node, with Pyodide installed for it as package-lock.json says."""
    found, npm = needs.program("nodejs", "node"), needs.program("npm", "npm")
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    return found


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A folder with the packages of the browser edition, and pytest with what it needs."""
    folder = tmp_path_factory.mktemp("packages")
    pinned = parts.Parts.pinned().browser
    registry.fetch(pinned, lambda _: None)
    for part in pinned:
        wheels.unpack(part.path, folder)
    for package in ("pytest", "pluggy", "iniconfig", "pygments"):
        for file in metadata.files(package):
            if ".." not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), folder / file)
    return folder


def passes(node, folder, *arguments):
    """Run pytest in Pyodide; all that it runs must pass."""
    done = subprocess.run(
        [node, HERE / "run.mjs", TESTS.parent, folder, "--", "-q", "-rfE", *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-2000:]}"
    assert " passed" in done.stdout.splitlines()[-1]


def test_the_tests_of_the_core_pass(node):
    site_packages = Path(pytest.__file__).parents[1]
    passes(node, site_packages, *(f"tests/test_{name}.py" for name in CORE))


def test_every_answer_earns_its_verdict(node, packages):
    passes(node, packages, *ALONE, "tests/pyodide/answers.py")


def test_every_notebook_shows_what_it_shows_elsewhere(node, packages):
    # pytest's own log handlers would take what asyncio writes to a script's error output
    passes(node, packages, *ALONE, "-p", "no:logging", "tests/pyodide/notebooks.py")
