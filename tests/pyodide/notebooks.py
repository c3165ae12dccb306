"""Every notebook runs to its end on the Python of a browser, and shows what it shows elsewhere.

Only where a browser lacks something does a cell say so instead, in one sentence.
"""

import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).parents[2]
BUILT = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "solutions").glob("*.ipynb")]
ELSEWHERE = "which a browser tab does not have."


class Shell(InteractiveShell):
    """A kernel's shell, without the kernel."""

    def enable_gui(self, gui=None):
        """There is none."""


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """A fresh shell, in which nobody has imported the course."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "asynclab"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("ASYNCLAB_CLOCK", "virtual")
    monkeypatch.setenv("ASYNCLAB_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    Shell.clear_instance()
    yield Shell.instance()
    Shell.clear_instance()


@pytest.mark.parametrize("path", sorted(BUILT), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_notebook_shows_what_it_shows_elsewhere(path, shell):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            with redirect_stdout(StringIO()) as shown:
                result = shell.run_cell("".join(cell["source"]), store_history=True)
            if ELSEWHERE not in shown.getvalue():
                assert result.success is ("raises-exception" not in tags(cell)), shown.getvalue()
                assert [text for text in stored(cell) if text not in shown.getvalue()] == []


def tags(cell):
    return cell["metadata"].get("tags", ())


def stored(cell):
    """What the notebook keeps of the cell's output, in plain characters."""
    if "nbval-ignore-output" in tags(cell):
        return
    for output in cell["outputs"]:
        if output.get("name") == "stdout":
            yield "".join(output["text"])
        if "text/plain" in output.get("data", {}):
            yield "".join(output["data"]["text/plain"])
