"""Whatever lies in the folder is found, named and told apart."""

import io
import json
import os
import zipfile

import pytest
from papers import ASSIGNMENT, NEIGHBOURS, RIGHT, STEM, VICTIM, cell, code_cell, paper, write

from asynclab.grading.store import Store
from asynclab.grading.submissions import find

# -- broken files --------------------------------------------------------------------------


def truncated(path):
    path.write_text(json.dumps(paper())[:500])


def other_format(path):
    path.write_text(json.dumps(paper() | {"nbformat": 3}))


def no_notebook(path):
    path.write_text("[1, 2]")


def cells_are_no_list(path):
    path.write_text(json.dumps(paper() | {"cells": {"a": 1}}))


def cell_is_no_cell(path):
    path.write_text(json.dumps(paper() | {"cells": [7]}))


def source_is_no_text(path):
    path.write_text(json.dumps(paper() | {"cells": [code_cell({"a": 1}, "x")]}))


def brackets(path):
    path.write_text("[" * 1_000_000)


def empty(path):
    path.touch()


def binary(path):
    path.write_bytes(os.urandom(5000))


def enormous(path):
    with path.open("wb") as file:
        file.truncate(500 << 20)  # a file of holes: 500 MB that take no room


def link(path):
    path.symlink_to("/etc/passwd")


def folder(path):
    path.mkdir()


def unreadable(path):
    os.mkfifo(path)


BROKEN = [
    truncated, other_format, no_notebook, cells_are_no_list, cell_is_no_cell, source_is_no_text,
    brackets, empty, binary, enormous, link, folder, unreadable,
]  # fmt: skip


@pytest.fixture(scope="module")
def broken(tmp_path_factory, grade):
    where = tmp_path_factory.mktemp("broken")
    for make in BROKEN:
        make(where / f"{make.__name__}_{STEM}.ipynb")
    write(paper(), where, "good")
    (where / "notes.ipynb").write_text(json.dumps(paper()))
    return grade(where, tmp_path_factory.mktemp("output"))


@pytest.mark.parametrize("make", BROKEN, ids=lambda make: make.__name__)
def test_a_broken_file_is_malformed_and_says_why(broken, make):
    record = broken[make.__name__.strip("_"), VICTIM]
    assert record.verdict == "malformed"
    assert record.message.count(" ") > 2


def test_the_good_one_beside_them_is_right(broken):
    assert {broken["good", name].verdict for name in ASSIGNMENT.starters} == {"ok"}


def test_a_file_whose_name_says_nothing_is_told_which_names_do(broken):
    assert broken["notes", ""].verdict == "malformed"
    assert STEM in broken["notes", ""].message


# -- check cells ---------------------------------------------------------------------------


def edited(notebook):
    cell(notebook, f"check-{VICTIM}")["source"] = "print('passed')"


def deleted(notebook):
    notebook["cells"].remove(cell(notebook, f"check-{VICTIM}"))


def retyped(notebook):
    cell(notebook, f"check-{VICTIM}")["cell_type"] = "markdown"


def duplicated(notebook):
    notebook["cells"].append(dict(cell(notebook, f"check-{VICTIM}")))


@pytest.mark.parametrize("tamper", [edited, deleted, retyped, duplicated])
def test_a_check_cell_that_is_not_ours_costs_nothing_and_is_noted(tmp_path, grade, tamper):
    notebook = paper()
    tamper(notebook)
    write(notebook, tmp_path, "ana")
    records = grade(tmp_path, tmp_path / "output")
    record = records["ana", VICTIM]
    assert (record.verdict, record.points) == ("ok", 1.0)
    assert [note.split()[0] for note in record.tampered] == [f"check-{VICTIM}"]
    assert all(not records["ana", name].tampered for name in NEIGHBOURS)


# -- answers -------------------------------------------------------------------------------


def answer_without_ids(notebook):
    for each in notebook["cells"]:
        del each["id"]


def answer_in_a_new_cell(notebook):
    cell(notebook, f"answer-{VICTIM}")["source"] = "# see below"
    notebook["cells"].append(code_cell(RIGHT, "new"))


def answer_as_lines(notebook):
    cell(notebook, f"answer-{VICTIM}")["source"] = RIGHT.splitlines(keepends=True)


def answer_twice(notebook):
    notebook["cells"].insert(0, code_cell("async def member_desk(client, number): 1/0", "first"))


def answer_under_nbgrader(notebook):
    found = cell(notebook, f"answer-{VICTIM}")
    found["id"] = "x"
    found["metadata"] = {"nbgrader": {"grade_id": f"answer-{VICTIM}"}}


@pytest.mark.parametrize(
    "change",
    [
        answer_without_ids,
        answer_in_a_new_cell,
        answer_as_lines,
        answer_twice,
        answer_under_nbgrader,
    ],
)
def test_an_answer_is_found_wherever_it_stands(tmp_path, grade, change):
    notebook = paper()
    change(notebook)
    write(notebook, tmp_path, "ana")
    assert grade(tmp_path, tmp_path / "output")["ana", VICTIM].verdict == "ok"


def test_a_notebook_without_ids_is_not_tampered_with(tmp_path, grade):
    notebook = paper()
    answer_without_ids(notebook)
    write(notebook, tmp_path, "ana")
    records = grade(tmp_path, tmp_path / "output").values()
    assert [(r.verdict, r.tampered) for r in records] == [("ok", [])] * len(ASSIGNMENT.starters)


def test_a_helper_in_another_cell_is_told(tmp_path, grade):
    notebook = paper({VICTIM: "async def member_desk(client, number): return await helper()"})
    notebook["cells"].append(code_cell("async def helper(): return []", "new"))
    write(notebook, tmp_path, "ana")
    record = grade(tmp_path, tmp_path / "output")["ana", VICTIM]
    assert record.verdict == "wrong"
    assert any(note.startswith("helper is defined in another cell") for note in record.notes)


def test_no_answer_cell_is_not_attempted(tmp_path, grade):
    notebook = paper()
    notebook["cells"].remove(cell(notebook, f"answer-{VICTIM}"))
    write(notebook, tmp_path, "ana")
    assert grade(tmp_path, tmp_path / "output")["ana", VICTIM].verdict == "not_attempted"


def test_the_starter_is_not_attempted(tmp_path, grade):
    write(paper(dict(ASSIGNMENT.starters)), tmp_path, "ana")
    verdicts = {r.verdict for r in grade(tmp_path, tmp_path / "output").values()}
    assert verdicts == {"not_attempted"}


# -- layouts -------------------------------------------------------------------------------

LAYOUTS = {
    f"Ana Łoś_{STEM}.ipynb": ("Ana Łoś", ""),
    f"李雷/{STEM}.ipynb": ("李雷", ""),
    f"submitted/ana/06/{STEM}.ipynb": ("ana", ""),
    f"anasmith_LATE_123_4567_{STEM}-1.ipynb": ("anasmith", "123"),
    f"anasmith_123_4567_{STEM}.ipynb": ("anasmith", "123"),
    f"Ana Smith_4567_assignsubmission_file_/{STEM}.ipynb": ("Ana Smith", "4567"),
    f"Ana Smith_4567_assignsubmission_file_{STEM}.ipynb": ("Ana Smith", "4567"),
    f"ana/{STEM} (1).ipynb": ("ana", ""),
    f"ana/{STEM}.ipynb.txt": ("ana", ""),
    f"ana/{STEM.replace('_', '-').title()}.IPYNB": ("ana", ""),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_learner_and_notebook_are_read_off_the_path(tmp_path, layout):
    path = tmp_path / layout
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    found = [(s.learner, s.outside_id, s.stem, s.read()) for s in find(tmp_path, [STEM])]
    assert found == [(*LAYOUTS[layout], STEM, b"{}")]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_zip_file_is_read_like_the_folder_in_it(tmp_path, layout):
    if layout.startswith("submitted"):
        layout = layout.removeprefix("submitted/")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr(layout, "{}")
        archive.writestr(f"__MACOSX/._{STEM}.ipynb", "{}")
    found = [(s.learner, s.stem, s.read()) for s in find(tmp_path / "export.zip", [STEM])]
    wanted = LAYOUTS.get(layout, ("ana", ""))[0]
    assert found == [(wanted, STEM, b"{}")]


WRAPPED = {
    "flat files": ([f"06/ana_{STEM}.ipynb", f"06/ben_{STEM}.ipynb"], {"ana", "ben"}),
    "folders": ([f"a/b/ana/{STEM}.ipynb", f"a/b/ben/{STEM}.ipynb"], {"ana", "ben"}),
    "Canvas": ([f"all/ana_1_2_{STEM}.ipynb", f"all/ben_3_4_{STEM}.ipynb"], {"ana", "ben"}),
    "Moodle": (
        [f"all/{who}_7_assignsubmission_file_/{STEM}.ipynb" for who in ("Ana", "Ben")],
        {"Ana", "Ben"},
    ),
    "a learner's exercises": ([f"ana/01/{STEM}.ipynb", "ana/02/02_gather.ipynb"], {"ana"}),
    "a learner's copies": ([f"ana/{STEM}.ipynb", f"ana/Copy of {STEM}.ipynb"], {"ana"}),
    "another's name": ([f"eve/ana_1_2_{STEM}.ipynb", f"ben/{STEM}.ipynb"], {"eve", "ben"}),
}


@pytest.mark.parametrize(("paths", "learners"), WRAPPED.values(), ids=WRAPPED)
def test_folders_around_everybody_are_seen_through(tmp_path, paths, learners):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for path in paths:
            archive.writestr(path, "{}")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        archive.extractall(tmp_path / "folder")
    for place in ("export.zip", "folder"):
        found = [s.learner for s in find(tmp_path / place, [STEM, "02_gather"])]
        assert (set(found), len(found)) == (learners, 2)


def test_a_zip_file_among_the_submissions_is_no_notebook_and_hides_none(tmp_path):
    for name in (f"ana_{STEM}.ipynb", f"ana_{STEM}.zip", "ben.zip", f"._ana_{STEM}.ipynb"):
        (tmp_path / name).write_text("{}")
    found = list(find(tmp_path, [STEM]))
    assert {s.learner for s in found if "unpack it" in s.problem} == {"ana", "ben"}
    latest = max(found, key=lambda s: s.handed_in)
    assert (len(found), latest.learner, latest.problem) == (3, "ana", "")


def test_a_folder_that_must_not_be_opened_stops_nobody_else(tmp_path, monkeypatch):
    for who in ("ana", "ben"):
        (tmp_path / who).mkdir()
        (tmp_path / who / f"{STEM}.ipynb").write_text("{}")
    original = os.scandir

    def scandir(path):
        if path == tmp_path / "ana":
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = {s.learner: s.problem for s in find(tmp_path, [STEM])}
    assert "must not be opened" in found["ana"]
    assert found["ben"] == ""


def test_what_the_browser_edition_hands_in_is_opened(tmp_path):
    """On every platform a learner uploads one zip file, and the platform packs everybody's."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for stem in (STEM, "02_gather"):
            archive.writestr(f"Me/{stem}.ipynb", stem)
    outer = {
        "anasmith_LATE_123_4567_Me asynclab.zip": ("anasmith", "123"),
        "Ben Łoś_4568_assignsubmission_file_/Me asynclab.zip": ("Ben Łoś", "4568"),
        "eve/ben.zip": ("eve", ""),
    }
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for name in outer:
            archive.writestr(name, inner.getvalue())
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        archive.extractall(tmp_path / "folder")
    for place in ("export.zip", "folder"):
        found = list(find(tmp_path / place, [STEM, "02_gather"]))
        assert {(s.learner, s.outside_id) for s in found} == set(outer.values())
        assert [s.read().decode() for s in found] == [s.stem for s in found]
        assert (len(found), {s.problem for s in found}) == (6, {""})
        assert all(s.handed_in for s in found)


def test_a_damaged_zip_file_says_what_to_do(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr(f"ana/{STEM}.ipynb", "{}")
    whole = (tmp_path / "export.zip").read_bytes()
    (tmp_path / "export.zip").write_bytes(whole.replace(b"PK\x01\x02", b"PK\x00\x00"))
    with pytest.raises(ValueError, match=r"export\.zip is damaged"):
        list(find(tmp_path / "export.zip", [STEM]))


def test_a_zip_file_without_dates_is_read_all_the_same(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"ana_{STEM}.ipynb", (1980, 0, 0, 0, 0, 0)), "{}")
    assert [s.learner for s in find(tmp_path / "export.zip", [STEM])] == ["ana"]


def test_an_umlaut_in_two_pieces_is_the_same_name(tmp_path):
    (tmp_path / f"Mu\u0308ller_{STEM}.ipynb").write_text("{}")
    assert [s.learner for s in find(tmp_path, [STEM])] == ["Müller"]


def test_two_learners_of_one_name_are_two(tmp_path, grade):
    for number, answer in (("4010", RIGHT), ("4011", "member_desk = None")):
        place = tmp_path / "in" / f"John Smith_{number}_assignsubmission_file_"
        place.mkdir(parents=True)
        write(paper({VICTIM: answer}), place, "mine")
    grade(tmp_path / "in", tmp_path / "out")
    store = Store(tmp_path / "out" / "results.sqlite")
    found = {r.outside_id: r.verdict for r in store.records() if r.exercise == VICTIM}
    assert found == {"4010": "ok", "4011": "error"}
    assert store.counts()["ok"] == 1 + 2 * len(NEIGHBOURS)
    store.close()


def test_of_two_at_the_same_moment_the_later_name_counts(tmp_path, grade):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for number, answer in ((4568, RIGHT), (4567, "")):
            member = zipfile.ZipInfo(f"ana_123_{number}_{STEM}.ipynb", (2026, 1, 2, 3, 4, 6))
            archive.writestr(member, json.dumps(paper({VICTIM: answer})))
    record = grade(tmp_path / "export.zip", tmp_path / "out")["ana", VICTIM]
    assert record.verdict == "ok"


def test_checkpoints_are_no_submissions(tmp_path):
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / f"{STEM}-checkpoint.ipynb").write_text("{}")
    assert not list(find(tmp_path, [STEM]))


def test_nothing_there_says_what_to_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="name a folder, a zip file or a notebook"):
        find(tmp_path / "absent", [STEM])


def test_of_two_submissions_the_later_counts(tmp_path, grade):
    for number, answer in enumerate(("async def member_desk(client, number): return []", RIGHT)):
        place = tmp_path / "ana" / str(number)
        place.mkdir(parents=True)
        path = place / f"{STEM}.ipynb"
        path.write_text(json.dumps(paper({VICTIM: answer})))
        os.utime(path, (1e9 + number, 1e9 + number))
    record = grade(tmp_path, tmp_path / "output")["ana", VICTIM]
    assert record.verdict == "ok"
    assert "2 submissions were handed in; this is the latest" in record.notes
