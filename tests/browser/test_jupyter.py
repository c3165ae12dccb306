"""The timeline where it is read: JupyterLab and Notebook 7."""

import nbformat
import pytest
from nbclient import NotebookClient
from notebook_page import PLACES, NotebookPage

PROGRAM = """\
import asyncio
import asynclab as lab

async def one_by_one():
    for _ in range(5):
        await asyncio.sleep(0.4)

async def together():
    await asyncio.gather(*(asyncio.sleep(0.4) for _ in range(5)))

lab.compare(one_by_one, together)"""


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    yield context.new_page()
    context.close()


def show_picture(page, jupyter, name, place="lab"):
    NotebookPage(page, jupyter, place, name).run(0)
    page.wait_for_selector(".tl[data-painted]")


@pytest.mark.parametrize("place", PLACES)
def test_a_picture_appears_and_keeps_its_keys(jupyter, page, place):
    jupyter.write("keys.ipynb", PROGRAM, "1 + 1")
    show_picture(page, jupyter, "keys.ipynb", place)
    assert page.locator(".tl-title").text_content() == (
        "together: 5.0x faster (0.40 s instead of 2.00 s)"
    )
    assert page.locator(".tl").get_attribute("data-theme") == "light"

    page.locator(".tl-plots").focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowRight", "d", "d", "x"):
        page.keyboard.press(key)
    assert page.locator(".tl").get_attribute("data-stop") == "1"
    covered = page.locator(".tl-box").evaluate_all(
        """nodes => nodes.filter(node => {
             const [head, content] = [...node.children].map(c => c.getBoundingClientRect());
             return content.top < head.bottom && content.left < head.right })"""
    )
    assert covered == []
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
        show_picture(page, jupyter, "themes.ipynb")
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

    NotebookPage(page, jupyter, "lab", "saved.ipynb")
    page.wait_for_selector(".tl[data-painted]")
    page.get_by_label("To the end").click()
    done = page.locator("[data-box=done]").evaluate_all("nodes => nodes.map(n => n.dataset.count)")
    assert done == ["1", "6"]
