"""The front door of the course. It needs Python 3.11 or newer and nothing else.

    python3 course.py                            open the course in JupyterLab
    python3 course.py --no-browser --port 8899   serve it without opening a window
    python3 course.py test                       run every test that CI runs
    python3 course.py grade ...                  grade submitted exercise notebooks
    python3 course.py site ...                   build the browser edition
    python3 course.py VERB --help                more of these, and build, serve, version

The first start makes an environment in `.venv` and installs requirements.txt into it; later
starts find it ready. ASYNCLAB_VENV names another folder for it. Options that come before any verb
are JupyterLab's own, and `asynclab` knows the same verbs.
"""

# An old Python must get as far as the next `if` and say what is wrong. So this file keeps to the
# syntax of Python 3.6, and imports nothing younger above that line.
import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

NEEDED = (3, 11)
VERSION = sys.version_info[:2]

if VERSION < NEEDED:
    sys.exit(
        "asynclab needs Python {}.{} or newer, this is {}.{}: "
        "install one from python.org and start course.py with it.".format(*(NEEDED + VERSION))
    )

ROOT = Path(__file__).resolve().parent
LEARN = "requirements.txt"
DEVELOP = "requirements-test.txt"
DEVELOPER_VERBS = ("build", "test")
CONNECTION = "ServerApp.kernel_websocket_connection_class=asynclab.connection.PromptConnection"

FULL = ("No space left on device", "Disk quota exceeded", "not enough space on the disk")
CLOSED = ("Read-only file system", "Permission denied")
OFFLINE = (
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "getaddrinfo failed",
    "Network is unreachable",
    "Cannot connect to proxy",
    "Connection refused",
    "Connection reset",
    "timed out",
)
NO_NETWORK = (
    "The package index cannot be reached: connect to the network, then run course.py again."
)


class CourseError(Exception):
    """The course cannot go on. Its text is one sentence for the person, with the next step."""


class Environment:
    """A virtual environment, and the stamp that says what is complete in it.

    The stamp is only there while it is true. It goes before the first package is changed and
    comes back after the last, so a start that was interrupted in between, however rudely, leaves
    no stamp, and the next start makes everything anew.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        """Nothing is made yet.

        Args:
            root: the folder of the course.
            folder: where the environment is or will be.
        """
        self.root = root
        self.folder = folder
        self.stamp = folder / "asynclab.json"
        self.log = folder / "install.log"
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def prepare(self, requirements: str) -> None:
        """Make the environment hold what this requirements file names; at once if it does.

        Raises:
            CourseError: it cannot be done.
            OSError: the folder cannot be written.
        """
        complete = self._complete()
        digest = self._digest(requirements)
        if complete is not None and complete.get(requirements) == digest:
            return
        if complete is None:
            self._make()
            complete = {}
        say(f"Installing the packages of {requirements}: once, a minute or two.")
        self._install(requirements)
        self._write_stamp({**complete, LEARN: self._digest(LEARN), requirements: digest})
        say("The environment is ready.")

    def variables(self) -> dict[str, str]:
        """The variables of a process that runs in the environment, as if it were activated."""
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", "")])
        own = {
            "VIRTUAL_ENV": str(self.folder),
            "PATH": path,
            "PYTHONUTF8": "1",  # the path to the course is read in UTF-8, on Windows too
            "JUPYTER_PREFER_ENV_PATH": "1",  # this kernel, not one once installed elsewhere
            "JUPYTER_CONFIG_PATH": self._settings(),
        }
        return {**os.environ, **own}

    def _settings(self) -> str:
        """Where Jupyter finds the course's settings, and first those that the machine names."""
        own = str(self.root / "asynclab" / "jupyter")
        return os.pathsep.join(filter(None, [os.environ.get("JUPYTER_CONFIG_PATH"), own]))

    # -- the stamp -------------------------------------------------------------------------

    def _home(self) -> str:
        """What an environment cannot survive a change of: the course's folder and the Python."""
        return "{}, Python {}.{}".format(self.root, *VERSION)

    def _digest(self, requirements: str) -> str:
        """A fingerprint of all that decides which packages a requirements file stands for."""
        names = sorted({"pyproject.toml", LEARN, requirements})
        found = [self.root / name for name in names if (self.root / name).exists()]
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in found)).hexdigest()

    def _complete(self) -> dict[str, str] | None:
        """The digest of each file that is installed; None if nothing here can be relied on."""
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
            here = stamp["home"] == self._home() and self.python.exists()
            return dict(stamp["installed"]) if here else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write_stamp(self, installed: dict[str, str]) -> None:
        draft = self.stamp.with_suffix(".draft")
        stamp = {"home": self._home(), "installed": installed}
        draft.write_text(json.dumps(stamp), encoding="utf-8")
        draft.replace(self.stamp)

    # -- the work --------------------------------------------------------------------------

    def _make(self) -> None:
        if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
            raise CourseError(
                "This Python comes without its venv module: install it (on Debian and Ubuntu: "
                "sudo apt install python3-venv), then run course.py again."
            )
        if self._is_somebodys():
            raise CourseError(
                f"{self.folder} holds files of yours: point ASYNCLAB_VENV at a new or empty "
                "folder, then run course.py again."
            )
        say("Making an environment for Python {}.{} in {}".format(*VERSION, self.folder))
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        # In an environment sys.executable is a link that may just have been removed.
        base = getattr(sys, "_base_executable", None) or sys.executable
        if self._run([base, "-m", "venv", str(self.folder)]) != 0:
            raise CourseError(self._reason())
        self._write_stamp({})

    def _is_somebodys(self) -> bool:
        """Whether clearing the folder would destroy what course.py did not make."""
        if self.folder == self.root / ".venv" or not self.folder.exists():
            return False
        names = {path.name for path in self.folder.iterdir()}
        return bool(names) and not names & {self.stamp.name, self.log.name}

    def _install(self, requirements: str) -> None:
        pip = [str(self.python), "-m", "pip", "install", "--no-input", "--no-user"]
        pip += ["--disable-pip-version-check", "--progress-bar", "off", "-r", requirements]
        progress = Progress()

        def watch(line: str) -> None:
            if line.startswith(Progress.UNPACKING):
                self.stamp.unlink(missing_ok=True)
            progress.show(line)

        failed = self._run(pip, watch)
        progress.close()
        if failed:
            raise CourseError(self._reason())

    def _run(self, command: list[str], watch: Callable[[str], object] = len) -> int:
        """Run a command; its output goes to the log, line by line past `watch`. Its exit code."""
        variables = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as child:
            with stopping(child), self.log.open("w", encoding="utf-8") as log:
                for line in child.stdout:
                    log.write(line)
                    watch(line)
                return child.wait()

    def _reason(self) -> str:
        """Why the last command failed: one sentence, from what it wrote into the log."""
        words = self.log.read_text(encoding="utf-8")
        for signs, sentence in (
            (FULL, no_space(self.folder)),
            (CLOSED, no_access(self.folder)),
            (OFFLINE, NO_NETWORK),
        ):
            if any(sign in words for sign in signs):
                return sentence
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith("error")] or lines[-1:]
        said = errors[-1][:200] if errors else "it said nothing"
        return f"The environment could not be made ({said}): all that was said is in {self.log}"


class Progress:
    """Turns pip's wall of text into one line that changes, or into a few in a log file."""

    UNPACKING = "Installing collected packages"
    LINE = re.compile(
        r"\s*(Collecting|Requirement already satisfied:|Downloading|Using cached) "
        r"([a-z][\w.]*(?:-[a-z][\w.]*)*)(.*)",  # a part that begins with a digit is the version
        re.IGNORECASE,
    )
    EVERY = 25  # lines between two reports where no line can be rewritten

    def __init__(self) -> None:
        """Nothing is shown before the first line."""
        self.live = sys.stdout.isatty()
        self.counts = {"found": 0, "fetched": 0}

    def show(self, line: str) -> None:
        """Say what this line of pip's means for the person who waits, if it means anything."""
        found = self.LINE.match(line)
        if found and ".metadata" not in found.group(3):
            self._count(*found.groups())
        elif line.startswith(self.UNPACKING):
            self._say(
                f"  unpacking {line.count(',') + 1} packages, the last half minute", report=True
            )
        elif "Retrying" in line:
            self._say("  the package index does not answer, trying again", report=True)

    def _count(self, action: str, name: str, _rest: str) -> None:
        step = "found" if action.startswith(("Collecting", "Requirement")) else "fetched"
        self.counts[step] += 1
        found, fetched = self.counts.values()
        text = f"  {found} packages found, {fetched} fetched: {name}"
        self._say(text, report=(found + fetched) % self.EVERY == 0)

    def _say(self, text: str, *, report: bool) -> None:
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + text[:width].ljust(width), end="", flush=True)
        elif report:
            say(text)

    def close(self) -> None:
        """End the line that was being rewritten."""
        if self.live:
            print()


@contextlib.contextmanager
def stopping(child: subprocess.Popen) -> Iterator[None]:
    """Whatever ends this block early ends the child process too, politely first."""
    try:
        yield
    except BaseException as reason:
        # Ctrl-C in a terminal has reached the child as well; let it finish its own goodbye.
        heard = isinstance(reason, KeyboardInterrupt) and sys.stdin.isatty()
        for patience, insist in ((5 if heard else 0, child.terminate), (10, child.kill)):
            try:
                child.wait(patience)
                break
            except subprocess.TimeoutExpired:
                insist()
        raise


def hand_over(environment: Environment, module: str, arguments: list[str]) -> int:
    """Run a module in the environment until it ends. Its exit code."""
    command = [str(environment.python), "-m", module, *arguments]
    with subprocess.Popen(command, env=environment.variables()) as child:
        with stopping(child):
            return child.wait()


def lab_options(root: Path) -> list[str]:
    """What JupyterLab is told: the first notebook, this machine only, no calls home."""
    notebooks = sorted(path.name for path in root.glob("notebooks/*.ipynb"))
    page = f"/lab/tree/notebooks/{notebooks[0]}" if notebooks else "/lab"
    options = [
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url={page}",
        "--ServerApp.ip=localhost",
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
        "--ServerApp.answer_yes=True",  # Ctrl-C stops it without a question
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        f"--{CONNECTION}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    return options


def start(arguments: list[str]) -> int:
    """Do what the command line says. The exit code.

    Raises:
        CourseError: the course cannot go on; the text says why.
        OSError: the environment's folder cannot be written.
    """
    environment = Environment(ROOT, venv_folder())
    verb = arguments[0] if arguments and not arguments[0].startswith("-") else None
    environment.prepare(DEVELOP if verb in DEVELOPER_VERBS else LEARN)
    if verb:
        return hand_over(environment, "asynclab", arguments)
    say("Starting JupyterLab. Ctrl-C in this window stops it.")
    return hand_over(environment, "jupyterlab", lab_options(ROOT) + arguments)


def venv_folder() -> Path:
    """The folder of the environment: ASYNCLAB_VENV, else `.venv` beside this file."""
    chosen = os.environ.get("ASYNCLAB_VENV")
    return Path(chosen).expanduser().absolute() if chosen else ROOT / ".venv"


def explained(error: OSError) -> str:
    """One sentence for what the system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_space(venv_folder())
    if isinstance(error, (PermissionError, NotADirectoryError)) or error.errno == errno.EROFS:
        return no_access(venv_folder())
    return f"The system refused a step of the start ({error}): mend that, then run course.py again."


def no_space(folder: Path) -> str:
    """The sentence for a full disk."""
    return f"The disk is full: make room for 1 GB at {folder.parent}, then run course.py again."


def no_access(folder: Path) -> str:
    """The sentence for a folder that is read-only."""
    return (
        f"{folder.parent} cannot be written: copy the course to a folder of yours, or set "
        "ASYNCLAB_VENV to one for the environment, then run course.py again."
    )


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


def on_terminate(_signal: int, _frame: object) -> None:
    """A polite kill ends the child processes too."""
    sys.exit(128 + signal.SIGTERM)


def main(arguments: list[str]) -> int:
    """The exit code of the command line: 1 with one sentence where the course cannot go on."""
    if arguments[:1] in (["-h"], ["--help"]):
        say(__doc__.strip())
        return 0
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a folder's name may not fit an old console
    signal.signal(signal.SIGTERM, on_terminate)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also when started with `&`
    try:
        return start(arguments)
    except CourseError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(explained(error), file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. Saved notebooks are safe; run course.py to go on.", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
