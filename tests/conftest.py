"""Fixtures that every test may use."""

import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium; without one the test is skipped, and fails in CI."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        _not_here("no Chromium on this machine: install it (Debian: apt install chromium)")
    return found


def _not_here(what):
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
