"""Every report is read back as its reader would read it."""

import csv
import json
import stat
import zipfile
from datetime import datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from papers import ASSIGNMENT, ROOT, STEM, VICTIM

from asynclab.checking.desk import exercises
from asynclab.checking.performance import perform
from asynclab.grading.course import assignments
from asynclab.grading.evidence import Seen
from asynclab.grading.record import VERDICTS, Record
from asynclab.grading.reports import (
    feedback_text,
    picture_of,
    write_autograder,
    write_gradescope,
    write_reports,
)
from asynclab.grading.reports.feedback import feedback_name
from asynclab.grading.reports.marks import Mark, marks
from asynclab.grading.reports.platforms import GradebookError, read_gradebook, write_canvas
from asynclab.grading.reports.teacher import write_teacher
from asynclab.grading.store import Store
from asynclab.grading.workloads import SEED_SHOWN, workloads
from asynclab.picture import Picture

COURSE = assignments(ROOT)
EVIL = "<script>alert(1)</script>"


async def in_turn(client, number):
    return [(await client.get(f"/{k}/{number}")).json() for k in ("users", "posts", "todos")]


@pytest.fixture(scope="module")
def run_of_a_learner():
    case, _ = workloads(ASSIGNMENT, VICTIM, SEED_SHOWN)[0]
    sight = perform(exercises()[VICTIM], in_turn, case, f"{VICTIM} {SEED_SHOWN}")
    own = {name: getattr(sight, name) for name in Seen.model_fields if name != "kind"}
    return Seen.model_construct(**own).model_dump_json(include={"trace"})


def record(learner, exercise=VICTIM, verdict="ok", **more):
    made = Record(f"{learner}{exercise}", learner, f"{learner}.ipynb", STEM, exercise, tier="A")
    made.decide(verdict, more.pop("message", "a sentence"))
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def folder(tmp_path, run_of_a_learner):
    store = Store(tmp_path / "results.sqlite")
    found = {"key": "one by one", "did": "it took 3 s", "expected": "it takes 1 s", "look": "there"}
    store.add(
        [
            record("Ana Smith", outside_id="123"),
            record(
                "Ben Łoś",
                verdict="wrong",
                diagnosis=found | {"case": "member 7"},
                misconception="one by one",
                trace=run_of_a_learner,
                outside_id="124",
            ),
            record("李雷", verdict="wrong", misconception="leaked"),
            record("=1+1", verdict="forbidden", message=f"it tried to read {EVIL}\x00"),
            record(f"{EVIL}/../x", verdict="timeout"),
            record("Ana Smith", "both_wires", verdict="not_attempted", outside_id="123"),
        ]
    )
    gradebook = tmp_path / "exported.csv"
    gradebook.write_text(
        f"Student,ID,SIS Login ID,Section,Notebook {STEM} (77)\n"
        "    Points Possible,,,,2\n"
        '"Smith, Ana",123,ana,A,\n"Łoś, Ben",124,ben,A,\n"Nobody, New",125,new,A,\n',
        encoding="utf-8-sig",
    )
    told = write_reports(store, tmp_path, COURSE, gradebook)
    store.close()
    strangers = [sentence for sentence in told if "is not in" in sentence]
    assert len(strangers) == 3, "three learners are not in the gradebook"
    assert any("counts 2 points" in each for each in told), "Ben has one exercise alone"
    return tmp_path


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_json_holds_every_record(folder):
    records = json.loads((folder / "results.json").read_text("utf-8"))
    assert [Record.from_dict(r).verdict for r in records].count("wrong") == 2
    assert {r["learner"] for r in records} >= {"李雷", "Ben Łoś"}
    assert not any("trace" in r for r in records)


def test_csv_has_a_line_for_each_record_and_no_formula(folder):
    found = rows(folder / "results.csv")
    assert len(found) == 6
    assert [r["learner"] for r in found if r["verdict"] == "forbidden"] == ["'=1+1"]


def test_junit_counts_and_names(folder):
    suite = ET.parse(folder / "junit.xml").getroot().find("testsuite")
    counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 6, "failures": 2, "errors": 2, "skipped": 1}
    assert len(suite.findall("testcase")) == 6
    assert len(suite.findall("testcase/failure")) == 2
    assert {case.get("classname") for case in suite} >= {"李雷", "Ana Smith (123)"}


def test_nbgrader_reads_a_score_for_each_notebook(folder):
    found = {row["student_id"]: row for row in rows(folder / "nbgrader.csv")}
    assert (found["Ana Smith"]["score"], found["Ana Smith"]["max_score"]) == ("1.0", "2.0")
    assert found["Ana Smith"]["assignment"] == STEM


def test_moodle_finds_the_participant(folder):
    found = {row["Identifier"]: row for row in rows(folder / f"moodle_{STEM}.csv")}
    assert found["Participant 123"]["Grade"] == "1.0"
    assert "wrong" in found["Participant 124"]["Feedback comments"]
    assert datetime.fromisoformat(found["Participant 123"]["Last modified (grade)"])


def test_moodle_gets_text_and_no_markup(folder):
    [comment] = [
        row["Feedback comments"]
        for row in rows(folder / f"moodle_{STEM}.csv")
        if row["Full name"] == "'=1+1"
    ]
    assert EVIL not in comment
    assert "&lt;script&gt;" in comment


def test_canvas_gradebook_is_filled_in_and_otherwise_untouched(folder):
    found = {row["ID"]: row for row in rows(folder / "canvas.csv")}
    column = f"Notebook {STEM} (77)"
    assert [found[number][column] for number in ("123", "124", "125")] == ["1", "0", ""]
    assert found["123"]["Student"] == "Smith, Ana"
    assert found[""][column] == "2", "points possible"


def canvas(tmp_path, text, *marks):
    (tmp_path / "exported.csv").write_text(text, encoding="utf-8")
    told = write_canvas(marks, tmp_path / "exported.csv", tmp_path / "canvas.csv")
    return rows(tmp_path / "canvas.csv"), told


def test_canvas_may_separate_by_semicolons_and_may_know_no_such_notebook(tmp_path):
    [possible, ana], told = canvas(
        tmp_path,
        "Student;ID;Section\n    Points Possible;;\n'Müller, Ana';123;A\n".replace("'", '"'),
        Mark("anamüller", "123", STEM, 0.0, [record("Ana Müller")]),
    )
    assert (possible[STEM], ana[STEM], ana["Student"]) == ("1", "1", "Müller, Ana")
    assert told == [f"{tmp_path / 'exported.csv'} has no column for {STEM}: it was added"]


def test_what_is_no_notebook_of_the_course_has_no_mark(folder):
    other = record("ana", "", "malformed")
    other.stem = ""
    assert [mark.stem for mark in marks([other, record("ana")])] == [STEM]


def test_two_learners_of_one_name_have_a_page_and_a_row_each(tmp_path):
    store = Store(tmp_path / "results.sqlite")
    for number, verdict in (("4010", "ok"), ("4011", "wrong")):
        twin = record("John Smith", verdict=verdict, outside_id=number)
        twin.key = twin.file = number
        store.add([twin])
    write_reports(store, tmp_path, COURSE)
    store.close()
    assert len(list((tmp_path / "feedback").iterdir())) == 2
    assert "John Smith (4010)" in (tmp_path / "teacher.html").read_text("utf-8")
    assert [row["Grade"] for row in rows(tmp_path / f"moodle_{STEM}.csv")] == ["1.0", "0.0"]
    suite = ET.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert {case.get("classname") for case in suite} == {"John Smith (4010)", "John Smith (4011)"}


def test_a_gradebook_that_is_not_there_says_so(tmp_path):
    with pytest.raises(GradebookError, match=r"absent\.csv cannot be read as a gradebook"):
        read_gradebook(tmp_path / "absent.csv")


def test_a_file_that_is_no_gradebook_says_how_to_export_one(folder):
    (folder / "no.csv").write_text("a,b\n1,2\n")
    store = Store(folder / "results.sqlite")
    with pytest.raises(GradebookError, match="Export Entire Gradebook"):
        write_reports(store, folder, COURSE, folder / "no.csv")
    store.close()


def test_gradescope_results_have_the_fields_of_its_specification(tmp_path):
    records = [record("ana"), record("ana", "both_wires", "wrong", misconception="leaked")]
    write_gradescope(records, tmp_path / "results.json")
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert results["score"] == 1.0
    assert [test["status"] for test in results["tests"]] == ["passed", "failed"]
    assert all(test["score"] <= test["max_score"] for test in results["tests"])
    assert {test["output_format"] for test in results["tests"]} == {"text"}


def test_the_autograder_zip_has_its_two_scripts_and_the_course(tmp_path):
    write_autograder(ROOT, tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        names = set(archive.namelist())
        for script in ("setup.sh", "run_autograder"):
            assert archive.read(script).startswith(b"#!/usr/bin/env bash\n")
            assert archive.getinfo(script).external_attr >> 16 & stat.S_IXUSR
    wanted = {"course.py", "requirements.txt", f"content/exercises/{STEM}.md"}
    assert wanted <= names
    assert "asynclab/grading/worker.py" in names


# -- pages ---------------------------------------------------------------------------------


class Page(HTMLParser):
    """Tags, and the text between them."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_feedback_has_the_diagnosis_and_the_picture(folder):
    page = Page(folder / "feedback" / feedback_name("Ben Łoś", "124"))
    assert "It took 3 s." in page.text
    assert "It takes 1 s." in page.text
    assert [tag for tag, _ in page.tags].count("svg") == 1


def test_names_of_pages_differ_where_capitals_do_not_count_and_fit_every_disk():
    names = {feedback_name(learner).lower() for learner in ("Ana", "ana", "ANA")}
    assert len(names) == 3
    assert len(feedback_name("\U0001d400" * 100).encode()) < 250


def test_a_trace_that_no_picture_can_be_drawn_of_is_left_out():
    made = record("eve", verdict="wrong", trace='{"trace": {"tasks": [{}]}}')
    assert picture_of(made, ASSIGNMENT, Picture.svg) == ""


def test_no_markup_of_a_learner_reaches_a_page(folder):
    pages = [folder / "teacher.html", *(folder / "feedback").iterdir()]
    assert len(pages) == 6
    scripts = [sum(tag == "script" for tag, _ in Page(path).tags) for path in pages]
    assert scripts == [1, 0, 0, 0, 0, 0], "the teacher's page has its own for sorting"


def test_no_name_of_a_learner_leaves_the_folder(folder):
    names = {path.name for path in (folder / "feedback").iterdir()}
    assert all("/" not in name and ".." not in name for name in names)
    assert len(names) == 5


def test_hidden_workloads_stay_hidden(folder):
    page = Page(folder / "feedback" / feedback_name("李雷"))
    assert "your code" not in page.text
    assert "likely reason" in page.text


def test_the_teachers_page_lists_learners_misconceptions_and_what_to_look_at(folder):
    page = Page(folder / "teacher.html")
    assert page.text.count("awaiting coroutines one by one") == 1
    assert "tried to read" in page.text
    buttons = [tag for tag, _ in page.tags if tag == "button"]
    assert len(buttons) == 2 + len(ASSIGNMENT.starters)
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert any("feedback/" in link for link in links)


def test_the_teachers_page_says_how_many_are_right(tmp_path):
    records = [
        Record(f"{n}", f"learner{n}", "", "01", "tide_table", verdict="ok" if n else "wrong")
        for n in range(4)
    ]
    write_teacher(records, {}, ["tide_table"], tmp_path / "teacher.html")
    assert "75 %" in Page(tmp_path / "teacher.html").text


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_reads_as_a_sentence(verdict):
    text = feedback_text(record("ana", verdict=verdict, message=""))
    assert text.splitlines()[0].endswith(f": {verdict}")
    assert text.splitlines()[1].strip().endswith(".")
