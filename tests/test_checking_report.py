"""Reports: the same facts in a notebook, in a terminal and for a screen reader."""

import asyncio
import html
import re

import pytest

import asynclab as lab
from asynclab.checking import MISCONCEPTIONS, exercises
from asynclab.checking.engine import examine
from asynclab.checking.report import Report, as_sentence
from asynclab.checking.texts import texts


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ASYNCLAB_HOME", str(tmp_path))


async def one_by_one(ask, towns):
    return {town: await ask(town) for town in towns}


async def right(ask, towns):
    return dict(zip(towns, await asyncio.gather(*map(ask, towns)), strict=True))


def report(answer, name="copies_by_town", **options):
    return Report(examine(exercises()[name], answer, **options))


BELIEF = MISCONCEPTIONS["one by one"]


def visible(markup):
    """The words of some HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_a_wrong_answer_in_plain_text():
    lines = report(one_by_one).text.splitlines()
    assert lines[:7] == [
        "✗ copies_by_town: wrong",
        "  the case: 3 towns",
        "  your code: It took 1.35 s, the sum of 3 calls; never two at once.",
        "  expected: It takes 0.48 s, as long as the slowest call.",
        f"  likely reason: “{BELIEF.name}”: {BELIEF.truth}",
        "  where to look: In the picture, find the bar that begins only where another one ends.",
        "  to read again: 01_sequential_vs_concurrent",
    ]


def test_a_sentence_begins_with_a_capital_and_a_name_of_the_code_does_not():
    starts = ["it took 1 s", "ask(hill) was asked", "create_task is given", "Nobody heard"]
    shown = [as_sentence(start) for start in starts]
    assert shown == [
        "It took 1 s.",
        "ask(hill) was asked.",
        "create_task is given.",
        "Nobody heard.",
    ]


def test_a_pass_in_plain_text():
    assert report(right).text.splitlines() == [
        "✓ copies_by_town: passed",
        "  3 towns: 0.48 s, at most 3 calls in flight",
        "  no town at all: 0 s",
    ]


def test_html_says_what_the_text_says():
    found = report(one_by_one)
    words = visible(found.html)
    for label, sentence in found.rows()[:-1]:
        assert label in words
        assert " ".join(re.findall(r"\w+", sentence)) in " ".join(re.findall(r"\w+", words))


def test_the_lesson_is_a_link_with_its_question():
    link = "<a href='../notebooks/01_sequential_vs_concurrent.ipynb'>"
    assert f"{link}Why does awaiting one by one take the sum?</a>" in report(one_by_one).html


def test_what_a_learner_wrote_is_no_markup():
    async def raises(ask, towns):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in report(raises).html


def test_the_picture_stands_beside_the_expected_shape():
    titles = [drawing["title"] for drawing in report(one_by_one).picture.drawings]
    assert titles == ["your run", "expected shape"]


def test_a_prediction_is_shown_with_the_run_of_its_program():
    async def evening(sport, city, harbour):
        await asyncio.sleep(max(sport, city + harbour))

    found = report(lambda sport, city, harbour: sport, "evening_total", of=evening)
    assert [drawing["title"] for drawing in found.picture.drawings] == ["what really happens"]


@pytest.mark.parametrize("answer", [right, 5])
def test_there_is_no_picture_where_there_is_nothing_to_see(answer):
    assert report(answer).picture is None


@pytest.mark.parametrize("answer", [right, one_by_one, 5])
def test_a_report_is_a_widget_with_static_forms(answer):
    found = report(answer)
    bundle = found._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == found.text
    assert bundle["text/html"] == found.html


def test_a_saved_report_holds_no_style():
    assert "<style" not in report(one_by_one).html


def test_the_same_check_shows_the_same():
    assert report(one_by_one).text == report(one_by_one).text


@pytest.mark.parametrize("name", texts())
def test_hints_show_code_as_code(name):
    for _ in range(3):
        assert "`" not in lab.hint(name)._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("name", texts())
def test_solutions_show_code_and_explanation(name, monkeypatch):
    monkeypatch.setenv("ASYNCLAB_INSTRUCTOR", "1")
    found = lab.solution(name)
    assert found.text.startswith(texts()[name].solution)
    shown = found._repr_mimebundle_()["text/markdown"]
    assert shown.startswith(f"```python\n{texts()[name].solution}\n```\n\n")
    assert shown.endswith(texts()[name].explanation)


def test_a_solution_that_is_not_open_shows_names_as_they_are():
    shown = lab.solution("copies_by_town")._repr_mimebundle_()["text/markdown"]
    assert shown.startswith(r"The solution of copies\_by\_town opens after a pass")


# -- the workbench of an arrangement -------------------------------------------------------


@pytest.fixture
def bench():
    from asynclab.checking.workbench import Workbench

    made = Workbench(lab.arrange("both_wires", ""))
    yield made
    made.close()


def test_a_move_changes_the_arrangement(bench):
    bench._lines.order = "3 6>"
    assert "near_wire = asyncio.create_task(ask(near))" in bench.text.partition("your order")[2]


def test_a_check_in_place_shows_its_report(bench):
    bench._lines.order = "3 6> 2> 1> 7> 4>"
    bench._lines.checks += 1
    assert bench._lines.said == "both_wires: wrong"
    assert "never two at once" in bench.text
    assert bench._panel._timeline.drawings[0]["title"] == "your run"
    bench._lines.order = "3 6> 1> 2> 7> 4>"
    bench._lines.checks += 1
    assert bench._lines.said == "both_wires: passed"
    assert bench._panel._timeline.drawings == []


def test_an_arrangement_is_shown_as_a_workbench_with_its_text():
    bundle, _ = lab.arrange("both_wires", "3 6>")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith(
        "the lines, one of which does not belong:\n  1  far_wire"
    )
