"""The style of the committed notebooks, as far as it can be measured.

That they are what `content/` builds is not repeated here: `asynclab build --check` says so.
"""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from asynclab.build.sources import read_sources

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"notebooks": "lessons", "exercises": "exercises", "solutions": "exercises"}
NOTEBOOKS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("[0-9]*.ipynb"))
SOURCES = read_sources(ROOT)
LINES = {
    (source.kind, source.stem, cell.id): f"{source.path}:{cell.line}"
    for source in SOURCES
    for cell in source.cells
}

EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
HTML = re.compile(r"</?(a|b|br|center|details|div|font|h\d|hr|i|img|p|span|style|table)\b[^>]*>")
PLACEHOLDER = re.compile(r"\b(foo|bar|baz|spam|eggs)\b")
FENCED = re.compile(r"^(`{3,}).*?^\1`*\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^):]+\.ipynb(?:#[^)]*)?)\)")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
SILENT = (*DEFINITIONS, ast.Assert, ast.Assign, ast.AnnAssign)


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook: its kind, its text, whether it has outputs."""

    kind: str
    text: str
    has_output: bool = False
    id: str = ""

    @property
    def is_code(self):
        return self.kind == "code"

    @property
    def prose(self):
        """The text without fences and code spans; empty for code."""
        return "" if self.is_code else re.sub(r"`[^`\n]*`", "x", FENCED.sub("", self.text))

    @property
    def headings(self):
        return re.findall(r"^(#+) +(.*?)\s*$", self.prose, re.MULTILINE)

    @property
    def lead(self):
        """The words after the last heading."""
        return re.split(r"^#+ .*$", self.prose, flags=re.MULTILINE)[-1].split()


def code(text, has_output=True):
    return Cell("code", text, has_output)


def prose(text):
    return Cell("markdown", text)


# The rules: each takes the cells of a notebook and yields the number of a cell and a sentence


def one_title(cells):
    titles = [n for n, cell in enumerate(cells) for mark, _ in cell.headings if mark == "#"]
    if titles != [0]:
        yield 0, f"first-level headings stand in cells {titles}: one, in the first cell"


def no_empty_cell(cells):
    for number, cell in enumerate(cells):
        if not cell.text.strip():
            yield number, "the cell is empty"


def narrow_code(cells):
    for number, cell in enumerate(cells):
        widest = max(map(len, cell.text.splitlines()), default=0)
        if cell.is_code and widest > 88:
            yield number, f"a line of code has {widest} columns, at most 88"


def short_code(cells):
    for number, cell in enumerate(cells):
        lines = len(cell.text.splitlines())
        if cell.is_code and lines > 15:
            yield number, f"the code has {lines} lines, at most 15"


def short_code_as_a_rule(cells):
    middle = median([len(cell.text.splitlines()) for cell in cells if cell.is_code] or [0])
    if middle > 6:
        yield 0, f"the median code cell has {middle:g} lines, at most 6"


def short_setup(cells):
    """The first code cell only imports."""
    number, setup = next((each for each in enumerate(cells) if each[1].is_code), (0, code("")))
    if len(setup.text.splitlines()) > 5:
        yield number, f"the setup has {len(setup.text.splitlines())} lines, at most 5"
    if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree(setup).body):
        yield number, "the setup does more than import"


def at_most_two_code_cells_in_a_row(cells):
    kinds = [cell.is_code for cell in cells]
    for number in range(2, len(cells)):
        if all(kinds[number - 2 : number + 1]):
            yield number, "the third code cell in a row: say something before it"


def prose_before_code(cells):
    for number, cell in enumerate(cells):
        before = cells[number - 1] if number else prose("")
        if cell.is_code and not before.is_code and not before.lead:
            yield number, "no prose between the heading and the code"


def measured_prose_before_code(cells):
    """Counted from the last heading, in the cell before: two blank lines begin a new cell."""
    for number, cell in enumerate(cells):
        before = cells[number - 1] if number else prose("")
        if cell.is_code and not before.is_code and not 20 <= len(before.lead) <= 60:
            yield number, f"{len(before.lead)} words of prose stand before the code, 20 to 60"


def evidence(cells):
    for number, cell in enumerate(cells):
        if cell.is_code and not cell.has_output and not may_be_silent(cell):
            yield number, "the code runs something and shows nothing"


def sentence_case(cells):
    """Capitals are for names, and a name is also written large within a sentence."""
    text = "\n".join(cell.prose for cell in cells)
    names = set(re.findall(r"(?<=[a-z,] )[A-Z]\w*", re.sub(r"^#.*$", "", text, flags=re.MULTILINE)))
    for number, cell in enumerate(cells):
        for _, heading in cell.headings:
            words = re.findall(r"[A-Za-z']+", heading)[1:]
            capitals = [word for word in words if word.istitle() and word not in names]
            if len(capitals) > max(1, len(words) / 2):
                yield number, f'the heading "{heading}" is in title case'


def plain_text(cells):
    for number, cell in enumerate(cells):
        if found := EMOJI.search(cell.text):
            yield number, f"an emoji: {found[0]}"
        if cell.is_code and (found := PLACEHOLDER.search(cell.text)):
            yield number, f"a placeholder name: {found[0]}"
        if found := HTML.search(cell.prose):
            yield number, f"HTML in the text: {found[0]}"


def tree(cell):
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(cell.text, "cell", "exec", flags)


def may_be_silent(cell):
    """Definitions, imports, asserts, and values that nobody waited for."""
    body = tree(cell).body
    waits = any(
        isinstance(node, ast.Await)
        for statement in body
        if not isinstance(statement, DEFINITIONS)
        for node in ast.walk(statement)
    )
    return not waits and all(isinstance(statement, SILENT) for statement in body)


EVERYWHERE = [
    one_title,
    no_empty_cell,
    narrow_code,
    short_setup,
    at_most_two_code_cells_in_a_row,
    prose_before_code,
    sentence_case,
    plain_text,
]
RULES = {
    "notebooks": [
        *EVERYWHERE,
        short_code,
        short_code_as_a_rule,
        measured_prose_before_code,
        evidence,
    ],
    "exercises": EVERYWHERE,
    "solutions": [*EVERYWHERE, evidence],
}

# The rules are themselves kept honest: each one has a notebook that breaks it

TITLE, SETUP = prose("# The shop\n\n" + "word " * 30), code("import asyncio", has_output=False)
BROKEN: list[tuple[Callable, list[Cell], int, str]] = [
    (one_title, [prose("No title")], 0, "first-level headings stand in cells []"),
    (one_title, [TITLE, prose("# Again")], 0, "first-level headings stand in cells [0, 1]"),
    (no_empty_cell, [TITLE, code(" \n")], 1, "the cell is empty"),
    (narrow_code, [TITLE, code("x" * 89)], 1, "a line of code has 89 columns, at most 88"),
    (short_code, [TITLE, code("x\n" * 16)], 1, "the code has 16 lines, at most 15"),
    (short_code_as_a_rule, [TITLE, SETUP, code("x\n" * 7), code("x\n" * 7)], 0, "has 7 lines"),
    (short_setup, [TITLE, code("import asyncio\n" * 6)], 1, "the setup has 6 lines, at most 5"),
    (short_setup, [TITLE, code("import asyncio\nx = 1")], 1, "the setup does more than import"),
    (at_most_two_code_cells_in_a_row, [TITLE, SETUP, SETUP, SETUP], 3, "the third code cell"),
    (prose_before_code, [TITLE, prose("## Look"), SETUP], 2, "no prose"),
    (prose_before_code, [SETUP], 0, "no prose"),
    (measured_prose_before_code, [prose("word " * 19), SETUP], 1, "19 words of prose"),
    (measured_prose_before_code, [prose("word " * 61), SETUP], 1, "61 words of prose"),
    (evidence, [TITLE, code("await page()", has_output=False)], 1, "shows nothing"),
    (evidence, [TITLE, code("x = await page()", has_output=False)], 1, "shows nothing"),
    (evidence, [TITLE, code("print()", has_output=False)], 1, "shows nothing"),
    (sentence_case, [prose("# Awaiting Coroutines One By One")], 0, "is in title case"),
    (plain_text, [prose("Well done \U0001f389")], 0, "an emoji: \U0001f389"),
    (plain_text, [code("async def foo(): ...")], 0, "a placeholder name: foo"),
    (plain_text, [prose("<div align='center'>")], 0, "HTML in the text: <div align='center'>"),
]
SOUND = [
    TITLE,
    SETUP,
    prose(
        "## What `asyncio.gather()` gives back\n\n```text\n# no heading <div>\n```\n" + "so " * 20
    ),
    code("async def page():\n    await asyncio.sleep(1)", has_output=False),
    code("await page()"),
    prose("## The Harbour Post\n\nA bar. " + "word " * 55 + "the Harbour Post"),
    code("pages = [page, page]\nassert pages", has_output=False),
]


@pytest.mark.parametrize(("rule", "cells", "number", "sentence"), BROKEN)
def test_each_rule_finds_what_breaks_it(rule, cells, number, sentence):
    ((found, complaint),) = rule(cells)
    assert found == number
    assert sentence in complaint


@pytest.mark.parametrize("rule", RULES["notebooks"], ids=lambda rule: rule.__name__)
def test_no_rule_complains_of_a_sound_notebook(rule):
    assert list(rule(SOUND)) == []


# The committed notebooks


def test_there_are_notebooks_to_measure():
    folders = {folder for folder, kind in FOLDERS.items() if kind in {s.kind for s in SOURCES}}
    assert "notebooks" in folders, "content/lessons is empty"
    assert {path.parent.name for path in NOTEBOOKS} == folders


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_notebook_keeps_the_rules_of_style(path):
    cells = read(path)
    found = [
        f"{place(path, cells[number], number)}: {sentence}"
        for rule in RULES[path.parent.name]
        for number, sentence in rule(cells)
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_links_lead_to_notebooks_and_headings_that_exist(path):
    lost = [
        f"{place(path, cell, number)}: {target}"
        for number, cell in enumerate(read(path))
        if cell.kind == "markdown"
        for target in LINK.findall(cell.text)
        if not leads_somewhere(path.parent, target)
    ]
    assert not lost, "\n" + "\n".join(lost)


def leads_somewhere(folder, target):
    """Whether a notebook has this name and, if the link asks for one, such a heading."""
    name, _, anchor = target.partition("#")
    return (folder / name).exists() and (not anchor or anchor in anchors((folder / name).resolve()))


@cache
def anchors(path):
    """Jupyter's names of the headings: their words, joined by hyphens."""
    prose = "\n".join(FENCED.sub("", cell.text) for cell in read(path) if cell.kind == "markdown")
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[`*]", "", heading).strip().replace(" ", "-") for heading in headings}


def read(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [
        Cell(cell["cell_type"], "".join(cell["source"]), bool(cell.get("outputs")), cell["id"])
        for cell in notebook["cells"]
    ]


def place(path, cell, number):
    """Where to look: the cell of the notebook, and the line of the source to change."""
    source = LINES.get((FOLDERS[path.parent.name], path.stem, cell.id), "no source")
    return f"{path.parent.name}/{path.name} cell {number + 1} ({source})"
