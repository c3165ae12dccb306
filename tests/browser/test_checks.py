"""Exercises in JupyterLab, by keyboard alone: from wrong to passed, and lines to arrange."""

import pytest
from notebook_page import NotebookPage
from playwright.sync_api import expect

SETUP = """\
import asyncio, os
os.environ["ASYNCLAB_HOME"] = {home!r}
import asynclab as lab"""
ANSWER = """\
async def copies_by_town(ask, towns):
    return {town: await ask(town) for town in towns}"""
MENDED = """\
async def copies_by_town(ask, towns):
    copies = await asyncio.gather(*map(ask, towns))
    return dict(zip(towns, copies))"""
LINES = """\
both_wires = lab.arrange("both_wires", "")
both_wires"""
SETUP_CELL, ANSWER_CELL, CHECK_CELL, HINT_CELL, SOLUTION_CELL, MAP_CELL, LINES_CELL, CHECK_LINES = (
    range(8)
)


@pytest.fixture
def notebook(browser, jupyter, tmp_path):
    context = browser.new_context(viewport={"width": 1000, "height": 1400})
    jupyter.write(
        "checks.ipynb",
        SETUP.format(home=str(tmp_path)),
        ANSWER,
        "lab.check(copies_by_town)",
        "lab.hint(copies_by_town)",
        "lab.solution(copies_by_town)",
        "lab.progress()",
        LINES,
        "lab.check(both_wires)",
    )
    notebook = NotebookPage(context.new_page(), jupyter, "lab", "checks.ipynb")
    notebook.run(SETUP_CELL)
    notebook.faults.clear()  # what the front end itself complains of while it starts
    yield notebook
    assert notebook.faults == []
    context.close()


def write(notebook, index, text):
    """Replace the text of a cell, as a learner would."""
    notebook.cells.nth(index).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+A")
    notebook.page.keyboard.insert_text(text)


def facts(cell):
    """Label and sentence of each fact of a report."""
    report = cell.locator(".asynclab-report")
    labels, sentences = report.locator("dt"), report.locator("dd")
    return dict(zip(labels.all_inner_texts(), sentences.all_inner_texts(), strict=True))


def test_from_a_wrong_answer_to_a_pass(notebook):
    notebook.run(ANSWER_CELL)
    wrong = notebook.run(CHECK_CELL)
    expect(wrong.locator(".asynclab-report h4")).to_have_text("✗ copies_by_town: wrong")
    told = facts(wrong)
    assert "never two at once" in told["your code"]
    assert told["likely reason"].startswith("“awaiting coroutines one by one”: ")
    expect(wrong.locator(".tl-svg").first).to_be_visible()
    expect(wrong.get_by_text("expected shape").first).to_be_visible()

    expect(notebook.run(HINT_CELL)).to_contain_text("hint 1 of 3, a question:")
    expect(notebook.run(SOLUTION_CELL)).to_contain_text("after 2 more different attempts")

    write(notebook, ANSWER_CELL, MENDED)
    notebook.run(ANSWER_CELL)
    passed = notebook.run(CHECK_CELL)
    expect(passed.locator(".asynclab-report h4")).to_have_text("✓ copies_by_town: passed")
    expect(notebook.run(SOLUTION_CELL)).to_contain_text("zip pairs by place")
    expect(notebook.run(MAP_CELL)).to_contain_text("✓\u00a0copies_by_town")


def test_lines_can_be_read_whole_where_there_is_little_room(notebook):
    lines = notebook.run(LINES_CELL).get_by_role("group", name="Arrange both_wires")
    lines.evaluate("node => { node.style.width = '420px' }")
    cut = "nodes => nodes.filter(n => n.scrollWidth > n.clientWidth).map(n => n.textContent)"
    assert lines.locator("li > code").evaluate_all(cut) == []


def test_lines_are_arranged_and_checked_in_place(notebook):
    cell = notebook.run(LINES_CELL)
    bench = cell.get_by_role("group", name="Arrange both_wires")
    function = bench.get_by_role("list", name="Your function").locator("code")
    press = lambda name: bench.get_by_role("button", name=name, exact=True).press("Enter")  # noqa: E731 - said often

    bench.get_by_role("button", name="Check", exact=True).press("Enter")
    expect(cell.locator(".asynclab-report h4")).to_have_text("· both_wires: not attempted")

    for line in (
        "async def both_wires(ask, near, far):",
        "near_wire = asyncio.create_task(ask(near))",
        "near_text = await near_wire",
        "far_wire = asyncio.create_task(ask(far))",
        "far_text = await far_wire",
        "return [near_text, far_text]",
    ):
        press(f"Use: {line}")
    expect(function).to_have_count(6)
    press("Check")
    expect(cell.locator(".asynclab-report h4")).to_have_text("✗ both_wires: wrong")
    expect(cell.locator(".tl-svg").first).to_be_visible()

    up = bench.get_by_role("button", name="Move up: far_wire = asyncio.create_task(ask(far))")
    up.press("Enter")
    expect(up).to_be_focused()
    expect(bench.locator(".al-live")).to_have_text("Line 1: place 3 of 6, indented once.")
    expect(bench.get_by_label("The order, to copy into the cell")).to_have_text(
        '"3 6> 1> 2> 7> 4>"'
    )
    press("Check")
    expect(cell.locator(".asynclab-report h4")).to_have_text("✓ both_wires: passed")
    expect(bench.locator(".al-live")).to_have_text("both_wires: passed")
    expect(cell.locator(".tl-svg")).to_be_hidden()
    expect(notebook.run(CHECK_LINES)).to_contain_text("both_wires: passed")


def test_lines_are_indented_and_left_out(notebook):
    bench = notebook.run(LINES_CELL).get_by_role("group", name="Arrange both_wires")
    order = bench.get_by_label("The order, to copy into the cell")
    for button, result in (
        ("Use: far_wire = ask(far)", '"5"'),
        ("Indent more: far_wire = ask(far)", '"5>"'),
        ("Indent more: far_wire = ask(far)", '"5>>"'),
        ("Indent less: far_wire = ask(far)", '"5>"'),
        ("Move up: far_wire = ask(far)", '"5>"'),
        ("Leave out: far_wire = ask(far)", '""'),
    ):
        bench.get_by_role("button", name=button, exact=True).press("Enter")
        expect(order).to_have_text(result)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(browser, jupyter, axe, theme, tmp_path):
    name = f"checks-{theme.split()[-1]}.ipynb"
    cells = (SETUP.format(home=str(tmp_path)), ANSWER, "lab.check(copies_by_town)", LINES)
    jupyter.write(name, *cells, "lab.hint(copies_by_town)", "lab.progress()")
    jupyter.use_theme(theme)
    context = browser.new_context(viewport={"width": 500, "height": 1400})
    try:
        notebook = NotebookPage(context.new_page(), jupyter, "notebook", name)
        shown = [notebook.run(index) for index in range(6)]
        shown[3].get_by_role("button", name="Use: far_wire = ask(far)").press("Enter")
        shown[3].get_by_role("button", name="Check", exact=True).press("Enter")
        expect(shown[3].locator(".asynclab-report h4")).to_have_text("✗ both_wires: wrong")
        notebook.page.add_script_tag(url=axe)
        found = notebook.page.evaluate("axe.run('.jp-OutputArea-output')")
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
    finally:
        jupyter.use_theme("JupyterLab Light")
        context.close()
