"""The order of the tests, and the programs of the machine that some of them need."""

import os
import shutil
from pathlib import Path

import pytest

BROWSER = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items):
    """Browser tests come last: Playwright keeps a loop running, and no other starts beside it."""
    items.sort(key=lambda item: item.path.is_relative_to(BROWSER))


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium."""
    return _needed("chromium", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def node():
    """The path of Node.js."""
    return _needed("nodejs", "node")


@pytest.fixture(scope="session")
def npm():
    """The path of npm."""
    return _needed("npm", "npm")


def _needed(package, *commands):
    """The path of the first of these commands; without any the test is skipped, in CI it fails."""
    found = next(filter(None, map(shutil.which, commands)), None)
    if found is None:
        what = f"no {commands[0]} on this machine: install it (Debian: apt install {package})"
        if os.environ.get("CI") == "true":
            pytest.fail(what)
        pytest.skip(what)
    return found
