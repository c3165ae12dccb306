"""Sliders on real code, moved by keyboard in JupyterLab and Notebook 7."""

import pytest
from notebook_page import PLACES, ExplorerView, NotebookPage
from playwright.sync_api import expect

EXPLORER = """\
import asyncio
import time
import asynclab as lab

async def download(calls=4, limit=2, delay=0.5, fails=False):
    semaphore = asyncio.Semaphore(limit)
    async def fetch(number):
        async with semaphore:
            await asyncio.sleep(delay)
            print("got <page>", number)
            if fails and number == 1:
                raise ConnectionError("page 1 was refused")
    await asyncio.gather(*(fetch(n) for n in range(calls)))

explorer = lab.explore(download, calls=(1, 60), limit=(1, 10), delay=(0.1, 2.0), fails=False)
explorer"""

AWAITS = 'await asyncio.sleep(1)\nprint("the cell has ended")'
BLOCKS = 'time.sleep(1)\nprint("the cell has ended")'

ANOTHER = "lab.explore(download, calls=(1, 60))"
COUNT = """\
from ipywidgets.widgets.widget import _instances
print(len(_instances), "widgets,", len(asyncio.all_tasks()), "tasks")"""

CELLS = [EXPLORER, AWAITS, BLOCKS, ANOTHER, COUNT]


@pytest.fixture(scope="module", params=PLACES)
def opened(request, browser, jupyter):
    context = browser.new_context(viewport={"width": 1200, "height": 1400})
    jupyter.write(f"explorer-{request.param}.ipynb", *CELLS)
    yield NotebookPage(
        context.new_page(), jupyter, request.param, f"explorer-{request.param}.ipynb"
    )
    context.close()


@pytest.fixture
def notebook(opened):
    """The notebook with its explorer cell just run; the test may leave no fault behind."""
    opened.run(0)
    opened.faults.clear()  # what the front end itself complains of while it starts
    yield opened
    assert opened.faults == []


@pytest.fixture
def explorer(notebook):
    view = ExplorerView(notebook.cells.nth(0))
    expect(view.headline).to_have_text("1.00 s")
    return view


def test_keys_on_a_slider_change_the_run(explorer):
    explorer.control("delay").press("ArrowRight")
    expect(explorer.headline).to_have_text("1.20 s")
    explorer.control("calls").press("End")
    expect(explorer.headline).to_have_text("18.0 s")
    explorer.control("limit").press("Home")
    expect(explorer.headline).to_have_text("36.0 s")
    expect(explorer.code).to_have_text("download(calls=60, limit=1, delay=0.6, fails=False)")


def test_a_slider_says_what_it_is_and_holds(explorer):
    slider = explorer.control("delay")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.6 s")
    expect(explorer.controls.locator("output").nth(2)).to_have_text("0.6 s")


def test_printed_text_and_an_exception_stand_under_the_picture(explorer):
    expect(explorer.printed).to_have_text("\n".join(f"got <page> {n}" for n in range(4)))
    explorer.control("fails").press("Space")
    expect(explorer.failure).to_have_text("The run raised: ConnectionError: page 1 was refused")
    expect(explorer.headline).to_have_text("0.50 s")
    explorer.control("fails").press("Space")
    expect(explorer.failure).to_have_count(0)


@pytest.mark.parametrize("cell", [1, 2], ids=["awaits", "blocks"])
def test_a_move_during_another_cell_is_not_lost(notebook, explorer, cell):
    notebook.start(cell)
    explorer.control("delay").press("ArrowRight")
    expect(explorer.headline).to_have_text("1.20 s")
    assert notebook.output(cell) == "the cell has ended"
    explorer.control("delay").press("ArrowRight")
    expect(explorer.headline).to_have_text("1.40 s")


def test_thirty_keys_in_a_second_end_at_the_right_value(notebook, explorer):
    explorer.control("calls").focus()
    for _ in range(30):
        notebook.page.keyboard.press("ArrowRight")
    expect(explorer.headline).to_have_text("8.50 s")  # 34 calls, two at a time
    expect(explorer.code).to_contain_text("calls=34")
    notebook.page.keyboard.press("ArrowLeft")
    notebook.page.keyboard.press("ArrowLeft")
    expect(explorer.headline).to_have_text("8.00 s")
    expect(explorer.status).to_have_text("")


def test_two_explorers_do_not_know_of_each_other(notebook, explorer):
    other = ExplorerView(notebook.run(3))
    expect(other.headline).to_have_text("1.00 s")
    other.control("calls").press("End")
    expect(other.headline).to_have_text("15.0 s")
    explorer.control("delay").press("ArrowRight")
    expect(explorer.headline).to_have_text("1.20 s")
    expect(other.headline).to_have_text("15.0 s")


def test_running_the_cell_again_leaves_nothing_behind(notebook):
    notebook.run(3)
    before = notebook.printed(4)
    for _ in range(5):
        notebook.run(3)
    assert notebook.printed(4) == before


def test_the_call_can_be_copied(notebook, explorer):
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy = explorer.cell.get_by_role("button", name="Copy as code")
    copy.click()
    expect(explorer.cell.get_by_role("button", name="Copied")).to_be_visible()
    call = "download(calls=4, limit=2, delay=0.5, fails=False)"
    assert notebook.page.evaluate("navigator.clipboard.readText()") == call


def test_where_nothing_may_be_copied_the_call_is_selected(notebook, explorer):
    notebook.page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})"
    )
    explorer.cell.get_by_role("button", name="Copy as code").click()
    call = "download(calls=4, limit=2, delay=0.5, fails=False)"
    assert notebook.page.evaluate("getSelection().toString()") == call
    notebook.page.evaluate("delete navigator.clipboard")


def test_after_a_restart_the_picture_stays_and_says_so(notebook, explorer):
    notebook.restart()
    expect(explorer.status).to_have_text(
        "Not connected to a kernel any more: run the cell again to go on."
    )
    expect(explorer.control("delay")).to_be_disabled()
    expect(explorer.headline).to_have_text("1.00 s")

    notebook.run(0)
    expect(explorer.status).to_have_text("")
    explorer.control("delay").press("ArrowRight")
    expect(explorer.headline).to_have_text("1.20 s")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_axe_finds_nothing(browser, jupyter, axe, theme, width):
    jupyter.write("axe.ipynb", EXPLORER)
    jupyter.use_theme(theme)
    context = browser.new_context(viewport={"width": width, "height": 1000})
    try:
        notebook = NotebookPage(context.new_page(), jupyter, "notebook", "axe.ipynb")
        view = ExplorerView(notebook.run(0))
        view.control("fails").press("Space")
        expect(view.failure).to_be_visible()
        notebook.page.add_script_tag(url=axe)
        found = notebook.page.evaluate("axe.run('.jp-OutputArea-output')")
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
        assert notebook.page.evaluate(
            "[...document.querySelectorAll('.al')].every(n => n.scrollWidth <= n.clientWidth)"
        )
    finally:
        jupyter.use_theme("JupyterLab Light")
        context.close()
