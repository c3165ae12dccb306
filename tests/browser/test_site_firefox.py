"""The browser edition in Firefox: a lesson with its sliders, and an exercise that is passed."""

import json
import os

import pytest
from firefox import Firefox
from site_page import CELLS, CLEAR, ENDED, KERNEL, NOTEBOOK, RUN_ALL
from test_site_learner import EXERCISES, SHARED

pytestmark = pytest.mark.skipif(
    os.environ.get("ASYNCLAB_SITE") != "all", reason="takes minutes: ASYNCLAB_SITE=all runs it"
)

LESSON = "notebooks/06_semaphore.ipynb"
MINUTES, LESSON_TIME = 3 * 60, 10 * 60  # seconds
EXPLORER = "document.querySelector('.al-controls').closest('.jp-Cell')"
FACTS = f"{EXPLORER}.querySelector('.tl-facts')?.innerText"
ARROW_RIGHT = "\ue014"
WRITE = """(id, source) => jupyterapp.shell.currentWidget.content.model.sharedModel.cells
    .find((cell) => cell.id === id).setSource(source)"""


@pytest.fixture
def firefox(firefox_program, tmp_path):
    window = Firefox(firefox_program, tmp_path / "profile")
    yield window
    window.close()


def open_notebook(firefox, served, path):
    firefox.go(served.address("notebook", path))
    firefox.wait_for(f"{KERNEL}?.status === 'idle' && {NOTEBOOK}.context.isReady", MINUTES)


def run_all(firefox):
    """Run every cell; the outputs by the ids of the cells."""
    firefox.evaluate(f"({CLEAR})()")
    firefox.evaluate(f"({RUN_ALL})()")
    firefox.wait_for(f"({ENDED})()", LESSON_TIME)
    return {cell["id"]: cell["outputs"] for cell in firefox.evaluate(f"({CELLS})()")}


def test_a_lesson_runs_and_its_sliders_redraw_the_picture(firefox, served):
    open_notebook(firefox, served, LESSON)
    outputs = [output for cell in run_all(firefox).values() for output in cell]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    firefox.click(f"{EXPLORER}.querySelector('input')")
    firefox.wait_for(FACTS, MINUTES)
    before = firefox.evaluate(FACTS)
    firefox.press(ARROW_RIGHT)
    firefox.wait_for(f"{FACTS} !== {json.dumps(before)}", MINUTES)


def test_an_exercise_is_passed(firefox, served):
    open_notebook(firefox, served, EXERCISES)
    firefox.evaluate(f"({WRITE})('answer-portraits', {json.dumps(SHARED)})")
    shown = json.dumps(run_all(firefox)["check-portraits"])
    assert "portraits: passed" in shown
