"""Reads `content/`, the only place where the words and cells of the course are edited.

A source is Jupytext Markdown, `content/lessons/NN_stem.md` or `content/exercises/NN_stem.md`.
Text is a Markdown cell, a fence that begins with ```` ```python ```` is a code cell::

    # Awaiting one by one takes the sum

    Text. Two blank lines begin a new Markdown cell.

    ```python
    import asyncio
    ```

    ```python tags=["raises-exception"]
    asyncio.run(main())
    ```

What a fence may carry, in Jupytext's own notation:

- `tags=["raises-exception"]`: the point of the cell is its traceback. A cell that raises
  without this tag, or carries it and raises nothing, is refused.
- `tags=["nbval-ignore-output"] reason="why the output cannot be the same twice"`: the tests
  do not compare this cell's output. It is refused without a reason.
- `tags=["starter"]`: only in the learner's notebook, `exercises/NN_stem.ipynb`.
- `tags=["solution"]`: only in the explained one, `solutions/NN_stem.ipynb`.
- `name="answer-shop_page"`: where the learner writes. A starter and a solution share it; the
  functions that the starter defines have the same signatures in the solution.
- `name="check-shop_page"`: the cell that checks the answer of that name, after it.

An exercise, whole::

    ## The page of a shop

    The story, and the contract.

    ```python tags=["starter"] name="answer-shop_page"
    async def shop_page(client):
        ...
    ```

    ```python tags=["solution"] name="answer-shop_page"
    async def shop_page(client):
        return await asyncio.gather(client.get("/users/1"), client.get("/posts"))
    ```

    ```python name="check-shop_page"
    lab.check(shop_page)
    ```

    <!-- #region tags=["solution"] -->
    Why it works, and what else would: Markdown cells are tagged with a region.
    <!-- #endregion -->

    ```python tags=["solution"]
    await shop_page_with_tasks(client)     # an alternative: a solution without a name
    ```

Code that is only read stays in the text: a fence of `text`, `console`, `json`, `http`, `toml`
or `yaml`, and ```` ```python .noeval ```` for Python.
"""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import jupytext

__all__ = ["KINDS", "Cell", "Course", "Problem", "Source", "read_course"]

KINDS = ("lessons", "exercises")
STEM = re.compile(r"\d\d_[a-z][a-z0-9_]*")

_TAGS = {"starter", "solution", "raises-exception", "nbval-ignore-output"}
_ATTRIBUTES = {"tags", "name", "reason"}
_INTERNAL = {"lines_to_next_cell", "region_name"}  # Jupytext's own notes on a cell
_READ_ONLY = {"", "text", "console", "json", "http", "toml", "yaml"}
_NAME = re.compile(r"(answer|check)-([a-z][a-z0-9_]{0,49})")
_FENCE = re.compile(r"(`{3,})\s*(.*)")
_REGION = re.compile(r"<!--\s*#(end)?(region|markdown|md|raw)\b.*-->\s*")
_FENCES = (
    "write python for code that runs, and python .noeval, "
    f"{', '.join(sorted(_READ_ONLY - {''}))} for what is only read"
)
_NBVAL_COMMENT = re.compile(r"#+\s*(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)\s*")

Finding = tuple[int, str]  # a line of the source, and a sentence on what is wrong there


@dataclass(frozen=True, order=True)
class Problem:
    """One reason to refuse a source: `content/lessons/01_x.md:7: sentence`."""

    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


@dataclass
class Cell:
    """One cell of a source, and the line of the source where its text begins."""

    kind: str  # "markdown" or "code"
    text: str
    line: int
    tags: tuple[str, ...] = ()
    name: str | None = None
    reason: str | None = None
    id: str = ""

    @property
    def mark(self) -> int:
        """The line of the fence or region that begins this cell."""
        return self.line - 1

    @property
    def exercise(self) -> str | None:
        """The name of the exercise that this cell answers or checks."""
        return self.name and self.name.partition("-")[2]

    @property
    def is_answer(self) -> bool:
        """Whether this is a starter or a solution with a name."""
        return bool(self.name) and self.name.startswith("answer-")


@dataclass
class Source:
    """One file of `content/`: its path from the root of the course, its kind and its cells."""

    path: str
    kind: str  # "lessons" or "exercises"
    stem: str
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Course:
    """All sources in order, and everything that is wrong with them."""

    sources: list[Source]
    problems: list[Problem]


def read_course(root: Path) -> Course:
    """Read and check every source below `root/content`.

    Never raises for what an author wrote: each mistake is one `Problem`.
    """
    sources, problems = [], []
    for kind in KINDS:
        for path in sorted((root / "content" / kind).glob("*.md")):
            source = Source(path.relative_to(root).as_posix(), kind, path.stem)
            problems += _read(source, path.read_text(encoding="utf-8"))
            sources.append(source)
    problems += _taken_numbers(sources)
    problems += _taken_names(sources)
    return Course(sources, sorted(problems))


# One file


def _read(source: Source, text: str) -> list[Problem]:
    """Fill in `source.cells` from the text; return what is wrong with it."""

    def problem(line: int, sentence: str) -> Problem:
        return Problem(source.path, line, sentence)

    found = []
    if not STEM.fullmatch(source.stem):
        found.append((1, "the file name is not NN_stem.md, as in 06_semaphore.md"))
    lines = text.splitlines()
    found += [*_title(lines), *_blocks(lines)]
    if broken := list(_structure(lines)):  # where cells end is unknown: nothing said of them holds
        return [problem(*each) for each in found + broken]
    for cell, metadata in _cells(text):
        found += _unreadable(cell, metadata)
        found += _code(cell) if cell.kind == "code" else ()
        source.cells.append(cell)
    found += _lesson(source) if source.kind == "lessons" else _exercises(source)
    _identify(source)
    return [problem(*each) for each in found]


def _cells(text: str) -> Iterator[tuple[Cell, dict]]:
    """The cells as Jupytext reads them, each with its line and its raw metadata."""
    searched = f"\n{text}\n"
    position = 0
    for read in jupytext.reads(text, "md").cells:
        at = searched.find(f"\n{read.source}\n", position)
        position = at if at >= 0 else position
        line = searched.count("\n", 0, position) + 1
        position += len(read.source)
        metadata = {key: value for key, value in read.metadata.items() if key not in _INTERNAL}
        yield Cell(read.cell_type, read.source, line), metadata


def _structure(lines: list[str]) -> Iterator[Finding]:
    """Fences and regions that begin and never end, or end and never began."""
    for fence in _fences(lines):
        if not fence.end:
            yield fence.begin, f"the fence that begins here has no closing {fence.mark}"
    for region in _regions(lines):
        if not region.end:
            yield (
                region.begin,
                f"the {region.mark} that begins here has no <!-- #end{region.mark} -->",
            )
        elif not region.begin:
            yield region.end, f"this line ends a {region.mark} that was never begun"


def _blocks(lines: list[str]) -> Iterator[Finding]:
    """Empty cells, and fences that are neither a cell nor meant to be only read."""
    regions = _regions(lines)
    for block in [*_fences(lines), *regions]:
        if block.begin and block.end and not "".join(lines[block.begin : block.end - 1]).strip():
            yield block.begin, "an empty cell: write something in it or remove it"
    for fence in _fences(lines):
        language = fence.info.partition(" ")[0]
        quoted = any(region.begin < fence.begin < region.end for region in regions)
        if not quoted and language != "python" and language not in _READ_ONLY:
            yield fence.begin, f'a "{language}" fence is not a cell: {_FENCES}'


def _title(lines: list[str]) -> Iterator[Finding]:
    """Exactly one first-level heading, on the first line that is not blank."""
    titles = [n for n, line, role in _roles(lines) if role == "text" and line.startswith("# ")]
    if not titles:
        yield 1, 'there is no title: begin with one line "# ..."'
    elif "".join(lines[: titles[0] - 1]).strip():
        yield titles[0], "the title is not the first line: nothing stands before it"
    for number in titles[1:]:
        yield number, 'a second title: "#" stands once, write "##" here'


@dataclass(frozen=True)
class _Block:
    """A fence or a region, by the numbers of its first and last line; 0 where one is missing."""

    begin: int
    end: int
    mark: str
    info: str = ""


def _roles(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Every line with its number and its role: opens, inside or closes a fence, or text.

    A fence that begins inside a shorter or equal one opens: the other was forgotten open.
    """
    ticks = ""
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.fullmatch(line)
        role = "inside" if ticks else "text"
        if fence and len(fence[1]) >= len(ticks):
            role = "closes" if ticks and not fence[2] else "opens"
            ticks = "" if role == "closes" else fence[1]
        yield number, line, role


def _fences(lines: list[str]) -> list[_Block]:
    """All fences in order."""
    found = []
    for number, line, role in _roles(lines):
        if role == "opens":
            fence = _FENCE.fullmatch(line)
            found.append(_Block(number, 0, fence[1], fence[2]))
        elif role == "closes":
            found[-1] = replace(found[-1], end=number)
    return found


def _regions(lines: list[str]) -> list[_Block]:
    """All regions in order. They do not nest: what begins inside one is its text."""
    found = []
    for number, line, role in _roles(lines):
        marker = _REGION.fullmatch(line) if role == "text" else None
        is_open = bool(found) and not found[-1].end
        if marker and not marker[1] and not is_open:
            found.append(_Block(number, 0, marker[2]))
        elif marker and marker[1] and is_open:
            found[-1] = replace(found[-1], end=number)
        elif marker and marker[1]:
            found.append(_Block(0, number, marker[2]))
    return found


# One cell


def _unreadable(cell: Cell, metadata: dict) -> Iterator[Finding]:
    """Take over tags, name and reason; tell what cannot be taken over."""
    if cell.kind == "raw":
        yield cell.mark, "a raw cell is not shown by Jupyter: write text or code"
    if "incorrectly_encoded_metadata" in metadata:
        yield cell.mark, f"cannot be read: {metadata['incorrectly_encoded_metadata']}"
        return
    for key in sorted(set(metadata) - _ATTRIBUTES):
        yield cell.mark, f'unknown attribute "{key}": a cell may have tags, name and reason'
    tags = metadata.get("tags", [])
    if not isinstance(tags, list):
        yield cell.mark, f'tags are a list: tags=["{tags}"]'
        return
    cell.tags, cell.name = tuple(tags), metadata.get("name")
    cell.reason = metadata.get("reason")
    for tag in tags:
        if tag not in _TAGS:
            yield cell.mark, f'unknown tag "{tag}": the tags are {", ".join(sorted(_TAGS))}'
    yield from ((cell.mark, sentence) for sentence in _contradictions(cell))


def _contradictions(cell: Cell) -> Iterator[str]:
    """Tags and names that do not fit together."""
    edition = {"starter", "solution"}.intersection(cell.tags)
    if len(edition) == 2:
        yield "a cell is a starter or a solution, not both: write two cells"
    if "nbval-ignore-output" in cell.tags and not cell.reason:
        yield 'nbval-ignore-output needs a reason="...": what is not compared proves nothing'
    if cell.name is None:
        if cell.kind == "code" and "starter" in cell.tags:
            yield 'a starter needs a name="answer-..."'
    elif not _NAME.fullmatch(str(cell.name)):
        yield f'"{cell.name}" is not a name: write answer-... or check-..., as in answer-page'
        cell.name = None
    elif cell.is_answer and not edition:
        yield f'"{cell.name}" is neither tagged starter nor solution'
    elif not cell.is_answer and edition:
        yield f'"{cell.name}" is tagged {edition.pop()}: a check stands in both notebooks'


def _code(cell: Cell) -> Iterator[Finding]:
    """The text of a code cell is plain Python, as in a script, with await allowed."""
    lines = cell.text.splitlines()
    for number, line in enumerate(lines, start=cell.line):
        if comment := _NBVAL_COMMENT.fullmatch(line.strip()):
            yield number, f"{comment[1]} changes the tests from a comment: use a tag on the fence"
    try:
        _parsed(cell)
    except SyntaxError as error:
        magic = [n for n, line in enumerate(lines, cell.line) if line.lstrip()[:1] in ("%", "!")]
        if magic:
            yield magic[0], "a magic works in no script: write plain Python"
        elif "raises-exception" not in cell.tags:
            yield cell.line + (error.lineno or 1) - 1, f"this is not Python: {error.msg}"


def _parsed(cell: Cell) -> ast.Module:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(cell.text, "cell", "exec", flags, dont_inherit=True)


# The cells of one source together


def _lesson(source: Source) -> Iterator[Finding]:
    for cell in source.cells:
        for tag in {"starter", "solution"}.intersection(cell.tags):
            yield cell.mark, f"a lesson has no {tag}: it belongs in content/exercises/"
        if cell.name:
            yield cell.mark, f'a lesson has no "{cell.name}": it belongs in content/exercises/'


def _exercises(source: Source) -> Iterator[Finding]:
    """Each exercise has one starter, one solution of the same shape, and one check after both."""
    starters = _named(source, "starter")
    solutions = _named(source, "solution")
    checks = {cell.exercise: cell for cell in source.cells if cell.name and not cell.is_answer}
    for name, cell in starters.items():
        if name in solutions:
            yield from _signatures(cell, solutions[name])
        else:
            yield cell.mark, f'the exercise "{name}" has a starter and no solution'
    for name, cell in (solutions | starters).items():
        if name not in starters:
            yield cell.mark, f'the exercise "{name}" has a solution and no starter'
        if name not in checks or checks[name].line < cell.line:
            yield cell.mark, f'no cell with name="check-{name}" follows this exercise'
    for name, cell in checks.items():
        if name not in starters and name not in solutions:
            yield cell.mark, f'"check-{name}" checks an exercise that is not in this file'


def _named(source: Source, tag: str) -> dict[str, Cell]:
    """The first cell of each exercise with this tag, by exercise."""
    cells = [cell for cell in source.cells if cell.is_answer and tag in cell.tags]
    return {cell.exercise: cell for cell in reversed(cells)}


def _signatures(starter: Cell, solution: Cell) -> Iterator[Finding]:
    """A learner who keeps the starter's functions must be able to write the solution."""
    asked, given = _functions(starter), _functions(solution)
    for name, (_, signature) in asked.items():
        if name not in given:
            yield solution.line, f"the solution does not define {name}, which its starter defines"
        elif given[name][1] != signature:
            line, other = given[name]
            yield line, f'the solution is "{other}" and its starter "{signature}"'


def _functions(cell: Cell) -> dict[str, tuple[int, str]]:
    """Line and signature of every function at the top level of a cell, by name."""
    try:
        body = _parsed(cell).body
    except SyntaxError:
        return {}  # reported where the cell is read
    return {
        node.name: (cell.line + node.lineno - 1, _signature(node))
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    prefix = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{prefix} {node.name}({ast.unparse(node.args)}){returns}"


def _identify(source: Source) -> None:
    """Named cells keep their name as id; the others get one that only their text decides.

    A cell that moves keeps its id, so a diff of two builds shows what changed.
    """
    seen = Counter()
    for cell in source.cells:
        text = f"{source.stem}\0{cell.kind}\0{cell.text}"
        digest = hashlib.sha256(f"{text}\0{seen[text]}".encode()).hexdigest()
        cell.id = cell.name or digest[:12]
        seen[text] += 1


# All sources together


def _taken_numbers(sources: Iterable[Source]) -> Iterator[Problem]:
    """One number, one stem: 06 is the semaphore in lessons and in exercises."""
    first = {}
    for source in sources:
        owner = first.setdefault(source.stem[:2], source)
        if owner.stem != source.stem:
            sentence = f"the number {source.stem[:2]} is taken by {owner.path}"
            yield Problem(source.path, 1, sentence)


def _taken_names(sources: Iterable[Source]) -> Iterator[Problem]:
    """A name stands once in the course, except that starter and solution share theirs."""
    first = {}
    for source in sources:
        for cell in source.cells:
            if not cell.name:
                continue
            edition = "solution" if "solution" in cell.tags else "starter"
            path, line = first.setdefault((cell.name, edition), (source.path, cell.mark))
            if (path, line) != (source.path, cell.mark):
                taken = f'the name "{cell.name}" is taken by {path}:{line}'
                yield Problem(source.path, cell.mark, f"{taken}: names are unique in the course")
