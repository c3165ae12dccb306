"""The timeline where it is read: JupyterLab and Notebook 7."""

import nbformat
import pytest
from nbclient import NotebookClient

PROGRAM = """\
import asyncio
import asynclab as lab

async def one_by_one():
    for _ in range(5):
        await asyncio.sleep(0.4)

async def together():
    await asyncio.gather(*(asyncio.sleep(0.4) for _ in range(5)))

lab.compare(one_by_one, together)"""

PLACES = {"lab": "lab/tree", "notebook": "notebooks"}


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    yield context.new_page()
    context.close()


def open_notebook(jupyter, page, name, place="lab"):
    page.goto(f"{jupyter.url}/{PLACES[place]}/{name}?reset")  # no tabs of the test before


def run_first_cell(page):
    page.locator(".jp-CodeCell .cm-content").first.click(timeout=60_000)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".tl[data-painted]", timeout=60_000)


@pytest.mark.parametrize("place", PLACES)
def test_a_picture_appears_and_keeps_its_keys(jupyter, page, place):
    jupyter.write("keys.ipynb", PROGRAM, "1 + 1")
    open_notebook(jupyter, page, "keys.ipynb", place)
    run_first_cell(page)
    assert page.locator(".tl-title").text_content() == (
        "together: 5.0x faster (0.40 s instead of 2.00 s)"
    )
    assert page.locator(".tl").get_attribute("data-theme") == "light"

    page.locator(".tl-plots").focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowRight", "d", "d", "x"):
        page.keyboard.press(key)
    assert page.locator(".tl").get_attribute("data-stop") == "1"
    assert page.locator(".jp-CodeCell").count() == 2, "the notebook took a key for a command"
    assert page.evaluate("document.activeElement.className") == "tl-plots"


@pytest.mark.parametrize(
    ("theme", "dark", "contrast"),
    [("JupyterLab Dark", "dark", "normal"), ("JupyterLab Dark High Contrast", "dark", "high")],
)
def test_themes_of_jupyterlab(jupyter, page, axe, theme, dark, contrast):
    jupyter.write("themes.ipynb", PROGRAM)
    jupyter.use_theme(theme)
    try:
        open_notebook(jupyter, page, "themes.ipynb")
        run_first_cell(page)
    finally:
        jupyter.use_theme("JupyterLab Light")
    frame = page.locator(".tl")
    assert (frame.get_attribute("data-theme"), frame.get_attribute("data-contrast")) == (
        dark,
        contrast,
    )
    page.get_by_label("To the start").click()
    page.add_script_tag(url=axe)
    found = page.evaluate("axe.run('.tl')")
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


def test_a_saved_notebook_plays_before_anything_is_run(jupyter, page):
    path = jupyter.write("saved.ipynb", PROGRAM)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="python3").execute()
    nbformat.write(notebook, path)
    jupyter.trust(path)

    open_notebook(jupyter, page, "saved.ipynb")
    page.wait_for_selector(".tl[data-painted]", timeout=60_000)
    page.get_by_label("To the end").click()
    done = page.locator("[data-box=done]").evaluate_all("nodes => nodes.map(n => n.dataset.count)")
    assert done == ["1", "6"]
