"""The order of the tests, and the programs of the machine that some of them need."""

import os
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from asynclab.site.builder import build
from asynclab.site.errors import SiteError

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "tests" / "browser"


def pytest_collection_modifyitems(items):
    """Browser tests come last: Playwright keeps a loop running, and no other starts beside it."""
    items.sort(key=lambda item: item.path.is_relative_to(BROWSER))


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium."""
    return _needed("chromium", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def firefox_program():
    """The path of a Firefox."""
    return _needed("firefox-esr", "firefox-esr", "firefox")


@pytest.fixture(scope="session")
def node():
    """The path of Node.js."""
    return _needed("nodejs", "node")


@pytest.fixture(scope="session")
def npm():
    """The path of npm."""
    return _needed("npm", "npm")


@pytest.fixture(scope="session")
def edition():
    """The folder of the browser edition, where `asynclab site` puts it; built if it is stale."""
    folder = ROOT / "build" / "site"
    try:
        build(ROOT, folder, Console(quiet=True))
    except SiteError as error:
        _missing(str(error))
    return folder


def _needed(package, *commands):
    """The path of the first of these commands."""
    found = next(filter(None, map(shutil.which, commands)), None)
    if found is None:
        _missing(f"no {commands[0]} on this machine: install it (Debian: apt install {package})")
    return found


def _missing(what):
    """Skip a test for what this machine has not; in CI, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
