"""A learner's way through the browser edition, to answers that the grader takes."""

import json

import pytest
from playwright.sync_api import expect
from site_page import SiteNotebook
from site_server import LAN
from typer.testing import CliRunner

from asynclab import cli

LESSON = "notebooks/00_start_here.ipynb"
EXERCISES = "exercises/06_semaphore.ipynb"
FRESH = """\
async def portraits(client, skippers, limit):
    async def portrait(skipper):
        async with asyncio.Semaphore(limit):
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))"""
SHARED = """\
async def portraits(client, skippers, limit):
    permits = asyncio.Semaphore(limit)

    async def portrait(skipper):
        async with permits:
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))"""
LOSES_PERMITS = """\
async def night_wires(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        await permits.acquire()
        text = await ask(name)
        permits.release()
        return text

    return await asyncio.gather(*map(wire, names), return_exceptions=True)"""
CELL_BELOW = "() => jupyterapp.commands.execute('notebook:insert-cell-below')"


class Exercises(SiteNotebook):
    """An exercise notebook, whose cells are known by their ids."""

    def index(self, cell_id):
        return [cell["id"] for cell in self.code_cells()].index(cell_id)

    def write(self, cell, source):
        """Replace what is in a cell, named by id or by number."""
        number = cell if isinstance(cell, int) else self.index(cell)
        self.cells.nth(number).locator(".cm-content").fill(source)
        return number

    def says(self, cell):
        """Run a cell; the place of what it shows."""
        number = cell if isinstance(cell, int) else self.index(cell)
        return self.run(number).locator(".jp-OutputArea")

    def add_cell(self, source):
        """Add a cell at the end, and run it; the place of what it shows."""
        self.cells.last.locator(".cm-content").click()
        self.page.evaluate(CELL_BELOW)
        return self.says(self.write(self.cells.count() - 1, source))


@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", True), (LAN, False)])
def test_from_the_first_page_to_a_grade(learner, served, tmp_path, host, trusted):
    served.host = host
    page = learner()
    page.goto(served.url)
    # A browser keeps its service workers, and more, to https and the computer itself.
    assert page.evaluate("isSecureContext") is trusted
    page.locator("a.start").click()
    move_a_slider(SiteNotebook(page, served, LESSON))

    page.goto(served.url)
    page.locator(f"a[href*='{EXERCISES}']").click()
    solve_an_exercise(Exercises(page, served, EXERCISES))

    page.reload()
    exercises = Exercises(page, served, EXERCISES)
    sources = {cell["id"]: cell["source"] for cell in exercises.code_cells()}
    assert sources["answer-portraits"] == SHARED
    assert progress(exercises) >= {"✓ portraits", "✗ night_wires", "· interviews"}

    page.goto(served.url)
    page.get_by_label("Your name").fill("Ana Ferreira")
    verdicts = graded(download(page, "answers", tmp_path / "answers.zip"), tmp_path / "graded")
    assert verdicts.pop("portraits") == ("Ana Ferreira", "ok", "")
    assert verdicts.pop("night_wires") == ("Ana Ferreira", "wrong", "permit lost")
    assert {verdict for _, verdict, _ in verdicts.values()} == {"not_attempted"}

    file = download(page, "progress", tmp_path / "progress.json")
    elsewhere = learner()
    elsewhere.goto(served.url)
    elsewhere.get_by_label("Add progress").set_input_files(file)
    expect(elsewhere.get_by_text("is yours here, too")).to_be_visible()
    assert "✓ portraits" in progress(Exercises(elsewhere, served, EXERCISES))


def move_a_slider(lesson):
    """Run what it needs, and see the picture change."""
    for number in (0, 1, 23):
        lesson.run(number)
    explorer = lesson.run(24)
    picture = explorer.locator(".tl")
    before = picture.inner_text()
    explorer.get_by_role("slider").first.press("End")
    expect(picture).not_to_have_text(before)


def solve_an_exercise(exercises):
    """Wrong, its diagnosis, a hint, passed; and another one, which stays wrong."""
    for number in (0, 4):
        exercises.run(number)
    exercises.run(exercises.write("answer-portraits", FRESH))
    expect(exercises.says("check-portraits")).to_contain_text("each semaphore knows of the others")
    expect(exercises.add_cell("lab.hint(portraits)")).to_contain_text("hint 1 of 3")
    exercises.run(exercises.write("answer-portraits", SHARED))
    expect(exercises.says("check-portraits")).to_contain_text("portraits: passed")
    exercises.run(exercises.write("answer-night_wires", LOSES_PERMITS))
    expect(exercises.says("check-night_wires")).to_contain_text("night_wires: wrong")
    exercises.save()


def progress(exercises):
    """The lines of the map, in a notebook that was just opened."""
    exercises.run(0)
    text = exercises.add_cell("print(lab.progress())").inner_text()
    return {line.strip() for line in text.splitlines()}


def download(page, what, path):
    """What a button of the first page gives."""
    with page.expect_download() as found:
        page.get_by_role("button", name=f"Download my {what}").click()
    found.value.save_as(path)
    return path


def graded(answers, folder):
    """Learner, verdict and misconception of each exercise."""
    arguments = ["grade", str(answers), "--output", str(folder), "--jobs", "1"]
    done = CliRunner().invoke(cli.app, [*arguments, "--allow-unsandboxed"])
    assert done.exit_code == 0, done.output
    records = json.loads((folder / "results.json").read_text("utf-8"))
    return {r["exercise"]: (r["learner"], r["verdict"], r["misconception"]) for r in records}
