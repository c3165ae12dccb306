"""The asynclab command, the list of stages behind `test`, and the generated part of README."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from asynclab import api, cli, suite
from asynclab.build import notebooks, texts
from asynclab.build import readme as readmes
from asynclab.suite import STAGES, Counts, Stage, run_suite
from asynclab.syllabus import SYLLABUS

ROOT = Path(__file__).parents[1]


def asynclab(*arguments):
    return CliRunner().invoke(cli.app, arguments)


# -- verbs ---------------------------------------------------------------------------------


def test_no_verb_shows_the_two_commands():
    shown = " ".join(asynclab().output.split())
    assert "`python3 course.py` opens it" in shown
    assert "`python3 course.py test` runs every test" in shown


def test_the_command_starts_without_the_packages_of_its_verbs():
    heavy = "{'fastapi', 'jupytext', 'nbclient', 'pytest', 'uvicorn'}"
    program = f"import sys, asynclab.cli; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_version_is_that_of_pyproject():
    declared = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert asynclab("version").output == f"{declared[1]}\n"


def test_build_hands_on_the_names_and_the_exit_code(monkeypatch):
    asked = []
    monkeypatch.setattr(texts, "write_texts", asked.append)
    monkeypatch.setattr(notebooks, "build", lambda root, names: asked.append((root, names)) or 1)
    monkeypatch.setattr(readmes, "write_readme", asked.append)
    assert asynclab("build", "06", "gather").exit_code == 1
    assert asked == [ROOT, (ROOT, ["06", "gather"]), ROOT]


@pytest.mark.parametrize("stale", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_build_check_fails_for_each_thing_that_is_built(monkeypatch, stale):
    monkeypatch.setattr(notebooks, "check", lambda root, names: stale[0])
    monkeypatch.setattr(readmes, "check_readme", lambda root: stale[1])
    monkeypatch.setattr(texts, "check_texts", lambda root: stale[2])
    assert asynclab("build", "--check").exit_code == 1


def test_serve_says_in_one_sentence_that_it_cannot(monkeypatch):
    def refuse(host, port):
        raise api.ServerError(f"cannot listen on {host}, port {port}: taken")

    monkeypatch.setattr("asynclab.api.server.main", refuse)
    served = asynclab("serve", "--port", "8000")
    assert (served.exit_code, served.stderr) == (
        1,
        "cannot listen on 127.0.0.1, port 8000: taken\n",
    )


def test_a_port_that_cannot_be_is_refused_at_once():
    assert asynclab("serve", "--port", "99999").exit_code == 2
    assert asynclab("site", "--serve", "--port", "99999").exit_code == 2


@pytest.mark.parametrize(("counts", "code"), [({"wrong": 3}, 0), ({"ok": 2, "grader_error": 1}, 1)])
def test_grading_fails_only_by_a_fault_of_the_grader(monkeypatch, counts, code):
    monkeypatch.setattr("asynclab.grading.command.run", lambda wish, console: counts)
    assert asynclab("grade", "submissions").exit_code == code


def test_going_on_needs_the_folder_to_go_on_with():
    refused = asynclab("grade", "submissions", "--resume")
    assert refused.exit_code == 2
    assert "--resume needs --output" in " ".join(refused.stderr.replace("│", "").split())


def test_an_autograder_that_cannot_be_written_is_one_sentence(tmp_path):
    refused = asynclab("grade", "--gradescope-zip", str(tmp_path / "absent" / "a.zip"))
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1


def test_an_unknown_stage_is_answered_with_the_known_ones():
    refused = asynclab("test", "--only", "everything")
    assert refused.exit_code == 2
    assert "lint, format" in refused.stderr


def test_pytest_arguments_reach_the_suite(monkeypatch):
    asked = []
    monkeypatch.setattr(suite, "run_suite", lambda *given: asked.append(given) or True)
    assert asynclab("test", "tests/test_clock.py", "-k", "deadlock", "-x").exit_code == 0
    assert asked == [("", ["tests/test_clock.py", "-k", "deadlock", "-x"])]


# -- the suite -----------------------------------------------------------------------------


@pytest.fixture
def tests(tmp_path):
    """A folder of the course with one test that passes, one that fails and one that is skipped."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_three.py").write_text(
        "import pytest\n"
        "def test_right(): pass\n"
        "def test_wrong(): assert 1 == 2\n"
        "@pytest.mark.skip\n"
        "def test_not_here(): pass\n"
    )
    return tmp_path


def stages(monkeypatch, *given):
    monkeypatch.setattr(suite, "STAGES", given)


def test_all_stages_run_and_the_totals_come_last(monkeypatch, tests, capfd):
    stages(
        monkeypatch,
        Stage("broken", "Fails at once", ("no_such_module",)),
        Stage("tests", "Three tests", ("pytest",), ("tests",)),
    )
    assert not run_suite(root=tests)
    assert capfd.readouterr().out.splitlines()[-3:] == [
        "Failed: broken. To repeat only this: python3 course.py test --only broken",
        "Failed: tests. To repeat only this: python3 course.py test --only tests",
        "1 passed, 1 failed, 1 skipped",
    ]


def test_arguments_choose_among_the_tests_and_run_no_other_stage(monkeypatch, tests, capfd):
    stages(
        monkeypatch,
        Stage("broken", "Fails at once", ("no_such_module",)),
        Stage("tests", "Three tests", ("pytest",), ("tests",)),
    )
    assert run_suite(arguments=["tests/test_three.py::test_right"], root=tests)
    assert capfd.readouterr().out.endswith("\n1 passed, 0 failed\n")


def test_a_stage_whose_folders_are_missing_is_passed_over(monkeypatch, tmp_path, capfd):
    stages(monkeypatch, Stage("notebooks", "None", ("pytest",), ("notebooks", "solutions")))
    assert run_suite(root=tmp_path)
    assert "== notebooks: nothing in notebooks, solutions yet" in capfd.readouterr().out


def test_a_stage_has_its_own_clock_and_not_the_callers(monkeypatch, tmp_path, capfd):
    (tmp_path / "say_clock.py").write_text(
        "import os; print('clock:', os.environ.get('ASYNCLAB_CLOCK'))"
    )
    monkeypatch.setenv("ASYNCLAB_CLOCK", "real")
    stages(
        monkeypatch,
        Stage("plain", "No clock", ("say_clock",)),
        Stage("virtual", "Virtual clock", ("say_clock",), clock="virtual"),
    )
    assert run_suite(root=tmp_path)
    said = capfd.readouterr().out.splitlines()
    assert [line for line in said if line.startswith("clock:")] == ["clock: None", "clock: virtual"]


def test_a_run_of_pytest_that_left_no_report_is_a_failure(tmp_path):
    counts = Counts()
    counts.add_report(tmp_path / "report.xml")
    assert str(counts) == "0 passed, 1 failed"


def test_notebooks_are_compared_strictly_on_the_virtual_clock():
    (notebooks,) = [stage for stage in STAGES if stage.name == "notebooks"]
    assert notebooks.clock == "virtual"
    assert "--nbval" in notebooks.command
    assert "--nbval-lax" not in notebooks.command


# -- README --------------------------------------------------------------------------------


def test_the_example_in_the_readme_prints_what_it_says(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    promised = re.findall(r"# ([\d.]+)$", example, re.MULTILINE)
    assert promised
    assert capsys.readouterr().out.split() == promised


def test_every_file_that_contributing_names_exists():
    named = re.findall(r"\b((?:asynclab|tests)/[\w./]+\w)", (ROOT / "CONTRIBUTING.md").read_text())
    files = [path for path in named if not path.endswith("/stem.py")]  # stands for many
    assert [path for path in files if not (ROOT / path).exists()] == []


@pytest.fixture
def readme(tmp_path):
    """A folder of the course with an empty syllabus in its README."""
    path = tmp_path / "README.md"
    path.write_text(f"before\n{readmes.BEGIN}{readmes.END}\nafter\n")
    return path


def test_the_syllabus_names_every_lesson_and_links_those_that_exist(readme, capsys):
    (readme.parent / "notebooks").mkdir()
    (readme.parent / "notebooks" / "02_gather.ipynb").touch()
    assert readmes.check_readme(readme.parent) == 1
    assert capsys.readouterr().out.count("run `python3 course.py build`\n") == 2
    readmes.write_readme(readme.parent)
    assert readmes.check_readme(readme.parent) == 0
    text = readme.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| [`02_gather`](notebooks/02_gather.ipynb) | What comes back" in text
    assert "| `03_gather_failures` | Who is cancelled" in text


def test_a_readme_without_the_marks_is_refused(readme):
    readme.write_text("before\nafter\n")
    with pytest.raises(ValueError, match="has lost a mark of its syllabus"):
        readmes.check_readme(readme.parent)


def test_every_lesson_is_in_the_syllabus():
    lessons = {path.stem for path in (ROOT / "content" / "lessons").glob("*.md")}
    assert lessons - SYLLABUS.keys() == set()
