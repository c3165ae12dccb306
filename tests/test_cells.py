"""A cell that runs again closes what it made before."""

import IPython
import pytest
from ipywidgets import HTML

from asynclab import cells


class Shell:
    """As much of ipykernel's shell as is asked for."""

    def __init__(self):
        self.parent = {}

    def runs(self, cell, request):
        self.parent = {"metadata": {"cellId": cell}, "header": {"msg_id": request}}

    def get_parent(self):
        return self.parent


@pytest.fixture
def shell(monkeypatch):
    shell = Shell()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(cells, "_made", {})
    return shell


def made():
    widget = HTML()
    cells.replace_in_cell(widget)
    return widget


def is_open(widget):
    return widget.comm is not None


def test_running_a_cell_again_closes_what_it_made(shell):
    shell.runs("a", "1")
    first = made()
    shell.runs("a", "2")
    second = made()
    assert (is_open(first), is_open(second)) == (False, True)


def test_one_run_of_a_cell_may_make_several(shell):
    shell.runs("a", "1")
    first, second = made(), made()
    assert is_open(first)
    shell.runs("a", "2")
    made()
    assert not is_open(first)
    assert not is_open(second)


def test_other_cells_keep_what_they_made(shell):
    shell.runs("a", "1")
    first = made()
    shell.runs("b", "2")
    made()
    assert is_open(first)


def test_without_the_id_of_a_cell_nothing_is_closed(shell):
    first = made()
    made()
    assert is_open(first)


def test_outside_a_notebook_nothing_is_closed():
    first = made()
    made()
    assert is_open(first)
