"""Predictions, answered by keyboard alone in JupyterLab."""

import pytest
from notebook_page import NotebookPage
from playwright.sync_api import expect

PROGRAM = """\
import asyncio
import asynclab as lab

async def runner(name, delay):
    await asyncio.sleep(delay)

async def race():
    await asyncio.gather(runner("hare", 0.3), runner("tortoise", 0.1), runner("fox", 0.2))"""
NUMBER = 'lab.predict("How long is the race?", race)'
CHOICE = """\
lab.predict("How long is it?", race, options={
    0.3: "They run side by side.",
    0.6: "That is the sum.",
})"""
ORDER = 'lab.predict("Who arrives first?", race, answer="finished")'


OTHER = 'lab.predict("How long would {} be?", race)'
CELLS = [PROGRAM, NUMBER, CHOICE, ORDER, OTHER.format("this"), OTHER.format("that")]


@pytest.fixture(scope="module")
def opened(browser, jupyter):
    context = browser.new_context(viewport={"width": 1000, "height": 1400})
    jupyter.write("questions.ipynb", *CELLS)
    notebook = NotebookPage(context.new_page(), jupyter, "lab", "questions.ipynb")
    notebook.run(0)
    yield notebook
    context.close()


@pytest.fixture
def notebook(opened):
    opened.faults.clear()  # what the front end itself complains of while it starts
    yield opened
    assert opened.faults == []


class Question:
    """What is on screen of one prediction."""

    def __init__(self, cell):
        self.cell = cell
        self.outcome = cell.locator(".al-outcome")
        self.verdict = cell.locator(".al-verdict")
        self.live = cell.locator(".al-live")
        self.picture = cell.locator(".tl-svg")


def focused(page):
    return page.evaluate("document.activeElement.className")


def test_a_number_is_typed_and_compared(notebook):
    asked = Question(notebook.run(1))
    expect(asked.picture).to_be_hidden()
    asked.cell.get_by_label("Your prediction, in s").focus()
    notebook.page.keyboard.type("0.29")
    notebook.page.keyboard.press("Enter")
    expect(asked.verdict).to_have_text("✓ As predicted.")
    expect(asked.outcome.locator("dd")).to_have_text(["0.29 s", "0.30 s"])
    expect(asked.picture).to_be_visible()
    expect(asked.live).to_contain_text("As predicted.")
    assert focused(notebook.page) == "al-outcome"


def test_an_option_is_chosen_and_its_misconception_named(notebook):
    asked = Question(notebook.run(2))
    asked.cell.get_by_role("radio").first.focus()
    for key in ("Space", "ArrowDown", "Enter"):
        notebook.page.keyboard.press(key)
    expect(asked.verdict).to_have_text("≠ Not as predicted.")
    expect(asked.outcome.locator("dd")).to_have_text(["0.60 s", "0.30 s"])
    expect(asked.outcome).to_contain_text("That is the sum.")

    for key in ("Tab", "Enter"):  # the button after the outcome: try again
        notebook.page.keyboard.press(key)
    expect(asked.verdict).to_have_count(0)
    expect(asked.picture).to_be_hidden()
    for key in ("ArrowUp", "Enter"):
        notebook.page.keyboard.press(key)
    expect(asked.verdict).to_have_text("✓ As predicted.")


def test_nothing_is_committed_without_an_answer(notebook):
    asked = Question(notebook.run(4))
    asked.cell.get_by_role("button", name="Commit").press("Enter")
    assert notebook.page.evaluate("document.activeElement.validity.valueMissing") is True
    expect(asked.verdict).to_have_count(0)


def test_an_order_is_made_with_buttons(notebook):
    asked = Question(notebook.run(3))
    places = asked.cell.locator(".al-order li > span")
    expect(places).to_have_text(["runner(fox)", "runner(hare)", "runner(tortoise)"])
    up = asked.cell.get_by_role("button", name="Move runner(tortoise) up")
    up.focus()
    notebook.page.keyboard.press("Enter")
    notebook.page.keyboard.press("Enter")
    expect(places).to_have_text(["runner(tortoise)", "runner(fox)", "runner(hare)"])
    expect(up).to_be_focused()
    expect(asked.live).to_have_text("runner(tortoise): place 1 of 3")
    asked.cell.get_by_role("button", name="Commit").press("Enter")
    expect(asked.verdict).to_have_text("✓ As predicted.")


def test_an_answered_question_stays_answered_when_its_cell_runs_again(notebook):
    asked = Question(notebook.run(5))
    asked.cell.get_by_label("Your prediction, in s").fill("0.6")
    notebook.page.keyboard.press("Enter")
    expect(asked.outcome.locator("dd")).to_have_text(["0.60 s", "0.30 s"])
    asked = Question(notebook.run(5))
    expect(asked.outcome.locator("dd")).to_have_text(["0.60 s", "0.30 s"])
    expect(asked.picture).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(browser, jupyter, axe, theme):
    name = f"axe-{theme.split()[-1]}.ipynb"
    jupyter.write(name, PROGRAM, NUMBER, CHOICE, ORDER)
    jupyter.use_theme(theme)
    context = browser.new_context(viewport={"width": 400, "height": 1400})
    try:
        notebook = NotebookPage(context.new_page(), jupyter, "notebook", name)
        cells = [notebook.run(index) for index in range(4)]
        cells[2].get_by_role("radio").last.check()
        cells[2].get_by_role("button", name="Commit").press("Enter")
        expect(cells[2].locator(".al-verdict")).to_be_visible()
        notebook.page.add_script_tag(url=axe)
        found = notebook.page.evaluate("axe.run('.jp-OutputArea-output')")
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
    finally:
        jupyter.use_theme("JupyterLab Light")
        context.close()
