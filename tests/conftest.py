"""The order of the tests, and the programs of the machine that some of them need."""

from pathlib import Path

import needs
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
    return needs.program("chromium", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def firefox_program():
    """The path of a Firefox."""
    return needs.program("firefox-esr", "firefox-esr", "firefox")


@pytest.fixture(scope="session")
def node():
    """The path of Node.js."""
    return needs.program("nodejs", "node")


@pytest.fixture(scope="session")
def npm():
    """The path of npm."""
    return needs.program("npm", "npm")


@pytest.fixture(scope="session")
def edition():
    """The folder of the browser edition, where `asynclab site` puts it; built if it is stale."""
    folder = ROOT / "build" / "site"
    try:
        build(ROOT, folder, Console(quiet=True))
    except SiteError as error:
        needs.missing(str(error))
    return folder
