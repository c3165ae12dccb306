"""Progress, hints and solutions: kept whatever happens, and open when they should be."""

import asyncio
import json
import subprocess
import sys

import pytest

import asynclab as lab
from asynclab.build.execution import _environment
from asynclab.checking import desk
from asynclab.checking.store import Entry, Progress, ProgressError, folder
from asynclab.checking.texts import texts


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A data folder of its own, in which nobody is an instructor."""
    monkeypatch.setenv("ASYNCLAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ASYNCLAB_INSTRUCTOR", raising=False)
    monkeypatch.setattr(desk, "_unsaved", {})
    return tmp_path / "home"


def entry():
    return Progress().read()["copies_by_town"]


async def right(ask, towns):
    return dict(zip(towns, await asyncio.gather(*map(ask, towns)), strict=True))


async def one_by_one(ask, towns):
    return {town: await ask(town) for town in towns}


async def nothing(ask, towns):
    return None


async def without_answers(ask, towns):
    return dict.fromkeys(towns)


async def with_blanks(ask, towns):
    return ____  # noqa: F821 - the blank


def check(answer):
    return eval("lab.check(copies_by_town)", {"lab": lab, "copies_by_town": answer})


# -- what is kept --------------------------------------------------------------------------


def test_a_pass_is_kept():
    check(right)
    assert entry() == Entry(passed=True)


def test_a_pass_stays_after_a_wrong_answer():
    check(right)
    check(nothing)
    assert entry().passed


def test_the_same_wrong_answer_is_one_attempt():
    check(nothing)
    check(nothing)
    assert len(entry().attempts) == 1


def test_another_layout_of_the_same_answer_is_the_same_attempt():
    written = "async def copies_by_town(ask, towns):\n    return None\n"
    for text in (written, "\n# a comment\n" + written.replace("    ", "  ")):
        names = {"lab": lab}
        exec(text, names)
        eval("lab.check(copies_by_town)", names)
    assert len(entry().attempts) == 1


def test_a_starter_is_no_attempt():
    check(with_blanks)
    assert entry() == Entry()


def test_an_answer_whose_helper_changed_is_another_attempt():
    async def nobody(ask, towns):
        return None

    async def the_first_one(ask, towns):
        return await ask(towns[0])

    for helper in (nobody, the_first_one):
        check(lambda ask, towns, helper=helper: helper(ask, towns))
    assert len(entry().attempts) == 2


def test_building_the_solutions_is_no_progress_of_the_learner(home):
    assert _environment("scratch")["ASYNCLAB_HOME"] == "scratch"


# -- the file ------------------------------------------------------------------------------


def test_the_folder_is_the_one_of_the_environment(home):
    assert folder() == home


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_one_it_is_the_data_folder_of_the_system(platform, monkeypatch):
    monkeypatch.delenv("ASYNCLAB_HOME")
    monkeypatch.setattr(sys, "platform", platform)
    assert folder().is_absolute()
    assert folder().name == "asynclab"


def test_a_write_that_fails_leaves_the_old_file(home, monkeypatch):
    check(right)
    before = (home / "progress.json").read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(ProgressError, match="cannot be written: No space left"):
        Progress().change("copies_by_town", lambda entry: setattr(entry, "passed", False))
    assert (home / "progress.json").read_bytes() == before
    assert {path.name for path in home.iterdir()} == {"progress.json", ".lock"}


WRITER = """
import sys
from asynclab.checking.store import Progress
for number in range(60):
    Progress().change("copies_by_town", lambda e: e.attempts.append(f"{sys.argv[1]} {number}"))
"""


def test_two_notebooks_at_once_lose_nothing():
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name]) for name in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(entry().attempts) == 120


DAMAGED = {
    "not JSON": "{",
    "not ours": "[1, 2]",
    "half of it": '{"schema": 1}',
    "strange entries": '{"schema": 1, "exercises": {"copies_by_town": {"passed": "yes"}}}',
    "unknown fields": '{"schema": 1, "exercises": {"copies_by_town": {"stars": 5}}}',
    "of a later version": '{"schema": 99, "exercises": {}}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_cannot_be_understood_is_told_and_left_alone(content, home):
    home.mkdir()
    (home / "progress.json").write_text(content)
    report = check(right)
    assert report.passed
    (note,) = report.notes
    assert "progress.json cannot be understood" in note
    assert (home / "progress.json").read_text() == content
    assert "cannot be understood" in lab.progress().text


def test_a_later_version_is_named(home):
    home.mkdir()
    (home / "progress.json").write_text(DAMAGED["of a later version"])
    with pytest.raises(ProgressError, match="its schema is 99, this version of the course knows 1"):
        Progress().read()


def test_a_folder_that_cannot_be_made_is_told(home, monkeypatch):
    home.write_text("a file")
    monkeypatch.setenv("ASYNCLAB_HOME", str(home / "below"))
    report = check(right)
    assert report.passed
    assert "Your progress was not saved: " in report.text
    assert "below" in lab.progress().text


def test_hints_go_on_where_nothing_can_be_kept(home, monkeypatch):
    home.write_text("a file")
    monkeypatch.setenv("ASYNCLAB_HOME", str(home / "below"))
    assert [lab.hint("copies_by_town").step for _ in range(4)] == [1, 2, 3, 3]


def test_on_a_full_disk_hints_go_on_and_the_solution_opens(home, monkeypatch):
    lab.hint("copies_by_town")

    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    assert [lab.hint("copies_by_town").step for _ in range(3)] == [1, 2, 3]
    for answer in (nothing, one_by_one, without_answers):
        check(answer)
    assert texts()["copies_by_town"].solution in lab.solution("copies_by_town").text


# -- reset and export ----------------------------------------------------------------------


def test_one_exercise_can_be_forgotten():
    check(right)
    lab.hint("member_desk")
    lab.progress(reset="copies_by_town")
    assert set(Progress().read()) == {"member_desk"}


def test_everything_can_be_forgotten_and_is_kept_beside(home):
    check(right)
    before = (home / "progress.json").read_text()
    lab.progress(reset=True)
    assert Progress().read() == {}
    assert (home / "progress.old.json").read_text() == before


def test_a_damaged_file_can_be_reset(home):
    home.mkdir()
    (home / "progress.json").write_text("{")
    lab.progress(reset=True)
    assert check(right).notes == ()


def test_progress_can_be_carried_elsewhere(home, tmp_path, monkeypatch):
    check(right)
    (tmp_path / "other").mkdir()
    copy = lab.progress().export(tmp_path / "other" / "progress.json")
    monkeypatch.setenv("ASYNCLAB_HOME", str(copy.parent))
    assert entry().passed


def test_progress_of_two_machines_is_put_together(home, tmp_path, monkeypatch):
    check(right)
    copy = lab.progress().export(tmp_path / "first.json")
    monkeypatch.setenv("ASYNCLAB_HOME", str(tmp_path / "second"))
    lab.hint("copies_by_town")
    check(one_by_one)
    attempts = entry().attempts
    lab.progress(add=copy)
    assert entry() == Entry(passed=True, attempts=attempts, hints=1)


def test_a_file_that_is_not_there_cannot_be_added(tmp_path):
    with pytest.raises(ProgressError, match=r"there is no .*copy\.json"):
        lab.progress(add=tmp_path / "copy.json")


def test_there_is_nothing_to_export_before_there_is_progress(tmp_path):
    with pytest.raises(FileNotFoundError):
        lab.progress().export(tmp_path / "copy.json")


# -- hints and solutions -------------------------------------------------------------------


def test_hints_come_in_three_steps_and_the_last_one_stays():
    hints = [lab.hint("copies_by_town") for _ in range(4)]
    assert [hint.step for hint in hints] == [1, 2, 3, 3]
    assert hints[0].text.startswith("hint 1 of 3 (a question): ")
    assert hints[1].text.startswith("hint 2 of 3 (a pointer): ")
    assert hints[2].text.startswith("hint 3 of 3 (nearly the code): ")


def test_a_hint_is_no_attempt():
    lab.hint("copies_by_town")
    assert entry().attempts == []


def test_the_solution_is_closed_at_first():
    text = lab.solution("copies_by_town").text
    assert "opens after a pass, or after 3 more different attempts" in text
    assert "gather" not in text


def test_the_solution_opens_after_a_pass():
    check(right)
    assert texts()["copies_by_town"].solution in lab.solution("copies_by_town").text


def test_the_solution_opens_after_three_different_attempts():
    for answer in (nothing, nothing, one_by_one):
        check(answer)
    assert "after 1 more different attempt." in lab.solution("copies_by_town").text
    check(without_answers)
    assert texts()["copies_by_town"].explanation in lab.solution("copies_by_town").text


def test_an_instructor_sees_every_solution(monkeypatch):
    monkeypatch.setenv("ASYNCLAB_INSTRUCTOR", "1")
    assert texts()["copies_by_town"].solution in lab.solution("copies_by_town").text


def test_a_damaged_file_stands_between_nobody_and_a_solution(home):
    home.mkdir()
    (home / "progress.json").write_text("{")
    assert texts()["copies_by_town"].solution in lab.solution("copies_by_town").text


@pytest.mark.parametrize("ask", [lab.hint, lab.solution], ids=["hint", "solution"])
def test_an_unknown_name_is_told(ask):
    with pytest.raises(LookupError, match="no exercise is called 'copies'"):
        ask("copies")


# -- the map -------------------------------------------------------------------------------


def test_the_map_shows_what_was_passed_and_tried():
    check(right)
    eval("lab.check(who_has_it)", {"lab": lab, "who_has_it": lab.arrange("who_has_it", "6")})
    text = lab.progress().text
    assert f"1 of {len(texts())} exercises passed" in text
    assert "✓ copies_by_town" in text
    assert "✗ who_has_it" in text
    assert "· member_desk" in text


def test_the_map_counts_what_was_passed_in_each_lesson():
    check(right)
    shown = lab.progress().html
    named = [name for name, text in texts().items() if text.lesson == "02_gather"]
    assert f"<td style='text-align:left'>1 of {len(named)}</td>" in shown
    assert "✓&nbsp;copies_by_town&ensp; ·&nbsp;who_has_it" in shown
    assert "(✓ passed, ✗ tried, · open)" in shown


def test_the_map_names_its_file(home):
    assert lab.progress().text.endswith(f"kept in {home / 'progress.json'}")


def test_the_file_is_json_with_a_schema(home):
    check(right)
    data = json.loads((home / "progress.json").read_text())
    assert data["schema"] == 1
    assert data["exercises"]["copies_by_town"]["passed"] is True
