"""content/ -> notebooks/, exercises/, solutions/: the split, the refusals, the same bytes twice."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from asynclab.build import Refused, build, check, make
from asynclab.build import notebooks as building
from asynclab.build.execution import CellFailed, execute
from asynclab.build.outputs import settle
from asynclab.build.rules import problems
from asynclab.build.sources import read_sources

LESSON = """\
# The shop opens

Two pages are fetched. [A link](x.md)

```python
import asyncio
import sys

import asynclab as lab
```

## Two pages at once

```python
async def page(number):
    await asyncio.sleep(1)
    return 10 / number
```

```python
print(await asyncio.gather(page(1), page(2)))
print("from stderr", file=sys.stderr)
print(asyncio.get_running_loop().time())
```

What is read only:

```python .noeval
asyncio.run(page(1))
```

```python tags=["raises-exception"]
await asyncio.wait_for(page(0), timeout=5)
```
"""

EXERCISES = """\
# Exercises: the shop

```python
import asyncio
```

## Add one

```python tags=["starter"] name="answer-add_one"
async def add_one(number: int) -> int:
    ...
```

<!-- #region tags=["solution"] -->
Why it works.


A second paragraph.
<!-- #endregion -->

```python tags=["solution"] name="answer-add_one"
async def add_one(number: int) -> int:
    await asyncio.sleep(0)
    return number + 1
```

```python name="check-add_one"
await add_one(1)
```

```python tags=["solution"]
2
```
"""


def write_course(root, **sources):
    """Write sources given as lessons__01_shop="...", and return the root."""
    for name, text in sources.items():
        path = root.joinpath("content", *name.split("__")).with_suffix(".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def complaints(root):
    return [str(problem) for problem in problems(read_sources(root))]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A small course, built once."""
    root = write_course(
        tmp_path_factory.mktemp("course"), lessons__01_shop=LESSON, exercises__01_shop=EXERCISES
    )
    assert build(root) == 0
    return root


@pytest.fixture
def copy(course, tmp_path):
    """A built course that a test may change."""
    return shutil.copytree(course, tmp_path / "copy")


def cells(root, path):
    return json.loads((root / path).read_text(encoding="utf-8"))["cells"]


def ids(root, path):
    return [cell["id"] for cell in cells(root, path)]


# What is built


def test_a_lesson_is_executed_and_keeps_its_outputs_on_the_virtual_clock(course):
    outputs = [cell.get("outputs") for cell in cells(course, "notebooks/01_shop.ipynb")]
    assert outputs[:5] == [
        None,
        [],
        None,
        [],
        [
            {"name": "stdout", "output_type": "stream", "text": ["[10.0, 5.0]\n", "1.0\n"]},
            {"name": "stderr", "output_type": "stream", "text": ["from stderr\n"]},
        ],
    ]


def test_a_traceback_keeps_the_frames_of_cells_and_drops_those_of_libraries(course):
    (error,) = cells(course, "notebooks/01_shop.ipynb")[-1]["outputs"]
    text = "\n".join(error["traceback"])
    assert error["ename"] == "ZeroDivisionError"
    assert "division by zero" in text
    assert "[frames inside libraries left out]" in text
    assert "asyncio/tasks.py" not in text


def test_code_that_is_only_read_stays_in_the_text(course):
    read_only = cells(course, "notebooks/01_shop.ipynb")[-2]
    assert read_only["cell_type"] == "markdown"
    assert "```python\nasyncio.run(page(1))\n```" in "".join(read_only["source"])


def test_a_starter_goes_to_the_learner_and_a_solution_to_the_solutions(course):
    setup, story, *_ = ids(course, "exercises/01_shop.ipynb")[1:]
    title = ids(course, "exercises/01_shop.ipynb")[0]
    shared = [title, setup, story]
    assert ids(course, "exercises/01_shop.ipynb") == [*shared, "answer-add_one", "check-add_one"]
    solved = ids(course, "solutions/01_shop.ipynb")
    assert solved[:3] == shared
    assert [solved[4], solved[5]] == ["answer-add_one", "check-add_one"]
    assert len(solved) == 7


def test_the_learners_notebook_is_not_executed_and_the_solution_is(course):
    starter = cells(course, "exercises/01_shop.ipynb")[-1]
    assert (starter["execution_count"], starter["outputs"]) == (None, [])
    solved = cells(course, "solutions/01_shop.ipynb")[5]
    assert solved["outputs"][0]["data"] == {"text/plain": ["2"]}


def test_metadata_hold_only_what_jupyter_needs(course):
    for path in ("notebooks", "exercises", "solutions"):
        notebook = json.loads((course / path / "01_shop.ipynb").read_text(encoding="utf-8"))
        assert notebook["metadata"] == {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
        assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
        tags = [cell["metadata"].get("tags") for cell in notebook["cells"]]
        assert set(map(str, tags)) <= {"None", "['raises-exception']"}


def test_two_builds_in_different_folders_differ_in_no_byte(course, tmp_path):
    shutil.copytree(course / "content", tmp_path / "elsewhere" / "content")
    again = make(tmp_path / "elsewhere")
    assert sorted(again) == [
        "exercises/01_shop.ipynb",
        "notebooks/01_shop.ipynb",
        "solutions/01_shop.ipynb",
    ]
    for path, text in again.items():
        assert text.encode() == (course / path).read_bytes()


def test_a_cell_that_moves_keeps_its_id(tmp_path):
    first = "# T\n\n```python\na = 1\n```\n\n```python\nb = 1\n```\n\n```python\nb = 1\n```\n"
    moved = "# T\n\n```python\nb = 1\n```\n\n```python\na = 1\n```\n\n```python\nb = 1\n```\n"
    (before,) = read_sources(write_course(tmp_path, lessons__01_shop=first))
    (after,) = read_sources(write_course(tmp_path, lessons__01_shop=moved))
    title, a, b, second_b = (cell.id for cell in before.cells)
    assert [cell.id for cell in after.cells] == [title, b, a, second_b]
    assert len({title, a, b, second_b}) == 4


# Names


@pytest.mark.parametrize("name", ["01_shop", "01", "shop"])
def test_a_source_is_named_by_stem_number_or_noun(course, name, monkeypatch):
    monkeypatch.setattr(building, "_execute_all", do_not_execute)
    assert len(make(course, [name])) == 3


async def do_not_execute(*_):
    return []


def test_an_unknown_name_lists_the_known_ones(course, capsys):
    assert build(course, ["02_shop", "01"]) == 1
    assert capsys.readouterr().err == (
        'No source is called "02_shop".\nThe sources are: 01_shop.\n'
        "2 problems; no file was written.\n"
    )


def test_an_empty_course_is_refused(tmp_path):
    with pytest.raises(Refused, match=r"There is nothing to build: .*content holds no source"):
        make(tmp_path)


def test_only_the_named_sources_can_be_refused(course, copy, monkeypatch):
    monkeypatch.setattr(building, "_execute_all", do_not_execute)
    write_course(copy, lessons__02_broken="no title\n")
    assert len(make(copy, ["01"])) == 3
    with pytest.raises(Refused, match=r"^content/lessons/02_broken\.md:1: there is no title"):
        make(copy)


# What is stale


@pytest.fixture
def unchanged(course, monkeypatch):
    """Building gives what the course fixture built, without a kernel."""
    paths = ["exercises/01_shop.ipynb", "notebooks/01_shop.ipynb", "solutions/01_shop.ipynb"]
    texts = {path: (course / path).read_text(encoding="utf-8") for path in paths}
    monkeypatch.setattr(building, "make", lambda *_: texts)


@pytest.mark.usefixtures("unchanged")
def test_check_is_content_with_what_was_just_built(copy, capsys):
    assert check(copy) == 0
    assert capsys.readouterr().out == "All 3 built files are what their sources build.\n"


@pytest.mark.usefixtures("unchanged")
def test_check_names_what_is_stale_missing_or_extra_and_the_command(copy, capsys):
    notebook = copy / "notebooks/01_shop.ipynb"
    notebook.write_text(notebook.read_text().replace("[10.0, 5.0]", "[10.0, 5.1]"))
    (copy / "solutions/01_shop.ipynb").unlink()
    (copy / "exercises/09_gone.ipynb").write_text("{}")
    (copy / "exercises/my own notes.ipynb").write_text("{}")
    assert check(copy) == 1
    assert capsys.readouterr().out.splitlines() == [
        (
            "notebooks/01_shop.ipynb is stale: the output of cell 5 differs. "
            "Build it again: python3 course.py build 01_shop"
        ),
        "solutions/01_shop.ipynb is missing. Build it: python3 course.py build 01_shop",
        "exercises/09_gone.ipynb has no source. Remove it: python3 course.py build 09_gone",
    ]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("spoil", "difference"),
    [
        (
            lambda text: text.replace("Two pages are", "Three pages are"),
            "the text of cell 1 differs",
        ),
        (lambda text: text.replace('"name": "python"', '"name": "Python"'), "its metadata differ"),
        (lambda text: text[:100], ", and is no notebook any more"),
    ],
)
def test_check_tells_where_a_notebook_begins_to_differ(copy, capsys, spoil, difference):
    notebook = copy / "notebooks/01_shop.ipynb"
    notebook.write_text(spoil(notebook.read_text()))
    assert check(copy) == 1
    assert difference in capsys.readouterr().out


@pytest.mark.usefixtures("unchanged")
def test_building_mends_what_check_names(copy, capsys):
    (copy / "notebooks/01_shop.ipynb").write_text("old")
    (copy / "exercises/09_gone.ipynb").write_text("{}")
    assert build(copy) == 0
    assert capsys.readouterr().out.splitlines() == [
        "removed exercises/09_gone.ipynb: it has no source",
        "exercises/01_shop.ipynb is unchanged",
        "wrote notebooks/01_shop.ipynb",
        "solutions/01_shop.ipynb is unchanged",
    ]
    assert check(copy) == 0


# What is refused when it is read

READ_ONLY = "what is only read one of python .noeval, console, http, json, text, toml, yaml"

REFUSALS = {
    "no title": ("Text only.\n", ['1: there is no title: begin with one line "# ..."']),
    "second title": (
        "# One\n\n```text\n# not a title\n```\n\n# Two\n",
        ['7: a second title: "#" stands once, write "##" here'],
    ),
    "title not first": (
        "Text\n\n# One\n",
        ["3: the title is not the first line: nothing stands before it"],
    ),
    "header": (
        "---\njupyter: {}\n---\n\n# One\n",
        ["5: the title is not the first line: nothing stands before it"],
    ),
    "open fence": (
        "# One\n\n```python\nx = 1\n\n```python\ny = 1\n```\n",
        ["3: the fence that begins here has no closing ```"],
    ),
    "open fence at the end": (
        "# One\n\n````python\nx = 1\n```\n",
        ["3: the fence that begins here has no closing ````"],
    ),
    "open region": (
        "# One\n\n<!-- #region -->\nText\n",
        ["3: the region that begins here has no <!-- #endregion -->"],
    ),
    "end of no region": (
        "# One\n\nText\n<!-- #endregion -->\n",
        ["4: this line ends a region that was never begun"],
    ),
    "empty cell": (
        "# One\n\n```python\n\n```\n",
        ["3: an empty cell: write something in it or remove it"],
    ),
    "empty region": (
        "# One\n\n<!-- #region -->\n<!-- #endregion -->\n",
        ["3: an empty cell: write something in it or remove it"],
    ),
    "another language": (
        "# One\n\n```bash\nls\n```\n",
        [
            '3: a "bash" fence is no cell: write python for code that runs, or for ' + READ_ONLY,
        ],
    ),
    "misspelt language": (
        "# One\n\n```py\nx\n```\n",
        [
            '3: a "py" fence is no cell: write python for code that runs, or for ' + READ_ONLY,
        ],
    ),
    "raw cell": (
        "# One\n\n<!-- #raw -->\nx\n<!-- #endraw -->\n",
        ["3: Jupyter does not show a raw cell: write text or code"],
    ),
    "unknown tag": (
        '# One\n\n```python tags=["raises"]\nx\n```\n',
        [
            (
                '3: unknown tag "raises": the tags are nbval-ignore-output, raises-exception, '
                "solution, starter"
            )
        ],
    ),
    "unknown attribute": (
        '# One\n\n```python tag=["starter"]\nx\n```\n',
        ['3: unknown attribute "tag": a cell may have tags, name and reason'],
    ),
    "unreadable attribute": (
        "# One\n\n```python tags=[starter]\nx\n```\n",
        ["3: this cannot be read: tags=[starter]"],
    ),
    "name not a text": (
        "# One\n\n```python name=3\nx\n```\n",
        ['3: write attributes as tags=["..."] name="..." reason="..."'],
    ),
    "tags not a list": (
        '# One\n\n```python tags="raises-exception"\nx\n```\n',
        ['3: write attributes as tags=["..."] name="..." reason="..."'],
    ),
    "ignored without a reason": (
        '# One\n\n```python tags=["nbval-ignore-output"]\nx\n```\n',
        ['3: nbval-ignore-output needs a reason="...": what is not compared proves nothing'],
    ),
    "comment for nbval": (
        "# One\n\n```python\nx = 1\n# NBVAL_SKIP\n```\n",
        ["5: NBVAL_SKIP changes the tests from a comment: use a tag"],
    ),
    "cell magic": (
        "# One\n\n```python\n%%time\nx = 1\n```\n",
        ["4: a magic works in no script: write plain Python"],
    ),
    "line magic": (
        "# One\n\n```python\nx = 1\nif x:\n    !ls\n```\n",
        ["6: a magic works in no script: write plain Python"],
    ),
    "not Python": (
        "# One\n\n```python\nx = 1\ny = (\n```\n",
        ["5: this is not Python: '(' was never closed"],
    ),
    "starter in a lesson": (
        '# One\n\n```python tags=["starter"] name="answer-x"\nx = 1\n```\n',
        [
            '3: a lesson has no "answer-x": it belongs in content/exercises/',
            "3: a lesson has no starter: it belongs in content/exercises/",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_a_broken_lesson_is_refused_with_its_line(tmp_path, text, expected):
    found = complaints(write_course(tmp_path, lessons__01_shop=text))
    assert found == [f"content/lessons/01_shop.md:{each}" for each in expected]


def exercise(starter="", solution="", check='name="check-x"', story="# Exercises"):
    """The text of an exercise: fence attributes and code, or nothing for a cell left out."""
    fences = [f"```python {cell}\n```" for cell in (starter, solution) if cell]
    checks = [f"```python {check}\nx\n```"] if check else []
    return "\n\n".join([story, *fences, *checks]) + "\n"


STARTER = 'tags=["starter"] name="answer-x"\nasync def x(a, *, b=1): ...'
SOLUTION = 'tags=["solution"] name="answer-x"\nasync def x(a, *, b=1): return a'

BROKEN_EXERCISES = {
    "no solution": (
        exercise(STARTER),
        ['3: the exercise "x" has a starter and no solution'],
    ),
    "no starter": (
        exercise(solution=SOLUTION),
        ['3: the exercise "x" has a solution and no starter'],
    ),
    "no check": (
        exercise(STARTER, SOLUTION, check=""),
        [
            '3: no cell with name="check-x" follows this exercise',
        ],
    ),
    "check of nothing": (
        exercise(check='name="check-y"'),
        ['3: "check-y" checks an exercise that is not in this file'],
    ),
    "check before its exercise": (
        exercise(check='name="check-x"') + exercise(STARTER, SOLUTION, "", "## The exercise"),
        ['8: no cell with name="check-x" follows this exercise'],
    ),
    "other arguments": (
        exercise(STARTER, SOLUTION.replace("b=1", "b=2")),
        ['8: the solution is "async def x(a, *, b=2)" and its starter is "async def x(a, *, b=1)"'],
    ),
    "no longer async": (
        exercise(STARTER, "\n\n".join(SOLUTION.replace("async def", "def").split("\n"))),
        ['9: the solution is "def x(a, *, b=1)" and its starter is "async def x(a, *, b=1)"'],
    ),
    "other result": (
        exercise(STARTER, SOLUTION.replace("b=1):", "b=1) -> int:")),
        [
            (
                '8: the solution is "async def x(a, *, b=1) -> int" '
                'and its starter is "async def x(a, *, b=1)"'
            )
        ],
    ),
    "function left out": (
        exercise(STARTER, SOLUTION.replace("def x", "def y")),
        ["7: the solution does not define x, which its starter defines"],
    ),
    "starter without a name": (
        exercise('tags=["starter"]\nx = 1', check=""),
        ['3: a starter needs a name="answer-..."'],
    ),
    "starter and solution": (
        exercise('tags=["starter", "solution"]\nx = 1', check=""),
        [
            "3: a cell is a starter or a solution, not both: write two cells",
            '3: a starter needs a name="answer-..."',
        ],
    ),
    "answer without a tag": (
        exercise('name="answer-z"\nx = 1', check=""),
        ['3: "answer-z" is neither tagged starter nor solution'],
    ),
    "check in one notebook": (
        exercise(STARTER, SOLUTION, check='tags=["solution"] name="check-x"'),
        ['11: "check-x" is tagged solution: a check stands in both notebooks'],
    ),
    "no such name": (
        exercise(STARTER, SOLUTION) + '\n```python name="test-x"\nx\n```\n',
        ['15: "test-x" is no name: write answer-... or check-..., as in answer-page'],
    ),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN_EXERCISES.values(), ids=BROKEN_EXERCISES)
def test_a_broken_exercise_is_refused_with_its_line(tmp_path, text, expected):
    found = complaints(write_course(tmp_path, exercises__01_shop=text))
    assert found == [f"content/exercises/01_shop.md:{each}" for each in expected]


def test_sound_sources_have_no_problem(tmp_path):
    sound = exercise(STARTER, SOLUTION)
    assert (
        complaints(write_course(tmp_path, lessons__01_shop=LESSON, exercises__01_shop=sound)) == []
    )


def test_a_name_stands_once_in_the_course(tmp_path):
    root = write_course(
        tmp_path,
        exercises__01_shop=exercise(STARTER, SOLUTION),
        exercises__02_web=exercise(STARTER, SOLUTION),
    )
    taken = "is taken by content/exercises/01_shop.md"
    assert complaints(root) == [
        f'content/exercises/02_web.md:3: the name "answer-x" {taken}:3',
        f'content/exercises/02_web.md:7: the name "answer-x" {taken}:7',
        f'content/exercises/02_web.md:11: the name "check-x" {taken}:11',
    ]


def test_a_number_has_one_stem(tmp_path):
    root = write_course(tmp_path, lessons__01_shop="# A\n", exercises__01_web="# B\n")
    assert complaints(root) == [
        "content/exercises/01_web.md:1: the number 01 is taken by content/lessons/01_shop.md"
    ]


@pytest.mark.parametrize("stem", ["1_shop", "01-shop", "01_Shop", "shop", "01_"])
def test_a_file_is_named_by_number_and_noun(tmp_path, stem):
    path = f"content/lessons/{stem}.md"
    assert complaints(write_course(tmp_path, **{f"lessons__{stem}": "# A\n"})) == [
        f"{path}:1: the file name is not NN_stem.md, as in 06_semaphore.md"
    ]


def test_all_problems_of_a_run_are_told_together_and_nothing_is_written(tmp_path, capsys):
    write_course(
        tmp_path,
        lessons__01_shop="Text\n\n```bash\nls\n```\n",
        lessons__02_web='# One\n\n```python tags=["x"]\n%time\n```\n\n```python\n',
        exercises__01_shop=exercise(STARTER),
    )
    assert build(tmp_path) == 1
    places = [line.rpartition(": ")[0] for line in capsys.readouterr().err.splitlines()]
    assert [place.split(": ")[0] for place in places] == [
        "content/exercises/01_shop.md:3",
        "content/lessons/01_shop.md:1",
        "content/lessons/01_shop.md:3",
        "content/lessons/02_web.md:7",
        "",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["content"]


# What is refused when it is executed


def test_cells_that_do_not_keep_their_promise_are_refused_with_line_and_traceback(tmp_path, capsys):
    raises = "def half(x):\n    return x / 0\n\n\nhalf(1)"
    varies = "object()\n```\n\n```python\nimport os\n\nos.getcwd()"
    lessons = {
        "lessons__01_raises": f"# A\n\n```python\n{raises}\n```\n",
        "lessons__02_silent": '# B\n\n```python tags=["raises-exception"]\nx = 1\n```\n',
        "lessons__03_varies": f"# C\n\n```python\n{varies}\n```\n",
        "lessons__04_dies": "# D\n\n```python\n__import__('os')._exit(3)\n```\n",
    }
    assert build(write_course(tmp_path, **lessons)) == 1
    told = capsys.readouterr().err
    raised, rest = told.split("content/lessons/02_silent.md:")
    assert raised.startswith(
        "content/lessons/01_raises.md:5: this cell raises ZeroDivisionError: division by zero\n    "
    )
    assert raised.endswith("    ZeroDivisionError: division by zero\n")
    silent, address, path, died, *_, total = rest.splitlines()
    assert silent == "4: this cell is tagged raises-exception and raises nothing"
    assert address.startswith(
        "content/lessons/03_varies.md:4: this cell prints a memory address, 0x"
    )
    assert path == (
        f"content/lessons/03_varies.md:8: this cell prints a path of this machine, {tmp_path}/: "
        "print the file's name instead"
    )
    assert died == "content/lessons/04_dies.md:4: the kernel died here"
    assert total == "5 problems; no file was written."
    assert not list(tmp_path.rglob("*.ipynb"))


def test_a_cell_that_takes_too_long_is_refused(tmp_path):
    notebook = new_notebook(cells=[new_code_cell("x = 1"), new_code_cell("while True: pass")])
    with pytest.raises(CellFailed, match=r"^this cell takes longer than 1 s$") as failed:
        asyncio.run(execute(notebook, tmp_path, seconds_per_cell=1))
    assert failed.value.index == 1


def test_a_kernel_is_this_interpreter_with_nothing_of_the_callers_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("ASYNCLAB_CLOCK", "real")
    monkeypatch.setenv("ASYNCLAB_OTHER", "1")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    look = dedent("""\
        import os, sys
        print(sys.executable)
        print(os.getcwd())
        print({name: os.environ.get(name) for name in
               ("ASYNCLAB_CLOCK", "ASYNCLAB_OTHER", "PYTHONHASHSEED")})
        """)
    notebook = new_notebook(cells=[new_code_cell(look)])
    asyncio.run(execute(notebook, tmp_path))
    assert notebook.cells[0].outputs[0].text.splitlines() == [
        sys.executable,
        str(tmp_path),
        "{'ASYNCLAB_CLOCK': 'virtual', 'ASYNCLAB_OTHER': None, 'PYTHONHASHSEED': '0'}",
    ]


# Outputs


def settled(*outputs):
    """The outputs of a cell after settling, and what is wrong with them."""
    cell = new_code_cell("x", outputs=list(outputs))
    complaints = settle(cell, Path("/course"))
    return cell.outputs, complaints


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data):
    return new_output("display_data", data={key.replace("_", "/"): v for key, v in data.items()})


def test_streams_are_joined_between_two_displays_whatever_the_kernel_cut():
    outputs, _ = settled(
        stream("a"), stream("!", "stderr"), stream("b"), shown(text_plain="1"), stream("c")
    )
    texts = [output.get("text", "display") for output in outputs]
    assert texts == ["ab", "!", "display", "c"]


def test_the_id_of_a_widget_is_dropped_and_its_picture_stays():
    widget = shown(text_plain="chart", image_png="iVBOR")
    widget.data["application/vnd.jupyter.widget-view+json"] = {"model_id": "3f2a"}
    (output,), complaints = settled(widget)
    assert output.data == {"text/plain": "chart", "image/png": "iVBOR"}
    assert complaints == []


def test_a_printed_traceback_keeps_the_frames_of_cells():
    text = dedent("""\
        Task exception was never retrieved
        future: <Task finished coro=<page() done, defined at /tmp/ipykernel_17/42.py:2>>
        Traceback (most recent call last):
          File "/usr/lib/python3.11/asyncio/tasks.py", line 500, in wait_for
            return fut.result()
                   ^^^^^^^^^^^^
          File "C:\\Temp\\ipykernel_17\\42.py", line 3, in page
            raise ValueError("no stock")
            ~~~~~^^^^^^^^^^^^
        ValueError: no stock
        """)
    (output,), complaints = settled(stream(text, "stderr"))
    assert output.text == dedent("""\
        Task exception was never retrieved
        future: <Task finished coro=<page() done, defined at cell:2>>
        Traceback (most recent call last):
          File "cell", line 3, in page
            raise ValueError("no stock")
        ValueError: no stock
        """)
    assert complaints == []


def test_a_chart_made_of_marks_is_left_alone():
    chart = "task 1 ~~~~^\n       ^^^^\n"
    (output,), _ = settled(stream(chart))
    assert output.text == chart


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            stream("<object object at 0x7f3c1c2d5f40>"),
            "prints a memory address, 0x7f3c1c2d5f40: print a name or a value instead",
        ),
        (
            stream("saved /course/notebooks/x.csv"),
            "prints a path of this machine, /course/: print the file's name instead",
        ),
        (
            shown(**{"text_plain": "chart", "image_svg+xml": "<svg/>"}),
            "shows image/svg+xml, which GitHub drops: show image/png",
        ),
        (
            shown(image_png="iVBOR"),
            "shows an output without text/plain, so that nothing can be compared or read aloud",
        ),
        (
            new_output("error", ename="OSError", evalue="0x7f3c1c2d5f40", traceback=[]),
            "prints a memory address, 0x7f3c1c2d5f40: print a name or a value instead",
        ),
    ],
)
def test_an_output_that_cannot_be_the_same_twice_is_named(output, sentence):
    assert settled(output)[1] == [sentence]


@pytest.mark.parametrize("text", ["colour 0xff8800", "GET /users/1", "0 x 7f3c1c2d5f40"])
def test_ordinary_text_is_left_alone(text):
    assert settled(stream(text)) == ([stream(text)], [])
