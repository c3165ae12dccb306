"""What makes a source of the course unfit to build, each with its line and a sentence.

The format itself is described in `asynclab.build.sources`. Nothing is repaired and nothing dropped
silently: an author reads all mistakes of a run at once, and no notebook is written meanwhile.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .fences import fences, regions, roles
from .sources import STEM, Cell, Source

__all__ = ["Problem", "problems"]

Finding = tuple[int, str]  # a line of the source, and a sentence on what is wrong there

_TAGS = {"starter", "solution", "raises-exception", "nbval-ignore-output"}
_ATTRIBUTES = {"tags", "name", "reason"}
_MISREAD = "incorrectly_encoded_metadata"  # Jupytext's name for what it could not read
_READ_ONLY = ("console", "http", "json", "text", "toml", "yaml")
_NAME = re.compile(r"(answer|check)-[a-z][a-z0-9_]{0,49}")
_NBVAL_COMMENT = re.compile(r"#+\s*(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)\s*")


@dataclass(frozen=True, order=True)
class Problem:
    """One reason to refuse a source: `content/lessons/01_x.md:7: sentence`."""

    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


def problems(sources: Sequence[Source]) -> list[Problem]:
    """Everything that is wrong with the sources, in the order of files and lines."""
    found = [
        Problem(source.path, *finding)
        for source in sources
        for rule in _RULES
        for finding in rule(source)
    ]
    return sorted([*found, *_taken_numbers(sources), *_taken_names(sources)])


# -- the text ------------------------------------------------------------------------------


def _file_name(source: Source) -> Iterator[Finding]:
    if not STEM.fullmatch(source.stem):
        yield 1, "the file name is not NN_stem.md, as in 06_semaphore.md"


def _structure(source: Source) -> Iterator[Finding]:
    """Fences and regions that begin and never end, or end and never began."""
    for fence in fences(source.lines):
        if not fence.end:
            yield fence.begin, f"the fence that begins here has no closing {fence.mark}"
    for region in regions(source.lines):
        if not region.end:
            closing = f"<!-- #end{region.mark} -->"
            yield region.begin, f"the {region.mark} that begins here has no {closing}"
        elif not region.begin:
            yield region.end, f"this line ends a {region.mark} that was never begun"


def _readability(source: Source) -> Iterator[Finding]:
    for block in [*fences(source.lines), *regions(source.lines)]:
        if block.is_miswritten:
            yield block.begin, 'write attributes as tags=["..."] name="..." reason="..."'


def _emptiness(source: Source) -> Iterator[Finding]:
    for block in [*fences(source.lines), *regions(source.lines)]:
        inside = source.lines[block.begin : block.end - 1]
        if block.begin and block.end and not "".join(inside).strip():
            yield block.begin, "an empty cell: write something in it or remove it"


def _languages(source: Source) -> Iterator[Finding]:
    """A fence is a Python cell, or one that is only read."""
    markdown = regions(source.lines)
    for fence in fences(source.lines):
        language = fence.info.partition(" ")[0]
        quoted = any(region.begin < fence.begin < region.end for region in markdown)
        if not quoted and language not in ("", "python", *_READ_ONLY):
            readable = ", ".join(("python .noeval", *_READ_ONLY))
            what = f'a "{language}" fence is no cell: write python for code that runs'
            yield fence.begin, f"{what}, or for what is only read one of {readable}"


def _title(source: Source) -> Iterator[Finding]:
    """Exactly one first-level heading, on the first line that is not blank."""
    lines = source.lines
    titles = [n for n, line, role in roles(lines) if role == "text" and line.startswith("# ")]
    if not titles:
        yield 1, 'there is no title: begin with one line "# ..."'
    elif "".join(lines[: titles[0] - 1]).strip():
        yield titles[0], "the title is not the first line: nothing stands before it"
    for number in titles[1:]:
        yield number, 'a second title: "#" stands once, write "##" here'


# -- each cell -----------------------------------------------------------------------------


def _attributes(source: Source) -> Iterator[Finding]:
    """What stands on a fence or a region is known, and can be read."""
    for cell in source.cells:
        if cell.kind == "raw":
            yield cell.mark, "Jupyter does not show a raw cell: write text or code"
        if _MISREAD in cell.metadata:
            yield cell.mark, f"this cannot be read: {cell.metadata[_MISREAD]}"
            continue
        for key in sorted(cell.metadata.keys() - _ATTRIBUTES):
            yield cell.mark, f'unknown attribute "{key}": a cell may have tags, name and reason'
        for tag in cell.tags:
            if tag not in _TAGS:
                yield cell.mark, f'unknown tag "{tag}": the tags are {", ".join(sorted(_TAGS))}'


def _contradictions(source: Source) -> Iterator[Finding]:
    """Tags and names of a cell fit together."""
    for cell in source.cells:
        editions = sorted({"starter", "solution"}.intersection(cell.tags))
        if len(editions) == 2:
            yield cell.mark, "a cell is a starter or a solution, not both: write two cells"
        if "nbval-ignore-output" in cell.tags and not cell.metadata.get("reason"):
            proof = "what is not compared proves nothing"
            yield cell.mark, f'nbval-ignore-output needs a reason="...": {proof}'
        if not cell.name and cell.kind == "code" and "starter" in cell.tags:
            yield cell.mark, 'a starter needs a name="answer-..."'
        if cell.is_answer and not editions:
            yield cell.mark, f'"{cell.name}" is neither tagged starter nor solution'
        if cell.name.startswith("check-") and editions:
            yield (
                cell.mark,
                f'"{cell.name}" is tagged {editions[0]}: a check stands in both notebooks',
            )
        if cell.name and not _NAME.fullmatch(cell.name):
            yield (
                cell.mark,
                f'"{cell.name}" is no name: write answer-... or check-..., as in answer-page',
            )


def _python(source: Source) -> Iterator[Finding]:
    """A code cell is plain Python, as in a script, with await allowed."""
    for cell in source.cells:
        lines = list(enumerate(cell.text.splitlines(), start=cell.line))
        if cell.kind != "code":
            continue
        for number, line in lines:
            if comment := _NBVAL_COMMENT.fullmatch(line.strip()):
                yield number, f"{comment[1]} changes the tests from a comment: use a tag"
        try:
            _parsed(cell)
        except SyntaxError as error:
            magics = [number for number, line in lines if line.lstrip().startswith(("%", "!"))]
            if magics:
                yield magics[0], "a magic works in no script: write plain Python"
            elif "raises-exception" not in cell.tags:
                yield cell.line + (error.lineno or 1) - 1, f"this is not Python: {error.msg}"


def _parsed(cell: Cell) -> ast.Module:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(cell.text, "cell", "exec", flags, dont_inherit=True)


# -- the cells of one source together ------------------------------------------------------


def _lesson(source: Source) -> Iterator[Finding]:
    """A lesson has nothing to answer."""
    if source.kind != "lessons":
        return
    for cell in source.cells:
        for tag in sorted({"starter", "solution"}.intersection(cell.tags)):
            yield cell.mark, f"a lesson has no {tag}: it belongs in content/exercises/"
        if cell.name:
            yield cell.mark, f'a lesson has no "{cell.name}": it belongs in content/exercises/'


def _pairs(source: Source) -> Iterator[Finding]:
    """Each exercise has a starter, a solution of the same shape, and a check after both."""
    starters, solutions = _answers(source, "starter"), _answers(source, "solution")
    checks = {c.exercise: c for c in source.cells if c.name.startswith("check-")}
    if source.kind != "exercises":
        return
    for name, cell in (solutions | starters).items():
        if name not in solutions:
            yield cell.mark, f'the exercise "{name}" has a starter and no solution'
        if name not in starters:
            yield cell.mark, f'the exercise "{name}" has a solution and no starter'
        if name not in checks or checks[name].line < cell.line:
            yield cell.mark, f'no cell with name="check-{name}" follows this exercise'
    for name, cell in checks.items():
        if name not in starters | solutions:
            yield cell.mark, f'"check-{name}" checks an exercise that is not in this file'


def _answers(source: Source, tag: str) -> dict[str, Cell]:
    """The first cell of each exercise with this tag, by exercise."""
    cells = [cell for cell in source.cells if cell.is_answer and tag in cell.tags]
    return {cell.exercise: cell for cell in reversed(cells)}


def _signatures(source: Source) -> Iterator[Finding]:
    """A learner who keeps the functions of a starter can write its solution."""
    solutions = _answers(source, "solution")
    for exercise, starter in _answers(source, "starter").items():
        solution = solutions.get(exercise)
        given = _functions(solution) if solution else {}
        for name, (_, asked) in _functions(starter).items() if solution else ():
            line, signature = given.get(name, (solution.mark, ""))
            if not signature:
                yield line, f"the solution does not define {name}, which its starter defines"
            elif signature != asked:
                yield line, f'the solution is "{signature}" and its starter is "{asked}"'


def _functions(cell: Cell) -> dict[str, tuple[int, str]]:
    """Line and signature of each function at the top level of a cell, by name."""
    try:
        body = _parsed(cell).body
    except SyntaxError:
        return {}  # told by _python
    return {
        node.name: (cell.line + node.lineno - 1, _signature(node))
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    prefix = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{prefix} {node.name}({ast.unparse(node.args)}){returns}"


_RULES: tuple[Callable[[Source], Iterator[Finding]], ...] = (
    _file_name,
    _structure,
    _readability,
    _emptiness,
    _languages,
    _title,
    _attributes,
    _contradictions,
    _python,
    _lesson,
    _pairs,
    _signatures,
)


# -- all sources together ------------------------------------------------------------------


def _taken_numbers(sources: Sequence[Source]) -> Iterator[Problem]:
    """One number, one stem: 06 is the semaphore in lessons and in exercises."""
    first = {}
    for source in sources:
        owner = first.setdefault(source.stem[:2], source)
        if owner.stem != source.stem:
            sentence = f"the number {source.stem[:2]} is taken by {owner.path}"
            yield Problem(source.path, 1, sentence)


def _taken_names(sources: Sequence[Source]) -> Iterator[Problem]:
    """A name stands once in the course, except that starter and solution share theirs."""
    first = {}
    for source in sources:
        for cell in source.cells:
            if not cell.name:
                continue
            place = (source.path, cell.mark)
            path, line = first.setdefault((cell.name, "solution" in cell.tags), place)
            if (path, line) != place:
                sentence = f'the name "{cell.name}" is taken by {path}:{line}'
                yield Problem(*place, sentence)
