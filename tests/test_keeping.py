"""Progress in a browser: notebooks share what is kept, and none forgets what another saw."""

import asyncio

import pytest

from asynclab.browser.keeping import Keeper
from asynclab.checking.store import Entry, Progress, from_text

PASSED, TRIED = Entry(passed=True), Entry(attempts=["a"])


class Texts:
    """A browser's database, in memory."""

    def __init__(self):
        self.kept, self.written = {}, 0

    async def read(self, name):
        return self.kept.get(name, "")

    async def write(self, name, text):
        self.kept[name] = text
        self.written += 1


class Notebook:
    """One notebook, with a progress file and a keeper of its own."""

    def __init__(self, folder, texts, monkeypatch):
        self.folder, self.patch, self.keeper = folder, monkeypatch, Keeper(texts)

    def meet(self):
        self.patch.setenv("ASYNCLAB_HOME", str(self.folder))
        asyncio.run(self.keeper.meet())
        return Progress().read()

    def writes(self, name, entry):
        self.patch.setenv("ASYNCLAB_HOME", str(self.folder))
        Progress().change(name, lambda e: become(e, entry))


def become(entry, other):
    entry.passed, entry.attempts, entry.hints = other.passed, other.attempts, other.hints


@pytest.fixture
def texts():
    return Texts()


@pytest.fixture
def notebook(tmp_path, texts, monkeypatch):
    """``notebook(name)`` opens one: it begins with no file, as a tab does."""
    return lambda name: Notebook(tmp_path / name, texts, monkeypatch)


def test_a_reloaded_notebook_knows_what_was_kept(notebook):
    first = notebook("first")
    first.writes("gather", PASSED)
    first.meet()
    assert notebook("reloaded").meet() == {"gather": PASSED}


def test_what_another_notebook_has_seen_arrives(notebook):
    first, second = notebook("first"), notebook("second")
    first.meet(), second.meet()
    second.writes("gather", PASSED)
    second.meet()
    assert first.meet() == {"gather": PASSED}


def test_where_both_have_seen_something_nothing_is_forgotten(notebook):
    first, second = notebook("first"), notebook("second")
    first.writes("gather", PASSED)
    second.writes("gather", TRIED)
    second.writes("wait", TRIED)
    second.meet()
    assert first.meet() == {"gather": Entry(passed=True, attempts=["a"]), "wait": TRIED}


def test_what_was_reset_stays_reset(notebook):
    first, second = notebook("first"), notebook("second")
    first.writes("gather", PASSED)
    first.meet(), second.meet()
    Progress().reset("gather")  # in the second
    second.meet()
    assert first.meet() == {}


def test_nothing_is_written_where_nothing_has_changed(notebook, texts):
    first = notebook("first")
    first.writes("gather", PASSED)
    for _ in range(3):
        first.meet()
    assert texts.written == 1


def test_a_kept_text_that_nobody_understands_is_replaced(notebook, texts):
    texts.kept["progress.json"] = "{"
    first = notebook("first")
    first.writes("gather", PASSED)
    first.meet()
    assert from_text(texts.kept["progress.json"]) == {"gather": PASSED}
