"""The browser edition in a browser: its first page, its notebooks, and the learner's copies."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from site_page import MINUTES, SiteNotebook

ROOT = Path(__file__).parents[2]
# Under Node all of them run (test_pyodide.py). Here, too, with ASYNCLAB_SITE=all: a quarter hour.
SAMPLE = ("notebooks/02*", "notebooks/10*", "solutions/06*")
ALL = ("notebooks/*", "solutions/*")
NOTEBOOKS = [
    path.relative_to(ROOT).as_posix()
    for pattern in (ALL if os.environ.get("ASYNCLAB_SITE") == "all" else SAMPLE)
    for path in sorted(ROOT.glob(f"{pattern}.ipynb"))
]
AXE = ROOT / "tests/browser/node_modules/axe-core/axe.min.js"
FIRST = "notebooks/00_start_here.ipynb"
EXERCISES = "exercises/06_semaphore.ipynb"


# -- the first page ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.usefixtures("axe")
def test_the_first_page_fits_and_axe_finds_nothing(learner, served, scheme, width):
    page = learner(width=width, color_scheme=scheme, reduced_motion="reduce")
    page.goto(served.url)
    expect(page.locator(".tl-title")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run()")
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


def test_the_picture_plays_unless_motion_is_not_wanted(learner, served):
    for motion, label in (("no-preference", "Pause"), ("reduce", "Play")):
        page = learner(reduced_motion=motion)
        page.goto(served.url)
        expect(page.locator("[data-do=play]")).to_have_attribute("aria-label", label)


def test_the_first_page_can_be_read_without_scripts(learner, served):
    page = learner(java_script_enabled=False)
    page.goto(served.url)
    assert page.locator("#picture img").evaluate("image => image.naturalWidth") > 0
    assert page.get_by_role("link", name="exercises").count() > 0


def test_python_is_fetched_behind_the_first_page_and_only_once(browser, chromium, served, tmp_path):
    # A profile of its own on the disk: what is kept in memory alone is too small for Python.
    profile = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
    )
    page = profile.new_page()
    page.goto(served.url)
    expect(page.get_by_role("status").first).to_contain_text("Python is here", timeout=MINUTES)
    ahead = len(served.paths)
    page.get_by_role("link", name="Start").click()
    expect(page).to_have_url(re.compile(re.escape(FIRST)))
    SiteNotebook(page, served, FIRST)
    profile.close()
    assert [path for path in served.paths[ahead:] if path.startswith("/python-")] == []


# -- the learner's copies ----------------------------------------------------------------------


def edited(learner, served):
    """A page of a learner who has changed the first cell of a notebook, and saved."""
    page = learner()
    notebook = SiteNotebook(page, served, EXERCISES)
    notebook.cells.first.locator(".cm-content").fill("mine = 1")
    notebook.save()
    page.goto(served.url)
    page.locator("#copies li").first.wait_for(timeout=MINUTES)
    return page


def first_cell(page, served, path):
    return SiteNotebook(page, served, path).code_cells()[0]["source"]


def test_what_a_learner_has_changed_opens_before_the_course_s_copy(learner, served):
    page = edited(learner, served)
    expect(page.locator("#copies a")).to_have_text([EXERCISES])
    assert page.get_by_text("newer version").count() == 0
    assert first_cell(page, served, EXERCISES) == "mine = 1"


def test_an_update_is_told_and_the_learner_decides(learner, served):
    page = edited(learner, served)
    page.evaluate(
        """path => {
          const key = Object.keys(localStorage).find((key) => key.startsWith("asynclab versions"));
          const seen = JSON.parse(localStorage[key]);
          localStorage[key] = JSON.stringify({ ...seen, [path]: "an earlier one" });
        }""",
        EXERCISES,
    )
    page.reload()
    expect(page.get_by_text("The course has a newer version")).to_be_visible()
    page.get_by_role("button", name="Take the course's copy").click()
    mine = EXERCISES.replace(".ipynb", " (mine).ipynb")
    expect(page.get_by_text(f"Yours is {mine}")).to_be_visible()
    expect(page.locator("#copies a")).to_have_text([mine])
    assert first_cell(page, served, mine) == "mine = 1"
    assert first_cell(page, served, EXERCISES) != "mine = 1"


# -- every notebook ------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_runs_to_its_end(learner, served, path):
    notebook = SiteNotebook(learner(), served, path)
    notebook.run_all()
    failed = {
        cell["source"]: re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output["traceback"]))
        for cell in notebook.code_cells()
        for output in cell["outputs"]
        if output["output_type"] == "error"
        and "raises-exception" not in cell["metadata"].get("tags", [])
    }
    assert failed == {}
    assert notebook.faults == []
