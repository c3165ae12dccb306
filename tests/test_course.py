"""course.py: what it makes, what it hands over to, and the one sentence for each failure.

Most tests put shell scripts in the place of Python and pip; the last ones make real environments.
"""

import ast
import errno
import importlib.util
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[1] / "course.py"
AGAIN = "then run course.py again.\n"

needs_shell = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


@pytest.fixture
def house(tmp_path):
    """A course folder with nothing to download, and a package that says what it was asked."""
    root = tmp_path / "café with spaces"
    (root / "asynclab").mkdir(parents=True)
    (root / "asynclab" / "__main__.py").write_text("import sys\nprint('asked:', *sys.argv[1:])\n")
    (root / "requirements.txt").touch()
    (root / "requirements-test.txt").touch()
    shutil.copy(COURSE, root)
    return root


@pytest.fixture
def course(house, monkeypatch):
    """The module, at home in the house."""
    monkeypatch.delenv("ASYNCLAB_VENV", raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    spec = importlib.util.spec_from_file_location("course", house / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for number, handler in before.items():
        signal.signal(number, handler)


class StandIn:
    """A Python that makes an environment of shell scripts, and notes what it was called for."""

    def __init__(self, folder):
        self.notes = folder / "notes"
        self.notes.touch()
        self.program = folder / "python"
        self.inside = folder / "inside"
        self.answer(make=f'mkdir -p "$3/bin"; cp "{self.inside}" "$3/bin/python"')

    def answer(self, make=None, pip="", rest=""):
        """What the shell does for `-m venv`, `-m pip`, and anything else."""
        if make is not None:
            _script(self.program, f'echo made >> "{self.notes}"\n{make}')
        choose = f'case "$2" in pip) {pip or ":"};; *) {rest or ":"};; esac'
        _script(self.inside, f'echo "$@" >> "{self.notes}"\n{choose}')

    def replace_pip(self, venv, pip):
        """Let the pip of an existing environment behave otherwise."""
        self.answer(pip=pip)
        shutil.copy(self.inside, venv / "bin" / "python")

    @property
    def calls(self):
        """A word for each call: made, pip, or the module that was run."""
        lines = self.notes.read_text().splitlines()
        return [line if line == "made" else line.split()[1] for line in lines]


def _script(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.fixture
def python(tmp_path, monkeypatch):
    """The stand-in takes the place of the Python that makes environments."""
    folder = tmp_path / "stand-in"
    folder.mkdir()
    stand_in = StandIn(folder)
    monkeypatch.setattr(sys, "_base_executable", str(stand_in.program), raising=False)
    return stand_in


# -- an old Python -------------------------------------------------------------------------


def test_an_old_python_can_read_the_file():
    ast.parse(COURSE.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_old_python_is_refused_before_anything_is_done(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    with pytest.raises(SystemExit) as refused:
        runpy.run_path(str(COURSE), run_name="__main__")
    assert refused.value.code == (
        "asynclab needs Python 3.11 or newer, this is 3.8: "
        "install one from python.org and start course.py with it."
    )


def _old_pythons():
    managed = Path.home().glob(".pyenv/versions/3.*/bin/python3.?")
    found = sorted(map(str, [*managed, *Path("/usr/bin").glob("python3.[6-9]")]))
    return found or [pytest.param("", marks=pytest.mark.skip("no older Python on this machine"))]


@pytest.mark.parametrize("program", _old_pythons())
def test_a_real_old_python_gives_the_sentence(program):
    done = subprocess.run([program, str(COURSE)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("asynclab needs Python 3.11 or newer, this is 3.")
    assert done.stderr.count("\n") == 1


# -- what is made, and what is left alone --------------------------------------------------


@needs_shell
def test_the_first_start_makes_installs_and_opens_and_the_second_only_opens(course, python):
    assert course.main([]) == 0
    assert python.calls == ["made", "pip", "jupyterlab"]
    assert course.main([]) == 0
    assert python.calls == ["made", "pip", "jupyterlab", "jupyterlab"]


@needs_shell
@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_what_decides_the_packages_brings_pip_back_when_it_changes(course, house, python, name):
    course.main(["version"])
    (house / name).write_text("# another day\n")
    course.main(["version"])
    assert python.calls == ["made", "pip", "asynclab", "pip", "asynclab"]


@needs_shell
def test_developer_verbs_get_the_test_tools_and_learners_keep_what_is_installed(course, python):
    course.main(["test", "-x"])
    course.main([])
    course.main(["build"])
    notes = python.notes.read_text()
    assert notes.count("-r requirements-test.txt") == 1
    assert notes.count("-r requirements.txt") == 0
    assert "-m asynclab test -x\n" in notes


@needs_shell
@pytest.mark.parametrize("change", ["another folder", "another Python", "no stamp", "no program"])
def test_an_environment_that_cannot_be_relied_on_is_made_anew(course, house, python, change):
    course.main(["version"])
    stamp = house / ".venv" / "asynclab.json"
    text = stamp.read_text()
    if change == "another folder":
        stamp.write_text(text.replace("spaces", "places"))
    elif change == "another Python":
        stamp.write_text(text.replace("Python 3", "Python 2"))
    elif change == "no stamp":
        stamp.unlink()
    else:
        (house / ".venv" / "bin" / "python").unlink()
    (house / ".venv" / "leftover").touch()
    assert course.main(["version"]) == 0
    assert python.calls == ["made", "pip", "asynclab"] * 2
    assert not (house / ".venv" / "leftover").exists()


@needs_shell
def test_the_environment_can_live_elsewhere(course, house, python, tmp_path, monkeypatch):
    monkeypatch.setenv("ASYNCLAB_VENV", str(tmp_path / "deep" / "elsewhere"))
    assert course.main(["version"]) == 0
    assert (tmp_path / "deep" / "elsewhere" / "asynclab.json").exists()
    assert not (house / ".venv").exists()


@needs_shell
def test_a_folder_with_the_persons_files_is_never_cleared(
    course, python, tmp_path, monkeypatch, capsys
):
    thesis = tmp_path / "documents" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.touch()
    monkeypatch.setenv("ASYNCLAB_VENV", str(thesis.parent))
    assert course.main([]) == 1
    assert capsys.readouterr().err == (
        f"{thesis.parent} holds files of yours: point ASYNCLAB_VENV at a new or empty folder, "
        + AGAIN
    )
    assert thesis.exists()
    assert python.calls == []


# -- one sentence for each failure, and the next run recovers ------------------------------


def test_a_python_without_venv(course, house, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name)
    )
    assert course.main([]) == 1
    assert capsys.readouterr().err == (
        "This Python comes without its venv module: install it (on Debian and Ubuntu: "
        "sudo apt install python3-venv), " + AGAIN
    )
    assert not (house / ".venv").exists()


@needs_shell
def test_an_environment_that_python_cannot_make(course, house, python, capsys):
    python.answer(make="echo 'Error: no way to make links here'; exit 1")
    assert course.main([]) == 1
    assert capsys.readouterr().err == (
        "The environment could not be made (Error: no way to make links here): "
        f"all that was said is in {house / '.venv' / 'install.log'}\n"
    )


OFFLINE = """
echo "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(<pip>: \
Failed to establish a new connection: [Errno -2] Name or service not known)': /simple/x/"
echo 'ERROR: No matching distribution found for x'; exit 1"""


@needs_shell
def test_no_network(course, house, python, capsys):
    python.answer(pip=OFFLINE)
    assert course.main([]) == 1
    said = capsys.readouterr()
    assert said.err == (
        "The package index cannot be reached: connect to the network, then run course.py again.\n"
    )
    assert "  the package index does not answer, trying again\n" in said.out
    assert "No matching distribution" in (house / ".venv" / "install.log").read_text()
    python.replace_pip(house / ".venv", pip=":")
    assert course.main([]) == 0
    assert python.calls == ["made", "pip", "pip", "jupyterlab"]


@needs_shell
def test_a_lost_network_does_not_cost_the_environment_that_works(course, house, python):
    course.main(["version"])
    python.replace_pip(house / ".venv", pip=OFFLINE)
    assert course.main(["test"]) == 1
    assert course.main(["version"]) == 0
    assert python.calls == ["made", "pip", "asynclab", "pip", "asynclab"]


@needs_shell
def test_a_full_disk_while_packages_are_unpacked(course, house, python, capsys):
    full = "OSError: [Errno 28] No space left on device"
    python.answer(pip=f"echo 'Installing collected packages: x, y'; echo '{full}'; exit 1")
    assert course.main([]) == 1
    assert capsys.readouterr().err == (f"The disk is full: make room for 1 GB at {house}, {AGAIN}")
    python.answer()
    assert course.main([]) == 0
    assert python.calls == ["made", "pip", "made", "pip", "jupyterlab"]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full: make room for 1 GB at {}, "),
        (
            errno.EROFS,
            (
                "{} cannot be written: copy the course to a folder of yours, "
                "or set ASYNCLAB_VENV to one for the environment, "
            ),
        ),
    ],
)
def test_a_folder_that_cannot_be_made(course, house, monkeypatch, capsys, number, sentence):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert course.main([]) == 1
    assert capsys.readouterr().err == sentence.format(house) + AGAIN


def test_a_place_where_nothing_can_be_made(course, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ASYNCLAB_VENV", str(tmp_path / "file" / "venv"))
    assert course.main([]) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'file'} cannot be written: ")


@needs_shell
@pytest.mark.parametrize(
    ("blow", "code", "sentence"),
    [
        (signal.SIGINT, 130, "\nStopped. Saved notebooks are safe; run course.py to go on.\n"),
        (signal.SIGTERM, 143, ""),
    ],
)
def test_stopped_while_packages_are_unpacked(course, house, python, blow, code, sentence):
    python.answer(pip='echo $$ > "$0.pid"; echo "Installing collected packages: x"; exec sleep 60')
    start = (
        "import sys, course\n"
        f"sys._base_executable = {str(python.program)!r}\n"
        "sys.exit(course.main([]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", start],
        cwd=house,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as child:
        while "unpacking" not in child.stdout.readline():
            assert child.poll() is None, child.stderr.read()
        child.send_signal(blow)
        _, said = child.communicate(timeout=30)
    assert (child.returncode, said) == (code, sentence)
    pip = int((house / ".venv" / "bin" / "python.pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pip, 0)
    python.answer()
    assert course.main([]) == 0
    assert python.calls == ["made", "pip", "made", "pip", "jupyterlab"]


# -- handing over --------------------------------------------------------------------------


@needs_shell
def test_options_are_jupyterlabs_and_come_last(course, python):
    course.main(["--no-browser", "--port", "8899"])
    assert python.notes.read_text().endswith(" --no-browser --port 8899\n")


@needs_shell
def test_the_exit_code_of_a_verb_is_the_exit_code(course, python):
    python.answer(rest="exit 7")
    assert course.main(["serve"]) == 7


def test_jupyterlab_opens_the_first_notebook_for_this_machine_only(course, tmp_path):
    (tmp_path / "notebooks").mkdir()
    for name in ("01_second.ipynb", "00_start_here.ipynb"):
        (tmp_path / "notebooks" / name).touch()
    options = course.lab_options(tmp_path)
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in options
    assert "--ServerApp.ip=localhost" in options


def test_jupyterlab_calls_nobody(course, tmp_path):
    options = course.lab_options(tmp_path)
    assert "--LabApp.news_url=None" in options
    assert "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate" in options
    assert "--LabApp.extension_manager=readonly" in options


def test_jupyterlab_asks_nobody_whether_to_show_its_news(course, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "elsewhere")
    root = COURSE.parent
    path = course.Environment(root, root / ".venv").variables()["JUPYTER_CONFIG_PATH"]
    machine, own = path.split(os.pathsep)
    assert machine == "elsewhere"
    page = json.loads(Path(own, "labconfig", "page_config.json").read_text(encoding="utf-8"))
    assert page["disabledExtensions"] == {"@jupyterlab/apputils-extension:announcements": True}


def test_help_makes_nothing(course, house, capsys):
    assert course.main(["--help"]) == 0
    assert "python3 course.py --no-browser --port 8899" in capsys.readouterr().out
    assert not (house / ".venv").exists()


# -- progress ------------------------------------------------------------------------------

PIP = [
    "Collecting httpx==0.28.1 (from -r requirements.txt (line 3))\n",
    "  Downloading httpx-0.28.1-py3-none-any.whl.metadata (7.1 kB)\n",
    "  Downloading httpx-0.28.1-py3-none-any.whl (73 kB)\n",
    "Requirement already satisfied: nest-asyncio==1.6.0 in ./lib (from -r requirements.txt)\n",
    "Installing collected packages: h11, httpx\n",
]


def test_a_terminal_sees_one_line_that_changes(course, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    progress = course.Progress()
    for line in PIP:
        progress.show(line)
    progress.close()
    shown = [line.strip() for line in capsys.readouterr().out.split("\r") if line.strip()]
    assert shown == [
        "1 packages found, 0 fetched: httpx",
        "1 packages found, 1 fetched: httpx",
        "2 packages found, 1 fetched: nest-asyncio",
        "unpacking 2 packages, the last half minute",
    ]


def test_a_log_file_gets_few_lines(course, capsys):
    progress = course.Progress()
    for line in PIP[:1] * 50 + PIP[-1:]:
        progress.show(line)
    progress.close()
    assert capsys.readouterr().out.splitlines() == [
        "  25 packages found, 0 fetched: httpx",
        "  50 packages found, 0 fetched: httpx",
        "  unpacking 2 packages, the last half minute",
    ]


# -- for real ------------------------------------------------------------------------------


def _start(house):
    variables = {name: value for name, value in os.environ.items() if name != "ASYNCLAB_VENV"}
    return subprocess.run(
        [sys.executable, "course.py", "version"],
        cwd=house,
        env={**variables, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_a_real_environment_is_made_once_and_again_after_damage(house):
    first = _start(house)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.endswith("The environment is ready.\nasked: version\n")
    log = house / ".venv" / "install.log"
    log.unlink()

    second = _start(house)
    assert second.stdout == "asked: version\n"
    assert not log.exists()  # neither venv nor pip ran

    shutil.rmtree(house / ".venv" / "lib" if os.name != "nt" else house / ".venv" / "Lib")
    (house / ".venv" / "asynclab.json").unlink()
    third = _start(house)
    assert (third.returncode, third.stdout) == (0, first.stdout)
